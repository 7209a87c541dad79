//! Around every request: an id, a span, limits, the form token, error pages, security headers.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, ContentType, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, BytesMut, Data},
};
use askama::Template;
use futures_util::{FutureExt, StreamExt};
use tracing::Instrument;

use super::{
    csrf,
    error::{PageError, Words},
    form::{self, TokenChecked},
    href,
    request::{self, RequestId},
    session,
    shell::Shell,
    site::Site,
    upload,
};

/// The largest body a request may have.
pub const BODY_LIMIT: usize = 1_048_576;

/// The largest body of a form that carries a file.
pub const UPLOAD_LIMIT: usize = upload::FILE_LIMIT + BODY_LIMIT;

/// After how many seconds what was not ready may be asked for again.
const RETRY_SECONDS: u32 = 5;

const METHODS: &str = "GET, HEAD, POST";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";
const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()",
    ),
    ("cache-control", "no-store"),
];

/// The middleware; wrap the whole `App` in it.
pub async fn guard(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::new();
    let site = request::site(req.request())?;
    req.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", request.id = %id, method = %req.method(), path = req.path());
    async move {
        let started = std::time::Instant::now();
        let answer = match admit(&mut req, &site).await {
            Err(refusal) => req.error_response(refusal),
            Ok(()) => match AssertUnwindSafe(next.call(req)).catch_unwind().await {
                Ok(answer) => answer?.map_into_boxed_body(),
                // the request is gone with the panic; the crash makes its own answer
                Err(_) => {
                    return Err(Crash { id, secure: site.is_secure() }.into());
                }
            },
        };
        let answer = finish(answer, &site, &id);
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(status = answer.status().as_u16(), duration_ms, "answered");
        Ok(answer)
    }
    .instrument(span)
    .await
}

/// Method, size and token, before anything else looks at the request.
async fn admit(req: &mut ServiceRequest, site: &Data<Site>) -> Result<(), PageError> {
    match *req.method() {
        Method::GET | Method::HEAD => return Ok(()),
        Method::POST => {}
        _ => return Err(PageError::MethodNotAllowed),
    }
    csrf::judge(req.headers(), site.origin())?;
    let body = read(req).await?;
    let token = form::token(req, &body).await?;
    csrf::check(site, req.request(), &token)?;
    req.extensions_mut().insert(TokenChecked);
    req.set_payload(Payload::from(body));
    Ok(())
}

/// A file is taken where one is asked for, and only from a browser that brings a session along.
fn limit(req: &ServiceRequest) -> usize {
    let takes_file = req.path() == href::import_new() && session::has_cookie(req.request());
    if takes_file { UPLOAD_LIMIT } else { BODY_LIMIT }
}

async fn read(req: &mut ServiceRequest) -> Result<Bytes, PageError> {
    let limit = limit(req);
    let announced = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(PageError::TooLarge);
    }
    let mut payload = req.take_payload();
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| PageError::Malformed(error.to_string()))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(PageError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Logs the cause of a failure, gives it a page, and puts headers and cookies on every answer.
fn finish(answer: ServiceResponse<BoxBody>, site: &Site, id: &RequestId) -> ServiceResponse<BoxBody> {
    log(answer.response().error(), answer.status());
    let mut answer = if answer.status().is_client_error() || answer.status().is_server_error() {
        with_page(answer, id)
    } else {
        answer
    };
    let full = || answer.request().uri().path_and_query().map_or("/", |full| full.as_str());
    let is_get = *answer.request().method() == Method::GET;
    let elsewhere = match own(answer.response().error()) {
        Some(PageError::SignInRequired) if is_get => Some(href::login_then(full())),
        Some(PageError::SignInRequired) => Some(href::login().to_owned()),
        // What is confirmed on the way to a form's page is not asked for again by its button, unless it took long.
        Some(PageError::ConfirmationRequired) => {
            Some(href::confirm_then(if is_get { full() } else { answer.request().path() }))
        }
        _ => None,
    };
    if let Some(Ok(value)) = elsewhere.map(|to| HeaderValue::from_str(&to)) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    for cookie in request::outgoing_cookies(answer.request()) {
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    protect(answer.headers_mut(), site.is_secure());
    answer
}

fn own(error: Option<&Error>) -> Option<&PageError> {
    error.and_then(|error| error.as_error::<PageError>())
}

fn log(error: Option<&Error>, status: StatusCode) {
    match (own(error), error) {
        (Some(PageError::Internal(cause)), _) => tracing::error!(error = ?cause, "request failed: {cause}"),
        (Some(PageError::Unavailable(why)), _) => tracing::warn!("request failed: {why}"),
        (Some(PageError::NotOurForm(why)), _) => tracing::warn!("form refused: {why}"),
        (Some(PageError::Malformed(why)), _) => tracing::info!("request not understood: {why}"),
        (None, Some(cause)) if status.is_server_error() => tracing::error!("request failed: {cause}"),
        _ => {}
    }
}

/// Replaces what actix or an extractor wrote; pages that a handler made itself (422) have no error and stay.
fn with_page(answer: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let error = answer.response().error();
    if error.is_none() && answer.headers().contains_key(header::CONTENT_TYPE) {
        return answer;
    }
    let words = Words::of(answer.status(), own(error));
    let shell = Shell::around(answer.request()).unwrap_or_else(|_| Shell::bare());
    let mut page = page(answer.status(), words, shell, id);
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = answer.headers().get(header::ALLOW).cloned();
        page.headers_mut().insert(header::ALLOW, allow.unwrap_or(HeaderValue::from_static(METHODS)));
    }
    answer.into_response(page)
}

#[derive(Template)]
#[template(path = "errors/page.html")]
struct ErrorPage<'a> {
    shell: Shell,
    title: &'static str,
    advice: &'static str,
    reference: &'a RequestId,
}

fn page(status: StatusCode, words: Words, shell: Shell, reference: &RequestId) -> HttpResponse {
    let page = ErrorPage { shell, title: words.title, advice: words.advice, reference };
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((header::RETRY_AFTER, RETRY_SECONDS));
    }
    answer.content_type(ContentType::html()).body(page.render().unwrap_or_else(|_| words.title.to_owned()))
}

fn protect(headers: &mut HeaderMap, secure: bool) {
    for (name, value) in HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// A handler panicked. The panic hook has told the log what happened; the browser learns the reference.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked in request {id}")]
struct Crash {
    id: RequestId,
    secure: bool,
}

impl ResponseError for Crash {
    fn error_response(&self) -> HttpResponse {
        tracing::error!(request.id = %self.id, "request failed: a handler panicked");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let mut page = page(status, Words::of(status, None), Shell::bare(), &self.id);
        protect(page.headers_mut(), self.secure);
        page
    }
}

#[cfg(test)]
mod tests;
