//! The keys by which devices prove who they are.

use chrono::{DateTime, Utc};

/// The key by which a device proves who it is: its SSH host key, or the key of its certificate over HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// The key type's SSH name, such as `ssh-ed25519`; `tls` for the key of a certificate.
    pub algorithm: String,
    /// `SHA256:` and unpadded base64: of an SSH key as `ssh-keygen -lf` prints it, of a certificate's `SubjectPublicKeyInfo`
    /// (RFC 7469, 2.4), as `curl --pinnedpubkey` takes it.
    pub fingerprint: String,
    /// The public key: in OpenSSH's one-line form without comment, or the `SubjectPublicKeyInfo` in base64.
    pub public_key: String,
}

/// What to do about a host key that was just shown, before anything is proven to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKeyVerdict {
    /// It is the pinned one.
    Known,
    /// There was none; it is pinned now.
    Pinned,
    /// Another one is pinned: stop. A different key *type* counts as another key (S-59).
    Changed {
        /// The key that was expected.
        pinned: HostKey,
    },
}

/// A device's pinned key.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The key.
    pub key: HostKey,
    /// For this address and port only.
    pub place: (String, u16),
    /// Since when.
    pub pinned_at: DateTime<Utc>,
    /// By first contact, or by whom.
    pub pinned_by: String,
    /// Another key that the device has shown since, and when.
    pub refused: Option<(HostKey, DateTime<Utc>)>,
}

impl Pin {
    /// What is expected at `place` of a device with these pins: the key that is pinned there, else the one that it is known
    /// by at another of its `places`. A device shows the same key at all its addresses; where something in front of it shows
    /// one of its own, a person accepts that once. `None` where the device is met for the first time.
    pub fn expected(pins: &[Self], places: &[(String, u16)], place: &(String, u16)) -> Option<Self> {
        let own = pins.iter().find(|pin| pin.place == *place);
        let elsewhere = || pins.iter().find(|pin| places.contains(&pin.place));
        own.or_else(elsewhere).map(|pin| Self { place: place.clone(), ..pin.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_expected_at_all_places_of_a_device_and_at_none_that_it_has_left() {
        let place = |host: &str| (host.to_owned(), 22);
        let pin = |host: &str, number: u8| Pin {
            key: HostKey {
                algorithm: "ssh-ed25519".to_owned(),
                fingerprint: format!("SHA256:{number}"),
                public_key: String::new(),
            },
            place: place(host),
            pinned_at: DateTime::UNIX_EPOCH,
            pinned_by: String::new(),
            refused: None,
        };
        let places = [place("own"), place("console")];
        let expected = |pins: &[Pin], at: &str| {
            let pin = Pin::expected(pins, &places, &place(at))?;
            assert_eq!(pin.place, place(at));
            Some(pin.key.fingerprint)
        };
        assert_eq!(expected(&[], "own"), None);
        assert_eq!(expected(&[pin("own", 1)], "console").as_deref(), Some("SHA256:1"));
        assert_eq!(expected(&[pin("own", 1), pin("console", 2)], "console").as_deref(), Some("SHA256:2"));
        assert_eq!(expected(&[pin("left", 3)], "own"), None);
        assert_eq!(expected(&[pin("left", 3), pin("console", 2)], "own").as_deref(), Some("SHA256:2"));
    }
}
