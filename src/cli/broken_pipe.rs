//! `netraven platform list | head`: whoever read what is printed has enough.

use std::{panic, process};

/// How `println!` words it when nobody reads standard output any more.
const TOLD: &str = "failed printing to stdout: Broken pipe";

/// From now on ends the program in peace, with exit code 0, where nobody reads its standard output any more. Rust keeps
/// SIGPIPE from ending programs, and `println!` panics instead; to have the signal back would take unsafe code.
pub(super) fn end_quietly() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |told| {
        if told.payload_as_str().is_some_and(|text| text.starts_with(TOLD)) {
            process::exit(0);
        }
        usual(told);
    }));
}
