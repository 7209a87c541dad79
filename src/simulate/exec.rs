//! One command in a channel of its own: no prompt, no echo, no pager, an exit status.

use super::{
    content,
    device::Platform,
    fault::Fault,
    output::{Flow, Gone, Wire, stopped_early},
    personality::{self, Request, Show},
    scp,
    seen::count,
};
use crate::domain::failure::Stage;

/// Answers `command` and ends the channel.
pub(super) async fn run(mut wire: Wire, command: &str) -> Result<(), Gone> {
    let state = std::sync::Arc::clone(&wire.state);
    count(&state.counters.commands);
    wire.stall(Stage::Prompt).await?;
    wire.pause(state.latency()).await?;
    if let Some(path) = command.strip_prefix("scp -f ") {
        return scp::send(wire, path).await;
    }
    if let Some(capture) = &state.device.capture {
        return super::playback::exec(wire, capture, command).await;
    }
    let mut status = 0;
    match understand(&wire, command) {
        Request::Configuration(show) => configuration(&mut wire, show).await?,
        Request::Text(text) => wire.say(&text).await?,
        Request::Pager(_, text) => {
            wire.stall(Stage::Paging).await?;
            wire.say(text).await?;
        }
        Request::Quiet | Request::Exit | Request::Disable => {}
        Request::Enable | Request::Unknown => {
            let (text, code) = personality::complaint(state.device.platform, command, true);
            status = code;
            wire.say(&text).await?;
        }
    }
    wire.stall(Stage::Logout).await?;
    wire.close(status).await
}

fn understand(wire: &Wire, command: &str) -> Request {
    let device = &wire.state.device;
    let request = personality::understand(device, personality::starts_privileged(device), command);
    if request == Request::Unknown && device.platform == Platform::Linux {
        return Request::Configuration(Show::default());
    }
    request
}

async fn configuration(wire: &mut Wire, show: Show) -> Result<(), Gone> {
    let faults = wire.state.faults();
    let text = stopped_early(&faults, content::render(&wire.state, show, true), 0);
    let text = wire.line_ends(text);
    let mut flow = Flow::of(&faults, text.len());
    if faults.has(&Fault::Endless) {
        return Err(wire.pour_forever(&mut flow).await);
    }
    wire.pour(&mut flow, &text).await
}
