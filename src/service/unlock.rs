//! The data keys, opened with the master key when NetRaven starts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Fault;
use crate::{
    crypt::{
        Keyring, Place,
        sealed::{Key, seal_with, unseal_with},
        token,
    },
    store::{self, Db, StoreError},
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
    let mut wrapped = store::keys::list(&mut tx).await?;
    if wrapped.is_empty() {
        let fresh = Key::new(token::random()?);
        let envelope = seal_with(master, 0, place("1"), &*fresh)?;
        match store::keys::insert(&mut tx, 1, &envelope, now).await {
            Ok(()) => {
                tx.commit().await?;
                wrapped.push((1, envelope));
            }
            // Another node was first; its key is the one.
            Err(StoreError::Conflict) => {
                drop(tx);
                wrapped = store::keys::list(&mut db.read().await?).await?;
            }
            Err(other) => return Err(other.into()),
        }
    }
    let mut keys = BTreeMap::new();
    for (id, envelope) in wrapped {
        let Some(key) = unseal_with(master, place(&id.to_string()), &envelope)
            .ok()
            .and_then(|plain| <[u8; 32]>::try_from(plain.as_slice()).ok())
        else {
            return Ok(Keyring::sealed(format!(
                "the master key does not open data key {id}; start with the master key that this database was made with"
            )));
        };
        keys.insert(id, Key::new(key));
    }
    Ok(Keyring::open(keys))
}
