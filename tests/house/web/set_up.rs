//! The first admin (S-16, S-12).

use std::time::Duration;

use futures_util::future::join_all;
use netraven::{domain::access::Role, service::setup};
use reqwest::{Response, StatusCode};

use super::{is_signed_in, location};
use crate::support::{
    house::{House, PASSWORD, Visitor},
    sql,
};

async fn claim(visitor: &Visitor, token: &str, name: &str) -> Response {
    let fields = [
        ("token", token),
        ("username", name),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    visitor.post("/setup", &fields).await
}

async fn admins(house: &House) -> i64 {
    sql::number(&house.core, "SELECT count(*) FROM users").await
}

// S-16: twenty people race with the right token.
#[tokio::test]
async fn of_twenty_who_claim_at_once_one_becomes_admin() {
    let house = House::new().await;
    let token = setup::offer(&house.core).await.unwrap().unwrap();
    let visitors: Vec<Visitor> = (0..20).map(|_| house.visitor()).collect();
    join_all(visitors.iter().map(Visitor::token)).await;
    let names: Vec<String> = (0..20).map(|i| format!("admin-{i}")).collect();
    let claims = visitors
        .iter()
        .zip(&names)
        .map(|(visitor, name)| claim(visitor, token.expose(), name));
    let statuses: Vec<StatusCode> = join_all(claims).await.iter().map(Response::status).collect();
    let made = statuses
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!((made, admins(&house).await), (1, 1), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| !status.is_server_error()),
        "{statuses:?}"
    );
    let winner = visitors
        .iter()
        .zip(&statuses)
        .find(|(_, status)| **status == StatusCode::SEE_OTHER)
        .unwrap()
        .0;
    assert!(is_signed_in(winner).await, "the first admin is signed in at once");
}

// S-16: afterwards the page is gone, for everybody and for good.
#[tokio::test]
async fn once_there_is_an_admin_there_is_no_set_up() {
    let house = House::new().await;
    let token = setup::offer(&house.core).await.unwrap().unwrap();
    let visitor = house.visitor();
    let link = format!("/setup?token={}", token.expose());
    assert_eq!(visitor.get(&link).await.status(), StatusCode::OK);
    let reply = claim(&visitor, token.expose(), "olga").await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/"));
    for visitor in [visitor, house.visitor()] {
        assert_eq!(visitor.get(&link).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            claim(&visitor, token.expose(), "eve").await.status(),
            StatusCode::NOT_FOUND
        );
    }
    assert!(setup::offer(&house.core).await.unwrap().is_none());
    assert_eq!(admins(&house).await, 1);
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM setup_tokens").await,
        0
    );
    let events = sql::texts(
        &house.core,
        "SELECT event AS value FROM audit_events WHERE actor = 'olga'",
    )
    .await;
    assert_eq!(events, ["set_up"]);
}

// S-16: the token is random, in no row, lives an hour, and a new one replaces it.
#[tokio::test]
async fn only_the_newest_token_opens_the_set_up_and_only_for_an_hour() {
    let house = House::new().await;
    let old = setup::offer(&house.core).await.unwrap().unwrap();
    let token = setup::offer(&house.core).await.unwrap().unwrap();
    assert!(token.expose().len() >= 43);
    for (table, rows) in sql::everything(&house.core).await {
        assert!(
            rows.iter().all(|row| !row.contains(token.expose())),
            "{table} holds the token"
        );
    }
    let visitor = house.visitor();
    for wrong in [old.expose(), "", "wrong", "%", "' OR 1=1 --"] {
        let reply = claim(&visitor, wrong, "eve").await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    house.clock.advance(Duration::from_secs(3_601));
    let reply = claim(&visitor, token.expose(), "eve").await;
    assert_eq!(
        reply.status(),
        StatusCode::UNPROCESSABLE_ENTITY,
        "the hour is over"
    );
    assert_eq!(admins(&house).await, 0);
    let token = setup::offer(&house.core).await.unwrap().unwrap();
    house.clock.advance(Duration::from_secs(3_590));
    assert_eq!(
        claim(&visitor, token.expose(), "olga").await.status(),
        StatusCode::SEE_OTHER
    );
}

// S-15, U: a bad form costs neither the token nor what was typed, and the password does not come back.
#[tokio::test]
async fn a_mistake_in_the_form_does_not_use_the_token_up() {
    let house = House::new().await;
    let token = setup::offer(&house.core).await.unwrap().unwrap();
    let visitor = house.visitor();
    for (name, password, again) in [
        ("o", PASSWORD, PASSWORD),
        ("olga", "short", "short"),
        ("olga", "passwordpassword", "passwordpassword"),
        ("olga", PASSWORD, "another password"),
    ] {
        let fields = [
            ("token", token.expose()),
            ("username", name),
            ("password", password),
            ("again", again),
        ];
        let reply = visitor.post("/setup", &fields).await;
        assert_eq!(
            reply.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name} {password}"
        );
        let body = reply.text().await.unwrap();
        assert!(body.contains(&format!("value=\"{name}\"")), "{name} was lost");
        assert!(
            !body.contains(&format!("value=\"{password}\"")),
            "the password came back"
        );
    }
    assert_eq!(
        claim(&visitor, token.expose(), "olga").await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        house.signed_in(Role::Viewer).await.get("/setup").await.status(),
        StatusCode::NOT_FOUND
    );
}
