//! The pages of schedules and black-outs, through the front door and without JavaScript.

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

const NIGHTLY: &[(&str, &str)] = &[
    ("name", "Nightly"),
    ("kind", "daily"),
    ("time", "02:30"),
    ("zone", "Europe/Berlin"),
    ("targets", "all"),
    ("grace", "60"),
    ("enabled", "on"),
];

/// The fields with some replaced or added.
fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = NIGHTLY.iter().copied().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn a_schedule_is_added_looked_at_switched_run_changed_and_deleted() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    assert!(admin.page("/schedules").await.contains("No schedule yet"));
    let ahead = admin.post("/schedules/new", &with(&[("intent", "preview")])).await;
    assert_eq!(ahead.status(), StatusCode::OK);
    let text = ahead.text().await.unwrap();
    assert!(text.contains("Mon 2 Mar 2026, 02:30 CET"), "{text}");
    assert!(text.contains("No enabled device matches"), "{text}");
    stock::device(&house.core, "core-1").await;
    let added = admin.post("/schedules/new", &with(&[("description", "<b>all</b>")])).await;
    assert_eq!((added.status(), location(&added)), (StatusCode::SEE_OTHER, "/schedules/1"));
    let page = admin.page("/schedules/1").await;
    for told in [
        "Nightly",
        "daily at 02:30 Europe/Berlin",
        "1 enabled device now",
        "&#60;b&#62;all",
        "It has not run yet",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let run = admin.post("/schedules/1/run", &[]).await;
    assert_eq!(location(&run), "/batches/1");
    assert!(admin.page("/schedules/1").await.contains("by admin"));
    admin.post("/schedules/1/toggle", &[("to", "off")]).await;
    assert!(admin.page("/schedules/1").await.contains("Switch on"));
    let form = admin.page("/schedules/1/edit").await;
    assert!(form.contains("value=\"02:30\"") && form.contains("name=\"version\" value=\"2\""), "{form}");
    let weekly = [("kind", "weekly"), ("days", "0"), ("days", "3"), ("version", "2")];
    let saved = admin.post("/schedules/1/edit", &with(&weekly)).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let list = admin.page("/schedules").await;
    assert!(list.contains("every Monday and Thursday at 02:30 Europe/Berlin"), "{list}");
    let stale = admin.post("/schedules/1/edit", &with(&[("name", "Mine"), ("version", "2")])).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = stale.text().await.unwrap();
    assert!(text.contains("admin saved this schedule while you were at it"), "{text}");
    assert!(
        text.contains("every Monday and Thursday") && text.contains("value=\"Mine\""),
        "both versions: {text}"
    );
    let again = admin.post("/schedules/1/edit", &with(&[("name", "Mine"), ("version", "3")])).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert!(admin.page("/schedules/1/delete").await.contains("Delete the schedule Mine?"));
    assert_eq!(location(&admin.post("/schedules/1/delete", &[]).await), "/schedules");
    assert_eq!(admin.get("/schedules/1").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM batches").await, 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_at_once_and_the_input_stays() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::device(&house.core, "core-1").await;
    let wrong = [
        ("name", ""),
        ("kind", "cron"),
        ("cron", "0 0 30 2 *"),
        ("zone", "Mars"),
        ("targets", "devices"),
        ("devices", "core-1 ghost-1\r\nghost-2"),
        ("grace", "0"),
    ];
    let reply = admin.post("/schedules/new", &with(&wrong)).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = reply.text().await.unwrap();
    for told in [
        "6 things to correct",
        "never falls due",
        "is not a time zone",
        "ghost-1",
        "ghost-2",
        "value=\"0 0 30 2 *\"",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let once = [("kind", "once"), ("date", "2026-02-28")];
    let past = admin.post("/schedules/new", &with(&once)).await.text().await.unwrap();
    assert!(past.contains("This time has passed"), "{past}");
    let fine = [("targets", "devices"), ("devices", "CORE-1")];
    assert_eq!(admin.post("/schedules/new", &with(&fine)).await.status(), StatusCode::SEE_OTHER);
    let taken = admin.post("/schedules/new", &with(&[])).await;
    assert!(taken.text().await.unwrap().contains("Another schedule has this name already"));
    assert!(admin.page("/schedules?q=night&kind=daily&enabled=yes").await.contains("/schedules/1"));
    assert!(admin.page("/schedules?kind=cron").await.contains("No schedule matches"));
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_touch() {
    let house = House::new().await;
    stock::schedule(&house.core, "hourly", "60").await;
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page("/schedules/1").await;
    assert!(
        page.contains("hourly") && !page.contains("Run now") && !page.contains("/schedules/1/edit"),
        "{page}"
    );
    assert_eq!(viewer.post("/schedules/1/run", &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(viewer.get("/blackouts").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_black_out_is_added_seen_ahead_changed_and_deleted() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::schedule(&house.core, "hourly", "60").await;
    assert!(admin.page("/blackouts").await.contains("No black-out yet"));
    let wrong = [("name", ""), ("starts", "25:00"), ("ends", "14:00"), ("zone", "UTC")];
    let reply = admin.post("/blackouts/new", &wrong).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("3 things to correct"));
    let fields = [("name", "Lunch"), ("days", "6"), ("starts", "12:30"), ("ends", "14:00"), ("zone", "UTC")];
    assert_eq!(location(&admin.post("/blackouts/new", &fields).await), "/blackouts");
    let page = admin.page("/schedules/1").await;
    assert!(page.contains("every Sunday from 12:30 to 14:00, UTC"), "{page}");
    assert_eq!(page.matches("Nothing starts: black-out").count(), 1, "13:00 of today only: {page}");
    assert!(admin.page("/blackouts/1").await.contains("value=\"12:30\""));
    let own = [
        ("name", "Lunch"),
        ("schedule", "1"),
        ("days", "5"),
        ("starts", "22:00"),
        ("ends", "04:00"),
        ("zone", "UTC"),
    ];
    assert_eq!(admin.post("/blackouts/1", &own).await.status(), StatusCode::SEE_OTHER);
    assert!(
        admin.page("/blackouts").await.contains("every Saturday from 22:00 to 04:00 of the next day, UTC")
    );
    assert!(admin.page("/blackouts/1/delete").await.contains("Delete the black-out Lunch?"));
    assert_eq!(location(&admin.post("/blackouts/1/delete", &[]).await), "/blackouts");
    assert_eq!(admin.get("/blackouts/1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_start_page_says_what_happens_without_a_schedule() {
    let house = House::new().await;
    stock::device(&house.core, "core-1").await;
    let viewer = house.signed_in(Role::Viewer).await;
    assert!(viewer.page("/").await.contains("NetRaven backs up each device by itself every 24 h."));
    stock::set(&house.core, "system.backup.enabled", "false").await;
    assert!(viewer.page("/").await.contains("Backups run only when somebody starts them."));
}
