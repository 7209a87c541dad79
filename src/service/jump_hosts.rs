//! Jump hosts: SSH servers through which devices are reached. They are for all devices, so that only who sees all of them
//! may change one.

mod on_the_way;

pub use on_the_way::{Hop, accept, judge, may_sign_in, turned_away, way};

use std::collections::BTreeMap;

use super::{Core, Fault, audit};
use crate::{
    domain::{
        access::{Grant, ManageCredentials, Scope, ViewCredentials, ViewDevices},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::JumpHostId,
        jump_host::{self, JumpHost, LONGEST_WAY, NewJumpHost},
    },
    store::{self, Conn, StoreError},
};

/// Why a jump host was not added, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SaveJumpHostError {
    /// Another has this name.
    #[error("there is a jump host named \"{0}\" already")]
    NameTaken(String),
    /// The chosen shared credential is gone.
    #[error("the chosen credential has been deleted; choose another")]
    UnknownCredential,
    /// The way would come back to itself, or be too long, or its beginning is gone.
    #[error("the way would go round in circles or over more than {LONGEST_WAY} jump hosts")]
    Way,
    /// It is gone.
    #[error("this jump host has been deleted")]
    Gone,
    /// Somebody else saved it in the meantime.
    #[error("somebody else has changed this jump host in the meantime")]
    Changed,
    /// Something is reached through it.
    #[error(
        "{devices} devices (deleted ones that can be restored included) and {hosts} jump hosts are reached through it"
    )]
    InUse {
        /// So many devices.
        devices: i64,
        /// So many jump hosts.
        hosts: i64,
    },
    /// It may serve devices that the person does not see.
    #[error("only accounts that see all devices may change jump hosts")]
    Scope,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveJumpHostError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

fn needs_all<P>(by: &Grant<P>) -> Result<(), SaveJumpHostError> {
    if by.scope() == Scope::All { Ok(()) } else { Err(SaveJumpHostError::Scope) }
}

/// All jump hosts, by name.
pub async fn list(core: &Core, _by: &Grant<ViewCredentials>) -> Result<Vec<JumpHost>, Fault> {
    Ok(store::jump_hosts::all(&mut core.db.read().await?).await?)
}

/// The id and name of every jump host, by name.
pub async fn names(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(JumpHostId, String)>, Fault> {
    let all = store::jump_hosts::all(&mut core.db.read().await?).await?;
    Ok(all.into_iter().map(|host| (host.id, host.name)).collect())
}

/// The names on the way to whatever is behind a jump host, the one that is reached first at first.
pub async fn names_on_way(
    core: &Core,
    _by: &Grant<ViewDevices>,
    last: JumpHostId,
) -> Result<Vec<String>, Fault> {
    let all = store::jump_hosts::all(&mut core.db.read().await?).await?;
    let way = jump_host::way(&all, last).unwrap_or_default();
    Ok(way.into_iter().map(|host| host.name.clone()).collect())
}

/// How many devices are reached through each jump host, deleted ones that can come back included.
pub async fn behind(core: &Core, _by: &Grant<ViewCredentials>) -> Result<BTreeMap<JumpHostId, i64>, Fault> {
    Ok(store::jump_hosts::behind(&mut core.db.read().await?).await?)
}

/// Refuses what the database would refuse, in words, and ways that lead nowhere.
async fn check(conn: &mut Conn, new: &NewJumpHost, own: Option<JumpHostId>) -> Result<(), SaveJumpHostError> {
    let mut all = store::jump_hosts::all(conn).await?;
    let key = new.name.key();
    if let Some(other) = all.iter().find(|host| host.name.to_lowercase() == key && Some(host.id) != own) {
        return Err(SaveJumpHostError::NameTaken(other.name.clone()));
    }
    let credential = store::credentials::find(conn, new.credential).await?;
    if credential.is_none_or(|row| row.name.is_none()) {
        return Err(SaveJumpHostError::UnknownCredential);
    }
    for host in all.iter_mut().filter(|host| Some(host.id) == own) {
        host.via = new.via;
    }
    let fits = match (own, new.via) {
        (None, Some(via)) => jump_host::way(&all, via).is_some_and(|way| way.len() < LONGEST_WAY),
        (None, None) => true,
        (Some(_), _) => all.iter().all(|host| jump_host::way(&all, host.id).is_some()),
    };
    if fits { Ok(()) } else { Err(SaveJumpHostError::Way) }
}

fn changes(old: Option<&JumpHost>, new: &NewJumpHost) -> Changes {
    let text = |of: fn(&JumpHost) -> String| old.map(of).unwrap_or_default();
    let via = |id: Option<JumpHostId>| id.map(|id| format!("jump host {id}")).unwrap_or_default();
    Changes::default()
        .field("name", text(|old| old.name.clone()), new.name.as_str())
        .field("address", text(|old| old.address.clone()), new.address.as_str())
        .field("port", text(|old| old.port.to_string()), new.port.get())
        .field(
            "credential",
            text(|old| format!("credential {}", old.credential)),
            format!("credential {}", new.credential),
        )
        .field("via", old.map(|old| via(old.via)).unwrap_or_default(), via(new.via))
}

/// Adds a jump host.
pub async fn create(
    core: &Core,
    by: &Grant<ManageCredentials>,
    new: &NewJumpHost,
) -> Result<JumpHostId, SaveJumpHostError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    check(&mut tx, new, None).await?;
    let id = match store::jump_hosts::insert(&mut tx, new, core.now()).await {
        Err(StoreError::Conflict) => {
            return Err(SaveJumpHostError::NameTaken(new.name.as_str().to_owned()));
        }
        other => other?,
    };
    let act = Act::new(AuditEvent::JumpHostCreated, new.name.as_str()).on(ObjectKind::JumpHost, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(None, new))).await.map_err(Fault::from)?;
    tx.commit().await?;
    Ok(id)
}

/// Writes an edit that started from `version`; whatever it refused may be shown to it again.
pub async fn update(
    core: &Core,
    by: &Grant<ManageCredentials>,
    (id, version): (JumpHostId, i32),
    new: &NewJumpHost,
) -> Result<(), SaveJumpHostError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let Some(old) = store::jump_hosts::find(&mut tx, id).await? else {
        return Err(SaveJumpHostError::Gone);
    };
    check(&mut tx, new, Some(id)).await?;
    match store::jump_hosts::update(&mut tx, (id, version), new, core.now()).await {
        Ok(true) => {}
        Ok(false) => return Err(SaveJumpHostError::Changed),
        Err(StoreError::Conflict) => {
            return Err(SaveJumpHostError::NameTaken(new.name.as_str().to_owned()));
        }
        Err(other) => return Err(other.into()),
    }
    let act = Act::new(AuditEvent::JumpHostChanged, new.name.as_str()).on(ObjectKind::JumpHost, id.0);
    let changes = changes(Some(&old), new);
    audit::append(core, &mut tx, by.actor(), act.changes(changes)).await.map_err(Fault::from)?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a jump host; refused while something is reached through it.
pub async fn delete(
    core: &Core,
    by: &Grant<ManageCredentials>,
    id: JumpHostId,
) -> Result<String, SaveJumpHostError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let Some(old) = store::jump_hosts::find(&mut tx, id).await? else {
        return Err(SaveJumpHostError::Gone);
    };
    let (devices, hosts) = store::jump_hosts::used_by(&mut tx, id).await?;
    if devices + hosts > 0 {
        return Err(SaveJumpHostError::InUse { devices, hosts });
    }
    store::jump_hosts::delete(&mut tx, id).await?;
    let act = Act::new(AuditEvent::JumpHostDeleted, &old.name).on(ObjectKind::JumpHost, id.0);
    audit::append(core, &mut tx, by.actor(), act).await.map_err(Fault::from)?;
    tx.commit().await?;
    Ok(old.name)
}
