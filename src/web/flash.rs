//! One message that survives one redirect, in a cookie. Its text is shown escaped and is never trusted.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::site::Site;

/// What kind of news it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It worked.
    Done,
    /// It worked, mind this.
    Warning,
    /// It did not work.
    Problem,
}

/// A message for the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// What kind of news it is.
    pub kind: Kind,
    /// The words.
    pub text: String,
}

impl Flash {
    /// News of something done.
    pub fn done(text: impl Into<String>) -> Self {
        Self { kind: Kind::Done, text: text.into() }
    }

    /// News of something done that needs attention.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: Kind::Warning, text: text.into() }
    }

    /// News of something that could not be done.
    pub fn problem(text: impl Into<String>) -> Self {
        Self { kind: Kind::Problem, text: text.into() }
    }

    /// The colour of the message.
    pub fn tone(&self) -> &'static str {
        match self.kind {
            Kind::Done => "ok",
            Kind::Warning => "warn",
            Kind::Problem => "bad",
        }
    }

    /// The picture beside the message.
    pub fn icon(&self) -> &'static str {
        match self.kind {
            Kind::Done => "circle-check",
            Kind::Warning => "alert-triangle",
            Kind::Problem => "alert-circle",
        }
    }

    /// The cookie that carries it.
    pub fn cookie(&self, site: &Site) -> Cookie<'static> {
        let text: String = self.text.chars().take(500).collect();
        let value = format!("{}.{}", self.tone(), BASE64_URL_SAFE_NO_PAD.encode(text));
        Cookie::build(site.cookies().flash, value)
            .path("/")
            .http_only(true)
            .secure(site.is_secure())
            .same_site(SameSite::Lax)
            .max_age(Duration::minutes(1))
            .finish()
    }

    /// The message that `req` carries, if any.
    pub fn of(req: &HttpRequest, site: &Site) -> Option<Self> {
        req.cookie(site.cookies().flash).and_then(|cookie| Self::read(cookie.value()))
    }

    fn read(value: &str) -> Option<Self> {
        let (tone, text) = value.split_once('.')?;
        let kind = match tone {
            "ok" => Kind::Done,
            "warn" => Kind::Warning,
            "bad" => Kind::Problem,
            _ => return None,
        };
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        Some(Self { kind, text })
    }

    /// The cookie that takes the message away once it was shown.
    pub fn gone(site: &Site) -> Cookie<'static> {
        let mut cookie = Cookie::build(site.cookies().flash, "").path("/").secure(site.is_secure()).finish();
        cookie.make_removal();
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::csrf::Key;

    #[test]
    fn a_message_comes_back_as_it_went() {
        let site = Site::new(None, Key::new([1; 32]));
        for flash in [Flash::done("Saved <b>\"ä\"</b>; ok"), Flash::warning(""), Flash::problem("a=b\r\nc")]
        {
            assert_eq!(Flash::read(flash.cookie(&site).value()), Some(flash));
        }
        for broken in ["", "ok", "ok.???", "nice.AAAA", "ok._w"] {
            assert_eq!(Flash::read(broken), None, "{broken}");
        }
    }
}
