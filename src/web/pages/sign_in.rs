//! Signing in and out.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use askama::Template;
use serde::Deserialize;

use crate::{
    service::{
        Core, setup,
        sign_in::{self, SignIn, SignInError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        form::{Form, Hidden, Params},
        href, next, reply,
        request::{self, RequestId},
        session::{self, SignedIn},
        shell::Shell,
    },
};

/// The same words whatever was wrong (S-14).
const REFUSED: &str =
    "The username or the password is wrong. After several failures sign-in pauses here for a while.";
const BUSY: &str = "Too many people are signing in at once. Wait a few seconds, then try again.";

/// Where one comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct From {
    next: String,
}

/// What one signs in with.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInForm {
    username: String,
    password: Hidden,
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in/page.html")]
struct SignInPage<'a> {
    shell: Shell,
    username: &'a str,
    next: &'a str,
    needs_setup: bool,
    complaints: Complaints,
}

/// `GET /login`: the form; whoever is signed in goes on.
pub async fn show(
    req: HttpRequest,
    core: Data<Core>,
    Params(from): Params<From>,
) -> Result<HttpResponse, PageError> {
    if session::current(&req).await?.is_some() {
        return Ok(reply::see_other(next::safe(&from.next)));
    }
    reply::html(&SignInPage {
        shell: Shell::around(&req)?,
        username: "",
        next: next::safe(&from.next),
        needs_setup: setup::is_open(&core).await?,
        complaints: Complaints::default(),
    })
}

/// `POST /login`: opens a session and goes on to the page that was asked for.
pub async fn sign_in(
    req: HttpRequest,
    core: Data<Core>,
    Form(form): Form<SignInForm>,
) -> Result<HttpResponse, PageError> {
    let ask = SignIn {
        username: form.username.clone(),
        password: form.password.secret().clone(),
        browser: request::browser(&req),
        request: RequestId::of(&req).map(|id| id.to_string()),
    };
    match sign_in::sign_in(&core, ask).await {
        Ok(token) => {
            end_current(&req, &core).await?;
            let cookie = session::cookie(&*request::site(&req)?, token.expose().to_owned());
            Ok(reply::see_other_with(next::safe(&form.next), cookie))
        }
        Err(SignInError::Refused) => again(&req, &form, StatusCode::UNPROCESSABLE_ENTITY, REFUSED),
        Err(SignInError::Busy) => {
            let mut answer = again(&req, &form, StatusCode::TOO_MANY_REQUESTS, BUSY)?;
            answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
            Ok(answer)
        }
        Err(SignInError::Fault(fault)) => Err(fault.into()),
    }
}

/// The form once more, without the password.
fn again(
    req: &HttpRequest,
    form: &SignInForm,
    status: StatusCode,
    message: &str,
) -> Result<HttpResponse, PageError> {
    let page = SignInPage {
        shell: Shell::around(req)?,
        username: &form.username,
        next: next::safe(&form.next),
        needs_setup: false,
        complaints: Complaints::on_form(message),
    };
    reply::with_status(status, &page)
}

/// Ends the session that the browser had before it signed in anew (S-22).
async fn end_current(req: &HttpRequest, core: &Core) -> Result<(), PageError> {
    if let (Some(session), Some(token)) = (session::current(req).await?, session::token(req)?) {
        sign_in::sign_out(core, &session.actor, &token).await?;
    }
    Ok(())
}

/// `POST /logout`: ends the session here and in the browser (S-25).
pub async fn sign_out(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
) -> Result<HttpResponse, PageError> {
    if let Some(token) = session::token(&req)? {
        sign_in::sign_out(&core, &session.actor, &token).await?;
    }
    let cookie = session::gone(&*request::site(&req)?);
    let mut answer = reply::see_other_with(href::login(), cookie);
    answer.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(answer)
}
