//! Starting backups: of one device, of those chosen in the list, of all.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;

use crate::{
    domain::{access::RunBackups, id::DeviceId},
    service::{
        Core,
        jobs::{self, Started, Which},
    },
    web::{error::PageError, flash::Flash, form::Form, href, reply, request, session::May, words},
};

/// Which devices are meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunForm {
    which: String,
    devices: Vec<String>,
}

impl RunForm {
    fn which(&self) -> Which {
        if self.which == "all" {
            Which::All
        } else {
            let ids = self.devices.iter().filter_map(|id| id.parse::<DeviceId>().ok());
            Which::These(ids.collect())
        }
    }
}

/// `POST /backups/run`: queues backups and shows the job, or the jobs.
pub async fn run(
    req: HttpRequest,
    core: Data<Core>,
    by: May<RunBackups>,
    Form(form): Form<RunForm>,
) -> Result<HttpResponse, PageError> {
    let site = request::site(&req)?;
    let Some(started) = jobs::back_up(&core, &by, form.which()).await? else {
        let flash = Flash::problem("No backup was started: select at least one device.");
        return Ok(reply::see_other_saying(href::devices(), &flash, &site));
    };
    let (to, flash) = answer(&started);
    Ok(reply::see_other_saying(&to, &flash, &site))
}

/// `POST /devices/check`: looks whether devices can be reached, and shows the job, or the jobs.
pub async fn check(
    req: HttpRequest,
    core: Data<Core>,
    by: May<RunBackups>,
    Form(form): Form<RunForm>,
) -> Result<HttpResponse, PageError> {
    let site = request::site(&req)?;
    let Some(started) = jobs::check(&core, &by, form.which()).await? else {
        let flash = Flash::problem("Nothing was started: select at least one device.");
        return Ok(reply::see_other_saying(href::devices(), &flash, &site));
    };
    let to = match started.jobs.as_slice() {
        [(job, _)] => href::job(*job),
        _ => href::batch(started.batch),
    };
    Ok(reply::see_other_saying(&to, &Flash::done("The check has been started."), &site))
}

/// Where to look, and what is said there.
fn answer(started: &Started) -> (String, Flash) {
    let all = started.jobs.len();
    let number = |count: usize| words::count(i64::try_from(count).unwrap_or(i64::MAX), "device");
    match (started.jobs.as_slice(), started.joined) {
        ([(job, _)], 0) => (href::job(*job), Flash::done("The backup has been started.")),
        ([(job, _)], _) => {
            (href::job(*job), Flash::warning("A backup of this device was under way already; this is it."))
        }
        (_, joined) if joined >= all => {
            (href::jobs().to_owned(), Flash::warning("Backups of all these devices were under way already."))
        }
        (_, 0) => (
            href::batch(started.batch),
            Flash::done(format!("Backups of {} have been started.", number(all))),
        ),
        (_, joined) => (
            href::batch(started.batch),
            Flash::done(format!(
                "Backups of {} have been started; {joined} more were under way already.",
                number(all - joined)
            )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{BatchId, JobId};

    fn started(jobs: i64, joined: usize) -> (String, Flash) {
        answer(&Started {
            batch: BatchId(9),
            jobs: (1..=jobs).map(|id| (JobId(id), DeviceId(id))).collect(),
            joined,
        })
    }

    #[test]
    fn one_job_is_shown_itself_and_many_as_a_batch() {
        assert_eq!(started(1, 0).0, "/jobs/1");
        assert_eq!(started(1, 1).0, "/jobs/1");
        assert_eq!(started(3, 3).0, "/jobs");
        assert_eq!(started(3, 0).0, "/batches/9");
        assert_eq!(
            started(3, 1).1,
            Flash::done("Backups of 2 devices have been started; 1 more were under way already.")
        );
    }

    #[test]
    fn what_is_no_id_is_no_device() {
        let form = RunForm { which: "these".into(), devices: vec!["7".into(), "x".into(), "-".into()] };
        assert!(matches!(form.which(), Which::These(ids) if ids == [DeviceId(7)]));
        assert!(matches!(RunForm::default().which(), Which::These(ids) if ids.is_empty()));
    }
}
