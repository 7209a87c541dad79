//! Truncation never becomes a backup.

use super::{
    Capture, Channel, platform,
    recordings::{RECORDED, captured},
};

/// A session torn off at every hundredth of its text.
#[test]
fn no_cut_is_believed() {
    for (key, name) in RECORDED {
        let Some(whole) = captured(key, name) else { return };
        let platform = platform(key);
        for percent in 0..100 {
            let (cut, rest) = whole.raw.split_at(whole.raw.len() * percent / 100);
            if rest.trim_ascii().is_empty() {
                continue;
            }
            // On a shell the worst case: something looked like the prompt. On exec: no exit status, for none
            // came.
            let shell = platform.channel() == Channel::Shell;
            let capture = Capture { raw: cut.to_vec(), reached_prompt: shell, ..Capture::default() };
            assert!(platform.judge(&capture).is_err(), "{name} cut at {percent} % is believed");
            let silent = Capture { reached_prompt: false, ..capture };
            assert!(platform.judge(&silent).is_err(), "{name} cut at {percent} % is believed");
        }
    }
}

/// Junos with an exit status of 0 that lies: only cuts between two top-level blocks can pass.
#[test]
fn braces_catch_nearly_every_cut_by_themselves() {
    let Some(whole) = captured("juniper_junos", "junos#srx300_22.4_wo_cluster") else { return };
    let platform = platform("juniper_junos");
    let believed = (0..whole.raw.len())
        .step_by(7)
        .filter(|&end| {
            let capture =
                Capture { raw: whole.raw[..end].to_vec(), exit_status: Some(0), ..Capture::default() };
            platform.judge(&capture).is_ok()
        })
        .count();
    assert!(believed * 100 < whole.raw.len() / 7 * 3, "{believed} cuts are believed");
}
