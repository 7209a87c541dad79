//! Contexts: found again in the whole, asked for in words that do nothing else, judged one by one.

use super::{Capture, Platform, ended_well, files::SMALL, mask_key, platform};
use crate::{
    domain::failure::FailureClass,
    platform::{InfoOutput, OneContext, compile},
};

/// The name of every text and the text.
fn texts(platform: &Platform, whole: &str) -> Vec<(String, String)> {
    let contexts = platform.contexts(whole.as_bytes());
    let text = |name: &&str| (name.to_string(), contexts.text_of(whole, name).unwrap());
    contexts.names().iter().map(text).collect()
}

fn owned(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

const SYSTEM: &str = ": Saved\n:\nASA Version 9.16(4) <system>\n!\nhostname fw\nadmin-context admin\ncontext admin\n  allocate-interface Management0/0 \n  config-url disk0:/admin.cfg\n!\n\ncontext b-1\n  config-url ftp://nr:pw@192.0.2.9/b.cfg \n  join-failover-group 1\n!\nCryptochecksum:0f\n: end\n\n";
const ADMIN: &str = ": Saved\n: Written by x at y\n!\nASA Version 9.16(4) <context>\n!\nhostname admin\nnames\n!\nntp authentication-key 1 md5 canary\nCryptochecksum:1f\n: end\n";

fn divided(name: &str, text: &str) -> Capture {
    let mut capture = ended_well(
        &platform("cisco_asa"),
        &format!("{SYSTEM}! context: admin\n{ADMIN}! context: {name}\n{text}"),
    );
    capture.contexts = vec!["admin".to_owned(), name.to_owned()];
    capture
}

#[test]
fn asa_lists_its_contexts_with_their_addresses_and_headings_part_the_texts() {
    let asa = platform("cisco_asa");
    let told = |text: &str| vec![InfoOutput { command: "show mode".into(), text: text.into() }];
    assert!(asa.to_fetch(&told("Security context mode: single \n")).is_none());
    assert!(asa.to_fetch(&[]).is_none(), "a device that does not know the command is not divided");
    let info = told("Security context mode: multiple \n");
    let fetched = asa.to_fetch(&info).unwrap();
    let listed = fetched.listed(SYSTEM.as_bytes()).unwrap();
    let commands: Vec<String> = listed.iter().map(|context| fetched.fetch(context)).collect();
    assert_eq!(commands, ["more disk0:/admin.cfg", "more ftp://nr:pw@192.0.2.9/b.cfg"]);
    assert_eq!(fetched.heading(&listed[1]), "! context: b-1\n");

    let capture = divided("b-1", ADMIN);
    assert_eq!(asa.judge(&capture), Ok(()));
    assert_eq!(asa.judge_kept(&capture.raw), Ok(()));
    let whole = String::from_utf8(capture.raw).unwrap();
    assert_eq!(texts(&asa, &whole), owned(&[("system", SYSTEM), ("admin", ADMIN), ("b-1", ADMIN)]));
    let masked = asa.masked(whole.as_bytes(), &mask_key());
    assert!(!masked.contains("canary") && !masked.contains(":pw@"), "{masked}");
    let names: Vec<String> = texts(&asa, &masked).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["system", "admin", "b-1"], "masking leaves the contexts");
    assert!(asa.contexts(SYSTEM.as_bytes()).is_empty(), "the list alone is no context");
}

#[test]
fn one_doubtful_text_makes_all_of_them_doubtful_and_is_named() {
    let asa = platform("cisco_asa");
    let cut = ADMIN.strip_suffix(": end\n").unwrap();
    let missing = "%Error opening disk0:/b.cfg (No such file or directory)\n";
    for (text, class, said) in [
        (cut, FailureClass::Truncated, "the last line is none that matches"),
        ("", FailureClass::Truncated, "printed nothing"),
        (missing, FailureClass::ErrorOutput, "the device answered: %Error opening disk0:/b.cfg"),
    ] {
        let capture = divided("b-1", text);
        let doubt = asa.judge(&capture).unwrap_err();
        assert_eq!((doubt.class, doubt.context.as_deref()), (class, Some("b-1")), "{text:?}");
        let told = asa.told(&doubt, &capture.raw, str::to_owned);
        assert!(told.starts_with("the context b-1: ") && told.contains(said), "{told}");
        assert!(asa.judge_kept(&capture.raw).is_err(), "{text:?}");
    }
    // The first of them is the one that is told, although a later one complains.
    let mut capture = divided("b-1", missing);
    capture.raw =
        String::from_utf8(capture.raw).unwrap().replace("Cryptochecksum:0f\n: end\n", "").into_bytes();
    let doubt = asa.judge(&capture).unwrap_err();
    assert_eq!(doubt.context.as_deref(), Some("system"));
    let told = asa.told(&doubt, &capture.raw, str::to_owned);
    assert!(told.starts_with("the context system: the last line"), "{told}");
}

#[test]
fn a_line_of_the_devices_own_that_reads_like_a_heading_is_not_believed() {
    let asa = platform("cisco_asa");
    let forged = ADMIN.replace("names\n", "names\n! context: c\n");
    for capture in [divided("b-1", &forged), ended_well(&asa, &forged)] {
        let doubt = asa.judge(&capture).unwrap_err();
        assert_eq!(doubt.class, FailureClass::ErrorOutput);
        assert!(doubt.message.contains("reads like the heading"), "{doubt:?}");
    }
    // On other platforms such a line is any line.
    let ios = "version 17.9\n! context: c\n!\nhostname r1\n!\ninterface x\n!\nend\n";
    assert_eq!(platform("cisco_ios").judge(&ended_well(&platform("cisco_ios"), ios)), Ok(()));
}

#[test]
fn what_would_break_out_of_a_command_is_never_sent() {
    let asa = platform("cisco_asa");
    let info = [InfoOutput { command: "show mode".into(), text: "Security context mode: multiple".into() }];
    let fetched = asa.to_fetch(&info).unwrap();
    let refused = |list: &str| fetched.listed(list.as_bytes()).unwrap_err();
    for word in ["a;reload", "a|append", "`id`", "$(id)", "a\u{1b}[A", "a?", "a!", "-a", "é", "a\u{202e}"] {
        let doubt = refused(&format!("context {word}\n  config-url disk0:/a.cfg\n"));
        assert!(doubt.message.contains("does not fit into a command"), "{word:?}: {doubt:?}");
        assert!(!doubt.message.chars().any(char::is_control), "{doubt:?}");
        let doubt = refused(&format!("context a\n  config-url disk0:/{word}\n").replace("disk0:/-", "-"));
        assert!(doubt.message.starts_with("the context a: ") && doubt.message.contains("`url`"), "{doubt:?}");
    }
    let doubt = refused("context a\n  config-url ftp://nr:pw@host/x;type=i\n");
    assert!(!doubt.message.contains("pw"), "an address is not quoted: {doubt:?}");
    assert!(refused("context a\n  allocate-interface x\n").message.contains("has no `url`"));
    let twice = "context a\n  config-url disk0:/a.cfg\n";
    assert!(refused(&twice.repeat(2)).message.contains("twice"));
    assert!(
        refused(&twice.replace("context a", &format!("context {}", "a".repeat(201)))).message.contains("fit")
    );
    assert_eq!(refused("hostname fw\n").class, FailureClass::Truncated);
    let entry = |n: usize| format!("context c{n}\n  config-url disk0:/{n}.cfg\n");
    let list = |many: usize| (0..many).map(entry).collect::<String>();
    assert_eq!(fetched.listed(list(250).as_bytes()).unwrap().len(), 250);
    let doubt = refused(&list(251));
    assert_eq!(doubt.class, FailureClass::OutputLimit);
    assert!(doubt.message.contains("251") && doubt.message.contains("250"), "{doubt:?}");
}

#[test]
fn vsx_goes_into_each_virtual_system_by_its_number_and_proves_that_it_is_there() {
    let gaia = platform("checkpoint_gaia");
    let told = |text: &str| vec![InfoOutput { command: "show vsx".into(), text: text.into() }];
    assert!(gaia.to_fetch(&told("VSX Disabled\n")).is_none());
    let info = told("VSX Enabled\n");
    let fetched = gaia.to_fetch(&info).unwrap();
    let listed = fetched
        .listed(b"Virtual systems list\nVS ID       VS NAME\n0           gw1\n12          gw1_VS1\n")
        .unwrap();
    assert_eq!(listed.iter().map(OneContext::name).collect::<Vec<_>>(), ["gw1", "gw1_VS1"]);
    let (enter, prompt) = fetched.enter(&listed[1]).unwrap();
    assert_eq!(enter, "set virtual-system 12");
    let there = |line: &str| regex::Regex::new(&prompt).unwrap().is_match(line);
    assert!(there("gw1:12> ") && !there("gw1:0> ") && !there("gw1:112> "));
    let text =
        |name: &str| format!("# context: {name}\n#\n# Configuration of gw1\n#\nset a b\nset c d\nset e f\n");
    let whole = text("gw1") + &text("gw1_VS1");
    let names: Vec<String> = texts(&gaia, &whole).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["gw1", "gw1_VS1"], "nothing belongs to none of them");
}

#[test]
fn virtual_domains_are_parts_of_one_text() {
    let fortigate = platform("fortinet_fortigate");
    let global = "#config-version=x\nconfig vdom\nedit root\nnext\nedit dmz\nnext\nend\nconfig global\nconfig system global\nend\nend\n";
    let root = "config vdom\nedit root\nconfig system settings\nend\nend\n";
    let dmz = "config vdom\nedit dmz\nconfig user radius\n    edit \"config vdom\"\n    next\nend\nend\n";
    let whole = [global, root, dmz].concat();
    assert_eq!(texts(&fortigate, &whole), owned(&[("global", global), ("root", root), ("dmz", dmz)]));
    assert!(fortigate.contexts(b"#config-version=x\nconfig system global\nend\n").is_empty());
}

#[test]
fn logical_systems_are_parts_of_one_text_and_the_rest_belongs_to_none() {
    let junos = platform("juniper_junos");
    let before = "version 22.4;\nsystem {\n    host-name r1;\n    services {\n        ssh;\n    }\n}\nlogical-systems {\n";
    let one = "    LS1 {\n        interfaces {\n            ge-0/0/0 {\n                unit 1;\n            }\n        }\n    }\n";
    let two = "    inactive: LS-2 {\n        routing-options {\n            static;\n        }\n    }\n";
    let after = "}\nrouting-options {\n    router-id 192.0.2.1;\n    static {\n        route x;\n    }\n}\n";
    let whole = [before, one, two, after].concat();
    let main = [before, after].concat();
    assert_eq!(texts(&junos, &whole), owned(&[("main", &main), ("LS1", one), ("LS-2", two)]));
    assert!(junos.contexts("system {\n    services {\n        ssh;\n    }\n}\n".as_bytes()).is_empty());
    let lines = junos.contexts(whole.as_bytes()).by_line(whole.as_bytes());
    let line = |words: &str| lines.of(whole.lines().position(|line| line.contains(words)).unwrap() + 1);
    assert_eq!(
        (line("unit 1"), line("static;"), line("router-id")),
        (Some("LS1"), Some("LS-2"), Some("main"))
    );
}

const FETCHED: &str = r#"[contexts]
first = "base"
[contexts.fetched]
info = "mode"
matches = 'many'
base = "show all"
name = '(?m)^part (?P<name>\S+)'
enter = "go {name}"
entered = '^{name}#$'
fetch = "show {name}"
heading = "! part: {name}"
[contexts.fetched.complete]
last_line = '^done$'
"#;

#[test]
fn a_file_says_which_field_of_the_table_is_wrong() {
    let small = SMALL.replace("config = \"show\"", "config = \"show\"\ninfo = [\"mode\"]");
    let file = |table: &str| compile::platform("toy.toml", &format!("{small}{table}"));
    let toy = file(FETCHED).unwrap();
    let mut capture = ended_well(&toy, "part a\nend\n! part: a\nx\ndone\n");
    capture.contexts.push("a".to_owned());
    assert_eq!(toy.judge(&capture), Ok(()), "contexts may have marks of their own");
    assert!(toy.looks_whole(b"x\ndone\n") && toy.looks_whole(b"x\nend\n") && !toy.looks_whole(b"x\n"));
    let inside = "[contexts]\nfirst = \"base\"\n[contexts.inside]\nbegins = '(?m)^part (?P<name>\\w+)'\n";
    assert!(file(inside).is_ok());
    for (from, to, field) in [
        ("first = \"base\"\n", "", "contexts.first"),
        ("first = \"base\"", "first = \"a\\nb\"", "contexts.first"),
        ("info = \"mode\"", "info = \"other\"", "contexts.fetched.info"),
        ("'many'", "'many('", "contexts.fetched.matches"),
        ("(?P<name>\\S+)", "(\\S+)", "contexts.fetched.name"),
        ("base = \"show all\"\n", "", "contexts.fetched.list"),
        ("base = ", "base_enter = ", "contexts.fetched.base"),
        ("entered = '^{name}#$'\n", "", "contexts.fetched.entered"),
        ("'^{name}#$'", "'^{name}(#$'", "contexts.fetched.entered"),
        ("enter = \"go {name}\"\n", "", "contexts.fetched.enter"),
        ("\"show {name}\"", "\"show {id}\"", "contexts.fetched.fetch"),
        ("\"go {name}\"", "\"go {id}\"", "contexts.fetched.enter"),
        ("\"! part: {name}\"", "\"! part\"", "contexts.fetched.heading"),
        ("\"! part: {name}\"", "\"{name}\"", "contexts.fetched.heading"),
        ("fetch = ", "fetches = ", "fetches"),
        (
            "[contexts.fetched.complete]",
            "[contexts.inside]\nbegins = 'x'\n[contexts.fetched.complete]",
            "contexts",
        ),
    ] {
        let table = FETCHED.replacen(from, to, 1);
        assert_ne!(table, FETCHED, "{from}");
        let told = file(&table).unwrap_err().to_string();
        assert!(told.contains("toy.toml") && told.contains(field), "{field}: {told}");
    }
    let told = file("[contexts]\nfirst = \"x\"\n").unwrap_err().to_string();
    assert!(told.contains("wants one of"), "{told}");
    let told = file(&inside.replace("?P<name>", "")).unwrap_err().to_string();
    assert!(told.contains("contexts.inside.begins"), "{told}");
    let exec = small.replace("channel = \"shell\"", "channel = \"exec\"");
    let told = compile::platform("toy.toml", &format!("{exec}{FETCHED}")).unwrap_err().to_string();
    assert!(told.contains("contexts.fetched") && told.contains("shell"), "{told}");
}
