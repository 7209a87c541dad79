//! Kept contents: where they are, whether they are whole, and moving them.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use crate::{
    domain::{access::ManageSettings, setting::Storage},
    service::{
        Core,
        storage::{
            self, Held, Status,
            relocate::{self, MoveError},
        },
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing, Params},
        href,
        parts::{Badge, Confirm, Moment, Tone},
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// A place, for people.
fn called(place: Storage) -> &'static str {
    match place {
        Storage::Local => "Database",
        Storage::Directory => "Files of the data folder",
        Storage::S3 => "Bucket",
    }
}

/// A row.
struct Line {
    name: &'static str,
    is_new: bool,
    contents: String,
    size: String,
    badge: Badge,
    /// The check that is longest ago, of a place where all have been checked.
    checked: Option<Moment>,
    /// Where everything is moved here.
    bring: Option<String>,
}

impl Line {
    fn of(at: Storage, status: &Status) -> Self {
        let held = status.held.iter().find(|held| held.at == at);
        let all: i64 = status.held.iter().map(|held| held.contents).sum();
        let contents = held.map_or(0, |held| held.contents);
        let is_away = at == Storage::S3 && status.no_bucket.is_some();
        Self {
            name: called(at),
            is_new: status.new == at,
            contents: words::grouped(contents),
            size: words::size(held.map_or(0, |held| held.bytes)),
            badge: badge(held),
            checked: held.map(|held| held.oldest_check).filter(|at| at.timestamp() > 0).map(Moment::relative),
            bring: (contents < all && !is_away)
                .then(|| href::with(href::move_storage(), &[("to", at.as_str())])),
        }
    }
}

fn badge(held: Option<&Held>) -> Badge {
    match held.map_or(0, |held| held.damaged) {
        0 if held.is_none() => Badge::new(Tone::Idle, "circle-dashed", "Nothing here"),
        0 => Badge::new(Tone::Ok, "circle-check", "None damaged"),
        damaged => Badge::new(Tone::Bad, "circle-x", format!("{} damaged", words::grouped(damaged))),
    }
}

/// What is said of a move.
struct Moving {
    tone: &'static str,
    icon: &'static str,
    text: String,
    is_under_way: bool,
}

fn moving(status: &Status) -> Option<Moving> {
    let (to, work) = status.moving.as_ref()?;
    let (to, moved) = (called(*to).to_lowercase(), words::count(work.done, "content"));
    let left = match work.failed {
        0 => String::new(),
        failed => format!(" {} damaged and left.", words::grouped(failed)),
    };
    let is_under_way = work.finished_at.is_none();
    Some(match (&work.message, is_under_way) {
        (Some(why), true) => Moving {
            tone: "bad",
            icon: "alert-triangle",
            text: format!(
                "The move to the {to} stands still after {moved}: {why}. It is tried again by itself.{left}"
            ),
            is_under_way,
        },
        (None, true) => Moving {
            tone: "warn",
            icon: "loader-2",
            text: format!("A move to the {to} is under way, also after a restart: {moved} so far.{left}"),
            is_under_way,
        },
        (_, false) => Moving {
            tone: if work.failed == 0 { "ok" } else { "bad" },
            icon: if work.failed == 0 { "circle-check" } else { "circle-x" },
            text: format!("The last move, to the {to}, is over: {moved}.{left}"),
            is_under_way,
        },
    })
}

/// What is said of the nights.
fn nights(status: &Status) -> (String, Option<Moment>) {
    let Some(work) = status.verify.as_ref().filter(|work| work.started_at.timestamp() > 0) else {
        return ("Every night a share of all contents is read back; no night has come yet.".to_owned(), None);
    };
    let read = words::count(work.done, "content");
    let text = match (&work.message, work.finished_at) {
        (_, None) => "Contents are being read back".to_owned(),
        (Some(why), Some(_)) => {
            format!("{read} read back, {} damaged, some out of reach ({why})", work.failed)
        }
        (None, Some(_)) => format!("{read} read back, {} damaged", work.failed),
    };
    (text, Some(Moment::relative(work.finished_at.unwrap_or(work.started_at))))
}

#[derive(Template)]
#[template(path = "storage/page.html")]
struct StoragePage {
    shell: Shell,
    rows: Vec<Line>,
    moving: Option<Moving>,
    night: String,
    night_at: Option<Moment>,
    no_bucket: Option<String>,
    setting: String,
}

/// `GET /storage`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageSettings>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let status = storage::status(&core, &by).await?;
    let (night, night_at) = nights(&status);
    reply::html(&StoragePage {
        shell,
        rows: Storage::ALL.iter().map(|at| Line::of(*at, &status)).collect(),
        moving: moving(&status),
        night,
        night_at,
        no_bucket: status.no_bucket,
        setting: href::with(href::settings(), &[("category", "system")]),
    })
}

/// Where to.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    to: String,
}

impl Asked {
    fn place(&self) -> Storage {
        self.to.parse().unwrap_or(Storage::Local)
    }
}

#[derive(Template)]
#[template(path = "storage/move.html")]
struct MovePage<'a> {
    shell: &'a Shell,
    confirm: Confirm<'a>,
}

/// `GET /storage/move`: what a move does.
pub async fn ask(
    _by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let to = asked.place();
    let touched = [
        "Each content is written to the new place, read back from there, and only then counts as moved",
        "Every version stays readable meanwhile, and backups go on",
        "Files and objects that are no longer needed go a week later",
    ];
    reply::html(&MovePage {
        confirm: Confirm {
            question: format!("Move everything that is kept to the {}?", called(to).to_lowercase()),
            touched: touched.map(str::to_owned).to_vec(),
            consequence: "It can be moved back the same way. Where new contents go is a setting of its own.",
            verb: "Move everything",
            action: href::with(href::move_storage(), &[("to", to.as_str())]),
            back: href::storage().to_owned(),
            csrf: &shell.csrf,
        },
        shell: &shell,
    })
}

/// `POST /storage/move`.
pub async fn start(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let flash = match relocate::begin(&core, &by, asked.place()).await {
        Ok(()) => Flash::done("The move has begun. It goes on in the background."),
        Err(MoveError::Fault(fault)) => return Err(fault.into()),
        Err(error @ MoveError::NoBucket(_)) => Flash::problem(format!("Nothing is moved: {error}.")),
    };
    Ok(reply::see_other_saying(href::storage(), &flash, &site))
}
