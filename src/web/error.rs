//! What the browser gets when a handler cannot answer. The guard turns these into pages and logs the causes.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use super::csrf::Refusal;
use crate::{domain::access::Denied, service::Fault};

/// A request without the answer it asked for. What a person typed wrong is no error: see [`super::complaints`].
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// No such page, or not for this person.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in.
    #[error("sign-in required")]
    SignInRequired,
    /// Needs a fresh proof of who it is (S-27).
    #[error("confirmation required")]
    ConfirmationRequired,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Denied),
    /// A form that does not come from a page of ours, or from an old one.
    #[error(transparent)]
    NotOurForm(#[from] Refusal),
    /// Bytes that no page of ours sends.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// A body over the limit.
    #[error("the request body is too large")]
    TooLarge,
    /// A method that no page takes.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The database does not answer, or takes no writes: it may in a while.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("{0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl From<Fault> for PageError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(why) => Self::Unavailable(why),
            other @ (Fault::Sealed(_) | Fault::Broken(_)) => Self::Internal(other.into()),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignInRequired | Self::ConfirmationRequired => StatusCode::SEE_OTHER,
            Self::Forbidden(_) | Self::NotOurForm(_) => StatusCode::FORBIDDEN,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: the words come from the guard, so that no cause can slip into a body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The words of an error page: what happened, what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The heading.
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

impl Words {
    /// The words for a status, sharpened by our own error where there is one.
    pub fn of(status: StatusCode, error: Option<&PageError>) -> Self {
        if let Some(PageError::NotOurForm(_)) = error {
            return Self {
                title: "This form cannot be sent",
                advice: "It was open for too long, cookies are blocked, or it did not come from NetRaven. Nothing was changed. Go back, reload the page and send it again.",
            };
        }
        if let Some(PageError::Unavailable(_)) = error {
            return Self {
                title: "The database does not answer",
                advice: "NetRaven cannot read or write at the moment, and goes on by itself when it can. Nothing was changed by this request; what devices have sent is kept. Try again in some seconds.",
            };
        }
        let (title, advice) = match status.as_u16() {
            404 => (
                "Not found",
                "There is nothing at this address, or you may not see it. Check the address, or begin at the start page.",
            ),
            403 => ("Not allowed", "Your role does not include this. Ask an administrator if you need it."),
            405 => (
                "This cannot be done here",
                "The address exists, but not for this kind of request. Begin at the start page.",
            ),
            413 => (
                "Too much at once",
                "A form may carry one megabyte, a list of devices 16. Send less, or bring large lists in with the command line.",
            ),
            408 | 504 => ("That took too long", "The request ran out of time. Try again."),
            429 => ("Too many requests", "Wait a moment, then try again."),
            503 => ("Not ready", "NetRaven is starting or stopping. Try again in a moment."),
            400..=499 => ("The request was not understood", "Go back and try again."),
            _ => (
                "Something broke",
                "It is not your fault. The cause is in the log, under the reference below.",
            ),
        };
        Self { title, advice }
    }
}
