//! A recording, played through a real socket and backed up: the four things that must hold.

use netraven::{
    domain::{
        id::DeviceId,
        job::{JobState, Outcome},
    },
    simulate::{self, Device, Fault, Identity, Running},
};

use crate::support::{
    fleet::{assert_visible, patient},
    house::House,
    recorded::Recorded,
};

/// A device that plays it, the `n`th of its kind.
fn device(recorded: &Recorded, n: usize) -> Device {
    // As a name of a device.
    let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = format!("d{n}-{}", recorded.name).chars().map(fit).collect();
    // Where a recording asks for the password of privileged mode, any will do.
    Device::playing(recorded.capture.clone(), name.trim_end_matches('-')).with_enable("any-will-do")
}

/// Backs a recording up, twice, and a day later; gives its bytes, how many lines moved, and the device, whose port no other
/// may take meanwhile.
#[must_use]
pub async fn kept_masked_and_unchanged(house: &House, recorded: &Recorded) -> (String, usize, Vec<Running>) {
    let name = &recorded.name;
    let mut device = device(recorded, 0);
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
    (raw, recorded.moving.len(), fleet)
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

/// Cuts a recording at 20 offsets: none becomes a version. Gives the devices, whose ports no other may take meanwhile.
#[must_use]
pub async fn cuts_are_not_believed(house: &House, recorded: &Recorded) -> Vec<Running> {
    let longest = recorded.capture.configuration().unwrap().answer.len();
    let devices =
        (0..20).map(|n| device(recorded, n + 1).with_faults(Fault::Cut(1 + n * (longest - 3) / 19)));
    let (ids, fleet) = house.fleet(devices).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.state, JobState::Failed, "{}: {job:#?}", recorded.name);
        let versions = house.versions(job.device.unwrap()).await;
        assert!(versions.is_empty(), "{}: a cut was promoted", recorded.name);
    }
    fleet
}

/// Backs up a recording that holds no configuration: the device's complaint is no version.
pub async fn is_refused(house: &House, recorded: &Recorded) {
    let (ids, _fleet) = house.fleet([device(recorded, 0)]).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Failed, "{}: {job:#?}", recorded.name);
    assert!(house.versions(ids[0]).await.is_empty(), "{}: a complaint was promoted", recorded.name);
}

/// Backs a recording up; gives what the job's log says.
pub async fn log(house: &House, recorded: &Recorded) -> Vec<String> {
    let (ids, _fleet) = house.fleet([device(recorded, 0)]).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.state, JobState::Succeeded, "{}: {job:#?}", recorded.name);
    house.log(job.id).await.into_iter().map(|entry| entry.text).collect()
}
