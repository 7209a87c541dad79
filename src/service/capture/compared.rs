//! A capture beside the version that is current.

use std::sync::Arc;

use super::aside;
use crate::{
    crypt::token,
    domain::backup::{Known, NewBackup, count_lines},
    platform::Platform,
    service::Fault,
};

/// A capture of which is known whether it is the current version again.
pub(super) struct Compared {
    /// The capture.
    pub new: NewBackup,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its lines.
    pub lines: usize,
    /// What differs from the version; `None` when it is that version again.
    pub other: Option<Other>,
}

/// The text that decides, where it is another.
pub(super) struct Other {
    /// The normalised text.
    pub normalised: String,
    /// SHA-256 of it.
    pub fingerprint: String,
}

/// Compares a capture with the current version. The same bytes are the same configuration by any rules, so that nothing
/// needs to be normalised for what most devices bring.
pub(super) async fn compared(
    platform: &Arc<Platform>,
    known: Option<&Known>,
    new: NewBackup,
) -> Result<Compared, Fault> {
    let (platform, known) = (platform.clone(), known.cloned());
    aside(new.raw.len(), move || {
        let (sha256, lines) = (token::sha256(&new.raw), count_lines(&new.raw));
        if known.as_ref().is_some_and(|known| known.sha256 == sha256) {
            return Compared { new, sha256, lines, other: None };
        }
        let normalised = platform.normalised(&new.raw);
        let fingerprint = token::sha256(normalised.as_bytes());
        let is_same = known.is_some_and(|known| known.fingerprint == fingerprint);
        let other = (!is_same).then_some(Other { normalised, fingerprint });
        Compared { new, sha256, lines, other }
    })
    .await
}
