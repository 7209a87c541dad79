//! Schedules and black-outs are edited: by whom, against what version, and what the trail keeps.

use netraven::{
    domain::{
        access::{Actor, ViewDevices},
        audit::{AuditEvent, AuditFilter, AuditLine},
        id::{BlackoutId, ScheduleId},
        page::PageRequest,
        schedule::{
            Kind, NewBlackout, NewSchedule, Recurrence, ScheduleFilter, ScheduleOrder, Targets, Window,
        },
    },
    service::{
        audit,
        blackouts::{self, SaveBlackoutError},
        schedules::{self, Ran, SaveScheduleError},
    },
};

use crate::support::{house::House, sql, stock};

async fn trail(house: &House) -> Vec<AuditLine> {
    audit::list(&house.core, &stock::grant(), &AuditFilter::default(), PageRequest::number(1))
        .await
        .unwrap()
        .rows
}

/// The changed fields of a line: field, before, after.
fn changes(line: &AuditLine) -> Vec<(String, String, String)> {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    line.changes.0.iter().map(|one| (one.field.clone(), said(&one.before), said(&one.after))).collect()
}

fn change(field: &str, before: &str, after: &str) -> (String, String, String) {
    (field.to_owned(), before.to_owned(), after.to_owned())
}

#[tokio::test]
async fn every_field_is_kept_and_its_change_is_in_the_trail() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let mut new = NewSchedule::new("nightly", Recurrence::daily("02:30", "Europe/Berlin").unwrap());
    let id = schedules::create(&house.core, &stock::grant(), &new).await.unwrap();
    new.name = "weekly".to_owned();
    new.description = "On Mondays".to_owned();
    new.recurrence = Recurrence::weekly("monday", "03:00", "UTC").unwrap();
    new.targets = Targets::Devices(vec![device]);
    new.grace_minutes = 90;
    new.retention_days = Some(7);
    schedules::update(&house.core, &stock::grant(), (id, 1), &new).await.unwrap();
    // Read back over another connection.
    let details = schedules::details(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    let kept = &details.schedule;
    assert_eq!((kept.name.as_str(), kept.description.as_str(), kept.version), ("weekly", "On Mondays", 2));
    assert_eq!((&kept.recurrence, kept.grace_minutes, kept.retention_days), (&new.recurrence, 90, Some(7)));
    assert_eq!((details.targets, details.matching), (vec!["core-1".to_owned()], 1));
    assert_eq!(kept.next_run_at.unwrap().to_rfc3339(), "2026-03-02T03:00:00+00:00");
    let line = trail(&house).await.remove(0);
    assert_eq!(line.event, AuditEvent::ScheduleChanged);
    assert_eq!(
        changes(&line),
        [
            change("name", "nightly", "weekly"),
            change("description", "", "On Mondays"),
            change("runs", "daily at 02:30 Europe/Berlin", "every Monday at 03:00 UTC"),
            change("targets", "all", "devices: core-1"),
            change("grace_minutes", "60", "90"),
            change("retention_days", "", "7"),
        ]
    );
    // A retention can be taken away again.
    new.retention_days = None;
    schedules::update(&house.core, &stock::grant(), (id, 2), &new).await.unwrap();
    assert_eq!(
        schedules::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().retention_days,
        None
    );
}

#[tokio::test]
async fn two_edits_of_one_version_are_told_apart() {
    let house = House::new().await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    let edit = |name: &str| NewSchedule::new(name, Recurrence::every("60").unwrap());
    schedules::update(&house.core, &stock::grant(), (id, 1), &edit("first")).await.unwrap();
    match schedules::update(&house.core, &stock::grant(), (id, 1), &edit("second")).await {
        Err(SaveScheduleError::Stale(theirs)) => {
            assert_eq!((theirs.name.as_str(), theirs.version), ("first", 2));
        }
        other => panic!("{other:?}"),
    }
    schedules::update(&house.core, &stock::grant(), (id, 2), &edit("second")).await.unwrap();
}

#[tokio::test]
async fn switching_clears_and_computes_the_next_run() {
    let house = House::new().await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    let off = schedules::set_enabled(&house.core, &stock::grant(), id, false).await.unwrap();
    assert_eq!((off.is_enabled, off.next_run_at), (false, None));
    assert_eq!(schedules::find(&house.core, &stock::grant(), id).await.unwrap().unwrap().next_run_at, None);
    house.clock.advance(std::time::Duration::from_hours(10));
    let on = schedules::set_enabled(&house.core, &stock::grant(), id, true).await.unwrap();
    assert_eq!(on.next_run_at.unwrap().to_rfc3339(), "2026-03-01T23:00:00+00:00");
    let line = trail(&house).await.remove(0);
    assert_eq!(
        (line.event, changes(&line)),
        (AuditEvent::ScheduleChanged, vec![change("enabled", "off", "on")])
    );
    // Nothing is written where nothing changes.
    let before = trail(&house).await.len();
    schedules::set_enabled(&house.core, &stock::grant(), id, true).await.unwrap();
    assert_eq!(trail(&house).await.len(), before);
    let gone = schedules::set_enabled(&house.core, &stock::grant(), ScheduleId(99), true).await;
    assert!(matches!(gone, Err(SaveScheduleError::Gone)));
}

#[tokio::test]
async fn what_a_deleted_schedule_brought_stays() {
    let house = House::new().await;
    stock::device(&house.core, "a").await;
    let id = stock::schedule(&house.core, "hourly", "60").await;
    house.clock.advance(std::time::Duration::from_hours(1));
    assert_eq!(schedules::plan(&house.core, &Actor::system()).await.unwrap(), 1);
    let ran = schedules::run(&house.core, &stock::grant(), id).await.unwrap();
    assert_eq!(ran, Some(Ran::Busy));
    sql::run(&house.core, "UPDATE jobs SET state = 'succeeded', outcome = 'stored'").await;
    let ran = schedules::run(&house.core, &stock::grant(), id).await.unwrap();
    assert!(matches!(ran, Some(Ran::Started(_, 1))));
    let line = trail(&house).await.remove(0);
    assert_eq!((line.event, line.object.as_str()), (AuditEvent::ScheduleRun, "hourly"));
    let firings = schedules::details(&house.core, &stock::grant(), id).await.unwrap().unwrap().firings;
    assert_eq!(firings.len(), 2);
    assert_eq!((firings[0].slot, firings[0].started_by.as_str()), (None, "console"));
    assert_eq!((firings[1].started_by.as_str(), firings[1].jobs.len()), ("hourly", 1));
    assert!(schedules::delete(&house.core, &stock::grant(), id).await.unwrap());
    assert!(!schedules::delete(&house.core, &stock::grant(), id).await.unwrap());
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM batches").await, 2);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM jobs").await, 2);
    assert!(schedules::details(&house.core, &stock::grant(), id).await.unwrap().is_none());
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let house = House::new().await;
    let all = [
        ("alpha", Recurrence::every("60").unwrap(), true),
        ("beta_1", Recurrence::daily("02:00", "UTC").unwrap(), true),
        ("gamma", Recurrence::cron("0 5 * * *", "UTC").unwrap(), false),
    ];
    for (name, recurrence, is_enabled) in all {
        let new = NewSchedule { is_enabled, ..NewSchedule::new(name, recurrence) };
        schedules::create(&house.core, &stock::grant(), &new).await.unwrap();
    }
    let by = stock::grant::<ViewDevices>();
    let names = async |filter: ScheduleFilter| {
        let page = schedules::list(&house.core, &by, &filter, PageRequest::number(1)).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
        page.rows.into_iter().map(|row| row.schedule.name).collect::<Vec<_>>()
    };
    let none = ScheduleFilter::default;
    let text = |text: &str| ScheduleFilter { text: Some(text.to_owned()), ..none() };
    assert_eq!(names(none()).await, ["alpha", "beta_1", "gamma"]);
    assert_eq!(names(ScheduleFilter { order: Some(ScheduleOrder::Newest), ..none() }).await[0], "gamma");
    assert_eq!(
        names(ScheduleFilter { order: Some(ScheduleOrder::Next), ..none() }).await,
        ["alpha", "beta_1", "gamma"]
    );
    assert_eq!(names(ScheduleFilter { order: Some(ScheduleOrder::Last), ..none() }).await.len(), 3);
    assert_eq!(names(ScheduleFilter { kind: Some(Kind::Cron), ..none() }).await, ["gamma"]);
    assert_eq!(names(ScheduleFilter { is_enabled: Some(true), ..none() }).await, ["alpha", "beta_1"]);
    assert_eq!(names(ScheduleFilter { owner: Some("console".to_owned()), ..none() }).await.len(), 3);
    assert_eq!(names(ScheduleFilter { owner: Some("olga".to_owned()), ..none() }).await.len(), 0);
    assert_eq!(names(ScheduleFilter { tag: Some("core".to_owned()), ..none() }).await.len(), 0);
    assert_eq!(names(text("BETA_")).await, ["beta_1"]);
    assert_eq!(names(text("a_p")).await.len(), 0, "no wildcard");
    let request = PageRequest { size: 2, ..PageRequest::number(2) };
    let page = schedules::list(&house.core, &by, &none(), request).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (3, 1));
}

#[tokio::test]
async fn black_outs_are_edited_and_told() {
    let house = House::new().await;
    let schedule = stock::schedule(&house.core, "hourly", "60").await;
    let window = |starts| Window::parse(&["0".to_owned()], (starts, "18:00"), "UTC").unwrap();
    let mut new =
        NewBlackout { name: "office".to_owned(), schedule: Some(ScheduleId(99)), window: window("08:00") };
    let refused = blackouts::create(&house.core, &stock::grant(), &new).await;
    assert!(matches!(refused, Err(SaveBlackoutError::NoSchedule)));
    new.schedule = Some(schedule);
    let id = blackouts::create(&house.core, &stock::grant(), &new).await.unwrap();
    new.window = window("09:00");
    new.schedule = None;
    blackouts::update(&house.core, &stock::grant(), id, &new).await.unwrap();
    let kept = blackouts::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    assert_eq!((kept.window, kept.schedule), (new.window.clone(), None));
    let line = trail(&house).await.remove(0);
    let before = "every Monday from 08:00 to 18:00, UTC";
    assert_eq!(
        changes(&line),
        [
            change("schedule", "hourly", "all schedules"),
            change("window", before, &before.replace("08", "09"))
        ]
    );
    assert_eq!(blackouts::list(&house.core, &stock::grant()).await.unwrap().len(), 1);
    assert!(blackouts::delete(&house.core, &stock::grant(), id).await.unwrap());
    assert!(!blackouts::delete(&house.core, &stock::grant(), id).await.unwrap());
    let gone = blackouts::update(&house.core, &stock::grant(), BlackoutId(99), &new).await;
    assert!(matches!(gone, Err(SaveBlackoutError::Gone)));
}
