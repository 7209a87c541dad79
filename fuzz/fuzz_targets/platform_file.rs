//! Any text is a platform file or is told why not, and what is one can be used on any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netraven_fuzz::platform::{Capture, MaskKey, Platforms};

const TEXT: &[u8] = b"version 1\nhostname r1\nusername x password \"y z\"\n<key>k</key>\n{ a; }\nend\n";

fuzz_target!(|data: &[u8]| {
    let Ok(source) = std::str::from_utf8(data) else { return };
    match Platforms::parse(source) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(platform) => {
            let masked = platform.masked(TEXT, &MaskKey::new([7; 32]));
            let compared = platform.normalised(TEXT);
            assert!(compared.ends_with('\n') && !masked.is_empty());
            let capture = Capture { raw: TEXT.to_vec(), reached_prompt: true, ..Capture::default() };
            let _ = (platform.judge(&capture), platform.facts(&capture), platform.looks_whole(TEXT));
            let _ = platform.waits(b" --More-- ");
        }
    }
});
