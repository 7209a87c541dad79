//! The floors that are fuzzed: what things are, and what is known of devices. Both are links into `../src`.

pub mod domain;
pub mod platform;

use std::sync::OnceLock;

use platform::Platforms;

/// The shipped platforms, compiled once.
pub fn shipped() -> &'static Platforms {
    static SHIPPED: OnceLock<Platforms> = OnceLock::new();
    SHIPPED.get_or_init(|| Platforms::shipped().expect("the shipped files are in order"))
}
