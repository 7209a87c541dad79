//! What the web floor knows about where it runs.

use super::csrf::Key;
use crate::domain::secret::Secret;

/// Names of the cookies, and whether they may be sent over plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieNames {
    /// The sign-in.
    pub session: &'static str,
    /// Ties the forms of people who are not signed in to their browser.
    pub visitor: &'static str,
    /// One message for the next page.
    pub flash: &'static str,
    /// `light`, `dark` or `auto`; the script writes it too.
    pub theme: &'static str,
}

/// Where this server is reached, and its key for form tokens. Made once by `app`.
#[derive(Debug)]
pub struct Site {
    origin: Option<String>,
    secure: bool,
    warn: bool,
    key: Key,
    watch_token: Option<Secret>,
}

impl Site {
    /// A site at `public_url` (such as `https://netraven.example.net`); `None` for a development server on loopback.
    pub fn new(public_url: Option<&str>, key: Key) -> Self {
        let origin = public_url.and_then(origin_of);
        let secure = origin.as_deref().is_some_and(|origin| origin.starts_with("https://"));
        Self { origin, secure, warn: false, key, watch_token: None }
    }

    /// The same site with a banner on every page that says the connection is not encrypted (S-07).
    #[must_use]
    pub fn warning_of_plain_http(mut self) -> Self {
        self.warn = !self.secure;
        self
    }

    /// The same site, watched by whoever brings this token.
    #[must_use]
    pub fn watched_by(mut self, token: Option<Secret>) -> Self {
        self.watch_token = token;
        self
    }

    /// What whoever watches has to bring; `None` when only this machine may watch.
    pub fn watch_token(&self) -> Option<&Secret> {
        self.watch_token.as_ref()
    }

    /// Scheme, host and port of the public address, when one is configured.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Whether browsers reach this site by HTTPS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether pages warn of plain HTTP.
    pub fn warns(&self) -> bool {
        self.warn
    }

    /// The key of form tokens.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// `__Host-` names need `Secure`; on plain HTTP browsers would drop them.
    pub fn cookies(&self) -> CookieNames {
        if self.secure {
            CookieNames {
                session: "__Host-nr",
                visitor: "__Host-nr-visitor",
                flash: "__Host-nr-flash",
                theme: "nr-theme",
            }
        } else {
            CookieNames { session: "nr", visitor: "nr-visitor", flash: "nr-flash", theme: "nr-theme" }
        }
    }
}

fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_decides_about_cookies() {
        let https = Site::new(Some("https://NR.example.net/base/"), Key::new([0; 32]));
        assert_eq!(https.origin(), Some("https://nr.example.net"));
        assert_eq!(https.cookies().session, "__Host-nr");
        assert!(!Site::new(None, Key::new([0; 32])).is_secure());
        assert_eq!(Site::new(Some("http://127.0.0.1:8080"), Key::new([0; 32])).cookies().session, "nr");
    }
}
