//! `netraven platform check`: a platform's rules against a recorded session, by a real conversation on loopback.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::super::{CommandError, Exit};
use crate::{
    crypt::token,
    domain::{
        backup::count_lines,
        device::{Algorithms, Transport},
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        host_key::{HostKey, HostKeyVerdict},
    },
    engine::{
        dialogue,
        transport::{Deadlines, HostKeys, Log, Place, Target},
    },
    platform::{Capture, Channel, MaskKey, Platform, mask_generic, visible},
    simulate::{self, Capture as Recording, Device, Fault, Faults},
};

/// How often the recording is cut short.
const CUTS: usize = 20;

/// How many lines of a kind are shown.
const SHOWN: usize = 20;

/// How long the recording may say nothing.
const SILENCE: Duration = Duration::from_secs(3);

/// How many of the device's last lines are shown with a failure.
const SCREEN_LINES: usize = 12;

/// The device that plays the recording has no key to be wrong about.
struct AnyKey;

impl HostKeys for AnyKey {
    fn judge<'a>(&'a self, _: &'a Place, _: HostKey) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        Box::pin(async { Ok(HostKeyVerdict::Known) })
    }

    fn pinned_algorithms(&self, _: &Place) -> Vec<String> {
        Vec::new()
    }
}

/// Nobody reads the log.
struct Unread;

impl Log for Unread {
    fn say(&self, _: Level, _: Stage, _: &str) {}
}

/// Plays `recording` and tells what the rules make of it.
///
/// # Errors
/// The recording cannot be read or played at all. What the rules do not manage is told, and the answer is
/// [`Exit::Failed`].
pub async fn run(platform: Arc<Platform>, recording: &Path) -> Result<Exit, CommandError> {
    let usage = |error: &dyn std::fmt::Display| CommandError::Usage(error.to_string());
    let recording = Recording::load(recording).map_err(|error| usage(&error))?;
    let recording = recording.asked_with(&platform.config_commands());
    let key = MaskKey::new(token::random().map_err(|error| usage(&error))?);
    println!("{:<13} {} ({})", "Platform", platform.key(), platform.title());
    let exchanges = recording.exchanges().len();
    println!("{:<13} {} {}, {exchanges} answers", "Recording", recording.model(), recording.name());
    let capture = match fetch(&platform, recording.clone(), Faults::default()).await? {
        Ok(capture) => capture,
        Err(failure) => return Ok(told(&platform, &failure, &key)),
    };
    println!("{:<13} {} lines, {} bytes", "Kept", count_lines(&capture.raw), capture.raw.len());
    for (name, value) in platform.facts(&capture) {
        println!("{:<13} {} {}", "Fact", name.as_str().replace('_', " "), visible(&value));
    }
    let masked = platform.masked(&capture.raw, &key);
    listed("Masked", "the masked text", masked.lines().filter(|line| line.contains("<secret:")));
    let is_hidden = all_hidden(recording.secrets(), &capture, &masked);
    ignored(&platform, &capture, &key);
    let is_steady = again(&platform, recording.clone(), &capture).await?;
    let is_safe = cut(&platform, recording).await?;
    Ok(if is_hidden && is_steady && is_safe { Exit::Well } else { Exit::Failed })
}

/// Whether all secrets that the session names came, and the masked text holds none of them.
fn all_hidden(secrets: &[String], capture: &Capture, masked: &str) -> bool {
    let raw = String::from_utf8_lossy(&capture.raw);
    let came =
        |secret: &str| raw.contains(secret) || capture.info.iter().any(|output| output.text.contains(secret));
    let absent = secrets.iter().filter(|secret| !came(secret)).count();
    let holds = |line: &str| secrets.iter().any(|secret| line.contains(secret.as_str()));
    let lines = masked.lines().enumerate().filter(|(_, line)| holds(line));
    let shown: Vec<String> = lines.map(|(at, _)| (at + 1).to_string()).collect();
    if !shown.is_empty() {
        println!("{:<13} ONE IS SHOWN in line {} of the masked text", "Secrets", shown.join(", "));
    } else if absent > 0 {
        let all = secrets.len();
        println!(
            "{:<13} {absent} OF {all} THAT THE SESSION NAMES DID NOT COME: they prove nothing",
            "Secrets"
        );
    } else if !secrets.is_empty() {
        println!("{:<13} none of the {} that the session names is shown", "Secrets", secrets.len());
    }
    shown.is_empty() && absent == 0
}

/// The lines that the comparison does not see as they came.
fn ignored(platform: &Platform, capture: &Capture, key: &MaskKey) {
    let normalised = platform.normalised(&capture.raw);
    let seen: BTreeSet<&str> = normalised.lines().collect();
    let raw = String::from_utf8_lossy(&capture.raw);
    // Order and secrets aside: what has no equal there.
    let lines: Vec<&str> = raw.lines().filter(|line| !seen.contains(line)).collect();
    // A secret that is encrypted anew at each fetch is among them.
    let masked = mask_generic(&platform.masked(lines.join("\n").as_bytes(), key), key);
    listed("Ignored", "the comparison", masked.lines());
}

fn listed<'a>(word: &str, of: &str, lines: impl Iterator<Item = &'a str>) {
    let lines: Vec<&str> = lines.collect();
    println!("{word:<13} {} lines in {of}", lines.len());
    for line in lines.iter().take(SHOWN) {
        println!("{:<13} {}", "", visible(line));
    }
    if lines.len() > SHOWN {
        println!("{:<13} and {} more", "", lines.len() - SHOWN);
    }
}

/// A second fetch must be no change.
async fn again(
    platform: &Arc<Platform>,
    recording: Recording,
    first: &Capture,
) -> Result<bool, CommandError> {
    let second = fetch(platform, recording, Faults::default()).await?;
    let is_same =
        second.is_ok_and(|second| platform.normalised(&second.raw) == platform.normalised(&first.raw));
    println!("{:<13} {}", "Again", if is_same { "unchanged" } else { "ANOTHER TEXT the second time" });
    Ok(is_same)
}

/// A session that ends too soon must never pass for a whole one.
async fn cut(platform: &Arc<Platform>, recording: Recording) -> Result<bool, CommandError> {
    let length = recording.configuration().map_or(0, |asked| asked.answer.len());
    let mut believed = Vec::new();
    for n in 0..CUTS {
        let at = 1 + n * length.saturating_sub(3) / (CUTS - 1);
        if fetch(platform, recording.clone(), Faults::from(Fault::Cut(at))).await?.is_ok() {
            believed.push(at.to_string());
        }
    }
    match believed.as_slice() {
        [] => println!("{:<13} at {CUTS} places: never taken for a whole one", "Cut"),
        at => println!("{:<13} TAKEN FOR A WHOLE ONE when cut at byte {}", "Cut", at.join(", ")),
    }
    Ok(believed.is_empty())
}

/// Talks to a device that plays the recording, and judges what it said.
async fn fetch(
    platform: &Arc<Platform>,
    recording: Recording,
    faults: Faults,
) -> Result<Result<Capture, Failure>, CommandError> {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let device = Device::playing(recording, "recorded").with_faults(faults);
    let (username, password) = (device.username.clone(), device.password.clone());
    let running = simulate::start(device, anywhere).await;
    let running = running.map_err(|error| CommandError::Usage(format!("cannot listen: {error}")))?;
    let target = Target {
        host: running.address().ip().to_string(),
        port: running.address().port(),
        further: Vec::new(),
        way: Vec::new(),
        transport: if platform.channel() == Channel::Https { Transport::Https } else { Transport::Ssh },
        algorithms: Algorithms::Modern,
        username,
        // A recording that asks for the password of privileged mode goes on at any.
        enable: Some(password.clone()),
        password: Some(password),
        private_key: None,
        passphrase: None,
        // It answers from this machine, at once or never.
        deadlines: Deadlines { silence: SILENCE, ..Deadlines::default() },
        let_in: CancellationToken::new(),
    };
    let capture = match dialogue::collect(&target, platform, Arc::new(AnyKey), &Unread).await {
        Ok(capture) => capture,
        Err(failure) => return Ok(Err(failure)),
    };
    Ok(match platform.judge(&capture) {
        Ok(()) => Ok(capture),
        Err(doubt) => {
            let text = String::from_utf8_lossy(&capture.raw);
            Err(Failure::new(doubt.class, Stage::Check, doubt.message).with_screen(text))
        }
    })
}

fn told(platform: &Platform, failure: &Failure, key: &MaskKey) -> Exit {
    println!("{:<13} {} at {}: {}", "Failed", failure.class, failure.stage, visible(&failure.message));
    if let Some(screen) = &failure.screen {
        let masked = mask_generic(&platform.masked(screen.as_bytes(), key), key);
        let lines: Vec<&str> = masked.lines().collect();
        println!("{:<13} the last {} of {} lines", "Screen", lines.len().min(SCREEN_LINES), lines.len());
        for line in lines.iter().skip(lines.len().saturating_sub(SCREEN_LINES)) {
            println!("{:<13} {}", "", visible(line));
        }
    }
    if failure.class == FailureClass::Timeout {
        println!(
            "{:<13} the prompt is most often what does not match: compare it with the last line",
            "Hint"
        );
    }
    Exit::Failed
}
