//! Deleting a shared credential: first which devices it leaves without.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{access::ManageCredentials, id::CredentialId, page::PageRequest},
    service::{
        Core,
        credentials::{self, SaveCredentialError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::Confirm,
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

#[derive(Template)]
#[template(path = "credentials/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    back: String,
    confirm: Confirm<'a>,
}

/// `GET /credentials/{id}/delete`.
pub async fn ask(
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let view = by.actor().clone().grant()?;
    let found =
        credentials::find(&core, &view, id, PageRequest::first(1)).await?.ok_or(PageError::NotFound)?;
    let name = found.shared.credential.name.unwrap_or_default();
    let confirm = Confirm {
        question: format!("Delete the credential {name}?"),
        touched: vec![
            format!("{} would no longer be tried with it.", words::count(found.uses.total, "device")),
            format!(
                "{} to tags go with it.",
                words::count(i64::try_from(found.tags.len()).unwrap_or(i64::MAX), "link")
            ),
            "Its secrets are removed; job logs keep its name.".to_owned(),
        ],
        consequence: "This cannot be undone. While devices have it as their only one, it is refused.",
        verb: "Delete the credential",
        action: href::credential_act(id, "delete"),
        back: href::credential(id),
        csrf: &shell.csrf,
    };
    reply::html(&DeletePage { shell: &shell, name, back: href::credential(id), confirm })
}

/// `POST /credentials/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    match credentials::delete(&core, &by, id).await {
        Ok(_) => {
            let flash = Flash::done("The credential is deleted.");
            Ok(reply::see_other_saying(href::credentials(), &flash, &site))
        }
        Err(SaveCredentialError::Fault(fault)) => Err(fault.into()),
        Err(SaveCredentialError::Gone) => Err(PageError::NotFound),
        Err(other) => {
            let flash = Flash::problem(format!("Nothing was deleted: {other}."));
            Ok(reply::see_other_saying(&href::credential(id), &flash, &site))
        }
    }
}
