//! What a device's key means for the session, before anything is proven to the device.

use super::{HostKeys, Place};
use crate::domain::{
    failure::{Failure, FailureClass, Stage},
    host_key::{HostKey, HostKeyVerdict},
};

/// Has a key judged that was just shown at `place`. Gives the words for the log, or why the session stops; `kind` is what
/// the key is called.
pub async fn verdict(
    host_keys: &dyn HostKeys,
    place: &Place,
    (kind, shown): (&str, HostKey),
) -> Result<String, Failure> {
    let stop = |class, message: String| Err(Failure::new(class, Stage::HostKey, message));
    let name = format!("{} {}", shown.algorithm, shown.fingerprint);
    match host_keys.judge(place, shown).await {
        Ok(HostKeyVerdict::Known) => Ok(format!("{kind} {name} is the pinned one")),
        Ok(HostKeyVerdict::Pinned) => Ok(format!("{kind} {name} pinned at first contact")),
        Ok(HostKeyVerdict::Changed { pinned }) => {
            let message = format!(
                "the device shows another {kind}: pinned is {} {}, shown was {name}",
                pinned.algorithm, pinned.fingerprint
            );
            stop(FailureClass::HostKeyChanged, message)
        }
        Err(error) => stop(FailureClass::Internal, format!("no verdict about the {kind}: {error}")),
    }
}
