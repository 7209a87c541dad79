//! The link through which a person chooses a password; shown once (S-28).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{access::ManageUsers, id::UserId},
    service::{
        Core,
        users::{self, SaveUserError},
    },
    web::{
        error::PageError,
        form::{Form, Nothing},
        href, reply, request,
        session::May,
        shell::Shell,
    },
};

#[derive(Template)]
#[template(path = "users/link.html")]
struct LinkPage {
    shell: Shell,
    name: String,
    user: String,
    action: String,
    has_signed_in: bool,
    link: Option<String>,
}

/// `GET /users/{id}/link`: what a link does.
pub async fn ask(
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let found = users::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    reply::html(&LinkPage {
        shell,
        has_signed_in: found.user.last_sign_in_at.is_some(),
        name: found.user.username,
        user: href::user(id),
        action: href::user_link(id),
        link: None,
    })
}

/// `POST /users/{id}/link`: makes one and shows it.
pub async fn make(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let (user, token) = match users::invite(&core, &by, id).await {
        Ok(made) => made,
        Err(SaveUserError::Fault(fault)) => return Err(fault.into()),
        Err(_) => return Err(PageError::NotFound),
    };
    let path = href::with(href::welcome(), &[("token", token.expose())]);
    let mut answer = reply::html(&LinkPage {
        shell: Shell::around(&req)?,
        has_signed_in: user.last_sign_in_at.is_some(),
        name: user.username,
        user: href::user(id),
        action: href::user_link(id),
        link: Some(format!("{}{path}", base(&req)?)),
    })?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Where this installation is: as configured, else as the administrator's own browser asked for it.
fn base(req: &HttpRequest) -> Result<String, PageError> {
    let site = request::site(req)?;
    if let Some(origin) = site.origin() {
        return Ok(origin.to_owned());
    }
    let host = req.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    Ok(format!("http://{host}"))
}
