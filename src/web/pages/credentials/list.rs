//! The list of shared credentials. Its address holds the words looked for and the page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageCredentials, ViewCredentials},
        credential::Shared,
    },
    service::{Core, credentials},
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
    q: String,
    page: String,
}

/// A row.
#[derive(Debug)]
struct Row {
    name: String,
    description: String,
    href: String,
    username: String,
    secrets: String,
    badge: Badge,
    successes: String,
    failures: String,
    last: Option<Moment>,
}

impl From<Shared> for Row {
    fn from(shared: Shared) -> Self {
        Self {
            href: href::credential(shared.credential.id),
            secrets: super::secrets(&shared.credential),
            badge: super::standing(&shared),
            successes: words::grouped(shared.successes),
            failures: words::grouped(shared.failures),
            last: shared.last_success_at.map(Moment::relative),
            name: shared.credential.name.unwrap_or_default(),
            username: shared.credential.username,
            description: shared.description,
        }
    }
}

#[derive(Template)]
#[template(path = "credentials/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    may_edit: bool,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /credentials`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewCredentials>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = credentials::list(&core, &by, &asked.q, lists::requested(&asked.page)).await?;
    let pager =
        lists::pager(&found, |number| href::with(href::credentials(), &[("q", &asked.q), ("page", number)]));
    let may_edit = by.actor().may::<ManageCredentials>();
    reply::html(&ListPage {
        shell,
        may_edit,
        rows: found.rows.into_iter().map(Row::from).collect(),
        pager,
        empty: Empty {
            icon: "key",
            title: if asked.q.is_empty() { "No shared credential yet" } else { "No credential like this" },
            text: "A shared credential serves many devices: chosen for each, or tried through their tags.",
            action: may_edit
                .then(|| Action { label: "Add a credential", href: href::credential_new().to_owned() }),
        },
        asked,
    })
}
