//! A switch that lets everybody in by SSH and asks for name and password then, through a real socket.

use netraven::{
    domain::{
        failure::{FailureClass, Stage},
        job::Outcome,
    },
    simulate::{Capture, Device},
};

use crate::support::{fleet::patient, house::House};

const OFFICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cisco_smb/office");

/// The session by hand of a small switch, with the questions in front and what it says to the password.
fn asking(name: &str, says: &str) -> Device {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cisco_smb");
    std::fs::create_dir(&folder).unwrap();
    let session = std::fs::read_to_string(format!("{OFFICE}.session")).unwrap();
    let prompt = "\n\nsg350-office#\n";
    assert!(session.contains(prompt));
    let asks = format!("\n\nUser Name:\n> netraven\nnetraven\nPassword:\n> simulated\n*********\n{says}\n");
    let path = folder.join("asks.session");
    std::fs::write(&path, session.replacen(prompt, &asks, 1)).unwrap();
    Device::playing(Capture::load(&path).unwrap(), name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_asks_within_ssh_is_answered_once() {
    let house = House::new().await;
    let says = ["\nsg350-office#", "\nauthentication failed\nUser Name:", "\nEnter new password:"];
    let devices = says.iter().enumerate().map(|(n, says)| asking(&format!("office-{n}"), says));
    let (ids, fleet) = house.fleet(devices).await;
    let jobs = house.back_up_with(&ids, patient()).await;
    assert_eq!(jobs[0].outcome, Some(Outcome::Stored), "{:#?}", jobs[0]);
    let kept = house.raw(&house.versions(ids[0]).await[0]).await;
    assert_eq!(kept, std::fs::read(format!("{OFFICE}.config")).unwrap());
    let log: Vec<String> = house.log(jobs[0].id).await.into_iter().map(|entry| entry.text).collect();
    let let_in = log.iter().filter(|line| line.starts_with("let in by password in")).count();
    assert_eq!(let_in, 2, "by SSH and within it: {log:#?}");
    assert!(!log.join("\n").contains("simulated"), "{log:#?}");
    for job in &jobs[1..] {
        assert_eq!((job.class, job.stage), (Some(FailureClass::AuthFailed), Some(Stage::Auth)), "{job:#?}");
    }
    assert!(fleet.iter().all(|device| device.seen().sessions == 1));
    house.close().await;
}
