//! The contexts of a device that is divided, on its pages: listed, read, downloaded, compared and found alone.

use netraven::{
    domain::{
        access::Role,
        id::{BackupId, DeviceId},
        job::Outcome,
    },
    simulate::{self, Capture, Device, Identity, Running, contexts::asa},
};
use reqwest::StatusCode;

use crate::support::{fleet::patient, house::House, sql};

const LINES: &str =
    "object network a\n host 192.0.2.1\n!\nsnmp-server host inside 192.0.2.9 community canary-7 version 2c\n";

/// A firewall with two versions: one context changed in the second, one came and one went.
async fn furnished() -> (House, DeviceId, [BackupId; 2], Running) {
    let house = House::new().await;
    let changed = LINES.replace("192.0.2.1\n", "192.0.2.77\n");
    let first = asa("fw1", &[("admin", LINES), ("b-1", LINES), ("c2", LINES)]);
    let second = asa("fw1", &[("admin", LINES), ("b-1", &changed), ("d3", LINES)]);
    let identity = Some(Identity::ed25519().unwrap());
    let device = |capture: Capture| Device { identity: identity.clone(), ..Device::playing(capture, "fw1") };
    let (ids, mut fleet) = house.fleet([device(first.capture)]).await;
    assert_eq!(house.back_up_with(&ids, patient()).await[0].outcome, Some(Outcome::Stored));
    let place = fleet[0].address();
    drop(fleet.remove(0));
    let running = simulate::start(device(second.capture), place).await.unwrap();
    assert_eq!(house.back_up_with(&ids, patient()).await[0].outcome, Some(Outcome::Stored));
    let versions = house.versions(ids[0]).await;
    (house, ids[0], [versions[1].id, versions[0].id], running)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_context_is_listed_read_and_downloaded_alone() {
    let (house, device, [old, new], _running) = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page(&format!("/devices/{device}")).await;
    assert!(page.contains("Contexts of the current version"), "{page}");
    assert!(page.contains(&format!("/backups/{new}?context=b-1")), "{page}");

    let page = viewer.page(&format!("/backups/{new}")).await;
    let rows: Vec<&str> = page.split("<tr>").filter(|row| row.contains("data-label=\"Against")).collect();
    let standing = |row: &str| {
        ["First version", "New", "Changed", "As before", "Gone"]
            .into_iter()
            .find(|word| row.contains(&format!(">{word}")))
            .map(str::to_owned)
    };
    let told: Vec<_> = rows.iter().filter_map(|row| standing(row)).collect();
    assert_eq!(told, ["Changed", "As before", "Changed", "New", "Gone"], "{page}");
    assert!(page.contains(&format!("/compare?old={old}&#38;new={new}&#38;context_name=b-1")), "{page}");
    assert!(!page.contains(&format!("/backups/{new}/raw")), "a viewer has no way to secrets");
    assert!(page.contains("! context: b-1") && page.contains("hostname admin"), "the whole is shown");

    let page = viewer.page(&format!("/backups/{new}?context=b-1")).await;
    assert!(page.contains("of the context b-1") && page.contains("host 192.0.2.77"), "{page}");
    assert!(
        !page.contains("hostname admin") && !page.contains("canary-7") && page.contains("&#60;secret:"),
        "{page}"
    );
    let text = viewer.get(&format!("/backups/{new}/text?context=b-1")).await;
    let name = text.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("fw1_b-1_") && name.contains("masked.cfg"), "{name}");
    let text = text.text().await.unwrap();
    assert!(
        text.starts_with(": Saved\n") && !text.contains("canary-7") && !text.contains("! context:"),
        "{text}"
    );
    for nowhere in ["/backups/{}?context=z", "/backups/{}/text?context=z", "/backups/{}?context=c2"] {
        let reply = viewer.get(&nowhere.replace("{}", &new.to_string())).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{nowhere}");
    }
    assert_eq!(viewer.get(&format!("/backups/{new}/raw?context=b-1")).await.status(), StatusCode::FORBIDDEN);

    // With its secrets: to whoever may, and written down.
    let count = "SELECT count(*) FROM audit_events WHERE event = 'raw_read'";
    let operator = house.signed_in(Role::Operator).await;
    let nothing = operator.get(&format!("/backups/{new}/raw?context=z")).await;
    assert_eq!((nothing.status(), sql::number(&house.core, count).await), (StatusCode::NOT_FOUND, 0));
    let raw = operator.get(&format!("/backups/{new}/raw?context=b-1")).await.text().await.unwrap();
    assert!(raw.contains("canary-7") && raw.ends_with(": end\n") && !raw.contains("hostname admin"), "{raw}");
    let said = "SELECT detail AS value FROM audit_events WHERE event = 'raw_read'";
    assert_eq!(
        sql::texts(&house.core, said).await,
        [format!("raw text of the context b-1 of version {new}")]
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_names_the_context_of_each_change_and_can_hold_one_only() {
    let (house, _, [old, new], _running) = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    for mode in ["unified", "split"] {
        let page = viewer.page(&format!("/compare?old={old}&new={new}&mode={mode}")).await;
        let bars: Vec<&str> =
            page.split("colspan=").skip(1).filter_map(|bar| bar.split(['>', '<']).nth(1)).collect();
        let bars: Vec<&&str> = bars.iter().filter(|bar| bar.starts_with("context ")).collect();
        assert_eq!(bars.first(), Some(&&"context system"), "{mode}: {bars:?}");
        assert!(bars.contains(&&"context b-1"), "{mode}: {bars:?}");
        assert!(page.contains("All contexts"), "{page}");
    }
    let page = viewer.page(&format!("/compare?old={old}&new={new}&context_name=b-1")).await;
    assert!(page.contains("What changed on fw1, context b-1"), "{page}");
    assert!(page.contains("+1 added") && page.contains("−1 removed"), "{page}");
    assert!(page.contains(&format!("/compare.patch?old={old}&#38;new={new}&#38;context_name=b-1")), "{page}");
    let patch = viewer.get(&format!("/compare.patch?old={old}&new={new}&context_name=b-1")).await;
    let patch = patch.text().await.unwrap();
    assert!(patch.contains("\n- host 192.0.2.1\n+ host 192.0.2.77\n") && !patch.contains("d3"), "{patch}");
    // One that came is new as a whole; one that neither has is not found.
    let page = viewer.page(&format!("/compare?old={old}&new={new}&context_name=d3")).await;
    assert!(page.contains("−0 removed"), "{page}");
    for address in ["/compare", "/compare.patch"] {
        let reply = viewer.get(&format!("{address}?old={old}&new={new}&context_name=z")).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{address}");
    }
    let page = viewer.page("/backups?text=192.0.2.77").await;
    assert!(page.contains("context b-1: ") && page.contains("host 192.0.2.77"), "{page}");
    house.close().await;
}
