//! Moving contents between the database, files and the bucket while everything runs.
//!
//! A content is written to the new place and read back from there; then its row says so, if it is still where it was.
//! What was there before goes some days later. So every version is readable at every moment, a process that dies on
//! the way loses nothing, and another goes on from where it was.

use chrono::Duration;

use crate::{
    archive::ArchiveError,
    domain::{
        access::{Actor, Grant, ManageSettings},
        audit::{Act, AuditEvent},
        setting::Storage,
    },
    service::{Core, Fault, audit},
    store::{
        self, StoreError,
        contents::{Kept, Place},
        storage_work::{self, Kind, Step, Work},
    },
};

use super::verify;

/// Contents of one step: few enough that a step is short, many enough that their switch is worth a commit.
const STEP: i64 = 20;

/// How long a node that dies on the way keeps others from going on.
const LEASE: Duration = Duration::minutes(2);

/// Why a move was not begun.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The settings name no bucket that can be used.
    #[error("the bucket cannot be used: {0}")]
    NoBucket(String),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for MoveError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Begins to move everything to `target`; a move to another place that is under way ends where it is.
pub async fn begin(core: &Core, by: &Grant<ManageSettings>, target: Storage) -> Result<(), MoveError> {
    if target == Storage::S3
        && let Err(why) = core.settings.bucket()
    {
        return Err(MoveError::NoBucket(why.to_string()));
    }
    let mut tx = core.db.begin().await?;
    let (place, name) = (Place::from(target), format!("to {target}"));
    storage_work::begin(&mut tx, Kind::Move, (Some(place), &by.actor().name), core.now()).await?;
    let act = Act::new(AuditEvent::StorageMoved, &name).detail("begun; it goes on in the background");
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(())
}

/// What a call of [`step`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// Nothing is to be moved.
    Nothing,
    /// Another node is at it.
    Elsewhere,
    /// A step further.
    On,
    /// That was all.
    Over,
    /// It stands still; the work's row says why.
    Stuck,
}

/// Brings a move a step further, whoever began it. Safe on any number of nodes and at any moment.
pub async fn step(core: &Core) -> Result<Went, Fault> {
    let now = core.now();
    let Some(work) = storage_work::find(&mut core.db.read().await?, Kind::Move).await? else {
        return Ok(Went::Nothing);
    };
    let Some(target) = work.target.filter(|_| work.finished_at.is_none()) else { return Ok(Went::Nothing) };
    if !storage_work::lease(&mut core.db.write().await?, Kind::Move, now + LEASE, now).await? {
        return Ok(Went::Elsewhere);
    }
    // Read again under the lease: another node may have gone on since.
    let found = storage_work::find(&mut core.db.read().await?, Kind::Move).await?;
    let Some(work) = found.filter(|found| found.started_at == work.started_at) else {
        return Ok(Went::Elsewhere);
    };
    let mut step = Step::default();
    let moved = carry(core, (&work, target), &mut step).await;
    if let Err(fault) = &moved {
        step.message = Some(fault.to_string());
    }
    finish(core, &work, (&step, target)).await?;
    moved?;
    Ok(match (step.is_over, step.message.is_some()) {
        (true, _) => Went::Over,
        (false, true) => Went::Stuck,
        (false, false) => Went::On,
    })
}

/// Carries a step's worth of contents over, and says in `step` how far that came.
async fn carry(core: &Core, (work, target): (&Work, Place), step: &mut Step) -> Result<(), Fault> {
    let mut conn = core.db.read().await?;
    let page = store::contents::page_elsewhere(&mut conn, (target, &work.position), STEP).await?;
    if page.is_empty() {
        // Those that came or were changed on the way have their turn as well; what is left in the end is damaged.
        step.is_over = store::contents::count_elsewhere(&mut conn, target).await? <= work.failed;
        if !step.is_over {
            (step.position, step.failed) = (Some(String::new()), -work.failed);
        }
        return Ok(());
    }
    drop(conn);
    let mut carried: Vec<(String, Kept, Kept)> = Vec::new();
    for (sha256, old) in page {
        if core.stopping.is_cancelled() {
            break;
        }
        match over(core, target, (&sha256, &old)).await {
            Ok(new) => carried.push((sha256.clone(), old, new)),
            // What is damaged stays where it is, and is told.
            Err(error) if error.is_damage() => {
                verify::verdict(core, &Actor::system(), &sha256, Some(&error)).await?;
                step.failed += 1;
            }
            Err(error) => {
                step.message = Some(error.to_string());
                break;
            }
        }
        step.position = Some(sha256);
    }
    let mut tx = core.db.begin().await?;
    for (sha256, old, new) in &carried {
        // One that was changed or went meanwhile is as its change left it; what was written for it goes some days later.
        let is_done = store::contents::switch(&mut tx, sha256, (old, new), core.now()).await?;
        step.done += i64::from(is_done);
    }
    tx.commit().await?;
    Ok(())
}

async fn over(core: &Core, target: Place, (sha256, old): (&str, &Kept)) -> Result<Kept, ArchiveError> {
    let shelf = core.shelf();
    let sealed = shelf.sealed_today(sha256, old.clone()).await?;
    shelf.place(target, sha256, sealed).await
}

/// Writes a step down; the last one leaves a line in the trail.
async fn finish(core: &Core, work: &Work, (step, target): (&Step, Place)) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    let is_ours = storage_work::advance(&mut tx, (Kind::Move, work.started_at), step, core.now()).await?;
    if is_ours && step.is_over {
        let name = format!("to {target}");
        let (done, failed) = (work.done + step.done, work.failed + step.failed);
        let detail = format!("over: {done} moved, {failed} damaged and left where they are");
        let act = Act::new(AuditEvent::StorageMoved, &name).detail(&detail);
        audit::append(core, &mut tx, &Actor::system(), act).await?;
    }
    tx.commit().await?;
    Ok(())
}
