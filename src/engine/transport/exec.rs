//! One command on a channel of its own: no prompt, no pager, an exit status.

use std::time::Instant;

use russh::{Channel, ChannelMsg, client::Msg};
use tokio::time::timeout;

use super::{Limits, Pace, Session, tcp::timed_out};
use crate::domain::failure::{Failure, FailureClass, Stage};

/// More than this of the error stream says nothing new.
const MOST_ERRORS: usize = 64 * 1024;

/// What a command gave.
#[derive(Debug, Default)]
pub struct ExecOutput {
    /// Its output.
    pub stdout: Vec<u8>,
    /// Its error stream, kept apart.
    pub stderr: Vec<u8>,
    /// `None` when the channel ended without one: the output is not known to be whole.
    pub status: Option<u32>,
}

/// Runs `command` and waits for its end.
pub async fn run(
    session: &Session,
    command: &str,
    pace: Pace<'_>,
    limits: &mut Limits,
) -> Result<ExecOutput, Failure> {
    let limit = pace.of(Stage::Shell);
    let opened = timeout(limit, open(session, command)).await;
    let mut channel = opened.map_err(|_| timed_out(Stage::Shell, limit, "a channel"))??;
    session.sent(format!("{command}\n").as_bytes());
    limits.start_command();
    let silence = pace.of(Stage::Command);
    let mut output = ExecOutput::default();
    let (mut at_end, start) = (false, Instant::now());
    // Until the device says something, it has not even taken the command.
    let mut taken = false;
    while !(at_end && output.status.is_some()) {
        let Ok(message) = timeout(silence, channel.wait()).await else {
            let waited = format!(
                "more of `{command}`: {} bytes came in {} s",
                output.stdout.len(),
                start.elapsed().as_secs()
            );
            // The device need not go on for nobody.
            let _ = channel.close().await;
            if !taken {
                let waited = format!("the device to take `{command}`");
                return Err(timed_out(Stage::Shell, silence, &waited));
            }
            return Err(timed_out(Stage::Command, silence, &waited).with_screen(tail(&output)));
        };
        taken |= !matches!(message, Some(ChannelMsg::WindowAdjusted { .. }));
        match message {
            Some(ChannelMsg::Data { data }) => {
                session.received(&data);
                limits.take(Stage::Command, &data).map_err(|it| it.with_screen(tail(&output)))?;
                output.stdout.extend_from_slice(&data);
            }
            Some(ChannelMsg::ExtendedData { data, .. }) => {
                session.received(&data);
                limits.count(Stage::Command, data.len(), 0)?;
                let room = MOST_ERRORS.saturating_sub(output.stderr.len());
                output.stderr.extend(data.iter().take(room));
            }
            Some(ChannelMsg::ExitStatus { exit_status }) => output.status = Some(exit_status),
            Some(ChannelMsg::Failure) => {
                let message = format!("the device refuses to run `{command}`");
                return Err(Failure::new(FailureClass::ErrorOutput, Stage::Command, message));
            }
            Some(ChannelMsg::Eof) => at_end = true,
            Some(ChannelMsg::Close) => break,
            None => {
                let what = format!("the connection broke off after {} bytes", output.stdout.len());
                let lost = session.lost(Stage::Command, &what);
                return if at_end { Ok(output) } else { Err(lost.with_screen(tail(&output))) };
            }
            Some(_) => {}
        }
    }
    Ok(output)
}

async fn open(session: &Session, command: &str) -> Result<Channel<Msg>, Failure> {
    let lost = |error: russh::Error| session.lost(Stage::Shell, &format!("no channel: {error}"));
    let channel = session.handle.channel_open_session().await.map_err(lost)?;
    channel.exec(true, command).await.map_err(lost)?;
    Ok(channel)
}

/// The last lines of both streams.
fn tail(output: &ExecOutput) -> String {
    let last_lines = crate::engine::dialogue::last_lines;
    format!("{}{}", last_lines(&output.stdout), last_lines(&output.stderr))
}
