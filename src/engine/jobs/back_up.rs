//! Takes a device's configuration: dial, talk, judge, and once more where the text is suspiciously short.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{
    Desk, Done,
    allowance::Allowance,
    device_keys::DeviceKeys,
    find_out,
    ways_in::{self, Talk},
};
use crate::{
    domain::{
        backup::{NewBackup, count_lines},
        credential::Accepted,
        entry::{Cut, Level},
        fact::{FactChange, Facts, Learned},
        failure::{Failure, FailureClass, Stage},
        job::{Claimed, Ended},
        secret::Secret,
    },
    engine::{
        aside::aside,
        dialogue,
        journal::JobLog,
        transport::{Log, Target},
    },
    platform::{Capture, MaskKey, leaks, mask_generic, shrunk},
    service::{
        Core, Fault,
        queue::{self, Assignment},
    },
};

/// How many of the device's last lines are kept with a failure.
const SCREEN_LINES: usize = 24;

/// In how much of what came secrets are looked for before it is cut to those lines.
const SCREEN_BYTES: usize = 256 * 1024;

/// Does the job.
pub async fn run(desk: &Desk<'_>, job: &Claimed, stop: &CancellationToken) -> Result<Done, Fault> {
    let (core, journal) = (desk.core, desk.journal);
    let assignment = match queue::assignment(core, job).await? {
        Ok(assignment) => assignment,
        Err(failure) => {
            let log = journal.open(job.hold(), 0, core.clock.clone());
            log.say(Level::Error, failure.stage, &failure.message);
            return Ok(Done::failed(failure));
        }
    };
    let hidden = hidden(&assignment);
    let log = journal.open(job.hold(), assignment.last_seq, core.clock.clone()).hiding(hidden);
    if job.attempt > 1 {
        let before = job.before.as_deref().unwrap_or("it was interrupted.");
        log.note(Level::Warning, &format!("Attempt {}. The one before: {before}", job.attempt));
    }
    let allowance = Allowance::new(desk, job, &assignment, &log);
    let (ended, accepted) = tokio::select! {
        taken = take_or_find_out(desk, &assignment, &allowance, &log) => taken,
        () = stop.cancelled() => {
            let text = "The job was stopped; the session was closed.";
            (Err(Failure::new(FailureClass::Canceled, Stage::Command, text)), None)
        }
    };
    let ended = ended.unwrap_or_else(|failure| Ended::Failed(told(core, &assignment, &log, &failure)));
    let transcript = match &ended {
        Ended::Captured(_) | Ended::Answered(_) | Ended::Proposed(_) => None,
        Ended::Doubted { .. } | Ended::Failed(_) => log.transcript(),
    };
    Ok(Done { ended, platform: Some(assignment.platform), known: assignment.known, transcript, accepted })
}

/// Every secret that may be sent, so that none comes back in a log line (S-48).
pub(super) fn hidden(assignment: &Assignment) -> Vec<Secret> {
    let of_device = assignment.attempts.iter().map(|attempt| &attempt.secrets);
    let all = of_device.chain(assignment.way.iter().map(|hop| hop.secrets.as_ref()));
    let secrets =
        all.flat_map(|known| [&known.password, &known.enable, &known.passphrase, &known.private_key]);
    secrets.flatten().cloned().collect()
}

/// A failure as it may be kept: secrets masked, control characters visible, its line in the log.
pub(super) fn told(core: &Core, assignment: &Assignment, log: &JobLog, failure: &Failure) -> Failure {
    let mask = |text: &str| assignment.platform.masked(text.as_bytes(), &core.mask);
    // The whole of what came and then its last lines, because a private key spans many; by the rules for all platforms too, because it may
    // hold what no configuration does. Our own messages are words, which those rules would take for secrets.
    let screen = |text: &str| {
        let masked = mask_generic(&mask(text), &core.mask);
        let mut last: Vec<String> =
            masked.lines().rev().take(SCREEN_LINES).map(|line| log.fit(line)).collect();
        last.reverse();
        let all = masked.lines().count();
        if all > last.len() {
            let text = format!("The last screen holds {} of at least {all} lines that came.", last.len());
            log.cut(Some(failure.stage), Cut::Screen, &text);
        }
        last.join("\n")
    };
    let told = Failure {
        class: failure.class,
        stage: failure.stage,
        message: log.fit(&mask(&failure.message)),
        screen: failure.screen.as_deref().map(screen),
        credential: failure.credential.clone(),
    };
    log.say(Level::Error, told.stage, &format!("{}: {}", told.class, told.message));
    told
}

/// A capture that was found whole.
struct Taken {
    capture: Capture,
    lines: usize,
}

type Ending = (Result<Ended, Failure>, Option<Accepted>);

async fn take_or_find_out(
    desk: &Desk<'_>,
    assignment: &Assignment,
    allowance: &Allowance<'_>,
    log: &JobLog,
) -> Ending {
    if assignment.platform.is_auto() {
        find_out::run(desk, assignment, allowance, log).await
    } else {
        take(desk, assignment, allowance, log).await
    }
}

async fn take(desk: &Desk<'_>, assignment: &Assignment, allowance: &Allowance<'_>, log: &JobLog) -> Ending {
    let session = Collect { desk, assignment, log };
    let tried = ways_in::try_all(desk, assignment, log, allowance, &session).await;
    let accepted = tried.accepted();
    let (taken, way) = match (tried.result, tried.way) {
        (Ok(taken), Some(way)) => (taken, way),
        (Err(failure), _) => return (Err(failure), accepted),
        (Ok(taken), None) => return (good((assignment, &desk.core.mask), taken, log).await, accepted),
    };
    let Some(reason) = too_short(assignment, &taken) else {
        return (good((assignment, &desk.core.mask), taken, log).await, accepted);
    };
    // Devices that were just rebooted, and pagers that were not, give a part the first time.
    log.say(Level::Warning, Stage::Check, &format!("{reason} Taking it again."));
    let target = ways_in::target(desk, assignment, Some(way.attempt));
    let again = match allowance.within(session.talk(&target)).await {
        Ok(again) => again,
        Err(failure) => return (Err(failure), accepted),
    };
    let ended = match too_short(assignment, &again) {
        None => good((assignment, &desk.core.mask), again, log).await,
        Some(reason) => {
            let reason = format!("{reason} It was so twice in a row, so it is kept apart.");
            log.say(Level::Error, Stage::Check, &reason);
            Ok(Ended::Doubted { raw: again.capture.raw, reason })
        }
    };
    (ended, accepted)
}

/// Why a whole capture is not believed, if it is not.
fn too_short(assignment: &Assignment, taken: &Taken) -> Option<String> {
    let (known, lines) = (assignment.known.as_ref()?, taken.lines);
    let last = known.lines;
    let is_accepted = known.accepted.is_some_and(|least| lines >= least);
    (shrunk(last, lines) && !is_accepted)
        .then(|| format!("The configuration has {lines} lines; the last good one had {last}."))
}

async fn good(
    (assignment, key): (&Assignment, &MaskKey),
    taken: Taken,
    log: &JobLog,
) -> Result<Ended, Failure> {
    let Taken { capture, lines } = taken;
    let bytes = capture.raw.len();
    log.say(Level::Info, Stage::Check, &format!("The configuration is whole: {bytes} bytes, {lines} lines."));
    let info =
        capture.info.iter().map(|output| format!("### {}\n{}\n", output.command, output.text.trim_end()));
    let (info, platform) = (info.collect(), assignment.platform.clone());
    let key = key.clone();
    // The others of one length differ in a date, mostly, and looking costs more than the comparison; the page always looks
    // for what no rule masks and for what the device hid.
    let is_new = assignment.known.as_ref().is_none_or(|known| known.lines != lines);
    let (raw, facts, hides_secrets, leaks, contexts) = aside(bytes, move || {
        let hides_secrets = is_new && platform.hides_secrets(&capture.raw);
        let facts = platform.facts(&capture);
        let leaks = if is_new { leaks(&platform.masked(&capture.raw, &key)).len() } else { 0 };
        let contexts = platform.contexts(&capture.raw).names().join(", ");
        (capture.raw, facts, hides_secrets, leaks, contexts)
    })
    .await?;
    if !contexts.is_empty() {
        log.say(Level::Info, Stage::Check, &format!("The contexts in it: {contexts}."));
    }
    if leaks > 0 {
        let text = format!(
            "{leaks} lines may hold secrets that no rule of the platform masks; the version's page names them."
        );
        log.say(Level::Warning, Stage::Check, &text);
    }
    let learned = learned(assignment, facts, log);
    if hides_secrets {
        let text = "The device itself left secrets out of its configuration; it cannot be restored from this text alone.";
        log.say(Level::Warning, Stage::Check, text);
    }
    Ok(Ended::Captured(NewBackup { raw, info, learned }))
}

/// Tells what the device says of itself, and what of that is another than before.
fn learned(assignment: &Assignment, told: Facts, log: &JobLog) -> Learned {
    if !told.is_empty() {
        let all = told.iter().map(|(name, value)| format!("{} {value}", name.as_str().replace('_', " ")));
        let all: Vec<String> = all.collect();
        log.say(Level::Info, Stage::Check, &format!("The device says of itself: {}.", all.join(", ")));
    }
    let learned = Learned::of(&assignment.facts, told);
    for FactChange { name, before, after } in &learned.changes {
        let Some(before) = before else { continue };
        let word = name.as_str().replace('_', " ");
        let (level, end) = if name.is_identity() {
            (Level::Warning, " Another device may stand there.")
        } else {
            (Level::Info, "")
        };
        log.say(level, Stage::Check, &format!("The {word} was {before} and is {after} now.{end}"));
    }
    learned
}

/// A session that takes the configuration.
struct Collect<'a> {
    desk: &'a Desk<'a>,
    assignment: &'a Assignment,
    log: &'a JobLog,
}

impl ways_in::Talk<Taken> for Collect<'_> {
    fn talk<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Taken, Failure>> {
        Box::pin(collect(self.desk, self.assignment, target, self.log))
    }
}

async fn collect(
    desk: &Desk<'_>,
    assignment: &Assignment,
    target: &Target,
    log: &JobLog,
) -> Result<Taken, Failure> {
    let keys = Arc::new(DeviceKeys::of(desk.core, assignment));
    let (platform, mask) = (assignment.platform.clone(), desk.core.mask.clone());
    let capture = dialogue::collect(target, &platform, keys, log).await?;
    aside(capture.raw.len(), move || match platform.judge(&capture) {
        Ok(()) => Ok(Taken { lines: count_lines(&capture.raw), capture }),
        Err(doubt) => {
            let start = capture.raw.len().saturating_sub(SCREEN_BYTES);
            let end = capture.raw.get(start..).unwrap_or_default();
            let end = String::from_utf8_lossy(end);
            let message = platform.told(&doubt, &capture.raw, |text| platform.masked(text.as_bytes(), &mask));
            Err(Failure::new(doubt.class, Stage::Check, message).with_screen(end))
        }
    })
    .await?
}
