//! Deleting a tag: first what goes with it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{access::ManageTags, id::TagId},
    service::{
        Core,
        tags::{self, SaveTagError, TagGoes},
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
#[template(path = "tags/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    back: String,
    confirm: Option<Confirm<'a>>,
}

fn touched(goes: &TagGoes) -> Vec<String> {
    let mut lines =
        vec![format!("{} lose it; the devices themselves stay.", words::count(goes.uses.devices, "device"))];
    if !goes.rules.is_empty() {
        lines.push(format!("The rules that assign it are deleted: {}.", goes.rules.join(", ")));
    }
    if goes.uses.credentials > 0 {
        let count = words::count(goes.uses.credentials, "shared credential");
        lines.push(format!("{count} no longer tried through it."));
    }
    if goes.schedules > 0 {
        lines.push(format!("{} no longer take its devices.", words::count(goes.schedules, "schedule")));
    }
    if goes.people > 0 {
        let many = if goes.people == 1 { "1 person".to_owned() } else { format!("{} people", goes.people) };
        lines.push(format!("{many} no longer see devices through it."));
    }
    lines
}

/// `GET /tags/{id}/delete`: what goes with it.
pub async fn ask(
    core: Data<Core>,
    by: May<ManageTags>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    let goes = tags::what_goes(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let confirm = (!goes.tag.is_default).then(|| Confirm {
        question: format!("Delete the tag {}?", goes.tag.name),
        touched: touched(&goes),
        consequence: "This cannot be undone.",
        verb: "Delete the tag",
        action: href::tag_delete(id),
        back: href::tag(id),
        csrf: &shell.csrf,
    });
    reply::html(&DeletePage { shell: &shell, name: goes.tag.name, back: href::tag(id), confirm })
}

/// `POST /tags/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageTags>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    match tags::delete(&core, &by, id).await {
        Ok(true) => Ok(reply::see_other_saying(href::tags(), &Flash::done("The tag is deleted."), &site)),
        Ok(false) | Err(SaveTagError::Gone) => Err(PageError::NotFound),
        Err(SaveTagError::Fault(fault)) => Err(fault.into()),
        Err(other @ (SaveTagError::Default | SaveTagError::Scope | SaveTagError::NameTaken)) => {
            let flash = Flash::problem(format!("Nothing was deleted: {other}."));
            Ok(reply::see_other_saying(&href::tag(id), &flash, &site))
        }
    }
}
