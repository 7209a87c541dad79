//! A prompt knows itself, in any mode, whatever its letters are; the input is two lines and what varies.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use netraven_fuzz::{
    platform::{Prompt, without_echo},
    shipped,
};
use regex::bytes::Regex;

fuzz_target!(|data: &[u8]| {
    static VARIES: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
    let all = VARIES.get_or_init(|| {
        let varying = shipped().all().filter_map(|platform| platform.prompt_varies().cloned()).map(Some);
        std::iter::once(None).chain(varying).collect()
    });
    let Some((&choice, rest)) = data.split_first() else { return };
    let varies = all[usize::from(choice) % all.len()].as_ref();
    let mut lines = rest.splitn(2, |&byte| byte == 0);
    let (line, other) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let prompt = Prompt::varying(line, varies);
    assert_eq!(prompt.is(line), !prompt.literal().is_empty());
    assert!(!prompt.is(other) || prompt.is_in_any_mode(other));
    assert!(other.trim_ascii().ends_with(prompt.behind(other)));
    let command = String::from_utf8_lossy(line);
    assert!(other.ends_with(without_echo(other, &command, &prompt)));
});
