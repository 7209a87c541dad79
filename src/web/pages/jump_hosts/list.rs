//! The list of jump hosts. There are few, so it has one page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use crate::{
    domain::access::{ManageCredentials, ViewCredentials},
    service::{Core, credentials, jump_hosts},
    web::{
        error::PageError,
        href,
        pages::devices::detail::place,
        parts::{Action, Badge, Empty, Tone},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// A row.
#[derive(Debug)]
struct Row {
    name: String,
    href: String,
    place: String,
    via: String,
    credential: String,
    devices: String,
    badge: Badge,
}

#[derive(Template)]
#[template(path = "jump_hosts/list.html")]
struct ListPage {
    shell: Shell,
    may_edit: bool,
    rows: Vec<Row>,
    empty: Empty,
}

/// `GET /jump-hosts`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewCredentials>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let looking = by.actor().clone().grant()?;
    let named = credentials::names(&core, &looking).await?;
    let all = jump_hosts::list(&core, &by).await?;
    let behind = jump_hosts::behind(&core, &by).await?;
    let mut rows = Vec::new();
    for host in &all {
        let via = host.via.and_then(|via| all.iter().find(|other| other.id == via));
        let credential = named.iter().find(|(id, _)| *id == host.credential);
        rows.push(Row {
            name: host.name.clone(),
            href: href::jump_host(host.id),
            place: place(&host.address, host.port),
            via: via.map(|via| via.name.clone()).unwrap_or_default(),
            credential: credential.map(|(_, name)| name.clone()).unwrap_or_default(),
            devices: words::count(behind.get(&host.id).copied().unwrap_or_default(), "device"),
            badge: if host.refused.is_some() {
                Badge::new(Tone::Bad, "ban", "Refused its credential")
            } else if host.pin.as_ref().is_some_and(|pin| pin.refused.is_some()) {
                Badge::new(Tone::Bad, "fingerprint", "Another host key")
            } else {
                Badge::new(Tone::Ok, "circle-check", "In use")
            },
        });
    }
    let may_edit = by.actor().may::<ManageCredentials>();
    reply::html(&ListPage {
        shell,
        may_edit,
        rows,
        empty: Empty {
            icon: "server-2",
            title: "No jump host yet",
            text: "A jump host is an SSH server through which devices are reached that are not reached from here.",
            action: may_edit
                .then(|| Action { label: "Add a jump host", href: href::jump_host_new().to_owned() }),
        },
    })
}
