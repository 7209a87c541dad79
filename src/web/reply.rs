//! The few shapes of an answer.

use std::fmt::Write as _;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    web::Bytes,
};
use askama::Template;
use futures_util::{Stream, TryStreamExt};

use super::{complaints::Complaints, error::PageError, flash::Flash, site::Site};
use crate::service::Fault;

/// A page.
pub fn html(page: &impl Template) -> Result<HttpResponse, PageError> {
    with_status(StatusCode::OK, page)
}

/// A page with a form: 422 when there are complaints about it.
pub fn form_page(page: &impl Template, complaints: &Complaints) -> Result<HttpResponse, PageError> {
    with_status(if complaints.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, page)
}

/// A page with this status.
pub fn with_status(status: StatusCode, page: &impl Template) -> Result<HttpResponse, PageError> {
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(page.render()?))
}

/// Done; look there.
pub fn see_other(href: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, href)).finish()
}

/// Done; look there, where this is said.
pub fn see_other_saying(href: &str, flash: &Flash, site: &Site) -> HttpResponse {
    see_other_with(href, flash.cookie(site))
}

/// Done; look there, with this cookie.
pub fn see_other_with(href: &str, cookie: Cookie<'static>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, href)).cookie(cookie).finish()
}

/// A text to keep, which no browser will run or render (S-75).
pub fn download(name: &str, text: impl Into<Bytes>) -> HttpResponse {
    to_keep(name).body(text.into())
}

/// The same, as it is made.
pub fn download_in_pieces(
    name: &str,
    pieces: impl Stream<Item = Result<Bytes, Fault>> + 'static,
) -> HttpResponse {
    to_keep(name).streaming(Box::pin(pieces.map_err(PageError::from)))
}

fn to_keep(name: &str) -> HttpResponseBuilder {
    let mut reply = HttpResponse::Ok();
    reply
        .content_type(ContentType::plaintext())
        .insert_header((header::CONTENT_DISPOSITION, attachment(name)))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; frame-ancestors 'none'",
        ));
    reply
}

/// A zip archive that is made while it is sent, to keep.
pub fn archive<S, E>(name: &str, bytes: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, E>> + 'static,
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, attachment(name)))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; frame-ancestors 'none'",
        ))
        .streaming(bytes)
}

/// `Content-Disposition` by RFC 6266: a plain name for old clients, the true one beside it.
fn attachment(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let plain: String = name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    let mut full = String::with_capacity(name.len());
    for byte in name.bytes() {
        if safe(char::from(byte)) {
            full.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(full, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_cannot_break_the_header() {
        assert_eq!(
            attachment("core-1.cfg"),
            "attachment; filename=\"core-1.cfg\"; filename*=UTF-8''core-1.cfg"
        );
        let hostile = attachment("ä\"\r\n../x");
        assert_eq!(hostile, "attachment; filename=\"____.._x\"; filename*=UTF-8''%C3%A4%22%0D%0A..%2Fx");
    }
}
