//! The imports: what was brought, by whom, and what came of it.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::view;
use crate::{
    domain::{access::ManageDevices, import::Import},
    service::{Core, import},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Empty, Moment, Pager},
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
    page: String,
}

struct Row {
    href: String,
    label: String,
    at: Moment,
    by: String,
    badge: Badge,
    added: String,
    changed: String,
    rejected: String,
    tag: Option<(String, String)>,
}

impl From<Import> for Row {
    fn from(import: Import) -> Self {
        Self {
            href: href::import(import.id),
            label: format!("Import {}", import.id),
            at: Moment::relative(import.applied_at.unwrap_or(import.created_at)),
            badge: view::state(import.state),
            added: words::grouped(import.added.into()),
            changed: words::grouped(import.changed.into()),
            rejected: words::grouped(import.rejected.into()),
            tag: import.tag.map(|tag| (href::with(href::devices(), &[("tag", &tag)]), tag)),
            by: import.created_by,
        }
    }
}

#[derive(Template)]
#[template(path = "imports/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /imports`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = import::list(&core, &by, lists::requested(&asked.page)).await?;
    reply::html(&ListPage {
        shell,
        pager: lists::pager(&found, |number| href::with(href::imports(), &[("page", number)])),
        rows: found.rows.into_iter().map(Row::from).collect(),
        empty: Empty {
            icon: "upload",
            title: "Nothing was imported yet",
            text: "Bring a list of devices as CSV, from a spreadsheet or another program. You see what it would do before anything happens.",
            action: Some(Action { label: "Bring a list", href: href::import_new().to_owned() }),
        },
    })
}
