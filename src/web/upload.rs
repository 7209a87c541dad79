//! Forms that carry a file: `multipart/form-data` by RFC 7578, read from a body that the guard has bounded.

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, http::header::HeaderMap,
    web::Bytes,
};
use futures_util::{StreamExt, future::LocalBoxFuture, stream};

use super::{csrf, error::PageError, form::TokenChecked};

/// The most fields of such a form.
const MAX_FIELDS: usize = 16;

/// The largest file, in bytes.
pub const FILE_LIMIT: usize = 16 << 20;

/// The fields of a posted form that may carry files, without the token; as [`super::form::Form`], it is given only after
/// the guard has checked the token.
#[derive(Debug)]
pub struct Upload(Vec<(String, Bytes)>);

impl Upload {
    /// What came in a field; nothing when it was left out.
    pub fn field(&self, name: &str) -> &[u8] {
        self.0.iter().find(|(known, _)| known == name).map_or(b"", |(_, bytes)| bytes)
    }
}

impl FromRequest for Upload {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = req.extensions().get::<TokenChecked>().is_some();
        let (headers, body) = (req.headers().clone(), Bytes::from_request(req, payload));
        Box::pin(async move {
            if !checked {
                return Err(csrf::Refusal::Token.into());
            }
            let body = body.await.map_err(|error| PageError::Malformed(error.to_string()))?;
            let mut fields = fields(&headers, body).await?;
            fields.retain(|(name, _)| name != csrf::FIELD);
            Ok(Self(fields))
        })
    }
}

/// The fields of a whole body, in their order.
pub(super) async fn fields(headers: &HeaderMap, body: Bytes) -> Result<Vec<(String, Bytes)>, PageError> {
    let malformed = |error: &dyn std::fmt::Display| PageError::Malformed(error.to_string());
    let mut parts = Multipart::new(headers, stream::iter([Ok::<_, PayloadError>(body)]));
    let mut fields = Vec::new();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| malformed(&error))?;
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes(FILE_LIMIT).await.map_err(|_| PageError::TooLarge)?;
        fields.push((name, bytes.map_err(|error| malformed(&error))?));
        if fields.len() > MAX_FIELDS {
            return Err(PageError::Malformed("too many fields".to_owned()));
        }
    }
    Ok(fields)
}
