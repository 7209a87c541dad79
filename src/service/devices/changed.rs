//! What an edit of a device changed, for the trail.

use std::fmt::Display;

use crate::domain::{
    audit::Changes,
    credential::Login,
    device::{Device, NewDevice, Reach},
    id::CredentialId,
};

/// What may be missing, behind a word that says what it is.
fn said(what: &str, value: Option<impl Display>) -> String {
    value.map(|value| format!("{what}{value}")).unwrap_or_default()
}

/// What an edit changed, field by field; secrets only as changed.
pub(super) fn changes(
    (old, reach, credential): (&Device, &Reach, Option<CredentialId>),
    new: &NewDevice,
    (old_tags, tags): (&[String], &[String]),
) -> Changes {
    Changes::default()
        .field("name", &old.name, new.name.as_str())
        .field("address", &old.address, new.address.as_str())
        .field("port", old.port, new.port.get())
        .field("platform", &old.platform, &new.platform)
        .field("transport", old.transport, new.transport)
        .field("algorithms", reach.algorithms, new.reach.algorithms)
        .field("further_addresses", reach.further_text(" "), new.reach.further_text(" "))
        .field("jump_host", said("jump host ", reach.jump_host), said("jump host ", new.reach.jump_host))
        .field("description", &old.description, &new.description)
        .field("serial_number", &old.serial_number, &new.serial_number)
        .field("owner", said("person ", old.owner), said("person ", new.owner))
        .field("time_limit", said("", old.time_limit), said("", new.time_limit))
        .field("is_enabled", old.is_enabled, new.is_enabled)
        .field("tags", old_tags.join(" "), tags.join(" "))
        .field("credential", said("credential ", old.credential), said("credential ", credential))
        .secret("secrets", new.login == Login::Own && new.credential.is_some())
}
