//! A house in which every page has something to show.

use std::time::Duration;

use netraven::{
    config::Config,
    domain::{
        id::{BatchId, DeviceId},
        job::Job,
        schedule::{NewSchedule, Recurrence, Targets},
    },
    engine::Options,
    service::{devices, jobs, schedules},
    simulate::{Device, Fault, Identity, Platform, Running},
};

use crate::support::{fleet::patient, house::House, stock};

/// The house, its devices and the addresses of its pages.
pub struct World {
    pub house: House,
    /// Short name and path of each page, those of forms and of errors included.
    pub pages: Vec<(&'static str, String)>,
    /// The devices, which end with the house.
    pub _fleet: Vec<Running>,
}

/// A house with two engines' worth of history: good, unchanged, changed, failed, doubtful, running.
pub async fn furnished() -> World {
    let house = House::with(Config::default(), Some(options())).await;
    let wanted = [
        ("core-1", Platform::CiscoIos),
        ("edge-1", Platform::JuniperJunos),
        ("leaf-1", Platform::AristaEos),
        ("spare-1", Platform::CiscoIos),
        ("hung-1", Platform::MikrotikRouteros),
    ];
    let wanted = wanted.map(|(name, platform)| {
        let mut device = Device::new(platform, name);
        device.tags = vec!["berlin".to_owned(), "core".to_owned()];
        device.description = format!("The device {name}");
        device
    });
    let (ids, fleet) = house.fleet(wanted).await;
    let &[good, rekeyed, refused, shrunk, hung] = ids.as_slice() else { panic!() };
    run(&house, &[good, rekeyed, shrunk]).await;
    house.clock.advance(Duration::from_mins(50));
    fleet[0].set_config(&change(&fleet[0].config()));
    fleet[1].replace_host_key(Identity::ed25519().unwrap());
    fleet[2].set_faults(Fault::WrongPassword);
    fleet[3].set_faults(Fault::Shrink);
    fleet[4].set_faults("stall=command".parse::<Fault>().unwrap());
    let (batch, ended) = run(&house, &[good, rekeyed, refused, shrunk]).await;
    let lonely = stock::new_device("lonely-1", "192.0.2.77", "x");
    devices::create(
        &house.core,
        &house.grant(),
        netraven::domain::device::NewDevice { is_enabled: false, credential: None, ..lonely },
    )
    .await
    .unwrap();
    nightly(&house).await;
    stock::node(&house.core, "one", 2).await;
    lost(&house).await;
    let running = start(&house, hung).await;
    let pages = pages(&house, &ids, batch, &ended, &running).await;
    World { house, pages, _fleet: fleet }
}

/// Patient engines that do not wait for the hung device when the house closes.
pub fn options() -> Options {
    Options { grace: Duration::from_millis(100), ..patient() }
}

/// Backs devices up and waits.
pub async fn run(house: &House, devices: &[DeviceId]) -> (BatchId, Vec<Job>) {
    let which = jobs::Which::These(devices.to_vec());
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let ids: Vec<_> = started.jobs.iter().map(|(job, _)| *job).collect();
    let ended = house.ended(&ids).await;
    let of = |device: &DeviceId| ended.iter().find(|job| job.device == Some(*device)).unwrap().clone();
    (started.batch, devices.iter().map(of).collect())
}

/// Starts a job that does not end, and waits until it has said something.
pub async fn start(house: &House, device: DeviceId) -> Job {
    let which = jobs::Which::These(vec![device]);
    let started = jobs::back_up(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let id = started.jobs[0].0;
    while house.log(id).await.len() < 4 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    jobs::find(&house.core, &house.grant(), id).await.unwrap().unwrap()
}

/// A configuration after an afternoon's work on it.
pub fn change(config: &str) -> String {
    config
        .replace("ip domain name example.net\n", "ip domain name example.org\nip ssh version 2\n")
        .replace(
            " spanning-tree portfast\n!\ninterface GigabitEthernet1/0/4\n",
            " spanning-tree portfast\n spanning-tree bpduguard enable\n!\ninterface GigabitEthernet1/0/4\n",
        )
        .replace(" 20 permit tcp", " 20 deny tcp")
        .replace(" neighbor 10.0.6.2 remote-as", " neighbor 10.0.6.2 shutdown\n neighbor 10.0.6.2 remote-as")
}

/// Schedules: a daily one, a frequent one, one that is off.
pub async fn nightly(house: &House) {
    let all = [
        ("Nightly", Recurrence::daily("02:30", "Europe/Berlin").unwrap(), true),
        ("Every six hours", Recurrence::every("360").unwrap(), true),
        ("Change freeze", Recurrence::every("15").unwrap(), false),
    ];
    for (name, recurrence, is_enabled) in all {
        let new = NewSchedule { is_enabled, ..NewSchedule::new(name, recurrence) };
        schedules::create(&house.core, &house.grant(), &new).await.unwrap();
    }
}

/// A schedule that means nothing, so that the dashboard has silence to tell of.
pub async fn lost(house: &House) {
    let targets = Targets::Tags(vec![stock::tag(&house.core, "lab-2019").await]);
    let recurrence = Recurrence::daily("03:00", "UTC").unwrap();
    let new = NewSchedule { targets, ..NewSchedule::new("Old lab", recurrence) };
    schedules::create(&house.core, &house.grant(), &new).await.unwrap();
}

async fn pages(
    house: &House,
    ids: &[DeviceId],
    batch: BatchId,
    ended: &[Job],
    running: &Job,
) -> Vec<(&'static str, String)> {
    let &[good, rekeyed, refused, shrunk, hung] = ids else { panic!() };
    let lonely = house.id_of("lonely-1").await;
    let (new, old) = (house.versions(good).await[0].id, house.versions(good).await[1].id);
    vec![
        ("dashboard", "/".to_owned()),
        ("devices", "/devices".to_owned()),
        ("devices, none found", "/devices?q=nothing".to_owned()),
        ("new device", "/devices/new".to_owned()),
        ("good device", format!("/devices/{good}")),
        ("device with a changed key", format!("/devices/{rekeyed}")),
        ("failing device", format!("/devices/{refused}")),
        ("device with a doubtful capture", format!("/devices/{shrunk}")),
        ("busy device", format!("/devices/{hung}")),
        ("device without anything", format!("/devices/{lonely}")),
        ("edit a device", format!("/devices/{good}/edit")),
        ("delete a device", format!("/devices/{good}/delete")),
        ("versions", format!("/devices/{good}/backups")),
        ("no versions", format!("/devices/{lonely}/backups")),
        ("newest version", format!("/backups/{new}")),
        ("old version", format!("/backups/{old}")),
        ("difference", format!("/backups/{new}/diff")),
        ("first difference", format!("/backups/{old}/diff")),
        ("compared", format!("/compare?old={old}&new={new}")),
        ("side by side", format!("/compare?old={old}&new={new}&mode=split")),
        ("backwards", format!("/compare?old={new}&new={old}")),
        ("nothing differs", format!("/compare?old={new}&new={new}")),
        ("suspect", "/suspects/1".to_owned()),
        ("jobs", "/jobs".to_owned()),
        ("jobs, none found", "/jobs?state=canceled".to_owned()),
        ("jobs of a batch", format!("/jobs?batch={batch}")),
        ("batches", "/batches".to_owned()),
        ("batches, none found", "/batches?schedule=999".to_owned()),
        ("batch", format!("/batches/{batch}")),
        ("running batch", format!("/batches/{}", running.batch)),
        ("cancel a batch", format!("/batches/{}/cancel", running.batch)),
        ("stored job", format!("/jobs/{}", ended[0].id)),
        ("changed key job", format!("/jobs/{}", ended[1].id)),
        ("failed job", format!("/jobs/{}", ended[2].id)),
        ("suspect job", format!("/jobs/{}", ended[3].id)),
        ("running job", format!("/jobs/{}", running.id)),
        ("schedules", "/schedules".to_owned()),
        ("new schedule", "/schedules/new".to_owned()),
        ("schedule", "/schedules/1".to_owned()),
        ("edit a schedule", "/schedules/1/edit".to_owned()),
        ("black-outs", "/blackouts".to_owned()),
        ("new black-out", "/blackouts/new".to_owned()),
        ("delete a schedule", "/schedules/1/delete".to_owned()),
        ("nodes", "/nodes".to_owned()),
        ("platforms", "/platforms".to_owned()),
        ("platform", "/platforms/cisco_ios".to_owned()),
        ("audit", "/audit".to_owned()),
    ]
}
