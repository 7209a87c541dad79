//! One act on many devices: on those ticked, or on all that match the filter of the list.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{asked::Asked, list::table, looking};
use crate::{
    domain::{
        access::{ManageDevices, ReadRaw},
        device::Algorithms,
        id::{CredentialId, DeviceId, JumpHostId, ScheduleId, TagId},
    },
    service::{
        Core,
        devices::{self, Chosen, Taken},
        jobs::{self, Which},
        schedules::{self, AddDevicesError},
        tags,
    },
    web::{
        error::PageError,
        flash::Flash,
        form::Form,
        href,
        pages::backups::export::{self, ExportQuery},
        reply, request,
        session::May,
        shell::Shell,
        words,
    },
};

/// What is to be done, and to which devices.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkForm {
    /// `backup`, `check`, `tag`, `untag`, `schedule`, `credential`, `jump_host`, `algorithms`, `enable`, `disable`, `delete`,
    /// `export` for a table of them, or `archive` for their configurations.
    act: String,
    /// `these` or `all`, which are those that match the filter.
    which: String,
    devices: Vec<String>,
    tag_id: String,
    schedule_id: String,
    /// `tags`, or the id of a shared credential.
    login: String,
    /// `none`, or the id of a jump host.
    jump_host: String,
    /// `modern` or `legacy`.
    algorithms: String,
    /// `yes` once the page that asks was answered.
    sure: String,
    q: String,
    platform: String,
    tag: String,
    standing: String,
    enabled: String,
    reached: String,
    owner: String,
}

impl BulkForm {
    fn asked(&self) -> Asked {
        Asked {
            q: self.q.clone(),
            platform: self.platform.clone(),
            tag: self.tag.clone(),
            standing: self.standing.clone(),
            enabled: self.enabled.clone(),
            reached: self.reached.clone(),
            owner: self.owner.clone(),
            ..Asked::default()
        }
    }

    fn chosen(&self) -> Chosen {
        if self.which == "all" {
            return Chosen::Matching(self.asked().filter());
        }
        Chosen::These(self.devices.iter().filter_map(|id| id.parse::<DeviceId>().ok()).collect())
    }
}

/// What came of it: where to go, and what is said there.
struct Done {
    to: String,
    flash: Flash,
}

impl Done {
    fn said(text: String) -> Self {
        Self { to: href::devices().to_owned(), flash: Flash::done(text) }
    }

    fn refused(text: impl Into<String>) -> Self {
        Self { to: href::devices().to_owned(), flash: Flash::problem(text) }
    }
}

fn number(count: usize) -> String {
    words::count(i64::try_from(count).unwrap_or(i64::MAX), "device")
}

#[derive(Template)]
#[template(path = "devices/bulk_delete.html")]
struct AskPage {
    shell: Shell,
    count: String,
    names: Vec<String>,
    more: usize,
    ids: Vec<DeviceId>,
}

/// `POST /devices/bulk`: does it; a deletion is asked about first, with the names.
pub async fn bulk(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    Form(form): Form<BulkForm>,
) -> Result<HttpResponse, PageError> {
    let view = looking(&by)?;
    let found = devices::chosen(&core, &view, &form.chosen()).await?;
    if form.act == "delete" && form.sure != "yes" && !found.is_empty() {
        let (ids, mut names): (Vec<DeviceId>, Vec<String>) = found.into_iter().unzip();
        let more = names.len().saturating_sub(50);
        names.truncate(50);
        let shell = Shell::around(&req)?;
        return reply::html(&AskPage { shell, count: number(ids.len()), names, more, ids });
    }
    let ids: Vec<DeviceId> = found.into_iter().map(|(id, _)| id).collect();
    match form.act.as_str() {
        "export" if !ids.is_empty() => return table(&core, &view, &Taken::These(&ids)).await,
        "archive" if !ids.is_empty() => {
            let versions = devices::newest_versions(&core, &view, &ids).await?;
            let may_raw = by.actor().may::<ReadRaw>();
            return export::ask(
                &core,
                &view,
                &ExportQuery::of(&versions),
                (Shell::around(&req)?, false, may_raw),
            )
            .await;
        }
        _ => {}
    }
    let done = if ids.is_empty() {
        Done::refused("Nothing was changed: select at least one device.")
    } else {
        act(&core, &by, &form, ids).await?
    };
    let site = request::site(&req)?;
    Ok(reply::see_other_saying(&done.to, &done.flash, &site))
}

async fn act(
    core: &Core,
    by: &May<ManageDevices>,
    form: &BulkForm,
    ids: Vec<DeviceId>,
) -> Result<Done, PageError> {
    Ok(match form.act.as_str() {
        "backup" => {
            let run = by.actor().clone().grant()?;
            match jobs::back_up(core, &run, Which::These(ids)).await? {
                Some(started) => Done {
                    to: href::batch(started.batch),
                    flash: Flash::done(format!(
                        "Backups of {} have been started.",
                        number(started.jobs.len())
                    )),
                },
                None => Done::refused("No backup was started: select at least one device."),
            }
        }
        "enable" | "disable" => {
            let is = form.act == "enable";
            let changed = devices::set_enabled(core, by, &ids, is).await?;
            Done::said(format!("{} {}.", number(changed), if is { "enabled" } else { "disabled" }))
        }
        "delete" => {
            let gone = devices::delete_many(core, by, &ids).await?;
            Done::said(format!("{} deleted; they can be brought back for 30 days.", number(gone)))
        }
        "tag" | "untag" => tagged(core, by, form, &ids).await?,
        "schedule" => scheduled(core, by, form, &ids).await?,
        "check" => {
            let run = by.actor().clone().grant()?;
            match jobs::check(core, &run, Which::These(ids)).await? {
                Some(started) => Done {
                    to: href::batch(started.batch),
                    flash: Flash::done(format!("{} will be looked at.", number(started.jobs.len()))),
                },
                None => Done::refused("Nothing was started: select at least one device."),
            }
        }
        "credential" => {
            let login = match form.login.as_str() {
                "tags" => Ok(None),
                id => id.parse().map(|id| Some(CredentialId(id))),
            };
            let Ok(login) = login else {
                return Ok(Done::refused("Nothing was changed: choose a credential."));
            };
            match devices::set_login(core, by, &ids, login).await? {
                Some(count) => Done::said(format!("{} got the credential.", number(count))),
                None => Done::refused("Nothing was changed: this credential has been deleted."),
            }
        }
        "jump_host" => reached(core, by, form, &ids).await?,
        "algorithms" => allowed(core, by, form, &ids).await?,
        _ => Done::refused("Nothing was changed: choose what to do."),
    })
}

async fn reached(
    core: &Core,
    by: &May<ManageDevices>,
    form: &BulkForm,
    ids: &[DeviceId],
) -> Result<Done, PageError> {
    let through = match form.jump_host.as_str() {
        "none" => Ok(None),
        id => id.parse().map(|id| Some(JumpHostId(id))),
    };
    let Ok(through) = through else {
        return Ok(Done::refused("Nothing was changed: choose a jump host."));
    };
    Ok(match devices::set_jump_host(core, by, ids, through).await? {
        Some(count) if through.is_some() => {
            Done::said(format!("{} reached through the jump host.", number(count)))
        }
        Some(count) => Done::said(format!("{} reached without a jump host.", number(count))),
        None => Done::refused("Nothing was changed: this jump host has been deleted."),
    })
}

async fn allowed(
    core: &Core,
    by: &May<ManageDevices>,
    form: &BulkForm,
    ids: &[DeviceId],
) -> Result<Done, PageError> {
    let Ok(algorithms) = form.algorithms.parse::<Algorithms>() else {
        return Ok(Done::refused("Nothing was changed: choose which SSH algorithms."));
    };
    let changed = devices::set_algorithms(core, by, ids, algorithms).await?;
    let words = if algorithms.is_legacy() { "old SSH algorithms, too" } else { "modern SSH algorithms only" };
    Ok(Done::said(format!("{} changed: {words}.", number(changed))))
}

async fn tagged(
    core: &Core,
    by: &May<ManageDevices>,
    form: &BulkForm,
    ids: &[DeviceId],
) -> Result<Done, PageError> {
    let Ok(tag) = form.tag_id.parse().map(TagId) else {
        return Ok(Done::refused("Nothing was changed: choose a tag."));
    };
    let done = if form.act == "tag" {
        tags::assign(core, by, ids, &[tag], true).await?
    } else {
        tags::unassign(core, by, ids, &[tag]).await?
    };
    if done.tags == 0 {
        return Ok(Done::refused("Nothing was changed: this tag is not there, or stays on every device."));
    }
    let verb = if form.act == "tag" { "got the tag" } else { "lost the tag" };
    Ok(Done::said(format!("{} {verb}.", number(done.changed))))
}

async fn scheduled(
    core: &Core,
    by: &May<ManageDevices>,
    form: &BulkForm,
    ids: &[DeviceId],
) -> Result<Done, PageError> {
    let Ok(schedule) = form.schedule_id.parse().map(ScheduleId) else {
        return Ok(Done::refused("Nothing was changed: choose a schedule."));
    };
    let plan = by.actor().clone().grant()?;
    match schedules::add_devices(core, &plan, schedule, ids).await {
        Ok(added) => {
            Ok(Done { to: href::schedule(schedule), flash: Flash::done(format!("{} added.", number(added))) })
        }
        Err(AddDevicesError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => Ok(Done::refused(format!("Nothing was changed: {refusal}."))),
    }
}
