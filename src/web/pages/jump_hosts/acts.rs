//! Deleting a jump host, and accepting its changed host key.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::form::found;
use crate::{
    domain::{
        access::{AcceptHostKeys, ManageCredentials},
        id::JumpHostId,
    },
    service::{
        Core,
        jump_hosts::{self, SaveJumpHostError},
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
    },
};

#[derive(Template)]
#[template(path = "jump_hosts/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    back: String,
    confirm: Confirm<'a>,
}

/// `GET /jump-hosts/{id}/delete`.
pub async fn ask(
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let host = found(&core, &by, JumpHostId(*id)).await?;
    let confirm = Confirm {
        question: format!("Delete the jump host {}?", host.name),
        touched: vec!["Its host key is forgotten; its credential stays.".to_owned()],
        consequence: "This cannot be undone. While a device or another jump host is reached through it, it is refused.",
        verb: "Delete the jump host",
        action: href::jump_host_act(host.id, "delete"),
        back: href::jump_host(host.id),
        csrf: &shell.csrf,
    };
    let back = href::jump_host(host.id);
    reply::html(&DeletePage { shell: &shell, name: host.name, back, confirm })
}

/// `POST /jump-hosts/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = JumpHostId(*id);
    match jump_hosts::delete(&core, &by, id).await {
        Ok(name) => {
            let flash = Flash::done(format!("{name} is deleted."));
            Ok(reply::see_other_saying(href::jump_hosts(), &flash, &site))
        }
        Err(SaveJumpHostError::Fault(fault)) => Err(fault.into()),
        Err(SaveJumpHostError::Gone) => Err(PageError::NotFound),
        Err(other) => {
            let flash = Flash::problem(format!("Nothing was deleted: {other}."));
            Ok(reply::see_other_saying(&href::jump_host(id), &flash, &site))
        }
    }
}

/// The key that was compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptForm {
    fingerprint: String,
}

/// `POST /jump-hosts/{id}/host-key`: pins the key that was refused.
pub async fn accept(
    core: Data<Core>,
    site: Data<Site>,
    by: May<AcceptHostKeys>,
    id: Path<i64>,
    Form(form): Form<AcceptForm>,
) -> Result<HttpResponse, PageError> {
    let id = JumpHostId(*id);
    let flash = match jump_hosts::accept(&core, &by, id, &form.fingerprint).await {
        Ok(true) => Flash::done("The new host key is pinned. The next job will go through to it."),
        Ok(false) => {
            Flash::problem("The jump host has shown another key since. Compare the fingerprints again.")
        }
        Err(SaveJumpHostError::Fault(fault)) => return Err(fault.into()),
        Err(other) => Flash::problem(format!("Nothing was changed: {other}.")),
    };
    Ok(reply::see_other_saying(href::jump_hosts(), &flash, &site))
}
