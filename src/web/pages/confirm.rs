//! The question for the own password before something that cannot be taken back (S-27).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    service::{
        Core,
        sign_in::{self, SignInError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        form::{Form, Hidden, Params},
        next, reply, request,
        session::{self, SignedIn},
        shell::Shell,
    },
};

/// Where one wants to go.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct To {
    next: String,
}

/// The password, and where one wants to go.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfirmForm {
    password: Hidden,
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in/confirm.html")]
struct ConfirmPage<'a> {
    shell: Shell,
    next: &'a str,
    complaints: Complaints,
}

/// `GET /confirm`.
pub async fn show(_by: SignedIn, Params(to): Params<To>, shell: Shell) -> Result<HttpResponse, PageError> {
    reply::html(&ConfirmPage { shell, next: next::safe(&to.next), complaints: Complaints::default() })
}

/// `POST /confirm`: goes on with a session id that is new.
pub async fn confirm(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
    Form(form): Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    let next = next::safe(&form.next);
    let (status, message) = match sign_in::confirm(&core, &session, form.password.secret()).await {
        Ok(token) => {
            let cookie = session::cookie(&*request::site(&req)?, token.expose().to_owned());
            return Ok(reply::see_other_with(next, cookie));
        }
        Err(SignInError::Refused) => (StatusCode::UNPROCESSABLE_ENTITY, "This is not your password."),
        Err(SignInError::Busy) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too much is going on at once. Wait a few seconds, then try again.",
        ),
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
    };
    let complaints = Complaints::on_field("password", message);
    reply::with_status(status, &ConfirmPage { shell: Shell::around(&req)?, next, complaints })
}
