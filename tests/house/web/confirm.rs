//! What cannot be taken back asks for the password again (S-27), and gives the session a new id (S-22).

use std::time::Duration;

use netraven::{
    domain::access::Role,
    web::routes::{Access, ROUTES},
};
use reqwest::StatusCode;

use super::{location, path};
use crate::support::{
    house::{House, PASSWORD},
    sql,
};

#[tokio::test]
async fn every_route_that_needs_it_asks_first_and_does_nothing() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let mut before = sql::everything(&house.core).await;
    let mut asked = 0;
    for route in ROUTES.iter().filter(|route| matches!(route.access, Access::Confirmed(_))) {
        let path = path(route, "1");
        let reply = if route.method == "GET" { admin.get(&path).await } else { admin.post(&path, &[]).await };
        assert_eq!(reply.status(), StatusCode::SEE_OTHER, "{} {path}", route.method);
        assert!(location(&reply).starts_with("/confirm?next="), "{path}: {}", location(&reply));
        asked += 1;
    }
    assert!(asked > 0);
    let mut after = sql::everything(&house.core).await;
    for table in ["sessions", "audit_events"] {
        before.remove(table);
        after.remove(table);
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn the_right_password_opens_it_for_five_minutes_and_only_that() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let wrong = admin.post("/confirm", &[("password", "wrong"), ("next", "/keys/rotate")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.get("/keys/rotate").await.status(), StatusCode::SEE_OTHER);
    let right = admin.post("/confirm", &[("password", PASSWORD), ("next", "/keys/rotate")]).await;
    assert_eq!(location(&right), "/keys/rotate");
    assert_eq!(admin.get("/keys/rotate").await.status(), StatusCode::OK);
    house.clock.advance(Duration::from_mins(5));
    assert_eq!(admin.get("/keys/rotate").await.status(), StatusCode::SEE_OTHER);
    let events = sql::texts(
        &house.core,
        "SELECT event || ' ' || outcome AS value FROM audit_events WHERE event LIKE 'confirm%' ORDER BY id",
    )
    .await;
    assert_eq!(events, ["confirmation_refused refused", "confirmed done"]);
}

#[tokio::test]
async fn the_old_session_id_is_dead_afterwards() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let before = sql::texts(&house.core, "SELECT token_hash AS value FROM sessions").await;
    admin.confirm().await;
    let after = sql::texts(&house.core, "SELECT token_hash AS value FROM sessions").await;
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after);
    assert_eq!(admin.get("/").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn it_leads_nowhere_else() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let reply = admin.post("/confirm", &[("password", PASSWORD), ("next", "//evil.example")]).await;
    assert_eq!(location(&reply), "/");
}
