//! The list of platforms. Its address holds the words looked for.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::access::{ManagePlatforms, Scope, ViewDevices},
    service::{
        Core,
        platforms::{self, Known},
    },
    web::{
        error::PageError,
        form::Params,
        href,
        parts::{Action, Badge, Empty},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
}

/// A row.
struct Row {
    title: String,
    href: String,
    key: String,
    vendor: String,
    ways: String,
    proof: Badge,
    devices: Option<(String, String)>,
}

impl From<Known> for Row {
    fn from(known: Known) -> Self {
        let of = || href::with(href::devices(), &[("platform", &known.head.key)]);
        Self {
            href: href::platform(&known.head.key),
            devices: (known.devices > 0).then(|| (words::grouped(known.devices), of())),
            ways: super::ways(&known.head.transports),
            proof: super::proof(known.head.proof),
            title: known.head.title,
            key: known.head.key,
            vendor: known.head.vendor,
        }
    }
}

#[derive(Template)]
#[template(path = "platforms/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    found: String,
    rows: Vec<Row>,
    may_change: bool,
    empty: Empty,
}

/// `GET /platforms`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let known = platforms::list(&core, &by, &asked.q).await?;
    reply::html(&ListPage {
        shell,
        may_change: by.actor().may::<ManagePlatforms>() && by.scope() == Scope::All,
        asked,
        found: words::count(i64::try_from(known.len()).unwrap_or(i64::MAX), "platform"),
        rows: known.into_iter().map(Row::from).collect(),
        empty: Empty {
            icon: "search",
            title: "No platform like this",
            text: "Look for a maker or a system. One that is missing can be added here, from a session of such a device.",
            action: Some(Action { label: "Show all", href: href::platforms().to_owned() }),
        },
    })
}
