//! One file of a device's, over its SSH connection: by SFTP, and by `scp` where there is no SFTP.

use super::{Limits, Log, Pace, Session, pipe::Pipe, scp, sftp::Sftp};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    platform::visible,
};

/// How often a file is read that changes meanwhile.
const TRIES: usize = 3;

/// What a device tells of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// In bytes.
    pub(super) size: u64,
    /// Seconds since 1970; `None` where it does not say.
    pub(super) changed_at: Option<u32>,
}

/// A file that was read once.
pub(super) struct Reading {
    pub(super) bytes: Vec<u8>,
    pub(super) before: Told,
    pub(super) after: Told,
}

impl Reading {
    /// Whether it is the whole of a file that nobody touched meanwhile.
    fn is_steady(&self) -> bool {
        self.before == self.after && u64::try_from(self.bytes.len()) == Ok(self.before.size)
    }
}

/// There is no such file.
pub(super) fn no_such(path: &str) -> Failure {
    let text = format!("there is no file `{path}` on the device");
    Failure::new(FailureClass::ErrorOutput, Stage::Command, text)
}

/// The account may not read it.
pub(super) fn denied(path: &str) -> Failure {
    Failure::new(FailureClass::PermissionDenied, Stage::Command, format!("the account may not read `{path}`"))
}

/// The device says something else than the file.
pub(super) fn refused(path: &str, said: &str) -> Failure {
    let said: String = visible(said.trim()).chars().take(200).collect();
    Failure::new(
        FailureClass::ErrorOutput,
        Stage::Command,
        format!("the device does not give `{path}`: {said}"),
    )
}

/// Fetches the file `path`, again where it changes meanwhile.
///
/// # Errors
/// It is not there, may not be read, is too long, is cut short, or changes each time.
pub async fn fetch(
    session: &Session,
    path: &str,
    (pace, log): (Pace<'_>, &dyn Log),
    limits: &mut Limits,
) -> Result<Vec<u8>, Failure> {
    let mut sftp = by_sftp(session, path, pace).await?;
    let how = if sftp.is_some() { "SFTP" } else { "scp" };
    for _ in 0..TRIES {
        session.sent(format!("{how} {path}\n").as_bytes());
        limits.start_command();
        let reading = match &mut sftp {
            Some(sftp) => sftp.read(limits).await?,
            None => scp::read(session, path, pace, limits).await?,
        };
        session.received(&reading.bytes);
        let text = format!("`{path}` by {how}: {} bytes", reading.bytes.len());
        log.say(Level::Info, Stage::Command, &text);
        if reading.is_steady() {
            return Ok(reading.bytes);
        }
        let text = format!(
            "`{path}` had {} bytes before it was read, {} bytes were read, and it has {} now: it is being written",
            reading.before.size,
            reading.bytes.len(),
            reading.after.size
        );
        log.say(Level::Warning, Stage::Command, &text);
    }
    let text = format!("`{path}` changed each of the {TRIES} times that it was read");
    Err(Failure::new(FailureClass::Truncated, Stage::Command, text))
}

async fn by_sftp<'s>(
    session: &'s Session,
    path: &'s str,
    pace: Pace<'_>,
) -> Result<Option<Sftp<'s>>, Failure> {
    let mut pipe = Pipe::open(session, pace).await?;
    if pipe.subsystem("sftp").await? { Sftp::greet(pipe, path).await } else { Ok(None) }
}
