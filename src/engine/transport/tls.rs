//! TLS to a device. Devices make their certificates themselves, so nobody vouches for them: the key in the certificate is
//! pinned like an SSH host key. The handshake proves that the device has it, and nothing is sent before it is judged.

use std::{io, sync::Arc, time::Instant};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    HostKeys, Log, Pace, Place, Target,
    stream::Stream,
    tcp::{connect, timed_out},
    verdict::verdict,
};
use crate::domain::{
    entry::Level,
    failure::{Failure, FailureClass, Stage},
    host_key::HostKey,
};

/// Takes any certificate whose key signed the handshake; whose key it is, is judged afterwards.
#[derive(Debug)]
struct Proof(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Proof {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

fn config() -> Result<ClientConfig, Error> {
    let provider = ring::default_provider();
    let proof = Proof(provider.signature_verification_algorithms);
    let builder =
        ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
    let verifier = builder.dangerous().with_custom_certificate_verifier(Arc::new(proof));
    let mut config = verifier.with_no_client_auth();
    // A session taken up again would show no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A connection whose other side is not judged yet, and what it showed.
struct Unjudged {
    stream: TlsStream<Stream>,
    key: HostKey,
    /// SHA-256 of the whole certificate, as browsers show it.
    certificate: String,
}

/// Connects to the device and has its key judged.
pub async fn open(
    target: &Target,
    pace: Pace<'_>,
    host_keys: &dyn HostKeys,
    log: &dyn Log,
) -> Result<(TlsStream<Stream>, Place), Failure> {
    let start = Instant::now();
    let (stream, whereto) = connect(target, pace, log).await?;
    let Unjudged { stream, key, certificate } = handshake(stream, &whereto, pace).await?;
    let version = version(&stream);
    let text =
        format!("{version} in {} ms; SHA-256 of the certificate: {certificate}", start.elapsed().as_millis());
    log.say(Level::Info, Stage::KeyExchange, &text);
    let limit = pace.of(Stage::HostKey);
    let judged = timeout(limit, verdict(host_keys, &whereto, ("certificate key", key))).await;
    let words =
        judged.map_err(|_| timed_out(Stage::HostKey, limit, "the verdict about the certificate key"))??;
    log.say(Level::Info, Stage::HostKey, &words);
    Ok((stream, whereto))
}

async fn handshake(stream: Stream, (host, _): &Place, pace: Pace<'_>) -> Result<Unjudged, Failure> {
    let failure = |class, message: String| Failure::new(class, Stage::KeyExchange, message);
    let internal = |error: Error| failure(FailureClass::Internal, format!("TLS cannot be used: {error}"));
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| {
        failure(FailureClass::Unresolvable, format!("{host} is no name that TLS can ask for"))
    })?;
    let connector = TlsConnector::from(Arc::new(config().map_err(internal)?));
    let limit = pace.of(Stage::KeyExchange);
    let shaken = timeout(limit, connector.connect(name, stream)).await;
    let shaken = shaken.map_err(|_| timed_out(Stage::KeyExchange, limit, "the TLS handshake"))?;
    let stream = shaken.map_err(|error| broken(&error))?;
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates().and_then(<[_]>::first);
    let shown = shown
        .ok_or_else(|| failure(FailureClass::ConnectionLost, "the device shows no certificate".to_owned()))?;
    let parsed = ParsedCertificate::try_from(shown).map_err(|error| {
        failure(FailureClass::NoCommonAlgorithm, format!("the device's certificate cannot be read: {error}"))
    })?;
    let public_key = parsed.subject_public_key_info();
    let key = HostKey {
        algorithm: "tls".to_owned(),
        fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&public_key))),
        public_key: STANDARD.encode(&public_key),
    };
    let pairs: Vec<String> = Sha256::digest(shown).iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(Unjudged { key, certificate: pairs.join(":"), stream })
}

fn version(stream: &TlsStream<Stream>) -> &'static str {
    let (_, session) = stream.get_ref();
    if session.protocol_version() == Some(ProtocolVersion::TLSv1_3) { "TLS 1.3" } else { "TLS 1.2" }
}

/// The words for a handshake that failed.
fn broken(error: &io::Error) -> Failure {
    let cause = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    let nothing_common = |it: &Error| {
        matches!(
            it,
            Error::PeerIncompatible(_)
                | Error::AlertReceived(
                    AlertDescription::HandshakeFailure
                        | AlertDescription::ProtocolVersion
                        | AlertDescription::InsufficientSecurity
                )
        )
    };
    if cause.is_some_and(nothing_common) {
        let message = format!(
            "no common version or cipher of TLS: {error}. NetRaven speaks TLS 1.2 and 1.3 with forward secrecy: update the device's software, or its TLS profile"
        );
        return Failure::new(FailureClass::NoCommonAlgorithm, Stage::KeyExchange, message);
    }
    let message = if cause.is_some_and(|it| matches!(it, Error::InvalidMessage(_))) {
        "the device does not speak TLS on this port".to_owned()
    } else {
        format!("the TLS handshake broke off: {error}")
    };
    Failure::new(FailureClass::ConnectionLost, Stage::KeyExchange, message)
}

/// Whether the device can be reached: connects and looks at its certificate, without a request. Gives the words for it.
pub async fn greet(target: &Target, pace: Pace<'_>, log: &dyn Log) -> Result<String, Failure> {
    let start = Instant::now();
    let (stream, whereto) = connect(target, pace, log).await?;
    let connected = start.elapsed().as_millis();
    let Unjudged { stream, key, .. } = handshake(stream, &whereto, pace).await?;
    let version = version(&stream);
    let all = start.elapsed().as_millis();
    Ok(format!(
        "connected in {connected} ms, {version} with the certificate key {} after {all} ms",
        key.fingerprint
    ))
}
