//! Finds out which platform a device is of. Whatever comes of it, no text of the device is kept as a configuration.

use std::{fmt::Write, sync::Arc};

use futures_util::future::BoxFuture;

use super::{
    Desk,
    allowance::Allowance,
    device_keys::DeviceKeys,
    ways_in::{self, Talk},
};
use crate::{
    domain::{
        credential::Accepted,
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        job::Ended,
        proposal::Proposal,
    },
    engine::{
        aside::aside,
        dialogue,
        journal::JobLog,
        transport::{Log, Target},
    },
    platform::{Guess, PROPOSED, Seen, guesses, mask_generic, visible},
    service::{Core, platforms, queue::Assignment},
};

/// How much of what a device said is quoted where nothing fits, in characters.
const QUOTED: usize = 120;

struct Look<'a> {
    desk: &'a Desk<'a>,
    assignment: &'a Assignment,
    log: &'a JobLog,
}

impl Talk<Seen> for Look<'_> {
    fn talk<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Seen, Failure>> {
        Box::pin(async move {
            let core = self.desk.core;
            let keys = Arc::new(DeviceKeys::of(core, self.assignment));
            let known = (&self.assignment.platform, &core.platforms);
            dialogue::look(target, known, keys, self.log).await
        })
    }
}

/// Signs in once, looks, and ends with a proposal or with what was seen.
pub(super) async fn run(
    desk: &Desk<'_>,
    assignment: &Assignment,
    allowance: &Allowance<'_>,
    log: &JobLog,
) -> (Result<Ended, Failure>, Option<Accepted>) {
    log.note(Level::Info, "The device's platform is to be found out: no backup will be taken.");
    let session = Look { desk, assignment, log };
    let tried = ways_in::try_all(desk, assignment, log, allowance, &session).await;
    let accepted = tried.accepted();
    match tried.result {
        Ok(seen) => (judged(desk.core, seen, log).await, accepted),
        Err(failure) => (Err(failure), accepted),
    }
}

async fn judged(core: &Core, seen: Seen, log: &JobLog) -> Result<Ended, Failure> {
    let platforms = core.platforms.clone();
    let (guesses, seen) = aside(usize::MAX, move || (guesses(&platforms, &seen), seen)).await?;
    let fit = |text: &str| log.fit(&mask_generic(text, &core.mask));
    let title = |guess: &Guess| format!("{} ({} %)", platforms::title(core, &guess.platform), guess.sure);
    let Some(best) = guesses.first().filter(|best| best.sure >= PROPOSED) else {
        let nearest: Vec<String> = guesses.iter().take(2).map(title).collect();
        let nearest = if nearest.is_empty() { "none".to_owned() } else { nearest.join(" and ") };
        let message = fit(&format!(
            "No platform fits well enough; nearest: {nearest}. {} Choose the platform on the device's form.",
            in_words(&seen)
        ));
        let failure = Failure::new(FailureClass::UnknownPlatform, Stage::Check, message);
        return Err(failure.with_screen(screen(&seen)));
    };
    let proposal = Proposal {
        platform: best.platform.clone(),
        sure: best.sure,
        reasons: best.reasons.iter().map(|reason| fit(reason)).collect(),
        second: guesses.get(1).map(|second| (second.platform.clone(), second.sure)),
    };
    let text = format!("It looks like {}: {}.", title(best), proposal.reasons.join(", "));
    log.say(Level::Info, Stage::Check, &text);
    Ok(Ended::Proposed(proposal))
}

/// What was seen, in a sentence.
fn in_words(seen: &Seen) -> String {
    let short = |text: &str| {
        let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        visible(line.trim()).chars().take(QUOTED).collect::<String>()
    };
    let mut words = format!("Seen: the prompt `{}`", short(&String::from_utf8_lossy(&seen.prompt)));
    if !seen.identification.is_empty() {
        // Writing into a String cannot fail.
        let _ = write!(words, ", the SSH server `{}`", short(&seen.identification));
    }
    for answer in &seen.answers {
        let _ = write!(words, ", to `{}` the answer `{}`", answer.command, short(&answer.text));
    }
    words.push('.');
    words
}

/// All of what was seen, as a terminal would show it.
fn screen(seen: &Seen) -> String {
    let prompt = String::from_utf8_lossy(&seen.prompt);
    let mut shown = seen.greeting.clone();
    for answer in &seen.answers {
        // Writing into a String cannot fail.
        let _ = write!(shown, "{prompt} {}\n{}", answer.command, answer.text);
    }
    shown
}
