//! What a row changes about a device that is known.

use super::Details;
use crate::{
    domain::{
        credential::{NewCredential, Unsealed},
        device::NewDevice,
        import::FieldChange,
        secret::Secret,
        tag::TagName,
    },
    service::import::row::{JumpHosts, yes_or_no},
    store::imports::KnownDevice,
};

/// The fields that differ; secrets only as changed, tags only those that are added.
pub(super) fn changes(
    (details, hosts): (&Details, &JumpHosts),
    known: &KnownDevice,
    new: &NewDevice,
) -> Vec<FieldChange> {
    let held = details.tags.get(&known.id).map(Vec::as_slice).unwrap_or_default();
    let added: Vec<&str> =
        new.tags.iter().map(TagName::as_str).filter(|tag| held.iter().all(|held| held != tag)).collect();
    let mut told = vec![
        ("name", known.name.clone(), new.name.as_str().to_owned()),
        ("address", known.address.clone(), new.address.as_str().to_owned()),
        ("port", known.port.clone(), new.port.get().to_string()),
        ("platform", known.platform.clone(), new.platform.clone()),
        ("transport", known.transport.clone(), new.transport.to_string()),
        ("description", known.description.clone(), new.description.clone()),
        ("serial_number", known.serial_number.clone(), new.serial_number.clone()),
        ("algorithms", known.reach.algorithms.to_string(), new.reach.algorithms.to_string()),
        ("further_addresses", known.reach.further_text(" "), new.reach.further_text(" ")),
        (
            "jump_host",
            hosts.name(known.reach.jump_host).to_owned(),
            hosts.name(new.reach.jump_host).to_owned(),
        ),
        ("tags", String::new(), added.join(" ")),
        ("enabled", yes_or_no(known.is_enabled).to_owned(), yes_or_no(new.is_enabled).to_owned()),
    ];
    told.retain(|(_, before, after)| before != after);
    let old = known.credential.and_then(|id| details.credentials.get(&id));
    if let Some(given) = new.credential.as_ref().filter(|given| !is_same(given, old)) {
        let before = old.map_or_else(String::new, |old| old.username.clone());
        told.push(("credential", before, format!("{} (secrets changed)", given.username)));
    }
    told
}

/// Whether a device has just these secrets; what is not given is not compared.
fn is_same(given: &NewCredential, old: Option<&Unsealed>) -> bool {
    let Some(old) = old else { return false };
    let same = |given: &Option<Secret>, old: &Option<Secret>| {
        given.as_ref().is_none_or(|given| old.as_ref().is_some_and(|old| old.expose() == given.expose()))
    };
    given.username == old.username && same(&given.password, &old.password) && same(&given.enable, &old.enable)
}
