//! Credentials: which one a job would use and why, and those that many devices share.

mod answers;
mod edit;
mod tests_on_devices;
mod uses;

pub use answers::{Standing, refused, resume, standing};
pub use edit::{SaveCredentialError, create, delete, drop_previous, link, settle, unlink, update};
pub use tests_on_devices::test;
pub(super) use uses::note;
pub use uses::{UNNOTED, used};

use super::{Core, Fault};
use crate::{
    domain::{
        access::{Grant, ViewCredentials, ViewDevices},
        credential::{self, Candidate, CredentialTag, CredentialUse, Shared, Skip, Step},
        id::{CredentialId, DeviceId},
        page::{Page, PageRequest},
    },
    store::{self, Conn, credentials::Sealed, devices::ForJob},
};

/// The candidate that a row is by itself.
pub(super) fn chosen(row: &Sealed) -> Candidate {
    Candidate {
        id: CredentialId(row.id),
        name: row.name.clone(),
        username: row.username.clone(),
        revision: row.revision,
        previous: row.previous_id.map(CredentialId),
        is_stopped: row.stopped_at.is_some(),
        through: None,
        answer: None,
        old_answer: None,
    }
}

/// What may be tried on a device: the one that was chosen for it, or else those of its tags.
pub(super) async fn candidates(conn: &mut Conn, found: &ForJob) -> Result<Vec<Candidate>, Fault> {
    let mut candidates = match &found.credential {
        Some(row) => vec![chosen(row)],
        None => store::credentials::answers::through_tags(conn, found.device.id).await?,
    };
    if !candidates.is_empty() {
        store::credentials::answers::fill(conn, found.device.id, &mut candidates).await?;
    }
    Ok(candidates)
}

/// What logs and pages call a candidate.
pub(super) fn called(candidate: &Candidate) -> String {
    match (&candidate.name, &candidate.through) {
        (Some(name), Some((_, tag, priority))) => {
            format!("the shared credential {name} (tag {tag}, priority {priority})")
        }
        (Some(name), None) => format!("the shared credential {name}"),
        (None, _) => format!("the device's own credential for {}", candidate.username),
    }
}

/// Why a candidate is left alone, in words.
pub(super) fn skipped(candidate: &Candidate, why: Skip) -> String {
    let name = called(candidate);
    match why {
        Skip::Stopped => format!(
            "Not tried: {name} is stopped, because three devices in a row refused it. Correct it, or resume it on its page."
        ),
        Skip::Refused(at) => format!(
            "Not tried again by itself: the device refused {name} on {}. Correct it, or start the job by hand.",
            at.format("%-d %b %Y, %H:%M UTC")
        ),
        Skip::Enough => format!("Not tried: {name}; {} others come before it.", credential::MOST_TRIES),
    }
}

/// A candidate of a device, and what the next planned job would do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The credential.
    pub id: CredentialId,
    /// Whether many devices share it.
    pub is_shared: bool,
    /// What it is called.
    pub name: String,
    /// Its place among those that are tried, from 1; `None` when it is not.
    pub place: Option<usize>,
    /// Why it is not tried.
    pub why_not: Option<String>,
}

/// Which credentials the next planned job would try on a device, in which order, and which not; empty when there is
/// no such device.
pub async fn explain(core: &Core, by: &Grant<ViewDevices>, id: DeviceId) -> Result<Vec<Explained>, Fault> {
    let mut conn = core.db.read().await?;
    if store::devices::find(&mut conn, by.scope(), id).await?.is_none() {
        return Ok(Vec::new());
    }
    let Some(found) = store::devices::find_for_job(&mut conn, id).await? else { return Ok(Vec::new()) };
    let candidates = candidates(&mut conn, &found).await?;
    let mut place = 0;
    let mut explained = Vec::new();
    for (index, step) in credential::plan(&candidates, found.last_credential, false) {
        let Some(candidate) = candidates.get(index) else { continue };
        let (is_old, why_not) = match step {
            Step::Try { is_old } => (is_old, None),
            Step::Skip(why) => (false, Some(skipped(candidate, why))),
        };
        place += usize::from(why_not.is_none());
        let name = called(candidate);
        explained.push(Explained {
            id: candidate.id,
            is_shared: candidate.name.is_some(),
            name: if is_old { format!("{name}, with the secrets before the last change") } else { name },
            place: why_not.is_none().then_some(place),
            why_not,
        });
    }
    Ok(explained)
}

/// A page of the shared credentials whose name, account or description holds `text`, by name.
pub async fn list(
    core: &Core,
    _by: &Grant<ViewCredentials>,
    text: &str,
    request: PageRequest,
) -> Result<Page<Shared>, Fault> {
    Ok(store::credentials::shared::list(&mut core.db.read().await?, text.trim(), request).await?)
}

/// The id and name of every shared credential, by name.
pub async fn names(core: &Core, _by: &Grant<ViewDevices>) -> Result<Vec<(CredentialId, String)>, Fault> {
    Ok(store::credentials::shared::names(&mut core.db.read().await?).await?)
}

/// A shared credential with what hangs on it.
#[derive(Debug)]
pub struct SharedDetail {
    /// The credential.
    pub shared: Shared,
    /// The tags through which it is tried, the highest priority first.
    pub tags: Vec<CredentialTag>,
    /// A page of the devices that it is for.
    pub uses: Page<CredentialUse>,
    /// Of how many devices how many have accepted its secrets as they are now.
    pub progress: (i64, i64),
}

/// The shared credential with this id, if there is one, with a page of its devices.
pub async fn find(
    core: &Core,
    by: &Grant<ViewCredentials>,
    id: CredentialId,
    request: PageRequest,
) -> Result<Option<SharedDetail>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(shared) = store::credentials::shared::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let tags = store::credentials::shared::tags_of(&mut conn, id).await?;
    let uses = store::credentials::shared::uses(&mut conn, by.scope(), id, request).await?;
    let progress = store::credentials::shared::progress(&mut conn, id, shared.revision).await?;
    Ok(Some(SharedDetail { shared, tags, uses, progress: (progress.0, progress.1) }))
}
