//! Shared credentials through the front door. Their secrets go in and never come out (S-48).

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

const SECRETS: [(&str, &str); 4] = [
    ("password", "canary-password"),
    ("enable", "canary-enable"),
    ("private_key", "canary-key"),
    ("passphrase", "canary-phrase"),
];

#[tokio::test]
async fn a_credential_is_added_linked_rotated_and_deleted_and_never_shows_its_secrets() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let long = "d".repeat(201);
    let wrong = [("name", ""), ("username", ""), ("description", long.as_str()), SECRETS[3]];
    let reply = admin.post("/credentials/new", &wrong).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains("5 things to correct") && page.contains(&long), "{page}");
    assert!(!page.contains("canary"), "a secret came back: {page}");

    let fields = [("name", "TACACS"), ("username", "netraven"), SECRETS[0], SECRETS[1], ("version", "")];
    let reply = admin.post("/credentials/new", &fields).await;
    let path = location(&reply).to_owned();
    assert!(path.starts_with("/credentials/"), "{} {path}", reply.status());
    let taken = admin.post("/credentials/new", &fields).await;
    assert_eq!(taken.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = taken.text().await.unwrap();
    assert!(page.contains("value=\"TACACS\"") && !page.contains("canary"), "{page}");

    let tag = stock::tag(&house.core, "site-a").await.to_string();
    for (priority, told) in [("0", "is no priority"), ("20", "It is tried through this tag")] {
        let form = [("tag", tag.as_str()), ("priority", priority)];
        assert_eq!(location(&admin.post(&format!("{path}/tags"), &form).await), path);
        let page = admin.page(&path).await;
        assert!(page.contains(told), "{page}");
    }
    let page = admin.page(&path).await;
    assert!(page.contains("site-a") && !page.contains("canary"), "{page}");

    let edit = format!("{path}/edit");
    let page = admin.page(&edit).await;
    assert!(page.contains("value=\"TACACS\"") && !page.contains("canary"), "{page}");
    let version = sql::number(&house.core, "SELECT version FROM credentials WHERE name = 'TACACS'").await;
    let version = version.to_string();
    let rotated = [
        ("name", "TACACS"),
        ("username", "netraven"),
        ("password", "canary-new"),
        ("keeps_old", "on"),
        ("version", &version),
    ];
    assert_eq!(location(&admin.post(&edit, &rotated).await), path);
    let kept = "SELECT count(*) FROM credentials WHERE name = 'TACACS' AND previous_id IS NOT NULL";
    assert_eq!(sql::number(&house.core, kept).await, 1);
    let stale = admin.post(&edit, &rotated).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!stale.text().await.unwrap().contains("canary"));
    admin.post(&format!("{path}/previous"), &[]).await;
    assert_eq!(sql::number(&house.core, kept).await, 0);
    admin.post(&format!("{path}/previous"), &[]).await;
    assert!(admin.page(&path).await.contains("There were none."));
    admin.post(&format!("{path}/resume"), &[]).await;
    assert!(admin.page(&path).await.contains("It was not stopped."));
    let at = house.clock.now().naive_utc();
    let stop = format!("UPDATE credentials SET stopped_at = '{at}' WHERE name = 'TACACS'");
    sql::run(&house.core, &stop).await;
    admin.post(&format!("{path}/resume"), &[]).await;
    assert!(admin.page(&path).await.contains("It is used again."));

    let device = stock::device(&house.core, "core-1").await.to_string();
    admin.post(&format!("{path}/test"), &[]).await;
    assert!(admin.page(&path).await.contains("select at least one device"));
    let reply = admin.post(&format!("{path}/test"), &[("devices", &device)]).await;
    assert!(location(&reply).starts_with("/batches/"), "{}", location(&reply));
    let tests = "SELECT count(*) FROM jobs WHERE kind = 'test_login'";
    assert_eq!(sql::number(&house.core, tests).await, 1);

    let id = path.trim_start_matches("/credentials/");
    admin.post("/devices/bulk", &[("act", "credential"), ("devices", &device), ("login", id)]).await;
    let chosen = format!("SELECT count(*) FROM devices WHERE credential_id = {id}");
    assert_eq!(sql::number(&house.core, &chosen).await, 1);
    admin.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(admin.get(&path).await.status(), StatusCode::OK, "a device has it");
    admin.post("/devices/bulk", &[("act", "credential"), ("devices", &device), ("login", "tags")]).await;
    assert_eq!(location(&admin.post(&format!("{path}/delete"), &[]).await), "/credentials");
    assert_eq!(admin.get(&path).await.status(), StatusCode::NOT_FOUND);
    let told = "SELECT coalesce(detail, '') || coalesce(changes, '') AS value FROM audit_events";
    assert!(sql::texts(&house.core, told).await.iter().all(|line| !line.contains("canary")));
}
