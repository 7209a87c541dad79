//! Requests that change something must come from our own pages: the browser's word first, then a token.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::site::Site;

/// The name of the hidden field that carries the token.
pub const FIELD: &str = "csrf";
/// The header that may carry it instead, for requests made by a script.
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The server's key for form tokens.
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What a token is bound to: the sign-in, or before it the visitor's cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed<'a> {
    /// The value of the session cookie.
    Session(&'a str),
    /// The value of the visitor cookie.
    Visitor(&'a str),
}

impl Key {
    /// A key of 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token for `seed`.
    pub fn token(&self, seed: Seed<'_>) -> String {
        let (purpose, value) = match seed {
            Seed::Session(value) => ("session", value),
            Seed::Visitor(value) => ("visitor", value),
        };
        // HMAC takes keys of every length, so this cannot fail; no token at all would be the safe outcome.
        Hmac::<Sha256>::new_from_slice(&self.0).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(purpose.as_bytes());
                mac.update(&[0]);
                mac.update(value.as_bytes());
                BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
            },
        )
    }

    /// Whether `token` was made for `seed`; takes the same time whatever differs.
    pub fn accepts(&self, seed: Seed<'_>, token: &str) -> bool {
        let own = self.token(seed);
        !own.is_empty() && bool::from(own.as_bytes().ct_eq(token.as_bytes()))
    }
}

/// Why a request that would change something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The browser says that another site made the request.
    #[error("the request was made by another site")]
    OtherSite,
    /// The `Origin` is not ours.
    #[error("the request comes from another origin")]
    OtherOrigin,
    /// Neither a session nor a visitor cookie came along.
    #[error("no cookie came with the form")]
    NoCookie,
    /// The token is missing or was made for somebody else.
    #[error("the form's token does not fit")]
    Token,
}

/// The browser's word about who made the request (S-32). A pass here still needs the token.
pub fn judge(headers: &HeaderMap, own_origin: Option<&str>) -> Result<(), Refusal> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text(FETCH_SITE), text(header::ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => Ok(()),
        (Some(_), _) => Err(Refusal::OtherSite),
        (None, Some(origin)) => {
            let of_host = text(header::HOST).is_some_and(|host| {
                origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
            });
            if of_host || own_origin.is_some_and(|own| own.eq_ignore_ascii_case(origin)) {
                Ok(())
            } else {
                Err(Refusal::OtherOrigin)
            }
        }
    }
}

/// Whether the token that came with a request belongs to the browser that sent it (S-31, S-33).
pub fn check(site: &Site, req: &HttpRequest, token: &str) -> Result<(), Refusal> {
    let names = site.cookies();
    let (session, visitor) = (req.cookie(names.session), req.cookie(names.visitor));
    let seed = match (&session, &visitor) {
        (Some(cookie), _) => Seed::Session(cookie.value()),
        (None, Some(cookie)) => Seed::Visitor(cookie.value()),
        (None, None) => return Err(Refusal::NoCookie),
    };
    if site.key().accepts(seed, token) { Ok(()) } else { Err(Refusal::Token) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};

    use super::*;

    type Case<'a> = (&'a [(HeaderName, &'static str)], Result<(), Refusal>);

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_browsers_word_decides_first() {
        let (host, origin) = (header::HOST, header::ORIGIN);
        let own = Some("https://nr.example.net");
        let cases: &[Case] = &[
            (&[(FETCH_SITE, "same-origin")], Ok(())),
            (&[(FETCH_SITE, "none")], Ok(())),
            (&[(FETCH_SITE, "same-site")], Err(Refusal::OtherSite)),
            (&[(FETCH_SITE, "cross-site")], Err(Refusal::OtherSite)),
            (&[(FETCH_SITE, "nonsense")], Err(Refusal::OtherSite)),
            (
                &[(FETCH_SITE, "cross-site"), (origin.clone(), "https://nr.example.net")],
                Err(Refusal::OtherSite),
            ),
            (&[(origin.clone(), "https://nr.example.net")], Ok(())),
            (&[(origin.clone(), "http://127.0.0.1:8080"), (host.clone(), "127.0.0.1:8080")], Ok(())),
            (
                &[(origin.clone(), "https://evil.example"), (host.clone(), "127.0.0.1:8080")],
                Err(Refusal::OtherOrigin),
            ),
            (&[(origin.clone(), "https://nr.example.net.evil.example")], Err(Refusal::OtherOrigin)),
            (&[(origin, "null"), (host, "null")], Err(Refusal::OtherOrigin)),
            (&[], Ok(())),
        ];
        for (pairs, expected) in cases {
            assert_eq!(judge(&headers(pairs), own), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_token_fits_one_seed_and_one_key() {
        let key = Key::new([7; 32]);
        let token = key.token(Seed::Session("abc"));
        assert_eq!(token.len(), 43);
        assert!(key.accepts(Seed::Session("abc"), &token));
        assert!(!key.accepts(Seed::Visitor("abc"), &token));
        assert!(!key.accepts(Seed::Session("abd"), &token));
        assert!(!key.accepts(Seed::Session("abc"), ""));
        assert!(!Key::new([8; 32]).accepts(Seed::Session("abc"), &token));
    }
}
