//! A shared credential: what it is, for which devices, and how they answered.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageCredentials, ViewCredentials, ViewDevices},
        credential::{CredentialTag, CredentialUse, Shared},
        id::CredentialId,
    },
    service::{Core, credentials, tags},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Badge, Choice, Moment, Pager, Tone},
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

/// A device that it is for.
#[derive(Debug)]
struct UseRow {
    id: String,
    name: String,
    href: String,
    how: &'static str,
    badge: Badge,
    at: Option<Moment>,
}

impl UseRow {
    fn new(of: CredentialUse, revision: i32) -> Self {
        let badge = match of.answer {
            None => Badge::new(Tone::Idle, "circle-dashed", "Not tried"),
            Some(answer) if answer.revision != revision => {
                Badge::new(Tone::Idle, "clock", "Not since the last change")
            }
            Some(answer) if answer.is_accepted => Badge::new(Tone::Ok, "circle-check", "Accepted"),
            Some(_) => Badge::new(Tone::Bad, "circle-x", "Refused"),
        };
        Self {
            id: of.device.to_string(),
            href: href::device(of.device),
            how: if of.is_direct { "chosen for it" } else { "through a tag" },
            badge,
            at: of.answer.map(|answer| Moment::relative(answer.at)),
            name: of.name,
        }
    }
}

#[derive(Template)]
#[template(path = "credentials/detail.html")]
struct DetailPage {
    shell: Shell,
    name: String,
    badge: Badge,
    secrets: String,
    counts: String,
    last_success: Option<Moment>,
    last_failure: Option<Moment>,
    rotated: Option<Moment>,
    tags: Vec<CredentialTag>,
    all_tags: Vec<Choice>,
    uses: Vec<UseRow>,
    total: String,
    progress: Option<String>,
    pager: Option<Pager>,
    may_edit: bool,
    links: Links,
    shared: Shared,
}

/// Where the page's forms go.
#[derive(Debug)]
struct Links {
    edit: String,
    delete: String,
    tags: String,
    test: String,
    resume: String,
    previous: String,
}

/// `GET /credentials/{id}`.
pub async fn page(
    core: Data<Core>,
    (by, view): (May<ViewCredentials>, May<ViewDevices>),
    id: Path<i64>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let found =
        credentials::find(&core, &by, id, lists::requested(&asked.page)).await?.ok_or(PageError::NotFound)?;
    let shared = found.shared;
    let (all, done) = found.progress;
    let all_tags = tags::named(&core, &view).await?;
    let act = |act: &str| href::credential_act(id, act);
    reply::html(&DetailPage {
        shell,
        name: shared.credential.name.clone().unwrap_or_default(),
        badge: super::standing(&shared),
        secrets: super::secrets(&shared.credential),
        counts: format!(
            "accepted {}, refused {}",
            words::count(shared.successes, "time"),
            words::count(shared.failures, "time")
        ),
        last_success: shared.last_success_at.map(Moment::relative),
        last_failure: shared.last_failure_at.map(Moment::relative),
        rotated: shared.rotated_at.map(Moment::relative),
        tags: found.tags,
        all_tags: all_tags
            .into_iter()
            .map(|(id, label)| Choice { value: id.to_string(), label, chosen: false })
            .collect(),
        total: words::count(found.uses.total, "device"),
        pager: lists::pager(&found.uses, |number| href::with(&href::credential(id), &[("page", number)])),
        uses: found.uses.rows.into_iter().map(|of| UseRow::new(of, shared.revision)).collect(),
        progress: shared.previous.is_some().then(|| format!("{done} of {}", words::count(all, "device"))),
        may_edit: by.actor().may::<ManageCredentials>(),
        links: Links {
            edit: act("edit"),
            delete: act("delete"),
            tags: act("tags"),
            test: act("test"),
            resume: act("resume"),
            previous: act("previous"),
        },
        shared,
    })
}
