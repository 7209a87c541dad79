//! Settings changed by people: typed, whole or not at all, with before and after in the trail, in force at once.

use super::{place, refresh, setting};
use crate::{
    domain::{
        access::{Actor, Grant, ManageSettings},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::SettingId,
        secret::Secret,
        setting::{
            Category, ChangedSetting, InvalidSetting, Setting, SettingFilter, Settings, Spec, Wanted, spec,
        },
    },
    service::{Core, Fault, audit},
    store::{self, StoreError, Tx},
};

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveSettingsError {
    /// Values that do not fit: all of them, each with its key. Nothing was changed.
    #[error("{}", .0.iter().map(|(key, why)| format!("{key}: {why}")).collect::<Vec<_>>().join(" "))]
    Invalid(Vec<(String, InvalidSetting)>),
    /// Somebody changed one of them since they were looked at.
    #[error("somebody else has changed these settings since you opened the page")]
    Stale,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveSettingsError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Which settings go back to what was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// One.
    Key(&'static str),
    /// Those of a tab.
    Category(Category),
    /// All.
    All,
}

impl Reset {
    /// The settings that are meant.
    pub fn specs(self) -> Vec<&'static Spec> {
        match self {
            Self::Key(key) => spec(key).into_iter().collect(),
            Self::Category(category) => {
                SettingFilter { category: Some(category), text: None }.specs().collect()
            }
            Self::All => SettingFilter::default().specs().collect(),
        }
    }
}

/// What tells whether one of these settings was changed since.
pub fn mark(settings: &[Setting]) -> String {
    let newest = settings.iter().map(|one| one.updated_at.timestamp_micros()).max();
    newest.unwrap_or_default().to_string()
}

/// Changes one setting; `None` when it was so already.
pub async fn set(
    core: &Core,
    by: &Grant<ManageSettings>,
    key: &str,
    wanted: Wanted,
) -> Result<Option<ChangedSetting>, SaveSettingsError> {
    Ok(set_many(core, by, &[(key.to_owned(), wanted)], None).await?.pop())
}

/// Changes settings together: all of them, or none and every complaint. What was so already is left alone. With a
/// [`mark`], only if none of them was changed since.
pub async fn set_many(
    core: &Core,
    by: &Grant<ManageSettings>,
    wanted: &[(String, Wanted)],
    seen: Option<&str>,
) -> Result<Vec<ChangedSetting>, SaveSettingsError> {
    let (mut values, mut bad) = (Vec::new(), Vec::new());
    for (key, wanted) in wanted {
        match value(key, wanted) {
            Ok(Some(value)) => values.push(value),
            Ok(None) => {}
            Err(error) => bad.push((key.clone(), error)),
        }
    }
    if !bad.is_empty() {
        return Err(SaveSettingsError::Invalid(bad));
    }
    let mut tx = core.db.begin().await?;
    let current = current(&mut tx).await?;
    let meant: Vec<Setting> =
        current.iter().filter(|one| wanted.iter().any(|(key, _)| key == one.spec.key)).cloned().collect();
    if seen.is_some_and(|seen| seen != mark(&meant)) {
        return Err(SaveSettingsError::Stale);
    }
    let written = write(core, &mut tx, by.actor(), (&current, values)).await?;
    for (id, changed) in &written {
        let changes = changes(Changes::default(), "value", changed);
        let act = Act::new(AuditEvent::SettingChanged, changed.key).on(ObjectKind::Setting, id.0);
        audit::append(core, &mut tx, by.actor(), act.changes(changes)).await?;
    }
    tx.commit().await?;
    refresh(core).await?;
    Ok(written.into_iter().map(|(_, changed)| changed).collect())
}

/// Puts settings back to what was declared; gives those that were not so already.
pub async fn reset(
    core: &Core,
    by: &Grant<ManageSettings>,
    which: Reset,
) -> Result<Vec<ChangedSetting>, SaveSettingsError> {
    let values = which.specs().into_iter().map(|spec| (spec, None)).collect();
    let mut tx = core.db.begin().await?;
    let current = current(&mut tx).await?;
    let written = write(core, &mut tx, by.actor(), (&current, values)).await?;
    if !written.is_empty() {
        let all = written.iter().fold(Changes::default(), |all, (_, one)| changes(all, one.key, one));
        let object = match which {
            Reset::Key(key) => key,
            Reset::Category(category) => category.as_str(),
            Reset::All => "all settings",
        };
        let act = Act::new(AuditEvent::SettingsReset, object).changes(all);
        audit::append(core, &mut tx, by.actor(), act).await?;
    }
    tx.commit().await?;
    refresh(core).await?;
    Ok(written.into_iter().map(|(_, changed)| changed).collect())
}

/// A declared setting with what it is to be; `None` is what was declared.
type Value = (&'static Spec, Option<Secret>);

/// The value that is wanted, as its type writes it; `None` keeps what is there.
fn value(key: &str, wanted: &Wanted) -> Result<Option<Value>, InvalidSetting> {
    let spec = spec(key).ok_or_else(|| InvalidSetting::Unknown(key.to_owned()))?;
    let raw = match wanted {
        Wanted::Default => return Ok(Some((spec, None))),
        Wanted::Secret(secret) => secret.clone(),
        Wanted::Value(text) => Secret::new(text.as_str()),
    };
    let mut settings = Settings::defaults()?;
    settings.set(key, raw.expose())?;
    if spec.is_sensitive() {
        return Ok((!raw.is_empty()).then_some((spec, Some(raw))));
    }
    Ok(Some((spec, settings.told(key).map(Secret::new))))
}

async fn current(tx: &mut Tx) -> Result<Vec<Setting>, StoreError> {
    let rows = store::settings::list_to_change(tx).await?;
    Ok(rows.into_iter().filter_map(|row| Some(setting(spec(&row.key)?, row))).collect())
}

/// Writes what differs; gives it with its row.
async fn write(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    (current, values): (&[Setting], Vec<Value>),
) -> Result<Vec<(SettingId, ChangedSetting)>, SaveSettingsError> {
    let mut written = Vec::new();
    for (spec, value) in values {
        let Some(old) = current.iter().find(|one| one.spec.key == spec.key) else { continue };
        let new = match (&value, spec.is_sensitive()) {
            (Some(_), true) => Setting { is_set: true, ..old.clone() },
            (None, true) => Setting { is_set: false, ..old.clone() },
            (Some(value), false) => Setting { value: Some(value.expose().to_owned()), ..old.clone() },
            (None, false) => Setting { value: Some(spec.default.to_owned()), ..old.clone() },
        };
        let is_same =
            if spec.is_sensitive() { value.is_none() && !old.is_set } else { new.value == old.value };
        if is_same {
            continue;
        }
        let sealed = match value.filter(|_| spec.is_sensitive()) {
            Some(secret) => {
                Some(core.keyring.seal(place(spec.key), secret.expose().as_bytes()).map_err(Fault::from)?)
            }
            None => None,
        };
        let stored = (new.value.as_deref(), sealed.as_deref());
        store::settings::update(tx, spec.key, stored, (&by.name, core.now())).await?;
        let (before, after) =
            (old.told(), if spec.is_sensitive() && new.is_set { "changed".to_owned() } else { new.told() });
        written.push((old.id, ChangedSetting { key: spec.key, label: spec.label, before, after }));
    }
    Ok(written)
}

/// The change as the trail has it: of a secret no more than that it was changed.
fn changes(all: Changes, field: &str, changed: &ChangedSetting) -> Changes {
    match spec(changed.key) {
        Some(spec) if spec.is_sensitive() => all.secret(field, true),
        _ => all.field(field, &changed.before, &changed.after),
    }
}
