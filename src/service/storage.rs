//! Kept contents as a whole: where they are, whether they are whole, and whether there is room for more.

mod disks;
pub mod relocate;
mod reseal;
mod sweep;
pub mod verify;

pub use disks::{Disks, Low, Standing, has_room, standing};
pub use reseal::reseal;
pub use sweep::sweep;

use chrono::{DateTime, Utc};

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Grant, ManageSettings},
        setting::Storage,
    },
    store::{
        self,
        contents::Holding,
        storage_work::{Kind, Work},
    },
};

/// What one place holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The place, as the settings call it.
    pub at: Storage,
    /// Contents there.
    pub contents: i64,
    /// Their bytes before compression.
    pub bytes: i64,
    /// Contents that did not read back when they were last looked at.
    pub damaged: i64,
    /// When the one that was read back longest ago was read; the epoch when one never was.
    pub oldest_check: DateTime<Utc>,
}

/// What is kept where, and what is being done about it.
#[derive(Debug)]
pub struct Status {
    /// What every place holds that holds something, in the order of [`Storage::ALL`].
    pub held: Vec<Held>,
    /// Where new contents go.
    pub new: Storage,
    /// The newest nightly reading back, if there was one.
    pub verify: Option<Work>,
    /// The newest move and where it goes, if there was one.
    pub moving: Option<(Storage, Work)>,
    /// Why there is no bucket, if there is none.
    pub no_bucket: Option<String>,
}

/// Looks around.
pub async fn status(core: &Core, _by: &Grant<ManageSettings>) -> Result<Status, Fault> {
    let mut conn = core.db.read().await?;
    let held = |Holding { place, contents, bytes, damaged, oldest_check }| Held {
        at: Storage::from(place),
        contents,
        bytes,
        damaged,
        oldest_check,
    };
    let mut held: Vec<Held> = store::contents::holdings(&mut conn).await?.into_iter().map(held).collect();
    held.sort_by_key(|held| held.at);
    let moving = store::storage_work::find(&mut conn, Kind::Move).await?;
    Ok(Status {
        held,
        new: core.settings.now().storage,
        verify: store::storage_work::find(&mut conn, Kind::Verify).await?,
        moving: moving.and_then(|work| Some((work.target?.into(), work))),
        no_bucket: core.settings.bucket().err().map(|why| why.to_string()),
    })
}
