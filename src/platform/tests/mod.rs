//! Tests of the platform floor that span several of its files.

mod contexts;
mod cost;
mod cuts;
mod detect;
mod evidence;
mod files;
mod leaks;
mod login;
mod names;
mod noise;
mod prompts;
mod properties;
mod recordings;
mod screens;
mod secrets;

use std::sync::{Arc, LazyLock};

use super::{Capture, Channel, MaskKey, Platform, Platforms};

fn platform(key: &str) -> Arc<Platform> {
    static SHIPPED: LazyLock<Platforms> = LazyLock::new(|| Platforms::shipped().unwrap());
    SHIPPED.get(key).unwrap()
}

fn mask_key() -> MaskKey {
    MaskKey::new([7; 32])
}

/// A capture that ended well by what the channel says.
fn ended_well(platform: &Platform, text: &str) -> Capture {
    let shell = platform.channel() == Channel::Shell;
    Capture {
        raw: text.as_bytes().to_vec(),
        exit_status: (!shell).then_some(0),
        reached_prompt: shell,
        ..Capture::default()
    }
}
