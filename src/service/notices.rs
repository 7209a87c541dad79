//! What people are told by mail: written with what happened, gathered by cause, sent by the mail server of the settings.

mod mail;

pub use mail::{AUTHORITIES, MailError, list, send_due, test};

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Core, Fault, audit};
use crate::{
    domain::{
        access::Session,
        audit::{Act, AuditEvent, Changes, ObjectKind},
        failure::FailureClass,
        id::{BackupId, DeviceId, JobId, UserId},
        notice::{NewNotice, NoticeEvent, Told, Wishes, compose},
    },
    store::{self, Conn, StoreError},
};

/// How a backup ended, as far as people are told of it.
pub(super) enum Ending<'a> {
    /// A configuration came; whether it differs from the one before.
    Well {
        /// There was a version before, and this one is another.
        is_changed: bool,
    },
    /// It failed.
    Failed {
        /// Why.
        class: Option<FailureClass>,
        /// In words.
        message: &'a str,
    },
}

/// Writes down what is to be told of a backup that has ended, in the transaction that ends it.
pub(super) async fn after_backup(
    core: &Core,
    conn: &mut Conn,
    (device, job): (DeviceId, JobId),
    ending: &Ending<'_>,
) -> Result<(), StoreError> {
    let now = core.now();
    let mut events: Vec<(NoticeEvent, String, String)> = Vec::new();
    let known = store::notices::failing(conn, device).await?;
    let (failing, event) = match ending {
        Ending::Well { .. } => known.went_well(),
        Ending::Failed { .. } => known.failed(now),
    };
    if failing != known {
        store::notices::set_failing(conn, device, failing).await?;
    }
    match ending {
        Ending::Well { is_changed } => {
            let text = "It was backed up again.".to_owned();
            events.extend(event.map(|event| (event, String::new(), text)));
            if *is_changed {
                let text = "A new version is kept.".to_owned();
                events.push((NoticeEvent::Changed, String::new(), text));
            }
        }
        Ending::Failed { class, message } => {
            let cause = class.map_or("suspect", FailureClass::as_str).to_owned();
            events.extend(event.map(|event| (event, cause, (*message).to_owned())));
        }
    }
    if let Some(person) = store::jobs::person_of(conn, job).await? {
        let text = match ending {
            Ending::Well { is_changed: true } => "A new version is kept.".to_owned(),
            Ending::Well { is_changed: false } => "The configuration is unchanged.".to_owned(),
            Ending::Failed { message, .. } => format!("It failed: {message}"),
        };
        events.push((NoticeEvent::JobDone, format!("person {person}"), text));
    }
    for (event, cause, text) in events {
        let new = NewNotice { event, cause, device: Some(device), job: Some(job), text: &text };
        store::notices::insert(conn, &new, now).await?;
    }
    Ok(())
}

/// Writes down that these versions do not read back, once for each device, in the transaction that marks them.
pub(super) async fn of_damage(
    conn: &mut Conn,
    versions: &[(BackupId, DeviceId, String)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut devices: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
    for (version, device, _) in versions {
        devices.entry(*device).or_default().push(version.to_string());
    }
    for (device, ids) in devices {
        let text = format!("Damaged: version {}. The others are not affected.", ids.join(", "));
        let event = NoticeEvent::Damaged;
        let new = NewNotice { event, cause: String::new(), device: Some(device), job: None, text: &text };
        store::notices::insert(conn, &new, now).await?;
    }
    Ok(())
}

/// Writes down that a shared credential was stopped, in the transaction that stops it: an alarm.
pub(super) async fn credential_stopped(
    core: &Core,
    conn: &mut Conn,
    (name, device): (&str, DeviceId),
) -> Result<(), StoreError> {
    let text = "The last of three devices in a row that refused it. No job tries it until somebody corrects it, or \
                resumes it on its page.";
    let (event, cause) = (NoticeEvent::CredentialStopped, name.to_owned());
    let new = NewNotice { event, cause, device: Some(device), job: None, text };
    store::notices::insert(conn, &new, core.now()).await
}

/// Puts what does not grow any more into mails; gives how many mails were written.
pub async fn gather(core: &Core) -> Result<usize, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let laid_out = store::notices::lay_out(&mut tx, now).await?;
    let mut ripe = store::notices::gathered(&mut tx, now).await?;
    ripe.retain(|gathered| gathered.is_ripe(now));
    if laid_out == 0 && ripe.is_empty() {
        return Ok(0);
    }
    let told = store::notices::take(&mut tx, &ripe, now).await?;
    let people: Vec<UserId> = told.iter().map(|one| one.user).collect();
    let addresses = store::notices::addresses(&mut tx, &people).await?;
    let name = core.settings.now().application_name.clone();
    let mut written = 0;
    for own in told.chunk_by(|a, b| a.user == b.user) {
        let Some(user) = own.first().map(|one: &Told| one.user) else { continue };
        let Some((_, address)) = addresses.iter().find(|(id, _)| *id == user) else { continue };
        let (subject, body) = compose(&name, own);
        store::notices::mails::insert(&mut tx, (user, address), (&subject, &body), now).await?;
        written += 1;
    }
    tx.commit().await?;
    Ok(written)
}

/// What the signed-in person wants to be told.
pub async fn wishes(core: &Core, session: &Session) -> Result<Option<Wishes>, Fault> {
    let id = session.actor.user.unwrap_or(UserId(0));
    Ok(store::notices::wishes(&mut core.db.read().await?, id).await?)
}

/// Writes down what the signed-in person wants to be told.
pub async fn set_wishes(core: &Core, session: &Session, wishes: &Wishes) -> Result<(), Fault> {
    let id = session.actor.user.unwrap_or(UserId(0));
    let mut tx = core.db.begin().await?;
    let Some(old) = store::notices::wishes(&mut tx, id).await? else { return Ok(()) };
    store::notices::set_wishes(&mut tx, id, wishes).await?;
    let told = |wishes: &Wishes| wishes.events.iter().map(|e| e.as_str()).collect::<Vec<_>>().join(" ");
    let changes = Changes::default().field("mail_rhythm", old.rhythm, wishes.rhythm).field(
        "mail_events",
        told(&old),
        told(wishes),
    );
    let act = Act::new(AuditEvent::UserChanged, &session.actor.name).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, &session.actor, act.changes(changes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes what was told long ago.
pub async fn forget(core: &Core) -> Result<(), Fault> {
    let before = core.now() - Duration::days(30);
    let mut tx = core.db.begin().await?;
    store::notices::delete_old(&mut tx, before).await?;
    store::notices::mails::delete_old(&mut tx, before).await?;
    Ok(tx.commit().await?)
}
