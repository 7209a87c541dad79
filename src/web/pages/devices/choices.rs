//! What the form for a device lets choose from.

use super::looking;
use crate::{
    domain::{
        access::ManageDevices,
        id::{CredentialId, UserId},
    },
    service::{Core, credentials, devices},
    web::{error::PageError, parts::Choice, session::May},
};

/// What the form lets choose from.
pub(super) struct Choices {
    pub(super) owners: Vec<(UserId, String)>,
    pub(super) credentials: Vec<(CredentialId, String)>,
}

impl Choices {
    pub(super) async fn load(core: &Core, by: &May<ManageDevices>) -> Result<Self, PageError> {
        let looking = looking(by)?;
        Ok(Self {
            owners: devices::owners(core, &looking).await?,
            credentials: credentials::names(core, &looking).await?,
        })
    }
}

/// Where the credential may come from.
pub(super) fn logins(chosen: &str, shared: &[(CredentialId, String)]) -> Vec<Choice> {
    let choice = |value: String, label: String| Choice { chosen: chosen == value, value, label };
    let fixed = [("own", "Its own, entered below"), ("tags", "Those that are tried through its tags")];
    let fixed = fixed.into_iter().map(|(value, label)| choice(value.to_owned(), label.to_owned()));
    let shared = shared.iter().map(|(id, name)| choice(id.to_string(), format!("Shared: {name}")));
    fixed.chain(shared).collect()
}
