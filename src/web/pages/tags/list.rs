//! The list of tags. Its address holds the words looked for and the page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageTags, ViewDevices},
        tag::{Tag, TagUse},
    },
    service::{Core, tags},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Empty, Pager},
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
    page: String,
}

/// A row.
#[derive(Debug)]
struct Line {
    tag: Tag,
    href: String,
    devices: String,
    devices_href: String,
    rules: String,
    credentials: String,
}

impl Line {
    fn new((tag, uses): (Tag, TagUse)) -> Self {
        Self {
            href: href::tag(tag.id),
            devices_href: href::with(href::devices(), &[("tag", &tag.name)]),
            devices: words::grouped(uses.devices),
            rules: words::grouped(uses.rules),
            credentials: words::grouped(uses.credentials),
            tag,
        }
    }
}

#[derive(Template)]
#[template(path = "tags/list.html")]
struct TagsPage {
    shell: Shell,
    asked: Asked,
    may_edit: bool,
    rows: Vec<Line>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /tags`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = tags::list(&core, &by, &asked.q, lists::requested(&asked.page)).await?;
    let pager = lists::pager(&found, |number| href::with(href::tags(), &[("q", &asked.q), ("page", number)]));
    let may_edit = by.actor().may::<ManageTags>();
    reply::html(&TagsPage {
        shell,
        may_edit,
        rows: found.rows.into_iter().map(Line::new).collect(),
        pager,
        empty: Empty {
            icon: "tag",
            title: "No tag like this",
            text: "Tags group devices: for schedules, for shared credentials, and for who may see what.",
            action: may_edit.then(|| Action { label: "Add a tag", href: href::tag_new().to_owned() }),
        },
        asked,
    })
}
