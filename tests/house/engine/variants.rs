//! Every recording and every session by hand of a shell, as that of another device of its kind: under other names, behind
//! a greeting that looks like prompts, with other manners of terminals, and with its pager left on.

mod pagers;

use netraven::{
    domain::job::Outcome,
    platform::{Channel, LineEnding, Screen},
    simulate::{Capture, Device},
};

use crate::support::{
    fleet::patient,
    house::House,
    recorded::{Recorded, everything},
};

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
    assert!(variants.len() > 60, "{} variants only", variants.len());
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

/// The last line of what a device says, which is its prompt.
fn prompt_at(said: &[u8]) -> usize {
    said.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1)
}

/// Something that devices do to all that they say.
type Manner = (&'static str, fn(&[u8]) -> Vec<u8>);

const MANNERS: [Manner; 4] = [
    ("ends lines by CR CR LF", |said| {
        let plain = String::from_utf8_lossy(said).replace('\r', "");
        plain.replace('\n', "\r\r\n").into_bytes()
    }),
    ("draws its prompt twice", |said| {
        let prompt = said.get(prompt_at(said)..).unwrap_or_default();
        [said, b"\r", prompt.trim_ascii_start()].concat()
    }),
    ("sets modes of the terminal in front of its prompt", |said| {
        let (text, prompt) = said.split_at(prompt_at(said));
        [text, b"\x1b[?1l\x1b>\x1b[0m\x1b[?25h", prompt].concat()
    }),
    ("rings the bell and sends NULs", |said| {
        let (text, prompt) = said.split_at(prompt_at(said));
        [text, b"\0\x07\0", prompt].concat()
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn manners_of_terminals_are_no_text() {
    let mut variants = Vec::new();
    for (manner, change) in MANNERS {
        for mut recorded in shells() {
            // A pager in the middle of a line is no prompt.
            if recorded.capture.exchanges().iter().any(|it| it.command.len() == 1 && it.command != "\n") {
                continue;
            }
            let mut capture = recorded.capture.clone();
            capture.each_answer(change);
            recorded.name = format!("{}, which {manner}", recorded.name);
            variants.push((recorded, capture));
        }
    }
    kept(variants).await;
}
