//! The conversation with a device: log in, ask, and bring home what it said.
//!
//! Walks a platform's steps over a line. It decides when an answer is over, never whether it may be believed:
//! that is [`Platform::judge`]'s, on the capture that comes out here.

mod contexts;
mod exec;
mod file;
mod look;
mod privileged;
mod prompts;
mod requests;
mod sign_in;
mod steps;
mod terminal;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::terminal::Terminal;
use super::transport::{HostKeys, Line, Log, Pace, Session, ShellLine, Target, TelnetLine};
use crate::{
    domain::{
        device::Transport,
        failure::{Failure, FailureClass, Stage},
    },
    platform::{Capture, Channel, InfoOutput, Platform, Platforms, Seen},
};

/// What stays the same through one conversation.
#[derive(Clone, Copy)]
struct Setting<'a> {
    target: &'a Target,
    platform: &'a Arc<Platform>,
    pace: Pace<'a>,
    log: &'a dyn Log,
}

/// Takes the configuration of `target` as `platform` says. Every stage has its deadline; the total one is the
/// caller's to keep, by dropping the future.
///
/// # Errors
/// Where it ended and why, with the last lines the device sent, which the caller masks.
pub async fn collect(
    target: &Target,
    platform: &Arc<Platform>,
    host_keys: Arc<dyn HostKeys>,
    log: &dyn Log,
) -> Result<Capture, Failure> {
    let setting = Setting { target, platform, pace: Pace::new(&target.deadlines, platform), log };
    match target.transport {
        Transport::Telnet => return steps::converse(signed_in(setting).await?).await,
        Transport::Https => return requests::converse(setting, host_keys).await,
        Transport::Ssh => {}
    }
    let session = open(setting, host_keys).await?;
    let capture = match platform.channel() {
        Channel::Shell => steps::converse(in_shell(&session, setting).await?).await?,
        Channel::Exec => exec::converse(&session, setting).await?,
        Channel::File => file::converse(&session, setting).await?,
        Channel::Https => return Err(unfit(platform, target.transport)),
    };
    session.close(setting.pace).await;
    Ok(capture)
}

/// Signs in once and looks which of `platforms` the device may be of; `auto` says how to talk to one that nobody knows.
///
/// # Errors
/// Where it ended and why, as for [`collect`].
pub async fn look(
    target: &Target,
    (auto, platforms): (&Arc<Platform>, &Platforms),
    host_keys: Arc<dyn HostKeys>,
    log: &dyn Log,
) -> Result<Seen, Failure> {
    let setting = Setting { target, platform: auto, pace: Pace::new(&target.deadlines, auto), log };
    match target.transport {
        Transport::Telnet => {
            return look::look(&mut signed_in(setting).await?, platforms, String::new()).await;
        }
        Transport::Https => return Err(unfit(auto, target.transport)),
        Transport::Ssh => {}
    }
    let session = open(setting, host_keys).await?;
    let mut terminal = in_shell(&session, setting).await?;
    let seen = look::look(&mut terminal, platforms, session.identification()).await?;
    drop(terminal);
    session.close(setting.pace).await;
    Ok(seen)
}

/// Signs in, and out again.
///
/// # Errors
/// Where it ended and why, as for [`collect`].
pub async fn try_login(
    target: &Target,
    platform: &Arc<Platform>,
    host_keys: Arc<dyn HostKeys>,
    log: &dyn Log,
) -> Result<(), Failure> {
    let setting = Setting { target, platform, pace: Pace::new(&target.deadlines, platform), log };
    match target.transport {
        Transport::Ssh => {
            let session = open(setting, host_keys).await?;
            if platform.login().within_ssh {
                steps::say_goodbye(&mut in_shell(&session, setting).await?).await;
            }
            session.close(setting.pace).await;
        }
        Transport::Telnet => steps::say_goodbye(&mut signed_in(setting).await?).await,
        Transport::Https => requests::try_login(setting, host_keys).await?,
    }
    Ok(())
}

/// Whoever gave us the job should have seen to it.
fn unfit(platform: &Platform, transport: Transport) -> Failure {
    let text = format!("devices of the platform {} are not talked to by {transport}", platform.title());
    Failure::new(FailureClass::Internal, Stage::Connect, text)
}

/// A session by SSH. Where the device may ask within it, nothing is proven yet.
async fn open(setting: Setting<'_>, host_keys: Arc<dyn HostKeys>) -> Result<Session, Failure> {
    let session = Session::open(setting.target, setting.pace, host_keys, setting.log).await?;
    if !setting.platform.login().within_ssh {
        setting.target.let_in.cancel();
    }
    Ok(session)
}

/// A terminal by SSH, at the device's first prompt or about to be.
async fn in_shell<'a>(
    session: &'a Session,
    setting: Setting<'a>,
) -> Result<Terminal<'a, ShellLine<'a>>, Failure> {
    welcomed(Terminal::new(ShellLine::open(session, setting.pace).await?, setting)).await
}

/// A terminal by telnet, at the device's first prompt.
async fn signed_in(setting: Setting<'_>) -> Result<Terminal<'_, TelnetLine>, Failure> {
    let line = TelnetLine::open(setting.target, setting.pace, setting.log).await?;
    welcomed(Terminal::new(line, setting)).await
}

/// Answers what a device asks before its first prompt: by telnet, and within SSH where its platform says so.
async fn welcomed<L: Line>(mut terminal: Terminal<'_, L>) -> Result<Terminal<'_, L>, Failure> {
    let Setting { target, platform, .. } = terminal.setting;
    if target.transport == Transport::Telnet || platform.login().within_ssh {
        sign_in::sign_in(&mut terminal).await?;
    }
    Ok(terminal)
}

/// Fails where the information that decides about the configuration's command is missing.
fn decided(platform: &Platform, info: &[InfoOutput]) -> Result<(), Failure> {
    platform.undecided(info).map_or(Ok(()), |command| {
        let text =
            format!("`{command}` gave no answer, and it decides which command gives the whole configuration");
        Err(Failure::new(FailureClass::ErrorOutput, Stage::Command, text))
    })
}

/// The end of what came, as text: far more than is shown, because secrets are covered in it before it is cut to size.
pub(super) fn last_lines(bytes: &[u8]) -> String {
    const MOST_LINES: usize = 4_000;
    const MOST_BYTES: usize = 256 << 10;
    let tail = bytes.get(bytes.len().saturating_sub(MOST_BYTES)..).unwrap_or(bytes);
    let text = String::from_utf8_lossy(tail);
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(MOST_LINES);
    lines.get(start..).unwrap_or_default().join("\n")
}
