//! What can go wrong between us and a device: one class, one stage, words for a person.
//!
//! The classes decide about retries; the stages say how far the session came. Both are part of the
//! command line's JSON (`class`, `stage`) and are never renamed.

use std::fmt;

use super::{id::CredentialId, text_enum};

text_enum! {
    /// Why a job failed.
    pub enum FailureClass {
        /// The name has no address.
        Unresolvable = "unresolvable",
        /// No answer from the address.
        Unreachable = "unreachable",
        /// The address answered and said no.
        Refused = "refused",
        /// Policy forbids connecting to this address.
        DestinationDenied = "destination_denied",
        /// Both sides speak SSH but share no algorithm.
        NoCommonAlgorithm = "no_common_algorithm",
        /// A jump host on the way does not let us through.
        JumpHost = "jump_host",
        /// The device shows another host key than the pinned one.
        HostKeyChanged = "host_key_changed",
        /// The device refused the credential.
        AuthFailed = "auth_failed",
        /// The device has no credential to try.
        NoCredential = "no_credential",
        /// Privileged mode was not reached.
        EnableFailed = "enable_failed",
        /// The account may not read the configuration.
        PermissionDenied = "permission_denied",
        /// A stage took longer than it may.
        Timeout = "timeout",
        /// The session ended before it should have.
        ConnectionLost = "connection_lost",
        /// The text has no sign of being complete.
        Truncated = "truncated",
        /// The device answered with an error text where the configuration was due.
        ErrorOutput = "error_output",
        /// The device sent more than a job may keep.
        OutputLimit = "output_limit",
        /// The device's platform is to be found out, and none fits well enough.
        UnknownPlatform = "unknown_platform",
        /// The text is whole by its marks and still not to be believed.
        Suspect = "suspect",
        /// The text could not be kept or did not read back the same.
        ArchiveFailed = "archive_failed",
        /// A person or a shutdown stopped the job.
        Canceled = "canceled",
        /// A fault of ours.
        Internal = "internal",
    }
}

text_enum! {
    /// How far a session had come.
    pub enum Stage {
        /// Turning the name into an address.
        Resolve = "resolve",
        /// Opening the TCP connection.
        Connect = "connect",
        /// Waiting for the SSH identification string.
        Banner = "banner",
        /// Agreeing on algorithms and keys.
        KeyExchange = "key_exchange",
        /// Comparing the host key with the pinned one.
        HostKey = "host_key",
        /// Proving who we are.
        Auth = "auth",
        /// Opening the channel, the terminal and the shell.
        Shell = "shell",
        /// Waiting for and learning the prompt.
        Prompt = "prompt",
        /// Switching the pager off, or answering it.
        Paging = "paging",
        /// Reaching privileged mode.
        Enable = "enable",
        /// Running a command and reading its output.
        Command = "command",
        /// Ending the session.
        Logout = "logout",
        /// Judging the text.
        Check = "check",
        /// Keeping the text.
        Store = "store",
    }
}

/// A failed step of a job: everything its log, its page and its JSON line say about the failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub class: FailureClass,
    /// Where.
    pub stage: Stage,
    /// What was waited for and what came, for a person, without secrets or control characters.
    pub message: String,
    /// The last lines the device sent, unmasked; `None` when it sent nothing.
    pub screen: Option<String>,
    /// The credential that was refused, and what the log calls it; `None` when it was not about one.
    pub credential: Option<(CredentialId, String)>,
}

impl Failure {
    /// A failure of `class` in `stage`, told as `message`.
    pub fn new(class: FailureClass, stage: Stage, message: impl Into<String>) -> Self {
        Self { class, stage, message: message.into(), screen: None, credential: None }
    }

    /// The same failure with the device's last lines.
    #[must_use]
    pub fn with_screen(mut self, screen: impl Into<String>) -> Self {
        let screen = screen.into();
        self.screen = (!screen.trim().is_empty()).then_some(screen);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.class, self.stage, self.message)
    }
}

impl std::error::Error for Failure {}
