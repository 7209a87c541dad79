//! A tag: its devices, the rules that assign it, the credentials that are tried through it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageDevices, ManageTags, ViewCredentials, ViewDevices},
        device::{Device, DeviceFilter},
        id::{DeviceId, TagId},
        page::Page,
        tag::Tag,
    },
    service::{Core, devices, tags},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Badge, Pager, Tone},
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

/// A device of the tag.
#[derive(Debug)]
struct DeviceLine {
    id: DeviceId,
    name: String,
    href: String,
    address: String,
    badge: Badge,
}

impl From<Device> for DeviceLine {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            href: href::device(device.id),
            badge: words::standing_badge(device.standing()),
            name: device.name,
            address: device.address,
        }
    }
}

/// A rule that assigns the tag.
#[derive(Debug)]
struct RuleLine {
    name: String,
    href: String,
    criteria: String,
    badge: Badge,
}

/// On, or off.
pub(in crate::web::pages) fn at_work(is_enabled: bool) -> Badge {
    if is_enabled {
        Badge::new(Tone::Ok, "circle-check", "On")
    } else {
        Badge::new(Tone::Idle, "player-pause", "Off")
    }
}

#[derive(Template)]
#[template(path = "tags/detail.html")]
struct TagPage {
    shell: Shell,
    tag: Tag,
    devices: Vec<DeviceLine>,
    total: String,
    pager: Option<Pager>,
    rules: Vec<RuleLine>,
    credentials: Option<Vec<(String, i32)>>,
    may_edit: bool,
    may_tag: bool,
    edit: String,
    delete: String,
    attach: String,
    detach: String,
}

async fn credentials(
    core: &Core,
    by: &May<ViewDevices>,
    id: TagId,
) -> Result<Option<Vec<(String, i32)>>, PageError> {
    let Ok(by) = by.actor().clone().grant::<ViewCredentials>() else {
        return Ok(None);
    };
    let found = tags::credentials(core, &by, id).await?;
    let named = |name: Option<String>| name.unwrap_or_else(|| "without a name".to_owned());
    Ok(Some(found.into_iter().map(|(_, name, priority)| (named(name), priority)).collect()))
}

/// `GET /tags/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    id: Path<i64>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    let found = tags::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let filter = DeviceFilter { tag: Some(found.tag.name.clone()), ..DeviceFilter::default() };
    let (devices, _) = devices::list(&core, &by, &filter, lists::requested(&asked.page)).await?;
    let Page { total, .. } = devices;
    let rules = found.rules.into_iter().map(|rule| RuleLine {
        href: href::rule(rule.id),
        criteria: rule.criteria.to_string(),
        badge: at_work(rule.is_enabled),
        name: rule.name,
    });
    reply::html(&TagPage {
        shell,
        tag: found.tag,
        pager: lists::pager(&devices, |number| href::with(&href::tag(id), &[("page", number)])),
        devices: devices.rows.into_iter().map(DeviceLine::from).collect(),
        total: words::count(total, "device"),
        rules: rules.collect(),
        credentials: credentials(&core, &by, id).await?,
        may_edit: by.actor().may::<ManageTags>(),
        may_tag: by.actor().may::<ManageDevices>(),
        edit: href::tag_edit(id),
        delete: href::tag_delete(id),
        attach: href::tag_attach(id),
        detach: href::tag_detach(id),
    })
}
