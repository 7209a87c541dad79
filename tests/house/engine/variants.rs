//! Every recording and every session by hand of a shell, as that of another device of its kind: under other names, behind
//! a greeting that looks like prompts, and with its pager left on.

use netraven::{
    domain::job::Outcome,
    platform::{Channel, LineEnding, Platform, Screen},
    simulate::{Capture, Device, Pager},
};

use crate::support::{
    fleet::patient,
    house::House,
    recorded::{Recorded, everything},
};

/// The pager of each platform that has one and stops at a full screen: what it shows (its vendor's manual, or Oxidized's
/// models), the key for the next page, and how it is taken off the screen.
const PAGERS: &[(&str, &str, &str, &str)] = &[
    (
        "arista_eos",
        " --More-- ",
        " ",
        "\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08",
    ),
    ("aruba_aoscx", "-- MORE --, next page: Space, next line: Enter, quit: q", " ", "\r\x1b[K"),
    (
        "aruba_aosw",
        "--More-- (q) quit (u) pageup (/) search (n) repeat ",
        " ",
        "\r                                                    \r",
    ),
    (
        "aruba_instant",
        "--More-- (q) quit (u) pageup (/) search (n) repeat ",
        " ",
        "\r                                                    \r",
    ),
    ("checkpoint_gaia", "-- More --", " ", "\r          \r"),
    ("cisco_aireos", "--More-- or (q)uit", " ", "\r                  \r"),
    ("cisco_asa", "<--- More --->", " ", "\r              \r"),
    ("cisco_ftd", "<--- More --->", " ", "\r              \r"),
    (
        "cisco_ios",
        " --More-- ",
        " ",
        "\x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08\x08",
    ),
    ("cisco_iosxr", " --More-- ", " ", "\r          \r"),
    ("cisco_nxos", "--More--", " ", "\r        \r"),
    (
        "cisco_smb",
        "More: <space>,  Quit: q or CTRL+Z, One line: <return> ",
        " ",
        "\r                                                      \r",
    ),
    ("cisco_ucs", "--More--", " ", "\r        \r"),
    ("cisco_viptela", "--More--", " ", "\r        \r"),
    ("dell_os10", "--More--", " ", "\r\x1b[K"),
    ("dell_os6", "--More-- or (q)uit", " ", "\r                  \r"),
    ("dell_os9", " --More-- ", " ", "\r          \r"),
    (
        "dell_powerconnect",
        "More: <space>,  Quit: q, One line: <return> ",
        " ",
        "\r                                            \r",
    ),
    ("efos", "--More-- or (q)uit", " ", "\r                  \r"),
    (
        "extreme_exos",
        "Press <SPACE> to continue or <Q> to quit:",
        " ",
        "\r                                         \r",
    ),
    ("extreme_slx", "--More--", " ", "\r        \r"),
    ("extreme_voss", "--More-- (q = quit) ", " ", "\r                    \r"),
    ("fortinet_fortigate", "--More-- ", " ", "\r         \r"),
    ("fortinet_fortios", "--More-- ", " ", "\r         \r"),
    ("hp_comware", "---- More ----", " ", "\x1b[16D                \x1b[16D"),
    (
        "hp_procurve",
        "-- MORE --, next page: Space, next line: Enter, quit: Control-C",
        " ",
        "\r                                                               \r",
    ),
    (
        "huawei_smartax",
        "---- More ( Press 'Q' to break ) ----",
        "\n",
        "\x1b[37D                                     \x1b[37D",
    ),
    ("huawei_vrp", "  ---- More ----", " ", "\x1b[42D                                          \x1b[42D"),
    ("juniper_screenos", "--- more --- ", " ", "\r              \r"),
    ("netgear", "--More-- or (q)uit", " ", "\r                  \r"),
    ("nokia_sros", "Press any key to continue (Q to quit)", " ", "\r                                     \r"),
    (
        "nokia_sros_md",
        "Press Q to quit, Enter to print next line or any other key to print next page.",
        " ",
        "\r\x1b[K",
    ),
    ("nvidia_onyx", "lines 1-23 ", " ", "\r\x1b[K"),
    ("paloalto_panos", "lines 1-23 ", " ", "\r\x1b[K"),
    ("perle", "--More--", " ", "\r        \r"),
    (
        "ruckus_icx",
        "--More--, next page: Space, next line: Return key, quit: Control-c",
        " ",
        "\r                                                                  \r",
    ),
    ("sonicwall", "--MORE--", " ", "\r        \r"),
    ("tnsr", "--More--", " ", "\r        \r"),
    ("tplink", "Press any key to continue (Q to quit)", " ", "\r                                     \r"),
    ("ubiquiti_edgeos", ":", " ", "\r\x1b[K"),
    ("ubiquiti_edgeswitch", "--More-- or (q)uit", " ", "\r                  \r"),
    ("vsololt", " --More-- ", " ", "\r          \r"),
    ("vyos", ":", " ", "\r\x1b[K"),
];

/// Words of prompts that are no names of devices.
const NO_NAMES: [&str; 15] = [
    "admin",
    "backup",
    "mynode",
    "Slot-1",
    "tnsr",
    "standalone",
    "master",
    "root",
    "active",
    "passive",
    "Primary",
    "RP",
    "SSH",
    "telnet",
    "mgmt",
];

fn shells() -> Vec<Recorded> {
    let is_shell = |recorded: &Recorded| {
        let platform = recorded.platform();
        platform.channel() == Channel::Shell && !recorded.capture.greeting().is_empty()
    };
    everything().into_iter().filter(is_shell).collect()
}

/// The device's name in its prompt: the longest word, without the count or the dash that some put behind it. A prompt that is
/// drawn at a place that its length decides is another for each name.
fn name(capture: &Capture) -> Option<String> {
    if capture.greeting().windows(4).any(|it| it == b"\x1b[24") {
        return None;
    }
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(capture.greeting());
    let prompt = String::from_utf8_lossy(screen.last_line()).into_owned();
    let words = prompt.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
    let count = |word: &str| {
        word.rsplit_once('.').is_some_and(|(_, count)| count.bytes().all(|b| b.is_ascii_digit()))
    };
    let words = words.map(|word| {
        if count(word) { word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') } else { word }
    });
    let words = words.map(|word| word.trim_end_matches('-'));
    let words = words.filter(|word| word.len() > 2 && !NO_NAMES.contains(word));
    words.max_by_key(|word| word.len()).map(str::to_owned)
}

/// Backs each up once and compares what is kept with what was recorded.
async fn kept(variants: Vec<(Recorded, Capture)>) {
    let house = House::new().await;
    let devices = variants.iter().enumerate().map(|(n, (_, capture))| {
        Device::playing(capture.clone(), &format!("v{n}")).with_enable("any-will-do")
    });
    let (ids, _fleet) = house.fleet(devices.collect::<Vec<_>>()).await;
    let jobs = house.back_up_with(&ids, patient()).await;
    let mut wrong = Vec::new();
    for ((id, job), (recorded, _)) in ids.iter().zip(jobs).zip(&variants) {
        if job.outcome != Some(Outcome::Stored) {
            wrong.push(format!("{}: {:?} {:?}", recorded.name, job.class, job.message));
            continue;
        }
        let raw = String::from_utf8(house.raw(&house.versions(*id).await[0]).await).unwrap();
        let other = raw.lines().zip(&recorded.lines).find(|(is, was)| is != was);
        if other.is_some() || raw.lines().count() != recorded.lines.len() {
            let lines = (raw.lines().count(), recorded.lines.len());
            wrong.push(format!("{}: {lines:?} lines, {other:?}", recorded.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), variants.len(), wrong.join("\n"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_any_name_is_known_by_its_prompt() {
    let mut variants = Vec::new();
    for new in [
        "r",
        "CORE_SW-01.ams.example.net",
        "x2nd-floor-0123456789-0123456789-0123456789-0123456789-012345678",
    ] {
        for mut recorded in shells() {
            let Some(old) = name(&recorded.capture) else { continue };
            let mut capture = recorded.capture.clone();
            capture.replace(&old, new);
            for line in &mut recorded.lines {
                *line = line.replace(&old, new);
            }
            recorded.name = format!("{} ({old}) as {new}", recorded.name);
            variants.push((recorded, capture));
        }
    }
    assert!(variants.len() > 150, "{}", variants.len());
    kept(variants).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_like_prompts_is_none() {
    let greeting =
        "\r\n*** core-1# is the property of Example Ltd >\r\nsw1#\r\n<sw1>\r\nuser@sw1> \r\n(sw1) >\r\n\r\n";
    let variants = shells().into_iter().map(|recorded| {
        let mut capture = recorded.capture.clone();
        capture.greet_with(greeting);
        (recorded, capture)
    });
    kept(variants.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pager_that_stays_on_is_paged_through() {
    kept(paged(|capture, _| capture)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_only_show_the_configuration_is_enough() {
    let variants = paged(|capture, platform| {
        let refused = platform.paging().off.iter().chain(&platform.commands().info);
        capture.without(&refused.map(String::as_str).collect::<Vec<_>>())
    });
    kept(variants).await;
}

/// Each with its pager on, changed further.
fn paged(change: impl Fn(Capture, &Platform) -> Capture) -> Vec<(Recorded, Capture)> {
    let (mut variants, mut without) = (Vec::new(), Vec::new());
    for recorded in shells() {
        let key = recorded.key();
        let Some((_, shows, answer, wipes)) = PAGERS.iter().find(|(of, ..)| *of == key) else {
            without.push(recorded.name);
            continue;
        };
        let pager = Pager { shows, key: answer, wipes };
        let capture = change(recorded.capture.clone().paged(23, pager), &recorded.platform());
        variants.push((recorded, capture));
    }
    assert_eq!(without, Vec::<String>::new(), "no pager named");
    variants
}
