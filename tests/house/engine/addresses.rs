//! Several addresses of one device: tried in order while nothing answers, and one key at all of them.

use netraven::{
    domain::{
        credential::NewCredential,
        device::{NewDevice, Reach},
        failure::{FailureClass as Class, Stage},
        id::DeviceId,
        job::{Job, JobState, Outcome},
    },
    engine::{Engine, Options},
    service::{devices, host_keys, jobs},
    simulate::{self, Device, Fault, Platform, Running},
};

use crate::support::{
    fleet::{anywhere, password, patient},
    house::{House, quick},
    process::free_port,
    stock,
};

async fn running(name: &str) -> Running {
    simulate::start(Device::new(Platform::CiscoIos, name), anywhere()).await.unwrap()
}

fn credential() -> NewCredential {
    let device = Device::new(Platform::CiscoIos, "any");
    password(&device.username, device.password.expose())
}

/// A device of the inventory at these ports of this machine, in this order.
async fn add(house: &House, name: &str, ports: &[u16]) -> DeviceId {
    let further: Vec<String> = ports[1..].iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let new = NewDevice {
        port: ports[0].to_string().parse().unwrap(),
        credential: Some(credential()),
        reach: Reach {
            further: netraven::domain::device::FurtherAddress::list(&further.join("\n")).unwrap(),
            ..Reach::default()
        },
        ..stock::new_device(name, "127.0.0.1", "x")
    };
    devices::create(&house.core, &house.grant(), new).await.unwrap()
}

async fn log(house: &House, job: &Job) -> String {
    house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
}

async fn back_up(house: &House, id: DeviceId, options: Options) -> Job {
    house.back_up_with(&[id], options).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_address_is_tried_where_nothing_answers_and_the_log_tells_each() {
    let house = House::new().await;
    let device = running("edge-1").await;
    let (dead, port) = (free_port(), device.address().port());
    let id = add(&house, "edge-1", &[dead, port]).await;
    let job = back_up(&house, id, patient()).await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}");
    let told = log(&house, &job).await;
    assert!(told.contains(&format!("127.0.0.1:{dead}: Connection refused")), "{told}");
    assert!(told.contains(&format!("trying the next address, 127.0.0.1 port {port}")), "{told}");
    assert!(told.contains(&format!("connected to 127.0.0.1:{port} by ssh")), "{told}");
    let pins = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().pins;
    let places: Vec<_> = pins.into_iter().map(|pin| pin.place).collect();
    assert_eq!(places, [("127.0.0.1".to_owned(), port)]);

    let none = add(&house, "edge-2", &[free_port(), free_port()]).await;
    let job = back_up(&house, none, quick()).await;
    assert_eq!((job.class, job.stage), (Some(Class::Refused), Some(Stage::Connect)), "{job:#?}");
    let message = job.message.unwrap();
    assert!(message.starts_with("none of the 2 addresses answers: 127.0.0.1:"), "{message}");
    house.close().await;
}

/// what was sent to one address may have been counted; what only broke there is not tried elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn once_a_device_has_answered_no_other_address_is_tried() {
    for fault in ["wrong-password", "stall=banner", "stall=key_exchange", "stall=auth", "cut=4000"] {
        let house = House::new().await;
        let (first, second) = (running("edge-1").await, running("edge-1").await);
        first.set_faults(fault.parse::<Fault>().unwrap());
        let id = add(&house, "edge-1", &[first.address().port(), second.address().port()]).await;
        let job = back_up(&house, id, quick()).await;
        assert_eq!(job.state, JobState::Failed, "{fault}: {job:#?}");
        assert!(first.seen().connections > 0, "{fault}");
        assert_eq!(second.seen().connections, 0, "{fault}: {}", log(&house, &job).await);
        house.close().await;
    }
}

/// A device shows one key at all its addresses; another one, as a console server has it, is a person's to accept.
#[tokio::test(flavor = "multi_thread")]
async fn another_key_at_a_further_address_stops_the_job_until_it_is_accepted_for_there() {
    let house = House::new().await;
    let (first, console) = (running("edge-1").await, running("edge-1").await);
    let (own, other) = (first.host_key_fingerprint(), console.host_key_fingerprint());
    assert_ne!(own, other);
    let (first_port, console_port) = (first.address().port(), console.address().port());
    let id = add(&house, "edge-1", &[first_port, console_port]).await;
    assert_eq!(back_up(&house, id, patient()).await.outcome, Some(Outcome::Stored));
    drop(first);
    let job = back_up(&house, id, quick()).await;
    assert_eq!((job.class, job.stage), (Some(Class::HostKeyChanged), Some(Stage::HostKey)), "{job:#?}");
    assert_eq!(console.seen().passwords, 0);
    let pins = async || {
        let found = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap();
        let pin =
            |pin: netraven::domain::host_key::Pin| (pin.place.1, pin.key.fingerprint, pin.refused.is_some());
        found.pins.into_iter().map(pin).collect::<Vec<_>>()
    };
    assert_eq!(pins().await, [(first_port, own.clone(), false), (console_port, own.clone(), true)]);
    assert!(host_keys::accept(&house.core, &house.grant(), id, &other).await.unwrap());
    assert_eq!(pins().await, [(first_port, own, false), (console_port, other, false)]);
    let job = back_up(&house, id, patient()).await;
    assert_eq!(job.state, JobState::Succeeded, "{}", log(&house, &job).await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_at_a_further_address_is_known_there() {
    let house = House::new().await;
    let device = running("edge-1").await;
    let port = device.address().port();
    let id = add(&house, "edge-1", &[port]).await;
    assert_eq!(back_up(&house, id, patient()).await.outcome, Some(Outcome::Stored));
    // Its own address is another now, where nothing answers; the old one is a further one.
    let found = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap().device;
    let moved = NewDevice {
        port: free_port().to_string().parse().unwrap(),
        credential: None,
        address: "localhost".parse().unwrap(),
        reach: Reach {
            further: netraven::domain::device::FurtherAddress::list(&format!(
                "127.0.0.2:{port} 127.0.0.1:{port}"
            ))
            .unwrap(),
            ..Reach::default()
        },
        ..stock::new_device("edge-1", "127.0.0.1", "x")
    };
    devices::update(&house.core, &house.grant(), (id, found.version), moved).await.unwrap();
    let job = back_up(&house, id, patient()).await;
    assert_eq!(job.outcome, Some(Outcome::Unchanged), "{}", log(&house, &job).await);
    assert!(log(&house, &job).await.contains("is the pinned one"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_of_each_address() {
    let house = House::new().await;
    let device = running("edge-1").await;
    let (dead, port) = (free_port(), device.address().port());
    let id = add(&house, "edge-1", &[dead, port]).await;
    let which = jobs::Which::These(vec![id]);
    let started = jobs::check(&house.core, &house.grant(), which).await.unwrap().unwrap();
    let engine = Engine::start(house.core.clone(), quick()).await.unwrap();
    let job = house.ended(&[started.jobs[0].0]).await.remove(0);
    engine.stop().await;
    assert_eq!(job.state, JobState::Succeeded, "{job:#?}");
    let found = devices::find(&house.core, &house.grant(), id).await.unwrap().unwrap();
    let note = found.device.reachability.unwrap().note;
    assert!(note.starts_with("1 of 2 addresses answer."), "{note}");
    assert!(note.contains(&format!("127.0.0.1 port {dead}: ")), "{note}");
    assert!(note.contains(&format!("127.0.0.1 port {port}: connected in")), "{note}");
    house.close().await;
}
