//! A log server: lines of the trail as syslog messages (RFC 5424) over TLS (RFC 5425), TCP (RFC 6587) or UDP (RFC 5426).

use std::{future::Future, io, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};
use tokio_rustls::TlsConnector;

use crate::{
    domain::{
        audit::{AuditLine, AuditOutcome},
        setting::{LogWay, Settings},
    },
    service::{Core, nodes},
};

/// The file of the data folder with further certificate authorities, in PEM, that log servers may have theirs from; those
/// that browsers know are known without it.
pub const AUTHORITIES: &str = "log-server-ca.pem";

/// How long connecting, and sending, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the server may take to end the connection when everything is said; some never do.
const FAREWELL: Duration = Duration::from_secs(2);

/// The longest message in a datagram, in bytes: one of UDP over IPv4 holds 65,507.
const LONGEST_DATAGRAM: usize = 60_000;

/// Facility 13, "log audit" (RFC 5424, 6.2.1).
const FACILITY: u8 = 13;

/// Why a log server did not take the lines.
#[derive(Debug, thiserror::Error)]
pub enum LogServerError {
    /// The file of certificate authorities cannot be used.
    #[error("{AUTHORITIES} in the data folder holds no certificates in PEM: {0}")]
    Authorities(String),
    /// A name that no certificate can be for.
    #[error("no certificate can be for the log server's name: {0}")]
    Name(#[from] InvalidDnsNameError),
    /// TLS cannot be set up.
    #[error("TLS to the log server cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// Not reached, not trusted, or lost on the way.
    #[error("the log server did not take the lines: {0}")]
    Server(#[from] io::Error),
    /// It took too long.
    #[error("the log server did not answer within {} seconds", PATIENCE.as_secs())]
    Silent,
}

async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, LogServerError> {
    tokio::time::timeout(PATIENCE, work).await.map_or(Err(LogServerError::Silent), |done| Ok(done?))
}

/// A line as a message: what was refused is a warning (4), everything else is for information (6).
fn message(host: &str, line: &AuditLine, json: &serde_json::Value) -> String {
    let severity = if line.outcome == AuditOutcome::Refused { 4 } else { 6 };
    let at = line.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    format!("<{}>1 {at} {host} netraven - {} - {json}", FACILITY * 8 + severity, line.event.as_str())
}

/// For a datagram: without what changed where the whole does not fit, and saying so.
fn datagram(host: &str, line: &AuditLine) -> String {
    let mut json = line.to_json();
    let whole = message(host, line, &json);
    if whole.len() <= LONGEST_DATAGRAM {
        return whole;
    }
    if let Some(fields) = json.as_object_mut() {
        fields.insert("changes".to_owned(), serde_json::Value::Null);
        fields.insert("details".to_owned(), serde_json::Value::Null);
        fields.insert("is_cut".to_owned(), true.into());
    }
    message(host, line, &json)
}

/// Sends the lines, in their order.
///
/// # Errors
/// See [`LogServerError`]; some of the lines may have been taken.
pub(super) async fn send(
    core: &Core,
    settings: &Settings,
    lines: &[AuditLine],
) -> Result<(), LogServerError> {
    let own: String = nodes::host().chars().filter(char::is_ascii_graphic).take(255).collect();
    // The standard's word for nothing.
    let own = if own.is_empty() { "-".to_owned() } else { own };
    let place = (settings.log_host.as_str(), u16::try_from(settings.log_port).unwrap_or_default());
    if settings.log_way == LogWay::Udp {
        return send_datagrams(place, lines.iter().map(|line| datagram(&own, line))).await;
    }
    // Counted in bytes, not ended by a character (RFC 6587, 3.4.1; RFC 5425, 4.3).
    let frame = |message: String| format!("{} {message}", message.len());
    let frames: String = lines.iter().map(|line| frame(message(&own, line, &line.to_json()))).collect();
    let stream = in_time(TcpStream::connect(place)).await?;
    if settings.log_way == LogWay::Tcp {
        return say(stream, frames.as_bytes()).await;
    }
    let connector = TlsConnector::from(Arc::new(trust(core).await?));
    let name = ServerName::try_from(settings.log_host.clone())?;
    say(in_time(connector.connect(name, stream)).await?, frames.as_bytes()).await
}

/// Says everything and waits until the server has closed: a connection that is reset instead has lost something.
async fn say(mut stream: impl AsyncRead + AsyncWrite + Unpin, frames: &[u8]) -> Result<(), LogServerError> {
    in_time(async {
        stream.write_all(frames).await?;
        stream.shutdown().await
    })
    .await?;
    match tokio::time::timeout(FAREWELL, stream.read(&mut [0; 1])).await {
        // A server that ends TLS without a word has closed all the same.
        Ok(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn send_datagrams(
    place: (&str, u16),
    messages: impl Iterator<Item = String>,
) -> Result<(), LogServerError> {
    let found = in_time(tokio::net::lookup_host(place)).await?.next();
    let to = found.ok_or_else(|| io::Error::other("its name has no address"))?;
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(to).await?;
    for message in messages {
        in_time(socket.send(message.as_bytes())).await?;
    }
    Ok(())
}

/// Whom TLS trusts.
async fn trust(core: &Core) -> Result<ClientConfig, LogServerError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let refused = |why: String| LogServerError::Authorities(why);
    match tokio::fs::read(core.data_dir.join(AUTHORITIES)).await {
        Ok(pem) => {
            let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            let own = own.map_err(|error| refused(error.to_string()))?;
            if own.is_empty() {
                return Err(refused("there is none in it".to_owned()));
            }
            for certificate in own {
                roots.add(certificate).map_err(|error| refused(error.to_string()))?;
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused(error.to_string())),
    }
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        audit::{AuditEvent, Change, Changes},
        id::AuditId,
    };

    fn line(object: &str, outcome: AuditOutcome) -> AuditLine {
        AuditLine {
            at: "2026-03-01T12:00:00.123456Z".parse().unwrap(),
            actor: "olga".to_owned(),
            address: None,
            event: AuditEvent::SignedIn,
            object: object.to_owned(),
            detail: None,
            request: None,
            session: None,
            target: None,
            changes: Changes::default(),
            outcome,
            seq: Some(7),
            mac: Some("ab".to_owned()),
            id: AuditId(7),
        }
    }

    // RFC 5424, 6: the head's fields are single words; what a name hides cannot end the message or begin another.
    #[test]
    fn a_message_is_one_line_with_the_head_of_the_standard() {
        let line = line("olga\r\n<0>1 - - - - - -\u{1b}[2J", AuditOutcome::Done);
        let told = message("nms-1", &line, &line.to_json());
        let head = "<110>1 2026-03-01T12:00:00.123456Z nms-1 netraven - signed_in - {";
        assert!(told.starts_with(head), "{told}");
        assert!(!told.chars().any(char::is_control), "{told:?}");
        let json: serde_json::Value =
            serde_json::from_str(told.split_once(" - signed_in - ").unwrap().1).unwrap();
        assert_eq!((&json["number"], &json["seal"]), (&7.into(), &"ab".into()));
        assert_eq!(json["object"], line.object);
    }

    // RFC 5424, 6: MSGID is a word of at most 32 characters.
    #[test]
    fn every_event_is_the_name_of_a_message() {
        let is_word = |word: &str| word.len() <= 32 && word.chars().all(|c| c.is_ascii_graphic());
        assert!(AuditEvent::ALL.iter().all(|event| is_word(event.as_str())));
    }

    #[test]
    fn what_was_refused_is_a_warning() {
        let line = line("olga", AuditOutcome::Refused);
        assert!(message("h", &line, &line.to_json()).starts_with("<108>1 "));
    }

    #[test]
    fn a_datagram_that_cannot_hold_all_says_so() {
        let mut line = line("olga", AuditOutcome::Done);
        assert!(!datagram("h", &line).contains("is_cut"));
        let after = Some("x".repeat(LONGEST_DATAGRAM));
        line.changes = Changes(vec![Change { field: "note".to_owned(), before: None, after }]);
        let told = datagram("h", &line);
        assert!(told.len() < 1_000 && told.contains("\"is_cut\":true"), "{}", told.len());
    }
}
