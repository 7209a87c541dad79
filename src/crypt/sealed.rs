//! Sealing: authenticated encryption in which every value knows its place.
//!
//! An envelope is `1 | key id (8) | nonce (24) | ciphertext and tag`. The associated data names table, column,
//! row and key, so a value that is moved to another row or column does not open (S-43), and there is no form
//! in which a plain value is accepted (S-44).

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
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

pub(super) fn name(place: Place<'_>) -> String {
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
pub(super) fn parts(envelope: &[u8]) -> Option<(i64, [u8; NONCE], &[u8])> {
    let (version, rest) = envelope.split_first()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
    (*version == VERSION).then_some((i64::from_be_bytes(*id), *nonce, sealed))
}

/// The id of the key that an envelope names; `None` for what is no envelope.
pub fn key_of(envelope: &[u8]) -> Option<i64> {
    parts(envelope).map(|(id, ..)| id)
}

/// Opens an envelope that was sealed with `key`.
pub fn unseal_with(key: &Key, place: Place<'_>, envelope: &[u8]) -> Result<Vec<u8>, SealError> {
    let (id, nonce, sealed) = parts(envelope).ok_or_else(|| SealError::NoEnvelope(name(place)))?;
    let payload = Payload { msg: sealed, aad: &place.bound_to(id) };
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| SealError::Forged(name(place)))
}
