//! Devices that cannot be reached, and each way to be let in.

use netraven::{
    domain::{
        failure::{FailureClass as Class, Stage},
        id::DeviceId,
    },
    simulate::{AuthMethod, Device, Platform},
};

use crate::support::{
    fleet::{anywhere, key, password, patient},
    house::{House, quick},
    process::{free_port, run},
};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_reached_or_has_no_credential_is_told_apart() {
    let house = House::new().await;
    let open = house
        .fleet([Device::new(Platform::CiscoIos, "open")])
        .await
        .1
        .remove(0);
    let who = || Some(password("netraven", "simulated"));
    let here = ("localhost", open.address().port());
    let nobody = ("127.0.0.1", free_port());
    let table = [
        (
            "no-name",
            ("no-such-host.invalid", 22),
            who(),
            Class::Unresolvable,
            Stage::Resolve,
        ),
        ("no-port", nobody, who(), Class::Refused, Stage::Connect),
        // Reserved for documents: no route, or no answer.
        (
            "no-host",
            ("192.0.2.77", 22),
            who(),
            Class::Unreachable,
            Stage::Connect,
        ),
        ("no-secret", here, None, Class::NoCredential, Stage::Auth),
    ];
    let (mut ids, mut wanted) = (Vec::<DeviceId>::new(), Vec::new());
    for (name, place, credential, class, stage) in table {
        ids.push(house.add(name, place, "cisco_ios", credential).await);
        wanted.push((Some(class), Some(stage)));
    }
    let jobs = house.back_up_with(&ids, quick()).await;
    for (job, wanted) in jobs.iter().zip(wanted) {
        assert_eq!((job.class, job.stage), wanted, "{job:#?}");
        assert_eq!(
            house.log(job.id).await.last().map(|line| line.stage),
            Some(job.stage),
            "{job:#?}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_in_works_alone_and_costs_one_try() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let keygen = |file: &std::path::Path, passphrase: &str| {
        run(std::process::Command::new("/usr/bin/ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", passphrase, "-f"])
            .arg(file));
        std::fs::read_to_string(file.with_extension("pub"))
            .unwrap()
            .parse::<russh::keys::PublicKey>()
            .unwrap()
    };
    let (locked, other) = (folder.path().join("locked"), folder.path().join("other"));
    let keys = [keygen(&file, ""), keygen(&locked, "open sesame")];
    keygen(&other, "");
    let house = House::new().await;
    let table = [
        (
            AuthMethod::Password,
            None,
            password("netraven", "simulated"),
            [1, 0, 0],
            None,
        ),
        (
            AuthMethod::KeyboardInteractive,
            None,
            password("netraven", "simulated"),
            [1, 1, 0],
            None,
        ),
        (
            AuthMethod::PublicKey,
            Some(0),
            key("netraven", &file, None),
            [0, 0, 1],
            None,
        ),
        (
            AuthMethod::PublicKey,
            Some(1),
            key("netraven", &locked, Some("open sesame")),
            [0, 0, 1],
            None,
        ),
        (
            AuthMethod::PublicKey,
            Some(1),
            key("netraven", &locked, Some("wrong")),
            [0, 0, 0],
            Some(Class::AuthFailed),
        ),
        (
            AuthMethod::PublicKey,
            Some(0),
            key("netraven", &other, None),
            [0, 0, 1],
            Some(Class::AuthFailed),
        ),
    ];
    let (mut ids, mut fleet, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (method, known, credential, tries, class)) in table.into_iter().enumerate() {
        let mut device = Device::new(Platform::CiscoIos, &format!("way-{n}"));
        device.auth = vec![method];
        device.authorized_key = known.map(|n: usize| keys[n].clone());
        let running = netraven::simulate::start(device, anywhere()).await.unwrap();
        let place = ("127.0.0.1", running.address().port());
        ids.push(
            house
                .add(&format!("way-{n}"), place, "cisco_ios", Some(credential))
                .await,
        );
        fleet.push(running);
        wanted.push((method, tries, class));
    }
    let jobs = house.back_up_with(&ids, patient()).await;
    for ((job, (method, tries, class)), running) in jobs.iter().zip(wanted).zip(&fleet) {
        assert_eq!(job.class, class, "{method}: {job:#?}");
        let seen = running.seen();
        // A password is tried before the device is asked what it offers; it counts that as no try.
        let [passwords, answers, offered] = tries;
        assert!(
            seen.passwords <= passwords && seen.keyboard_interactive == answers,
            "{method}: {seen:?}"
        );
        assert_eq!(seen.public_keys, offered, "{method}: {seen:?}");
    }
    house.close().await;
}
