//! The seal of a line of the audit trail over the line before it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{sealed::Key, token};

/// HMAC-SHA256 over the seal before, the line's number and the line, in hexadecimal. The parts cannot run into one
/// another: the first two hold no line feed.
pub fn mac(key: &Key, before: &str, seq: i64, line: &str) -> String {
    // HMAC fills a shorter key up with zeros itself (RFC 2104), so a whole block says the same and cannot fail.
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key.iter()) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(format!("nr1\n{before}\n{seq}\n{line}").as_bytes());
    token::hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let key = Key::new([7; 32]);
        let seal = mac(&key, "", 1, "a");
        assert_eq!(seal.len(), 64);
        for other in [
            mac(&Key::new([8; 32]), "", 1, "a"),
            mac(&key, "0", 1, "a"),
            mac(&key, "", 2, "a"),
            mac(&key, "", 1, "b"),
        ] {
            assert_ne!(other, seal);
        }
    }
}
