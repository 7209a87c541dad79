//! Choosing a password through a link from an administrator (S-28).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::user::PasswordPolicy,
    service::{
        Core,
        users::{self, SaveUserError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Hidden, Params},
        href, reply,
        request::{self, RequestId},
        shell::Shell,
    },
};

/// The token in the link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    token: Hidden,
}

/// The new password.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WelcomeForm {
    token: Hidden,
    password: Hidden,
    again: Hidden,
}

#[derive(Template)]
#[template(path = "sign_in/welcome.html")]
struct WelcomePage<'a> {
    shell: Shell,
    /// Whom the link is for; `None` when it opens nothing.
    name: Option<String>,
    token: &'a str,
    policy: String,
    complaints: Complaints,
}

async fn page(
    req: &HttpRequest,
    core: &Core,
    token: &Hidden,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let user = users::invited(core, token.secret(), request::address(req).as_deref()).await?;
    let status = match (&user, complaints.is_empty()) {
        (None, _) => StatusCode::GONE,
        (Some(_), true) => StatusCode::OK,
        (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = WelcomePage {
        shell: Shell::around(req)?,
        name: user.map(|user| user.username),
        // worth nothing to whoever does not have the link already
        token: token.secret().expose(),
        policy: PasswordPolicy::of(&core.settings.now()).told(),
        complaints,
    };
    reply::with_status(status, &view)
}

/// `GET /welcome`.
pub async fn show(
    req: HttpRequest,
    core: Data<Core>,
    Params(link): Params<Link>,
) -> Result<HttpResponse, PageError> {
    page(&req, &core, &link.token, Complaints::default()).await
}

/// `POST /welcome`: sets the password and leads to the sign-in.
pub async fn accept(
    req: HttpRequest,
    core: Data<Core>,
    Form(form): Form<WelcomeForm>,
) -> Result<HttpResponse, PageError> {
    if form.password.secret().expose() != form.again.secret().expose() {
        let complaints = Complaints::on_field("again", "The two passwords differ.");
        return page(&req, &core, &form.token, complaints).await;
    }
    let from = (request::address(&req), RequestId::of(&req).map(|id| id.to_string()));
    let complaints = match users::accept(&core, form.token.secret(), form.password.secret(), from).await {
        Ok(user) => {
            let flash = Flash::done(format!("Your password is set. Sign in as {}.", user.username));
            return Ok(reply::see_other_saying(href::login(), &flash, &*request::site(&req)?));
        }
        Err(SaveUserError::Fault(fault)) => return Err(fault.into()),
        Err(SaveUserError::Password(weak)) => Complaints::on_field("password", weak),
        Err(SaveUserError::Busy) => {
            Complaints::on_form("Too much is going on at once. Wait a few seconds, then try again.")
        }
        Err(other) => Complaints::on_form(format!("Nothing was changed: {other}.")),
    };
    page(&req, &core, &form.token, complaints).await
}
