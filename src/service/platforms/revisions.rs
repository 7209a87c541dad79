//! Platform files that people change: saved with their history, tried on one device first, in force at once.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    domain::{
        access::{Grant, ManagePlatforms, Scope, ViewDevices},
        audit::{Act, AuditEvent, ObjectKind},
        id::RevisionId,
        revision::{NewRevision, Revision, RevisionState},
    },
    platform::{Changed, Platform, PlatformError, Platforms},
    service::{Core, Fault, audit},
    store::{self, Conn, StoreError},
};

/// How many revisions of a platform are listed.
const LISTED: i64 = 50;

/// The longest file, in bytes; the longest of the program has a tenth of it.
pub const LONGEST_FILE: usize = 64 << 10;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 200;

/// Why a platform file was not saved, taken up or put aside.
#[derive(Debug, thiserror::Error)]
pub enum SaveRevisionError {
    /// It is longer than any file needs to be.
    #[error("The file has {0} bytes; {LONGEST_FILE} are the most.")]
    Long(usize),
    /// The file cannot be used.
    #[error("{0}")]
    Invalid(#[from] PlatformError),
    /// It is the file of another platform.
    #[error("The file says key = \"{0}\" and is saved as {1}. A new platform is added on its own page.")]
    OtherKey(String, String),
    /// A new platform has a known one's key, or one that an address of ours has.
    #[error("There is a platform {0} already; change that one, or give yours another key.")]
    Known(String),
    /// The device to try it on is none.
    #[error("{0}")]
    Device(String),
    /// Somebody else has saved since.
    #[error(
        "Somebody else has saved this platform since you opened the page. Look at what it is now, then save yours again."
    )]
    Stale,
    /// Devices have this platform, and it is in no file.
    #[error(
        "This platform has no file of its own, and devices have it ({0}); give them another platform first."
    )]
    NeededBy(i64),
    /// Rules for all devices are for who sees all.
    #[error("Only accounts that see all devices may change platforms.")]
    Scope,
    /// There is no such revision.
    #[error("There is no such revision any more.")]
    Gone,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveRevisionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Stale,
            other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
                Self::Fault(other.into())
            }
        }
    }
}

/// What a person wants to be saved.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The platform that is changed; `None` for a new one.
    pub platform: Option<&'a str>,
    /// The TOML text.
    pub source: &'a str,
    /// What it is for.
    pub note: &'a str,
    /// The name of the device that it is tried on; `None` for all devices at once.
    pub device: Option<&'a str>,
    /// The newest revision when the page was opened, 0 without one.
    pub seen: i64,
}

/// Reads a text as the file of the platform with this key, or of a new one.
///
/// # Errors
/// [`SaveRevisionError::Long`], [`SaveRevisionError::Invalid`], [`SaveRevisionError::OtherKey`],
/// [`SaveRevisionError::Known`].
pub async fn read(
    core: &Core,
    platform: Option<&str>,
    source: &str,
) -> Result<Arc<Platform>, SaveRevisionError> {
    if source.len() > LONGEST_FILE {
        return Err(SaveRevisionError::Long(source.len()));
    }
    let read = compiled(source.to_owned()).await?;
    let key = read.key();
    match platform {
        Some(wanted) if wanted != key => Err(SaveRevisionError::OtherKey(key.to_owned(), wanted.to_owned())),
        None if ["new", "propose"].contains(&key) || core.platforms.get(key).is_some() => {
            Err(SaveRevisionError::Known(key.to_owned()))
        }
        Some(_) | None => Ok(read),
    }
}

/// Compiles a file on a thread where that may take its time.
async fn compiled(source: String) -> Result<Arc<Platform>, SaveRevisionError> {
    let work = move || Platforms::parse(&source);
    let read = tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Broken(error.into()))?;
    Ok(read?)
}

async fn device(
    conn: &mut Conn,
    platform: &str,
    name: &str,
) -> Result<crate::domain::device::Device, SaveRevisionError> {
    let found = store::devices::find_by_name(conn, Scope::All, &name.trim().to_lowercase()).await?;
    match found {
        Some(device) if device.platform == platform => Ok(device),
        Some(device) => Err(SaveRevisionError::Device(format!(
            "{} has the platform {}; name a device with the platform {platform}.",
            device.name, device.platform
        ))),
        None => Err(SaveRevisionError::Device(format!(
            "There is no device \"{}\"; name one with the platform {platform}.",
            name.trim()
        ))),
    }
}

/// Saves a platform file; it is in force when this returns, on other nodes a second later.
pub async fn save(
    core: &Core,
    by: &Grant<ManagePlatforms>,
    wanted: Wanted<'_>,
) -> Result<Revision, SaveRevisionError> {
    if by.scope() != Scope::All {
        return Err(SaveRevisionError::Scope);
    }
    let read = read(core, wanted.platform, wanted.source).await?;
    let key = read.key().to_owned();
    let mut tx = core.db.begin().await?;
    if let Some(newest) = store::revisions::of_platform(&mut tx, &key, 1).await?.first()
        && newest.id.0 != wanted.seen
    {
        return Err(SaveRevisionError::Stale);
    }
    let device = match wanted.device {
        Some(name) => Some(device(&mut tx, &key, name).await?),
        None => None,
    };
    let new = NewRevision {
        platform: key.clone(),
        source: wanted.source.to_owned(),
        note: wanted.note.trim().to_owned(),
        saved_by: by.actor().name.clone(),
        device: device.as_ref().map(|device| device.id),
    };
    let now = core.now();
    let id = store::revisions::insert(&mut tx, &new, now).await?;
    let on = device.map_or_else(|| "all devices".to_owned(), |device| device.name);
    let detail = format!("revision {id} for {on}: {}", new.note);
    let act = Act::new(AuditEvent::PlatformSaved, &key).on(ObjectKind::Platform, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    refresh(core).await?;
    let state = if new.device.is_some() { RevisionState::Trial } else { RevisionState::InUse };
    let NewRevision { platform, source, note, saved_by, device } = new;
    Ok(Revision { id, platform, source, note, saved_by, saved_at: now, state, device })
}

/// Takes a revision up for all devices: one that was tried, or one of before.
pub async fn take_up(
    core: &Core,
    by: &Grant<ManagePlatforms>,
    id: RevisionId,
) -> Result<Revision, SaveRevisionError> {
    if by.scope() != Scope::All {
        return Err(SaveRevisionError::Scope);
    }
    let mut tx = core.db.begin().await?;
    let found = store::revisions::find(&mut tx, id).await?.ok_or(SaveRevisionError::Gone)?;
    // A text of long ago may say what this version understands no more.
    compiled(found.source.clone()).await?;
    store::revisions::take_up(&mut tx, &found).await?;
    let detail = format!("revision {id} for all devices");
    let act =
        Act::new(AuditEvent::PlatformTakenUp, &found.platform).on(ObjectKind::Platform, id.0).detail(&detail);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    refresh(core).await?;
    Ok(found)
}

/// Ends a trial, or goes back to the file of the platform; `false` when there was nothing to end.
pub async fn put_aside(
    core: &Core,
    by: &Grant<ManagePlatforms>,
    (platform, state): (&str, RevisionState),
) -> Result<bool, SaveRevisionError> {
    if by.scope() != Scope::All {
        return Err(SaveRevisionError::Scope);
    }
    let mut tx = core.db.begin().await?;
    if state == RevisionState::InUse && core.platforms.in_file(platform).is_none() {
        let counts = store::devices::by_platform(&mut tx, Scope::All).await?;
        if let Some(count) = counts.get(platform).filter(|count| **count > 0) {
            return Err(SaveRevisionError::NeededBy(*count));
        }
    }
    if state == RevisionState::Past || store::revisions::end(&mut tx, platform, state).await? == 0 {
        return Ok(false);
    }
    let detail = match state {
        RevisionState::Trial => "the trial is over",
        RevisionState::InUse | RevisionState::Past => "back to the file",
    };
    let act = Act::about(AuditEvent::PlatformPutAside, (platform, Some(detail)));
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    refresh(core).await?;
    Ok(true)
}

/// What was saved last of a platform.
pub async fn newest(
    core: &Core,
    _by: &Grant<ViewDevices>,
    platform: &str,
) -> Result<Option<Revision>, Fault> {
    Ok(store::revisions::of_platform(&mut core.db.read().await?, platform, 1).await?.pop())
}

/// What was saved of a platform, the newest first.
pub async fn list(core: &Core, _by: &Grant<ViewDevices>, platform: &str) -> Result<Vec<Revision>, Fault> {
    Ok(store::revisions::of_platform(&mut core.db.read().await?, platform, LISTED).await?)
}

/// One of them.
pub async fn find(core: &Core, _by: &Grant<ViewDevices>, id: RevisionId) -> Result<Option<Revision>, Fault> {
    Ok(store::revisions::find(&mut core.db.read().await?, id).await?)
}

/// Puts in force what is saved: after a change, and every second because another node may have changed something.
/// Whether anything is different now. A file that this version cannot use is told in the log and left out.
pub async fn refresh(core: &Core) -> Result<bool, Fault> {
    let mut conn = core.db.read().await?;
    let marks = store::revisions::marks(&mut conn).await?;
    if core.platforms.changed().marks == marks {
        return Ok(false);
    }
    let live = store::revisions::live(&mut conn).await?;
    drop(conn);
    let compile = move || {
        let (mut in_use, mut trials) = (BTreeMap::new(), BTreeMap::new());
        for revision in live {
            match (Platforms::parse(&revision.source), revision.state, revision.device) {
                (Ok(platform), RevisionState::Trial, Some(device)) => drop(trials.insert(device, platform)),
                (Ok(platform), RevisionState::InUse, _) => drop(in_use.insert(revision.platform, platform)),
                (Ok(_), RevisionState::Trial | RevisionState::Past, _) => {}
                (Err(error), ..) => {
                    tracing::error!(platform = revision.platform, revision.id = %revision.id, %error, "a saved platform file cannot be used; the shipped one is");
                }
            }
        }
        Changed { in_use, trials, marks }
    };
    let changed = tokio::task::spawn_blocking(compile).await.map_err(anyhow::Error::from)?;
    core.platforms.change(changed);
    Ok(true)
}
