//! What a job brings is kept: whole, sealed, in order, and still there when everything is opened anew.

use std::sync::Arc;

use netraven::{
    app,
    crypt::password::Passwords,
    domain::{
        access::{ReadRaw, ViewDevices},
        job::Outcome,
    },
    service::backups,
    simulate::{Device, Fault, Faults, Platform},
};

use crate::support::{house::House, sql, stock};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_s_history_is_kept_in_order_and_opens_after_a_restart() {
    let house = House::new().await;
    let (id, running) = house.device(Device::new(Platform::CiscoIos, "core")).await;
    let mut history = Vec::new();
    for line in
        ["ntp server 192.0.2.1", "ntp server 192.0.2.2", "ntp server 192.0.2.2", "ntp server 192.0.2.3"]
    {
        let base = Device::new(Platform::CiscoIos, "core").configuration;
        running.set_config(&base.replace("\nend", &format!("\n{line}\nend")));
        let job = house.back_up(&[id]).await.remove(0);
        history.push((job.outcome.unwrap(), job.backup.unwrap()));
    }
    // A text that lost most of its lines is kept apart and changes nothing.
    running.set_faults(Fault::Shrink);
    let doubted = house.back_up(&[id]).await.remove(0);
    assert_eq!((doubted.outcome, doubted.backup), (Some(Outcome::Suspect), None), "{doubted:#?}");
    running.set_faults(Faults::none());
    let (stored, same) = (Outcome::Stored, Outcome::Unchanged);
    assert_eq!(
        history.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>(),
        [stored, stored, same, stored]
    );
    assert_eq!(history[1].1, history[2].1, "the same text is the same version");

    // Everything is opened anew, as by a process that starts.
    let clock = house.clock.clone();
    let core =
        app::open_with(&house.places, Arc::new(move || clock.now()), Passwords::cheap()).await.unwrap();
    let (look, read) = (stock::grant::<ViewDevices>(), stock::grant::<ReadRaw>());
    for (n, line) in [(0, "192.0.2.1"), (1, "192.0.2.2"), (3, "192.0.2.3")] {
        let version = backups::find(&core, &look, history[n].1).await.unwrap().unwrap();
        let raw = backups::download(&core, &read, &version).await.unwrap();
        assert_eq!(netraven::crypt::token::sha256(&raw), version.sha256);
        let text = String::from_utf8(raw).unwrap();
        assert!(
            text.contains(&format!("ntp server {line}\n")) && text.trim_end().ends_with("\nend"),
            "{text}"
        );
    }
    assert_eq!(backups::newest(&core, &look, id).await.unwrap().unwrap().id, history[3].1);
    assert_eq!(backups::suspects(&core, &look, id).await.unwrap().len(), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_sealed_and_equal_texts_are_kept_once() {
    let house = House::new().await;
    let text = Device::new(Platform::Frr, "either").configuration;
    let text = text.replacen("\n!\n", "\n!\nbanner motd line Quetzalcoatl\n!\n", 1);
    let twins = (1..=2).map(|n| Device {
        configuration: text.as_str().into(),
        ..Device::new(Platform::Frr, &format!("twin-{n}"))
    });
    let (ids, _fleet) = house.fleet(twins).await;
    let jobs = house.back_up(&ids).await;
    assert!(jobs.iter().all(|job| job.outcome == Some(Outcome::Stored)), "{jobs:#?}");
    assert_eq!(jobs[0].sha256, jobs[1].sha256);
    let (versions, texts) = (
        sql::number(&house.core, "SELECT count(*) FROM backups").await,
        sql::number(&house.core, "SELECT count(DISTINCT sha256) FROM backups").await,
    );
    assert_eq!((versions, texts), (2, 1));
    for (table, rows) in sql::everything(&house.core).await {
        assert!(!rows.iter().any(|row| row.contains("Quetzalcoatl")), "in clear in {table}");
    }
    house.close().await;
}
