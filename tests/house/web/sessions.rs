//! How sessions end (S-24, S-25).

use std::time::Duration;

use futures_util::StreamExt;
use netraven::{domain::access::Role, domain::secret::Secret, service::users};
use reqwest::StatusCode;

use super::{is_signed_in, location, sign_in};
use crate::support::{
    house::{House, PASSWORD, Visitor},
    sql, stock,
};

const MINUTE: Duration = Duration::from_mins(1);

// S-24
#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_a_person() {
    let house = House::new().await;
    let busy = house.signed_in(Role::Admin).await;
    let idle = sign_in(&house, "admin").await;
    house.clock.advance(29 * MINUTE);
    assert!(is_signed_in(&busy).await);
    house.clock.advance(2 * MINUTE);
    assert!(is_signed_in(&busy).await, "a person's request keeps the session");
    assert!(!is_signed_in(&idle).await, "31 minutes without a request");
    let reply = idle.get("/devices").await;
    assert!(location(&reply).starts_with("/login"), "{}", reply.status());
}

// S-24: the longest life and the idle time are what the settings say now, for open sessions too.
#[tokio::test]
async fn a_session_ends_when_the_settings_say_in_any_case() {
    let house = House::new().await;
    stock::set(&house.core, "security.token.access_token_expire_minutes", "1440").await;
    let admin = house.signed_in(Role::Admin).await;
    for _ in 0..13 {
        house.clock.advance(12 * 60 * MINUTE);
        assert!(is_signed_in(&admin).await);
    }
    house.clock.advance(12 * 60 * MINUTE);
    assert!(!is_signed_in(&admin).await, "seven days are over");
    let admin = sign_in(&house, "admin").await;
    house.clock.advance(20 * 60 * MINUTE);
    assert!(is_signed_in(&admin).await);
    house.clock.advance(5 * 60 * MINUTE);
    stock::set(&house.core, "security.token.refresh_token_expire_days", "1").await;
    assert!(!is_signed_in(&admin).await, "a day is the longest now");
    let admin = sign_in(&house, "admin").await;
    house.clock.advance(10 * MINUTE);
    stock::set(&house.core, "security.token.access_token_expire_minutes", "5").await;
    assert!(!is_signed_in(&admin).await, "five idle minutes are the most now");
}

// S-24: pages that look again by themselves keep nobody signed in.
#[tokio::test]
async fn refreshing_pages_and_streams_are_no_activity() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for (header, value) in [("x-refresh", "1"), ("accept", "text/event-stream")] {
        let again = sign_in(&house, "admin").await;
        for _ in 0..3 {
            house.clock.advance((10 * MINUTE).checked_sub(Duration::from_secs(1)).unwrap());
            again.client().get(house.url("/devices")).header(header, value).send().await.unwrap();
        }
        house.clock.advance(4 * Duration::from_secs(1));
        assert!(!is_signed_in(&again).await, "{header} kept the session awake");
    }
    assert!(!is_signed_in(&admin).await);
}

// S-25
#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let visitor = house.visitor();
    let reply = visitor.post("/login", &[("username", "admin"), ("password", PASSWORD)]).await;
    let kept = reply.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let reply = visitor.post("/logout", &[]).await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/login"));
    assert_eq!(reply.headers()["clear-site-data"], "\"cache\", \"storage\"");
    assert!(!is_signed_in(&visitor).await);
    // The cookie that somebody else kept opens nothing any more.
    let request = house.visitor().client().get(house.url("/devices")).header("cookie", &kept);
    assert!(location(&request.send().await.unwrap()).starts_with("/login"));
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM sessions").await, 0);
}

// S-25
#[tokio::test]
async fn disabling_somebody_or_a_new_password_ends_all_their_sessions() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    for role in [Role::Viewer, Role::Operator] {
        let name = house.person(role).await;
        let (one, two) = (sign_in(&house, &name).await, sign_in(&house, &name).await);
        let username = name.parse().unwrap();
        if role == Role::Viewer {
            users::disable(&house.core, &house.grant(), &username).await.unwrap();
        } else {
            let password = Secret::new("another horse battery staple");
            users::reset_password(&house.core, &house.grant(), &username, &password).await.unwrap();
        }
        assert!(!is_signed_in(&one).await && !is_signed_in(&two).await, "{name}");
        let reply = house.visitor().post("/login", &[("username", &name), ("password", PASSWORD)]).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

/// A stream of a job that waits, and so never ends by itself.
async fn open_stream(house: &House, visitor: &Visitor, name: &str) -> reqwest::Response {
    let device = stock::device(&house.core, name).await;
    let job = stock::claimed(&house.core, device).await;
    let request = visitor.client().get(house.url(&format!("/jobs/{}/events", job.id)));
    let reply = request.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    reply
}

async fn ends_within(reply: reqwest::Response, limit: Duration) -> bool {
    let mut stream = reply.bytes_stream();
    tokio::time::timeout(limit, async { while let Some(Ok(_)) = stream.next().await {} }).await.is_ok()
}

// S-25: the stream of somebody who was disabled closes within five seconds; another's stays.
#[tokio::test]
async fn disabling_somebody_closes_their_open_streams() {
    let house = House::new().await;
    let (viewer, operator) = (house.signed_in(Role::Viewer).await, house.signed_in(Role::Operator).await);
    let (one, two) = (open_stream(&house, &viewer, "a").await, open_stream(&house, &operator, "b").await);
    users::disable(&house.core, &house.grant(), &"viewer".parse().unwrap()).await.unwrap();
    let (one, two) =
        tokio::join!(ends_within(one, Duration::from_secs(5)), ends_within(two, Duration::from_secs(5)));
    assert!(one, "the stream of a disabled person is still open");
    assert!(!two, "somebody else's stream was closed");
}

// S-24: a page left open is no person; its stream ends with the idle session.
#[tokio::test]
async fn an_idle_sessions_stream_closes() {
    let house = House::new().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let stream = open_stream(&house, &viewer, "a").await;
    house.clock.advance(31 * MINUTE);
    assert!(ends_within(stream, Duration::from_secs(5)).await, "the stream outlived the session");
}
