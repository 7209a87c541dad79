//! What is chosen in the list of devices is taken out, and forms have no fields of their own invention.

use netraven::domain::access::Role;
use reqwest::StatusCode;

use crate::support::{house::House, stock};

#[tokio::test]
async fn chosen_devices_are_taken_out_as_a_table_and_as_configurations() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for name in ["core-1", "core-2", "edge-1"] {
        let id = stock::device(&house.core, name).await;
        stock::version(&house.core, id, &format!("hostname {name}\nend\n")).await;
    }
    let page = admin.page("/devices").await;
    assert!(page.contains("value=\"export\"") && page.contains("value=\"archive\""), "{page}");
    let these = [("devices", "1"), ("devices", "3"), ("devices", "99")];
    let table = admin.post("/devices/bulk", &[these.as_slice(), &[("act", "export")]].concat()).await;
    assert!(table.headers()["content-disposition"].to_str().unwrap().contains("netraven-devices-"));
    let table = table.text().await.unwrap();
    let names: Vec<&str> = table.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(names, ["core-1", "edge-1"]);
    let all = admin.post("/devices/bulk", &[("act", "export"), ("which", "all"), ("q", "core")]).await;
    let all = all.text().await.unwrap();
    assert!(all.contains("core-2") && !all.contains("edge-1"), "{all}");
    // The configurations are asked about first, then come as one archive.
    let asks = admin.post("/devices/bulk", &[these.as_slice(), &[("act", "archive")]].concat()).await;
    let asks = asks.text().await.unwrap();
    assert!(asks.contains("2 versions of 2 devices"), "{asks}");
    assert!(asks.contains("name=\"version\" value=\"1\"") && asks.contains("name=\"version\" value=\"3\""));
    let archive = admin.post("/backups/export", &[("version", "1"), ("version", "3")]).await;
    assert_eq!(archive.status(), StatusCode::OK);
    assert!(archive.bytes().await.unwrap().starts_with(b"PK"));
}

// S-38: a field that no page has is refused, it is not ignored.
#[tokio::test]
async fn fields_that_no_page_has_are_refused() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let id = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, id, "hostname core-1\nend\n").await;
    for (address, fields) in [
        ("/devices/bulk", [("act", "disable"), ("devices", "1"), ("owner_id", "1")]),
        ("/backups/export", [("version", "1"), ("text", ""), ("raw", "yes")]),
    ] {
        let reply = admin.post(address, &fields).await;
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{address}");
    }
    let enabled = "SELECT count(*) FROM devices WHERE is_enabled";
    assert_eq!(crate::support::sql::number(&house.core, enabled).await, 1);
}
