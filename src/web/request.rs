//! What a request carries for us: its id, and the cookies that go out with its answer.

use std::fmt::{self, Write as _};

use actix_web::{HttpMessage, HttpRequest, cookie::Cookie, http::header, web::Data};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{error::PageError, site::Site};
use crate::service::sign_in::Browser;

/// Names one request in the log and on error pages. Always made here, never taken from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    pub fn new() -> Self {
        let mut bytes = [0_u8; 8];
        // Without randomness the id is all zeros: a poor name, but a request must not fail for its name.
        let _ = getrandom::fill(&mut bytes);
        Self(bytes.iter().fold(String::with_capacity(16), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The id of `req`, given by the guard.
    pub fn of(req: &HttpRequest) -> Option<Self> {
        req.extensions().get::<Self>().cloned()
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Default)]
struct Outgoing(Vec<Cookie<'static>>);

/// Sends `cookie` with the answer to `req`, whatever the answer is.
pub fn send_cookie(req: &HttpRequest, cookie: Cookie<'static>) {
    let mut extensions = req.extensions_mut();
    if let Some(Outgoing(cookies)) = extensions.get_mut::<Outgoing>() {
        cookies.retain(|other| other.name() != cookie.name());
        cookies.push(cookie);
    } else {
        extensions.insert(Outgoing(vec![cookie]));
    }
}

/// The cookies that were to be sent; the guard asks once.
pub fn outgoing_cookies(req: &HttpRequest) -> Vec<Cookie<'static>> {
    req.extensions_mut().remove::<Outgoing>().map(|Outgoing(cookies)| cookies).unwrap_or_default()
}

/// The address that `req` came from.
pub fn address(req: &HttpRequest) -> Option<String> {
    req.peer_addr().map(|address| address.ip().to_string())
}

/// The browser that `req` came from; of what it calls itself 200 characters.
pub fn browser(req: &HttpRequest) -> Browser {
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Browser { address: address(req), user_agent: agent.map(|agent| agent.chars().take(200).collect()) }
}

/// The site that `req` came to.
pub fn site(req: &HttpRequest) -> Result<Data<Site>, PageError> {
    req.app_data::<Data<Site>>().cloned().ok_or_else(|| PageError::Internal("the site is not mounted".into()))
}

/// 256 random bits as text.
pub fn random_text() -> Result<String, PageError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| PageError::Internal(error.into()))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
