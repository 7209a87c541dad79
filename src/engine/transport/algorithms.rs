//! What we offer a device in the key exchange: modern algorithms only, the quick ones first.
//!
//! The order follows measurements on this library: curve25519 20 ms, group14 32 to 45 ms, group16 170 ms per
//! handshake; group18 takes up to a second and is left out.

use std::{borrow::Cow, str::FromStr, time::Duration};

use russh::{
    Preferred, cipher,
    client::{Config, GexParams},
    compression, kex,
    keys::{Algorithm, EcdsaCurve, HashAlg},
    mac,
};

const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_G14_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_GEX_SHA256,
    // Not algorithms: they ask for server-sig-algs and for strict key exchange (CVE-2023-48795).
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

const CIPHERS: &[cipher::Name] = &[
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

const MACS: &[mac::Name] = &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM, mac::HMAC_SHA256, mac::HMAC_SHA512];

/// A silent device is given up after so many questions for a sign of life without an answer, one interval after the last.
pub const UNANSWERED: usize = 3;

/// Ends a connection's task that waits for a peer before keepalives can be sent, should all else fail.
const INACTIVITY: Duration = Duration::from_mins(2);

/// The client's configuration for a device whose pinned keys have these types and that is asked for a sign of life after
/// so much silence.
pub fn config(pinned: &[String], keepalive: Duration) -> Config {
    Config {
        preferred: Preferred {
            kex: Cow::Borrowed(KEX),
            key: Cow::Owned(host_keys(pinned)),
            cipher: Cow::Borrowed(CIPHERS),
            mac: Cow::Borrowed(MACS),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        // Groups of 2048 bits are enough, and 8192 would stall a switch. Only bounds below 2048 can fail
        // here.
        gex: GexParams::new(2048, 2048, 8192).unwrap_or_default(),
        keepalive_interval: Some(keepalive),
        keepalive_max: UNANSWERED,
        inactivity_timeout: Some(INACTIVITY),
        ..Config::default()
    }
}

/// All modern host key algorithms, those of the pinned keys first, so that a device with several keys shows
/// the one we know. No SHA-1 signatures.
fn host_keys(pinned: &[String]) -> Vec<Algorithm> {
    let mut all = vec![
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    let pinned: Vec<_> = pinned.iter().filter_map(|name| Algorithm::from_str(name).ok()).collect();
    // An RSA key is pinned by its type alone; the hash belongs to the signature.
    let is_rsa = |algorithm: &Algorithm| matches!(algorithm, Algorithm::Rsa { .. });
    let is_pinned = |algorithm: &Algorithm| {
        pinned.iter().any(|pin| pin == algorithm || (is_rsa(pin) && is_rsa(algorithm)))
    };
    all.sort_by_key(|algorithm| !is_pinned(algorithm));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_types_come_first_and_sha1_never() {
        let names = |pinned: &[&str]| -> Vec<String> {
            let pinned: Vec<_> = pinned.iter().map(|&name| name.to_owned()).collect();
            host_keys(&pinned).iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(&[]).first().unwrap(), "ssh-ed25519");
        assert_eq!(names(&["ssh-rsa"]).get(..3).unwrap(), ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(names(&["ecdsa-sha2-nistp384"]).first().unwrap(), "ecdsa-sha2-nistp384");
        assert!(!names(&["ssh-rsa"]).contains(&"ssh-rsa".to_owned()));
        assert!(KEX.iter().all(|name| !name.as_ref().ends_with("sha1")));
    }
}
