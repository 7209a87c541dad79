//! Every recording and every session by hand, cut at each hundredth of its answer and around the end of each of its last
//! 20 lines: what a terminal holds then, judged. `cuts`, `captures` and `fixtures` cut some through real sockets.

use std::collections::BTreeSet;

use netraven::platform::{Capture, Channel, Platform, Prompt, Screen, without_echo};

use crate::support::recorded::{Recorded, everything};

/// What had come when it was cut.
struct Cut {
    /// How many of the answer's bytes.
    at: usize,
    /// What the screen showed, behind the echo.
    text: Vec<u8>,
    /// Whether its last line is the prompt.
    at_prompt: bool,
}

/// Where to cut an answer.
fn offsets(pages: &[Vec<u8>]) -> BTreeSet<usize> {
    let answer = pages.concat();
    let ends: Vec<usize> = answer.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(n, _)| n).collect();
    // In front of the line feed, where the last line is there and not over, and behind it.
    let ends = ends.iter().rev().take(20).flat_map(|&end| [end, end + 1]);
    let hundredths = (0..100).map(|percent| answer.len() * percent / 100);
    let whole = answer.trim_ascii_end().len();
    ends.chain(hundredths).filter(|&at| at < whole).collect()
}

fn cuts(recorded: &Recorded, platform: &Platform) -> Vec<Cut> {
    let pages: Vec<&Vec<u8>> = recorded.pages.iter().filter(|page| !page.is_empty()).collect();
    let mut whole = Screen::new(platform.line_ending());
    for page in &pages {
        platform.turn_page(&mut whole);
        whole.feed(page);
    }
    let prompt = Prompt::varying(whole.last_line(), platform.prompt_varies());
    let command = recorded.capture.configuration().unwrap().command.trim();
    let is_shell = platform.channel() == Channel::Shell;
    let (mut screen, mut offsets) = (Screen::new(platform.line_ending()), offsets(&recorded.pages));
    let (mut cuts, mut begins) = (Vec::new(), 0);
    for page in pages {
        platform.turn_page(&mut screen);
        let (mut rest, mut fed) = (page.as_slice(), begins);
        while let Some(&at) = offsets.first().filter(|&&at| at <= begins + page.len()) {
            let (now, later) = rest.split_at(at - fed);
            screen.feed(now);
            (rest, fed) = (later, at);
            offsets.pop_first();
            let text = if is_shell { without_echo(screen.text(), command, &prompt) } else { screen.text() };
            let at_prompt = is_shell && prompt.is(screen.last_line());
            cuts.push(Cut { at, text: text.to_vec(), at_prompt });
        }
        screen.feed(rest);
        begins += page.len();
    }
    cuts
}

/// A capture in which the prompt came back right behind the cut, or the command ended without a complaint: what a device
/// sends that stops by itself.
fn stopped(cut: &Cut, platform: &Platform) -> Capture {
    let shell = platform.channel() == Channel::Shell;
    let exit_status = (!shell).then_some(0);
    Capture { raw: cut.text.clone(), exit_status, reached_prompt: shell, ..Capture::default() }
}

/// Whether nothing of the configuration is missing but blank lines, comments, and the rest of its last line where that is
/// a comment: then the end mark was there.
fn lacks_nothing(cut: &Cut, recorded: &Recorded) -> bool {
    let whole = recorded.lines.join("\n") + "\n";
    let text = String::from_utf8_lossy(&cut.text);
    let Some(at) = whole.strip_prefix(&*text).map(|missing| whole.len() - missing.len()) else {
        // Part of the prompt is there as well.
        return text.starts_with(whole.trim_end());
    };
    let begins = whole[..at].rfind('\n').map_or(0, |end| end + 1);
    let is_comment = |line: &str| line.starts_with(['!', '#']) || line == "[/]";
    let mut lines = whole[begins..].lines();
    let rest_of_line = lines.next().unwrap_or_default();
    (whole[at..].starts_with('\n') || begins == at || is_comment(rest_of_line))
        && (begins < at || rest_of_line.trim().is_empty() || is_comment(rest_of_line))
        && lines.all(|line| line.trim().is_empty() || is_comment(line))
}

/// Platforms whose text consists of sections and ends with one: a device that stops by itself between two of them, and
/// says then that all is well, cannot be found out by the text. At most this share of the cuts, in hundredths.
const SECTIONS: [(&str, usize); 7] = [
    ("cisco_viptela", 10),
    ("dell_os6", 8),
    ("f5_tmos", 8),
    ("fortinet_fortigate", 10),
    ("fortinet_fortios", 8),
    ("juniper_junos", 4),
    ("netgear", 13),
];

/// Platforms whose text has nothing at its end (`reference/platforms.md` 0.5): only the channel can tell, by a prompt behind
/// which nothing follows, or by the exit status.
const WITHOUT_A_MARK: [&str; 24] = [
    "aruba_aoscx",
    "aruba_instant",
    "checkpoint_gaia",
    "cisco_aireos",
    "cisco_nxos",
    "cisco_smb",
    "cisco_ucs",
    "dell_os10",
    "dell_powerconnect",
    "efos",
    "extreme_exos",
    "extreme_slx",
    "extreme_voss",
    "hp_procurve",
    "juniper_screenos",
    "mikrotik_routeros",
    "nvidia_onyx",
    "sonicwall",
    "tnsr",
    "ubiquiti_airos",
    "ubiquiti_edgeos",
    "ubiquiti_edgeswitch",
    "vsololt",
    "vyos",
];

fn each(mut judge: impl FnMut(&Recorded, &Platform, &[Cut])) {
    for recorded in everything() {
        let platform = recorded.platform();
        let cuts = cuts(&recorded, &platform);
        assert!(cuts.len() > 100, "{}: {} cuts only", recorded.name, cuts.len());
        judge(&recorded, &platform, &cuts);
    }
}

#[test]
fn a_line_that_breaks_off_anywhere_brings_nothing_to_believe() {
    each(|recorded, platform, cuts| {
        for cut in cuts {
            let capture =
                Capture { raw: cut.text.clone(), reached_prompt: cut.at_prompt, ..Capture::default() };
            let is_believed = platform.judge(&capture).is_ok();
            assert!(!is_believed || lacks_nothing(cut, recorded), "{} cut at {}", recorded.name, cut.at);
        }
    });
}

#[test]
fn a_device_that_stops_anywhere_by_itself_is_found_out_by_the_mark_at_the_end() {
    let mut in_sections = BTreeSet::new();
    each(|recorded, platform, cuts| {
        let name = &recorded.name;
        let is_marked = platform.looks_whole((recorded.lines.join("\n") + "\n").as_bytes());
        assert_eq!(is_marked, !WITHOUT_A_MARK.contains(&platform.key()), "{name}");
        let believed = cuts.iter().filter(|cut| platform.judge(&stopped(cut, platform)).is_ok());
        let believed: Vec<_> = believed.filter(|cut| !lacks_nothing(cut, recorded)).collect();
        let sections = SECTIONS.iter().find(|(key, _)| *key == platform.key());
        if !is_marked {
            // Else it has a mark and belongs into the other list.
            assert!(!believed.is_empty(), "{name}: every cut is found out");
        } else if let Some((key, share)) = sections {
            assert!(
                believed.len() * 100 <= cuts.len() * share,
                "{name}: {} of {}",
                believed.len(),
                cuts.len()
            );
            in_sections.extend((!believed.is_empty()).then_some(*key));
        } else {
            let at: Vec<usize> = believed.iter().map(|cut| cut.at).collect();
            assert_eq!(at, Vec::<usize>::new(), "{name}: taken for whole");
        }
    });
    assert_eq!(in_sections, SECTIONS.into_iter().map(|(key, _)| key).collect(), "the others have a mark");
}

/// A line that is the prompt, letter by letter, with a packet's end behind it.
#[test]
fn a_line_like_the_prompt_never_ends_a_text_at_once() {
    each(|recorded, platform, cuts| {
        let is_in_sections = SECTIONS.iter().any(|(key, _)| *key == platform.key());
        for cut in cuts.iter().filter(|cut| !is_in_sections && !lacks_nothing(cut, recorded)) {
            assert!(!platform.looks_whole(&cut.text), "{} cut at {}", recorded.name, cut.at);
        }
    });
}
