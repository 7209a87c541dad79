//! What a check of a changed platform file found, for people.

use crate::{
    domain::{
        id::BackupId,
        replay::{Heard, Line, Replay},
    },
    service::platforms::effects::Effects,
    web::{
        href,
        parts::{Badge, Tone},
        words,
    },
};

/// Versions that are named, at most.
const NAMED: usize = 10;

/// One finding about the kept versions.
#[derive(Debug)]
pub(super) struct Finding {
    pub badge: Badge,
    pub text: String,
    pub versions: Vec<(String, String)>,
    pub more: usize,
}

/// What would be different.
#[derive(Debug)]
pub(super) struct EffectsView {
    pub looked: String,
    pub findings: Vec<Finding>,
    pub unseen: Vec<String>,
}

fn finding(tone: Tone, text: &str, versions: &[BackupId]) -> Option<Finding> {
    let icon = match tone {
        Tone::Ok | Tone::Run => "circle-check",
        Tone::Idle => "info-circle",
        Tone::Warn | Tone::Bad => "alert-triangle",
    };
    let count = i64::try_from(versions.len()).unwrap_or(i64::MAX);
    (!versions.is_empty()).then(|| Finding {
        badge: Badge::new(tone, icon, words::count(count, "version")),
        text: text.to_owned(),
        versions: versions.iter().take(NAMED).map(|id| (id.to_string(), href::backup(*id))).collect(),
        more: versions.len().saturating_sub(NAMED),
    })
}

impl From<Effects> for EffectsView {
    fn from(found: Effects) -> Self {
        let count = |number: usize, word| words::count(i64::try_from(number).unwrap_or(i64::MAX), word);
        let more = if found.is_cut { " There are more, which were not looked through." } else { "" };
        let looked = format!(
            "The newest {} of {} by today's rules and by these.{more}",
            count(found.versions, "version"),
            count(found.devices, "device")
        );
        let refused: Vec<BackupId> = found.refused.iter().map(|(id, _)| *id).collect();
        let why = found.refused.first().map(|(_, why)| why.as_str()).unwrap_or_default();
        let findings = [
            finding(Tone::Bad, &format!("would not be believed: {why}"), &refused),
            finding(Tone::Bad, "would show secrets that are covered today", &found.bared),
            finding(Tone::Ok, "would have more secrets covered", &found.covered),
            finding(Tone::Warn, "count as unchanged today and would count as changed", &found.parted),
            finding(Tone::Ok, "would not have been kept: nothing but noise changed", &found.folded),
        ];
        Self { looked, findings: findings.into_iter().flatten().collect(), unseen: found.unseen }
    }
}

/// A step of a recorded session.
#[derive(Debug)]
pub(super) struct Step {
    pub sent: String,
    pub lines: usize,
    pub last_line: String,
    pub is: Badge,
    pub complaint: Option<String>,
}

/// A recorded session, heard again.
#[derive(Debug)]
pub(super) struct ReplayView {
    pub steps: Vec<Step>,
    pub verdict: Badge,
    pub why: String,
}

fn known(line: Line, is_shell: bool) -> Badge {
    match line {
        Line::Banner => Badge::new(Tone::Ok, "circle-check", "Greeting that waits for a key"),
        Line::Username => Badge::new(Tone::Ok, "circle-check", "Question for the user name"),
        Line::Password => Badge::new(Tone::Ok, "circle-check", "Question for the password"),
        Line::Pager => Badge::new(Tone::Ok, "circle-check", "Pager"),
        Line::Question => Badge::new(Tone::Ok, "circle-check", "Question that is answered"),
        Line::Prompt => Badge::new(Tone::Ok, "circle-check", "Prompt"),
        Line::EnableNeeded => Badge::new(Tone::Ok, "circle-check", "Prompt before privileged mode"),
        Line::Unknown if is_shell => Badge::new(Tone::Bad, "alert-triangle", "No rule knows this line"),
        Line::Unknown => Badge::new(Tone::Idle, "info-circle", "Answer"),
    }
}

impl ReplayView {
    pub(super) fn of(replay: Replay, is_shell: bool) -> Self {
        let step = |heard: Heard| Step {
            sent: heard.sent,
            lines: heard.lines,
            last_line: heard.last_line,
            is: known(heard.is, is_shell),
            complaint: heard.complaint,
        };
        let (verdict, why) = match replay.configuration {
            Some(Ok(lines)) => (
                Badge::new(Tone::Ok, "circle-check", "Whole"),
                format!("The configuration is whole by these rules: {lines} lines."),
            ),
            Some(Err(why)) => (Badge::new(Tone::Bad, "alert-triangle", "Not believed"), why),
            None => (
                Badge::new(Tone::Idle, "info-circle", "No configuration"),
                "This session holds no answer to the configuration command of these rules.".to_owned(),
            ),
        };
        Self { steps: replay.heard.into_iter().map(step).collect(), verdict, why }
    }
}
