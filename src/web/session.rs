//! From a cookie to a person, and to the proof of what that person may do.

use std::ops::Deref;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite},
    dev::Payload,
    web::Data,
};
use futures_util::future::LocalBoxFuture;

use super::{
    error::PageError,
    request::{self, RequestId},
    site::Site,
};
use crate::{
    domain::access::{Grant, Permission, Scope, Session},
    service::{Core, audit, sign_in},
};

/// Somebody is signed in.
#[derive(Debug)]
pub struct SignedIn(pub Session);

/// A signed-in person who may do `P`. Naming it in a handler's signature is the access check.
#[derive(Debug)]
pub struct May<P>(Grant<P>);

impl<P> Deref for May<P> {
    type Target = Grant<P>;

    fn deref(&self) -> &Grant<P> {
        &self.0
    }
}

impl FromRequest for SignedIn {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { current(&req).await?.map(SignedIn).ok_or(PageError::SignInRequired) })
    }
}

impl<P: Permission> FromRequest for May<P> {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let session = current(&req).await?.ok_or(PageError::SignInRequired)?;
            Ok(May(session.actor.grant::<P>()?))
        })
    }
}

/// The answer for this request, so that it is asked for once.
#[derive(Clone)]
struct Known(Option<Session>);

/// Who is signed in, if anybody; looked up once per request.
pub async fn current(req: &HttpRequest) -> Result<Option<Session>, PageError> {
    if let Some(Known(session)) = req.extensions().get::<Known>().cloned() {
        return Ok(session);
    }
    let session = match token(req)? {
        None => None,
        Some(token) => {
            let core = req
                .app_data::<Data<Core>>()
                .ok_or_else(|| PageError::Internal("the core is not mounted".into()))?;
            sign_in::session(core, &token, is_activity(req)).await?.map(|session| named(session, req))
        }
    };
    req.extensions_mut().insert(Known(session.clone()));
    Ok(session)
}

/// Who was found to be signed in by an earlier check of this request.
pub fn known(req: &HttpRequest) -> Option<Session> {
    req.extensions().get::<Known>().and_then(|Known(session)| session.clone())
}

/// Whether a person is behind this request. Pages that look again by themselves do not keep a session awake (S-24).
fn is_activity(req: &HttpRequest) -> bool {
    let says = |name: &str, value: &str| {
        req.headers().get(name).is_some_and(|header| header.as_bytes() == value.as_bytes())
    };
    !says("x-refresh", "1") && !says("accept", "text/event-stream")
}

/// Whether the signed-in person proved who it is within the last minutes (S-27).
pub fn confirmation(req: &HttpRequest) -> Result<(), PageError> {
    let core =
        req.app_data::<Data<Core>>().ok_or_else(|| PageError::Internal("the core is not mounted".into()))?;
    match known(req) {
        Some(session) if session.is_confirmed(core.now()) => Ok(()),
        Some(_) => Err(PageError::ConfirmationRequired),
        None => Err(PageError::SignInRequired),
    }
}

/// Tells the trail that somebody was kept from a page: by the role, or because what was asked for is not there for
/// that person (S-37, S-41). A refusal stands even when it cannot be told.
pub async fn tell_refusal(req: &HttpRequest, refusal: Option<&PageError>) {
    let is_told = match refusal {
        Some(refusal) => matches!(refusal, PageError::Forbidden(_)),
        None => known(req).is_some_and(|session| session.actor.scope != Scope::All),
    };
    let (Some(session), Some(core)) = (known(req), req.app_data::<Data<Core>>()) else { return };
    if !is_told {
        return;
    }
    let what = format!("{} {}", req.method(), req.path());
    let why = refusal.map_or_else(|| "not there for this account".to_owned(), ToString::to_string);
    if let Err(fault) = audit::refused(core, &session.actor, &what, &why).await {
        tracing::error!(error = %fault, "a refusal could not be told in the audit trail");
    }
}

/// The actor with the request's address and id, for the audit trail.
fn named(mut session: Session, req: &HttpRequest) -> Session {
    session.actor.address = request::address(req);
    session.actor.request = RequestId::of(req).map(|id| id.to_string());
    session
}

/// The session token that the browser sent.
pub fn token(req: &HttpRequest) -> Result<Option<String>, PageError> {
    let name = request::site(req)?.cookies().session;
    Ok(req.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty()))
}

/// Whether the browser says that it is signed in; what it says is not looked into.
pub fn has_cookie(req: &HttpRequest) -> bool {
    request::site(req).is_ok_and(|site| req.cookie(site.cookies().session).is_some())
}

/// The cookie of a new session (S-23).
pub fn cookie(site: &Site, token: String) -> Cookie<'static> {
    Cookie::build(site.cookies().session, token)
        .path("/")
        .http_only(true)
        .secure(site.is_secure())
        .same_site(SameSite::Lax)
        .finish()
}

/// The cookie that ends one.
pub fn gone(site: &Site) -> Cookie<'static> {
    let mut cookie = cookie(site, String::new());
    cookie.make_removal();
    cookie
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::web::csrf::Key;

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites() {
        let https = Site::new(Some("https://nr.example.net"), Key::new([0; 32]));
        assert_eq!(
            cookie(&https, "t".into()).to_string(),
            "__Host-nr=t; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let http = Site::new(None, Key::new([0; 32]));
        assert_eq!(cookie(&http, "t".into()).to_string(), "nr=t; HttpOnly; SameSite=Lax; Path=/");
        assert!(gone(&https).to_string().contains("Max-Age=0"));
    }

    #[test]
    fn pages_that_look_again_are_no_activity() {
        let with = |name: &'static str, value: &'static str| {
            is_activity(&TestRequest::default().insert_header((name, value)).to_http_request())
        };
        assert!(with("accept", "text/html"));
        assert!(!with("accept", "text/event-stream"));
        assert!(!with("x-refresh", "1"));
    }
}
