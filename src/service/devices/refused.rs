//! Why a device cannot be saved.

use super::TransportRefused;
use crate::{service::Fault, store::StoreError};

/// Why a device was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveDeviceError {
    /// Another device has this name.
    #[error("there is a device named \"{0}\" already")]
    NameTaken(String),
    /// Another device is at this address and port.
    #[error("{0} is at this address and port already")]
    PlaceTaken(String),
    /// Another device is at one of its further addresses.
    #[error("{name} is at {place} already")]
    FurtherTaken {
        /// The other device.
        name: String,
        /// The further address.
        place: String,
    },
    /// One of its further addresses is another of its addresses, too.
    #[error("{0} is among its addresses already")]
    PlaceRepeated(String),
    /// No platform has this key.
    #[error("\"{given}\" is not a platform; {instead}")]
    UnknownPlatform {
        /// What was given.
        given: String,
        /// Those of the same maker, or where all are told.
        instead: String,
    },
    /// It may not be reached in this way.
    #[error(transparent)]
    Transport(#[from] TransportRefused),
    /// The chosen jump host is gone.
    #[error("the chosen jump host has been deleted; choose another")]
    UnknownJumpHost,
    /// The chosen shared credential is gone.
    #[error("the chosen credential has been deleted; choose another")]
    UnknownCredential,
    /// It was changed by somebody else in the meantime, or deleted.
    #[error("somebody else has changed this device since you opened the form")]
    Stale,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveDeviceError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
