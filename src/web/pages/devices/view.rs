//! The parts of a device's page as it shows them.

use crate::{
    domain::{
        access::{Grant, ViewDevices},
        backup::{Backup, Suspect},
        credential::Credential,
        host_key::Pin,
        job::Job,
        page::Page,
        rule::Reason,
    },
    service::{Core, backups, rules::Explained},
    web::{href, parts::Moment, words},
};

/// How the newest job failed, in words.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) tone: &'static str,
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) advice: &'static str,
    pub(super) stage: Option<&'static str>,
    pub(super) message: Option<String>,
    pub(super) at: Option<Moment>,
    pub(super) job: String,
}

impl Failure {
    /// The failure of `job`, if it is one.
    pub(super) fn of(job: Job) -> Option<Self> {
        let trouble = words::trouble_of(job.state, job.outcome, job.class)?;
        Some(Self {
            tone: if job.suspect.is_some() { "warn" } else { "bad" },
            title: trouble.title,
            meaning: trouble.meaning,
            advice: trouble.advice,
            stage: job.stage.map(words::stage),
            message: job.message,
            at: job.finished_at.map(Moment::relative),
            job: href::job(job.id),
        })
    }

    /// The same without what the card about the changed host key says already.
    pub(super) fn beside(self, changed_key: bool) -> Self {
        Self { message: self.message.filter(|_| !changed_key), ..self }
    }
}

/// A context of the current version.
#[derive(Debug)]
pub(super) struct ContextLink {
    pub(super) name: String,
    pub(super) href: String,
}

impl ContextLink {
    /// Those of a version; none where its device is not divided. A text that does not read back is told of elsewhere, and is
    /// no reason to show no page.
    pub(super) async fn all(core: &Core, by: &Grant<ViewDevices>, version: &Backup) -> Vec<Self> {
        let names = backups::contexts::names(core, by, version).await.unwrap_or_else(|error| {
            tracing::warn!(backup.id = %version.id, %error, "the contexts of a version cannot be looked at");
            Vec::new()
        });
        let link = |name: String| Self { href: href::backup_in(version.id, &name), name };
        names.into_iter().map(link).collect()
    }
}

/// A version in the list of the newest.
#[derive(Debug)]
pub(super) struct VersionRow {
    pub(super) taken: Moment,
    pub(super) verified: Moment,
    pub(super) view: String,
    pub(super) diff: Option<String>,
    pub(super) added: String,
    pub(super) removed: String,
    pub(super) size: String,
    pub(super) lines: String,
    pub(super) seen: String,
    pub(super) is_current: bool,
}

impl VersionRow {
    /// The rows of the first page of a device's versions; the oldest version has nothing to be compared with.
    pub(super) fn all(page: Page<Backup>) -> Vec<Self> {
        let total = page.total;
        let numbered = page.rows.into_iter().zip(1_i64..);
        numbered
            .map(|(backup, number)| Self {
                taken: Moment::relative(backup.taken_at),
                verified: Moment::relative(backup.verified_at),
                view: href::backup(backup.id),
                diff: (number < total).then(|| href::backup_diff(backup.id)),
                added: words::grouped(backup.added.into()),
                removed: words::grouped(backup.removed.into()),
                size: words::size(backup.bytes),
                lines: words::count(backup.lines.into(), "line"),
                seen: words::count(backup.seen.into(), "time"),
                is_current: number == 1,
            })
            .collect()
    }
}

/// A doubtful capture.
#[derive(Debug)]
pub(super) struct SuspectRow {
    pub(super) taken: Moment,
    pub(super) reason: String,
    pub(super) size: String,
    pub(super) view: String,
}

impl From<Suspect> for SuspectRow {
    fn from(suspect: Suspect) -> Self {
        Self {
            taken: Moment::relative(suspect.taken_at),
            reason: suspect.reason,
            size: words::size(suspect.bytes),
            view: href::suspect(suspect.id),
        }
    }
}

/// What is known of the credential: that secrets are there, never what they are.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) username: String,
    pub(super) secrets: String,
}

impl From<Credential> for Access {
    fn from(credential: Credential) -> Self {
        let kept = [
            (credential.has_password, "password"),
            (credential.has_private_key, "private key"),
            (credential.has_enable, "enable password"),
        ];
        let set: Vec<&str> = kept.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
        Self {
            username: credential.username,
            secrets: if set.is_empty() { "none set".to_owned() } else { format!("{} set", set.join(", ")) },
        }
    }
}

/// A rule that put a tag on the device, with its conditions.
#[derive(Debug)]
pub(super) struct RuleLine {
    pub(super) tag: String,
    pub(super) rule: String,
    pub(super) href: &'static str,
    pub(super) reasons: Vec<Reason>,
}

impl From<Explained> for RuleLine {
    fn from(found: Explained) -> Self {
        Self { tag: found.rule.tag_name, rule: found.rule.name, href: href::rules(), reasons: found.reasons }
    }
}

/// The pinned host key.
#[derive(Debug)]
pub(super) struct KeyLine {
    pub(super) algorithm: String,
    pub(super) fingerprint: String,
    pub(super) pinned: Moment,
    pub(super) by: String,
    pub(super) place: String,
    pub(super) is_of_old_place: bool,
}

impl KeyLine {
    /// The key of `pin`; a device that is at none of its pins' places any more is met anew.
    pub(super) fn new(pin: &Pin, here: &[(String, u16)]) -> Self {
        Self {
            algorithm: pin.key.algorithm.clone(),
            fingerprint: pin.key.fingerprint.clone(),
            pinned: Moment::relative(pin.pinned_at),
            by: pin.pinned_by.clone(),
            place: super::detail::place(&pin.place.0, pin.place.1),
            is_of_old_place: !here.contains(&pin.place),
        }
    }
}

/// A key that was refused because another one is pinned.
#[derive(Debug)]
pub(super) struct ChangedKey {
    pub(super) place: String,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) fingerprint: String,
    pub(super) shown: Moment,
}

impl ChangedKey {
    /// The refused key of `pin`, if there is one.
    pub(super) fn of(pin: &Pin) -> Option<Self> {
        let (key, at) = pin.refused.as_ref()?;
        Some(Self {
            place: super::detail::place(&pin.place.0, pin.place.1),
            old: format!("{} {}", pin.key.algorithm, pin.key.fingerprint),
            new: format!("{} {}", key.algorithm, key.fingerprint),
            fingerprint: key.fingerprint.clone(),
            shown: Moment::relative(*at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CredentialId;

    #[test]
    fn secrets_are_named_and_never_shown() {
        let credential = |has_password, has_private_key| Credential {
            id: CredentialId(1),
            name: None,
            username: "backup".into(),
            has_password,
            has_enable: has_password,
            has_private_key,
        };
        assert_eq!(Access::from(credential(true, false)).secrets, "password, enable password set");
        assert_eq!(Access::from(credential(false, true)).secrets, "private key set");
        assert_eq!(Access::from(credential(false, false)).secrets, "none set");
    }
}
