//! Things to have in a house without a device that answers: devices, versions, jobs.

use netraven::{
    domain::{
        access::{Actor, Grant, Permission},
        backup::{Known, NewBackup},
        credential::{Login, NewCredential, SharedEdit},
        device::{NewDevice, Port, Reach, Transport},
        fact::Learned,
        id::{BackupId, BlackoutId, CredentialId, DeviceId, ImportId, JumpHostId, RuleId, ScheduleId, TagId},
        job::{Claimed, Ended, Outcome, Places},
        jump_host::NewJumpHost,
        node::{Beat, NodeKind},
        revision::Revision,
        rule::{self, NewRule},
        schedule::{NewBlackout, NewSchedule, Recurrence, Window},
        secret::Secret,
        tag::{Color, NewTag},
    },
    platform::Platforms,
    service::{
        Core, blackouts,
        capture::{self, Brought},
        credentials, devices,
        import::staged,
        jobs, jump_hosts, nodes,
        platforms::revisions::{self, Wanted},
        queue, rules, schedules, settings, tags,
    },
};

/// The console's grant of a permission.
pub fn grant<P: Permission>() -> Grant<P> {
    Actor::console().grant().unwrap()
}

/// A Cisco at this address with the credential `backup` / `password`.
pub fn new_device(name: &str, address: &str, password: &str) -> NewDevice {
    NewDevice {
        name: name.parse().unwrap(),
        address: address.parse().unwrap(),
        port: Port::SSH,
        platform: "cisco_ios".to_owned(),
        transport: Transport::Ssh,
        description: String::new(),
        is_enabled: true,
        credential: Some(NewCredential {
            username: "backup".to_owned(),
            password: Some(Secret::new(password)),
            ..NewCredential::default()
        }),
        login: Login::Own,
        tags: Vec::new(),
        serial_number: String::new(),
        owner: None,
        time_limit: None,
        reach: Reach::default(),
    }
}

/// Adds a device at an address of its own.
pub async fn device(core: &Core, name: &str) -> DeviceId {
    let new = new_device(name, &format!("{name}.example.net"), "device password");
    devices::create(core, &grant(), new).await.unwrap()
}

/// Queues a job for a device and takes it, as a worker does; no other job may wait.
pub async fn claimed(core: &Core, device: DeviceId) -> Claimed {
    jobs::back_up(core, &grant(), jobs::Which::These(vec![device])).await.unwrap().unwrap();
    let mut taken = claim(core, "test", 1).await;
    assert_eq!(taken[0].device, device);
    taken.remove(0)
}

/// Takes up to so many due jobs, as a worker of this name does.
pub async fn claim(core: &Core, owner: &str, most: i64) -> Vec<Claimed> {
    queue::claim(core, owner, Places { urgent: most, others: most }).await.unwrap()
}

/// The leases of all running jobs have run out long ago.
pub async fn leases_run_out(core: &Core) {
    super::sql::run(core, "UPDATE jobs SET lease_until = '2000-01-01 00:00:00' WHERE state = 'running'")
        .await;
}

/// Frees jobs of dead workers as one that has watched them for long enough; gives how many wait again and how many are
/// given up.
pub async fn free(core: &Core) -> (usize, usize) {
    queue::LostJobs::after(std::time::Duration::ZERO).free(core).await.unwrap()
}

/// Ends a job with this configuration.
pub async fn bring(core: &Core, job: &Claimed, text: &str) -> Option<Outcome> {
    let platform = core.platforms.get("cisco_ios").unwrap();
    let new = NewBackup { raw: text.as_bytes().to_vec(), info: String::new(), learned: Learned::default() };
    let newest = netraven::service::backups::newest(core, &grant(), job.device).await.unwrap();
    let known = newest.map(|newest| Known {
        id: newest.id,
        sha256: newest.sha256,
        fingerprint: newest.fingerprint,
        lines: usize::try_from(newest.lines).unwrap(),
        accepted: None,
    });
    let brought = Brought {
        job,
        platform: Some(platform),
        known,
        ended: Ended::Captured(new),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap()
}

/// Carries out a list of devices without the rows that have faults.
pub async fn import(core: &Core, csv: &str) -> ImportId {
    let id = staged::stage(core, &grant(), csv.as_bytes()).await.unwrap();
    staged::apply(core, &grant(), id, (None, true)).await.unwrap();
    id
}

/// Keeps a version of a device's configuration.
pub async fn version(core: &Core, device: DeviceId, text: &str) -> BackupId {
    let job = claimed(core, device).await;
    assert_eq!(bring(core, &job, text).await, Some(Outcome::Stored));
    netraven::service::backups::newest(core, &grant(), device).await.unwrap().unwrap().id
}

/// Keeps a capture apart that is not believed.
pub async fn suspect(core: &Core, device: DeviceId, text: &str) {
    let job = claimed(core, device).await;
    let ended = Ended::Doubted { raw: text.as_bytes().to_vec(), reason: "It is too short.".to_owned() };
    let platform = core.platforms.get("cisco_ios");
    let brought = Brought {
        job: &job,
        platform,
        known: None,
        ended,
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    assert_eq!(capture::record(core, brought).await.unwrap(), Some(Outcome::Suspect));
}

/// Adds a black-out of all schedules, in UTC.
pub async fn blackout(core: &Core, name: &str, days: &[&str], times: (&str, &str)) -> BlackoutId {
    let days: Vec<String> = days.iter().map(|day| (*day).to_owned()).collect();
    let window = Window::parse(&days, times, "UTC").unwrap();
    let new = NewBlackout { name: name.to_owned(), schedule: None, window };
    blackouts::create(core, &grant(), &new).await.unwrap()
}

/// Changes a setting, as the page does, whatever the page is.
pub async fn set(core: &Core, key: &str, value: &str) {
    super::sql::run(core, &format!("UPDATE settings SET value = '{value}' WHERE key = '{key}'")).await;
    settings::refresh(core).await.unwrap();
    assert_eq!(core.settings.now().told(key).as_deref(), Some(value));
}

/// Adds a shared credential.
pub async fn shared(core: &Core, name: &str) -> CredentialId {
    let secrets = NewCredential {
        username: "netraven".to_owned(),
        password: Some(Secret::new("shared password")),
        ..NewCredential::default()
    };
    let edit = SharedEdit {
        name: name.parse().unwrap(),
        description: String::new(),
        most_sessions: None,
        secrets,
        keeps_old: true,
    };
    credentials::create(core, &grant(), &edit).await.unwrap()
}

/// Adds a schedule that fires every so many minutes.
pub async fn schedule(core: &Core, name: &str, minutes: &str) -> ScheduleId {
    let recurrence = Recurrence::every(minutes).unwrap();
    schedules::create(core, &grant(), &NewSchedule::new(name, recurrence)).await.unwrap()
}

/// Adds a tag.
pub async fn tag(core: &Core, name: &str) -> TagId {
    let new = NewTag {
        name: name.parse().unwrap(),
        description: String::new(),
        color: Color::default(),
        most_sessions: None,
    };
    tags::create(core, &grant(), &new).await.unwrap()
}

/// The file of IOS with one more line that changes by itself.
pub fn changed_ios(volatile: &str) -> String {
    let ios = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    let changed = ios.source().replacen("volatile = [", &format!("volatile = [\n  '{volatile}',"), 1);
    assert_ne!(changed, ios.source());
    changed
}

/// Saves that file: to be tried on the device with this name, or for all.
pub async fn revision(core: &Core, volatile: &str, device: Option<&str>) -> Revision {
    let seen = super::sql::number(core, "SELECT coalesce(max(id), 0) FROM platform_revisions").await;
    let source = changed_ios(volatile);
    let wanted = Wanted { platform: Some("cisco_ios"), source: &source, note: "Less noise.", device, seen };
    revisions::save(core, &grant(), wanted).await.unwrap()
}

/// Adds a rule with a tag of its own.
pub async fn rule(core: &Core, name: &str, tag_name: &str, criteria: &str) -> RuleId {
    let new = NewRule {
        name: name.to_owned(),
        description: String::new(),
        tag: tag(core, tag_name).await,
        criteria: rule::parse(criteria).unwrap(),
        is_enabled: true,
    };
    rules::create(core, &grant(), &new).await.unwrap()
}

/// A node that works on so many jobs and has every duty that is free.
pub async fn node(core: &Core, name: &str, running: usize) {
    let (name, kind) = (name.to_owned(), NodeKind::Serve);
    nodes::beat(core, &Beat { name, kind, running, places: 5, is_stopping: false }).await.unwrap();
}

/// Adds a jump host with the first shared credential that there is.
pub async fn jump_host(core: &Core, name: &str) -> JumpHostId {
    let (credential, _) = credentials::names(core, &grant()).await.unwrap().remove(0);
    let new = NewJumpHost {
        name: name.parse().unwrap(),
        address: format!("{name}.example.net").parse().unwrap(),
        port: Port::SSH,
        credential,
        via: None,
    };
    jump_hosts::create(core, &grant(), &new).await.unwrap()
}
