//! Platform files proposed from sessions: measured over every session of a shell that is kept with the project.

use std::path::Path;

use regex::Regex;

use netraven::{
    domain::transcript::{Piece, Transcript, Way},
    platform::{Channel, Known, MaskKey, NoProposal, Platforms, propose, replay, with_volatile},
    simulate::Capture,
};

/// A session as somebody copies it from a terminal.
fn pasted(capture: &Capture) -> String {
    let mut text = String::from_utf8_lossy(capture.greeting()).into_owned();
    for exchange in capture.exchanges() {
        text.push_str(&String::from_utf8_lossy(&exchange.answer));
    }
    text
}

fn transcript(capture: &Capture) -> Transcript {
    let piece = |way, bytes: &[u8]| Piece { way, text: String::from_utf8_lossy(bytes).into_owned() };
    let mut pieces = vec![piece(Way::Received, capture.greeting())];
    for exchange in capture.exchanges() {
        pieces.push(piece(Way::Sent, exchange.command.as_bytes()));
        pieces.push(piece(Way::Received, &exchange.answer));
    }
    Transcript { pieces, was_truncated: false }
}

/// The sessions by hand of platforms with a shell, each with its platform's key and the secrets that it names.
fn sessions() -> Vec<(String, Capture, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let shipped = Platforms::shipped().unwrap();
    for folder in folders.into_iter().filter(|path| path.is_dir()) {
        let key = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(platform) = shipped.get(&key).filter(|it| it.channel() == Channel::Shell) else { continue };
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.into_iter().filter(|path| path.extension().is_some_and(|it| it == "session")) {
            let capture = Capture::load(&file).unwrap().asked_with(&platform.config_commands());
            let text = std::fs::read_to_string(&file).unwrap();
            let secret = |line: &str| line.strip_prefix("; secret: ").map(str::to_owned);
            let name = format!("{key}/{}", file.file_stem().unwrap().to_str().unwrap());
            found.push((name, capture, text.lines().filter_map(secret).collect()));
        }
    }
    found
}

// Each session as that of a platform that is not there, so that nothing of its own file helps. Nine of ten must give the
// right command, a prompt that is known and a configuration that is whole by it; of the secrets that the sessions name,
// seventeen of twenty must be covered (measured: 41 of 43, and 165 of 189).
#[test]
fn sessions_of_unknown_platforms_give_files_that_can_be_used() {
    let (mut well, mut all, mut covered, mut named, mut told) = (0, 0, 0, 0, Vec::new());
    let (key, shipped) = (MaskKey::new([7; 32]), Platforms::shipped().unwrap());
    let rules = shipped.rules_for_secrets().into_iter();
    let verbs = shipped.verbs();
    let rules: Vec<_> =
        rules.map(|(rule, keys)| (Regex::new(&format!("(?m){rule}")).unwrap(), keys)).collect();
    for (name, capture, secrets) in sessions() {
        all += 1;
        named += secrets.len();
        let wanted = capture.configuration().unwrap();
        let own = name.split('/').next().unwrap();
        let others = rules.iter().filter(|(_, keys)| keys.iter().any(|key| key != own));
        let patterns = others.map(|(rule, _)| rule.clone()).collect();
        let others = Known { secrets: patterns, verbs: verbs.clone() };
        let proposed = match propose(&pasted(&capture), &others) {
            Ok(proposed) => proposed,
            Err(why) => {
                told.push(format!("{name}: {why}"));
                continue;
            }
        };
        let platform = Platforms::parse(&proposed.source)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{}", proposed.source));
        let heard = replay(&platform, &transcript(&capture));
        let masked = platform.masked(&wanted.answer, &key);
        let (bare, hidden): (Vec<&String>, Vec<&String>) =
            secrets.iter().partition(|secret| masked.contains(secret.as_str()));
        covered += hidden.len();
        let is_asked = platform.config_commands() == [wanted.command.trim()];
        if matches!(heard.configuration, Some(Ok(_))) && is_asked {
            well += 1;
        }
        if !bare.is_empty() || !is_asked {
            told.push(format!("{name}: asks {:?}, bare {bare:?}", platform.config_commands()));
        }
    }
    println!("{well} of {all} can be used, {covered} of {named} secrets are covered\n{}", told.join("\n"));
    assert!(all >= 40 && named >= 100, "{all} {named}");
    assert!(well * 10 >= all * 9, "{well} of {all}:\n{}", told.join("\n"));
    assert!(covered * 20 >= named * 17, "{covered} of {named}:\n{}", told.join("\n"));
}

/// A count and a star that change with every command, and a sign without a name in front of it.
#[test]
fn prompts_that_vary_or_have_no_name_are_found() {
    let verbs = Platforms::shipped().unwrap().verbs();
    for (of, command, prompts) in [
        ("extreme_exos/", "show configuration", ["* Slot-1 yard.31 # ", "Slot-1 yard.2 # "]),
        ("cisco_ftd/", "show running-config all", ["> ", ">"]),
    ] {
        let (name, capture, _) = sessions().into_iter().find(|(name, ..)| name.starts_with(of)).unwrap();
        let known = Known { verbs: verbs.clone(), ..Known::default() };
        let proposed = propose(&pasted(&capture), &known).unwrap_or_else(|why| panic!("{name}: {why}"));
        let platform = Platforms::parse(&proposed.source).unwrap();
        assert_eq!(platform.config_commands(), [command], "{name}");
        for prompt in prompts {
            assert!(platform.prompt().is_match(prompt.as_bytes()), "{name}: {prompt}\n{}", proposed.source);
        }
        let heard = replay(&platform, &transcript(&capture)).configuration;
        assert!(matches!(heard, Some(Ok(_))), "{name}: {heard:?}\n{}", proposed.source);
    }
}

#[test]
fn a_text_that_is_no_session_gives_nothing() {
    for (text, why) in [
        ("", NoProposal::Prompt),
        ("hostname x\ninterface y\n", NoProposal::Prompt),
        ("r1#show clock\n10:11\nr1#show clock\n10:12\nr1#\n", NoProposal::Configuration),
    ] {
        assert_eq!(propose(text, &Known::default()), Err(why), "{text}");
    }
    let long = "r1#show run\n".repeat(30_000);
    assert_eq!(propose(&long, &Known::default()), Err(NoProposal::Long(long.len())));
}

#[test]
fn patterns_are_put_into_a_file_wherever_its_list_is() {
    let shipped = Platforms::shipped().unwrap();
    let wobble = ["^wobble 'x' ".to_owned(), r"^\d+ times".to_owned()];
    for platform in shipped.all() {
        let changed = with_volatile(platform.source(), &wobble).unwrap();
        let changed = Platforms::parse(&changed).unwrap();
        let text = changed.normalised(b"a\nwobble 'x' 3\n7 times\nb\n");
        assert!(!text.contains("wobble") && !text.contains("7 times"), "{}: {text}", platform.key());
    }
    let none = "[text]\nerrors = []";
    let bare = shipped.get("frr").unwrap().source().split("\n[text]").next().unwrap().to_owned();
    for source in [bare.clone(), format!("{bare}\n{none}\n")] {
        let changed = with_volatile(&source, &wobble).unwrap();
        assert!(!Platforms::parse(&changed).unwrap().normalised(b"wobble 'x' 3\nb\n").contains("wobble"));
    }
    assert!(with_volatile(&bare, &["(".to_owned()]).is_err());
}
