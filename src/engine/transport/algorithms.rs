//! What we offer a device in the key exchange: modern algorithms, the quick ones first; where the device may use them, the
//! old ones after all modern ones, so that none is agreed on that need not be.
//!
//! The order follows measurements on this library: curve25519 20 ms, group14 32 to 45 ms, group16 170 ms per
//! handshake; group18 takes up to a second and is left out.

use std::{borrow::Cow, str::FromStr, time::Duration};

use russh::{
    AlgorithmKind, Preferred, cipher,
    client::{Config, GexParams},
    compression, kex,
    keys::{Algorithm, EcdsaCurve, HashAlg},
    mac,
};

use super::offer::Offer;
use crate::domain::device::Algorithms;

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
    // Not algorithms: they ask for strict key exchange (CVE-2023-48795) and for server-sig-algs. Paramiko up to 3.3 looks
    // for the latter in the last place only.
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
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

/// The library asks for groups of 2048 bits at least when they are to be exchanged, so that devices whose groups are all
/// smaller get the fixed ones only.
const LEGACY_KEX: &[kex::Name] = &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1, kex::DH_G1_SHA1];

const LEGACY_KEYS: &[Algorithm] = &[Algorithm::Rsa { hash: None }, Algorithm::Dsa];

const LEGACY_CIPHERS: &[cipher::Name] =
    &[cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC, cipher::TRIPLE_DES_CBC];

/// The library has no hmac-md5, and none that is cut to 96 bits.
const LEGACY_MACS: &[mac::Name] = &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];

/// A silent device is given up after so many questions for a sign of life without an answer, one interval after the last.
pub const UNANSWERED: usize = 3;

/// Ends a connection's task that waits for a peer before keepalives can be sent, should all else fail.
const INACTIVITY: Duration = Duration::from_mins(2);

/// The client's configuration for a device that may use these algorithms, whose pinned keys have these types and that is
/// asked for a sign of life after so much silence.
pub fn config(allowed: Algorithms, pinned: &[String], keepalive: Duration) -> Config {
    Config {
        preferred: preferred(allowed, pinned),
        // Groups of 2048 bits are enough, and 8192 would stall a switch. Only bounds below 2048 can fail
        // here.
        gex: GexParams::new(2048, 2048, 8192).unwrap_or_default(),
        keepalive_interval: Some(keepalive),
        keepalive_max: UNANSWERED,
        inactivity_timeout: Some(INACTIVITY),
        ..Config::default()
    }
}

/// What is offered, in the order of preference.
pub fn preferred(allowed: Algorithms, pinned: &[String]) -> Preferred {
    Preferred {
        kex: all(allowed, KEX, LEGACY_KEX),
        key: Cow::Owned(host_keys(allowed, pinned)),
        cipher: all(allowed, CIPHERS, LEGACY_CIPHERS),
        mac: all(allowed, MACS, LEGACY_MACS),
        compression: Cow::Borrowed(&[compression::NONE]),
        ..Preferred::DEFAULT
    }
}

fn all<T: Clone>(allowed: Algorithms, modern: &'static [T], legacy: &'static [T]) -> Cow<'static, [T]> {
    if allowed.is_legacy() { Cow::Owned([modern, legacy].concat()) } else { Cow::Borrowed(modern) }
}

/// Whether an algorithm of this name is agreed on only where a device may use old ones.
pub fn is_legacy(name: &str) -> bool {
    LEGACY_KEX.iter().any(|it| it.as_ref() == name)
        || LEGACY_KEYS.iter().any(|it| it.to_string() == name)
        || LEGACY_CIPHERS.iter().any(|it| it.as_ref() == name)
        || LEGACY_MACS.iter().any(|it| it.as_ref() == name)
}

/// A kind of algorithm in the words of people.
pub fn kind(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "MAC",
    }
}

/// What `ours` and the device's offer agree on, in the order key exchange, host key, cipher, MAC (RFC 4253, 7.1: the first
/// of the client's that the server has); or the kind of which there is none.
pub fn agreed(ours: &Preferred, offer: &Offer) -> Result<Vec<String>, AlgorithmKind> {
    let first = |kind: AlgorithmKind, ours: Vec<String>, theirs: &[String]| {
        ours.into_iter().find(|name| theirs.contains(name)).ok_or(kind)
    };
    let names = offered(ours);
    let [kex, key, cipher, mac] = names;
    let mut agreed = vec![
        first(AlgorithmKind::Kex, kex, &offer.kex)?,
        first(AlgorithmKind::Key, key, &offer.keys)?,
        first(AlgorithmKind::Cipher, cipher, &offer.ciphers)?,
    ];
    // The others prove each packet themselves.
    let needs_mac = agreed.last().is_some_and(|name| name.ends_with("-ctr") || name.ends_with("-cbc"));
    if needs_mac {
        agreed.push(first(AlgorithmKind::Mac, mac, &offer.macs)?);
    }
    Ok(agreed)
}

/// The names of what we offer: key exchange, host key, cipher, MAC.
pub fn offered(ours: &Preferred) -> [Vec<String>; 4] {
    let extensions = [kex::EXTENSION_SUPPORT_AS_CLIENT, kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT];
    let kex = ours.kex.iter().filter(|name| !extensions.contains(name));
    [
        kex.map(|name| name.as_ref().to_owned()).collect(),
        ours.key.iter().map(ToString::to_string).collect(),
        ours.cipher.iter().map(|name| name.as_ref().to_owned()).collect(),
        ours.mac.iter().map(|name| name.as_ref().to_owned()).collect(),
    ]
}

/// All host key algorithms that the device may use, those of the pinned keys first, so that a device with several keys shows
/// the one we know. Modern ones have no SHA-1 signatures.
fn host_keys(allowed: Algorithms, pinned: &[String]) -> Vec<Algorithm> {
    let mut all = vec![
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    if allowed.is_legacy() {
        all.extend_from_slice(LEGACY_KEYS);
    }
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
mod tests;
