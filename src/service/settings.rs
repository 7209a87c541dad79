//! Settings: read by everybody from memory, changed by admins, in force at once.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Core, Fault};
use crate::{
    crypt::Place,
    domain::setting::{InvalidSetting, SETTINGS, Settings, spec},
    store,
};

/// The values in force in this process.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<Settings>>>);

impl Live {
    /// The defaults, until the database has been read.
    pub fn defaults() -> Result<Self, InvalidSetting> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(Settings::defaults()?)))))
    }

    /// The values now.
    pub fn now(&self) -> Arc<Settings> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, settings: Settings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}

pub(super) fn place(key: &str) -> Place<'_> {
    Place { table: "settings", column: "sealed", row: key }
}

/// Adds the rows that are missing, with their defaults; what was changed before stays. Gives how many.
pub async fn initialise(core: &Core) -> Result<usize, Fault> {
    let mut tx = core.db.begin().await?;
    let mut added = 0;
    for spec in SETTINGS {
        let value = (!spec.is_sensitive()).then_some(spec.default);
        added +=
            usize::from(store::settings::insert_if_absent(&mut tx, (spec.key, value), core.now()).await?);
    }
    tx.commit().await?;
    refresh(core).await?;
    Ok(added)
}

/// Reads the values anew: after a change, and now and then because another node may have changed them.
///
/// A row that this version does not know, or whose value it cannot read, is told in the log and leaves the default.
pub async fn refresh(core: &Core) -> Result<(), Fault> {
    let rows = store::settings::list(&mut core.db.read().await?).await?;
    let mut settings = Settings::defaults().map_err(|error| Fault::Broken(error.into()))?;
    for row in rows {
        let raw = match (spec(&row.key), &row.sealed) {
            (Some(spec), Some(sealed)) if spec.is_sensitive() => {
                match core.keyring.unseal(place(&row.key), sealed) {
                    Ok(plain) => String::from_utf8_lossy(&plain).into_owned(),
                    Err(error) => {
                        tracing::warn!(setting = row.key, %error, "a sealed setting does not open");
                        continue;
                    }
                }
            }
            _ => row.value.unwrap_or_default(),
        };
        if let Err(error) = settings.set(&row.key, &raw) {
            tracing::warn!(setting = row.key, %error, "a setting is not understood; its default holds");
        }
    }
    core.settings.replace(settings);
    Ok(())
}

impl From<InvalidSetting> for Fault {
    fn from(error: InvalidSetting) -> Self {
        Self::Broken(error.into())
    }
}
