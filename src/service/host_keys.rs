//! Host keys: pinned at first contact, and a changed one refused until a person accepts it.

use super::{Core, Fault, audit};
use crate::{
    domain::{
        access::{AcceptHostKeys, Actor, Grant, Scope},
        audit::{Act, AuditEvent},
        host_key::{HostKey, HostKeyVerdict, Pin},
        id::DeviceId,
    },
    store::{self, Tx},
};

/// Decides about a key that a device shows at its place, before anything is proven to it.
///
/// A pin counts for its address and port only: a device that was moved is met for the first time again. `pinned` may be what
/// is expected here because the device is known by it at another of its addresses.
pub async fn judge(
    core: &Core,
    device: DeviceId,
    (place, shown): ((String, u16), HostKey),
    pinned: Option<&Pin>,
) -> Result<HostKeyVerdict, Fault> {
    let here = pinned.filter(|pin| pin.place == place);
    if here.is_some_and(|pin| pin.key == shown) {
        return Ok(HostKeyVerdict::Known);
    }
    let (core, here) = (core.clone(), here.cloned());
    let db = core.db.clone();
    db.in_one_hop(move |tx| async move { new_here(&core, tx, device, (place, shown), here).await }).await
}

/// The device shows a key that is not the pinned one, if there is one.
async fn new_here(
    core: &Core,
    mut tx: Tx,
    device: DeviceId,
    (place, shown): ((String, u16), HostKey),
    pinned: Option<Pin>,
) -> Result<HostKeyVerdict, Fault> {
    let now = core.now();
    let name = store::devices::find(&mut tx, Scope::All, device).await?.map(|d| d.name).unwrap_or_default();
    let verdict = if let Some(pinned) = pinned {
        store::host_keys::refuse(&mut tx, device, (&pinned, &shown), now).await?;
        let detail =
            format!("expected {}, got {} {}", pinned.key.fingerprint, shown.algorithm, shown.fingerprint);
        let about = (name.as_str(), Some(detail.as_str()));
        audit::append(core, &mut tx, &Actor::system(), Act::about(AuditEvent::HostKeyRefused, about)).await?;
        HostKeyVerdict::Changed { pinned: pinned.key }
    } else {
        // What was pinned at addresses that it had before counts no more.
        store::host_keys::forget(&mut tx, device).await?;
        store::host_keys::pin(&mut tx, device, (&place, &shown), "first contact", now).await?;
        let detail = format!("{} {}", shown.algorithm, shown.fingerprint);
        let about = (name.as_str(), Some(detail.as_str()));
        audit::append(core, &mut tx, &Actor::system(), Act::about(AuditEvent::HostKeyPinned, about)).await?;
        HostKeyVerdict::Pinned
    };
    tx.commit().await?;
    Ok(verdict)
}

/// Pins the key that was refused, because a person has compared the fingerprint with the device's.
///
/// `false` when there is no such key any more: the page was old.
pub async fn accept(
    core: &Core,
    by: &Grant<AcceptHostKeys>,
    device: DeviceId,
    fingerprint: &str,
) -> Result<bool, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let found = store::devices::find(&mut tx, by.scope(), device).await?;
    let mut pins = store::host_keys::of(&mut tx, device).await?.into_iter();
    let shown = pins.find_map(|pin| {
        let (key, _) = pin.refused.clone().filter(|(key, _)| key.fingerprint == fingerprint)?;
        Some((pin, key))
    });
    let (Some(found), Some((pin, key))) = (found, shown) else {
        return Ok(false);
    };
    store::host_keys::pin(&mut tx, device, (&pin.place, &key), &by.actor().name, now).await?;
    let detail = format!("{} → {}", pin.key.fingerprint, key.fingerprint);
    let about = (found.name.as_str(), Some(detail.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::HostKeyAccepted, about)).await?;
    tx.commit().await?;
    Ok(true)
}
