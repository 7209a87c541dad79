//! A recording, played through a real socket and backed up: the four things that must hold.

use std::path::Path;

use netraven::{
    domain::{
        id::DeviceId,
        job::{JobState, Outcome},
    },
    platform::{Channel, LineEnding, Platforms, Screen},
    simulate::{self, Capture, Device, Fault, Identity, Running},
};
use serde::Deserialize;

use crate::support::{
    fleet::{assert_visible, patient},
    house::House,
};

/// What the recordings' word lists hold.
#[derive(Deserialize, Default)]
pub struct Words {
    /// Texts that must not be there.
    #[serde(default)]
    pub fail: Vec<String>,
    /// Texts that must.
    #[serde(default)]
    pub pass: Vec<String>,
}

/// A recording and what must come of it.
pub struct Recorded {
    pub name: String,
    pub capture: Capture,
    /// The configuration, line by line.
    pub lines: Vec<String>,
    pub words: Words,
    /// Places where the device would show something else a day later.
    pub moving: Vec<(String, String)>,
}

impl Recorded {
    /// A recording of Oxidized's, or a session by hand without its list of words.
    pub fn load(path: &Path) -> Self {
        let capture = Capture::load(path).unwrap();
        let platform = Platforms::shipped().unwrap().get(capture.platform_key()).unwrap();
        let capture = capture.asked_with(&platform.config_commands());
        let lines = configuration(&capture, platform.channel());
        let words = path.to_str().unwrap().strip_suffix("#simulation.yaml");
        let words = words.and_then(|start| std::fs::read_to_string(format!("{start}#secret.yaml")).ok());
        let words = words.map_or_else(Words::default, |text| serde_saphyr::from_str(&text).unwrap());
        let moving = lines.iter().filter_map(|line| moved(line).map(|to| (line.clone(), to))).collect();
        let name = format!("{}#{}", capture.model(), capture.name());
        Self { name, capture, lines, words, moving }
    }

    fn device(&self, n: usize) -> Device {
        // As a name of a device.
        let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = format!("d{n}-{}", self.name).chars().map(fit).collect();
        Device::playing(self.capture.clone(), name.trim_end_matches('-'))
    }
}

/// The lines of the answer that is the configuration, as a terminal shows them, without what only a shell shows.
fn configuration(capture: &Capture, channel: Channel) -> Vec<String> {
    let asked = capture.configuration().unwrap();
    let from = capture.exchanges().iter().position(|it| std::ptr::eq(it, asked)).unwrap();
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(&asked.answer);
    // Keys for the pager, each with another page.
    for page in capture.exchanges()[from + 1..].iter().take_while(|it| !it.command.ends_with('\n')) {
        screen.wipe_last_line();
        screen.feed(&page.answer);
    }
    let text = String::from_utf8(screen.text().to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let echo = lines.iter().position(|line| line.trim() == asked.command.trim());
    if let Some(echo) = echo.filter(|_| channel == Channel::Shell) {
        lines.drain(..=echo);
        lines.pop();
    }
    lines
}

/// A line of the kind that every fetch shows differently, as it is the next day.
fn moved(line: &str) -> Option<String> {
    let later = |text: &str| {
        let next = |c: char| c.to_digit(10).map_or(c, |d| char::from_digit((d + 1) % 10, 10).unwrap());
        text.chars().map(next).collect::<String>()
    };
    let starts = [
        "! Last configuration change at ",
        "! NVRAM config last updated at ",
        "Current configuration :",
        "ntp clock-period ",
        "## Last commit: ",
    ];
    if starts.iter().any(|start| line.starts_with(start)) {
        return Some(later(line));
    }
    let (time, rest) = line.split_once(" by RouterOS ")?;
    Some(format!("{} by RouterOS {rest}", later(time)))
}

/// Backs a recording up, twice, and a day later; gives its bytes and how many lines moved.
pub async fn kept_masked_and_unchanged(house: &House, recorded: &Recorded) -> (String, usize) {
    let name = &recorded.name;
    let mut device = recorded.device(0);
    device.identity = Some(Identity::ed25519().unwrap());
    let (ids, mut fleet) = house.fleet([device.clone()]).await;
    outcome(house, ids[0], Outcome::Stored, name).await;
    let version = house.versions(ids[0]).await.remove(0);
    let raw = String::from_utf8(house.raw(&version).await).unwrap();
    assert_eq!(raw.lines().collect::<Vec<_>>(), recorded.lines, "{name}");

    let masked = house.masked(&version).await;
    assert_visible(name, &masked);
    // A private key of several lines is one secret, and one tag stands for it.
    let keys = regex::Regex::new(r"(PRIVATE KEY-----)[^-]+(-----END)").unwrap();
    let whole = keys.replace_all(&raw, "$1\n<secret:>\n$2");
    assert_eq!(masked.lines().count(), whole.lines().count(), "{name}");
    for secret in &recorded.words.fail {
        assert!(!masked.contains(secret), "{name}: {secret} shows in\n{masked}");
    }
    let mut public = 0;
    for text in &recorded.words.pass {
        // A pattern of Oxidized's; its own word for a secret follows what must stay.
        let before = text.replace('\\', "");
        let before = before.split('<').next().unwrap().trim_end();
        if raw.contains(before) {
            public += 1;
            assert!(masked.contains(before), "{name}: `{before}` is gone from\n{masked}");
        }
    }
    println!(
        "{name}: {} lines, {} secrets hidden, {public} texts stay",
        recorded.lines.len(),
        recorded.words.fail.len()
    );

    outcome(house, ids[0], Outcome::Unchanged, name).await;
    let mut later = recorded.capture.clone();
    for (from, to) in &recorded.moving {
        later.replace(from, to);
    }
    device.capture = Some(later.into());
    again(&mut fleet, device).await;
    outcome(house, ids[0], Outcome::Unchanged, name).await;
    assert_eq!(house.versions(ids[0]).await.len(), 1, "{name}: another version");
    (raw, recorded.moving.len())
}

/// Ends the device and starts another with the same key in its place.
pub async fn again(fleet: &mut Vec<Running>, device: Device) {
    let running = fleet.remove(0);
    let place = running.address();
    drop(running);
    fleet.push(simulate::start(device, place).await.unwrap());
}

async fn outcome(house: &House, id: DeviceId, wanted: Outcome, name: &str) {
    let job = house.back_up_with(&[id], patient()).await.remove(0);
    assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(wanted)), "{name}: {job:#?}");
}

/// Cuts a recording at 20 offsets: none becomes a version.
pub async fn cuts_are_not_believed(house: &House, recorded: &Recorded) {
    let longest = recorded.capture.configuration().unwrap().answer.len();
    let devices = (0..20).map(|n| recorded.device(n + 1).with_faults(Fault::Cut(1 + n * (longest - 3) / 19)));
    let (ids, _fleet) = house.fleet(devices).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.state, JobState::Failed, "{}: {job:#?}", recorded.name);
        let versions = house.versions(job.device.unwrap()).await;
        assert!(versions.is_empty(), "{}: a cut was promoted", recorded.name);
    }
}

/// Backs up a recording that holds no configuration: the device's complaint is no version.
pub async fn is_refused(house: &House, recorded: &Recorded) {
    let (ids, _fleet) = house.fleet([recorded.device(0)]).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Failed, "{}: {job:#?}", recorded.name);
    assert!(house.versions(ids[0]).await.is_empty(), "{}: a complaint was promoted", recorded.name);
}

/// Backs a recording up; gives what the job's log says.
pub async fn log(house: &House, recorded: &Recorded) -> Vec<String> {
    let (ids, _fleet) = house.fleet([recorded.device(0)]).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Succeeded, "{}: {job:#?}", recorded.name);
    house.log(job.id).await.into_iter().map(|entry| entry.text).collect()
}
