//! The start page: how the house stands, and what to do about it.

mod in_words;
mod silent;

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use in_words::{queue, sentence};
use silent::Unheard;

use crate::{
    domain::{
        access::{ManageDevices, ManageSettings, RunBackups, ViewDevices},
        backup::Backup,
        device::{Device, Standing},
        job::Job,
        schedule::Schedule,
    },
    service::{
        Core,
        dashboard::{self, Overview},
        self_backup::Standing as OwnStanding,
    },
    web::{
        error::PageError,
        href, lists,
        parts::{Badge, Moment},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// A number that leads to the devices it counts.
#[derive(Debug)]
struct Tile {
    number: String,
    badge: Badge,
    href: String,
}

/// A device that somebody should look at.
#[derive(Debug)]
struct Attention {
    name: String,
    href: String,
    badge: Badge,
    title: &'static str,
    advice: &'static str,
    job: Option<(String, Moment)>,
}

impl Attention {
    fn of(device: Device) -> Option<Self> {
        let job = device.last_job.as_ref()?;
        let trouble = words::trouble_of(job.state, job.outcome, job.class)?;
        Some(Self {
            href: href::device(device.id),
            badge: words::standing_badge(device.standing()),
            title: trouble.title,
            advice: trouble.advice,
            job: Some((href::job(job.id), Moment::relative(job.at))),
            name: device.name,
        })
    }
}

/// A version of the last day.
#[derive(Debug)]
struct Change {
    name: String,
    device: String,
    href: String,
    is_first: bool,
    added: String,
    removed: String,
    at: Moment,
}

impl From<Backup> for Change {
    fn from(backup: Backup) -> Self {
        let is_first = backup.removed == 0 && backup.added >= backup.lines;
        Self {
            device: href::device(backup.device),
            href: if is_first { href::backup(backup.id) } else { href::backup_diff(backup.id) },
            is_first,
            added: words::grouped(backup.added.into()),
            removed: words::grouped(backup.removed.into()),
            at: Moment::relative(backup.taken_at),
            name: backup.device_name,
        }
    }
}

/// A job of the newest.
#[derive(Debug)]
struct JobRow {
    href: String,
    name: String,
    badge: Badge,
    detail: &'static str,
    at: Moment,
    took: Option<String>,
}

impl From<Job> for JobRow {
    fn from(job: Job) -> Self {
        let word = job
            .outcome
            .filter(|_| job.state.is_over())
            .map_or(job.state.as_str(), |outcome| outcome.as_str());
        Self {
            href: href::job(job.id),
            badge: Badge::of_word(word),
            detail: job.class.map_or("", |class| words::trouble(class).title),
            at: Moment::relative(job.finished_at.or(job.started_at).unwrap_or(job.queued_at)),
            took: job.duration_ms.filter(|_| job.state.is_over()).map(lists::span),
            name: job.device_name,
        }
    }
}

/// A schedule that will fire.
#[derive(Debug)]
struct NextRun {
    name: String,
    words: String,
    at: Option<Moment>,
}

impl From<Schedule> for NextRun {
    fn from(schedule: Schedule) -> Self {
        Self {
            words: schedule.recurrence.in_words(),
            at: schedule.next_run_at.map(Moment::relative),
            name: schedule.name,
        }
    }
}

/// Everything below the heading.
struct View {
    sentence: String,
    tone: &'static str,
    icon: &'static str,
    tiles: Vec<Tile>,
    attention: Vec<Attention>,
    stopped: Vec<(String, String)>,
    silent: Vec<Unheard>,
    changes: Vec<Change>,
    jobs: Vec<JobRow>,
    queue: String,
    is_busy: bool,
    schedules: Vec<NextRun>,
    /// What happens to devices that no schedule means.
    without_schedule: String,
    own: Own,
    why_sealed: Option<String>,
    damaged: Option<(String, String)>,
}

/// How NetRaven stands with copies of itself.
struct Own {
    at: Option<Moment>,
    is_on: bool,
    trouble: Option<&'static str>,
}

impl From<OwnStanding> for Own {
    fn from(standing: OwnStanding) -> Self {
        let trouble = match (standing.failed.is_some(), standing.is_overdue) {
            (true, _) => Some("The last copy of NetRaven itself failed; the program's log says why."),
            (false, true) => Some("NetRaven itself has not been copied for twice as long as it should be."),
            (false, false) => None,
        };
        let at = standing.newest.map(|newest| Moment::relative(newest.started_at));
        Self { at, is_on: standing.every.is_some(), trouble }
    }
}

impl View {
    fn of(overview: Overview, may_see_nodes: bool) -> Self {
        let (waiting, running) = overview.queue;
        let has_bad = !overview.silent.is_empty()
            || overview.standings.iter().any(|(standing, number)| *number > 0 && *standing != Standing::Good);
        Self {
            sentence: sentence(&overview.standings),
            tone: if has_bad { "warn" } else { "ok" },
            icon: if has_bad { "info-circle" } else { "circle-check" },
            tiles: overview.standings.iter().map(|(s, number)| tile(*s, *number)).collect(),
            attention: overview.attention.into_iter().filter_map(Attention::of).collect(),
            stopped: overview.stopped.into_iter().map(|(id, name)| (href::credential(id), name)).collect(),
            silent: overview.silent.iter().map(|one| Unheard::of(one, may_see_nodes)).collect(),
            changes: overview.changes.into_iter().map(Change::from).collect(),
            jobs: overview.jobs.into_iter().map(JobRow::from).collect(),
            queue: queue(waiting, running),
            is_busy: waiting + running > 0,
            schedules: overview.schedules.into_iter().map(NextRun::from).collect(),
            without_schedule: match overview.every_hours {
                Some(hours) => format!("NetRaven backs up each device by itself every {hours} h."),
                None => "Backups run only when somebody starts them.".to_owned(),
            },
            own: overview.self_backup.into(),
            why_sealed: overview.why_sealed,
            damaged: damaged(overview.damaged),
        }
    }
}

/// What is said of versions that do not read back, and where they are; nothing when there are none.
fn damaged(number: i64) -> Option<(String, String)> {
    let list = href::with(href::backups(), &[("state", "damaged")]);
    (number > 0).then(|| (words::count(number, "version"), list))
}

fn tile(standing: Standing, number: i64) -> Tile {
    let query = [("standing", standing.as_str()), ("enabled", "yes")];
    Tile {
        number: words::grouped(number),
        badge: words::standing_badge(standing),
        href: href::with(href::devices(), &query),
    }
}

#[derive(Template)]
#[template(path = "dashboard/page.html")]
struct DashboardPage {
    shell: Shell,
    view: View,
    has_devices: bool,
    may_run: bool,
    may_manage: bool,
}

/// `GET /`: the start page.
pub async fn page(core: Data<Core>, by: May<ViewDevices>, shell: Shell) -> Result<HttpResponse, PageError> {
    let overview = dashboard::overview(&core, &by).await?;
    reply::html(&DashboardPage {
        shell,
        has_devices: overview.standings.iter().any(|(_, number)| *number > 0),
        view: View::of(overview, by.actor().may::<ManageSettings>()),
        may_run: by.actor().may::<RunBackups>(),
        may_manage: by.actor().may::<ManageDevices>(),
    })
}
