//! Sending mails: outside of every transaction, with a lease, and again after a failure.

use std::time::Duration as StdDuration;

use chrono::Duration;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use crate::{
    domain::{
        access::{Grant, ManageSettings},
        audit::{Act, AuditEvent},
        notice::Mail,
        page::{Page, PageRequest},
        setting::Settings,
        user::Email,
    },
    service::{Core, Fault, audit},
    store,
};

/// A mail that is being sent belongs to its sender for so long.
const LEASE: Duration = Duration::minutes(2);

/// The port on which servers speak TLS from the start (RFC 8314).
const TLS_PORT: i64 = 465;

/// The file of the data folder with further certificate authorities, in PEM, that mail servers may have theirs from;
/// those that browsers know are known without it.
pub const AUTHORITIES: &str = "mail-ca.pem";

/// How long the mail server may take for each answer.
const PATIENCE: StdDuration = StdDuration::from_secs(20);

/// A mail is given up after so many tries: about two days.
const MOST_TRIES: i32 = 12;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address that cannot be one.
    #[error("\"{0}\" is not a mail address: {1}")]
    Address(String, AddressError),
    /// A mail that cannot be built.
    #[error("the mail could not be built: {0}")]
    Message(#[from] lettre::error::Error),
    /// The account would be sent readable.
    #[error(
        "the account and password are never sent without encryption: switch it on, or remove the account"
    )]
    Plain,
    /// The file of certificate authorities cannot be used.
    #[error("{AUTHORITIES} in the data folder holds no certificates in PEM: {0}")]
    Authorities(String),
    /// What the mail server said, or that it said nothing.
    #[error("the mail server did not take it: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How the connection is encrypted; `None` when it is not.
fn encryption(settings: &Settings, authorities: Option<&[u8]>) -> Result<Option<Tls>, MailError> {
    if !settings.smtp_tls {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.smtp_host.clone());
    if let Some(pem) = authorities {
        // The library takes a file without any certificate for one with none too many.
        if !String::from_utf8_lossy(pem).contains("BEGIN CERTIFICATE") {
            return Err(MailError::Authorities("there is none in it".to_owned()));
        }
        let known = Certificate::from_pem(pem).map_err(|error| MailError::Authorities(error.to_string()))?;
        builder = builder.add_root_certificate(known);
    }
    let parameters = builder.build()?;
    let is_from_the_start = settings.smtp_port == TLS_PORT;
    Ok(Some(if is_from_the_start { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }))
}

fn transport(
    settings: &Settings,
    authorities: Option<&[u8]>,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let encryption = encryption(settings, authorities)?;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.smtp_host.as_str())
        .port(u16::try_from(settings.smtp_port).unwrap_or_default())
        .timeout(Some(PATIENCE));
    let secret = |of: &Option<crate::domain::secret::Secret>| of.as_ref().map(|s| s.expose().to_owned());
    let builder = match (secret(&settings.smtp_username), encryption) {
        (Some(_), None) => return Err(MailError::Plain),
        (Some(name), Some(tls)) => {
            let password = secret(&settings.smtp_password).unwrap_or_default();
            builder.tls(tls).credentials(Credentials::new(name, password))
        }
        (None, Some(tls)) => builder.tls(tls),
        (None, None) => builder,
    };
    Ok(builder.build())
}

fn mailbox(name: Option<String>, address: &str) -> Result<Mailbox, MailError> {
    let parsed = address.parse().map_err(|error| MailError::Address(address.to_owned(), error))?;
    Ok(Mailbox::new(name, parsed))
}

/// The further authorities, if the site has any.
async fn authorities(core: &Core) -> Result<Option<Vec<u8>>, MailError> {
    match tokio::fs::read(core.data_dir.join(AUTHORITIES)).await {
        Ok(pem) => Ok(Some(pem)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(MailError::Authorities(error.to_string())),
    }
}

async fn send(
    core: &Core,
    settings: &Settings,
    to: &str,
    (subject, body): (&str, &str),
) -> Result<(), MailError> {
    let message = Message::builder()
        .from(mailbox(Some(settings.application_name.clone()), &settings.mail_from)?)
        .to(mailbox(None, to)?)
        .subject(subject)
        .header(ContentType::TEXT_PLAIN)
        .body(body.to_owned())?;
    let authorities = authorities(core).await?;
    transport(settings, authorities.as_deref())?.send(message).await?;
    Ok(())
}

/// When a mail that was tried so often is tried again; `None` when it is given up.
fn again(attempts: i32) -> Option<Duration> {
    (attempts < MOST_TRIES).then(|| {
        let minutes = 1_i64 << attempts.clamp(0, 9);
        Duration::minutes(minutes.min(360))
    })
}

/// Sends the mails that are due; gives how many the mail server took. While mail is switched off they wait.
pub async fn send_due(core: &Core) -> Result<usize, Fault> {
    let settings = core.settings.now();
    if !settings.mail_enabled {
        return Ok(0);
    }
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let mails = store::notices::mails::claim(&mut tx, (now, now + LEASE), 20).await?;
    tx.commit().await?;
    let mut taken = 0;
    for mail in mails {
        let sent = send(core, &settings, &mail.recipient, (&mail.subject, &mail.body)).await;
        let now = core.now();
        let mut conn = core.db.write().await?;
        match sent {
            Ok(()) => {
                store::notices::mails::sent(&mut conn, mail.id, now).await?;
                taken += 1;
            }
            Err(error) => {
                let text = error.to_string();
                tracing::warn!(mail.id, attempts = mail.attempts, error = %text, "a mail was not sent");
                let again = again(mail.attempts).map(|after| now + after);
                store::notices::mails::failed(&mut conn, mail.id, &text, (now, again)).await?;
            }
        }
    }
    Ok(taken)
}

/// Sends a mail at once to see whether the settings are right, whether or not mail is switched on.
pub async fn test(core: &Core, by: &Grant<ManageSettings>, to: &Email) -> Result<(), MailError> {
    let settings = core.settings.now();
    let name = &settings.application_name;
    let subject = format!("[{name}] Test mail");
    let body = format!("{} has asked {name} for this mail. The settings are right.\n", by.actor().name);
    let sent = send(core, &settings, to.as_str(), (&subject, &body)).await;
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let told = sent.as_ref().map_or_else(ToString::to_string, |()| "the mail server took it".to_owned());
    let act = Act::new(AuditEvent::MailTested, to.as_str()).detail(&told);
    let act = if sent.is_ok() { act } else { act.refused() };
    audit::append(core, &mut tx, by.actor(), act).await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    sent
}

/// A page of the mails, the newest first, with what became of each.
pub async fn list(
    core: &Core,
    _by: &Grant<ManageSettings>,
    request: PageRequest,
) -> Result<Page<Mail>, Fault> {
    Ok(store::notices::mails::list(&mut core.db.read().await?, request).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8314: one port speaks TLS from the start, on any other it must be asked for, and is never done without.
    #[test]
    fn the_port_says_when_encryption_begins() {
        let mut settings = Settings::defaults().unwrap();
        let mut on = |port: i64, is_wanted: bool| {
            settings.smtp_host = "mail.example.net".to_owned();
            (settings.smtp_port, settings.smtp_tls) = (port, is_wanted);
            encryption(&settings, None).unwrap()
        };
        assert!(matches!(on(465, true), Some(Tls::Wrapper(_))));
        assert!(matches!(on(587, true), Some(Tls::Required(_))));
        assert!(matches!(on(25, true), Some(Tls::Required(_))));
        assert!(on(465, false).is_none());
    }

    #[test]
    fn tries_come_further_apart_and_end_after_about_two_days() {
        let waits: Vec<i64> = (1..MOST_TRIES).filter_map(again).map(|wait| wait.num_minutes()).collect();
        assert_eq!(waits[..4], [2, 4, 8, 16]);
        assert!(again(MOST_TRIES).is_none());
        let hours = waits.iter().sum::<i64>() / 60;
        assert!((24..72).contains(&hours), "{hours} hours");
    }
}
