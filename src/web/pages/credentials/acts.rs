//! What is done with a shared credential: links to tags, tests, going on after a stop, the end of a rotation.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use crate::{
    domain::{
        access::ManageCredentials,
        id::{CredentialId, DeviceId, TagId},
    },
    service::{
        Core,
        credentials::{self, SaveCredentialError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href, reply,
        session::May,
        site::Site,
    },
};

/// A tag to be linked, or to be unlinked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagForm {
    tag: String,
    priority: String,
    /// The id of a tag to be unlinked.
    remove: String,
}

/// The devices to be tried.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TestForm {
    devices: Vec<String>,
}

fn back(id: CredentialId, flash: &Flash, site: &Site) -> HttpResponse {
    reply::see_other_saying(&href::credential(id), flash, site)
}

fn refused(error: SaveCredentialError) -> Result<Flash, PageError> {
    match error {
        SaveCredentialError::Fault(fault) => Err(fault.into()),
        SaveCredentialError::Gone => Err(PageError::NotFound),
        other @ (SaveCredentialError::NameTaken
        | SaveCredentialError::Changed
        | SaveCredentialError::InUse(_)
        | SaveCredentialError::ShownTo(_)
        | SaveCredentialError::Scope) => Ok(Flash::problem(format!("Nothing was changed: {other}."))),
    }
}

/// `POST /credentials/{id}/tags`.
pub async fn tags(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(form): Form<TagForm>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    if let Ok(tag) = form.remove.parse() {
        let flash = match credentials::unlink(&core, &by, id, TagId(tag)).await {
            Ok(()) => Flash::done("It is no longer tried through this tag."),
            Err(error) => refused(error)?,
        };
        return Ok(back(id, &flash, &site));
    }
    let priority = form.priority.trim().parse::<i32>().ok().filter(|number| (1..=1_000).contains(number));
    let flash = match (form.tag.parse().map(TagId), priority) {
        (Err(_), _) => Flash::problem("Nothing was changed: choose a tag."),
        (_, None) => Flash::problem(format!(
            "Nothing was changed: \"{}\" is no priority. Give a number from 1 to 1000; higher is tried first.",
            form.priority.trim()
        )),
        (Ok(tag), Some(priority)) => match credentials::link(&core, &by, id, (tag, priority)).await {
            Ok(()) => Flash::done("It is tried through this tag from now on."),
            Err(error) => refused(error)?,
        },
    };
    Ok(back(id, &flash, &site))
}

/// `POST /credentials/{id}/test`: queues a test on each of the chosen devices.
pub async fn test(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(form): Form<TestForm>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let devices: Vec<DeviceId> = form.devices.iter().filter_map(|id| id.parse().ok()).collect();
    match credentials::test(&core, &by, id, &devices).await? {
        Some(batch) => {
            let flash = Flash::done("The test has been started.");
            Ok(reply::see_other_saying(&href::batch(batch), &flash, &site))
        }
        None => Ok(back(id, &Flash::problem("Nothing was tested: select at least one device."), &site)),
    }
}

/// `POST /credentials/{id}/resume`.
pub async fn resume(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let flash = match credentials::resume(&core, &by, id).await {
        Ok(true) => Flash::done("It is used again. After three refusals in a row it stops once more."),
        Ok(false) => Flash::warning("It was not stopped."),
        Err(error) => refused(error)?,
    };
    Ok(back(id, &flash, &site))
}

/// `POST /credentials/{id}/previous`: removes the secrets before the last change.
pub async fn drop_previous(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let flash = match credentials::drop_previous(&core, &by, id).await {
        Ok(true) => Flash::done("The secrets before the last change are removed."),
        Ok(false) => Flash::warning("There were none."),
        Err(error) => refused(error)?,
    };
    Ok(back(id, &flash, &site))
}
