//! Texts in files and objects, sealed anew when the keys are rotated (S-46).

use crate::{
    service::{Core, Fault},
    store::{
        self,
        contents::{Kept, Place},
    },
};

/// Texts of one step.
const STEP: i64 = 20;

/// Seals a step's worth of files and objects anew with the key `active`; `false` when none is left that can be. One
/// that does not open is told and left, and keeps its key from being removed.
pub async fn reseal(core: &Core, active: i64) -> Result<bool, Fault> {
    let mut position = String::new();
    loop {
        let mut conn = core.db.read().await?;
        let old = store::contents::page_other_key(&mut conn, (active, &position), STEP).await?;
        drop(conn);
        let Some((last, _)) = old.last() else { return Ok(false) };
        position.clone_from(last);
        let mut anew = Vec::new();
        for (sha256, old) in old {
            match again(core, &sha256, &old).await {
                Ok(new) => anew.push((sha256, old, new)),
                Err(error) if error.is_damage() => {
                    tracing::error!(content = %sha256, %error, "not sealed anew");
                }
                Err(error) => return Err(error.into()),
            }
        }
        let mut moved = 0;
        let mut tx = core.db.begin().await?;
        for (sha256, old, new) in anew {
            let is_done = store::contents::switch(&mut tx, &sha256, (&old, &new), core.now()).await?;
            moved += usize::from(is_done);
        }
        tx.commit().await?;
        if moved > 0 {
            tracing::info!(moved, "files and objects were sealed anew");
            return Ok(true);
        }
    }
}

async fn again(core: &Core, sha256: &str, old: &Kept) -> Result<Kept, crate::archive::ArchiveError> {
    let shelf = core.shelf();
    let (sealed, key) = shelf.sealed_today(sha256, old.clone()).await?;
    if old.place == Place::Database {
        return Ok(Kept { sealed, key, ..old.clone() });
    }
    shelf.place(old.place, sha256, (sealed, key)).await
}
