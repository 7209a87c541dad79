//! The list of jobs.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{badge, lately::Lately};
use crate::{
    domain::{
        access::{DeleteJobs, RunBackups, ViewDevices},
        failure::FailureClass,
        id::BatchId,
        job::{Job, JobFilter, JobKind, JobState, Outcome, UsedCredential},
    },
    service::{
        Core, devices,
        jobs::{self, logs},
        schedules,
    },
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Choice, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// The list's address, as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct JobQuery {
    state: String,
    outcome: String,
    class: String,
    credential: String,
    device: String,
    batch: String,
    kind: String,
    by: String,
    schedule: String,
    from: String,
    until: String,
    text: String,
    page: String,
}

impl JobQuery {
    /// What is asked for; words that mean nothing filter nothing.
    fn filter(&self) -> JobFilter {
        let said = |raw: &str| Some(raw.trim().to_owned()).filter(|text| !text.is_empty());
        JobFilter {
            device: self.device.parse().ok(),
            batch: self.batch.parse().ok(),
            state: self.state.parse().ok(),
            outcome: self.outcome.parse().ok(),
            class: self.class.parse().ok(),
            credential: said(&self.credential).map(|name| match name.as_str() {
                UsedCredential::NONE => UsedCredential::None,
                _ => UsedCredential::Named(name),
            }),
            kind: self.kind.parse().ok(),
            started_by: said(&self.by),
            schedule: self.schedule.parse().ok(),
            from: lists::day(&self.from),
            until: lists::day_after(&self.until),
            text: said(&self.text),
        }
    }

    fn is_filtered(&self) -> bool {
        let of = [&self.state, &self.outcome, &self.class, &self.device, &self.kind];
        let more = [&self.by, &self.schedule, &self.from, &self.until, &self.text, &self.credential];
        of.into_iter().chain(more).any(|value| !value.trim().is_empty())
    }

    fn href(&self, page: &str) -> String {
        let fields = [
            ("batch", self.batch.as_str()),
            ("device", &self.device),
            ("state", &self.state),
            ("outcome", &self.outcome),
            ("class", &self.class),
            ("credential", &self.credential),
            ("kind", &self.kind),
            ("by", &self.by),
            ("schedule", &self.schedule),
            ("from", &self.from),
            ("until", &self.until),
            ("text", &self.text),
            ("page", page),
        ];
        href::with(href::jobs(), &fields)
    }
}

/// A row.
#[derive(Debug)]
pub struct JobLine {
    href: String,
    device: String,
    device_href: Option<String>,
    badge: Badge,
    trouble: &'static str,
    started_by: String,
    at: Moment,
    took: String,
}

impl From<Job> for JobLine {
    fn from(job: Job) -> Self {
        Self {
            href: href::job(job.id),
            device_href: job.device.map(href::device),
            badge: badge(&job),
            trouble: job.class.map_or("", |class| words::trouble(class).title),
            at: Moment::relative(job.finished_at.or(job.started_at).unwrap_or(job.queued_at)),
            took: job.duration_ms.map_or_else(String::new, lists::span),
            device: job.device_name,
            started_by: job.started_by,
        }
    }
}

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct JobsPage {
    shell: Shell,
    heading: String,
    of_batch: Option<(String, String)>,
    of_device: Option<(String, String)>,
    of_credential: Option<String>,
    query: JobQuery,
    states: Vec<Choice>,
    outcomes: Vec<Choice>,
    classes: Vec<Choice>,
    kinds: Vec<Choice>,
    schedules: Vec<Choice>,
    lately: Option<[Lately; 2]>,
    retention: bool,
    is_filtered: bool,
    is_busy: bool,
    rows: Vec<JobLine>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /jobs`: the newest first; the address holds the filters.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(query): Params<JobQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let filter = query.filter();
    let found = jobs::list(&core, &by, &filter, lists::recent(&query.page)).await?;
    let device = match filter.device {
        Some(device) => devices::find(&core, &by, device).await?,
        None => None,
    };
    let lately = match (filter.batch, filter.device) {
        (None, None) => {
            let (day, week) = logs::ends(&core, &by).await?;
            Some([Lately::of("Last 24 hours", day), Lately::of("Last 7 days", week)])
        }
        _ => None,
    };
    let may_run = by.actor().may::<RunBackups>();
    reply::html(&JobsPage {
        shell,
        heading: filter.batch.map_or_else(|| "Jobs".to_owned(), |batch| format!("Jobs of batch {batch}")),
        of_batch: filter.batch.map(|id: BatchId| (format!("Batch {id}"), href::batch(id))),
        of_credential: filter.credential.as_ref().map(credential),
        of_device: device.map(|found| (found.device.name, href::device(found.device.id))),
        is_busy: found.rows.iter().any(|job| !job.state.is_over()),
        states: states(&query.state),
        outcomes: outcomes(&query.outcome),
        classes: classes(&query.class),
        kinds: kinds(&query.kind),
        schedules: of_schedules(&core, &by, &query.schedule).await?,
        lately,
        retention: by.actor().may::<DeleteJobs>(),
        is_filtered: query.is_filtered(),
        pager: lists::pager(&found, |number| query.href(number)),
        rows: found.rows.into_iter().map(JobLine::from).collect(),
        empty: empty(query.is_filtered() || filter.batch.is_some(), may_run),
        query,
    })
}

fn credential(used: &UsedCredential) -> String {
    match used {
        UsedCredential::None => "Only jobs that tried no credential.".to_owned(),
        UsedCredential::Named(name) => format!("Only jobs with {name}."),
    }
}

fn states(chosen: &str) -> Vec<Choice> {
    let words = JobState::ALL.iter().map(|state| state.as_str());
    lists::choices("Any state", chosen, words.map(|word| (word, lists::label(word))))
}

fn outcomes(chosen: &str) -> Vec<Choice> {
    let words = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    lists::choices("Any outcome", chosen, words.map(|word| (word, lists::label(word))))
}

fn classes(chosen: &str) -> Vec<Choice> {
    let words = FailureClass::ALL.iter();
    lists::choices(
        "Any reason",
        chosen,
        words.map(|class| (class.as_str(), words::trouble(*class).title.to_owned())),
    )
}

fn kinds(chosen: &str) -> Vec<Choice> {
    let words = JobKind::ALL.iter().map(|kind| kind.as_str());
    lists::choices("Any kind", chosen, words.map(|word| (word, lists::label(word))))
}

async fn of_schedules(core: &Core, by: &May<ViewDevices>, chosen: &str) -> Result<Vec<Choice>, PageError> {
    let known = schedules::names(core, by).await?;
    let known: Vec<(String, String)> = known.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    Ok(lists::choices("Any schedule", chosen, known.iter().map(|(id, name)| (id.as_str(), name.clone()))))
}

fn empty(is_filtered: bool, may_run: bool) -> Empty {
    if is_filtered {
        return Empty {
            icon: "filter",
            title: "No job matches",
            text: "No job fits these filters. Take some of them away.",
            action: Some(Action { label: "Show all jobs", href: href::jobs().to_owned() }),
        };
    }
    Empty {
        icon: "list-check",
        title: "No jobs yet",
        text: "A job is one backup of one device. The first appear when somebody starts a backup or a schedule falls due.",
        action: may_run.then(|| Action { label: "To the devices", href: href::devices().to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::jobs::tests::job;

    #[test]
    fn the_address_holds_what_was_chosen() {
        let query: JobQuery =
            serde_html_form::from_str("state=failed&class=nonsense&batch=4&more=1").unwrap();
        let filter = query.filter();
        assert_eq!(filter.state, Some(JobState::Failed));
        assert_eq!((filter.class, filter.batch.map(|id| id.0)), (None, Some(4)));
        assert_eq!(query.href("2"), "/jobs?batch=4&state=failed&class=nonsense&page=2");
        assert_eq!(JobQuery::default().href(""), "/jobs");
    }

    #[test]
    fn a_failed_job_says_why() {
        let mut failed = job(JobState::Failed);
        failed.class = Some(FailureClass::AuthFailed);
        failed.duration_ms = Some(1_234);
        let line = JobLine::from(failed);
        assert_eq!(line.trouble, words::trouble(FailureClass::AuthFailed).title);
        assert_eq!((line.took.as_str(), line.href.as_str()), ("1.2 s", "/jobs/7"));
    }
}
