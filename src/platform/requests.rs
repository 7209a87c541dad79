//! What is asked of devices over HTTPS, and where their secrets go in it: into the body and the headers, never into the address.

use std::{collections::BTreeMap, fmt::Write as _};

use base64::{Engine, engine::general_purpose::STANDARD};
use regex::Regex;
use serde_json::Value;

use super::Platform;

/// Everything that is asked.
#[derive(Debug)]
pub struct Requests {
    /// All of these first, in order.
    pub sign_in: Vec<Request>,
    /// The commands, by name.
    pub(super) ask: Vec<Request>,
    /// All of these at the end, whatever came before.
    pub sign_out: Vec<Request>,
}

impl Requests {
    /// The request that is the command `name`.
    pub fn named(&self, name: &str) -> Option<&Request> {
        self.ask.iter().find(|request| request.name == name)
    }
}

impl Platform {
    /// What is asked over HTTPS, where that is the way.
    pub fn requests(&self) -> Option<&Requests> {
        self.requests.as_ref()
    }
}

/// What stands for the secrets in a file.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// For `{username}`.
    pub username: &'a str,
    /// For `{password}`.
    pub password: &'a str,
    /// For `{token}`.
    pub token: &'a str,
}

impl Given<'_> {
    fn word(&self, word: &str) -> Option<String> {
        Some(match word {
            "username" => self.username.to_owned(),
            "password" => self.password.to_owned(),
            "token" => self.token.to_owned(),
            "basic" => STANDARD.encode(format!("{}:{}", self.username, self.password)),
            _ => return None,
        })
    }
}

/// The words in braces of a template that stand for something.
pub(super) fn words(template: &str) -> Vec<&str> {
    let known = Given { username: "", password: "", token: "" };
    let inside = template.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    inside.map(|(word, _)| word).filter(|word| known.word(word).is_some()).collect()
}

/// A template with everything in its place, in one pass: what is put in is not looked at again.
fn filled(template: &str, given: Option<&Given<'_>>) -> String {
    let Some(given) = given else { return template.to_owned() };
    let (mut text, mut rest) = (String::new(), template);
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let known = from.split_once('}').and_then(|(word, after)| Some((given.word(word)?, after)));
        if let Some((value, after)) = known {
            text.push_str(&value);
            rest = after;
        } else {
            text.push('{');
            rest = from;
        }
    }
    text + rest
}

/// How the body of a request is written.
#[derive(Debug)]
pub(super) enum Body {
    None,
    Form(BTreeMap<String, String>),
    Json(Value),
}

impl Body {
    /// Every template in it.
    pub(super) fn templates(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::Form(fields) => fields.values().map(String::as_str).collect(),
            Self::Json(value) => strings(value),
        }
    }

    fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
        }
    }

    fn written(&self, given: Option<&Given<'_>>) -> String {
        match self {
            Self::None => String::new(),
            Self::Form(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| match given {
                        Some(_) => format!("{}={}", encoded(name), encoded(&filled(value, given))),
                        None => format!("{name}={value}"),
                    })
                    .collect();
                fields.join("&")
            }
            Self::Json(value) => replaced(value, given).to_string(),
        }
    }
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().flat_map(strings).collect(),
        Value::Object(all) => all.values().flat_map(strings).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn replaced(value: &Value, given: Option<&Given<'_>>) -> Value {
    match value {
        Value::String(text) => Value::String(filled(text, given)),
        Value::Array(all) => Value::Array(all.iter().map(|it| replaced(it, given)).collect()),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(name, it)| (name.clone(), replaced(it, given))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// As forms are sent (WHATWG URL, 5.2).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// What it is called.
    pub name: String,
    /// Finds the token in the answer, in its first group.
    pub token: Option<Regex>,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Body,
}

/// A request with everything in its place, or as it may be shown.
#[derive(Clone)]
pub struct Sent {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// What follows them.
    pub body: String,
}

impl Request {
    /// What goes to the device.
    pub fn sent(&self, given: &Given<'_>) -> Sent {
        self.with(Some(given))
    }

    /// The same as it may be recorded: names stand where the secrets do.
    pub fn told(&self) -> String {
        let Sent { method, path, headers, body } = self.with(None);
        let mut told = format!("{method} {path}\n");
        for (name, value) in headers {
            let _ = writeln!(told, "{name}: {value}");
        }
        if !body.is_empty() {
            let _ = writeln!(told, "{body}");
        }
        told
    }

    /// Whether it shows the account or its password to the device.
    pub fn proves(&self) -> bool {
        self.templates().iter().any(|it| words(it).iter().any(|word| *word != "token"))
    }

    pub(super) fn templates(&self) -> Vec<&str> {
        self.headers.values().map(String::as_str).chain(self.body.templates()).collect()
    }

    fn with(&self, given: Option<&Given<'_>>) -> Sent {
        let own = self.headers.iter().map(|(name, value)| (name.clone(), filled(value, given)));
        let kind = self.body.content_type().map(|it| ("content-type".to_owned(), it.to_owned()));
        Sent {
            method: self.method,
            path: self.path.clone(),
            headers: own.chain(kind).collect(),
            body: self.body.written(given),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Given<'_> = Given { username: "{token}&x", password: "pä s=", token: "\"T\"" };

    fn request(body: Body) -> Request {
        let headers =
            BTreeMap::from([("authorization".to_owned(), "Basic {basic} {other} {token".to_owned())]);
        Request { name: "a".to_owned(), token: None, method: "POST", path: "/api".to_owned(), headers, body }
    }

    #[test]
    fn each_secret_is_put_in_once_and_in_the_form_of_its_place() {
        let form = BTreeMap::from([
            ("u".to_owned(), "{username}".to_owned()),
            ("w".to_owned(), "{password}".to_owned()),
        ]);
        let sent = request(Body::Form(form)).sent(&GIVEN);
        // `printf '{token}&x:pä s=' | base64`
        let basic = ("authorization".to_owned(), "Basic e3Rva2VufSZ4OnDDpCBzPQ== {other} {token".to_owned());
        let kind = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        assert_eq!(sent.headers, [basic, kind]);
        assert_eq!(sent.body, "u=%7Btoken%7D%26x&w=p%C3%A4+s%3D");
        let json = serde_json::json!({"a": ["{token}", 1, null], "b": {"c": "{password}!"}});
        let sent = request(Body::Json(json)).sent(&GIVEN);
        assert_eq!(sent.body, r#"{"a":["\"T\"",1,null],"b":{"c":"pä s=!"}}"#);
    }

    #[test]
    fn what_is_shown_of_a_request_holds_names_only() {
        let form = BTreeMap::from([("w".to_owned(), "{password}".to_owned())]);
        let told = request(Body::Form(form)).told();
        assert_eq!(
            told,
            "POST /api\nauthorization: Basic {basic} {other} {token\ncontent-type: application/x-www-form-urlencoded\nw={password}\n"
        );
    }

    #[test]
    fn whether_a_request_proves_anything_is_seen_by_its_words() {
        assert!(request(Body::None).proves());
        let token = BTreeMap::from([("k".to_owned(), "{token}".to_owned())]);
        assert!(!Request { headers: token, ..request(Body::None) }.proves());
    }
}
