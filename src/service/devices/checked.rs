//! What a device that is added or changed must be like.

use super::SaveDeviceError;
use crate::{
    domain::{
        access::{Actor, AllowClearText, Scope},
        device::{Device, NewDevice, Transport},
    },
    service::Core,
    store::{self, Conn},
};

/// Why a device may not be reached in the way that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportRefused {
    /// The platform has no such way.
    #[error("Devices of this platform are reached by {0} only.")]
    Unfit(String),
    /// Clear text is off.
    #[error(
        "Telnet is off, because it sends passwords in clear text. An admin may allow it in the settings."
    )]
    Off,
    /// Somebody else has to answer for it.
    #[error("Telnet sends passwords in clear text; only an admin may choose it for a device.")]
    NotYours,
}

/// Whether a device of `platform` that was reached `before` in some way may be reached by `transport` from now on. What
/// sends passwords in clear text needs an admin twice: for everything, and for the device (S-62).
pub fn transport(
    core: &Core,
    by: &Actor,
    (platform, transport): (&str, Transport),
    before: Option<Transport>,
) -> Result<(), TransportRefused> {
    if let Some(head) = core.platforms.head(platform)
        && !head.transports.contains(&transport)
    {
        let known: Vec<&str> = head.transports.iter().map(|known| known.as_str()).collect();
        return Err(TransportRefused::Unfit(known.join(" and ")));
    }
    if !transport.is_clear_text() || before == Some(transport) {
        return Ok(());
    }
    if !core.settings.now().allow_telnet {
        return Err(TransportRefused::Off);
    }
    if by.may::<AllowClearText>() { Ok(()) } else { Err(TransportRefused::NotYours) }
}

/// Refuses what the database would refuse, in words.
pub(super) async fn check(
    core: &Core,
    conn: &mut Conn,
    new: &NewDevice,
    (old, by): (Option<&Device>, &Actor),
) -> Result<(), SaveDeviceError> {
    let (own, scope) = (old.map(|old| old.id), by.scope);
    if core.platforms.get(&new.platform).is_none() {
        let instead = core.platforms.instead_of(&new.platform);
        return Err(SaveDeviceError::UnknownPlatform { given: new.platform.clone(), instead });
    }
    transport(core, by, (&new.platform, new.transport), old.map(|old| old.transport))?;
    let namesake = store::devices::find_by_name(conn, Scope::All, &new.name.key()).await?;
    if let Some(other) = namesake.filter(|other| Some(other.id) != own) {
        // What the person does not see is called as it was typed (S-37).
        let seen = store::devices::find(conn, scope, other.id).await?;
        let name = seen.map_or_else(|| new.name.as_str().to_owned(), |seen| seen.name);
        return Err(SaveDeviceError::NameTaken(name));
    }
    if let Some(id) = new.reach.jump_host
        && store::jump_hosts::find(conn, id).await?.is_none()
    {
        return Err(SaveDeviceError::UnknownJumpHost);
    }
    if let Some(repeated) = new.repeated() {
        return Err(SaveDeviceError::PlaceRepeated(repeated.to_string()));
    }
    for (at, (address, port)) in new.places().into_iter().enumerate() {
        let own_place = store::devices::find_by_place(conn, &address, port).await?.map(|other| other.id);
        let neighbours = [own_place, store::reach::find_by_place(conn, (&address, port)).await?];
        if let Some(other) = neighbours.into_iter().flatten().find(|other| Some(*other) != own) {
            // What the person does not see has no name here either (S-37).
            let seen = store::devices::find(conn, scope, other).await?;
            let name = seen.map_or_else(|| "another device".to_owned(), |seen| seen.name);
            return Err(match at.checked_sub(1).and_then(|at| new.reach.further.get(at)) {
                Some(further) => SaveDeviceError::FurtherTaken { name, place: further.to_string() },
                None => SaveDeviceError::PlaceTaken(name),
            });
        }
    }
    Ok(())
}
