//! The planner: slots that have come become batches of jobs.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        access::{Actor, Scope},
        job::{JobKind, Priority},
        schedule::{Passed, Schedule},
    },
    service::{Core, Fault},
    store::{self, Tx, batches::NewBatch, jobs::Order},
};

/// So many schedules are fired in one go; the next go comes a second later.
const AT_ONCE: i64 = 500;

/// Fires every schedule whose slot has come; gives how many jobs that queued.
///
/// Takes nothing but the clock and may be called at any time, by any number of nodes: a slot is moved on and its batch
/// added in one transaction, only one of two planners can move it, and a slot has one batch at most. After a
/// standstill the newest missed slot fires once if it is within the schedule's grace time; what was missed is written
/// down in one row. A slot that brings nothing is written down with its reason.
pub async fn plan(core: &Core, by: &Actor) -> Result<usize, Fault> {
    let now = core.now();
    follow_clock(core, now).await?;
    let due = store::schedules::due(&mut core.db.read().await?, now, AT_ONCE).await?;
    let mut queued = 0;
    for schedule in due {
        queued += fire(core, by, &schedule, now).await?;
    }
    if queued > 0 {
        core.wake.notify_one();
    }
    Ok(queued)
}

/// After the clock was put back, slots begin anew from where it stands, so that none waits for the old time to come
/// again. Those that fired before do not fire twice.
async fn follow_clock(core: &Core, now: DateTime<Utc>) -> Result<(), Fault> {
    let ahead = store::schedules::ahead_of_clock(&mut core.db.read().await?, now).await?;
    for schedule in ahead {
        let Some((slot, next)) = schedule.next_run_at.zip(schedule.recurrence.next_after(now)) else {
            continue;
        };
        if next < slot {
            let mut tx = core.db.begin().await?;
            store::schedules::advance(&mut tx, schedule.id, (slot, Some(next))).await?;
            tx.commit().await?;
            tracing::warn!(schedule.id = %schedule.id, "the clock was put back; the schedule follows it");
        }
    }
    Ok(())
}

async fn fire(core: &Core, by: &Actor, schedule: &Schedule, now: DateTime<Utc>) -> Result<usize, Fault> {
    let Some(slot) = schedule.next_run_at else {
        return Ok(0);
    };
    let passed = schedule.passed(slot, now);
    let next = schedule.recurrence.next_after(now);
    let mut tx = core.db.begin().await?;
    if !store::schedules::advance(&mut tx, schedule.id, (slot, next)).await? {
        return Ok(0);
    }
    if let Some(note) = missed(schedule, slot, passed) {
        write_down(&mut tx, schedule, (slot, &note), now).await?;
    }
    let queued = if passed.is_late { 0 } else { start(core, &mut tx, schedule, passed.newest).await? };
    tx.commit().await?;
    if queued > 0 {
        tracing::info!(schedule.id = %schedule.id, by = by.name, jobs = queued, "schedule fired");
    }
    Ok(queued)
}

/// What is written down about slots that are not made up for.
fn missed(schedule: &Schedule, slot: DateTime<Utc>, passed: Passed) -> Option<String> {
    let count = passed.older + usize::from(passed.is_late);
    let since = slot.format("%-d %b %Y, %H:%M UTC");
    let number = match (count, passed.is_more) {
        (0, _) => return None,
        (1, false) => "1 slot".to_owned(),
        (count, false) => format!("{count} slots"),
        (count, true) => format!("more than {count} slots"),
    };
    Some(if passed.is_late {
        format!(
            "missed: {number} since {since}, by more than the {} minutes of grace",
            schedule.grace_minutes
        )
    } else {
        format!("missed: {number} since {since}; the newest one ran instead")
    })
}

async fn write_down(
    tx: &mut Tx,
    schedule: &Schedule,
    (slot, note): (DateTime<Utc>, &str),
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let new = NewBatch { note: Some(note), ..batch_of(schedule, slot) };
    store::batches::insert(tx, &new, now).await?;
    tracing::warn!(schedule.id = %schedule.id, slot = %slot, note, "slot passed");
    Ok(())
}

fn batch_of(schedule: &Schedule, slot: DateTime<Utc>) -> NewBatch<'_> {
    NewBatch {
        schedule: Some(schedule.id),
        slot: Some(slot),
        started_by: &schedule.name,
        user: schedule.owner.user,
        note: None,
        retention_days: schedule.retention_days,
    }
}

const SWITCHED_OFF: &str = "skipped: automatic backups are switched off in the settings";

/// Why this slot may bring nothing, if so.
async fn obstacle(
    core: &Core,
    tx: &mut Tx,
    schedule: &Schedule,
    slot: DateTime<Utc>,
) -> Result<Option<String>, Fault> {
    if !core.settings.now().backups_enabled {
        return Ok(Some(SWITCHED_OFF.to_owned()));
    }
    let blackouts = store::blackouts::of(tx, Some(schedule.id)).await?;
    if let Some(blackout) = blackouts.iter().find(|one| one.window.contains(slot)) {
        return Ok(Some(format!("skipped: black-out \"{}\"", blackout.name)));
    }
    if store::jobs::is_schedule_busy(tx, schedule.id).await? {
        return Ok(Some("skipped: the last batch is still at work".to_owned()));
    }
    Ok(None)
}

/// Queues the jobs of a slot, or writes down why there are none.
async fn start(core: &Core, tx: &mut Tx, schedule: &Schedule, slot: DateTime<Utc>) -> Result<usize, Fault> {
    let now = core.now();
    if let Some(note) = obstacle(core, tx, schedule, slot).await? {
        // While the switch is off every slot passes for the same reason: told once, not every minute.
        let is_told =
            note == SWITCHED_OFF && store::schedules::is_last_note(tx, schedule.id, SWITCHED_OFF).await?;
        if !is_told {
            write_down(tx, schedule, (slot, &note), now).await?;
        }
        return Ok(0);
    }
    let devices = store::schedules::matching(tx, Scope::All, schedule.id).await?;
    if devices.is_empty() {
        let note = if store::schedules::is_backed(tx, schedule.id).await? {
            "skipped: no enabled device matches".to_owned()
        } else {
            format!("skipped: {}, who answers for it, may not start backups any more", schedule.owner.name)
        };
        write_down(tx, schedule, (slot, &note), now).await?;
        return Ok(0);
    }
    // It fired before: the clock has been put back since.
    let Some(batch) = store::batches::insert(tx, &batch_of(schedule, slot), now).await? else {
        return Ok(0);
    };
    let order = Order {
        batch,
        kind: JobKind::BackUp,
        started_by: &schedule.name,
        priority: Priority::PLANNED,
        payload: None,
    };
    store::jobs::enqueue_spread(tx, &order, &devices, (now, schedule.spread())).await?;
    let queued: i64 =
        store::jobs::counts(tx, Scope::All, Some(batch)).await?.iter().map(|(_, count)| count).sum();
    if queued == 0 {
        let note = "skipped: its devices are being backed up already";
        store::batches::note(tx, batch, note).await?;
        return Ok(0);
    }
    store::schedules::ran(tx, schedule.id, slot).await?;
    Ok(usize::try_from(queued).unwrap_or(usize::MAX))
}
