//! Files and objects that no row names any more.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::{
    archive::{Old, Shelf},
    service::{Core, Fault},
    store::{self, contents::Place},
};

/// What no row names stays for so long: whoever wrote it may be about to name it, and a database that is restored from
/// a copy of the last days finds what it names.
pub const GRACE: Duration = Duration::days(7);

/// Names that are asked for at a time.
const CHUNK: usize = 500;

/// Removes what is old and not named, in files and, where there is one, in the bucket; gives how many.
pub async fn sweep(core: &Core) -> Result<usize, Fault> {
    let shelf = core.shelf();
    let mut gone = clear(core, &shelf, Place::Directory).await?;
    if shelf.bucket.is_ok() {
        gone += clear(core, &shelf, Place::S3).await?;
    }
    Ok(gone)
}

async fn clear(core: &Core, shelf: &Shelf, place: Place) -> Result<usize, Fault> {
    let mut gone = 0;
    for chunk in shelf.old(place, core.now() - GRACE).await?.chunks(CHUNK) {
        let hashes: Vec<String> = chunk.iter().filter_map(|old| old.sha256.clone()).collect();
        let named = store::contents::objects(&mut core.db.read().await?, place, &hashes).await?;
        let named: BTreeMap<String, String> = named.into_iter().collect();
        for old in chunk {
            if core.stopping.is_cancelled() {
                return Ok(gone);
            }
            if !is_named(old, &named) {
                shelf.discard(old.clone()).await?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}

/// Whether the row of its text names it; the empty name is the hash's own, from the time before names came once.
fn is_named(old: &Old, named: &BTreeMap<String, String>) -> bool {
    let name = old.sha256.as_ref().and_then(|sha256| named.get(sha256));
    name.is_some_and(|name| *name == old.name || (name.is_empty() && !old.name.contains('.')))
}
