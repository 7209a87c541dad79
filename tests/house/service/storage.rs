//! Kept contents as a whole: read back, moved, kept in a bucket, and never half there.

mod bucket;
mod keys;
mod relocate;
mod together;
mod used_again;
mod verify;

use netraven::{
    domain::{id::BackupId, setting::Wanted},
    service::{Core, backups, settings},
};

use crate::support::stock;

/// Says where new contents go.
async fn keep_in(core: &Core, place: &str) {
    let wanted = Wanted::Value(place.to_owned());
    settings::set(core, &stock::grant(), "system.backup.storage_type", wanted).await.unwrap();
}

/// A version's text, or why it cannot be read.
async fn text(core: &Core, id: BackupId) -> Result<String, String> {
    let version = backups::find(core, &stock::grant(), id).await.unwrap().unwrap();
    let bytes =
        backups::download(core, &stock::grant(), &version).await.map_err(|fault| fault.to_string())?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Versions of devices of their own, each with the text that was kept.
async fn versions(core: &Core, count: usize) -> Vec<(BackupId, String)> {
    let mut all = Vec::new();
    for number in 0..count {
        let device = stock::device(core, &format!("core-{number}")).await;
        let text = format!("hostname core-{number}\nend\n");
        all.push((stock::version(core, device, &text).await, text));
    }
    all
}

/// Proves that every version reads as it was kept.
async fn all_read(core: &Core, all: &[(BackupId, String)], when: &str) {
    for (id, kept) in all {
        assert_eq!(text(core, *id).await.as_ref(), Ok(kept), "version {id} {when}");
    }
}
