//! What flaps in a device's history, and how to be rid of it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::found;
use crate::{
    domain::{
        access::{ManagePlatforms, Scope, ViewDevices},
        id::DeviceId,
    },
    service::{Core, backups::noise},
    web::{error::PageError, href, reply, session::May, shell::Shell, words},
};

/// Lines of one kind that flap.
struct Row {
    lines: Vec<String>,
    steps: String,
    pattern: String,
}

#[derive(Template)]
#[template(path = "devices/noise.html")]
struct NoisePage {
    shell: Shell,
    name: String,
    back: String,
    platform: String,
    platform_href: String,
    looked: String,
    folded: String,
    rows: Vec<Row>,
    change: Option<String>,
}

/// `GET /devices/{id}/noise`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let device = found(&core, &by, DeviceId(*id)).await?.device;
    let noise = noise::find(&core, &by, &device).await?;
    let count = |number: usize, word| words::count(i64::try_from(number).unwrap_or(i64::MAX), word);
    let patterns: Vec<(&str, &str)> =
        noise.flapping.iter().map(|it| ("volatile", it.pattern.as_str())).collect();
    let is_known = core.platforms.get(&device.platform).is_some();
    let may_change = by.actor().may::<ManagePlatforms>() && by.scope() == Scope::All && is_known;
    let edit = href::with(&href::platform_act(&device.platform, "edit"), &patterns);
    reply::html(&NoisePage {
        shell,
        back: href::device(device.id),
        platform_href: href::platform(&device.platform),
        looked: count(noise.versions, "version"),
        folded: count(noise.folded, "version"),
        change: (may_change && !noise.flapping.is_empty()).then_some(edit),
        rows: noise
            .flapping
            .into_iter()
            .map(|it| Row { lines: it.lines, steps: count(it.steps, "time"), pattern: it.pattern })
            .collect(),
        name: device.name,
        platform: device.platform,
    })
}
