//! What a file asks over HTTPS.

use super::Compiler;
use crate::platform::{
    PlatformError, Request, Requests,
    file::{self, PlatformFile},
    requests::{Body, words},
};

impl Compiler<'_> {
    pub(super) fn requests(&self, file: &PlatformFile) -> Result<Option<Requests>, PlatformError> {
        let is_https = matches!(file.channel, file::Channel::Https);
        let https = match (&file.https, is_https) {
            (Some(https), true) => https,
            (None, true) => return Err(self.value("https", "is missing: what is asked over HTTPS?")),
            (Some(_), false) => return Err(self.value("https", "wants `channel = \"https\"`")),
            (None, false) => return Ok(None),
        };
        let all = |field: &str, of: &[file::Request]| {
            of.iter().map(|it| self.request(&format!("https.{field}"), it)).collect::<Result<Vec<_>, _>>()
        };
        let requests = Requests {
            sign_in: all("sign_in", &https.sign_in)?,
            ask: all("ask", &https.ask)?,
            sign_out: all("sign_out", &https.sign_out)?,
        };
        if requests.ask.iter().chain(&requests.sign_out).any(|it| it.token.is_some()) {
            return Err(self.value("https.ask.token", "a token comes out of a `sign_in` only"));
        }
        let has_token = requests.sign_in.iter().any(|it| it.token.is_some());
        let asks_token = |it: &Request| it.templates().iter().any(|text| words(text).contains(&"token"));
        if !has_token && requests.ask.iter().chain(&requests.sign_out).any(asks_token) {
            return Err(self.value("https.sign_in.token", "is missing: no answer gives the `{token}`"));
        }
        let commands = &file.commands;
        let variants = commands.config_when.iter().map(|it| &it.config);
        for command in std::iter::once(&commands.config).chain(variants).chain(&commands.info) {
            if requests.named(command).is_none() {
                let message = format!("`{command}` is the name of no request in `https.ask`");
                return Err(self.value("commands", &message));
            }
        }
        Ok(Some(requests))
    }

    fn request(&self, field: &str, request: &file::Request) -> Result<Request, PlatformError> {
        let file::Request { name, method, path, headers, form, json, token } = request;
        let wrong = |part: &str, message: &str| Err(self.value(&format!("{field}.{part}"), message));
        if name.is_empty() || name.chars().any(char::is_control) {
            return wrong("name", "is a text on one line");
        }
        if !words(path).is_empty() {
            return wrong(
                "path",
                "holds a secret: servers keep addresses in their logs. Use a header or the body",
            );
        }
        if !path.starts_with('/') || path.starts_with("//") || !path.bytes().all(|it| it.is_ascii_graphic()) {
            return wrong("path", "begins with one `/` and holds neither spaces nor letters beyond ASCII");
        }
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
        };
        if !headers.keys().all(|name| is_name(name)) {
            return wrong("headers", "are names of letters, digits, `-` and `_`");
        }
        if headers.values().any(|value| value.bytes().any(|it| !(b' '..=b'~').contains(&it))) {
            return wrong("headers", "are values of printable ASCII characters");
        }
        let body = match (form, json) {
            (None, None) => Body::None,
            (Some(_), Some(_)) => return wrong("json", "there is a `form` already, and one body only"),
            _ if *method == file::Method::Get => return wrong("method", "GET has no body"),
            (Some(fields), None) => Body::Form(fields.clone()),
            (None, Some(value)) => Body::Json(value.clone()),
        };
        let token = match token {
            Some(pattern) => {
                let regex = self.text(&format!("{field}.token"), pattern)?;
                if regex.captures_len() < 2 {
                    return Err(self.pattern(
                        &format!("{field}.token"),
                        pattern,
                        "has no group around the token",
                    ));
                }
                Some(regex)
            }
            None => None,
        };
        Ok(Request {
            name: name.clone(),
            token,
            method: match method {
                file::Method::Get => "GET",
                file::Method::Post => "POST",
            },
            path: path.clone(),
            headers: headers.clone(),
            body,
        })
    }
}
