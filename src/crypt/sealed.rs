//! Sealing: authenticated encryption in which every value knows its place.
//!
//! An envelope is `1 | key id (8) | nonce (24) | ciphertext and tag`. The associated data names table, column,
//! row and key, so a value that is moved to another row or column does not open (S-43), and there is no form
//! in which a plain value is accepted (S-44).

use std::collections::BTreeMap;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::token;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + 8 + NONCE;

/// A 256-bit key, wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// Where a sealed value lives.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What identifies the row.
    pub row: &'a str,
}

impl Place<'_> {
    fn bound_to(self, key: i64) -> Vec<u8> {
        format!("nr1|{}|{}|{}|{key}", self.table, self.column, self.row).into_bytes()
    }
}

/// Why a value could not be sealed or unsealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// NetRaven is running sealed: it has no key.
    #[error("NetRaven is sealed: {0}")]
    Sealed(String),
    /// The bytes are no envelope: cut, or plain text.
    #[error("{0} is not sealed as it should be")]
    NoEnvelope(String),
    /// The key that sealed it is not in the keyring.
    #[error("{0} was sealed with key {1}, which is not here")]
    UnknownKey(String, i64),
    /// Changed, moved from another place, or sealed with another key.
    #[error("{0} does not open: it was changed or moved")]
    Forged(String),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomnessError;

impl From<token::NoRandomness> for SealError {
    fn from(_: token::NoRandomness) -> Self {
        Self::Randomness(RandomnessError)
    }
}

fn name(place: Place<'_>) -> String {
    format!("{}.{} of row {}", place.table, place.column, place.row)
}

/// Seals `plain` for `place` with the key `id`.
pub fn seal_with(key: &Key, id: i64, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE] = token::random()?;
    let payload = Payload { msg: plain, aad: &place.bound_to(id) };
    let sealed = XChaCha20Poly1305::new((&**key).into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Forged(name(place)))?;
    let mut envelope = Vec::with_capacity(HEAD + sealed.len());
    envelope.push(VERSION);
    envelope.extend_from_slice(&id.to_be_bytes());
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(&sealed);
    Ok(envelope)
}

/// The id of the key that an envelope names, its nonce and its ciphertext.
fn parts(envelope: &[u8]) -> Option<(i64, [u8; NONCE], &[u8])> {
    let (version, rest) = envelope.split_first()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
    (*version == VERSION).then_some((i64::from_be_bytes(*id), *nonce, sealed))
}

/// Opens an envelope that was sealed with `key`.
pub fn unseal_with(key: &Key, place: Place<'_>, envelope: &[u8]) -> Result<Vec<u8>, SealError> {
    let (id, nonce, sealed) = parts(envelope).ok_or_else(|| SealError::NoEnvelope(name(place)))?;
    let payload = Payload { msg: sealed, aad: &place.bound_to(id) };
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Forged(name(place)))
}

/// The data keys: the newest seals, all unseal. Without any, NetRaven is sealed.
pub struct Keyring {
    keys: BTreeMap<i64, Key>,
    why_sealed: String,
}

impl Keyring {
    /// A keyring with these keys.
    pub fn open(keys: BTreeMap<i64, Key>) -> Self {
        Self { keys, why_sealed: "there are no data keys".to_owned() }
    }

    /// A keyring without keys: everything that needs one fails and says why.
    pub fn sealed(why: impl Into<String>) -> Self {
        Self { keys: BTreeMap::new(), why_sealed: why.into() }
    }

    /// Why there are no keys; `None` when there are.
    pub fn why_sealed(&self) -> Option<&str> {
        self.keys.is_empty().then_some(&self.why_sealed)
    }

    /// Seals `plain` for `place` with the newest key.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, key) =
            self.keys.last_key_value().ok_or_else(|| SealError::Sealed(self.why_sealed.clone()))?;
        seal_with(key, *id, place, plain)
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    pub fn unseal(&self, place: Place<'_>, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if self.keys.is_empty() {
            return Err(SealError::Sealed(self.why_sealed.clone()));
        }
        let (id, ..) = parts(envelope).ok_or_else(|| SealError::NoEnvelope(name(place)))?;
        let key = self.keys.get(&id).ok_or_else(|| SealError::UnknownKey(name(place), id))?;
        unseal_with(key, place, envelope).map(Zeroizing::new)
    }

    /// A key for another purpose, the same on every node and after every rotation.
    pub fn derive(&self, purpose: &str) -> Result<Key, SealError> {
        let first = self.keys.values().next().ok_or_else(|| SealError::Sealed(self.why_sealed.clone()))?;
        let mut key = Key::default();
        Hkdf::<Sha256>::new(None, &**first)
            .expand(purpose.as_bytes(), &mut *key)
            .map_err(|_| SealError::Forged(purpose.to_owned()))?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place { table: "credentials", column: "password", row: "r1" };

    fn ring() -> Keyring {
        Keyring::open(BTreeMap::from([(1, Key::new([7; 32])), (2, Key::new([8; 32]))]))
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let ring = ring();
        let envelope = ring.seal(HERE, b"hunter2").unwrap();
        assert_eq!(ring.unseal(HERE, &envelope).unwrap().as_slice(), b"hunter2");
        for other in [
            Place { row: "r2", ..HERE },
            Place { column: "enable_secret", ..HERE },
            Place { table: "t", ..HERE },
        ] {
            assert!(matches!(ring.unseal(other, &envelope), Err(SealError::Forged(_))));
        }
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let ring = ring();
        let envelope = ring.seal(HERE, b"hunter2").unwrap();
        for i in 0..envelope.len() {
            let mut forged = envelope.clone();
            forged[i] ^= 1;
            assert!(ring.unseal(HERE, &forged).is_err(), "byte {i}");
        }
        for cut in 0..envelope.len() {
            assert!(ring.unseal(HERE, &envelope[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn plain_text_is_never_taken_for_a_secret() {
        assert!(matches!(ring().unseal(HERE, b"hello"), Err(SealError::NoEnvelope(_))));
        assert!(matches!(ring().unseal(HERE, b""), Err(SealError::NoEnvelope(_))));
    }

    #[test]
    fn without_keys_nothing_opens_and_nothing_is_sealed() {
        let sealed = Keyring::sealed("no master key");
        assert_eq!(sealed.why_sealed(), Some("no master key"));
        assert_eq!(sealed.seal(HERE, b"x"), Err(SealError::Sealed("no master key".to_owned())));
        assert!(sealed.unseal(HERE, b"x").is_err());
    }

    #[test]
    fn derived_keys_outlive_new_data_keys() {
        let first = Keyring::open(BTreeMap::from([(1, Key::new([7; 32]))]));
        assert_eq!(first.derive("mask").unwrap(), ring().derive("mask").unwrap());
        assert_ne!(first.derive("mask").unwrap(), first.derive("form").unwrap());
    }
}
