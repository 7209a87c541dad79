//! The data keys, opened with the master key when NetRaven starts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Core, Fault};
use crate::{
    crypt::{
        Keyring, Place,
        sealed::{Key, seal_with, unseal_with},
        token,
    },
    domain::key::KeyState,
    store::{self, Db, StoreError, keys::Kept},
};

fn place(row: &str) -> Place<'_> {
    Place { table: "data_keys", column: "wrapped", row }
}

/// Whether the database holds keys already, so that a missing master key must not be made anew.
pub async fn has_keys(db: &Db) -> Result<bool, Fault> {
    Ok(!store::keys::list(&mut db.read().await?).await?.is_empty())
}

/// Opens the data keys, making the first one in a new database. A master key that does not fit gives a sealed
/// keyring, and nothing is written.
pub async fn keyring(db: &Db, master: &Key, now: DateTime<Utc>) -> Result<Keyring, Fault> {
    let mut tx = db.begin().await?;
    let mut kept = store::keys::list(&mut tx).await?;
    if kept.is_empty() {
        let fresh = Key::new(token::random()?);
        let first = wrap(master, 1, &fresh)?;
        match store::keys::insert(&mut tx, 1, (&first, KeyState::Active), now).await {
            Ok(()) => {
                kept = store::keys::list(&mut tx).await?;
                tx.commit().await?;
            }
            // Another node was first; its key is the one.
            Err(StoreError::Conflict) => {
                drop(tx);
                kept = store::keys::list(&mut db.read().await?).await?;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(match opened(master, &kept) {
        Ok((keys, active)) => {
            let keyring = Keyring::open(BTreeMap::new()).under(master.clone());
            keyring.exchange(keys, active);
            keyring
        }
        Err(id) => Keyring::sealed(format!(
            "the master key does not open data key {id}; start with the master key that this database was made with"
        )),
    })
}

/// A data key sealed with the master key, for its row.
pub(super) fn wrap(master: &Key, id: i64, key: &Key) -> Result<Vec<u8>, Fault> {
    Ok(seal_with(master, 0, place(&id.to_string()), &**key)?)
}

/// The keys by id and the one that seals; the id of the first that the master key does not open.
fn opened(master: &Key, kept: &[Kept]) -> Result<(BTreeMap<i64, Key>, i64), i64> {
    let mut keys = BTreeMap::new();
    for key in kept {
        let plain = unseal_with(master, place(&key.id.to_string()), &key.wrapped).ok();
        let plain = plain.and_then(|plain| <[u8; 32]>::try_from(plain.as_slice()).ok()).ok_or(key.id)?;
        keys.insert(key.id, Key::new(plain));
    }
    let active = kept.iter().rev().find(|key| key.state == KeyState::Active).map_or(0, |key| key.id);
    Ok((keys, active))
}

/// Learns of keys that another process made, retired or removed; gives the rows.
pub(super) async fn refresh(core: &Core) -> Result<Vec<Kept>, Fault> {
    let kept = store::keys::list(&mut core.db.read().await?).await?;
    let Some(master) = core.keyring.master() else { return Ok(kept) };
    let active = kept.iter().rev().find(|key| key.state == KeyState::Active).map_or(0, |key| key.id);
    let ids: Vec<i64> = kept.iter().map(|key| key.id).collect();
    if core.keyring.ids() != (active, ids) {
        match opened(master, &kept) {
            Ok((keys, active)) => core.keyring.exchange(keys, active),
            Err(id) => {
                tracing::error!(
                    key = id,
                    "a data key does not open with the master key; the known ones stay"
                );
            }
        }
    }
    Ok(kept)
}
