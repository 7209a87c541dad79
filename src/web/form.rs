//! Forms and query strings: text only, so that decoding never loses what a person typed.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::header,
    web::Bytes,
};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::{csrf, error::PageError, upload};
use crate::domain::secret::Secret;

/// The guard's word that the token of this request was right.
#[derive(Debug, Clone, Copy)]
pub struct TokenChecked;

/// A posted form. `T` has fields of `String` and `Vec<String>` with defaults, and denies unknown fields (S-38).
#[derive(Debug)]
pub struct Form<T>(pub T);

/// The query string as a `T` of the same kind; unknown keys are `T`'s to refuse or ignore.
#[derive(Debug)]
pub struct Params<T>(pub T);

/// A form without fields, such as a button.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A field that is written and never shown again, neither on a page nor in a log (S-48).
#[derive(Debug, serde::Deserialize)]
#[serde(from = "String")]
pub struct Hidden(Secret);

impl Default for Hidden {
    fn default() -> Self {
        Self(Secret::new(""))
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl Hidden {
    /// What was typed.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// What was typed, if anything.
    pub fn given(&self) -> Option<Secret> {
        (!self.0.is_empty()).then(|| self.0.clone())
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = req.extensions().get::<TokenChecked>().is_some();
        let body = Bytes::from_request(req, payload);
        Box::pin(async move {
            if !checked {
                return Err(csrf::Refusal::Token.into());
            }
            let body = body.await.map_err(|error| PageError::Malformed(error.to_string()))?;
            decode(&body).map(Form)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let decoded = serde_html_form::from_str(req.query_string());
        ready(decoded.map(Params).map_err(|error| PageError::Malformed(error.to_string())))
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(body: &[u8]) -> Result<Pairs, PageError> {
    serde_html_form::from_bytes(body).map_err(|error| PageError::Malformed(error.to_string()))
}

/// The fields of `body` without the token, as a `T`.
fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, PageError> {
    let malformed = |error: &dyn std::fmt::Display| PageError::Malformed(error.to_string());
    let mut fields = pairs(body)?;
    fields.retain(|(name, _)| name != csrf::FIELD);
    let text = serde_html_form::to_string(&fields).map_err(|error| malformed(&error))?;
    serde_html_form::from_str(&text).map_err(|error| malformed(&error))
}

/// The token that came with a request: in the header, or as a field of a form, with files or without.
pub(super) async fn token(req: &ServiceRequest, body: &Bytes) -> Result<String, PageError> {
    if let Some(value) = req.headers().get(csrf::HEADER) {
        return Ok(value.to_str().unwrap_or_default().to_owned());
    }
    let kind =
        req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = match kind.as_str() {
        "application/x-www-form-urlencoded" => {
            pairs(body)?.into_iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value)
        }
        "multipart/form-data" => {
            // What cannot be read carries no token.
            let fields = upload::fields(req.headers(), body.clone()).await.unwrap_or_default();
            let token = fields.into_iter().find(|(name, _)| name == csrf::FIELD);
            token.map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
        }
        _ => None,
    };
    Ok(token.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct DeviceForm {
        name: String,
        port: String,
        tags: Vec<String>,
    }

    #[test]
    fn what_was_typed_survives() {
        let form: DeviceForm = decode(b"csrf=abc&name=core+1%2F%C3%A4&port=abc&tags=a&tags=b").unwrap();
        assert_eq!(form.name, "core 1/ä");
        assert_eq!(form.port, "abc");
        assert_eq!(form.tags, ["a", "b"]);
        assert_eq!(decode::<DeviceForm>(b"").unwrap(), DeviceForm::default());
        assert_eq!(decode::<DeviceForm>(b"tags=one").unwrap().tags, ["one"]);
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(decode::<DeviceForm>(b"name=a&role=admin").is_err());
        assert!(decode::<Nothing>(b"csrf=abc").is_ok());
        assert!(decode::<Nothing>(b"csrf=abc&id=1").is_err());
    }
}
