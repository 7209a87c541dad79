//! The keys that seal data: made anew while everything runs (S-46).
//!
//! A new key is first `coming`: every process learns to open with it before any seals with it, and every node that is
//! there must have said so. Then it is `active`, the
//! one before it `retiring`, and whatever is sealed with another key is sealed anew in small steps. How far that has come
//! is told by the envelopes themselves, so a process that dies on the way loses nothing and another goes on.

use chrono::Duration;

use super::{Core, Fault, audit, nodes, storage, unlock};
use crate::{
    crypt::{Place, sealed::Key, token},
    domain::{
        access::{Actor, Grant, ManageKeys},
        audit::{Act, AuditEvent, ObjectKind},
        id::DataKeyId,
        key::{DataKey, KeyState},
    },
    store::{
        self, StoreError,
        seals::{SEALED, SealedColumn},
    },
};

/// How long every process has to learn of a new key: several beats of the ticker.
pub const NOTICE: Duration = Duration::seconds(10);

/// How long a retired key stays, for writes that were under way when it was counted.
const REST: Duration = Duration::hours(1);

/// Values sealed anew in one transaction.
const STEP: i64 = 100;

/// Why keys were not rotated, or one was not removed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// One after the other.
    #[error("key {0} is still being replaced; rotate again when nothing is sealed with it any more")]
    UnderWay(i64),
    /// There is no such key.
    #[error("there is no key {0}")]
    Unknown(i64),
    /// Something may still need it.
    #[error("key {0} is still needed: {1}")]
    Needed(i64, &'static str),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Why a key cannot go, apart from the values that are sealed with it.
fn needed(core: &Core, all: &[store::keys::Kept], key: &store::keys::Kept) -> Option<&'static str> {
    if all.first().is_some_and(|first| first.id == key.id) {
        return Some("the tags of masked secrets and the forms' tokens are derived from the first key");
    }
    match (key.state, key.retired_at) {
        (KeyState::Retired, Some(at)) if at + REST <= core.now() => None,
        (KeyState::Retired, _) => Some("it was retired less than an hour ago"),
        (KeyState::Coming | KeyState::Active | KeyState::Retiring, _) => Some("it is in use"),
    }
}

/// All keys with what is sealed with each, the newest last.
pub async fn status(core: &Core, _by: &Grant<ManageKeys>) -> Result<Vec<DataKey>, Fault> {
    let mut conn = core.db.read().await?;
    let all = store::keys::list(&mut conn).await?;
    let mut told = Vec::with_capacity(all.len());
    for key in &all {
        let values = store::seals::count(&mut conn, key.id).await?;
        told.push(DataKey {
            id: DataKeyId(key.id),
            state: key.state,
            created_at: key.created_at,
            retired_at: key.retired_at,
            values,
            is_removable: values == 0 && needed(core, &all, key).is_none(),
        });
    }
    Ok(told)
}

/// Makes a new key, which seals in a few seconds; gives its number.
pub async fn rotate(core: &Core, by: &Grant<ManageKeys>) -> Result<DataKeyId, KeyError> {
    let Some(master) = core.keyring.master() else {
        let why = core.keyring.why_sealed().unwrap_or("the master key is not here").to_owned();
        return Err(Fault::Sealed(why).into());
    };
    let mut tx = core.db.begin().await?;
    let all = store::keys::list(&mut tx).await?;
    if let Some(busy) = all.iter().find(|key| matches!(key.state, KeyState::Coming | KeyState::Retiring)) {
        return Err(KeyError::UnderWay(busy.id));
    }
    let id = all.last().map_or(1, |last| last.id.saturating_add(1));
    let fresh = Key::new(token::random().map_err(Fault::from)?);
    let wrapped = unlock::wrap(master, id, &fresh)?;
    match store::keys::insert(&mut tx, id, (&wrapped, KeyState::Coming), core.now()).await {
        // Another node rotates at this moment.
        Err(StoreError::Conflict) => return Err(KeyError::UnderWay(id)),
        other => other?,
    }
    let name = format!("key {id}");
    let act = Act::new(AuditEvent::KeysRotated, &name).on(ObjectKind::Key, id);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    unlock::refresh(core).await?;
    Ok(DataKeyId(id))
}

/// Removes a retired key for good.
pub async fn remove(core: &Core, by: &Grant<ManageKeys>, id: DataKeyId) -> Result<(), KeyError> {
    let mut tx = core.db.begin().await?;
    let all = store::keys::list(&mut tx).await?;
    let key = all.iter().find(|key| key.id == id.0).ok_or(KeyError::Unknown(id.0))?;
    if let Some(why) = needed(core, &all, key) {
        return Err(KeyError::Needed(id.0, why));
    }
    if store::seals::count(&mut tx, id.0).await? > 0 {
        return Err(KeyError::Needed(id.0, "something is still sealed with it"));
    }
    store::keys::delete(&mut tx, id.0).await?;
    let name = format!("key {id}");
    let act = Act::new(AuditEvent::KeyRemoved, &name).on(ObjectKind::Key, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    unlock::refresh(core).await?;
    Ok(())
}

/// Brings a rotation a step further, whoever began it; `false` when there is nothing to do. Safe on any number of
/// nodes and at any moment.
pub async fn advance(core: &Core, _by: &Actor) -> Result<bool, Fault> {
    if core.keyring.master().is_none() {
        return Ok(false);
    }
    let all = unlock::refresh(core).await?;
    let now = core.now();
    if let Some(coming) = all.iter().find(|key| key.state == KeyState::Coming) {
        if now < coming.created_at + NOTICE {
            return Ok(true);
        }
        if !nodes::all_open(&mut core.db.read().await?, coming.id).await? {
            return Ok(true);
        }
        let mut tx = core.db.begin().await?;
        for key in all.iter().filter(|key| key.state == KeyState::Active) {
            store::keys::move_on(&mut tx, key.id, (KeyState::Active, KeyState::Retiring), now).await?;
        }
        store::keys::move_on(&mut tx, coming.id, (KeyState::Coming, KeyState::Active), now).await?;
        tx.commit().await?;
        unlock::refresh(core).await?;
        return Ok(true);
    }
    let retiring: Vec<i64> =
        all.iter().filter(|key| key.state == KeyState::Retiring).map(|key| key.id).collect();
    if retiring.is_empty() {
        return Ok(false);
    }
    if anew(core).await? {
        return Ok(true);
    }
    let mut tx = core.db.begin().await?;
    for id in retiring {
        if store::seals::count(&mut tx, id).await? == 0 {
            store::keys::move_on(&mut tx, id, (KeyState::Retiring, KeyState::Retired), now).await?;
        }
    }
    tx.commit().await?;
    Ok(false)
}

/// Seals a step's worth of values anew; `false` when none is left. A value that does not open is told and left: it
/// keeps its key from being removed, so nothing is lost that a later repair could save.
async fn anew(core: &Core) -> Result<bool, Fault> {
    let active = core.keyring.ids().0;
    for at in SEALED {
        let old = store::seals::others(&mut core.db.read().await?, at, active, STEP).await?;
        if old.is_empty() {
            continue;
        }
        let (keyring, at, read) = (core.keyring.clone(), *at, old.len());
        let sealed = tokio::task::spawn_blocking(move || {
            let again = |value: &store::seals::SealedValue| {
                let place = place(&at, &value.owner);
                keyring.unseal(place, &value.sealed).and_then(|plain| keyring.seal(place, &plain))
            };
            old.into_iter().map(|value| (again(&value), value)).collect::<Vec<_>>()
        });
        let mut moved = 0;
        let mut tx = core.db.begin().await?;
        for (anew, old) in sealed.await.map_err(anyhow::Error::from)? {
            match anew {
                Ok(anew) => moved += usize::from(store::seals::replace(&mut tx, &at, &old, &anew).await?),
                Err(error) => tracing::error!(table = at.table, row = old.owner, %error, "not sealed anew"),
            }
        }
        tx.commit().await?;
        // Values that do not open must not keep the others waiting.
        if moved > 0 {
            tracing::info!(table = at.table, column = at.column, moved, read, "sealed anew");
            return Ok(true);
        }
    }
    storage::reseal(core, active).await
}

fn place<'a>(at: &SealedColumn, row: &'a str) -> Place<'a> {
    Place { table: at.table, column: at.column, row }
}
