use proptest::prelude::*;

use super::*;

/// Everything that `pieces` held as text, and the answers to it.
fn taken(pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>), NvtError> {
    let (mut nvt, mut text, mut answers) = (Nvt::new(), Vec::new(), Vec::new());
    for piece in pieces {
        nvt.decode(piece, &mut text, &mut answers)?;
    }
    Ok((text, answers))
}

fn text_of(bytes: &[u8]) -> Vec<u8> {
    taken(&[bytes]).unwrap().0
}

fn answer_to(bytes: &[u8]) -> Vec<u8> {
    taken(&[bytes]).unwrap().1
}

#[test]
fn what_we_do_is_agreed_to_and_all_else_refused() {
    for option in 0..=255 {
        let is_theirs = matches!(option, ECHO | SUPPRESS_GO_AHEAD);
        let is_ours = matches!(option, SUPPRESS_GO_AHEAD | TERMINAL_TYPE | WINDOW_SIZE);
        assert_eq!(answer_to(&[IAC, WILL, option]), [IAC, if is_theirs { DO } else { DONT }, option]);
        let answer = answer_to(&[IAC, DO, option]);
        assert_eq!(answer[..3], [IAC, if is_ours { WILL } else { WONT }, option], "{answer:?}");
        assert!(answer_to(&[IAC, WONT, option, IAC, DONT, option]).is_empty(), "it is off already");
    }
}

#[test]
fn an_option_is_agreed_to_once_and_given_up_once() {
    let on = [IAC, WILL, ECHO];
    let off = [IAC, WONT, ECHO];
    assert_eq!(answer_to(&[on, on].concat()), [IAC, DO, ECHO]);
    let all = [on, off, off, on].concat();
    assert_eq!(answer_to(&all), [IAC, DO, ECHO, IAC, DONT, ECHO, IAC, DO, ECHO]);
    // Each direction for itself.
    let both = [IAC, WILL, SUPPRESS_GO_AHEAD, IAC, DO, SUPPRESS_GO_AHEAD, IAC, DONT, SUPPRESS_GO_AHEAD];
    let answers = [IAC, DO, SUPPRESS_GO_AHEAD, IAC, WILL, SUPPRESS_GO_AHEAD, IAC, WONT, SUPPRESS_GO_AHEAD];
    assert_eq!(answer_to(&both), answers);
}

/// 511 columns have a byte like IAC in them.
#[test]
fn the_window_is_511_by_1000_with_its_iac_doubled() {
    let told = [IAC, WILL, WINDOW_SIZE, IAC, SB, WINDOW_SIZE, 1, 255, 255, 3, 232, IAC, SE];
    assert_eq!(answer_to(&[IAC, DO, WINDOW_SIZE]), told);
}

#[test]
fn the_type_is_told_when_it_is_asked_for_and_was_agreed() {
    let ask = [IAC, SB, TERMINAL_TYPE, SEND, IAC, SE];
    assert!(answer_to(&ask).is_empty());
    let answer = answer_to(&[&[IAC, DO, TERMINAL_TYPE], &ask[..], &ask[..]].concat());
    let told = [&[IAC, SB, TERMINAL_TYPE, IS], TERMINAL, &[IAC, SE]].concat();
    assert_eq!(answer, [&[IAC, WILL, TERMINAL_TYPE], &told[..], &told[..]].concat());
}

#[test]
fn commands_are_no_text_and_a_doubled_iac_is_one_byte() {
    for command in 0..=239_u8 {
        assert_eq!(text_of(&[b'a', IAC, command, b'b']), b"ab", "{command}");
    }
    for command in 241..=249_u8 {
        assert_eq!(text_of(&[b'a', IAC, command, b'b']), b"ab", "{command}");
    }
    assert_eq!(text_of(&[b'a', IAC, IAC, b'b']), [b'a', 255, b'b']);
    assert_eq!(text_of(&[b'a', IAC, SB, 5, 1, IAC, IAC, 2, IAC, SE, b'b']), b"ab");
    // A subnegotiation that lost its end is over at the next command.
    assert_eq!(text_of(&[b'a', IAC, SB, 5, 1, IAC, WILL, ECHO, b'b']), b"ab");
}

#[test]
fn a_bare_return_loses_its_nul_and_an_end_of_line_stays() {
    assert_eq!(text_of(b"a\r\0b\r\nc\0d\r\re"), b"a\rb\r\nc\0d\r\re");
    assert_eq!(text_of(&[b'\r', IAC, 241, 0, b'x']), b"\rx");
}

#[test]
fn enter_is_cr_lf_and_a_byte_like_iac_comes_twice() {
    for (keys, line) in [
        (&b"show run\n"[..], &b"show run\r\n"[..]),
        (b"show run\r\n", b"show run\r\n"),
        (b"\n", b"\r\n"),
        (b"quit\ny\n", b"quit\r\ny\r\n"),
        (b"a\rb", b"a\r\0b"),
        (b"\r", b"\r\0"),
        (b" ", b" "),
        (b"\x19", b"\x19"),
        (&[b'a', IAC], &[b'a', IAC, IAC]),
    ] {
        assert_eq!(encode(keys), line);
    }
}

#[test]
fn negotiating_without_end_is_an_end() {
    let endless = [&[IAC, SB, TERMINAL_TYPE][..], &[7; 5_000]].concat();
    assert_eq!(taken(&[&endless]), Err(NvtError::Endless));
    let circles = [IAC, DO, 77].repeat(MOST_ANSWERS + 1);
    assert_eq!(taken(&[&circles]), Err(NvtError::Circles));
    // Every option once, from both sides, is fine.
    let all: Vec<u8> = (0..=255).flat_map(|option| [IAC, WILL, option, IAC, DO, option]).collect();
    assert!(taken(&[&all[..all.len() - 12]]).is_ok());
}

/// A stretch of a telnet stream, and the text in it.
fn stretch() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let text = proptest::collection::vec(1..=254_u8, 0..20).prop_map(|text| (text.clone(), text));
    let command = (241..=249_u8).prop_map(|command| (vec![IAC, command], Vec::new()));
    let asks = (WILL..=DONT, any::<u8>()).prop_map(|(verb, option)| (vec![IAC, verb, option], Vec::new()));
    let byte = Just((vec![IAC, IAC], vec![IAC]));
    let negotiation = proptest::collection::vec(any::<u8>(), 0..30).prop_map(|what| {
        let what = what.iter().flat_map(|&b| if b == IAC { vec![IAC, IAC] } else { vec![b] });
        let whole = [IAC, SB].into_iter().chain(what).chain([IAC, SE]);
        (whole.collect(), Vec::new())
    });
    prop_oneof![4 => text, 2 => command, 2 => asks, 1 => byte, 2 => negotiation]
}

proptest! {
    #[test]
    fn text_and_answers_are_the_same_however_the_stream_is_cut(
        stretches in proptest::collection::vec(stretch(), 0..40),
        sizes in proptest::collection::vec(1..9_usize, 1..40),
    ) {
        let stream: Vec<u8> = stretches.iter().flat_map(|(stream, _)| stream.clone()).collect();
        let text: Vec<u8> = stretches.iter().flat_map(|(_, text)| text.clone()).collect();
        let whole = taken(&[&stream]).unwrap();
        prop_assert_eq!(&whole.0, &text);
        let (mut pieces, mut rest, mut sizes) = (Vec::new(), &stream[..], sizes.iter().cycle());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            pieces.push(piece);
            rest = behind;
        }
        prop_assert_eq!(taken(&pieces).unwrap(), whole.clone());
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(taken(&bytes).unwrap(), whole);
    }

    #[test]
    fn what_we_type_arrives_as_one_line_at_a_device_that_knows_the_protocol(keys in "[ -~]{0,40}") {
        prop_assert_eq!(text_of(&encode(format!("{keys}\n").as_bytes())), format!("{keys}\r\n").into_bytes());
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = taken(&[&bytes]);
    }
}
