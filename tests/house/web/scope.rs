//! What a person with a scope does not see is as if it were not there (S-37), on every route of the table.

use netraven::{domain::access::Role, service::tags, web::routes::ROUTES};
use reqwest::StatusCode;

use super::{is_stream, path, sign_in};
use crate::support::{
    house::{House, Visitor},
    sql, stock,
};

/// In the name, address, text and log of everything that is foreign.
const MARK: &str = "zzforeign";

/// Paths under which a number is the id of a device or of something of a device.
const OF_DEVICES: &[&str] =
    &["/devices/{id}", "/backups/{id}", "/suspects/{id}", "/jobs/{id}", "/batches/{id}"];

/// A house with a foreign device, which has id 1 of everything, and one of their own for two scoped people.
async fn divided() -> House {
    let house = House::new().await;
    for role in [Role::Admin, Role::Operator, Role::Viewer] {
        house.person(role).await;
    }
    let foreign = stock::device(&house.core, MARK).await;
    stock::version(&house.core, foreign, &format!("hostname {MARK}\nend\n")).await;
    stock::version(&house.core, foreign, &format!("hostname {MARK}\n!\nend\n")).await;
    stock::suspect(&house.core, foreign, &format!("hostname {MARK}\n")).await;
    let own = stock::device(&house.core, "own-1").await;
    stock::version(&house.core, own, "hostname own-1\nend\n").await;
    let tag = stock::tag(&house.core, "site-a").await;
    tags::assign(&house.core, &stock::grant(), &[own], &[tag], true).await.unwrap();
    sql::run(
        &house.core,
        "UPDATE users SET scope = 'tags' WHERE username <> 'admin';
         INSERT INTO user_tags (user_id, tag_id) SELECT users.id, tags.id FROM users, tags
           WHERE users.username <> 'admin' AND tags.name = 'site-a';",
    )
    .await;
    house
}

async fn scoped(house: &House) -> Vec<Visitor> {
    vec![sign_in(house, "viewer").await, sign_in(house, "operator").await]
}

#[tokio::test]
async fn no_page_shows_a_foreign_device_and_none_of_its_own_pages_is_there() {
    let house = divided().await;
    for visitor in scoped(&house).await {
        for route in ROUTES.iter().filter(|route| route.method == "GET") {
            let is_of_device = OF_DEVICES.iter().any(|under| route.path.starts_with(under));
            if is_stream(route) && !is_of_device {
                continue;
            }
            let reply = visitor.get(&path(route, "1")).await;
            let status = reply.status();
            if is_of_device {
                let is_hidden =
                    matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::SEE_OTHER);
                assert!(is_hidden, "{} gives {status}", route.path);
            }
            let text = reply.text().await.unwrap();
            assert!(!text.contains(MARK), "{} shows a foreign device", route.path);
        }
        for address in [
            format!("/devices?q={MARK}"),
            format!("/backups?contains={MARK}"),
            format!("/backups?device={MARK}"),
            format!("/jobs?q={MARK}"),
            "/jobs?device=1".to_owned(),
            "/jobs?batch=1".to_owned(),
            "/compare?old=1&new=2".to_owned(),
            "/compare.patch?old=1&new=2".to_owned(),
            "/compare?old=1&new=3".to_owned(),
            "/devices.csv".to_owned(),
        ] {
            let text = visitor.get(&address).await.text().await.unwrap();
            // What was typed comes back in the field it was typed into.
            let shown = text.replace(&format!("value=\"{MARK}\""), "").replace(&format!("={MARK}"), "");
            assert!(!shown.contains(MARK), "{address} shows a foreign device");
        }
        assert_eq!(visitor.get("/devices/2").await.status(), StatusCode::OK, "the own one is there");
    }
}

#[tokio::test]
async fn no_form_changes_a_foreign_device() {
    let house = divided().await;
    let operator = sign_in(&house, "operator").await;
    let tables = ["devices", "backups", "suspects", "jobs", "device_tags", "credentials"];
    let mut before = sql::everything(&house.core).await;
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        if OF_DEVICES.iter().any(|under| route.path.starts_with(under)) {
            let reply = operator.post(&path(route, "1"), &[]).await;
            let status = reply.status();
            assert!(
                matches!(
                    status,
                    StatusCode::NOT_FOUND
                        | StatusCode::FORBIDDEN
                        | StatusCode::BAD_REQUEST
                        | StatusCode::SEE_OTHER
                ) || status == StatusCode::UNPROCESSABLE_ENTITY,
                "{} gives {status}",
                route.path
            );
        }
    }
    // In a list of many a foreign one counts as not there.
    operator.post("/backups/run", &[("devices", "1")]).await;
    for act in ["backup", "enable", "disable", "tag", "untag", "schedule", "delete"] {
        let form = [("act", act), ("devices", "1"), ("tag_id", "1"), ("schedule_id", "1"), ("sure", "yes")];
        operator.post("/devices/bulk", &form).await;
    }
    let mut after = sql::everything(&house.core).await;
    for table in tables {
        assert_eq!(before.remove(table), after.remove(table), "{table} changed");
    }
}
