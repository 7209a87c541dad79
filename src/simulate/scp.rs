//! The sending side of `scp`: one file to whoever asks for it.

use super::{
    output::{Flow, Gone, Wire, stopped_early},
    state::State,
};

/// Sends the file `path` of a recording, or says that there is none.
pub(super) async fn send(mut wire: Wire, path: &str) -> Result<(), Gone> {
    let state = std::sync::Arc::clone(&wire.state);
    acknowledged(&mut wire).await?;
    let Some(file) = file(&state, path) else {
        wire.say(&format!("\u{1}scp: {path}: No such file or directory\n")).await?;
        return wire.close(1).await;
    };
    let faults = state.faults();
    let file = stopped_early(&faults, file, 0);
    let name = path.rsplit('/').next().unwrap_or(path);
    wire.say(&format!("C0644 {} {name}\n", file.len())).await?;
    acknowledged(&mut wire).await?;
    wire.pour(&mut Flow::of(&faults, file.len()), &file).await?;
    wire.raw(&[0]).await?;
    acknowledged(&mut wire).await?;
    wire.close(0).await
}

fn file(state: &State, path: &str) -> Option<Vec<u8>> {
    let capture = state.device.capture.as_ref()?;
    let held = capture.exchanges().get(capture.find(path, 0)?)?;
    Some(held.answer.clone())
}

async fn acknowledged(wire: &mut Wire) -> Result<(), Gone> {
    wire.flush().await?;
    while wire.inbox.next().is_none() {
        if wire.inbox.ended() {
            return Err(Gone);
        }
        wire.inbox.more().await?;
    }
    Ok(())
}
