//! The list of devices. Its address holds filter, order and page.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{TagLink, asked::Asked, choices};
use crate::{
    domain::{
        access::{Grant, ManageDevices, ManageSchedules, RunBackups, ViewDevices},
        device::{Device, DeviceOrder, Reach, Standing},
        id::{DeviceId, JobId},
        page::Page,
    },
    service::{
        Core, credentials,
        devices::{self, Taken},
        jobs, jump_hosts, platforms, schedules, tags,
    },
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Choice, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// A device as the list shows it.
#[derive(Debug)]
struct Row {
    id: DeviceId,
    name: String,
    href: String,
    place: String,
    is_clear_text: bool,
    is_legacy: bool,
    platform: String,
    tags: Vec<TagLink>,
    badge: Badge,
    trouble: Option<&'static str>,
    is_enabled: bool,
    job: Option<String>,
    last_good: Option<Moment>,
    last_change: Option<Moment>,
}

/// What the rows need besides the devices themselves.
struct Beside<'a> {
    tags: BTreeMap<DeviceId, Vec<String>>,
    reach: BTreeMap<DeviceId, Reach>,
    under_way: BTreeMap<DeviceId, JobId>,
    platforms: &'a [(String, String)],
}

impl Row {
    fn new(device: Device, beside: &mut Beside<'_>) -> Self {
        let job = beside.under_way.get(&device.id);
        let trouble =
            device.last_job.as_ref().and_then(|job| words::trouble_of(job.state, job.outcome, job.class));
        let title = beside.platforms.iter().find(|(key, _)| *key == device.platform);
        Self {
            href: href::device(device.id),
            place: super::detail::place(&device.address, device.port),
            is_clear_text: device.transport.is_clear_text(),
            is_legacy: beside.reach.get(&device.id).is_some_and(|reach| reach.algorithms.is_legacy()),
            tags: TagLink::all(beside.tags.remove(&device.id).unwrap_or_default()),
            badge: words::standing_badge(device.standing()),
            trouble: trouble.map(|trouble| trouble.title),
            is_enabled: device.is_enabled,
            job: job.map(|job| href::job(*job)),
            last_good: device.last_good_at.map(Moment::relative),
            last_change: device.last_changed_at.map(Moment::relative),
            id: device.id,
            platform: title.map_or(device.platform, |(_, title)| title.clone()),
            name: device.name,
        }
    }
}

/// A field above the list.
struct Filter {
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
}

fn filters(asked: &Asked, platforms: &[(String, String)], tags: &[String], owners: &[String]) -> Vec<Filter> {
    let platforms = platforms.iter().map(|(key, title)| (key.as_str(), title.clone()));
    let tags = tags.iter().map(|tag| (tag.as_str(), tag.clone()));
    let standings =
        Standing::ALL.iter().map(|standing| (standing.as_str(), words::standing(*standing).to_owned()));
    let enabled = [("yes", "Enabled".to_owned()), ("no", "Disabled".to_owned())];
    let reached = [
        ("yes", "Reachable".to_owned()),
        ("no", "Not reachable".to_owned()),
        ("never", "Never checked".to_owned()),
    ];
    let orders = DeviceOrder::ALL
        .iter()
        .filter(|order| **order != DeviceOrder::Name)
        .map(|order| (order.as_str(), in_order(*order).to_owned()));
    let choices = [
        lists::choices("Any state", &asked.standing, standings),
        lists::choices("Any platform", &asked.platform, platforms),
        lists::choices("Any tag", &asked.tag, tags),
        lists::choices("On and off", &asked.enabled, enabled.into_iter()),
        lists::choices("Reachable or not", &asked.reached, reached.into_iter()),
        lists::choices("Any owner", &asked.owner, owners.iter().map(|name| (name.as_str(), name.clone()))),
        lists::choices("By name", &asked.sort, orders),
        lists::sizes(&asked.size),
    ];
    let names = ["standing", "platform", "tag", "enabled", "reached", "owner", "sort", "size"];
    let labels = ["State", "Platform", "Tag", "Enabled", "Reachable", "Owner", "Order", "Rows"];
    let fields = names.into_iter().zip(labels).zip(choices);
    fields.map(|((name, label), choices)| Filter { name, label, choices }).collect()
}

fn in_order(order: DeviceOrder) -> &'static str {
    match order {
        DeviceOrder::Name => "By name",
        DeviceOrder::Address => "By address",
        DeviceOrder::Platform => "By platform",
        DeviceOrder::Stalest => "Oldest backup first",
        DeviceOrder::Changed => "Newest change first",
        DeviceOrder::Newest => "Added last first",
    }
}

#[derive(Template)]
#[template(path = "devices/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    filters: Vec<Filter>,
    is_filtered: bool,
    table: Table,
    empty: Empty,
    hidden: Vec<(&'static str, String)>,
    tags: Vec<Choice>,
    schedules: Vec<Choice>,
    credentials: Vec<Choice>,
    jump_hosts: Vec<Choice>,
    algorithms: Vec<Choice>,
    csv: String,
    may_run: bool,
    may_manage: bool,
}

/// The rows of one page, which look again by themselves while something runs.
struct Table {
    summary: String,
    rows: Vec<Row>,
    pager: Option<Pager>,
    is_busy: bool,
}

impl Table {
    fn new(page: Page<Device>, mut beside: Beside<'_>, asked: &Asked) -> Self {
        Self {
            summary: words::count(page.total, "device"),
            pager: lists::pager(&page, |number| asked.href(number)),
            is_busy: !beside.under_way.is_empty(),
            rows: page.rows.into_iter().map(|device| Row::new(device, &mut beside)).collect(),
        }
    }
}

fn empty(is_filtered: bool, may_manage: bool) -> Empty {
    if is_filtered {
        return Empty {
            icon: "search",
            title: "No device matches",
            text: "Take a filter away, or look for another word.",
            action: Some(Action { label: "Show all devices", href: href::devices().to_owned() }),
        };
    }
    Empty {
        icon: "router",
        title: "No devices yet",
        text: "Add the first one here, or bring a whole list with Import above.",
        action: may_manage.then(|| Action { label: "Add a device", href: href::new_device().to_owned() }),
    }
}

fn choice(id: &impl ToString, name: String) -> Choice {
    Choice { value: id.to_string(), label: name, chosen: false }
}

/// `GET /devices.csv`: the devices that match, for a spreadsheet or for `device import`.
pub async fn csv(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(asked): Params<Asked>,
) -> Result<HttpResponse, PageError> {
    table(&core, &by, &Taken::Matching(&asked.filter())).await
}

/// Devices as a file.
pub(super) async fn table(
    core: &Core,
    by: &Grant<ViewDevices>,
    taken: &Taken<'_>,
) -> Result<HttpResponse, PageError> {
    let table = devices::csv(core, by, taken).await?;
    let name = format!("netraven-devices-{}.csv", core.now().format("%Y%m%d-%H%M%S"));
    Ok(reply::download(&name, table))
}

/// `GET /devices`: the devices that match.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let request = lists::sized(&asked.page, &asked.size);
    let (page, tags) = devices::list(&core, &by, &asked.filter(), request).await?;
    let ids: Vec<DeviceId> = page.rows.iter().map(|device| device.id).collect();
    let under_way = jobs::under_way(&core, &by, &ids).await?;
    let reach = devices::reach(&core, &by, &ids).await?;
    let platforms = platforms::by_title(&core);
    let tag_names = devices::tag_names(&core, &by).await?;
    let (may_run, may_manage) = (by.actor().may::<RunBackups>(), by.actor().may::<ManageDevices>());
    let owners: Vec<String> = devices::owners(&core, &by).await?.into_iter().map(|(_, name)| name).collect();
    let plans = match by.actor().clone().grant::<ManageSchedules>() {
        Ok(by) => schedules::by_device(&core, &by).await?,
        Err(_) => Vec::new(),
    };
    let known = tags::named(&core, &by).await?;
    let shared = credentials::names(&core, &by).await?;
    let hosts = jump_hosts::names(&core, &by).await?;
    let beside = Beside { tags, reach, under_way, platforms: &platforms };
    reply::html(&ListPage {
        shell,
        filters: filters(&asked, &platforms, &tag_names, &owners),
        hidden: asked.hidden(),
        tags: known.into_iter().map(|(id, name)| choice(&id, name)).collect(),
        schedules: plans.into_iter().map(|(id, name)| choice(&id, name)).collect(),
        credentials: shared.into_iter().map(|(id, name)| choice(&id, name)).collect(),
        jump_hosts: hosts.into_iter().map(|(id, name)| choice(&id, name)).collect(),
        algorithms: choices::algorithms(""),
        csv: asked.address(href::devices_csv(), ""),
        is_filtered: asked.is_filtered(),
        empty: empty(asked.is_filtered(), may_manage),
        may_run,
        may_manage,
        table: Table::new(page, beside, &asked),
        asked,
    })
}
