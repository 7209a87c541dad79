//! Deleting a person: first what belongs to them, and who takes it over.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{access::ManageUsers, id::UserId},
    service::{
        Core,
        users::{self, SaveUserError},
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, parts::Choice, reply,
        request, session::May, shell::Shell, words,
    },
};

/// Who takes the devices over.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeirForm {
    heir: String,
}

#[derive(Template)]
#[template(path = "users/delete.html")]
struct DeletePage {
    shell: Shell,
    name: String,
    back: String,
    action: String,
    devices: Option<String>,
    sessions: String,
    heirs: Vec<Choice>,
    complaints: Complaints,
}

async fn page(
    req: &HttpRequest,
    core: &Core,
    by: &May<ManageUsers>,
    id: UserId,
    (form, complaints): (HeirForm, Complaints),
) -> Result<HttpResponse, PageError> {
    let goes = users::what_goes(core, by, id).await?.ok_or(PageError::NotFound)?;
    let heirs = goes.others.iter().map(|(other, name)| Choice {
        chosen: form.heir == other.to_string(),
        value: other.to_string(),
        label: name.clone(),
    });
    let none = Choice { value: String::new(), label: "Choose a person".to_owned(), chosen: false };
    let view = DeletePage {
        shell: Shell::around(req)?,
        back: href::user(id),
        action: href::user_delete(id),
        devices: (goes.devices > 0).then(|| words::count(goes.devices, "device")),
        sessions: words::count(i64::try_from(goes.sessions).unwrap_or(i64::MAX), "open session"),
        heirs: std::iter::once(none).chain(heirs).collect(),
        name: goes.user.username,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

/// `GET /users/{id}/delete`: what goes, and what stays.
pub async fn ask(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    page(&req, &core, &by, UserId(*id), (HeirForm::default(), Complaints::default())).await
}

/// `POST /users/{id}/delete`.
pub async fn delete(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
    Form(form): Form<HeirForm>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let complaints = match users::delete(&core, &by, id, form.heir.parse().ok()).await {
        Ok(user) => {
            let flash =
                Flash::done(format!("{} is deleted. What they did stays in the trail.", user.username));
            return Ok(reply::see_other_saying(href::users(), &flash, &*request::site(&req)?));
        }
        Err(SaveUserError::Fault(fault)) => return Err(fault.into()),
        Err(SaveUserError::Gone) => return Err(PageError::NotFound),
        Err(SaveUserError::OwnsDevices(_)) => {
            Complaints::on_field("heir", "Choose who takes the devices over.")
        }
        Err(other) => Complaints::on_form(format!("Nothing was deleted: {other}.")),
    };
    page(&req, &core, &by, id, (form, complaints)).await
}
