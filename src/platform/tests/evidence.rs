use super::{Capture, ended_well, platform};
use crate::{domain::failure::FailureClass, platform::shrunk};

const IOS: &str = "version 17.9\n!\nhostname r1\n!\ninterface Gi0/1\n description end\n!\nend\n";
const JUNOS: &str = "## Last commit: x\nversion 22.4;\nsystem {\n    host-name \"a } b\"; /* don't { */\n}\n";
const ROUTEROS: &str = "# 2024-10-25 06:08:35 by RouterOS 7.10.1\n#\n/ip address\nadd address=10.0.0.1/24\n";

fn class_of(key: &str, text: &str) -> Option<FailureClass> {
    let platform = platform(key);
    platform.judge(&ended_well(&platform, text)).err().map(|doubt| doubt.class)
}

#[test]
fn whole_texts_are_believed() {
    assert_eq!(class_of("cisco_ios", IOS), None);
    assert_eq!(class_of("arista_eos", IOS), None);
    assert_eq!(class_of("frr", IOS), None);
    assert_eq!(class_of("juniper_junos", JUNOS), None);
    assert_eq!(class_of("mikrotik_routeros", ROUTEROS), None);
    assert_eq!(class_of("linux", "### /etc/hostname\nweb1\n\n### end\n"), None);
}

#[test]
fn a_missing_mark_is_truncation() {
    let cases = [
        ("cisco_ios", "version 17.9\n!\nhostname r1\n!\ninterface Gi0/1\n description end\n"),
        ("cisco_ios", " \n \n"),
        ("juniper_junos", "version 22.4;\nsystem {\n    host-name a;\n"),
        ("juniper_junos", "version 22.4;\nsystem {\n    host-name \"a;\n}\n"),
        ("juniper_junos", "version 22.4;\nsystem {\n}\n}\n"),
        ("mikrotik_routeros", "/ip address\nadd address=10.0.0.1/24\n"),
        ("mikrotik_routeros", "# 2024-10-25 06:08:35 by RouterOS 7.10.1\n#\n/ip address\nadd comment=\\\n"),
        ("linux", "### /etc/hostname\nweb1\n"),
    ];
    for (key, text) in cases {
        assert_eq!(class_of(key, text), Some(FailureClass::Truncated), "{key}: {text}");
    }
}

#[test]
fn what_an_account_sees_that_may_not_see_all_is_none() {
    let shown = "Building configuration...\n\nCurrent configuration : 55 bytes\n!\nboot-start-marker\nboot-end-marker\n!\n!\nend\n";
    assert_eq!(class_of("cisco_ios", shown), Some(FailureClass::Truncated));
    let whole = shown.replace("boot-start-marker", "hostname r1\nboot-start-marker");
    assert_eq!(class_of("cisco_ios", &whole), None);
}

#[test]
fn the_channel_has_to_speak_for_the_end() {
    let ios = platform("cisco_ios");
    let without_prompt = Capture { reached_prompt: false, ..ended_well(&ios, IOS) };
    assert_eq!(ios.judge(&without_prompt).unwrap_err().class, FailureClass::Truncated);

    let junos = platform("juniper_junos");
    let torn_off = Capture { exit_status: None, ..ended_well(&junos, JUNOS) };
    assert_eq!(junos.judge(&torn_off).unwrap_err().class, FailureClass::Truncated);
    let failed = Capture { exit_status: Some(1), ..ended_well(&junos, JUNOS) };
    assert_eq!(junos.judge(&failed).unwrap_err().class, FailureClass::ErrorOutput);
}

#[test]
fn error_texts_are_no_configurations() {
    use FailureClass::{ErrorOutput, PermissionDenied};
    let cases = [
        ("cisco_ios", "             ^\n% Invalid input detected at '^' marker.\n", ErrorOutput),
        ("cisco_ios", "% Authorization failed.\n", PermissionDenied),
        ("cisco_ios", "Command authorization failed.\n", PermissionDenied),
        ("cisco_ios", "-bash: show: command not found\n", ErrorOutput),
        ("arista_eos", "% Invalid input (privileged mode required)\n", PermissionDenied),
        ("juniper_junos", "error: syntax error: show\n", ErrorOutput),
        ("mikrotik_routeros", "bad command name exportt (line 1 column 2)\n", ErrorOutput),
        ("frr", "% Unknown command: show running-config\n", ErrorOutput),
        ("linux", "bash: line 1: for: command not found\n", ErrorOutput),
    ];
    for (key, text, expected) in cases {
        assert_eq!(class_of(key, text), Some(expected), "{key}: {text}");
    }
    let in_a_description = IOS.replace("description end", "description % Invalid input detected");
    assert_eq!(class_of("cisco_ios", &in_a_description), None);
}

#[test]
fn half_of_the_last_good_lines_is_the_limit() {
    assert!(!shrunk(100, 50) && shrunk(100, 49) && !shrunk(0, 0));
}

#[test]
fn the_version_decides_about_the_command() {
    let routeros = platform("mikrotik_routeros");
    let said = |text: &str| {
        let info =
            crate::platform::InfoOutput { command: "/system resource print".into(), text: text.into() };
        routeros.config_command(&[info]).to_owned()
    };
    assert_eq!(said("      uptime: 1h\n     version: 7.10.1 (stable)\n"), "/export show-sensitive");
    assert_eq!(said("     version: 6.49.10 (long-term)\n"), "/export");
    assert_eq!(routeros.config_command(&[]), "/export");
}

#[test]
fn lines_that_open_and_close_are_in_pairs_outside_of_quotes() {
    let source = super::files::SMALL
        .replace("last_line = '^end$'", "pairs = [['^ *config ', '^ *end$'], ['^ *edit ', '^ *next$']]");
    // Where a value never spans lines, a quotation mark is a letter like others.
    let toy = crate::platform::compile::platform("toy.toml", &source).unwrap();
    let odd = "config a\n  edit 1\n    description rack 19\" left\n  next\nend\n";
    assert_eq!(toy.judge(&ended_well(&toy, odd)), Ok(()));
    assert!(toy.judge(&ended_well(&toy, "config a\n  description 19\"\n")).is_err());
    let source = source.replace("pairs =", "quotes_span_lines = true\npairs =");
    let toy = crate::platform::compile::platform("toy.toml", &source).unwrap();
    assert!(toy.judge(&ended_well(&toy, odd)).is_err());
    let whole = "config a\n  edit 1\n    set x \"config q\nend\n\"\n  next\nend\n";
    assert_eq!(toy.judge(&ended_well(&toy, whole)), Ok(()));
    for cut in [
        "config a\n  edit 1\n  next\n",
        "config a\n  edit 1\nend\n",
        "config a\nend\nend\n",
        "end\nconfig a\n",
        "config a\nset x \"open\nend\n",
    ] {
        assert!(toy.judge(&ended_well(&toy, cut)).is_err(), "{cut}");
    }
    // Pairs tell a cut, not the end: the next may be to come.
    assert!(!toy.looks_whole(whole.as_bytes()));
}

#[test]
fn a_text_without_a_mark_of_its_end_never_looks_whole() {
    let source = super::files::SMALL.replace("last_line = '^end$'", "first_line = '^a$'\nmin_lines = 1");
    let toy = crate::platform::compile::platform("toy.toml", &source).unwrap();
    assert_eq!(toy.judge(&ended_well(&toy, "a\nb\n")), Ok(()));
    assert!(!toy.looks_whole(b"a\nb\n"));

    let source = super::files::SMALL.replace("last_line =", "last_line_shape =");
    let toy = crate::platform::compile::platform("toy.toml", &source).unwrap();
    assert_eq!(toy.judge(&ended_well(&toy, "a\nend\n")), Ok(()));
    assert!(toy.judge(&ended_well(&toy, "a\nen\n")).is_err(), "cut inside the line");
    assert!(!toy.looks_whole(b"a\nend\n"), "a line of that shape may come anywhere");
}

#[test]
fn a_firewalls_text_may_begin_with_its_checksum_or_a_bare_colon() {
    let body =
        "!\nASA Version 9.16(4)\n!\nhostname fw1\n!\ninterface Management0/0\n nameif mgmt\n!\n: end\n";
    for begins in
        [": Saved\n", ": \n: Serial Number: X\n", "Cryptochecksum: 1 2 3 4\n: \n", "ASA Version 9.16(4)\n!\n"]
    {
        assert_eq!(class_of("cisco_asa", &format!("{begins}{body}")), None, "{begins:?}");
    }
    assert_eq!(class_of("cisco_asa", &format!("hello\n{body}")), Some(FailureClass::Truncated));
}

#[test]
fn who_asks_for_privileged_mode_may_word_it() {
    for key in [
        "cisco_ios",
        "cisco_asa",
        "arista_eos",
        "aruba_aoscx",
        "aruba_aosw",
        "aruba_instant",
        "perle",
        "efos",
    ] {
        let platform = platform(key);
        let asks = |line: &str| platform.enable().unwrap().password.is_match(line.as_bytes());
        for question in ["Password: ", "Enable password: ", "TACACS+ Password:", "  password:"] {
            assert!(asks(question), "{key}: {question}");
        }
        for other in ["Password incorrect", "username x password: y", "r1#"] {
            assert!(!asks(other), "{key}: {other}");
        }
    }
}

#[test]
fn a_refusal_is_no_unknown_command() {
    let eos = platform("arista_eos");
    assert!(eos.knows_not(b"% Invalid input (at token 2: '|')\n"));
    assert!(!eos.knows_not(b"% Invalid input (privileged mode required)\n"));
    assert!(!eos.knows_not(b"! device: l1\nhostname l1\nend\n"));
    // A long answer is one, whatever a line of it says.
    let long = format!("banner login\n% Invalid input\nEOF\n{}end\n", "!\n".repeat(1_000));
    assert!(!eos.knows_not(long.as_bytes()));
}
