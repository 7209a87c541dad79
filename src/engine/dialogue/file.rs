//! The conversation where the configuration is a file: commands on exec channels, then the file.

use super::{Setting, exec, exec::kept};
use crate::{
    domain::failure::{Failure, FailureClass, Stage},
    engine::transport::{Limits, Session, fetch},
    platform::Capture,
};

/// Asks for the information, has the file written where that is needed, and fetches it.
pub async fn converse(session: &Session, setting: Setting<'_>) -> Result<Capture, Failure> {
    let mut limits = Limits::default();
    let info = exec::information(session, setting, &mut limits).await?;
    let platform = setting.platform;
    if let Some(command) = &platform.commands().prepare {
        let output = exec::run(session, command, setting, &mut limits).await?;
        if output.status != Some(0) {
            let status = output.status.map_or("no exit status".to_owned(), |it| format!("exit status {it}"));
            let message = format!("`{command}` did not write the file: {status}");
            let screen = super::last_lines(&[output.stdout, output.stderr].concat());
            return Err(Failure::new(FailureClass::ErrorOutput, Stage::Command, message).with_screen(screen));
        }
    }
    let path = platform.config_command(&info);
    let bytes = fetch(session, path, (setting.pace, setting.log), &mut limits).await?;
    Ok(Capture {
        exit_status: Some(0),
        raw: kept(bytes, setting),
        info,
        reached_prompt: false,
        contexts: Vec::new(),
    })
}
