//! The data keys in memory: one seals, all open. They can be exchanged while the program runs.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::sealed::{Key, Place, SealError, name, parts, seal_with, unseal_with};

#[derive(Default)]
struct Ring {
    keys: BTreeMap<i64, Key>,
    /// The key that seals.
    active: i64,
}

/// The data keys, and the master key that opens them. Without any, NetRaven is sealed.
pub struct Keyring {
    ring: RwLock<Ring>,
    master: Option<Key>,
    why_sealed: String,
}

impl Keyring {
    /// A keyring with these keys, the newest of which seals.
    pub fn open(keys: BTreeMap<i64, Key>) -> Self {
        let active = keys.last_key_value().map_or(0, |(id, _)| *id);
        let ring = RwLock::new(Ring { keys, active });
        Self { ring, master: None, why_sealed: "there are no data keys".to_owned() }
    }

    /// The same with the master key at hand, so that keys can be added later.
    #[must_use]
    pub fn under(self, master: Key) -> Self {
        Self { master: Some(master), ..self }
    }

    /// A keyring without keys: everything that needs one fails and says why.
    pub fn sealed(why: impl Into<String>) -> Self {
        Self { ring: RwLock::default(), master: None, why_sealed: why.into() }
    }

    fn read<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why there are no keys; `None` when there are.
    pub fn why_sealed(&self) -> Option<&str> {
        self.read(|ring| ring.keys.is_empty()).then_some(&self.why_sealed)
    }

    /// The master key; `None` when NetRaven is sealed.
    pub fn master(&self) -> Option<&Key> {
        self.master.as_ref()
    }

    /// The key that seals, and all that open.
    pub fn ids(&self) -> (i64, Vec<i64>) {
        self.read(|ring| (ring.active, ring.keys.keys().copied().collect()))
    }

    /// Takes these keys in place of those it has; `active` seals from now on.
    pub fn exchange(&self, keys: BTreeMap<i64, Key>, active: i64) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Ring { keys, active };
    }

    /// Seals `plain` for `place` with the active key.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.read(|ring| {
            let key =
                ring.keys.get(&ring.active).ok_or_else(|| SealError::Sealed(self.why_sealed.clone()))?;
            seal_with(key, ring.active, place, plain)
        })
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    pub fn unseal(&self, place: Place<'_>, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.read(|ring| {
            if ring.keys.is_empty() {
                return Err(SealError::Sealed(self.why_sealed.clone()));
            }
            let (id, ..) = parts(envelope).ok_or_else(|| SealError::NoEnvelope(name(place)))?;
            let key = ring.keys.get(&id).ok_or_else(|| SealError::UnknownKey(name(place), id))?;
            unseal_with(key, place, envelope).map(Zeroizing::new)
        })
    }

    /// A key for another purpose, the same on every node and after every rotation: the first data key never goes.
    pub fn derive(&self, purpose: &str) -> Result<Key, SealError> {
        self.read(|ring| {
            let first =
                ring.keys.values().next().ok_or_else(|| SealError::Sealed(self.why_sealed.clone()))?;
            let mut key = Key::default();
            Hkdf::<Sha256>::new(None, &**first)
                .expand(purpose.as_bytes(), &mut *key)
                .map_err(|_| SealError::Forged(purpose.to_owned()))?;
            Ok(key)
        })
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
    fn a_new_key_seals_and_the_old_ones_still_open() {
        let ring = Keyring::open(BTreeMap::from([(1, Key::new([7; 32]))]));
        let old = ring.seal(HERE, b"hunter2").unwrap();
        let both = || BTreeMap::from([(1, Key::new([7; 32])), (2, Key::new([8; 32]))]);
        // Known everywhere before it seals anywhere.
        ring.exchange(both(), 1);
        assert_eq!(parts(&ring.seal(HERE, b"x").unwrap()).unwrap().0, 1);
        ring.exchange(both(), 2);
        assert_eq!(parts(&ring.seal(HERE, b"x").unwrap()).unwrap().0, 2);
        assert_eq!(ring.unseal(HERE, &old).unwrap().as_slice(), b"hunter2");
    }

    #[test]
    fn derived_keys_outlive_new_data_keys() {
        let first = Keyring::open(BTreeMap::from([(1, Key::new([7; 32]))]));
        assert_eq!(first.derive("mask").unwrap(), ring().derive("mask").unwrap());
        assert_ne!(first.derive("mask").unwrap(), first.derive("form").unwrap());
    }
}
