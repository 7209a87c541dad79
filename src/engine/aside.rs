//! Work on texts of devices that may take long, away from the threads on which everybody waits for everybody.

use crate::domain::failure::{Failure, FailureClass, Stage};

/// A text of so many bytes is worked on at once: handing it over would cost more than it holds up.
const SHORT: usize = 64 << 10;

/// Does `work` on a text of `bytes` bytes, where it may take its time if the text is long.
///
/// # Errors
/// The work panicked.
pub async fn aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if bytes <= SHORT {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "work on a device's text panicked");
        Failure::new(FailureClass::Internal, Stage::Check, super::watchdog::MISTAKE)
    })
}
