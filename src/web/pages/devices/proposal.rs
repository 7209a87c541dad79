//! Which platform a device may be of, and its confirmation.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use super::{found, looking};
use crate::{
    domain::{
        access::{ManageDevices, RunBackups},
        id::DeviceId,
        proposal::Proposed,
    },
    service::{
        Core,
        devices::{DeviceDetail, SaveDeviceError, proposals},
        jobs::{self, Which},
        platforms,
    },
    web::{error::PageError, flash::Flash, form::Form, href, parts::Moment, reply, request, session::May},
};

/// A device whose platform is yet to be confirmed, as its page shows it.
pub(super) struct Unconfirmed {
    pub(super) action: String,
    pub(super) edit: String,
    pub(super) version: i32,
    pub(super) best: Option<Best>,
}

/// What was found out.
pub(super) struct Best {
    pub(super) key: String,
    pub(super) title: String,
    pub(super) sure: u8,
    pub(super) reasons: String,
    pub(super) second: Option<(String, u8)>,
    pub(super) at: Moment,
    pub(super) job: Option<String>,
}

impl Unconfirmed {
    /// `None` for a device whose platform somebody has chosen.
    pub fn of(core: &Core, detail: &mut DeviceDetail) -> Option<Self> {
        let device = &detail.device;
        if !proposals::is_wanted(device) {
            return None;
        }
        let best = detail.proposed.take().map(|Proposed { proposal, job, at }| Best {
            title: platforms::title(core, &proposal.platform),
            key: proposal.platform,
            sure: proposal.sure,
            reasons: proposal.reasons.join(", "),
            second: proposal.second.map(|(key, sure)| (platforms::title(core, &key), sure)),
            at: Moment::relative(at),
            job: job.map(href::job),
        });
        Some(Self {
            action: href::confirm_platform(device.id),
            edit: href::edit_device(device.id),
            version: device.version,
            best,
        })
    }
}

/// The platform that a person confirms, and the version of the device that the person saw.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfirmForm {
    platform: String,
    version: String,
    back_up: String,
}

/// `POST /devices/{id}/platform`: gives the device the platform that was found out, and may start a backup.
pub async fn confirm(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(form): Form<ConfirmForm>,
) -> Result<HttpResponse, PageError> {
    let (id, site) = (DeviceId(*path), request::site(&req)?);
    found(&core, &looking(&by)?, id).await?;
    // What is no number is the version of no device.
    let version = form.version.parse().unwrap_or_default();
    match proposals::confirm(&core, &by, (id, version), &form.platform).await {
        Ok(()) => {}
        Err(SaveDeviceError::Fault(fault)) => return Err(fault.into()),
        Err(refused) => {
            let flash = Flash::problem(format!("The platform was not set: {refused}."));
            return Ok(reply::see_other_saying(&href::device(id), &flash, &site));
        }
    }
    let title = platforms::title(&core, &form.platform);
    let flash = Flash::done(format!("The platform is {title}."));
    if form.back_up == "yes" && by.actor().may::<RunBackups>() {
        let started = jobs::back_up(&core, &by.actor().clone().grant()?, Which::These(vec![id])).await?;
        if let Some((job, _)) = started.and_then(|started| started.jobs.first().copied()) {
            return Ok(reply::see_other_saying(&href::job(job), &flash, &site));
        }
    }
    Ok(reply::see_other_saying(&href::device(id), &flash, &site))
}
