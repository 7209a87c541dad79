//! A session at the prompt: greeting, echo, privileged mode, pager.

use std::sync::Arc;

use super::{
    content,
    device::Platform,
    fault::Fault,
    keyboard::{Echo, Keyboard},
    output::{Flow, Gone, Wire, stopped_early},
    personality::{self, Personality, Request},
    seen::count,
    state::State,
};
use crate::domain::failure::Stage;

/// Lines of the screen until the pager is told otherwise.
const SCREEN: u32 = 24;

/// One shell.
struct Shell {
    state: Arc<State>,
    words: &'static Personality,
    wire: Wire,
    keyboard: Keyboard,
    privileged: bool,
    /// Lines of the screen; 0 when the pager is off.
    screen: u32,
}

/// Talks until one side has enough.
pub(super) async fn run(wire: Wire, keyboard: Keyboard) -> Result<(), Gone> {
    let state = Arc::clone(&wire.state);
    if let Some(capture) = &state.device.capture {
        return super::playback::shell((wire, keyboard), capture).await;
    }
    let mut shell = Shell {
        words: Personality::of(state.device.platform),
        privileged: personality::starts_privileged(&state.device),
        screen: SCREEN,
        state,
        wire,
        keyboard,
    };
    shell.talk().await?;
    shell.wire.close(0).await
}

impl Shell {
    async fn talk(&mut self) -> Result<(), Gone> {
        let greeting = greeting(&self.state);
        self.wire.say(&greeting).await?;
        self.wire.stall(Stage::Prompt).await?;
        loop {
            self.prompt().await?;
            let line = self.keyboard.line(&mut self.wire, Echo::All).await?;
            let command = line.trim();
            if command.is_empty() {
                continue;
            }
            count(&self.state.counters.commands);
            self.wire.pause(self.state.latency()).await?;
            if !self.answer(command).await? {
                return Ok(());
            }
        }
    }

    async fn prompt(&mut self) -> Result<(), Gone> {
        let drawn = self.words.draw(&self.state.device, self.privileged);
        if self.state.device.platform == Platform::MikrotikRouteros && self.wire.terminal {
            self.wire.raw(format!("\r{drawn}{blank}\r", blank = " ".repeat(24)).as_bytes()).await?;
        }
        if self.state.faults().has(&Fault::DoublePrompt) {
            self.wire.say(&format!("{drawn}\n")).await?;
        }
        self.wire.raw(drawn.as_bytes()).await
    }

    /// Does what `command` says; `false` ends the session.
    async fn answer(&mut self, command: &str) -> Result<bool, Gone> {
        let device = &self.state.device;
        match personality::understand(device, self.privileged, command) {
            Request::Configuration(show) => {
                let text = content::render(&self.state, show, false);
                self.configuration(text, show.unpaged).await?;
            }
            Request::Text(text) => self.text(&text).await?,
            Request::Pager(lines, text) => {
                self.wire.stall(Stage::Paging).await?;
                let faults = self.state.faults();
                if !(faults.has(&Fault::PagerStays) || faults.has(&Fault::PagerStuck)) {
                    self.screen = lines;
                }
                self.wire.say(text).await?;
            }
            Request::Quiet => {}
            Request::Enable => self.enable().await?,
            Request::Disable => self.privileged = personality::starts_privileged(device),
            Request::Exit => {
                self.wire.stall(Stage::Logout).await?;
                return Ok(false);
            }
            Request::Unknown => {
                let (text, _) = personality::complaint(device.platform, command, false);
                self.wire.say(&text).await?;
            }
        }
        Ok(true)
    }

    async fn enable(&mut self) -> Result<(), Gone> {
        self.wire.stall(Stage::Enable).await?;
        let Some(secret) = self.state.device.enable.clone() else {
            self.privileged = true;
            return Ok(());
        };
        if self.privileged {
            return Ok(());
        }
        for _ in 0..self.words.enable_tries {
            self.wire.raw(b"Password: ").await?;
            let typed = self.keyboard.line(&mut self.wire, Echo::LineEnd).await?;
            if typed == secret.expose() && !self.state.faults().has(&Fault::WrongEnable) {
                self.privileged = true;
                return Ok(());
            }
        }
        self.wire.say(self.words.enable_refused).await
    }

    async fn text(&mut self, text: &str) -> Result<(), Gone> {
        let bytes = self.wire.line_ends(text.as_bytes().to_vec());
        let mut flow = Flow::of(&super::Faults::none(), bytes.len());
        if self.pages(&bytes, false) {
            self.page(&mut flow, &bytes).await
        } else {
            self.wire.raw(&bytes).await
        }
    }

    async fn configuration(&mut self, text: Vec<u8>, unpaged: bool) -> Result<(), Gone> {
        let faults = self.state.faults();
        let text = self.wire.line_ends(stopped_early(&faults, text, 0));
        let mut flow = Flow::of(&faults, text.len());
        if faults.has(&Fault::Endless) {
            return Err(self.wire.pour_forever(&mut flow).await);
        }
        if self.pages(&text, unpaged) {
            self.page(&mut flow, &text).await
        } else {
            self.wire.pour(&mut flow, &text).await
        }
    }

    /// Whether the pager has a say in `text`.
    fn pages(&self, text: &[u8], unpaged: bool) -> bool {
        let faults = self.state.faults();
        let forced = faults.has(&Fault::PagerStuck) || faults.has(&Fault::PagerStays);
        let on = self.screen > 0 && (!unpaged || forced) && !self.words.pager.is_empty();
        on && text.split_inclusive(|&byte| byte == b'\n').count() >= usize::try_from(self.screen).unwrap_or(0)
    }

    /// Shows `text` a screen at a time.
    async fn page(&mut self, flow: &mut Flow, text: &[u8]) -> Result<(), Gone> {
        let pager = self.words.pager;
        let full = usize::try_from(self.screen.saturating_sub(1).max(1)).unwrap_or(23);
        let mut lines = text.split_inclusive(|&byte| byte == b'\n').peekable();
        let mut room = full;
        while let Some(line) = lines.next() {
            self.wire.pour(flow, line).await?;
            room = room.saturating_sub(1);
            if room > 0 || lines.peek().is_none() {
                continue;
            }
            self.wire.raw(pager.as_bytes()).await?;
            room = loop {
                let key = self.keyboard.key(&mut self.wire).await?;
                if self.state.faults().has(&Fault::PagerStuck) {
                    self.wire.raw(format!("\r{pager}").as_bytes()).await?;
                    continue;
                }
                match key {
                    b' ' => break full,
                    b'\n' => break 1,
                    b'q' | b'Q' | 0x03 => break 0,
                    _ => {}
                }
            };
            let residue = erasure(self.state.device.platform, pager.len());
            self.wire.raw(residue.as_bytes()).await?;
            if room == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// How the pager's prompt of `width` columns is taken off the screen.
fn erasure(platform: Platform, width: usize) -> String {
    let blank = " ".repeat(width);
    if platform == Platform::AristaEos {
        let back = "\x08".repeat(width);
        return format!("{back}{blank}{back}");
    }
    format!("\r{blank}\r")
}

/// What the device says before the first prompt. LF line ends.
fn greeting(state: &State) -> String {
    let host = &state.device.hostname;
    let own = match state.device.platform {
        Platform::CiscoIos => "\n".to_owned(),
        Platform::AristaEos => "Last login: Fri Nov 20 08:12:01 2026 from 192.0.2.10\n".to_owned(),
        Platform::JuniperJunos => "--- JUNOS 22.4R3-S2.11 built 2024-05-10 20:45:39 UTC\n".to_owned(),
        Platform::MikrotikRouteros => {
            "\n\n  MikroTik RouterOS 7.16.2 (c) 1999-2024       https://www.mikrotik.com/\n\n\
             Press F1 for help\n\n"
                .to_owned()
        }
        Platform::Frr => {
            "\nHello, this is FRRouting (version 8.5.2).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n"
                .to_owned()
        }
        Platform::Linux | Platform::PaloaltoPanosApi => {
            format!("Linux {host} 6.1.0-18-amd64 #1 SMP Debian x86_64\n\n")
        }
    };
    if state.faults().has(&Fault::BannerPassword) {
        return format!("{PASSWORD_BANNER}{own}");
    }
    own
}

/// A banner that asks for what nobody should give it.
pub(super) const PASSWORD_BANNER: &str = "*** Authorised staff only # ***\nUsername: is your badge number, and then\nPassword:\nrtr1>\nPassword: \n";
