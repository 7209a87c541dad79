//! What people read about failures, stages and states: the one catalogue of these words.

pub mod audit;

use super::parts::{Badge, Tone};
use crate::domain::{
    device::Standing,
    entry::Cut,
    fact::FactName,
    failure::{FailureClass, Stage},
    job::{JobState, Outcome},
};

/// A class of failures, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// The class in a few words: "The device refused the credential".
    pub title: &'static str,
    /// What that means, in a sentence.
    pub meaning: &'static str,
    /// What to try.
    pub advice: &'static str,
}

/// The words for a class.
pub fn trouble(class: FailureClass) -> Trouble {
    match class {
        FailureClass::Unresolvable => UNRESOLVABLE,
        FailureClass::Unreachable => UNREACHABLE,
        FailureClass::Refused => REFUSED,
        FailureClass::DestinationDenied => DESTINATION_DENIED,
        FailureClass::NoCommonAlgorithm => NO_COMMON_ALGORITHM,
        FailureClass::JumpHost => JUMP_HOST,
        FailureClass::Timeout => TIMEOUT,
        FailureClass::ConnectionLost => CONNECTION_LOST,
        FailureClass::HostKeyChanged => HOST_KEY_CHANGED,
        FailureClass::AuthFailed => AUTH_FAILED,
        FailureClass::NoCredential => NO_CREDENTIAL,
        FailureClass::EnableFailed => ENABLE_FAILED,
        FailureClass::PermissionDenied => PERMISSION_DENIED,
        FailureClass::Truncated => TRUNCATED,
        FailureClass::ErrorOutput => ERROR_OUTPUT,
        FailureClass::OutputLimit => OUTPUT_LIMIT,
        FailureClass::UnknownPlatform => UNKNOWN_PLATFORM,
        FailureClass::Suspect => SUSPECT,
        FailureClass::ArchiveFailed => ARCHIVE_FAILED,
        FailureClass::Canceled => CANCELED,
        FailureClass::Internal => INTERNAL,
    }
}

const UNRESOLVABLE: Trouble = Trouble {
    title: "The name has no address",
    meaning: "The name service knows no address for this device.",
    advice: "Check the address for typing errors, or enter an IP address.",
};
const UNREACHABLE: Trouble = Trouble {
    title: "No answer from the address",
    meaning: "Nothing at this address answered in time.",
    advice: "Check that the device is up, and that routes and firewalls let this server reach its port.",
};
const REFUSED: Trouble = Trouble {
    title: "The address refused the connection",
    meaning: "Something is at this address, but nothing listens on this port.",
    advice: "Check the port, that SSH is switched on, and that the device allows this server.",
};
const DESTINATION_DENIED: Trouble = Trouble {
    title: "NetRaven's own settings forbid this connection",
    meaning: "They exclude the address that the name stands for, or the way to it: telnet is off unless it is allowed.",
    advice: "The message says which. Where address and way are right, an administrator can allow them in the settings.",
};
const NO_COMMON_ALGORITHM: Trouble = Trouble {
    title: "No common SSH algorithm",
    meaning: "The device and NetRaven both speak SSH but share no way of encrypting.",
    advice: "The log lists what the device offers. Update the device's software or its SSH settings; where it has old algorithms only, its form can allow them for it alone.",
};
const JUMP_HOST: Trouble = Trouble {
    title: "The jump host does not let us through",
    meaning: "The way to the device leads through a jump host, and it ended there. The device itself was not asked for anything.",
    advice: "The log says what the jump host refused: our account, its host key, or forwarding. See to it on the page of jump hosts.",
};
const TIMEOUT: Trouble = Trouble {
    title: "It took too long",
    meaning: "The device stopped answering, or answered slower than a job may wait.",
    advice: "Look at the last screen in the job's log. If the device is merely busy, start the backup again.",
};
const CONNECTION_LOST: Trouble = Trouble {
    title: "The connection was lost",
    meaning: "The session ended before the configuration was complete.",
    advice: "Start the backup again; if it keeps happening, check the line and the device's session limits.",
};
const HOST_KEY_CHANGED: Trouble = Trouble {
    title: "The device shows another host key",
    meaning: "It is not the key that was pinned. No password was sent.",
    advice: "Find out whether the device was replaced or reinstalled. If so, an administrator can accept the new key on the device's page; if not, somebody may be in between.",
};
const AUTH_FAILED: Trouble = Trouble {
    title: "The device refused the credential",
    meaning: "The username, password or key was not accepted.",
    advice: "Edit the device and enter the password again; check that the account exists and is not locked.",
};
const NO_CREDENTIAL: Trouble = Trouble {
    title: "There is no credential to try",
    meaning: "The device has no username with a password or key.",
    advice: "Edit the device and enter a username with a password or a private key.",
};
const ENABLE_FAILED: Trouble = Trouble {
    title: "Privileged mode was not reached",
    meaning: "The device did not accept the enable password.",
    advice: "Edit the device and enter the enable password, or use an account that starts in privileged mode.",
};
const PERMISSION_DENIED: Trouble = Trouble {
    title: "The account may not read the configuration",
    meaning: "The device let us in but refused the command.",
    advice: "Give the account the right to show the configuration, or use another account.",
};
const TRUNCATED: Trouble = Trouble {
    title: "The configuration was cut short",
    meaning: "The text has no sign of being complete, so it was not kept.",
    advice: "Start the backup again. If it stays cut, check that the device's platform is the right one.",
};
const ERROR_OUTPUT: Trouble = Trouble {
    title: "The device answered with an error",
    meaning: "An error message came where the configuration was due.",
    advice: "Read the message in the job's log; check the platform and the rights of the account.",
};
const OUTPUT_LIMIT: Trouble = Trouble {
    title: "The device sent too much",
    meaning: "The output grew past what a job may keep.",
    advice: "Look at the job's log for what keeps coming; check that the device's platform is the right one.",
};
const SUSPECT: Trouble = Trouble {
    title: "The configuration is doubtful",
    meaning: "It looks complete but differs so much from the last one that it was kept apart.",
    advice: "Compare it with the last good version. If it is right, accept it on its page; the next backup becomes the current version then.",
};
const UNKNOWN_PLATFORM: Trouble = Trouble {
    title: "Its platform could not be found out",
    meaning: "What the device shows and says fits no platform well enough, or two alike.",
    advice: "Choose the platform on the device's form; the list of platforms says what each is for.",
};
const ARCHIVE_FAILED: Trouble = Trouble {
    title: "The configuration could not be kept",
    meaning: "It was taken, but not stored, or it did not read back the same.",
    advice: "Check that the server's disk is not full and the database answers, then start the backup again.",
};
const CANCELED: Trouble = Trouble {
    title: "The job was stopped",
    meaning: "A person or a shutdown stopped it.",
    advice: "Start the backup again when you are ready.",
};
const INTERNAL: Trouble = Trouble {
    title: "Something broke inside NetRaven",
    meaning: "The device is not at fault.",
    advice: "Look for the job's number in the server's log and report it.",
};

/// The words for how a job ended; `None` when there is nothing to do about it.
pub fn trouble_of(state: JobState, outcome: Option<Outcome>, class: Option<FailureClass>) -> Option<Trouble> {
    match (state, outcome, class) {
        (_, Some(Outcome::Suspect), _) => Some(trouble(FailureClass::Suspect)),
        (JobState::Succeeded | JobState::Queued | JobState::Running | JobState::Skipped, ..) => None,
        (_, _, Some(class)) => Some(trouble(class)),
        (JobState::Canceled, ..) => Some(trouble(FailureClass::Canceled)),
        (JobState::Failed | JobState::Retrying | JobState::Discarded, ..) => {
            Some(trouble(FailureClass::Internal))
        }
    }
}

/// What a device tells of itself.
pub fn fact(name: FactName) -> &'static str {
    match name {
        FactName::Hostname => "Name",
        FactName::Model => "Model",
        FactName::Serial => "Serial number",
        FactName::Version => "Software",
        FactName::Uptime => "Running for",
        FactName::ChangedBy => "Last changed by",
        FactName::ChangedAt => "Last changed at",
    }
}

/// The stage as the end of "Failed while …".
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Resolve => "looking up the address",
        Stage::Connect => "connecting",
        Stage::Banner => "waiting for the device to answer",
        Stage::KeyExchange => "agreeing on encryption",
        Stage::HostKey => "checking the host key",
        Stage::Auth => "signing in",
        Stage::Shell => "opening a shell",
        Stage::Prompt => "waiting for the prompt",
        Stage::Paging => "switching the pager off",
        Stage::Enable => "reaching privileged mode",
        Stage::Command => "reading the configuration",
        Stage::Logout => "signing out",
        Stage::Check => "checking the text",
        Stage::Store => "storing the text",
    }
}

/// What a limit cut of a job's log.
pub fn cut(of: Cut) -> &'static str {
    match of {
        Cut::Lines => "Lines of the log are missing: the job said more than a log keeps.",
        Cut::Line => "A line is cut: it was longer than a log keeps.",
        Cut::Transcript => "The recording of the session lacks its middle: it was longer than is kept.",
        Cut::Screen => "The last screen is only the end of what the device sent.",
    }
}

/// A standing in words.
pub fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Good => "Good",
        Standing::Failing => "Failing",
        Standing::Suspect => "Suspect",
        Standing::Never => "Never backed up",
    }
}

/// The badge of a standing.
pub fn standing_badge(of: Standing) -> Badge {
    let (tone, icon) = match of {
        Standing::Good => (Tone::Ok, "circle-check"),
        Standing::Failing => (Tone::Bad, "circle-x"),
        Standing::Suspect => (Tone::Warn, "shield-question"),
        Standing::Never => (Tone::Idle, "circle-dashed"),
    };
    Badge::new(tone, icon, standing(of))
}

/// "1 device", "12 devices": for words whose plural ends in s.
pub fn count(number: i64, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        many => format!("{} {word}s", grouped(many)),
    }
}

/// 12345 as "12,345".
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length in bytes as "412 B", "12.3 KB", "4.0 MB".
pub fn size(bytes: i64) -> String {
    let tenths = |unit: i64| {
        let tenths = (bytes.saturating_mul(10) + unit / 2) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match bytes {
        ..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", tenths(1_024)),
        _ => format!("{} MB", tenths(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_words_of_its_own() {
        let mut titles: Vec<&str> = FailureClass::ALL.iter().map(|class| trouble(*class).title).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), FailureClass::ALL.len());
        for class in FailureClass::ALL {
            let told = trouble(*class);
            assert!(
                !told.title.ends_with('.') && told.meaning.ends_with('.') && told.advice.ends_with('.'),
                "{class}"
            );
        }
    }

    #[test]
    fn numbers_are_told_for_people() {
        assert_eq!(count(1, "device"), "1 device");
        assert_eq!(count(0, "device"), "0 devices");
        assert_eq!(count(12_345, "version"), "12,345 versions");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(-1_000_000), "−1,000,000");
        assert_eq!([412, 12_595, 4_194_304].map(size), ["412 B", "12.3 KB", "4.0 MB"].map(str::to_owned));
    }
}
