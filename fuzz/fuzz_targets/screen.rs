//! What stands on a terminal is the same however the bytes are cut into packets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netraven_fuzz::{
    platform::{LineEnding, Screen},
    shipped,
};

fuzz_target!(|data: &[u8]| {
    let size = usize::from(*data.first().unwrap_or(&1)) % 17 + 1;
    for ending in [LineEnding::Lf, LineEnding::AsSent] {
        let mut whole = Screen::new(ending);
        whole.feed(data);
        let mut pieces = Screen::new(ending);
        data.chunks(size).for_each(|piece| pieces.feed(piece));
        assert_eq!(whole.text(), pieces.text());
        assert!(whole.text().ends_with(whole.last_line()));
        assert_eq!(whole.text().len(), whole.finished_lines().len() + whole.last_line().len());
        // What a terminal does when it answers a pager leaves a screen that can be written on.
        let olt = shipped().get("vsololt").expect("shipped");
        let stands_at = olt.standing_line(&whole).to_vec();
        olt.take_back(&mut whole);
        assert_eq!(whole.last_line(), stands_at);
        whole.feed(b"x");
        assert!(olt.without_interjected(whole.text().to_vec()).len() <= whole.text().len());
    }
});
