//! The devices: list, form, detail, deletion, and starting their backups.

mod asked;
pub mod bulk;
mod choices;
pub mod delete;
pub mod deleted;
pub mod detail;
pub(in crate::web::pages) mod fields;
pub mod form;
pub mod host_key;
pub mod list;
pub mod noise;
pub mod proposal;
pub mod run;
mod view;

use crate::{
    domain::{
        access::{Grant, Permission, ViewDevices},
        id::DeviceId,
    },
    service::{
        Core,
        devices::{self, DeviceDetail},
    },
    web::{error::PageError, href},
};

/// A tag that leads to the devices that have it.
#[derive(Debug, PartialEq, Eq)]
pub struct TagLink {
    name: String,
    href: String,
}

impl TagLink {
    fn all(names: Vec<String>) -> Vec<Self> {
        let link = |name: String| Self { href: href::with(href::devices(), &[("tag", &name)]), name };
        names.into_iter().map(link).collect()
    }
}

/// The right to look, which everybody has who may do anything to a device.
fn looking<P: Permission>(by: &Grant<P>) -> Result<Grant<ViewDevices>, PageError> {
    Ok(by.actor().clone().grant()?)
}

/// The device with this id, or the page that says there is none.
async fn found(core: &Core, by: &Grant<ViewDevices>, id: DeviceId) -> Result<DeviceDetail, PageError> {
    devices::find(core, by, id).await?.ok_or(PageError::NotFound)
}
