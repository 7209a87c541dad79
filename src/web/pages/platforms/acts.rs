//! What is done with saved platform files besides saving them.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use crate::{
    domain::{access::ManagePlatforms, id::RevisionId, revision::RevisionState},
    service::{
        Core,
        platforms::revisions::{self, SaveRevisionError},
    },
    web::{error::PageError, flash::Flash, form::Form, href, reply, session::May, site::Site},
};

/// Which revision.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UseForm {
    revision: String,
}

/// `POST /platforms/{key}/use`: for all devices from here on.
pub async fn take_up(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManagePlatforms>,
    key: Path<String>,
    Form(form): Form<UseForm>,
) -> Result<HttpResponse, PageError> {
    let id: RevisionId = form.revision.parse().map_err(|_| PageError::NotFound)?;
    let flash = match revisions::take_up(&core, &by, id).await {
        Ok(_) => Flash::done(format!("Revision {id} is in use for all devices.")),
        Err(error) => refused(error)?,
    };
    Ok(reply::see_other_saying(&href::platform(&key), &flash, &site))
}

/// What is put aside.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AsideForm {
    state: String,
}

/// `POST /platforms/{key}/aside`: ends the trial, or goes back to the file.
pub async fn put_aside(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManagePlatforms>,
    key: Path<String>,
    Form(form): Form<AsideForm>,
) -> Result<HttpResponse, PageError> {
    let state: RevisionState = form.state.parse().map_err(|_| PageError::NotFound)?;
    let flash = match revisions::put_aside(&core, &by, (&key, state)).await {
        Ok(true) if state == RevisionState::Trial => Flash::done("The trial is over."),
        Ok(true) => Flash::done("The rules are those of the file again."),
        Ok(false) => Flash::warning("There was nothing to put aside: somebody was faster."),
        Err(error) => refused(error)?,
    };
    let back =
        if core.platforms.get(&key).is_some() { href::platform(&key) } else { href::platforms().to_owned() };
    Ok(reply::see_other_saying(&back, &flash, &site))
}

fn refused(error: SaveRevisionError) -> Result<Flash, PageError> {
    match error {
        SaveRevisionError::Fault(fault) => Err(fault.into()),
        SaveRevisionError::Gone => Err(PageError::NotFound),
        other @ (SaveRevisionError::Invalid(_)
        | SaveRevisionError::Long(_)
        | SaveRevisionError::OtherKey(..)
        | SaveRevisionError::Known(_)
        | SaveRevisionError::Device(_)
        | SaveRevisionError::Stale
        | SaveRevisionError::NeededBy(_)
        | SaveRevisionError::Scope) => Ok(Flash::problem(other.to_string())),
    }
}
