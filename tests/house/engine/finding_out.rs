//! Finding a platform out of what recordings and sessions by hand hold: without sockets, every one of them.

use netraven::platform::{
    Channel, InfoOutput, LineEnding, MOST_COMMANDS, PROPOSED, Prompt, SAFE, Screen, Seen, guesses,
    next_command, without_echo,
};

use crate::support::{
    recorded::{Recorded, SHIPPED, everything},
    shared,
};

/// Greeting and prompt of devices whose sessions hold single commands and neither (`reference/platforms.md` 7, and what
/// their makers show).
const SHELLS: [(&str, &str, &str); 9] = [
    ("cumulus", "Welcome to NVIDIA Cumulus VX (TM)\n", "cumulus@cumulus:mgmt:~$ "),
    ("f5_tmos", "", "admin@(bigip1)(cfg-sync Standalone)(Active)(/Common)(tmos)# "),
    ("frr", "Hello, this is FRRouting (version 8.5.2).\n", "rr-1# "),
    ("juniper_junos", "--- JUNOS 22.4R3-S2.11 Kernel 64-bit\n", "oxidized@srx300> "),
    ("linux", "", "admin@bastion:~$ "),
    ("mikrotik_routeros", "  MikroTik RouterOS 7.10.1 (c) 1999-2023\n", "[admin@MikroTik] > "),
    ("opnsense", "", "root@OPNsense:~ # "),
    ("pfsense", "", "[2.7.2-RELEASE][admin@rt-9.example]/root# "),
    ("ubiquiti_airos", "", "XC.v8.7.11# "),
];

/// What devices say to a command that they do not know, where the platform's file knows it.
const COMPLAINTS: [(&str, &str); 13] = [
    ("checkpoint_gaia", "CLINFR0329  Invalid command:'show version'.\n"),
    ("cisco_aireos", "Incorrect usage.  Use the '?' or <TAB> key to list commands.\n"),
    ("cumulus", "-bash: show: command not found\n"),
    ("dell_powerconnect", "% Unrecognized command\n"),
    ("efos", "Command not found / Incomplete command. Use ? to list commands.\n"),
    ("extreme_voss", "                ^\n% Invalid input detected at '^' marker.\n"),
    ("f5_tmos", "Syntax Error: unexpected argument \"version\"\n"),
    ("fortinet_fortigate", "command parse error before 'version'\nCommand fail. Return code -61\n"),
    ("fortinet_fortios", "command parse error before 'version'\nCommand fail. Return code -61\n"),
    ("juniper_screenos", "            ^--------unknown keyword version\n"),
    ("linux", "-bash: show: command not found\n"),
    ("paloalto_panos", "Unknown command: version\nInvalid syntax.\n"),
    ("tplink", "Error: Bad command\n"),
];

/// What a job sees of the device of a recording: its greeting and prompt, and its answers to what it is sent.
fn seen(recorded: &Recorded) -> Seen {
    let key = recorded.key();
    let is_shell = SHIPPED.get(key).unwrap().channel() == Channel::Shell;
    let shell = SHELLS.iter().find(|(of, ..)| *of == key && recorded.capture.greeting().is_empty());
    let shell = shell.map(|(_, greeting, prompt)| format!("{greeting}{prompt}").into_bytes());
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(&shell.unwrap_or_else(|| recorded.capture.greeting().to_vec()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let prompt = Prompt::learned(screen.last_line());
    let complaint =
        COMPLAINTS.iter().find(|(of, _)| *of == key).map_or("% Unknown command.\n", |(_, text)| text);
    let complaint = complaint.to_owned();
    let mut seen = Seen {
        greeting: text(screen.finished_lines()),
        prompt: prompt.literal().to_vec(),
        ..Seen::default()
    };
    while let Some(command) = next_command(&SHIPPED, &seen) {
        // Some hold a longer form of the same question: `show version | no-more`, `tmsh -q show sys version`.
        let is_it = |held: &str| {
            held.strip_prefix("tmsh -q ")
                .unwrap_or(held)
                .strip_prefix(&command)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let all = || recorded.capture.exchanges().iter();
        let exact = all().find(|it| it.command.trim() == command);
        let held = exact.or_else(|| all().find(|it| is_it(it.command.trim())));
        let answer = held.map(|it| {
            let mut screen = Screen::new(LineEnding::Lf);
            screen.feed(&it.answer);
            let answer = if is_shell {
                without_echo(screen.finished_lines(), it.command.trim(), &prompt)
            } else {
                screen.text()
            };
            text(answer)
        });
        seen.answers.push(InfoOutput { command, text: answer.unwrap_or_else(|| complaint.clone()) });
    }
    seen
}

/// Devices that these sessions do not tell: each with why, and none of them gets a proposal.
const NOT_TOLD: [(&str, &str); 10] = [
    ("bird/edge", "is a program on a host, which shows a shell like any"),
    ("efos#BES-53248_3.12.0.1", "asks nothing that says what it is"),
    ("efos/cluster", "asks nothing that says what it is"),
    ("eos#DCS-7050SX3-48YC8_4.29.2F", "holds no `show version`, and its prompt is like that of forty others"),
    ("openvswitch/host", "is a program on a host, which shows a shell like any"),
    ("paloalto_panos_api/edge", "is reached by HTTPS, where nobody looks for what a device is"),
    ("pfsense/router", "its `uname -a` is that of any FreeBSD"),
    ("tnsr#TNSR_25.02-2_long-config-and-pager-at-last-line", "holds no `show version`"),
    (
        "ubiquiti_airos/station",
        "its prompt is like that of forty others, and `cat /etc/board.info` is asked last",
    ),
    ("vyos_file/edge", "is the same device as one of `vyos`, asked for something else"),
];

#[test]
fn the_platform_of_every_session_is_proposed_or_nothing_is() {
    let mut not_told = Vec::new();
    for recorded in everything() {
        let seen = seen(&recorded);
        assert!(seen.answers.len() <= MOST_COMMANDS, "{}: {:?}", recorded.name, seen.answers);
        let guesses = guesses(&SHIPPED, &seen);
        let best = guesses.first().filter(|best| best.sure >= PROPOSED);
        match best {
            Some(best) => {
                assert_eq!(best.platform, recorded.key(), "{}: {guesses:#?}", recorded.name);
                assert!(best.sure < 100 && !best.reasons.is_empty(), "{}: {best:?}", recorded.name);
            }
            None => not_told.push(recorded.name),
        }
    }
    not_told.sort();
    let wanted = NOT_TOLD.map(|(name, _)| name);
    // The recordings lie beside the repository and may not be there.
    let is_there = |name: &&&str| !name.contains('#') || shared::captures().is_some();
    assert_eq!(not_told, wanted.iter().filter(is_there).copied().collect::<Vec<_>>());
}

#[test]
fn a_device_that_nobody_knows_is_none_of_ours() {
    for (greeting, prompt, answer) in [
        ("", "frobnicator> ", "Frobnicator 9000, software 1.2"),
        ("Welcome to the machine", "r1#", "% Unknown command"),
        ("", "user@host:~$ ", "sh: show: not found"),
        ("", "[admin@box] > ", "no such command"),
        ("", "", ""),
    ] {
        let mut seen =
            Seen { greeting: greeting.to_owned(), prompt: prompt.trim().into(), ..Seen::default() };
        while let Some(command) = next_command(&SHIPPED, &seen) {
            assert!(SAFE.contains(&command.as_str()), "{command}");
            seen.answers.push(InfoOutput { command, text: answer.to_owned() });
        }
        assert!(seen.answers.len() <= MOST_COMMANDS);
        let guesses = guesses(&SHIPPED, &seen);
        assert!(guesses.iter().all(|guess| guess.sure < PROPOSED), "{prompt}: {:?}", guesses.first());
    }
}

/// Both parts of the answer fit one platform each: neither is believed.
#[test]
fn two_that_fit_alike_are_no_proposal() {
    let text = "Cisco IOS Software, Version 15\nCisco Nexus Operating System (NX-OS) Software\n".to_owned();
    let answers = vec![InfoOutput { command: "show version".to_owned(), text }];
    let seen = Seen { prompt: b"r1#".to_vec(), answers, ..Seen::default() };
    let guesses = guesses(&SHIPPED, &seen);
    assert!(guesses[0].sure < PROPOSED && guesses[1].sure == guesses[0].sure, "{:?}", &guesses[..2]);
}

/// What the device said comes into the reasons in short pieces on one line, with nothing hidden in them.
#[test]
fn reasons_quote_what_was_seen_and_what_was_hidden_in_it() {
    let answer = "x\r\nCisco Adaptive Security Appliance Software\u{202e} Version 9\n".to_owned();
    let answers = vec![InfoOutput { command: "show version".to_owned(), text: answer }];
    let seen = Seen {
        prompt: b"fw#".to_vec(),
        identification: "SSH-2.0-Cisco-1.25".to_owned(),
        answers,
        ..Seen::default()
    };
    let best = guesses(&SHIPPED, &seen).remove(0);
    assert_eq!(best.platform, "cisco_asa");
    assert_eq!(
        best.reasons,
        [
            "its SSH server calls itself `SSH-2.0-Cisco-1.25`",
            "its prompt is `fw#`, as these devices have it",
            "`show version` says `Cisco Adaptive Security Appliance Software`",
        ]
    );
    assert!(best.reasons.concat().chars().all(|c| !c.is_control()));
}
