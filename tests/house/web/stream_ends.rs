//! When streams end: with what allowed them (S-25), with the process (U-17); and what they tell of what was cut.

use std::time::Duration;

use netraven::{
    domain::{access::Role, entry::Cut, user::UserEdit},
    service::{Core, jobs, tags, users},
};

use super::{
    sign_in,
    streams::{path, running, say},
};
use crate::support::{events::Events, house::House, sql, stock};

const MINUTE: Duration = Duration::from_mins(1);

/// How long until the stream ends.
async fn time_to_end(mut events: Events) -> Duration {
    let began = tokio::time::Instant::now();
    assert_eq!(events.lines(usize::MAX).await, (Vec::new(), false), "cut, not done");
    began.elapsed()
}

// S-25: signing out, another role, and a device that leaves somebody's sight end the streams; the others stay.
#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_what_allowed_them() {
    let house = House::new().await;
    let core = &house.core;
    let stays = house.signed_in(Role::Auditor).await;
    let leaves = house.signed_in(Role::Admin).await;
    let demoted = house.signed_in(Role::Operator).await;
    house.person(Role::Viewer).await;
    let job = running(core, 1).await.remove(0);
    let tag = stock::tag(core, "site-a").await;
    tags::assign(core, &stock::grant(), &[job.device], &[tag], true).await.unwrap();
    sql::run(
        core,
        "UPDATE users SET scope = 'tags' WHERE username = 'viewer';
         INSERT INTO user_tags (user_id, tag_id) SELECT users.id, tags.id FROM users, tags
           WHERE users.username = 'viewer' AND tags.name = 'site-a';",
    )
    .await;
    let scoped = sign_in(&house, "viewer").await;
    let mut open = Vec::new();
    for visitor in [&leaves, &demoted, &scoped, &stays] {
        open.push(Events::open(visitor, &path(&job), None).await);
    }
    let mut stays = open.pop().unwrap();
    leaves.post("/logout", &[]).await;
    demote(core).await;
    sql::run(core, "DELETE FROM device_tags").await;
    let ends = futures_util::future::join_all(open.into_iter().map(time_to_end)).await;
    println!("closed after {ends:?}");
    assert!(ends.iter().all(|time| *time < Duration::from_secs(5)), "{ends:?}");
    say(core, &job, 1..2, "still told").await;
    assert_eq!(stays.lines(1).await.0, [1], "somebody else's stream goes on");
    house.clock.advance(31 * MINUTE);
    assert!(time_to_end(stays).await < Duration::from_secs(5), "and ends with the idle session");
    house.close().await;
}

/// Makes the operator a viewer.
async fn demote(core: &Core) {
    let user = users::find_by_name(core, &stock::grant(), "operator").await.unwrap().unwrap();
    let edit = UserEdit {
        username: user.username.parse().unwrap(),
        full_name: user.full_name.parse().unwrap(),
        email: None,
        role: Role::Viewer,
        range: user.range,
        tags: Vec::new(),
    };
    users::update(core, &stock::grant(), (user.id, user.version), &edit).await.unwrap();
}

// A cut is told with its line, in the stream and on the page, and once for the whole job.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_limit_cut_is_marked_in_the_stream_and_on_the_page() {
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let job = running(&house.core, 1).await.remove(0);
    let mut events = Events::open(&visitor, &path(&job), None).await;
    say(&house.core, &job, 1..102, "said").await;
    let mut marked = Vec::new();
    while marked.len() < 101 {
        let event = events.next().await.unwrap();
        let line: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        marked.push(line["was_truncated"].as_str().unwrap().to_owned());
    }
    assert!(marked.iter().enumerate().all(|(at, cut)| cut.is_empty() == (at != 99)), "{marked:?}");
    let cuts = jobs::cuts(&house.core, &stock::grant(), job.id).await.unwrap();
    assert_eq!(cuts, [Cut::Line]);
    let page = visitor.page(&format!("/jobs/{}", job.id)).await;
    assert_eq!(page.matches(&marked[99]).count(), 2, "at the line and above the log");
    assert!(page.contains("Not all of it is here"));
    house.close().await;
}

// U-17: who listens is told before the process goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_process_tells_its_readers_and_lets_go_of_them() {
    let house = House::new().await;
    let visitor = house.signed_in(Role::Viewer).await;
    let job = running(&house.core, 1).await.remove(0);
    let mut events = Events::open(&visitor, &path(&job), None).await;
    let closing = async {
        let began = tokio::time::Instant::now();
        house.close().await;
        began.elapsed()
    };
    let (event, took) = tokio::join!(events.next(), closing);
    assert_eq!(event.unwrap().name, "server-restarting");
    assert_eq!(events.next().await, None);
    assert!(took < Duration::from_secs(3), "an open stream held the process for {took:?}");
}
