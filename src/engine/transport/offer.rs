//! What a device offers in the key exchange, read from its first packet (RFC 4253, 7.1), which comes in clear text.
//!
//! The SSH library tells what it could not agree on, of one kind only; people need to see all of it to know what a device
//! can do.

/// The longest packet that is looked into: what every implementation must be able to take (RFC 4253, 6.1).
const LONGEST: usize = 35_000;

/// `SSH_MSG_KEXINIT`.
const KEXINIT: u8 = 20;

/// The names that a device offers, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// For the key exchange; also what is no algorithm but asks for an extension.
    pub kex: Vec<String>,
    /// For the host key.
    pub keys: Vec<String>,
    /// For encrypting what we send.
    pub ciphers: Vec<String>,
    /// For proving what we send.
    pub macs: Vec<String>,
}

/// How far the reading of a packet is.
#[derive(Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is all there.
    Done(Offer),
    /// More has to come.
    More,
    /// It is no such packet.
    Not,
}

impl Offer {
    /// The offer in the bytes that follow a device's identification string.
    pub fn read(bytes: &[u8]) -> Reading {
        let Some((length, rest)) = number(bytes) else { return Reading::More };
        if !(2..=LONGEST).contains(&length) {
            return Reading::Not;
        }
        let Some(packet) = rest.get(..length) else { return Reading::More };
        match packet {
            // The length of the padding, the message's number, the cookie, the lists.
            [_, KEXINIT, message @ ..] => {
                message.get(16..).and_then(Self::of_lists).map_or(Reading::Not, Reading::Done)
            }
            _ => Reading::Not,
        }
    }

    fn of_lists(mut bytes: &[u8]) -> Option<Self> {
        let mut next = || {
            let (length, rest) = number(bytes)?;
            let (list, rest) = rest.split_at_checked(length)?;
            bytes = rest;
            let names = std::str::from_utf8(list).ok()?.split(',').filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect::<Vec<String>>())
        };
        let (kex, keys, ciphers) = (next()?, next()?, next()?);
        // Ciphers of the other direction.
        next()?;
        Some(Self { kex, keys, ciphers, macs: next()? })
    }

    /// All of it, for a person.
    pub fn told(&self) -> String {
        let list = |names: &[String]| names.join(", ");
        format!(
            "key exchange {}; host keys {}; ciphers {}; MACs {}",
            list(&self.kex),
            list(&self.keys),
            list(&self.ciphers),
            list(&self.macs)
        )
    }
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((usize::try_from(u32::from_be_bytes(*number)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(message: u8, lists: &[&str]) -> Vec<u8> {
        let long = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
        let mut body = vec![4, message];
        body.extend([7; 16]);
        for list in lists {
            body.extend(long(list.len()));
            body.extend(list.as_bytes());
        }
        body.extend([0; 9]);
        [long(body.len()).as_slice(), &body].concat()
    }

    #[test]
    fn an_offer_is_read_when_all_of_it_is_there() {
        let lists =
            ["a,b", "ssh-rsa", "aes128-cbc,3des-cbc", "other", "hmac-md5", "", "none", "none", "", ""];
        let bytes = packet(KEXINIT, &lists);
        for cut in 0..bytes.len() {
            assert_eq!(Offer::read(bytes.get(..cut).unwrap()), Reading::More, "{cut}");
        }
        let Reading::Done(offer) = Offer::read(&[bytes.as_slice(), b"more"].concat()) else { panic!() };
        assert_eq!(
            offer.told(),
            "key exchange a, b; host keys ssh-rsa; ciphers aes128-cbc, 3des-cbc; MACs hmac-md5"
        );
    }

    #[test]
    fn what_is_no_offer_is_told_at_once() {
        for bytes in [
            packet(21, &["a"]),
            packet(KEXINIT, &["a"]),
            packet(KEXINIT, &[]),
            vec![0, 0, 0, 1, 9, 9],
            vec![0xff; 8],
        ] {
            assert_eq!(Offer::read(&bytes), Reading::Not, "{bytes:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>) {
            let _ = Offer::read(&bytes);
        }
    }
}
