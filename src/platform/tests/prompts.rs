use super::platform;
use crate::platform::{LineEnding, Prompt, Screen};

/// `reference/platforms.md` section 7 and the recordings' `#prompt.yaml`, applied after the screen.
const VECTORS: &[(&str, bool, &str)] = &[
    ("cisco_ios", true, "LAB-SW123_9200L#"),
    ("cisco_ios", true, "OXIDIZED-WLC1#"),
    ("cisco_ios", true, "rtr1>"),
    ("cisco_ios", true, "rtr1(config-if)#"),
    ("cisco_ios", true, "\rrtr1# "),
    ("cisco_ios", false, "joo"),
    ("cisco_ios", false, " description link to core#1 via dc2"),
    ("juniper_junos", true, "oxidized@srx300> "),
    ("juniper_junos", true, "oxidized> "),
    ("juniper_junos", false, "{master:0}"),
    ("juniper_junos", false, "{primary:node0}"),
    ("arista_eos", true, "DCS-7050SX3>"),
    ("arista_eos", true, "leaf1(config-if-Et1)#"),
    ("arista_eos", false, "   description to leaf <> spine"),
    ("mikrotik_routeros", true, "[admin@MikroTik] > "),
    ("mikrotik_routeros", true, "[ox@rb 5009 core] /ip address> "),
    ("frr", true, "r1# "),
    ("frr", true, "r1(config-router)# "),
    ("frr", false, " neighbor 10.0.0.1 description to r2#"),
    ("linux", true, "robert@hostname:~$ "),
    ("linux", true, "root@spine1-nyc2:~# "),
    ("linux", true, "cumulus@cumulus:mgmt:~$ "),
    ("linux", true, "username@hostname~$"),
    ("linux", false, "hostname login: "),
    ("linux", false, "Password: "),
];

#[test]
fn prompt_shapes_match_the_vectors() {
    for &(key, expected, sample) in VECTORS {
        let mut screen = Screen::new(LineEnding::Lf);
        screen.feed(sample.as_bytes());
        let matched = platform(key).prompt().is_match(screen.last_line());
        assert_eq!(matched, expected, "{key}: {sample:?}");
    }
}

#[test]
fn a_learned_prompt_is_its_letters_in_any_mode() {
    let prompt = Prompt::learned(b"rtr1# ");
    assert!(prompt.is(b"rtr1#"));
    assert!(!prompt.is(b"rtr1(config)#") && prompt.is_in_any_mode(b"rtr1(config)#"));
    assert!(prompt.is_in_any_mode(b"rtr1> "));
    assert!(!prompt.is_in_any_mode(b"rtr10#") && !prompt.is_in_any_mode(b"rtr2#"));
    assert!(!prompt.is_in_any_mode(b" description rtr1#"));

    let junos = Prompt::learned(b"oxidized@srx300> ");
    assert!(junos.is_in_any_mode(b"oxidized@srx300# ") && !junos.is_in_any_mode(b"oxidized>"));
}
