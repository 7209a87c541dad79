//! The contexts of a version, as its page lists them.

use serde::Deserialize;

use crate::{
    domain::{
        backup::Backup,
        context::{Listed, Standing},
        id::BackupId,
    },
    web::{
        href,
        parts::{Badge, Tone},
        words,
    },
};

/// Which context of a version; the whole where none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContextQuery {
    context: String,
}

impl ContextQuery {
    /// The name, if there is one.
    pub fn name(&self) -> Option<&str> {
        Some(self.context.as_str()).filter(|name| !name.is_empty())
    }
}

/// The address of a page or a file of a version, of one context of it where one is named.
pub fn of(address: String, name: Option<&str>) -> String {
    match name {
        Some(name) => href::with(&address, &[("context", name)]),
        None => address,
    }
}

/// What a file is called after: the device, and the context where it holds one only.
pub fn file_of(device: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{device}_{name}"),
        None => device.to_owned(),
    }
}

/// A row.
#[derive(Debug)]
pub struct ContextLine {
    pub(super) name: String,
    /// Its text; none where it is gone.
    pub(super) view: Option<String>,
    pub(super) is_shown: bool,
    pub(super) lines: String,
    pub(super) badge: Badge,
    pub(super) diff: Option<String>,
    pub(super) text: Option<String>,
    pub(super) raw: Option<String>,
}

fn badge(standing: Standing) -> Badge {
    match standing {
        Standing::First => Badge::new(Tone::Idle, "circle-dashed", "First version"),
        Standing::Added => Badge::new(Tone::Ok, "plus", "New"),
        Standing::Changed => Badge::new(Tone::Warn, "pencil", "Changed"),
        Standing::Same => Badge::new(Tone::Idle, "equal", "As before"),
        Standing::Removed => Badge::new(Tone::Bad, "circle-minus", "Gone"),
    }
}

impl ContextLine {
    /// The rows of a version, of which `previous` is the one before and the context `shown` is what its page shows.
    pub fn all(
        version: &Backup,
        listed: Vec<Listed>,
        (previous, shown): (Option<BackupId>, Option<&str>),
        may_read_raw: bool,
    ) -> Vec<Self> {
        let line = |Listed { name, lines, standing }: Listed| {
            let is_there = standing != Standing::Removed;
            let at = |address: String| is_there.then(|| of(address, Some(&name)));
            let is_other = !matches!(standing, Standing::First | Standing::Same);
            Self {
                view: at(href::backup(version.id)),
                is_shown: shown == Some(name.as_str()),
                lines: if is_there {
                    words::grouped(i64::try_from(lines).unwrap_or(i64::MAX))
                } else {
                    String::new()
                },
                badge: badge(standing),
                diff: previous.filter(|_| is_other).map(|old| href::compared_in(old, version.id, &name)),
                text: at(href::backup_text(version.id)),
                raw: at(href::backup_raw(version.id)).filter(|_| may_read_raw),
                name,
            }
        };
        listed.into_iter().map(line).collect()
    }
}
