//! How a device is reached beyond its address, port and transport.

use crate::domain::text_enum;

text_enum! {
    /// Which SSH algorithms may be agreed on with a device (S-61).
    #[derive(Default)]
    pub enum Algorithms {
        /// Those without a known weakness.
        #[default]
        Modern = "modern",
        /// Those, and where a device has none of them, the old ones: SHA-1, CBC, small groups.
        Legacy = "legacy",
    }
}

impl Algorithms {
    /// Whether old ones may be agreed on.
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Legacy)
    }
}

/// How a device is reached beyond its address, port and transport; as most are, where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Which SSH algorithms may be agreed on.
    pub algorithms: Algorithms,
}
