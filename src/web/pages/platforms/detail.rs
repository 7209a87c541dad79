//! One platform: how it is reached, what is asked, what proves it, and its file.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::RevisionLine;
use crate::{
    domain::{
        access::{ManagePlatforms, RunBackups, Scope, ViewDevices},
        device::Device,
        revision::{Revision, RevisionState},
    },
    service::{
        Core, devices,
        platforms::{self, Detail, revisions},
    },
    web::{
        error::PageError,
        href,
        parts::{Badge, Tone},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

#[derive(Template)]
#[template(path = "platforms/detail.html")]
struct DetailPage {
    shell: Shell,
    title: String,
    key: String,
    vendor: String,
    known_as: String,
    ways: String,
    proof: Badge,
    proof_by: Option<String>,
    is_untested: bool,
    config: Vec<String>,
    info: Vec<String>,
    devices: String,
    of: String,
    source: String,
    may_change: bool,
    trial: Option<Trial>,
    is_changed: bool,
    revisions: Vec<RevisionLine>,
}

/// What is on trial, and how the device fares by it.
struct Trial {
    revision: String,
    device: String,
    href: String,
    standing: Badge,
    /// The device's number, for whoever may back it up.
    back_up: Option<String>,
}

async fn trial(core: &Core, by: &May<ViewDevices>, saved: &[Revision]) -> Result<Option<Trial>, PageError> {
    let Some(it) = saved.iter().find(|it| it.state == RevisionState::Trial) else { return Ok(None) };
    let device: Option<Device> = match it.device {
        Some(id) => devices::find(core, by, id).await?.map(|it| it.device),
        None => None,
    };
    Ok(Some(match device {
        Some(device) => Trial {
            revision: it.id.to_string(),
            href: href::device(device.id),
            // What happened before the trial says nothing of it.
            standing: match &device.last_job {
                Some(last) if last.at > it.saved_at => words::standing_badge(device.standing()),
                _ => Badge::new(Tone::Idle, "clock", "Not tried yet"),
            },
            back_up: by.actor().may::<RunBackups>().then(|| device.id.to_string()),
            device: device.name,
        },
        None => Trial {
            revision: it.id.to_string(),
            href: href::devices().to_owned(),
            back_up: None,
            standing: Badge::new(Tone::Idle, "info-circle", "Gone or out of sight"),
            device: "a device".to_owned(),
        },
    }))
}

/// `GET /platforms/{key}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    key: Path<String>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = platforms::find(&core, &by, &key).await?.ok_or(PageError::NotFound)?;
    let Detail { known, proof_by, commands: (config, info), source } = found;
    let saved = revisions::list(&core, &by, &key).await?;
    reply::html(&DetailPage {
        shell,
        may_change: by.actor().may::<ManagePlatforms>() && by.scope() == Scope::All,
        trial: trial(&core, &by, &saved).await?,
        is_changed: saved.iter().any(|it| it.state == RevisionState::InUse),
        revisions: saved.iter().map(RevisionLine::from).collect(),
        ways: super::ways(&known.head.transports),
        proof: super::proof(known.head.proof),
        proof_by,
        is_untested: known.head.proof == "untested",
        config,
        info,
        devices: words::count(known.devices, "device"),
        of: href::with(href::devices(), &[("platform", &known.head.key)]),
        title: known.head.title,
        key: known.head.key,
        vendor: known.head.vendor,
        known_as: known.head.known_as.join(", "),
        source,
    })
}
