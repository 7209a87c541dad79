//! Putting a tag on a device by name, and taking it from chosen ones.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageDevices, Scope, ViewDevices},
        device::DeviceFilter,
        id::{DeviceId, TagId},
        page::PageRequest,
    },
    service::{Core, devices, tags},
    web::{error::PageError, flash::Flash, form::Form, href, reply, session::May, site::Site, words},
};

/// A device's name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachForm {
    device: String,
}

/// The chosen devices.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetachForm {
    devices: Vec<String>,
}

async fn seen(core: &Core, view: &May<ViewDevices>, name: &str) -> Result<Option<DeviceId>, PageError> {
    let found = devices::find_by_name(core, view, name).await?;
    let Some(device) = found else { return Ok(None) };
    if view.scope() == Scope::All {
        return Ok(Some(device.id));
    }
    // The list carries the person's scope; a foreign device is as if it were not there.
    let filter = DeviceFilter { text: Some(device.name.clone()), ..DeviceFilter::default() };
    let (page, _) = devices::list(core, view, &filter, PageRequest::first(500)).await?;
    Ok(page.rows.into_iter().find(|row| row.id == device.id).map(|row| row.id))
}

/// `POST /tags/{id}/attach`.
pub async fn attach(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageDevices>,
    view: May<ViewDevices>,
    id: Path<i64>,
    Form(form): Form<AttachForm>,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    let tag = tags::find(&core, &view, id).await?.ok_or(PageError::NotFound)?.tag;
    let flash = match seen(&core, &view, &form.device).await? {
        None => Flash::problem(format!(
            "There is no device named \"{}\". Enter the whole name as the list of devices has it.",
            form.device.trim()
        )),
        Some(device) => {
            let done = tags::assign(&core, &by, &[device], &[id], true).await?;
            if done.changed > 0 {
                Flash::done(format!("{} now has the tag {}.", form.device.trim(), tag.name))
            } else {
                Flash::done(format!("{} has the tag {} already.", form.device.trim(), tag.name))
            }
        }
    };
    Ok(reply::see_other_saying(&href::tag(id), &flash, &site))
}

/// `POST /tags/{id}/detach`.
pub async fn detach(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageDevices>,
    view: May<ViewDevices>,
    id: Path<i64>,
    Form(form): Form<DetachForm>,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    tags::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    let chosen: Vec<DeviceId> = form.devices.iter().filter_map(|id| id.parse().ok()).collect();
    let done = tags::unassign(&core, &by, &chosen, &[id]).await?;
    let taken = i64::try_from(done.changed).unwrap_or(i64::MAX);
    let flash = if chosen.is_empty() {
        Flash::problem("Select the devices first.")
    } else if done.changed < done.devices {
        Flash::warning(format!(
            "The tag was taken from {}. From the others a rule would put it back: change the rule instead.",
            words::count(taken, "device")
        ))
    } else {
        Flash::done(format!("The tag was taken from {}.", words::count(taken, "device")))
    };
    Ok(reply::see_other_saying(&href::tag(id), &flash, &site))
}
