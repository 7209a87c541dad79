//! From a copy of NetRaven to a running one: everything is proven before anything is touched.

use std::path::Path;

use super::{Places, StartError};
use crate::{
    crypt::{master, sealed::Key},
    domain::access::{Actor, Denied, Grant, ViewAudit},
    service::{
        Core, Fault,
        audit::{self, Verdict},
        self_backup::{
            Manifest,
            restore::{self, RestoreError},
        },
    },
    store::{self, Db, migrate::MigrateError},
};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum NotRestored {
    /// The master key, the data folder or the schema.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The copy, or what is there already.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The console may do everything; that it may not is a mistake.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<MigrateError> for NotRestored {
    fn from(error: MigrateError) -> Self {
        Self::Start(error.into())
    }
}

impl From<Fault> for NotRestored {
    fn from(fault: Fault) -> Self {
        Self::Start(fault.into())
    }
}

/// Looks whether a copy opens with the master key, is whole and is of a schema that this program knows. Touches nothing.
pub async fn check(places: &Places, copy: &Path) -> Result<Manifest, NotRestored> {
    let master = master_key(places)?;
    proven(places, copy, &master).await
}

/// Restores a copy into an empty database; gives what it held, and what the audit trail says of itself afterwards.
pub async fn run(places: &Places, copy: &Path) -> Result<(Manifest, Verdict), NotRestored> {
    let master = master_key(places)?;
    let manifest = proven(places, copy, &master).await?;
    let is_new = places.database_url.strip_prefix("sqlite://").is_some_and(|path| !Path::new(path).exists());
    let db = Db::open(&places.database_url).map_err(Fault::from)?;
    if !is_new {
        restore::is_empty(&db).await?;
    }
    super::prepare(&places.data_dir)?;
    // What came after the copy's schema is done to its rows too: `open` takes the other steps.
    let (url, steps) = (places.database_url.clone(), manifest.head.steps.clone());
    let migrated = tokio::task::spawn_blocking(move || store::migrate::run_to(&url, Some(&steps)));
    migrated.await.map_err(|e| Fault::Broken(e.into()))??;
    restore::fill(&db, (copy, &places.data_dir), &master).await?;
    let core = super::open(places).await?;
    restore::note(&core, copy, &manifest).await?;
    Ok((manifest, verdict(&core).await?))
}

async fn verdict(core: &Core) -> Result<Verdict, NotRestored> {
    let by: Grant<ViewAudit> = Actor::console().grant()?;
    Ok(audit::verify(core, &by).await?)
}

/// The master key, which must be there: a new one opens nothing.
fn master_key(places: &Places) -> Result<Key, StartError> {
    Ok(master::read(&places.master_key)?)
}

async fn proven(places: &Places, copy: &Path, master: &Key) -> Result<Manifest, NotRestored> {
    let (file, master, folder) = (copy.to_owned(), master.clone(), places.data_dir.clone());
    let walked = tokio::task::spawn_blocking(move || restore::check(&file, &master, &folder));
    let manifest = walked.await.map_err(|e| Fault::Broken(e.into()))??;
    store::migrate::knows(&manifest.head.steps)?;
    Ok(manifest)
}
