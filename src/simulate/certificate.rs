//! The certificate of a device's HTTPS server, which it made itself for the key that it has.

use std::{io, sync::Arc};

use rcgen::{CertificateParams, DnType, KeyPair};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::identity::Identity;

/// The HTTPS server's settings for this key.
pub(super) fn settings(identity: &Identity, hostname: &str) -> io::Result<Arc<ServerConfig>> {
    let key = PrivatePkcs8KeyDer::from(identity.pkcs8()?);
    let pair = KeyPair::try_from(&key).map_err(io::Error::other)?;
    let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, hostname);
    let certificate = params.self_signed(&pair).map_err(io::Error::other)?;
    let settings = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key))
        .map_err(io::Error::other)?;
    Ok(Arc::new(settings))
}
