//! The master key: refused when others can read it, and without the right one NetRaven is sealed (S-42, S-45).

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use netraven::{
    app::{self, StartError},
    config::Config,
    crypt::{master, password::Passwords},
    domain::access::Role,
    service::{Core, Fault, backups, jobs, queue},
};
use reqwest::StatusCode;

use crate::support::{
    house::{House, PASSWORD, quick},
    sql, stock,
};

/// Starts a second NetRaven on the same folder and database.
async fn start(house: &House) -> Result<Core, StartError> {
    let clock = house.clock.clone();
    app::open_with(&house.places, Arc::new(move || clock.now()), Passwords::cheap()).await
}

// S-42
#[tokio::test]
async fn a_master_key_that_others_can_read_stops_the_start_in_one_line() {
    let house = House::new().await;
    let key = &house.places.master_key;
    assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o644, 0o604, 0o660, 0o622, 0o777] {
        fs::set_permissions(key, fs::Permissions::from_mode(mode)).unwrap();
        let refused = start(&house).await.err().unwrap().to_string();
        assert!(refused.contains("chmod 600") && refused.contains(&format!("{mode:o}")), "{refused}");
        assert_eq!(refused.lines().count(), 1);
    }
    fs::set_permissions(key, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(start(&house).await.is_ok());
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(key, "not a key\n").unwrap();
    let refused = start(&house).await.err().unwrap().to_string();
    assert!(refused.contains("does not hold a key"), "{refused}");
}

// S-42: the key is nowhere in the database.
#[tokio::test]
async fn the_master_key_is_not_in_the_database() {
    let house = House::new().await;
    let text = fs::read_to_string(&house.places.master_key).unwrap();
    let line = text.lines().find(|line| !line.starts_with('#')).unwrap();
    let key = master::read(&house.places.master_key).unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
    for (table, rows) in sql::everything(&house.core).await {
        for row in rows {
            assert!(!row.contains(line) && !row.to_uppercase().contains(&hex), "{table}");
        }
    }
}

// S-45
#[tokio::test(flavor = "multi_thread")]
async fn without_its_key_netraven_is_sealed_and_the_right_key_opens_it_again() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let device = stock::device(&house.core, "core-1").await;
    let backup = stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let key = house.places.master_key.clone();
    let right = fs::read(&key).unwrap();
    for wrong in [true, false] {
        fs::remove_file(&key).unwrap();
        if wrong {
            master::create(&key).unwrap();
        }
        let before = sql::everything(&house.core).await;
        let core = start(&house).await.unwrap();
        assert!(core.keyring.why_sealed().is_some(), "wrong: {wrong}");
        assert_eq!(key.exists(), wrong, "a new master key was made over sealed data");
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let second = app::House::start(core.clone(), &config, Some(quick())).await.unwrap();
        // A backup that is asked for waits; nobody takes it.
        let started =
            jobs::back_up(&core, &stock::grant(), jobs::Which::These(vec![device])).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        let job = jobs::find(&core, &stock::grant(), started.jobs[0].0).await.unwrap().unwrap();
        assert_eq!((job.state.as_str(), job.attempt), ("queued", 0));
        pages_say_so(&format!("http://{}", second.address())).await;
        let version = backups::find(&core, &stock::grant(), backup).await.unwrap().unwrap();
        let read = backups::masked(&core, &stock::grant(), &version).await;
        assert!(matches!(read, Err(Fault::Sealed(_))), "{read:?}");
        second.stop().await;
        jobs::cancel(&core, &stock::grant(), started.jobs[0].0).await.unwrap();
        let after = sql::everything(&house.core).await;
        for table in ["credentials", "contents", "backups", "data_keys", "devices"] {
            assert_eq!(after[table], before[table], "{table} was written while sealed");
        }
        if wrong {
            fs::remove_file(&key).unwrap();
        }
        fs::write(&key, &right).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let core = start(&house).await.unwrap();
        assert!(core.keyring.why_sealed().is_none());
        assert!(backups::masked(&core, &stock::grant(), &version).await.unwrap().contains("hostname core-1"));
        stock::claimed(&core, device).await;
        assert_eq!(queue::release(&core, "test").await.unwrap(), 1);
        sql::run(&core, "UPDATE jobs SET state = 'canceled' WHERE state = 'queued'").await;
    }
}

/// A browser can sign in to a sealed house, and is told.
async fn pages_say_so(url: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let page = client.get(format!("{url}/login")).send().await.unwrap().text().await.unwrap();
    let token = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
    let form = [("csrf", token), ("username", "admin"), ("password", PASSWORD)];
    let reply = client.post(format!("{url}/login")).form(&form).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let page = reply.text().await.unwrap();
    assert!(page.to_lowercase().contains("sealed"), "the start page does not say that NetRaven is sealed");
    for path in ["/devices", "/devices/1", "/jobs", "/schedules", "/audit", "/devices/1/backups"] {
        let reply = client.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
    }
    let health = client.get(format!("{url}/healthz")).send().await.unwrap().text().await.unwrap();
    assert_eq!(health, "sealed\n");
    let reply = client.get(format!("{url}/readyz")).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.text().await.unwrap().contains("key: NetRaven is sealed"));
}
