//! Settings: read by everybody from memory, changed by admins, in force at once.

mod change;

pub use change::{Reset, SaveSettingsError, mark, reset, set, set_many};

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::Mutex;

use super::{Core, Fault};
use crate::{
    archive::{Account, Bucket},
    crypt::{Place, SealError},
    domain::{
        access::{Grant, ManageSettings},
        id::SettingId,
        secret::Secret,
        setting::{Category, InvalidSetting, SETTINGS, Setting, SettingFilter, Settings, Spec, spec},
    },
    store::{self, settings::SettingRow},
};

/// The values in force in this process.
#[derive(Clone)]
pub struct Live {
    now: Arc<RwLock<Arc<Settings>>>,
    /// The rows that they were read from; held while they are read anew, so that an older reading never wins.
    rows: Arc<Mutex<Vec<SettingRow>>>,
    /// The bucket that they name.
    bucket: Arc<RwLock<Result<Bucket, Arc<str>>>>,
}

/// What is said where there is no bucket.
const NO_BUCKET: &str = "the settings have no access key and secret key for it";

impl Live {
    /// The defaults, until the database has been read.
    pub fn defaults() -> Result<Self, InvalidSetting> {
        let now = Arc::new(RwLock::new(Arc::new(Settings::defaults()?)));
        let bucket = Arc::new(RwLock::new(Err(Arc::from(NO_BUCKET))));
        Ok(Self { now, rows: Arc::default(), bucket })
    }

    /// The values now.
    pub fn now(&self) -> Arc<Settings> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bucket for contents, or why there is none.
    pub fn bucket(&self) -> Result<Bucket, Arc<str>> {
        self.bucket.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, settings: Settings) {
        let account = account(&settings);
        let is_same = match (&*self.bucket.read().unwrap_or_else(PoisonError::into_inner), &account) {
            (Ok(bucket), Some(account)) => bucket.is_of(account),
            (Ok(_), None) | (Err(_), Some(_)) => false,
            (Err(_), None) => true,
        };
        if !is_same {
            let bucket = account.map_or_else(
                || Err(Arc::from(NO_BUCKET)),
                |account| Bucket::new(account).map_err(|error| Arc::from(error.to_string())),
            );
            *self.bucket.write().unwrap_or_else(PoisonError::into_inner) = bucket;
        }
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}

/// Who we are at the bucket; `None` until somebody has said.
fn account(settings: &Settings) -> Option<Account> {
    let (access_key, secret_key) = (settings.s3_access_key.clone()?, settings.s3_secret_key.clone()?);
    Some(Account {
        endpoint: settings.s3_endpoint.clone(),
        bucket: settings.s3_bucket.clone(),
        region: settings.s3_region.clone(),
        prefix: settings.s3_prefix.clone(),
        is_path_style: settings.s3_path_style,
        access_key,
        secret_key,
    })
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

/// Reads the values anew: after a change, and every second because another process may have changed them. Whether
/// anything is different now.
///
/// The rows themselves are compared, not their times: the clocks of two nodes may differ. A row that this version does
/// not know, or whose value it cannot read, is told in the log and leaves the default.
pub async fn refresh(core: &Core) -> Result<bool, Fault> {
    let mut known = core.settings.rows.lock().await;
    let rows = store::settings::list(&mut core.db.read().await?).await?;
    if *known == rows {
        return Ok(false);
    }
    let mut settings = Settings::defaults()?;
    for row in &rows {
        let read = match spec(&row.key) {
            Some(spec) => raw(core, spec, row).map_err(|error| error.to_string()),
            None => Err("no setting of this version has this key".to_owned()),
        };
        let set =
            read.and_then(|raw| settings.set(&row.key, raw.expose()).map_err(|error| error.to_string()));
        if let Err(error) = set {
            tracing::warn!(setting = row.key, error, "a setting is not understood; its default holds");
        }
    }
    core.settings.replace(settings);
    *known = rows;
    drop(known);
    core.wake.notify_one();
    Ok(true)
}

/// The value in a row, opened if it is sealed.
fn raw(core: &Core, spec: &Spec, row: &SettingRow) -> Result<Secret, SealError> {
    let Some(sealed) = row.sealed.as_ref().filter(|_| spec.is_sensitive()) else {
        return Ok(Secret::new(row.value.clone().unwrap_or_default()));
    };
    let plain = core.keyring.unseal(place(&row.key), sealed)?;
    Ok(Secret::new(String::from_utf8_lossy(&plain)))
}

impl From<InvalidSetting> for Fault {
    fn from(error: InvalidSetting) -> Self {
        Self::Broken(error.into())
    }
}

/// A row of a declared setting, as it may be told.
fn setting(spec: &'static Spec, row: SettingRow) -> Setting {
    Setting {
        id: SettingId(row.id),
        spec,
        is_set: row.sealed.is_some(),
        value: if spec.is_sensitive() { None } else { Some(row.value.unwrap_or_default()) },
        updated_at: row.updated_at.and_utc(),
        updated_by: row.updated_by,
    }
}

/// The settings that match, in the order of the page. Rows of keys that this version does not declare are left out.
pub async fn list(
    core: &Core,
    _by: &Grant<ManageSettings>,
    filter: &SettingFilter,
) -> Result<Vec<Setting>, Fault> {
    let rows = store::settings::list(&mut core.db.read().await?).await?;
    let mut rows: BTreeMap<String, SettingRow> = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    Ok(filter.specs().filter_map(|spec| Some(setting(spec, rows.remove(spec.key)?))).collect())
}

/// All settings, tab by tab.
pub async fn by_category(
    core: &Core,
    by: &Grant<ManageSettings>,
) -> Result<Vec<(Category, Vec<Setting>)>, Fault> {
    let all = list(core, by, &SettingFilter::default()).await?;
    let of = |category| all.iter().filter(move |one| one.spec.category == category).cloned().collect();
    Ok(Category::ALL.iter().map(|category| (*category, of(*category))).collect())
}

/// The setting with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ManageSettings>, id: SettingId) -> Result<Option<Setting>, Fault> {
    let row = store::settings::find(&mut core.db.read().await?, id).await?;
    Ok(row.and_then(|row| Some(setting(spec(&row.key)?, row))))
}

/// The setting with this key, if there is one.
pub async fn find_by_key(
    core: &Core,
    _by: &Grant<ManageSettings>,
    key: &str,
) -> Result<Option<Setting>, Fault> {
    let Some(spec) = spec(key) else { return Ok(None) };
    let row = store::settings::find_by_key(&mut core.db.read().await?, key).await?;
    Ok(row.map(|row| setting(spec, row)))
}
