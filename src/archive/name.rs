//! What a text's file or object is called: `ab/cdef….0123456789abcdef`, the hash and something that comes once only.

use crate::{archive::ArchiveError, crypt::token};

/// Characters after the hash that make a name of its own.
const ONCE: usize = 16;

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

/// A name for a text that nothing has had before.
pub(super) fn new(sha256: &str) -> Result<String, ArchiveError> {
    let once: [u8; ONCE / 2] = token::random().map_err(crate::crypt::SealError::from)?;
    Ok(format!("{}.{}", plain(sha256)?, token::hex(&once)))
}

/// The name from the time before names were used once only: the hash alone.
fn plain(sha256: &str) -> Result<String, ArchiveError> {
    match sha256.split_at_checked(2).filter(|_| is_hex(sha256, 64)) {
        Some((shelf, rest)) => Ok(format!("{shelf}/{rest}")),
        None => Err(ArchiveError::Missing(sha256.to_owned())),
    }
}

/// The name that a row gives, proven to be one of this text's: nothing else ever becomes a path.
pub(super) fn known(sha256: &str, object: &str) -> Result<String, ArchiveError> {
    let plain = plain(sha256)?;
    if object.is_empty() || object == plain {
        return Ok(plain);
    }
    let once = object.strip_prefix(&plain).and_then(|rest| rest.strip_prefix('.'));
    if once.is_some_and(|once| is_hex(once, ONCE)) {
        return Ok(object.to_owned());
    }
    Err(ArchiveError::Missing(sha256.to_owned()))
}

/// The hash that a name begins with; `None` for what is no name of ours.
pub(super) fn hash(name: &str) -> Option<String> {
    let (shelf, rest) = name.split_once('/')?;
    let sha256 = format!("{shelf}{}", rest.split('.').next().unwrap_or_default());
    known(&sha256, name).ok().map(|_| sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_their_text_and_come_once() {
        let sha256 = "ab".repeat(32);
        let (one, two) = (new(&sha256).unwrap(), new(&sha256).unwrap());
        assert_ne!(one, two);
        for name in [one.as_str(), two.as_str(), &format!("ab/{}", "ab".repeat(31))] {
            assert_eq!(known(&sha256, name).unwrap(), name);
            assert_eq!(hash(name), Some(sha256.clone()));
        }
        assert_eq!(known(&sha256, "").unwrap(), format!("ab/{}", "ab".repeat(31)));
    }

    #[test]
    fn nothing_from_outside_names_a_file() {
        let sha256 = "ab".repeat(32);
        for bad in ["", "ab", "../../etc/passwd", &"AB".repeat(32), &"/a".repeat(32), &"é".repeat(32)] {
            assert!(matches!(known(bad, ""), Err(ArchiveError::Missing(_))), "{bad}");
            assert!(new(bad).is_err() && hash(bad).is_none(), "{bad}");
        }
        let plain = format!("ab/{}", "ab".repeat(31));
        for bad in [
            "../x",
            "x",
            &format!("{plain}.part"),
            &format!("{plain}./../../../x"),
            &format!("{plain}.ABCDEF0123456789"),
        ] {
            assert!(known(&sha256, bad).is_err() && hash(bad).is_none(), "{bad}");
        }
        let other = format!("cd/{}.0123456789abcdef", "cd".repeat(31));
        assert!(known(&sha256, &other).is_err(), "another text's");
    }
}
