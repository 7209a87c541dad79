//! The configuration as a device shows it at one fetch: its text, the lines that move every time, and the
//! faults that change the text itself. LF line ends.

use super::{
    device::{HOSTNAME, Platform},
    dice::Dice,
    fault::Fault,
    information::now,
    personality::{self, Personality, Show},
    state::State,
};

/// What the device prints for its configuration this time.
pub(super) fn render(state: &State, show: Show, exec: bool) -> Vec<u8> {
    let device = &state.device;
    let faults = state.faults();
    let fetch = state.next_fetch();
    if faults.has(&Fault::Empty) {
        return Vec::new();
    }
    let replaced =
        faults.find(|fault| if let Fault::ErrorText(text) = fault { Some(text.clone()) } else { None });
    if let Some(text) = replaced {
        let own = || personality::complaint(device.platform, "show", exec).0;
        return text.map_or_else(own, |text| format!("{text}\n")).into_bytes();
    }
    let mut body = state.configuration().replace(HOSTNAME, &device.hostname);
    if let Some(every) =
        faults.find(|fault| if let Fault::Mutate(every) = fault { Some(*every) } else { None })
    {
        body = mutated(device.platform, body, state.periods(every));
    }
    if faults.has(&Fault::Shrink) {
        body = shrunk(&body);
    }
    if faults.has(&Fault::PromptInConfig) {
        let prompt = Personality::of(device.platform).draw(device, true);
        let text = format!("{prompt}\n description uplink to {prompt}\n description ends in #\n");
        body = in_the_middle(&body, &text);
    }
    if let Some(size) = faults.find(|fault| if let Fault::Big(size) = fault { Some(*size) } else { None }) {
        body = grown(device.platform, &body, size);
    }
    if show.without_secrets && device.platform == Platform::MikrotikRouteros {
        body = without_secrets(&body);
    }
    let text = dated(device.platform, &body, show, fetch);
    if faults.has(&Fault::Garbage) {
        return garbled(&text);
    }
    if faults.has(&Fault::Escapes) {
        return coloured(&text).into_bytes();
    }
    text.into_bytes()
}

/// `body` with what the platform prints around it; everything added here moves with `fetch` or the clock.
fn dated(platform: Platform, body: &str, show: Show, fetch: u64) -> String {
    let time = now();
    let (before, before_end) = match platform {
        Platform::CiscoIos => (
            format!(
                "Building configuration...\n\nCurrent configuration : {} bytes\n!\n\
                 ! Last configuration change at {} by admin\n! NVRAM config last updated at {} by admin\n!\n",
                u64::try_from(body.len()).unwrap_or(0).saturating_add(fetch),
                time.format("%H:%M:%S UTC %a %b %-d %Y"),
                time.format("%H:%M:%S UTC %a %b %-d %Y"),
            ),
            format!("ntp clock-period {}\n", 17_179_000_u64.saturating_add(fetch)),
        ),
        Platform::AristaEos => {
            let clock = format!("! Time: {} {fetch:03}\n", time.format("%a %b %e %H:%M:%S %Y"));
            let clock = if show.without_time { String::new() } else { clock };
            (format!("! Command: show running-config\n{clock}"), String::new())
        }
        Platform::JuniperJunos => (
            format!("## Last commit: {} by admin\n", time.format("%Y-%m-%d %H:%M:%S.%3f UTC")),
            String::new(),
        ),
        Platform::MikrotikRouteros => (
            format!(
                "# {} by RouterOS 7.16.2\n# software id = 7XKW-PH2L\n#\n# model = RB5009UPr+S+\n",
                time.format("%Y-%m-%d %H:%M:%S")
            ),
            String::new(),
        ),
        Platform::Frr => {
            ("Building configuration...\n\nCurrent configuration:\n!\n".to_owned(), String::new())
        }
        Platform::Linux | Platform::PaloaltoPanosApi => (String::new(), String::new()),
    };
    let (head, tail) = at_end_mark(body);
    let mut text = String::with_capacity(before.len() + body.len() + before_end.len());
    for part in [before.as_str(), head, before_end.as_str(), tail] {
        text.push_str(part);
    }
    text
}

/// Splits before a last line that is `end`, Linux's `### end` or an end tag; without one everything is head.
fn at_end_mark(body: &str) -> (&str, &str) {
    let trimmed = body.trim_end();
    let head = ["### end", "end", "</config>"]
        .iter()
        .filter_map(|mark| trimmed.strip_suffix(mark))
        .find(|head| head.ends_with('\n'));
    head.and_then(|head| body.split_at_checked(head.len())).unwrap_or((body, ""))
}

/// The configuration after `changes` changes.
fn mutated(platform: Platform, body: String, changes: u128) -> String {
    if changes == 0 {
        return body;
    }
    let host = changes.checked_rem(250).unwrap_or(0).saturating_add(1);
    match platform {
        Platform::CiscoIos | Platform::AristaEos | Platform::Frr => {
            let (head, tail) = at_end_mark(&body);
            format!("{head}ip route 198.51.100.{host} 255.255.255.255 Null0\n{tail}")
        }
        Platform::JuniperJunos => {
            body.replacen("system {\n", &format!("system {{\n    location building change-{changes};\n"), 1)
        }
        Platform::MikrotikRouteros => {
            format!("{body}/ip route\nadd blackhole dst-address=198.51.100.{host}/32\n")
        }
        Platform::Linux => {
            let (head, tail) = at_end_mark(&body);
            format!("{head}# change {changes}\n{tail}")
        }
        Platform::PaloaltoPanosApi => {
            let (head, tail) = at_end_mark(&body);
            format!("{head}  <!-- change {changes} -->\n{tail}")
        }
    }
}

/// A fifth of the lines: the first ones and the end mark, with every brace and every XML element closed.
fn shrunk(body: &str) -> String {
    let lines: Vec<&str> = body.lines().collect();
    let keep = lines.len().div_euclid(5).max(1);
    let (head, tail) = at_end_mark(body);
    let mut text: String = head.lines().take(keep).flat_map(|line| [line, "\n"]).collect();
    let open = text.matches('{').count().saturating_sub(text.matches('}').count());
    text.push_str(&"}\n".repeat(open));
    if tail.starts_with("</") {
        text.push_str(&end_tags(&text));
    }
    text.push_str(tail);
    text
}

/// The end tags that are missing from an XML text of one tag or whole element a line, but for that of the root.
fn end_tags(text: &str) -> String {
    let mut open = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("</") {
            open.pop();
        } else if let Some(tag) = line.strip_prefix('<')
            && !tag.starts_with(['?', '!'])
            && !line.contains("</")
            && !line.ends_with("/>")
        {
            open.push(tag.split([' ', '>']).next().unwrap_or_default());
        }
    }
    open.iter().skip(1).rev().flat_map(|name| ["</", name, ">\n"]).collect()
}

/// `extra` after the line in the middle of `body`.
fn in_the_middle(body: &str, extra: &str) -> String {
    let middle = body.lines().count().div_euclid(2);
    let mut text = String::with_capacity(body.len() + extra.len());
    for (at, line) in body.split_inclusive('\n').enumerate() {
        if at == middle {
            text.push_str(extra);
        }
        text.push_str(line);
    }
    text
}

/// A whole configuration of at least `size` bytes.
fn grown(platform: Platform, body: &str, size: usize) -> String {
    let missing = size.saturating_sub(body.len());
    let comment = match platform {
        Platform::JuniperJunos => "/* the quick brown fox jumps over the lazy dog, again and again */\n",
        Platform::CiscoIos | Platform::AristaEos | Platform::Frr => {
            "! the quick brown fox jumps over the lazy dog, again and again\n"
        }
        Platform::PaloaltoPanosApi => {
            "<!-- the quick brown fox jumps over the lazy dog, again and again -->\n"
        }
        Platform::MikrotikRouteros | Platform::Linux => {
            "# the quick brown fox jumps over the lazy dog, again and again\n"
        }
    };
    let filler = comment.repeat(missing.div_ceil(comment.len()));
    let (head, tail) = at_end_mark(body);
    format!("{head}{filler}{tail}")
}

/// As `RouterOS` 7 exports without `show-sensitive`.
fn without_secrets(body: &str) -> String {
    const SECRET: &[&str] =
        &["password=", "secret=", "passphrase=", "private-key=", "pre-shared-key=", "key="];
    let clean = |line: &str| {
        let words = line.split(' ').filter(|word| !SECRET.iter().any(|secret| word.starts_with(secret)));
        words.collect::<Vec<_>>().join(" ")
    };
    body.lines().map(|line| clean(line) + "\n").collect()
}

/// Line noise: 600 random bytes with escape sequences after the middle of `text`.
fn garbled(text: &str) -> Vec<u8> {
    let mut dice = Dice::unpredictable();
    let noise = (0..600).map(|_| u8::try_from(dice.below(256)).unwrap_or(0));
    let mut bytes = Vec::with_capacity(text.len() + 640);
    let (head, tail) = text.as_bytes().split_at(text.len().div_euclid(2));
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(b"\x1b[2J\x1b]52;c;Zm9v\x07\x1b[31");
    bytes.extend(noise);
    bytes.extend_from_slice(b"\x00\xff\xfe\x1b[1;1H");
    bytes.extend_from_slice(tail);
    bytes
}

/// Colours, cursor movements that go nowhere and a window title; nothing of `text` is lost.
fn coloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    out.push_str("\x1b]0;configuration\x07\x1b[?25l");
    for line in text.split_inclusive('\n') {
        let (words, end) = line.strip_suffix('\n').map_or((line, ""), |words| (words, "\n"));
        out.push_str("\x1b[1;32m");
        out.push_str(words);
        out.push_str("\x1b[0m\x1b[K");
        out.push_str(end);
    }
    out.push_str("\x1b[?25h");
    out
}
