//! View models of the parts that pages are made of. Their templates escape their own text.

use askama::{Template, filters::HtmlSafe};
use chrono::{DateTime, SecondsFormat, Utc};

/// What a colour says. Never alone: an icon and a word stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Well.
    Ok,
    /// Failed.
    Bad,
    /// To be looked at.
    Warn,
    /// Under way.
    Run,
    /// Nothing to say.
    Idle,
}

impl std::fmt::Display for Tone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Run => "run",
            Self::Idle => "idle",
        })
    }
}

/// A state as icon, word and colour.
#[derive(Debug, Template)]
#[template(path = "parts/badge.html")]
pub struct Badge {
    tone: Tone,
    icon: &'static str,
    label: String,
    busy: bool,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// A badge that says `label`.
    pub fn new(tone: Tone, icon: &'static str, label: impl Into<String>) -> Self {
        Self { tone, icon, label: label.into(), busy: false }
    }

    /// The badge of a job's state or outcome, by its word; other words are shown as they are.
    pub fn of_word(word: &str) -> Self {
        let (tone, icon, label) = match word {
            "queued" => (Tone::Idle, "hourglass", "Queued"),
            "running" => {
                return Self { busy: true, ..Self::new(Tone::Run, "loader-2", "Running") };
            }
            "retrying" => (Tone::Warn, "rotate-clockwise", "Retrying"),
            "succeeded" => (Tone::Ok, "circle-check", "Succeeded"),
            "failed" | "error" => (Tone::Bad, "circle-x", "Failed"),
            "canceled" => (Tone::Idle, "ban", "Canceled"),
            "skipped" => (Tone::Idle, "player-skip-forward", "Skipped"),
            "discarded" => (Tone::Bad, "trash", "Discarded"),
            "stored" => (Tone::Ok, "archive", "Stored"),
            "unchanged" => (Tone::Idle, "equal", "Unchanged"),
            "suspect" => (Tone::Warn, "shield-question", "Suspect"),
            "never" => (Tone::Idle, "circle-dashed", "Never backed up"),
            // The way to a device that sends passwords in clear text (S-62).
            "telnet" => (Tone::Warn, "alert-triangle", "Telnet: clear text"),
            // Of a device that may use old SSH algorithms (S-61).
            "legacy" => (Tone::Warn, "alert-triangle", "Legacy algorithms"),
            "disabled" => (Tone::Idle, "circle-minus", "Disabled"),
            other => return Self::new(Tone::Idle, "info-circle", other),
        };
        Self::new(tone, icon, label)
    }
}

/// Previous and next of a list, and where one is in it.
#[derive(Debug, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    /// Number of the first row shown.
    pub first: u64,
    /// Number of the last row shown.
    pub last: u64,
    /// How many rows can be paged to.
    pub total: u64,
    /// Whether there are more.
    pub is_more: bool,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

impl HtmlSafe for Pager {}

/// A link that does something.
#[derive(Debug)]
pub struct Action {
    /// What it says.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
}

/// A list without rows: what is missing, why, and the one thing to do.
#[derive(Debug, Template)]
#[template(path = "parts/empty.html")]
pub struct Empty {
    /// The picture.
    pub icon: &'static str,
    /// What is missing.
    pub title: &'static str,
    /// Why, and what it is good for.
    pub text: &'static str,
    /// The one thing to do; `None` for those who may not.
    pub action: Option<Action>,
}

impl HtmlSafe for Empty {}

/// An instant: whole for everybody, shortened to "3 minutes ago" where there is script.
#[derive(Debug, Template)]
#[template(path = "parts/time.html")]
pub struct Moment {
    iso: String,
    shown: String,
    relative: bool,
}

impl HtmlSafe for Moment {}

impl Moment {
    /// `at` to the second.
    pub fn exact(at: DateTime<Utc>) -> Self {
        let shown = at.format("%-d %b %Y, %H:%M:%S UTC").to_string();
        Self { iso: at.to_rfc3339_opts(SecondsFormat::Secs, true), shown, relative: false }
    }

    /// `at` to the minute; a script may say how long ago.
    pub fn relative(at: DateTime<Utc>) -> Self {
        let shown = at.format("%-d %b %Y, %H:%M UTC").to_string();
        Self { iso: at.to_rfc3339_opts(SecondsFormat::Secs, true), shown, relative: true }
    }
}

/// An option of a select field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is the one chosen.
    pub chosen: bool,
}

/// What a destructive action touches, and the form that does it.
#[derive(Debug, Template)]
#[template(path = "parts/confirm.html")]
pub struct Confirm<'a> {
    /// The question, with the name of the thing.
    pub question: String,
    /// What goes with it.
    pub touched: Vec<String>,
    /// Whether it can be undone.
    pub consequence: &'static str,
    /// What the button says.
    pub verb: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Where one goes instead.
    pub back: String,
    /// The form token.
    pub csrf: &'a str,
}

impl HtmlSafe for Confirm<'_> {}

/// A configuration with numbered lines that can be linked to (`#L120`).
#[derive(Debug, Template)]
#[template(path = "parts/config.html")]
pub struct ConfigText<'a> {
    /// What a screen reader calls it.
    pub label: &'a str,
    /// The lines, without their ends.
    pub lines: Vec<&'a str>,
}

impl HtmlSafe for ConfigText<'_> {}

/// A line of a job's log.
#[derive(Debug, serde::Serialize)]
pub struct LogLine {
    /// Its number.
    pub seq: i64,
    /// When, for machines.
    pub iso: String,
    /// When, for people.
    pub time: String,
    /// `debug`, `info`, `warning` or `error`.
    pub level: &'static str,
    /// The stage; empty for lines about the job itself.
    pub stage: &'static str,
    /// The words.
    pub text: String,
    /// What a limit cut, in words; empty for a whole line.
    pub was_truncated: &'static str,
}

/// A job's log, live or complete.
#[derive(Debug, Template)]
#[template(path = "parts/log.html")]
pub struct LogView {
    /// The lines so far.
    pub lines: Vec<LogLine>,
    /// The number of the last of them.
    pub last: i64,
    /// Where more lines come from; `None` when the job is done.
    pub live: Option<String>,
}

impl HtmlSafe for LogView {}
