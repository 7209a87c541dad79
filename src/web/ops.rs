//! For those who run the server, and for their programs: is it alive, can it work, what are the numbers.

mod exposition;

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentType, HeaderValue},
    web::Data,
};

use super::{error::PageError, session, site::Site};
use crate::{
    domain::access::ManageSettings,
    service::{Core, metrics, readiness},
};

/// `GET /healthz`: the process answers; `sealed` when it has no keys and so backs nothing up (S-45). Says nothing
/// about devices, versions or load.
pub async fn healthz(core: Data<Core>) -> HttpResponse {
    let word = if core.keyring.why_sealed().is_some() { "sealed\n" } else { "ok\n" };
    HttpResponse::Ok().content_type(ContentType::plaintext()).body(word)
}

/// `GET /readyz`: 200 when this process can do its work and 503 when not; why is for those who may watch.
pub async fn readyz(core: Data<Core>, site: Data<Site>, req: HttpRequest) -> HttpResponse {
    let checks = readiness::checks(&core).await;
    let is_ready = checks.iter().all(|check| check.fault.is_none());
    let mut body = if is_ready { "ready\n".to_owned() } else { "not ready\n".to_owned() };
    if may_watch(&req, &site).await {
        for check in checks {
            body.extend([check.name, ": ", check.fault.unwrap_or("ok"), "\n"]);
        }
    }
    let mut answer = if is_ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.content_type(ContentType::plaintext()).body(body)
}

/// `GET /metrics`: the numbers, in the text form of Prometheus, for those who may watch.
pub async fn metrics(
    core: Data<Core>,
    site: Data<Site>,
    req: HttpRequest,
) -> Result<HttpResponse, PageError> {
    if !may_watch(&req, &site).await {
        return Ok(HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            .content_type(ContentType::plaintext())
            .body("Metrics are for whoever brings the token of the setting watch_token.\n"));
    }
    let families = metrics::gather(&core).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(exposition::text(&families)))
}

/// Whether a request may see details: it brings the token, comes from this machine, or from a signed-in admin.
async fn may_watch(req: &HttpRequest, site: &Site) -> bool {
    if let Some(wanted) = site.watch_token() {
        let brought = req.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let brought = brought.and_then(|value| value.strip_prefix("Bearer "));
        if brought.is_some_and(|brought| metrics::is_token(brought, wanted)) {
            return true;
        }
    } else if is_from_here(req, site) {
        return true;
    }
    // Whoever cannot be looked up is nobody: a broken database must not keep the answer away.
    let session = session::current(req).await.ok().flatten();
    session.is_some_and(|session| session.actor.may::<ManageSettings>())
}

/// Whether a program on this machine asks, and no proxy for somebody else: behind one, everybody comes from here.
fn is_from_here(req: &HttpRequest, site: &Site) -> bool {
    let through = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let host = req.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    req.peer_addr().is_some_and(|address| address.ip().is_loopback())
        && site.origin().and_then(|origin| origin.split_once("://")).is_none_or(|(_, host)| is_loopback(host))
        && host.is_some_and(is_loopback)
        && !through.iter().any(|name| req.headers().contains_key(*name))
}

/// Whether `host`, with or without a port, is this machine by its own name for itself.
fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((bare, _)) => bare,
        None => host.split(':').next().unwrap_or_default(),
    };
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::web::csrf::Key;

    #[test]
    fn only_this_machine_itself_may_watch_without_a_token() {
        let alone = Site::new(None, Key::new([0; 32]));
        let asked = |site: &Site, peer: &str, headers: &[(&'static str, &'static str)]| {
            let request = TestRequest::default().peer_addr(peer.parse().unwrap());
            let request = headers.iter().fold(request, |request, pair| request.insert_header(*pair));
            is_from_here(&request.to_http_request(), site)
        };
        let here = [("host", "127.0.0.1:8080")];
        assert!(asked(&alone, "127.0.0.1:5000", &here));
        assert!(asked(&alone, "[::1]:5000", &[("host", "[::1]:8080")]));
        assert!(!asked(&alone, "192.0.2.7:5000", &here), "another machine");
        assert!(!asked(&alone, "127.0.0.1:5000", &[("host", "evil.example")]), "a page of another site");
        let proxied = [("host", "127.0.0.1:8080"), ("x-forwarded-for", "192.0.2.7")];
        assert!(!asked(&alone, "127.0.0.1:5000", &proxied), "a proxy for another machine");
        let public = Site::new(Some("https://nr.example.net"), Key::new([0; 32]));
        assert!(!asked(&public, "127.0.0.1:5000", &here), "a proxy that says nothing");
    }
}
