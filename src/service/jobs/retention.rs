//! Job logs go when their time is over. Versions never go with them.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        access::{DeleteJobs, Grant, Scope},
        audit::{Act, AuditEvent},
        id::JobId,
        retention::{Days, Rule, Swept, Term},
    },
    service::{Core, Fault, audit},
    store::{self, Conn},
};

/// Jobs that one transaction deletes, so that nobody waits long for the write lock.
const AT_ONCE: i64 = 2_000;

/// The rules in force: each term that batches have of their own, and the setting for the rest.
async fn terms(core: &Core, conn: &mut Conn) -> Result<Vec<Term>, Fault> {
    let own = store::jobs::kept_days(conn).await?;
    let setting = Term { rule: Rule::Setting, days: core.settings.now().job_log_days };
    Ok(own
        .into_iter()
        .map(|days| Term { rule: Rule::Own(days), days: days.max(1).into() })
        .chain([setting])
        .collect())
}

fn note(swept: &mut Swept, rule: Rule, count: i64) {
    match rule {
        Rule::Own(days) => match swept.own.iter_mut().find(|(known, _)| *known == days) {
            Some((_, counted)) => *counted += count,
            None => swept.own.push((days, count)),
        },
        Rule::Setting | Rule::Any => swept.by_setting += count,
    }
}

/// What [`apply`] would delete now.
pub async fn preview(core: &Core, by: &Grant<DeleteJobs>) -> Result<Swept, Fault> {
    let now = core.now();
    let beyond = first_beyond(core, by).await?;
    let mut conn = core.db.read().await?;
    let mut swept = Swept::default();
    if let Some(last) = beyond {
        swept.by_size = store::jobs::count_upto(&mut conn, last).await?;
    }
    for term in terms(core, &mut conn).await? {
        let old = (term.rule, term.before(now));
        let count = store::jobs::count_old(&mut conn, by.scope(), old, None).await?;
        note(&mut swept, term.rule, count);
        if beyond.is_some() {
            // Each job once, as when it is deleted: first those whose time is over.
            swept.by_size -= store::jobs::count_old(&mut conn, by.scope(), old, beyond).await?;
        }
    }
    Ok(swept)
}

/// Deletes the jobs whose time is over, measured from their end, and the empty batches that are as old. One that is not
/// over stays, however old it is.
pub async fn apply(core: &Core, by: &Grant<DeleteJobs>) -> Result<Swept, Fault> {
    let now = core.now();
    let terms = terms(core, &mut core.db.read().await?).await?;
    let mut swept = Swept::default();
    for term in terms {
        let count = sweep(core, by, term, (now, AuditEvent::RetentionApplied)).await?;
        note(&mut swept, term.rule, count);
    }
    weigh(core).await?;
    swept.by_size = fit(core, by).await?;
    Ok(swept)
}

/// Weighs the logs that nobody has weighed yet, in a transaction for so many at once.
async fn weigh(core: &Core) -> Result<(), Fault> {
    let mut last = Some(JobId(0));
    while let Some(after) = last {
        let mut tx = core.db.begin().await?;
        last = store::jobs::weigh(&mut tx, after, AT_ONCE).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The youngest job whose log does not fit any more into what the setting gives all of them together, as far as they
/// are weighed; `None` also for who does not see all jobs, since such a person lets none of them go for the sake of all.
async fn first_beyond(core: &Core, by: &Grant<DeleteJobs>) -> Result<Option<JobId>, Fault> {
    if by.scope() != Scope::All {
        return Ok(None);
    }
    let most = core.settings.now().job_log_megabytes.saturating_mul(1_000_000);
    Ok(store::jobs::first_beyond(&mut core.db.read().await?, most).await?)
}

/// Deletes the oldest jobs until the logs of all fit.
async fn fit(core: &Core, by: &Grant<DeleteJobs>) -> Result<i64, Fault> {
    let Some(beyond) = first_beyond(core, by).await? else { return Ok(0) };
    let megabytes = core.settings.now().job_log_megabytes;
    let mut swept = 0;
    loop {
        let mut tx = core.db.begin().await?;
        let deleted = store::jobs::delete_upto(&mut tx, beyond, AT_ONCE).await?;
        if deleted == 0 {
            return Ok(swept);
        }
        let what = format!("{deleted} job logs");
        let detail = format!("all together took more than the {megabytes} MB of the setting");
        let act = Act::new(AuditEvent::RetentionApplied, &what).detail(&detail);
        audit::append(core, &mut tx, by.actor(), act).await?;
        tx.commit().await?;
        swept += i64::try_from(deleted).unwrap_or(i64::MAX);
    }
}

/// How many jobs [`delete_older`] would delete.
pub async fn count_older(core: &Core, by: &Grant<DeleteJobs>, days: Days) -> Result<i64, Fault> {
    let before = Term { rule: Rule::Any, days: days.get() }.before(core.now());
    Ok(store::jobs::count_old(&mut core.db.read().await?, by.scope(), (Rule::Any, before), None).await?)
}

/// Deletes the jobs that ended more than so many days ago, whatever their terms; gives how many.
pub async fn delete_older(core: &Core, by: &Grant<DeleteJobs>, days: Days) -> Result<i64, Fault> {
    let term = Term { rule: Rule::Any, days: days.get() };
    sweep(core, by, term, (core.now(), AuditEvent::JobsDeleted)).await
}

/// Deletes what is older than the term, a bounded number in each transaction, each with its line in the trail.
async fn sweep(
    core: &Core,
    by: &Grant<DeleteJobs>,
    term: Term,
    (now, event): (DateTime<Utc>, AuditEvent),
) -> Result<i64, Fault> {
    let before = term.before(now);
    let mut swept = 0;
    loop {
        let mut tx = core.db.begin().await?;
        let deleted = store::jobs::delete_old(&mut tx, by.scope(), (term.rule, before), AT_ONCE).await?;
        let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
        let is_last = deleted < AT_ONCE;
        if is_last {
            store::jobs::delete_empty_batches(&mut tx, term.rule, before).await?;
        }
        if deleted > 0 {
            let what = format!("{deleted} job logs");
            let detail = match term.rule {
                Rule::Any => format!("ended more than {} days ago", term.days),
                Rule::Own(days) => format!("kept for the {days} days of their schedule"),
                Rule::Setting => format!("kept for the {} days of the setting", term.days),
            };
            let act = Act::new(event, &what).detail(&detail);
            audit::append(core, &mut tx, by.actor(), act).await?;
        }
        tx.commit().await?;
        swept += deleted;
        if is_last {
            return Ok(swept);
        }
    }
}
