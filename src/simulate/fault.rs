//! What can be wrong with a device, by name: `stall=auth`, `cut=4000`, `changed-key`.

use std::{str::FromStr, time::Duration};

use crate::domain::failure::Stage;

/// One thing that is wrong with a simulated device. Written `NAME` or `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// `stall=STAGE`: at that stage the device falls silent and keeps the connection.
    Stall(Stage),
    /// `cut=BYTES`: the TCP connection closes after so many bytes of the configuration.
    Cut(usize),
    /// `cut-clean=BYTES`: the device itself stops there and shows its prompt (exec: exit status 0).
    CutClean(usize),
    /// `refuse`: nobody listens on the port.
    Refuse,
    /// `wrong-password`: no credential is ever accepted.
    WrongPassword,
    /// `wrong-enable`: no enable secret is ever accepted.
    WrongEnable,
    /// `changed-key`: after the first session another host key of the same type.
    ChangedKey,
    /// `changed-key-type`: after the first session a host key of another type.
    ChangedKeyType,
    /// `endless`: the configuration never ends.
    Endless,
    /// `big=BYTES`: a whole configuration of at least that size.
    Big(usize),
    /// `garbage`: random bytes and escape sequences in the middle of the configuration.
    Garbage,
    /// `escapes`: colours, cursor movements and a window title around a valid configuration.
    Escapes,
    /// `drip=BYTES_PER_SEC`: the configuration comes at this rate.
    Drip(usize),
    /// `error-text[=TEXT]`: an error instead of the configuration; the platform's own when `None`.
    ErrorText(Option<String>),
    /// `pager-stays`: switching the pager off is accepted and has no effect.
    PagerStays,
    /// `pager-stuck`: the pager cannot be switched off and never goes on.
    PagerStuck,
    /// `banner-password`: the SSH banner and the message of the day say `Password:`.
    BannerPassword,
    /// `prompt-in-config`: lines that look like the prompt inside the configuration.
    PromptInConfig,
    /// `empty`: no configuration at all, without complaint.
    Empty,
    /// `shrink`: a fifth of the lines, with the end mark.
    Shrink,
    /// `flap`: every second connection is dropped at a random moment.
    Flap,
    /// `slow=MS`: this much before every answer, besides the device's latency.
    Slow(Duration),
    /// `double-prompt`: the prompt is drawn twice.
    DoublePrompt,
    /// `mutate=SECONDS`: the configuration changes every so often.
    Mutate(Duration),
    /// `no-exit-status`: exec channels close without one.
    NoExitStatus,
    /// `no-username`: over telnet the device asks for a password only.
    NoUsername,
    /// `echo-password`: over telnet the device shows the password while it is typed.
    EchoPassword,
    /// `telnet-noise`: commands and negotiations of telnet between all that the device says, in tiny packets.
    TelnetNoise,
    /// `http-status=CODE`: over HTTPS every answer but that to the sign-in has this status.
    HttpStatus(usize),
    /// `redirect`: over HTTPS every answer but that to the sign-in points to another host.
    Redirect,
    /// `chunked`: over HTTPS answers come in chunks, without a word of their length.
    Chunked,
    /// `one-request`: over HTTPS the device ends the connection after each answer.
    OneRequest,
    /// `hang-up`: over telnet the device says nothing to a wrong password and goes.
    HangUp,
}

/// A fault that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownFault {
    /// There is no fault of that name.
    #[error("there is no fault \"{0}\"; known are: {known}", known = names())]
    Name(String),
    /// The value is missing or not of the right kind.
    #[error("the fault \"{name}\" wants {wants}: {name}={example}")]
    Value {
        /// The fault's name.
        name: &'static str,
        /// What the value is.
        wants: &'static str,
        /// A value that works.
        example: &'static str,
    },
    /// The stage is unknown or nothing can stall there.
    #[error("nothing stalls at \"{0}\"; stages are: {stages}", stages = stages())]
    Stage(String),
}

/// Name, kind of value (empty for none) and an example value of every fault.
pub const KNOWN: &[(&str, &str, &str)] = &[
    ("stall", "a stage", "prompt"),
    ("cut", "a number of bytes", "4000"),
    ("cut-clean", "a number of bytes", "4000"),
    ("refuse", "", ""),
    ("wrong-password", "", ""),
    ("wrong-enable", "", ""),
    ("changed-key", "", ""),
    ("changed-key-type", "", ""),
    ("endless", "", ""),
    ("big", "a number of bytes", "20000000"),
    ("garbage", "", ""),
    ("escapes", "", ""),
    ("drip", "bytes per second", "2000"),
    ("error-text", "", ""),
    ("pager-stays", "", ""),
    ("pager-stuck", "", ""),
    ("banner-password", "", ""),
    ("prompt-in-config", "", ""),
    ("empty", "", ""),
    ("shrink", "", ""),
    ("flap", "", ""),
    ("slow", "milliseconds", "500"),
    ("double-prompt", "", ""),
    ("mutate", "seconds", "120"),
    ("no-exit-status", "", ""),
    ("no-username", "", ""),
    ("echo-password", "", ""),
    ("telnet-noise", "", ""),
    ("hang-up", "", ""),
    ("http-status", "a status", "500"),
    ("redirect", "", ""),
    ("chunked", "", ""),
    ("one-request", "", ""),
];

/// The stages at which a device can stall, in the order of a session.
pub const STALLS: &[Stage] = &[
    Stage::Connect,
    Stage::Banner,
    Stage::KeyExchange,
    Stage::Auth,
    Stage::Shell,
    Stage::Prompt,
    Stage::Paging,
    Stage::Enable,
    Stage::Command,
    Stage::Logout,
];

/// Every fault's name, with an example of its value, for help texts.
pub fn names() -> String {
    let spell = |(name, wants, example): &(&str, &str, &str)| {
        if wants.is_empty() { (*name).to_owned() } else { format!("{name}={example}") }
    };
    KNOWN.iter().map(spell).collect::<Vec<_>>().join(", ")
}

fn stages() -> String {
    STALLS.iter().map(|stage| stage.as_str()).collect::<Vec<_>>().join(", ")
}

fn stage(raw: &str) -> Result<Stage, UnknownFault> {
    let word = if matches!(raw, "accept" | "syn") { Stage::Connect.as_str() } else { raw };
    STALLS.iter().copied().find(|s| s.as_str() == word).ok_or_else(|| UnknownFault::Stage(raw.to_owned()))
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let (word, value) = match raw.trim().split_once('=') {
            Some((word, value)) => (word, Some(value)),
            None => (raw.trim(), None),
        };
        let &(name, wants, example) =
            KNOWN.iter().find(|known| known.0 == word).ok_or_else(|| UnknownFault::Name(word.to_owned()))?;
        let bad = || UnknownFault::Value { name, wants, example };
        let number = || value.and_then(|v| v.replace('_', "").parse::<usize>().ok()).ok_or_else(bad);
        let count = || number().map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        Ok(match name {
            "stall" => Self::Stall(stage(value.ok_or_else(bad)?)?),
            "cut" => Self::Cut(number()?),
            "cut-clean" => Self::CutClean(number()?),
            "refuse" => Self::Refuse,
            "wrong-password" => Self::WrongPassword,
            "wrong-enable" => Self::WrongEnable,
            "changed-key" => Self::ChangedKey,
            "changed-key-type" => Self::ChangedKeyType,
            "endless" => Self::Endless,
            "big" => Self::Big(number()?),
            "garbage" => Self::Garbage,
            "escapes" => Self::Escapes,
            "drip" => Self::Drip(number()?.max(1)),
            "error-text" => Self::ErrorText(value.map(str::to_owned)),
            "pager-stays" => Self::PagerStays,
            "pager-stuck" => Self::PagerStuck,
            "banner-password" => Self::BannerPassword,
            "prompt-in-config" => Self::PromptInConfig,
            "empty" => Self::Empty,
            "shrink" => Self::Shrink,
            "flap" => Self::Flap,
            "slow" => Self::Slow(Duration::from_millis(count()?)),
            "double-prompt" => Self::DoublePrompt,
            "mutate" => Self::Mutate(Duration::from_secs(count()?.max(1))),
            "no-exit-status" => Self::NoExitStatus,
            "no-username" => Self::NoUsername,
            "echo-password" => Self::EchoPassword,
            "telnet-noise" => Self::TelnetNoise,
            "hang-up" => Self::HangUp,
            "http-status" => Self::HttpStatus(number()?),
            "redirect" => Self::Redirect,
            "chunked" => Self::Chunked,
            "one-request" => Self::OneRequest,
            other => return Err(UnknownFault::Name(other.to_owned())),
        })
    }
}

/// All that is wrong with one device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// A device that works.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Whether this very fault is among them.
    pub fn has(&self, fault: &Fault) -> bool {
        self.0.contains(fault)
    }

    /// Whether the device falls silent at `stage`.
    pub fn stalls_at(&self, stage: Stage) -> bool {
        self.0.contains(&Fault::Stall(stage))
    }

    /// The first answer that `ask` gives about a fault.
    pub(super) fn find<T>(&self, ask: impl FnMut(&Fault) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(ask)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_read_and_an_unknown_one_lists_them() {
        for (name, _, example) in KNOWN {
            let text = if example.is_empty() { (*name).to_owned() } else { format!("{name}={example}") };
            assert!(text.parse::<Fault>().is_ok(), "{text}");
        }
        let said = "explode".parse::<Fault>().unwrap_err().to_string();
        assert!(said.contains("cut-clean=4000") && said.contains("pager-stuck"), "{said}");
    }

    #[test]
    fn values_are_checked() {
        assert_eq!("stall=syn".parse(), Ok(Fault::Stall(Stage::Connect)));
        assert_eq!("big=20_000_000".parse(), Ok(Fault::Big(20_000_000)));
        assert_eq!("error-text=no way".parse(), Ok(Fault::ErrorText(Some("no way".into()))));
        assert!("cut=soon".parse::<Fault>().unwrap_err().to_string().contains("cut=4000"));
        assert!("stall=lunch".parse::<Fault>().unwrap_err().to_string().contains("key_exchange"));
    }
}
