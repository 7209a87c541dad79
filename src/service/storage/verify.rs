//! Reading kept contents back: fetched from wherever they are, opened, decompressed and hashed again.
//!
//! One content at a time is in memory. What is found is written down at once: damage is marked on the content and on
//! every version that needs it, and cleared when a content is whole again.

use std::{fmt::Write as _, time::Instant};

use chrono::{DateTime, Duration, Timelike, Utc};
use tokio_util::sync::CancellationToken;

use crate::{
    archive::{self, ArchiveError},
    domain::{
        access::Actor,
        audit::{Act, AuditEvent},
    },
    service::{Core, Fault, audit, notices},
    store::{
        self,
        contents::Found,
        storage_work::{self, Kind, Step},
    },
};

/// Contents whose good end is written down together.
const PAGE: i64 = 50;

/// Versions that a line of the trail names.
const NAMED: i64 = 20;

/// Within so many nights every content is read back.
const NIGHTS: i64 = 28;

/// The hour, in UTC, from which on the night's reading may begin.
const NIGHT: u32 = 1;

/// How many contents are read back, those first that were read longest ago.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// All.
    All,
    /// So many of a hundred, at least one.
    Percent(f64),
    /// So many as one night of `NIGHTS` must, and all that were not read within them.
    Night,
}

/// How far a reading has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Contents that were to be read.
    pub total: i64,
    /// Contents that were read.
    pub checked: i64,
    /// Addresses of those that are damaged, with what is wrong.
    pub damaged: Vec<(String, String)>,
    /// How many were damaged before and are whole again.
    pub mended: i64,
    /// Contents that could not be asked for, because the place where they are is away; and why, of the last one.
    pub unreachable: (i64, Option<String>),
    /// Whether it ended before everything was read.
    pub is_cut: bool,
}

impl Report {
    /// Whether everything that was to be read was, and is whole.
    pub fn is_well(&self) -> bool {
        self.damaged.is_empty() && self.unreachable.0 == 0
    }
}

async fn total(core: &Core, share: Share) -> Result<i64, Fault> {
    let holdings = store::contents::holdings(&mut core.db.read().await?).await?;
    let all: i64 = holdings.iter().map(|holding| holding.contents).sum();
    Ok(match share {
        Share::All => all,
        Share::Night => all.saturating_add(NIGHTS - 1) / NIGHTS,
        Share::Percent(percent) => portion(all, percent),
    })
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a share"
)]
fn portion(all: i64, percent: f64) -> i64 {
    ((all as f64 * percent / 100.0).ceil() as i64).clamp(all.min(1), all)
}

/// Reads contents back until enough are read, until `until`, or until `stop`; `progress` is told after each.
pub async fn run(
    core: &Core,
    by: &Actor,
    (share, until): (Share, Option<Instant>),
    stop: &CancellationToken,
    mut progress: impl FnMut(&Report),
) -> Result<Report, Fault> {
    let overdue = core.now() - Duration::days(NIGHTS);
    let mut report = Report { total: total(core, share).await?, ..Report::default() };
    let mut after = (DateTime::<Utc>::MIN_UTC, String::new());
    let mut walk = 0;
    'walk: loop {
        let mut conn = core.db.read().await?;
        let page = store::contents::page_to_check(&mut conn, (after.0.max(EARLIEST), &after.1), PAGE).await?;
        drop(conn);
        let mut whole = Vec::new();
        let is_last = page.is_empty();
        for found in page {
            let is_due = share == Share::Night && found.checked_at < overdue;
            if walk >= report.total && !is_due {
                note(core, &whole).await?;
                break 'walk;
            }
            if stop.is_cancelled() || until.is_some_and(|until| Instant::now() >= until) {
                report.is_cut = true;
                note(core, &whole).await?;
                break 'walk;
            }
            walk += 1;
            after = (found.checked_at, found.sha256.clone());
            if let Some(sha256) = check(core, by, found, &mut report).await? {
                whole.push(sha256);
            }
            progress(&report);
        }
        note(core, &whole).await?;
        if is_last {
            break;
        }
    }
    if report.checked > 0 {
        told(core, by, &report).await?;
    }
    Ok(report)
}

/// The first moment that both databases can be asked for.
const EARLIEST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Writes down that these were whole, as they were before.
async fn note(core: &Core, whole: &[String]) -> Result<(), Fault> {
    if !whole.is_empty() {
        let mut tx = core.db.begin().await?;
        store::contents::checked(&mut tx, whole, core.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads one back; gives its address when it is whole as it was before, which is written down later with others.
async fn check(core: &Core, by: &Actor, found: Found, report: &mut Report) -> Result<Option<String>, Fault> {
    let wrong = match archive::fetch(&core.db, &core.shelf(), &found.sha256).await {
        Ok(_) => None,
        Err(error) if error.is_damage() => Some(error),
        Err(ArchiveError::Unreachable(place, why)) => {
            report.unreachable =
                (report.unreachable.0 + 1, Some(format!("{place} cannot be reached: {why}")));
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    report.checked += 1;
    match (&wrong, found.is_damaged) {
        (None, false) => return Ok(Some(found.sha256)),
        (None, true) => report.mended += 1,
        (Some(_), _) => {}
    }
    // A content that went with its last version meanwhile is no damage.
    if verdict(core, by, &found.sha256, wrong.as_ref()).await?
        && let Some(wrong) = wrong
    {
        report.damaged.push((found.sha256, wrong.to_string()));
    }
    Ok(None)
}

/// Writes down what reading a content back said: on it, on every version that needs it, and, where that is news, in
/// the trail and for those who want mail of it. `false` when there is no such content.
pub async fn verdict(
    core: &Core,
    by: &Actor,
    sha256: &str,
    wrong: Option<&ArchiveError>,
) -> Result<bool, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    if store::contents::find(&mut tx, sha256).await?.is_none() {
        return Ok(false);
    }
    let is_news = store::contents::mark(&mut tx, sha256, wrong.is_some(), now).await?;
    if is_news {
        let versions = store::contents::users(&mut tx, sha256, NAMED).await?;
        let mut names = String::new();
        for (id, _, device) in &versions {
            let _ = write!(names, "{}version {id} of {device}", if names.is_empty() { "" } else { ", " });
        }
        if names.is_empty() {
            names.push_str("no version");
        }
        let text = if let Some(error) = wrong {
            tracing::error!(content = sha256, %error, versions = names, "a kept content is damaged");
            format!("content {sha256} of {names} is damaged: {error}")
        } else {
            tracing::info!(content = sha256, versions = names, "a damaged content is whole again");
            format!("content {sha256} of {names} is whole again")
        };
        if wrong.is_some() {
            notices::of_damage(&mut tx, &versions, now).await?;
        }
        audit::append(core, &mut tx, by, Act::new(AuditEvent::ContentChecked, &names).detail(&text)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Leaves one line in the trail about a reading.
async fn told(core: &Core, by: &Actor, report: &Report) -> Result<(), Fault> {
    let name = format!("{} of {} contents", report.checked, report.total.max(report.checked));
    let detail = format!(
        "{} damaged, {} whole again, {} out of reach{}",
        report.damaged.len(),
        report.mended,
        report.unreachable.0,
        if report.is_cut { "; the time was over" } else { "" }
    );
    let mut tx = core.db.begin().await?;
    let act = Act::new(AuditEvent::StorageVerified, &name).detail(&detail);
    audit::append(core, &mut tx, by, act).await?;
    tx.commit().await?;
    Ok(())
}

/// Reads the night's share back, on one node, once a night: it is called every hour and by every node.
pub async fn nightly(core: &Core) -> Result<Option<Report>, Fault> {
    let now = core.now();
    let minutes = core.settings.now().verify_minutes;
    if minutes == 0 || now.hour() < NIGHT || core.keyring.why_sealed().is_some() {
        return Ok(None);
    }
    let tonight = now.date_naive().and_hms_opt(NIGHT, 0, 0).map_or(now, |at| at.and_utc());
    let until = now + Duration::minutes(minutes);
    let mut tx = core.db.begin().await?;
    let is_ours = storage_work::begin_if_older(&mut tx, Kind::Verify, (tonight, until), now).await?;
    tx.commit().await?;
    if !is_ours {
        return Ok(None);
    }
    let end =
        Instant::now() + std::time::Duration::from_secs(u64::try_from(minutes * 60).unwrap_or_default());
    let report = run(core, &Actor::system(), (Share::Night, Some(end)), &core.stopping, |_| {}).await?;
    let step = Step {
        done: report.checked,
        failed: i64::try_from(report.damaged.len()).unwrap_or(i64::MAX),
        message: report.unreachable.1.clone(),
        is_over: true,
        ..Step::default()
    };
    let mut tx = core.db.begin().await?;
    storage_work::advance(&mut tx, (Kind::Verify, now), &step, core.now()).await?;
    tx.commit().await?;
    Ok(Some(report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_at_least_one_and_at_most_all() {
        for (all, percent, wanted) in
            [(0, 5.0, 0), (1, 5.0, 1), (100, 5.0, 5), (101, 5.0, 6), (10, 100.0, 10), (10, 0.0001, 1)]
        {
            assert_eq!(portion(all, percent), wanted, "{percent} of {all}");
        }
    }
}
