//! What is asked over HTTPS, as a file says it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Pattern;

/// What is asked over HTTPS: all of `sign_in`, then those of `ask` that are the commands, and all of `sign_out` in any case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Https {
    #[serde(default)]
    pub sign_in: Vec<Request>,
    pub ask: Vec<Request>,
    #[serde(default)]
    pub sign_out: Vec<Request>,
}

/// One request. `headers`, `form` and `json` may hold `{username}`, `{password}`, `{token}` and `{basic}`, which is both of
/// the first two as RFC 7617 has them; the path may not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What it is called in the log; those of `ask` are the commands.
    pub name: String,
    pub method: Method,
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, as forms are sent.
    pub form: Option<BTreeMap<String, String>>,
    /// The body, as JSON.
    pub json: Option<serde_json::Value>,
    /// Finds the token in the answer, in its first group.
    pub token: Option<Pattern>,
}

/// How a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Method {
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
}
