//! How many devices may be talked to at once with one tag or one credential.

use std::{fmt, str::FromStr};

/// From 1 to 5,000 devices, on all nodes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap(i32);

/// A text that is no cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Give a number of devices from 1 to 5000, or leave it blank.")]
pub struct InvalidCap;

impl Cap {
    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }

    /// The number, or nothing where there is no cap: as a form's field and the audit trail have it.
    pub fn told(cap: Option<Self>) -> String {
        cap.map(|cap| cap.to_string()).unwrap_or_default()
    }
}

impl TryFrom<i32> for Cap {
    type Error = InvalidCap;

    fn try_from(number: i32) -> Result<Self, InvalidCap> {
        if (1..=5_000).contains(&number) { Ok(Self(number)) } else { Err(InvalidCap) }
    }
}

impl FromStr for Cap {
    type Err = InvalidCap;

    fn from_str(raw: &str) -> Result<Self, InvalidCap> {
        raw.trim().parse::<i32>().map_err(|_| InvalidCap)?.try_into()
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_a_number_of_devices() {
        assert_eq!(" 12 ".parse().map(Cap::get), Ok(12));
        for bad in ["", "0", "-1", "5001", "1.5", "many"] {
            assert_eq!(bad.parse::<Cap>(), Err(InvalidCap), "{bad}");
        }
    }
}
