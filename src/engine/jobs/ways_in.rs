//! Trying a device's credentials one after the other, until one is accepted or something else goes wrong.

use super::{Desk, allowance::Allowance, on_the_way};
use crate::{
    domain::{
        credential::Accepted,
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::{
        gates::Pass,
        journal::JobLog,
        transport::{Log, Target},
    },
    service::{
        Core, Fault, credentials,
        queue::{Assignment, Attempt},
    },
};

/// The way that was let in, to be used again in the same job.
pub struct WayIn<'a> {
    /// The credential.
    pub attempt: &'a Attempt,
}

/// Whom to talk to, with these secrets.
pub fn target(desk: &Desk<'_>, assignment: &Assignment, attempt: Option<&Attempt>) -> Target {
    let device = &assignment.device;
    let secrets = attempt.map(|attempt| &attempt.secrets);
    Target {
        host: device.address.clone(),
        port: device.port,
        further: assignment.reach.further_places(device.port),
        way: on_the_way::hops(desk, assignment),
        transport: device.transport,
        algorithms: assignment.reach.algorithms,
        username: secrets.map(|secrets| secrets.username.clone()).unwrap_or_default(),
        password: secrets.and_then(|secrets| secrets.password.clone()),
        enable: secrets.and_then(|secrets| secrets.enable.clone()),
        private_key: secrets.and_then(|secrets| secrets.private_key.clone()),
        passphrase: secrets.and_then(|secrets| secrets.passphrase.clone()),
        deadlines: desk.deadlines.clone(),
        let_in: tokio_util::sync::CancellationToken::new(),
    }
}

/// What came of trying.
pub struct Tried<'a, T> {
    /// What the session brought, or why none did.
    pub result: Result<T, Failure>,
    /// The way that was let in.
    pub way: Option<WayIn<'a>>,
}

impl<T> Tried<'_, T> {
    /// What is noted of the accepted credential.
    pub fn accepted(&self) -> Option<Accepted> {
        self.way.as_ref().map(|way| way.attempt.accepted.clone())
    }
}

/// A session with one target.
pub trait Talk<T>: Sync {
    /// Holds it.
    fn talk<'a>(&'a self, target: &'a Target) -> futures_util::future::BoxFuture<'a, Result<T, Failure>>;
}

const ANSWER: &str = "The answer could not be written down, and without that nothing more is tried.";

/// Something could not be written down, and nothing more is done.
fn unwritten<'a, T>(core: &Core, fault: &Fault, text: &str) -> Tried<'a, T> {
    core.outage.notices(fault);
    tracing::error!(error = %fault, "what happens to a credential could not be written down");
    Tried { result: Err(Failure::new(FailureClass::Internal, Stage::Auth, text)), way: None }
}

/// Tries each credential until the device lets us in. A refusal is written down before the next is tried; anything
/// else that fails ends the trying.
pub async fn try_all<'a, T>(
    desk: &Desk<'_>,
    assignment: &'a Assignment,
    log: &JobLog,
    allowance: &Allowance<'_>,
    session: &dyn Talk<T>,
) -> Tried<'a, T> {
    for why in &assignment.left_out {
        log.say(Level::Warning, Stage::Auth, why);
    }
    let mut last = None;
    for (number, attempt) in assignment.attempts.iter().enumerate() {
        let is_last = number + 1 == assignment.attempts.len();
        allowance.wait();
        let pass = match pass(desk, attempt, log).await {
            Ok(Some(pass)) => pass,
            Ok(None) => {
                last = Some(about(attempt, stopped(&attempt.accepted.name)));
                continue;
            }
            Err(fault) => return unwritten(desk.core, &fault, ANSWER),
        };
        let device = &assignment.device.name;
        if !attempt.is_noted
            && let Err(fault) = credentials::used(desk.core, assignment.job, &attempt.accepted, device).await
        {
            return unwritten(desk.core, &fault, credentials::UNNOTED);
        }
        if attempt.is_shared || attempt.is_old || assignment.attempts.len() > 1 {
            let old = if attempt.is_old { ", with the secrets before the last change" } else { "" };
            log.say(Level::Info, Stage::Auth, &format!("Trying {}{old}.", attempt.accepted.name));
        }
        let target = target(desk, assignment, Some(attempt));
        let result = allowance.within(held(session, &target, pass.as_ref())).await;
        let failure = match result {
            Ok(brought) => return Tried { result: Ok(brought), way: Some(WayIn { attempt }) },
            Err(failure) => failure,
        };
        if !matches!(failure.class, FailureClass::AuthFailed | FailureClass::EnableFailed) {
            let way = target.let_in.is_cancelled().then_some(WayIn { attempt });
            return Tried { result: Err(failure), way };
        }
        // During a rotation the first of the pair is refused on every device that has the other.
        let is_pair =
            assignment.attempts.iter().filter(|a| a.accepted.credential == attempt.accepted.credential);
        let is_counted = is_pair.count() == 1 || is_last;
        let of = &attempt.accepted;
        match credentials::refused(desk.core, assignment.device.id, of, is_counted).await {
            Ok(true) => {
                let text = format!("{} is stopped: three devices in a row refused it.", of.name);
                log.say(Level::Error, Stage::Auth, &text);
            }
            Ok(false) => {}
            Err(fault) => return unwritten(desk.core, &fault, ANSWER),
        }
        if let Some(pass) = &pass {
            pass.refused();
        }
        if !is_last {
            log.say(Level::Warning, Stage::Auth, &format!("The device refused {}.", of.name));
        }
        last = Some(about(attempt, failure));
    }
    let none = || Failure::new(FailureClass::NoCredential, Stage::Auth, "There is no credential to try.");
    Tried { result: Err(last.unwrap_or_else(none)), way: None }
}

/// A failure that is about this credential.
fn about(attempt: &Attempt, failure: Failure) -> Failure {
    let of = &attempt.accepted;
    Failure { credential: Some((of.credential, of.name.clone())), ..failure }
}

fn stopped(name: &str) -> Failure {
    let text = format!(
        "Not tried: {name} is stopped, because three devices in a row refused it. Correct it, or resume it on its page."
    );
    Failure::new(FailureClass::AuthFailed, Stage::Auth, text)
}

/// The turn of a shared credential; `Some(None)` for one that needs none, `None` when it is stopped.
async fn pass(desk: &Desk<'_>, attempt: &Attempt, log: &JobLog) -> Result<Option<Option<Pass>>, Fault> {
    if !attempt.is_shared {
        return Ok(Some(None));
    }
    let pass = desk.gates.pass(desk.core, attempt.accepted.credential).await?;
    if pass.is_none() {
        log.say(Level::Warning, Stage::Auth, &stopped(&attempt.accepted.name).message);
    }
    Ok(pass.map(Some))
}

/// Holds the session; the others that wait for the credential go on as soon as it is let in.
async fn held<T>(session: &dyn Talk<T>, target: &Target, pass: Option<&Pass>) -> Result<T, Failure> {
    let mut talk = session.talk(target);
    tokio::select! {
        result = &mut talk => return result,
        () = target.let_in.cancelled() => {
            if let Some(pass) = pass {
                pass.accepted();
            }
        }
    }
    talk.await
}
