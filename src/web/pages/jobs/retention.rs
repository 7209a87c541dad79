//! Old job logs: what would go, and the buttons that let it go.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::DeleteJobs,
        retention::{Days, Swept},
    },
    service::{Core, jobs::retention},
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Nothing, Params},
        href, reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// A number of days to look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DaysQuery {
    days: String,
}

/// The same to delete by.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DaysForm {
    days: String,
}

#[derive(Template)]
#[template(path = "jobs/retention.html")]
struct RetentionPage {
    shell: Shell,
    setting_days: String,
    own: Vec<(String, String)>,
    by_setting: String,
    most: String,
    by_size: String,
    policy: String,
    total: i64,
    total_told: String,
    days: String,
    older: Option<String>,
    complaints: Complaints,
}

async fn show(
    core: &Core,
    by: &May<DeleteJobs>,
    raw: String,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let swept: Swept = retention::preview(core, by).await?;
    let (mut complaints, mut older) = (Complaints::default(), None);
    if !raw.trim().is_empty()
        && let Some(days) = complaints.parse::<Days>("days", &raw)
    {
        older = Some(words::count(retention::count_older(core, by, days).await?, "job"));
    }
    let jobs = |count| words::count(count, "job");
    let page = RetentionPage {
        shell,
        setting_days: words::count(core.settings.now().job_log_days, "day"),
        own: swept
            .own
            .iter()
            .map(|(days, count)| (words::count((*days).into(), "day"), jobs(*count)))
            .collect(),
        by_setting: jobs(swept.by_setting),
        most: format!("{} MB in all", words::grouped(core.settings.now().job_log_megabytes)),
        by_size: jobs(swept.by_size),
        policy: jobs(swept.policy_count()),
        total: swept.total(),
        total_told: jobs(swept.total()),
        days: raw,
        older,
        complaints: complaints.clone(),
    };
    reply::form_page(&page, &complaints)
}

/// `GET /jobs/retention`: what would go now; with `days`, also what is older than that.
pub async fn page(
    core: Data<Core>,
    by: May<DeleteJobs>,
    Params(query): Params<DaysQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    show(&core, &by, query.days, shell).await
}

/// `POST /jobs/retention`: lets it go.
pub async fn apply(
    core: Data<Core>,
    site: Data<Site>,
    by: May<DeleteJobs>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let swept = retention::apply(&core, &by).await?;
    let flash = Flash::done(format!("{} deleted with their logs.", words::count(swept.total(), "job")));
    Ok(reply::see_other_saying(href::job_retention(), &flash, &site))
}

/// `POST /jobs/older`: deletes what ended more than so many days ago, whatever its term.
pub async fn delete_older(
    core: Data<Core>,
    site: Data<Site>,
    by: May<DeleteJobs>,
    Form(form): Form<DaysForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let Ok(days) = form.days.parse::<Days>() else {
        // An empty field is wrong here; the page says so at a number that is none.
        let raw = if form.days.trim().is_empty() { "none".to_owned() } else { form.days };
        return show(&core, &by, raw, shell).await;
    };
    let deleted = retention::delete_older(&core, &by, days).await?;
    let flash = Flash::done(format!("{} deleted with their logs.", words::count(deleted, "job")));
    Ok(reply::see_other_saying(href::job_retention(), &flash, &site))
}
