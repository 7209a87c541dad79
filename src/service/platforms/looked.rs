//! A look at a changed platform file before it is saved.

use super::{
    effects::{Effects, effects},
    replayed,
    revisions::{self, SaveRevisionError},
};
use crate::{
    domain::{
        access::{Grant, ReadRaw},
        id::JobId,
        replay::Replay,
    },
    platform::Channel,
    service::Core,
};

/// What a look found.
#[derive(Debug)]
pub struct Found {
    /// The platform's name for people.
    pub title: String,
    /// What is asked for the configuration.
    pub commands: Vec<String>,
    /// Whether it is talked to at a prompt, not by single commands.
    pub is_shell: bool,
    /// What would be different about the kept versions.
    pub effects: Effects,
    /// The session that was asked for, heard by these rules; `None` where none is kept.
    pub replay: Option<Replay>,
}

/// Looks at a text as the file of the platform with this key, or of a new one. Nothing is changed by it.
///
/// # Errors
/// As [`revisions::read`] has it.
pub async fn look(
    core: &Core,
    by: &Grant<ReadRaw>,
    (platform, source): (Option<&str>, &str),
    job: Option<JobId>,
) -> Result<Found, SaveRevisionError> {
    let read = revisions::read(core, platform, source).await?;
    let replay = match job {
        Some(job) => replayed::heard(core, by, (job, &read)).await?,
        None => None,
    };
    Ok(Found {
        title: read.title().to_owned(),
        commands: read.config_commands().into_iter().map(str::to_owned).collect(),
        is_shell: read.channel() == Channel::Shell,
        effects: effects(core, by, &read).await?,
        replay,
    })
}
