//! The contexts of two versions that are compared.

use super::query::CompareQuery;
use crate::{
    domain::{access::ViewDevices, backup::Backup},
    service::{
        Core,
        backups::{self, compare::Side},
    },
    web::{error::PageError, session::May},
};

/// A context that can be compared alone, or all of them.
#[derive(Debug)]
pub struct ContextLink {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) is_shown: bool,
}

/// What is compared: the versions, or the one context that the address names.
pub(super) fn sides<'a>(
    query: &'a CompareQuery,
    (old, new): (&'a Backup, &'a Backup),
) -> (Side<'a>, Side<'a>) {
    match query.name() {
        Some(name) => (Side::Context(old, name), Side::Context(new, name)),
        None => (Side::Version(old), Side::Version(new)),
    }
}

/// The contexts of both versions; one that the address names and that neither has is not found.
pub(super) async fn links(
    core: &Core,
    by: &May<ViewDevices>,
    query: &CompareQuery,
    (old, new): (&Backup, &Backup),
) -> Result<Vec<ContextLink>, PageError> {
    let mut names = backups::contexts::names(core, by, new).await?;
    for name in backups::contexts::names(core, by, old).await? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if query.name().is_some_and(|wanted| names.iter().all(|name| name != wanted)) {
        return Err(PageError::NotFound);
    }
    let link = |name: String| ContextLink {
        href: query.only(&name),
        is_shown: query.context_name == name,
        name: if name.is_empty() { "All contexts".to_owned() } else { name },
    };
    let all = (!names.is_empty()).then(String::new);
    Ok(all.into_iter().chain(names).map(link).collect())
}
