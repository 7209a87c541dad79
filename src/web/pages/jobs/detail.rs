//! One job: what came of it, why it failed, and its log.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    header::Header,
    line,
    log::{FOUND, Filters, LogQuery, filters},
};
use crate::{
    domain::{
        access::{DeleteJobs, ReadRaw, RunBackups, ViewDevices},
        entry::Entry,
        id::JobId,
        job::{Job, JobDetails, JobState},
        page::PageRequest,
    },
    service::{
        Core,
        jobs::{self, logs},
        platforms,
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing, Params},
        href, lists,
        parts::LogView,
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// Lines of the log on one page.
const LINES: i64 = 5_000;

/// Why a job failed, for people.
#[derive(Debug)]
pub struct Failing {
    title: &'static str,
    at: &'static str,
    meaning: &'static str,
    message: String,
    advice: &'static str,
}

impl Failing {
    fn of(job: &Job) -> Option<Self> {
        let trouble = words::trouble(job.class?);
        Some(Self {
            title: trouble.title,
            at: job.stage.map_or("", words::stage),
            meaning: trouble.meaning,
            message: job.message.clone().unwrap_or_default(),
            advice: trouble.advice,
        })
    }
}

#[derive(Template)]
#[template(path = "jobs/detail.html")]
struct JobPage {
    shell: Shell,
    job: Header,
    is_busy: bool,
    cancel: Option<String>,
    failing: Option<Failing>,
    screen: Option<String>,
    cuts: Vec<&'static str>,
    log: LogView,
    more: Option<String>,
    around: Around,
    filters: Filters,
    delete: Option<String>,
}

/// What surrounds the job today.
#[derive(Debug)]
pub struct Around {
    place: Option<String>,
    is_deleted: bool,
    schedule: Option<String>,
    node: Option<String>,
    credential: Option<String>,
    kept: Option<String>,
    transcript: Option<(String, String)>,
}

impl Around {
    fn of(core: &Core, id: JobId, details: JobDetails, may_raw: bool) -> Self {
        let named = |platform: &str| platforms::title(core, platform);
        Self {
            place: details
                .device
                .map(|(address, port, platform)| format!("{address}:{port}, {}", named(&platform))),
            is_deleted: details.is_deleted,
            schedule: details.schedule.map(|(_, name)| name),
            node: details.node.map(|(host, pid)| format!("{host}, process {pid}")),
            credential: details.credential,
            kept: details.retention_days.map(|days| words::count(days.into(), "day")),
            transcript: details
                .transcript
                .filter(|_| may_raw)
                .map(|(bytes, _)| (href::job_transcript(id), words::size(bytes))),
        }
    }
}

/// `GET /jobs/{id}`: the same words with and without script.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(query): Params<LogQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    let (job, details) = logs::with_details(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let filter = query.filter();
    let is_live = filter.is_none() && !job.state.is_settled(job.finished_at, core.now());
    let after = query.after.parse().unwrap_or(0).max(0);
    let request = PageRequest { size: FOUND, ..lists::requested(&query.page) };
    let (entries, found) = match &filter {
        None => (jobs::entries(&core, &by, id, (after, LINES)).await?, None),
        Some(filter) => {
            let page = logs::entries(&core, &by, id, (filter, request)).await?;
            let pager = lists::pager(&page, |number| query.href(id, number));
            (page.rows, Some((page.total, pager)))
        }
    };
    let screen = match job.class {
        Some(_) => jobs::screen(&core, &by, id).await?,
        None => None,
    };
    let cuts = jobs::cuts(&core, &by, id).await?;
    let actor = by.actor();
    let may_cancel = by.actor().may::<RunBackups>() && !job.state.is_over();
    reply::html(&JobPage {
        shell,
        is_busy: !job.state.is_over(),
        cancel: may_cancel.then(|| href::job_cancel(id)),
        failing: Failing::of(&job),
        screen,
        cuts: cuts.into_iter().map(words::cut).collect(),
        more: if filter.is_none() { more(id, &entries) } else { None },
        around: Around::of(&core, id, details, actor.may::<ReadRaw>()),
        filters: filters(id, &query, found),
        delete: (actor.may::<DeleteJobs>() && job.state.is_over()).then(|| href::job_delete(id)),
        log: log(id, &entries, after, is_live),
        job: Header::from(&job),
    })
}

fn log(id: JobId, entries: &[Entry], after: i64, is_live: bool) -> LogView {
    LogView {
        lines: entries.iter().map(line).collect(),
        last: entries.last().map_or(after, |entry| entry.seq),
        live: is_live.then(|| href::job_events(id)),
    }
}

/// The address of the log's next page, when this one is full.
fn more(id: JobId, entries: &[Entry]) -> Option<String> {
    let is_full = i64::try_from(entries.len()).is_ok_and(|count| count >= LINES);
    let last = entries.last().filter(|_| is_full)?;
    Some(href::with(&href::job(id), &[("after", &last.seq.to_string())]))
}

/// `POST /jobs/{id}/cancel`: a waiting job ends at once, a running one as soon as its worker looks.
pub async fn cancel(
    (core, site): (Data<Core>, Data<Site>),
    (by, view): (May<RunBackups>, May<ViewDevices>),
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    jobs::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    let flash = match jobs::cancel(&core, &by, id).await? {
        Some(JobState::Running) => Flash::done("The job has been asked to stop. It ends in a moment."),
        Some(_) => Flash::done("The job is canceled."),
        None => Flash::warning("The job was over already."),
    };
    Ok(reply::see_other_saying(&href::job(id), &flash, &site))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        domain::{
            entry::Level,
            failure::{FailureClass, Stage},
            id::BackupId,
        },
        web::pages::jobs::tests::job,
    };

    fn entries(count: i64) -> Vec<Entry> {
        (1..=count)
            .map(|seq| Entry {
                seq,
                at: DateTime::UNIX_EPOCH,
                level: Level::Info,
                stage: None,
                text: String::new(),
                was_truncated: None,
            })
            .collect()
    }

    #[test]
    fn the_script_goes_on_where_the_page_ends() {
        let view = log(JobId(7), &entries(3), 0, true);
        assert_eq!((view.last, view.live.as_deref()), (3, Some("/jobs/7/events")));
        let view = log(JobId(7), &[], 40, false);
        assert_eq!((view.last, view.live), (40, None));
    }

    #[test]
    fn a_long_log_has_a_next_page() {
        assert_eq!(more(JobId(7), &entries(3)), None);
        assert_eq!(more(JobId(7), &entries(LINES)).as_deref(), Some("/jobs/7?after=5000"));
    }

    #[test]
    fn a_failure_is_told_in_words() {
        let mut failed = job(JobState::Failed);
        assert!(Failing::of(&failed).is_none());
        failed.class = Some(FailureClass::Timeout);
        failed.stage = Some(Stage::Prompt);
        let told = Failing::of(&failed).unwrap();
        assert_eq!(told.at, words::stage(Stage::Prompt));
        assert!(!told.advice.is_empty());
    }

    #[test]
    fn a_job_that_found_nothing_new_names_the_version_it_confirmed() {
        let mut done = job(JobState::Succeeded);
        done.outcome = Some(crate::domain::job::Outcome::Unchanged);
        done.backup = Some(BackupId(9));
        let header = Header::from(&done);
        assert_eq!(header.version, Some(("/backups/9".into(), "The version it confirmed")));
    }
}
