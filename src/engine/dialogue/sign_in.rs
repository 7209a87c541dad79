//! Signing in on the line itself, by telnet or within an SSH session: the device asks, and each question is answered once.
//!
//! A name goes to a question for a name and a password to a question for a password, when the question stands on the last
//! line and nothing follows it. Whatever the device asks after the password is no: servers behind it count what is tried
//! (R-09, S-63).

use std::time::{Duration, Instant};

use super::{steps::answer_banner, terminal::Terminal};
use crate::{
    domain::{
        device::Transport,
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    engine::transport::Line,
    platform::Banner,
};

/// A question waits; what goes on within this time was a line of a greeting that looks like one.
const QUIET: Duration = Duration::from_millis(300);

/// How long a device may think after it said no, before that is taken for its last word.
const AFTER_NO: Duration = Duration::from_secs(3);

/// What was given so far.
#[derive(Debug, Clone, Copy, Default)]
struct Given {
    name: bool,
    password: bool,
}

impl Given {
    /// Until something of ours went out, a failure may pass; from then on nobody knows what the device counted.
    fn stage(self) -> Stage {
        if self.name || self.password { Stage::Auth } else { Stage::Banner }
    }

    fn waits_for(self) -> &'static str {
        match (self.password, self.name) {
            (true, _) => "a prompt or a refusal",
            (false, true) => "the question for the password",
            (false, false) => "the question for a name or a password",
        }
    }
}

/// What the last line is.
enum Last<'a> {
    Name,
    Password,
    /// For a new password, or the old one on the way there.
    AnotherPassword,
    Prompt,
    Banner(&'a Banner),
    Other,
}

/// Answers the device's questions until it shows a prompt.
pub async fn sign_in<L: Line>(terminal: &mut Terminal<'_, L>) -> Result<(), Failure> {
    let setting = terminal.setting;
    let start = Instant::now();
    let mut given = Given::default();
    loop {
        let last = last(terminal);
        if matches!(last, Last::Other) {
            more(terminal, given).await?;
            continue;
        }
        let goes_on = terminal.more(given.stage(), QUIET).await.map_err(|it| why(terminal, given, it))?;
        match last {
            _ if goes_on => {}
            Last::Banner(banner) => answer_banner(terminal, given.stage(), banner).await?,
            Last::Name if !given.name && !given.password => {
                let name = &setting.target.username;
                type_in(terminal, ("user name", name.as_str())).await?;
                given.name = true;
            }
            Last::Password if !given.password => {
                let password = setting.target.password.as_ref();
                let Some(password) = password.filter(|password| !password.is_empty()) else {
                    return Err(nothing(terminal, "the device asks for a password, and there is none"));
                };
                given.password = true;
                type_in(terminal, ("password", password.expose())).await?;
            }
            Last::AnotherPassword if !given.password => {
                // Said of no credential: nothing was refused.
                let line = terminal.quotable_last_line();
                let message = format!("the device wants the password changed first: it asks `{line}`");
                return Err(terminal.failure(FailureClass::PermissionDenied, Stage::Auth, message));
            }
            Last::Name | Last::Password | Last::AnotherPassword => return Err(refused(terminal)),
            Last::Prompt => break,
            Last::Other => {}
        }
    }
    setting.target.let_in.cancel();
    let by = match (given.name, given.password) {
        (_, true) => "password",
        (true, false) => "the user name alone",
        // SSH has said already how it let us in.
        (false, false) if setting.target.transport == Transport::Ssh => return Ok(()),
        (false, false) => "nothing at all",
    };
    let text = format!("let in by {by} in {} ms", start.elapsed().as_millis());
    setting.log.say(Level::Info, Stage::Auth, &text);
    Ok(())
}

fn last<'a, L: Line>(terminal: &Terminal<'a, L>) -> Last<'a> {
    let (platform, line) = (terminal.setting.platform, terminal.last_line());
    if line.trim_ascii().is_empty() {
        Last::Other
    } else if platform.login().asks_for_another(line) {
        Last::AnotherPassword
    } else if platform.login().password.is_match(line) {
        Last::Password
    } else if platform.login().username.is_match(line) {
        Last::Name
    } else if let Some(banner) = platform.banner(line) {
        Last::Banner(banner)
    } else if platform.prompt().is_match(line) {
        Last::Prompt
    } else {
        Last::Other
    }
}

/// Waits for more; after a no only for as long as a device takes to ask again or to hang up.
async fn more<L: Line>(terminal: &mut Terminal<'_, L>, given: Given) -> Result<(), Failure> {
    let stage = given.stage();
    if given.password && no(terminal).is_some() {
        let limit = AFTER_NO.min(terminal.setting.pace.of(stage));
        let more = terminal.more(stage, limit).await.map_err(|it| why(terminal, given, it))?;
        return if more { Ok(()) } else { Err(refused(terminal)) };
    }
    let more = terminal.more_or_fail(stage, given.waits_for()).await;
    more.map_err(|failure| why(terminal, given, failure))
}

/// A line that ends after a no ends because of it.
fn why<L: Line>(terminal: &Terminal<'_, L>, given: Given, failure: Failure) -> Failure {
    let is_end = failure.class == FailureClass::ConnectionLost;
    if is_end && given.password && no(terminal).is_some() { refused(terminal) } else { failure }
}

/// What the device said where it said no.
fn no<L: Line>(terminal: &Terminal<'_, L>) -> Option<String> {
    let text = String::from_utf8_lossy(terminal.shown());
    let line = terminal.setting.platform.login().refusal(&text)?;
    Some(terminal.quotable(line))
}

fn refused<L: Line>(terminal: &Terminal<'_, L>) -> Failure {
    let user = &terminal.setting.target.username;
    let message = match no(terminal) {
        Some(no) => format!("{user} was refused: the device said `{no}`"),
        None => format!("{user} was refused: the device asks again, `{}`", terminal.quotable_last_line()),
    };
    terminal.failure(FailureClass::AuthFailed, Stage::Auth, message)
}

fn nothing<L: Line>(terminal: &Terminal<'_, L>, message: &str) -> Failure {
    terminal.failure(FailureClass::NoCredential, Stage::Auth, message.to_owned())
}

/// Types one answer. What would be more than one line, or none, is not typed at all.
async fn type_in<L: Line>(
    terminal: &mut Terminal<'_, L>,
    (what, answer): (&str, &str),
) -> Result<(), Failure> {
    if answer.is_empty() {
        return Err(nothing(terminal, &format!("the device asks for a {what}, and there is none")));
    }
    if answer.chars().any(char::is_control) {
        return Err(nothing(terminal, &format!("the {what} holds characters that cannot be typed")));
    }
    terminal.enter(Stage::Auth, answer).await
}
