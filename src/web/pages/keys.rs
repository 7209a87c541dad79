//! The keys that seal secrets and configurations: what each still seals, and the making of a new one.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::ManageKeys,
        id::DataKeyId,
        key::{DataKey, KeyState},
    },
    service::{
        Core,
        keys::{self, KeyError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::{Badge, Confirm, Moment, Tone},
        reply,
        session::May,
        shell::Shell,
        site::Site,
    },
};

/// A row.
struct Line {
    name: String,
    badge: Badge,
    made: Moment,
    values: i64,
    remove: Option<String>,
}

impl From<DataKey> for Line {
    fn from(key: DataKey) -> Self {
        let (tone, icon, word) = match key.state {
            KeyState::Coming => (Tone::Warn, "hourglass", "About to seal"),
            KeyState::Active => (Tone::Ok, "check", "Seals"),
            KeyState::Retiring => (Tone::Warn, "loader-2", "Being replaced"),
            KeyState::Retired => (Tone::Idle, "archive", "Retired"),
        };
        Self {
            name: format!("Key {}", key.id),
            badge: Badge::new(tone, icon, word),
            made: Moment::exact(key.created_at),
            values: key.values,
            remove: key.is_removable.then(|| href::remove_key(key.id)),
        }
    }
}

#[derive(Template)]
#[template(path = "keys/page.html")]
struct KeysPage {
    shell: Shell,
    rows: Vec<Line>,
    is_under_way: bool,
}

/// `GET /keys`.
pub async fn page(core: Data<Core>, by: May<ManageKeys>, shell: Shell) -> Result<HttpResponse, PageError> {
    let all = keys::status(&core, &by).await?;
    let is_under_way = all.iter().any(|key| matches!(key.state, KeyState::Coming | KeyState::Retiring));
    let rows = all.into_iter().rev().map(Line::from).collect();
    reply::html(&KeysPage { shell, rows, is_under_way })
}

#[derive(Template)]
#[template(path = "keys/rotate.html")]
struct RotatePage<'a> {
    shell: &'a Shell,
    confirm: Confirm<'a>,
}

/// `GET /keys/rotate`: what a rotation does.
pub async fn ask(_by: May<ManageKeys>, shell: Shell) -> Result<HttpResponse, PageError> {
    let touched = [
        "A new key is made and seals everything from now on",
        "All credentials, configurations, screens and sealed settings are sealed anew in the background; jobs go on meanwhile",
        "The old key opens what is left until nothing is",
    ];
    reply::html(&RotatePage {
        confirm: Confirm {
            question: "Rotate the keys? This happens:".to_owned(),
            touched: touched.map(str::to_owned).to_vec(),
            consequence: "Copies of the database made before still open with the old key and the master key.",
            verb: "Make a new key",
            action: href::rotate_keys().to_owned(),
            back: href::keys().to_owned(),
            csrf: &shell.csrf,
        },
        shell: &shell,
    })
}

fn said(flash: &Flash, site: &Site) -> HttpResponse {
    reply::see_other_saying(href::keys(), flash, site)
}

fn refused(error: KeyError, site: &Site) -> Result<HttpResponse, PageError> {
    match error {
        KeyError::Fault(fault) => Err(fault.into()),
        KeyError::Unknown(_) => Err(PageError::NotFound),
        other @ (KeyError::UnderWay(_) | KeyError::Needed(..)) => {
            Ok(said(&Flash::problem(format!("Nothing was changed: {other}.")), site))
        }
    }
}

/// `POST /keys/rotate`.
pub async fn rotate(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageKeys>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    match keys::rotate(&core, &by).await {
        Ok(id) => {
            Ok(said(&Flash::done(format!("Key {id} was made. Everything is being sealed anew.")), &site))
        }
        Err(error) => refused(error, &site),
    }
}

/// `POST /keys/{id}/remove`.
pub async fn remove(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageKeys>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    match keys::remove(&core, &by, DataKeyId(*id)).await {
        Ok(()) => Ok(said(&Flash::done(format!("Key {id} is gone.")), &site)),
        Err(error) => refused(error, &site),
    }
}
