//! The chain (S-76): every line has the next number and a seal over the line before, under a key of its own.
//!
//! The key is random, made with the first sealed line, and kept sealed beside the head. It is not derived from a data
//! key, because data keys come and go and the chain stays. While NetRaven is sealed there is no key: lines get their
//! number and no seal, and the next seal covers the last one that was made.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    crypt::{Place, SealError, chain, sealed::Key, token},
    domain::{access::Actor, audit::Act},
    service::{Core, Fault},
    store::{
        self, StoreError, Tx,
        audit::chain::{Columns, Head},
    },
};

/// The file of the data folder that remembers the chain's ends, outside of the database.
pub const ANCHORS: &str = "audit-heads.log";

/// Where the chain's key is sealed for.
const PLACE: Place<'static> = Place { table: "audit_heads", column: "sealed_key", row: "1" };

pub(super) async fn append(core: &Core, tx: &mut Tx, by: &Actor, acts: &[Act<'_>]) -> Result<(), StoreError> {
    let head = store::audit::chain::lock_head(tx).await?;
    let key = key_or_new(core, tx, &head).await?;
    let (mut seq, mut end) = (head.seq, head.mac);
    for act in acts {
        seq += 1;
        let line = Columns::new(by, act, Some(seq), core.now());
        let mac = key.as_ref().map(|key| chain::mac(key, &end, seq, &line.canonical())).unwrap_or_default();
        store::audit::chain::append(tx, &line, &mac).await?;
        if !mac.is_empty() {
            end = mac;
        }
    }
    store::audit::chain::move_head(tx, seq, &end).await
}

/// The chain's key, if there is one and it opens.
pub(super) fn key(core: &Core, head: &Head) -> Result<Option<Key>, SealError> {
    let Some(sealed) = &head.sealed_key else { return Ok(None) };
    let plain = core.keyring.unseal(PLACE, sealed)?;
    let mut key = Key::default();
    for (to, from) in key.iter_mut().zip(plain.iter()) {
        *to = *from;
    }
    Ok(Some(key))
}

/// The chain's key, made now if there is none yet; `None` while NetRaven is sealed. A key that does not open refuses
/// every act: a trail that cannot be sealed is not written (S-77).
async fn key_or_new(core: &Core, tx: &mut Tx, head: &Head) -> Result<Option<Key>, StoreError> {
    if core.keyring.why_sealed().is_some() {
        return Ok(None);
    }
    let unreadable = |error: SealError| StoreError::Unreadable {
        column: "audit_heads.sealed_key",
        value: error.to_string(),
    };
    if let Some(key) = key(core, head).map_err(unreadable)? {
        return Ok(Some(key));
    }
    let key = Key::new(token::random().map_err(|error| unreadable(error.into()))?);
    let sealed = core.keyring.seal(PLACE, &*key).map_err(unreadable)?;
    store::audit::chain::set_key(tx, &sealed).await?;
    Ok(Some(key))
}

/// An end of the chain, as it was once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Anchor {
    pub at: DateTime<Utc>,
    pub seq: i64,
    pub mac: String,
}

/// Writes the end of the chain down outside of the database, so that a tail that is cut off is missed.
pub async fn anchor(core: &Core) -> Result<(), Fault> {
    let head = store::audit::chain::head(&mut core.db.read().await?).await?;
    if head.seq == 0 {
        return Ok(());
    }
    let anchor = Anchor { at: core.now(), seq: head.seq, mac: head.mac };
    let path = path(core);
    let written = tokio::task::spawn_blocking(move || write(&path, &anchor)).await;
    written.map_err(anyhow::Error::from)?.map_err(|error| Fault::Broken(error.into()))
}

fn path(core: &Core) -> PathBuf {
    core.data_dir.join(ANCHORS)
}

fn write(path: &Path, anchor: &Anchor) -> std::io::Result<()> {
    let mut line = serde_json::to_string(anchor)?;
    line.push('\n');
    let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

/// The ends that were written down, and how many lines of the file say nothing: a crash may cut one.
pub(super) async fn anchors(core: &Core) -> Result<(Vec<Anchor>, usize), Fault> {
    let path = path(core);
    let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(path)).await;
    let text = match read.map_err(anyhow::Error::from)? {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(Fault::Broken(error.into())),
    };
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let anchors: Vec<Anchor> = lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let unreadable = lines().count() - anchors.len();
    Ok((anchors, unreadable))
}
