use proptest::prelude::*;

use crate::platform::{LineEnding, Prompt, Screen, visible, without_carriage_returns, without_echo};

fn shown(bytes: &[u8]) -> String {
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(bytes);
    String::from_utf8_lossy(screen.text()).into_owned()
}

#[test]
fn what_a_terminal_leaves_standing() {
    for (sent, expected) in [
        ("a\r\nb\r\r\nc\n", "a\nb\nc\n"),
        ("\x1b[1;31mred\x1b[0m\x1b[K plain", "red plain"),
        ("one\x1bEtwo", "one\ntwo"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;aGk=\x1b\\text", "text"),
        ("\x1b(Bline\x1b=\x1b>", "line"),
        ("pass\x08\x08ta", "pata"),
        ("hü\x08a", "ha"),
        ("nul\0and\x07bell", "nulandbell"),
        (" --More-- \r         \rinterface Gi0/1\r\n", "interface Gi0/1\n"),
        ("--More--\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08!\r\n", "!\n"),
        ("---- More ----\x1b[42D                                          \x1b[42D!\r\n", "!\n"),
        ("old text\rnew", "new text"),
        ("\rhost# ", "host# "),
        ("wiped\x1b[2Kkept", "kept"),
        ("etx \x03 stays\ttoo", "etx \x03 stays\ttoo"),
        ("cut \x1b]0;title\nnext", "cut \nnext"),
    ] {
        assert_eq!(shown(sent.as_bytes()), expected, "{sent:?}");
    }
}

#[test]
fn a_page_that_begins_with_an_empty_line_holds_nothing_of_the_pager() {
    for (wiped, expected) in [
        ("\r          \r\r\nb\r\n", "a\n\nb\n"),
        ("\r          \r\nb\r\n", "a\n\nb\n"),
        ("\r\x1b[K\r\nb\r\n", "a\n\nb\n"),
        // What is no page's beginning stays as it was sent.
        ("\r          \rb\r\n   \r\n\r  \r\r\n", "a\nb\n   \n  \n"),
    ] {
        for ending in [LineEnding::Lf, LineEnding::AsSent] {
            let mut screen = Screen::new(ending);
            screen.feed(b"a\r\n --More-- ");
            screen.turn_page();
            wiped.bytes().for_each(|byte| screen.feed(&[byte]));
            let ends = if ending == LineEnding::Lf { "\n" } else { "\r\n" };
            assert_eq!(String::from_utf8_lossy(screen.text()), expected.replace('\n', ends), "{wiped:?}");
        }
    }
}

#[test]
fn bytes_that_are_not_text_and_sent_line_ends_stay() {
    let mut screen = Screen::new(LineEnding::AsSent);
    screen.feed(b"caf\xe9\r\nx\n");
    assert_eq!(screen.text(), b"caf\xe9\r\nx\n");
    assert_eq!(without_carriage_returns(b"a\r\nb\rc\r\n".to_vec()), b"a\nb\rc\n");
}

#[test]
fn the_echo_goes_by_its_text_and_never_by_its_place() {
    let prompt = Prompt::learned(b"r1#");
    let echo = |text| without_echo(text, "show run", &prompt);
    assert_eq!(echo(b"show run\nhostname r1\n"), b"hostname r1\n");
    assert_eq!(echo(b"\nr1#show run\nhostname r1\n"), b"hostname r1\n");
    assert_eq!(echo(b"late\nr1# show run\nhostname r1\n"), b"hostname r1\n");
    assert_eq!(echo(b"hostname r1\nend\n"), b"hostname r1\nend\n");
}

#[test]
fn hidden_symbols_become_visible() {
    assert_eq!(visible("a\x1b[2J\tb\r\n\u{202e}x\u{200b}\0"), "a␛[2J\tb␍\n<U+202E>x<U+200B>␀");
}

/// Bytes as devices send them, with many special ones.
fn device_bytes() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(b"\r\n\x1b[K]D0;9 \x08\0\x07E(B\\mJGHC2\xc3\xbca#".to_vec());
    prop::collection::vec(prop_oneof![4 => special, 1 => any::<u8>()], 0..200)
}

proptest! {
    #[test]
    fn the_size_of_the_pieces_does_not_matter(bytes in device_bytes(), sizes in prop::collection::vec(1_usize..9, 1..60)) {
        let whole = { let mut screen = Screen::new(LineEnding::Lf); screen.feed(&bytes); screen.text().to_vec() };
        let mut screen = Screen::new(LineEnding::Lf);
        let (mut rest, mut sizes) = (bytes.as_slice(), sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            screen.feed(piece);
            rest = behind;
        }
        prop_assert_eq!(screen.text(), whole.as_slice());
        prop_assert!(whole.ends_with(screen.last_line()));
    }

    #[test]
    fn plain_text_passes_untouched(text in "[ -~\n\t]{0,300}") {
        prop_assert_eq!(shown(text.as_bytes()), text);
    }
}

#[test]
fn the_cursor_goes_to_columns_over_blanks_and_not_without_bounds() {
    let shown = |bytes: &[u8]| {
        let mut screen = Screen::new(LineEnding::Lf);
        screen.feed(bytes);
        String::from_utf8(screen.text().to_vec()).unwrap()
    };
    assert_eq!(shown(b"ab\x1b[6Gcd"), "ab   cd");
    assert_eq!(shown(b"abcd\x1b[24;2HX"), "aXcd");
    assert_eq!(shown(b"one\ntwo\x1b[1;1HT"), "one\nTwo");
    assert_eq!(shown(b"a\x1b[999999999G").len(), 4_096);
}
