//! Being told to stop, once and twice.

/// Resolves when the process is told to stop.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Waits for the end. Told to stop once more meanwhile, the process ends at once: what it held is free again when its
/// leases have run out.
pub async fn unless_told_again(ending: impl Future<Output = ()>) {
    tokio::select! {
        () = ending => {}
        () = told_to_stop() => {
            tracing::warn!("told to stop a second time: ending at once");
            std::process::exit(TWICE);
        }
    }
}

/// The exit status of a process that was told to stop twice, as a shell gives it after Ctrl-C.
const TWICE: i32 = 130;
