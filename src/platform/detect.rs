//! Which platform a device is of: what it showed and said, weighed against what each platform's file says of itself.
//!
//! Certainty is what is left of doubt. Each sign that is there takes its share of the doubt away, so that several weak signs
//! make a strong one and none makes certainty. Everything counts in thousandths.

use regex::Regex;

use super::{InfoOutput, Platform, Platforms, visible};

/// The commands that may be sent to find a platform out: they only read, on every device that knows them, and one that does
/// not know them complains. Where several promise the same, the first of them is asked: the more usual one.
pub const SAFE: &[&str] = &[
    "show version",
    "show version all",
    "show system",
    "get system status",
    "display version",
    "show system info",
    "show sysinfo",
    "show system-info",
    "get system",
    "uname -a",
    "opnsense-version",
    "/system resource print",
    "show sys version",
    "show sys-info",
    "show ns version",
    "cat /etc/board.info",
    "software show",
    "show switch",
    "show info",
    "version",
];

/// So many of them are sent at most.
pub const MOST_COMMANDS: usize = 2;

/// From this certainty on, in percent, a platform is proposed.
pub const PROPOSED: u8 = 50;

/// What the answer to a command leaves of doubt where a file does not say how sure it makes.
pub(super) const USUALLY_SURE: u8 = 85;

/// Doubt that is left after the identification of the SSH server, after the greeting and after a complaint, and the share of
/// the doubt that a prompt takes away which no other platform has.
const AFTER_IDENTIFICATION: u32 = 500;
const AFTER_GREETING: u32 = 400;
const AFTER_COMPLAINT: u32 = 750;
const OWN_PROMPT: u32 = 500;

/// From this certainty on nothing more is asked; below the other, a platform's command is not worth asking.
const ENOUGH: u32 = 800;

/// Two that are nearer to each other than this cannot be told apart.
const ALIKE: u32 = 100;

/// The longest piece of what a device said that is quoted, in characters.
const LONGEST_QUOTE: usize = 60;

/// How devices of a platform show what they are.
#[derive(Debug)]
pub struct Detect {
    /// What their SSH server calls itself.
    pub identification: Option<Regex>,
    /// What they say before the first prompt.
    pub greeting: Option<Regex>,
    /// One of [`SAFE`], and what its answer holds.
    pub says: Option<(String, Regex)>,
    /// How sure the answer alone makes, in percent.
    pub sure: u8,
    /// How they complain about a command that they do not know.
    pub complains: Option<Regex>,
}

/// What was seen of a device.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What its SSH server calls itself; empty by telnet.
    pub identification: String,
    /// What it said before the first prompt.
    pub greeting: String,
    /// Its prompt; empty where there was none.
    pub prompt: Vec<u8>,
    /// What it said to the commands that were sent, complaints too.
    pub answers: Vec<InfoOutput>,
}

/// What a device may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The platform's key.
    pub platform: String,
    /// How sure, in percent.
    pub sure: u8,
    /// What speaks for it, in words; pieces of what the device said in them are not masked.
    pub reasons: Vec<String>,
}

/// What a device's prompt says about a platform.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OfPrompt {
    /// There was none.
    Unseen,
    /// So many platforms have such a one, and this is among them.
    Shared(usize),
    /// Others have such a one: the platform's file would not know it.
    Foreign,
}

struct Weighed<'a> {
    platform: &'a Platform,
    certainty: u32,
    reasons: Vec<String>,
}

/// What the device may be, the likeliest first. Where two are as likely as each other, neither is half as likely as it would
/// be alone.
pub fn guesses(platforms: &Platforms, seen: &Seen) -> Vec<Guess> {
    let all: Vec<_> = platforms.all().collect();
    let mut weighed = weighed(&all, seen);
    let second = weighed.get(1).map_or(0, |it| it.certainty);
    if let Some(first) = weighed.first_mut().filter(|first| second + ALIKE > first.certainty) {
        first.certainty /= 2;
        let half = first.certainty;
        for other in weighed.iter_mut().skip(1) {
            other.certainty = other.certainty.min(half);
        }
    }
    let guess = |it: Weighed<'_>| Guess {
        platform: it.platform.key.clone(),
        sure: u8::try_from(it.certainty / 10).unwrap_or(u8::MAX),
        reasons: it.reasons,
    };
    weighed.into_iter().map(guess).filter(|guess| guess.sure > 0).collect()
}

/// The command that promises most to find out more; `None` when enough is known, or nothing more can be.
pub fn next_command(platforms: &Platforms, seen: &Seen) -> Option<String> {
    let all: Vec<_> = platforms.all().collect();
    let weighed = weighed(&all, seen);
    let [first, second] = [0, 1].map(|at| weighed.get(at).map_or(0, |it: &Weighed<'_>| it.certainty));
    if seen.answers.len() >= MOST_COMMANDS || (first >= ENOUGH && second + ALIKE <= first) {
        return None;
    }
    let open = weighed.iter().filter_map(|Weighed { platform, certainty, .. }| {
        let (command, _) = platform.detect.as_ref()?.says.as_ref()?;
        let rank = SAFE.iter().position(|safe| safe == command);
        answer(seen, command).is_none().then_some((*certainty, std::cmp::Reverse(rank), command))
    });
    open.max().map(|(_, _, command)| command.clone())
}

fn answer<'s>(seen: &'s Seen, command: &str) -> Option<&'s str> {
    seen.answers.iter().find(|it| it.command == command).map(|it| it.text.as_str())
}

fn weighed<'a>(platforms: &'a [std::sync::Arc<Platform>], seen: &Seen) -> Vec<Weighed<'a>> {
    let has_prompt = |platform: &Platform| platform.prompt.is_match(&seen.prompt);
    let alike = platforms.iter().filter(|it| !seen.prompt.is_empty() && has_prompt(it)).count();
    let known = platforms.iter().filter_map(|platform| Some((platform, platform.detect.as_ref()?)));
    let mut all: Vec<_> = known
        .map(|(platform, detect)| {
            let of_prompt = match (seen.prompt.is_empty(), has_prompt(platform)) {
                (true, _) => OfPrompt::Unseen,
                (false, true) => OfPrompt::Shared(alike),
                (false, false) => OfPrompt::Foreign,
            };
            weigh(platform, detect, (seen, of_prompt))
        })
        .collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.certainty));
    all
}

fn weigh<'a>(platform: &'a Platform, detect: &Detect, (seen, of_prompt): (&Seen, OfPrompt)) -> Weighed<'a> {
    let (mut doubt, mut reasons) = (1000, Vec::new());
    let mut sign = |left: u32, reason: String| {
        doubt = doubt * left / 1000;
        reasons.push(reason);
    };
    let found =
        |pattern: &Option<Regex>, text: &str| pattern.as_ref()?.find(text).map(|it| quoted(it.as_str()));
    if let Some(piece) = found(&detect.identification, &seen.identification) {
        sign(AFTER_IDENTIFICATION, format!("its SSH server calls itself `{piece}`"));
    }
    if let Some(piece) = found(&detect.greeting, &seen.greeting) {
        sign(AFTER_GREETING, format!("its greeting says `{piece}`"));
    }
    if let OfPrompt::Shared(alike) = of_prompt {
        let prompt = quoted(&String::from_utf8_lossy(&seen.prompt));
        let others = u32::try_from(alike).unwrap_or(u32::MAX).max(1);
        let as_others =
            if others == 1 { "as only these devices have it" } else { "as these devices have it" };
        sign(1000 - OWN_PROMPT / others, format!("its prompt is `{prompt}`, {as_others}"));
    }
    let asked =
        detect.says.as_ref().and_then(|(command, says)| Some((command, says, answer(seen, command)?)));
    let says = asked.map(|(command, says, text)| (command, says.find(text).map(|it| quoted(it.as_str()))));
    if let Some((command, Some(piece))) = &says {
        sign(1000 - u32::from(detect.sure) * 10, format!("`{command}` says `{piece}`"));
    }
    let complaint = seen.answers.iter().find_map(|it| found(&detect.complains, &it.text));
    if let Some(piece) = complaint {
        sign(AFTER_COMPLAINT, format!("it answers `{piece}` to a command that it does not know"));
    }
    let mut certainty = 1000 - doubt;
    if of_prompt == OfPrompt::Foreign {
        certainty /= 2;
    }
    if matches!(says, Some((_, None))) {
        certainty /= 4;
    }
    Weighed { platform, certainty, reasons }
}

/// A piece of what a device said, on one line.
fn quoted(piece: &str) -> String {
    let words = piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(LONGEST_QUOTE).collect();
    visible(if short.len() < words.len() { short + "…" } else { short }.as_str())
}
