//! Devices whose platform is yet to be found out, through real sockets: a proposal, its confirmation, and no backup before.

use netraven::{
    domain::{
        access::{ManageDevices, Role, ViewDevices},
        device::DeviceFilter,
        failure::{FailureClass, Stage},
        id::DeviceId,
        job::{JobState, Outcome},
        page::PageRequest,
        proposal::Proposed,
    },
    platform::shipped_key,
    service::devices::{self, SaveDeviceError, proposals},
    simulate::{self, Capture, Device, Platform, Running},
};
use reqwest::StatusCode;

use crate::support::{
    fleet::{anywhere, assert_visible, password, patient},
    house::House,
    shared,
};

/// A device in the inventory whose platform nobody has chosen.
async fn unknown(house: &House, device: Device, secret: &str) -> (DeviceId, Running) {
    let name = device.hostname.clone();
    let running = simulate::start(device, anywhere()).await.unwrap();
    let place = ("127.0.0.1", running.address().port());
    (house.add(&name, place, "auto", Some(password("netraven", secret))).await, running)
}

async fn proposed(house: &House, id: DeviceId) -> Option<Proposed> {
    devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().proposed
}

#[tokio::test(flavor = "multi_thread")]
async fn simulated_devices_are_found_out_and_backed_up_once_somebody_has_confirmed() {
    let house = House::new().await;
    let all = [
        Platform::CiscoIos,
        Platform::AristaEos,
        Platform::JuniperJunos,
        Platform::MikrotikRouteros,
        Platform::Frr,
        Platform::Linux,
    ];
    let (mut ids, mut fleet) = (Vec::new(), Vec::new());
    for platform in all {
        let name = platform.as_str().replace('_', "-");
        let (id, running) = unknown(&house, Device::new(platform, &name), "simulated").await;
        ids.push(id);
        fleet.push(running);
    }
    for (job, platform) in house.back_up_with(&ids, patient()).await.iter().zip(all) {
        let id = job.device.unwrap();
        assert_eq!((job.state, job.outcome), (JobState::Skipped, None), "{job:#?}");
        assert!(job.message.as_ref().unwrap().contains("% sure"), "{job:#?}");
        assert!(house.versions(id).await.is_empty(), "{platform:?}: a version before the confirmation");
        let found = proposed(&house, id).await.unwrap_or_else(|| panic!("{platform}"));
        assert_eq!(found.proposal.platform, platform.as_str(), "{found:#?}");
        assert!((50..100).contains(&found.proposal.sure) && found.job == Some(job.id), "{found:#?}");
        let device = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().device;
        // Not failed, not good: never backed up.
        assert!(device.last_job.is_none() && device.last_good_at.is_none(), "{device:#?}");
        proposals::confirm(&house.core, &house.grant::<ManageDevices>(), (id, 1), platform.as_str())
            .await
            .unwrap();
        assert!(proposed(&house, id).await.is_none());
    }
    for running in &fleet {
        let seen = running.seen();
        assert_eq!((seen.sessions, seen.connections), (1, 1), "signs in once");
        assert!(seen.commands <= 3, "two commands and the goodbye: {}", seen.commands);
    }
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_is_refused_where_it_does_not_fit() {
    let house = House::new().await;
    let id = house.add("r1", ("192.0.2.1", 22), "auto", None).await;
    let confirm = async |version: i32, platform: &str| {
        proposals::confirm(&house.core, &house.grant::<ManageDevices>(), (id, version), platform).await
    };
    assert!(matches!(confirm(1, "auto").await, Err(SaveDeviceError::UnknownPlatform { .. })));
    assert!(matches!(confirm(1, "ciscoo").await, Err(SaveDeviceError::UnknownPlatform { .. })));
    assert!(matches!(confirm(7, "frr").await, Err(SaveDeviceError::Stale)));
    confirm(1, "frr").await.unwrap();
    assert!(matches!(confirm(2, "cisco_ios").await, Err(SaveDeviceError::Stale)), "it is confirmed already");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once() {
    let house = House::new().await;
    let (id, running) = unknown(&house, Device::new(Platform::CiscoIos, "r1"), "wrong").await;
    let job = house.back_up_with(&[id], patient()).await.remove(0);
    assert_eq!((job.class, job.stage), (Some(FailureClass::AuthFailed), Some(Stage::Auth)), "{job:#?}");
    assert_eq!(running.seen().auth_attempts, 1);
    assert!(proposed(&house, id).await.is_none());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_device_fails_with_what_was_seen_and_nothing_secret_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("frobnicator");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("box.session");
    let session = "Frobnicator, password: hunter2zz today\r\n\\e[31m<b>box</b>> \n> show version\nshow version\r\nsecret hunter2zz \\e[2J\\x07oops\r\n<b>box</b>> \n";
    std::fs::write(&file, session.replace("\\\\", "\\")).unwrap();
    let house = House::new().await;
    let device = Device::playing(Capture::load(&file).unwrap(), "box");
    let (id, _running) = unknown(&house, device, "simulated").await;
    let job = house.back_up_with(&[id], patient()).await.remove(0);
    assert_eq!((job.state, job.class), (JobState::Failed, Some(FailureClass::UnknownPlatform)), "{job:#?}");
    let message = job.message.clone().unwrap();
    for words in ["No platform fits", "Seen: the prompt `", "`show version`", "Choose the platform"] {
        assert!(message.contains(words), "{words}: {message}");
    }
    let screen = house.screen(job.id).await.unwrap();
    let log: String = house.log(job.id).await.into_iter().map(|line| line.text + "\n").collect();
    for (what, text) in [("message", &message), ("screen", &screen), ("log", &log)] {
        assert!(!text.contains("hunter2zz"), "{what}: {text}");
        assert_visible(what, text);
    }
    assert!(proposed(&house, id).await.is_none());
    assert!(house.versions(id).await.is_empty());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_devices_are_found_out_through_a_real_socket() {
    let Some(folder) = shared::captures() else { return };
    let house = House::new().await;
    let (mut ids, mut fleet) = (Vec::new(), Vec::new());
    for name in ["fortigate#FortiGate-91G_7.4.7", "h3c#5130-48G_7.1.070", "nxos#N5548_7.3.13"] {
        let capture = Capture::load(&folder.join(format!("{name}#simulation.yaml"))).unwrap();
        let device = Device::playing(capture, &format!("d{}", ids.len()));
        let (id, running) = unknown(&house, device, "simulated").await;
        ids.push(id);
        fleet.push(running);
    }
    for (job, running) in house.back_up_with(&ids, patient()).await.iter().zip(&fleet) {
        assert_eq!(job.state, JobState::Skipped, "{job:#?}");
        let found = proposed(&house, job.device.unwrap()).await.unwrap();
        assert_eq!(
            found.proposal.platform,
            shipped_key(running.device().platform_name()).unwrap(),
            "{found:#?}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_it_looks_like_and_why_and_one_click_uses_it() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let (id, _running) = unknown(&house, Device::new(Platform::AristaEos, "leaf-1"), "simulated").await;
    let page = format!("/devices/{id}");
    assert!(admin.page(&page).await.contains("It is yet to be found out."));
    assert!(admin.page("/devices/new").await.contains("Find out by itself"));
    house.back_up_with(&[id], patient()).await;
    let text = admin.page(&page).await;
    for words in
        ["This looks like Arista EOS (", "% sure)", "`show version` says `", "Use it", "Choose another"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let filter = DeviceFilter { platform: Some("auto".to_owned()), ..DeviceFilter::default() };
    let by = house.grant::<ViewDevices>();
    let listed = devices::list(&house.core, &by, &filter, PageRequest::first(10)).await.unwrap().0;
    assert_eq!(listed.rows.len(), 1);
    assert!(admin.page("/devices?platform=auto").await.contains("leaf-1"));

    let path = format!("/devices/{id}/platform");
    let refused = admin.post(&path, &[("platform", "nothing"), ("version", "1")]).await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER);
    assert!(admin.page(&page).await.contains("&#34;nothing&#34; is not a platform"));
    let form = [("platform", "arista_eos"), ("version", "1"), ("back_up", "yes")];
    let used = admin.post(&path, &form).await;
    let to = used.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.starts_with("/jobs/"), "a backup was started: {to}");
    let text = admin.page(&page).await;
    assert!(text.contains("Arista EOS") && !text.contains("This looks like"), "{text}");
    house.close().await;
}
