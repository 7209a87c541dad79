//! The conversation over exec channels: one per command.

use std::time::Instant;

use super::{Setting, last_lines};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::transport::{ExecOutput, Limits, Session, exec},
    platform::{Capture, InfoOutput, LineEnding, visible, without_carriage_returns},
};

/// What the information commands say.
pub(super) async fn information(
    session: &Session,
    setting: Setting<'_>,
    limits: &mut Limits,
) -> Result<Vec<InfoOutput>, Failure> {
    let mut info = Vec::new();
    let mut hangs = false;
    for command in &setting.platform.commands().info {
        // Where one hangs, all may: the time is kept for the configuration and for what decides about it.
        if hangs && !setting.platform.is_deciding(command) {
            continue;
        }
        match run(session, command, setting, limits).await {
            Ok(output) => {
                let text = String::from_utf8_lossy(&kept(output.stdout, setting)).into_owned();
                match setting.platform.complaint(&text) {
                    Some(complaint) => {
                        setting.log.say(
                            Level::Warning,
                            Stage::Command,
                            &format!("`{command}` is refused: {}", visible(complaint)),
                        );
                    }
                    None => info.push(InfoOutput { command: command.clone(), text }),
                }
            }
            Err(failure) if is_about_the_command(&failure) => {
                setting.log.say(Level::Warning, Stage::Command, &failure.message);
                hangs |= failure.class == FailureClass::Timeout;
            }
            Err(failure) => return Err(failure),
        }
    }
    super::decided(setting.platform, &info)?;
    Ok(info)
}

/// Asks for the information, then for the configuration.
pub async fn converse(session: &Session, setting: Setting<'_>) -> Result<Capture, Failure> {
    let mut limits = Limits::default();
    let info = information(session, setting, &mut limits).await?;
    let (command, output) = configuration(session, &info, setting, &mut limits).await?;
    if output.stdout.is_empty() && output.status.is_some_and(|status| status != 0) {
        let message = match String::from_utf8_lossy(&output.stderr).lines().next() {
            Some(complaint) => {
                format!("`{command}` printed nothing; its errors begin: {}", visible(complaint))
            }
            None => format!("`{command}` failed and printed nothing"),
        };
        let failure = Failure::new(FailureClass::ErrorOutput, Stage::Command, message);
        return Err(failure.with_screen(last_lines(&output.stderr)));
    }
    let raw = kept(output.stdout, setting);
    Ok(Capture { exit_status: output.status, raw, info, ..Capture::default() })
}

/// The configuration, asked for in other words where the device does not know the first, and the command that was it.
async fn configuration<'a>(
    session: &Session,
    info: &[InfoOutput],
    setting: Setting<'a>,
    limits: &mut Limits,
) -> Result<(&'a str, ExecOutput), Failure> {
    let mut choices = setting.platform.config_choices(info).into_iter().peekable();
    loop {
        let Some(command) = choices.next() else {
            let message = "the platform has no command for the configuration".to_owned();
            return Err(Failure::new(FailureClass::Internal, Stage::Command, message));
        };
        let output = run(session, command, setting, limits).await?;
        if choices.peek().is_none() || !setting.platform.knows_not(&output.stdout) {
            return Ok((command, output));
        }
        setting.log.say(Level::Warning, Stage::Command, &format!("the device does not know `{command}`"));
    }
}

/// A refused or hanging command says nothing about the next; a lost connection does.
fn is_about_the_command(failure: &Failure) -> bool {
    let hangs = failure.class == FailureClass::Timeout && failure.stage == Stage::Command;
    hangs || failure.class == FailureClass::ErrorOutput
}

/// The bytes with the ends of lines that the platform wants.
pub(super) fn kept(stdout: Vec<u8>, setting: Setting<'_>) -> Vec<u8> {
    match setting.platform.line_ending() {
        LineEnding::Lf => without_carriage_returns(stdout),
        LineEnding::AsSent => stdout,
    }
}

/// Runs one command, and tells the log of it.
pub(super) async fn run(
    session: &Session,
    command: &str,
    setting: Setting<'_>,
    limits: &mut Limits,
) -> Result<ExecOutput, Failure> {
    let start = Instant::now();
    let output = exec(session, command, setting.pace, limits).await?;
    let end = match output.status {
        Some(status) => format!("exit status {status}"),
        None => "no exit status".to_owned(),
    };
    let millis = start.elapsed().as_millis();
    let bytes = output.stdout.len();
    let short: String = command.chars().take(80).collect();
    let text = format!("`{short}`: {bytes} bytes in {millis} ms, {end}");
    setting.log.say(Level::Info, Stage::Command, &text);
    if let Some(complaint) = String::from_utf8_lossy(&output.stderr).lines().next() {
        setting.log.say(
            Level::Warning,
            Stage::Command,
            &format!("`{short}` complains: {}", visible(complaint)),
        );
    }
    Ok(output)
}
