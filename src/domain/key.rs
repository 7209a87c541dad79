//! The keys that seal data, as people see them.

use chrono::{DateTime, Utc};

use super::{id::DataKeyId, text_enum};

text_enum! {
    /// What a data key is used for.
    pub enum KeyState {
        /// New: every process learns to open with it before any seals with it.
        Coming = "coming",
        /// Seals everything new.
        Active = "active",
        /// Opens what is not sealed anew yet.
        Retiring = "retiring",
        /// Nothing was sealed with it any more when this was last counted.
        Retired = "retired",
    }
}

/// A data key with what is sealed with it.
#[derive(Debug, Clone)]
pub struct DataKey {
    /// The row.
    pub id: DataKeyId,
    /// What it is used for.
    pub state: KeyState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When nothing was sealed with it any more.
    pub retired_at: Option<DateTime<Utc>>,
    /// How many values are sealed with it.
    pub values: i64,
    /// Whether it may be removed now.
    pub is_removable: bool,
}
