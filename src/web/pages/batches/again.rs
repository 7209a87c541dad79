//! Trying again what failed for one reason.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use crate::{
    domain::{
        access::{RunBackups, ViewDevices},
        batch::Cause,
        id::BatchId,
        job::UsedCredential,
    },
    service::{Core, batches},
    web::{error::PageError, flash::Flash, form::Form, href, reply, session::May, site::Site, words},
};

/// The reason, as the button sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CauseForm {
    /// How the jobs ended.
    pub state: String,
    /// Why.
    pub class: String,
    /// With which credential.
    pub credential: String,
}

/// A reason as form fields.
pub fn form(cause: &Cause) -> CauseForm {
    CauseForm {
        state: cause.state.as_str().to_owned(),
        class: cause.class.as_str().to_owned(),
        credential: cause.credential.clone().unwrap_or_else(|| UsedCredential::NONE.to_owned()),
    }
}

fn parse(form: CauseForm) -> Option<Cause> {
    Some(Cause {
        state: form.state.parse().ok()?,
        class: form.class.parse().ok()?,
        credential: Some(form.credential).filter(|name| name != UsedCredential::NONE),
    })
}

/// `POST /batches/{id}/again`: queues the failed jobs again, as a batch of their own.
pub async fn again(
    (core, site): (Data<Core>, Data<Site>),
    by: May<RunBackups>,
    view: May<ViewDevices>,
    id: Path<i64>,
    Form(form): Form<CauseForm>,
) -> Result<HttpResponse, PageError> {
    let id = BatchId(*id);
    batches::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    let started = match parse(form) {
        Some(cause) => batches::again(&core, &by, id, &cause).await?,
        None => None,
    };
    let (to, flash) = match started {
        Some(started) => {
            let jobs = i64::try_from(started.jobs.len() - started.joined).unwrap_or(i64::MAX);
            let joined = i64::try_from(started.joined).unwrap_or(i64::MAX);
            let told = match (jobs, joined) {
                (0, _) => {
                    let flash = Flash::warning("Nothing was started: these devices have jobs already.");
                    return Ok(reply::see_other_saying(&href::batch(id), &flash, &site));
                }
                (jobs, 0) => format!("{} queued again.", words::count(jobs, "job")),
                (jobs, joined) => format!(
                    "{} queued again; {} already had one.",
                    words::count(jobs, "job"),
                    words::count(joined, "device")
                ),
            };
            (href::batch(started.batch), Flash::done(told))
        }
        None => (href::batch(id), Flash::problem("Nothing was started: no job failed for this reason.")),
    };
    Ok(reply::see_other_saying(&to, &flash, &site))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{failure::FailureClass, job::JobState};

    #[test]
    fn a_reason_survives_its_form() {
        for credential in [None, Some("the shared credential tacacs".to_owned())] {
            let cause = Cause { state: JobState::Failed, class: FailureClass::AuthFailed, credential };
            assert_eq!(parse(form(&cause)), Some(cause));
        }
        assert_eq!(parse(CauseForm::default()), None);
    }
}
