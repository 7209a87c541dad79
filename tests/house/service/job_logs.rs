//! Job logs: filters, details, retention, transcripts.

use std::time::Duration;

use netraven::{
    domain::{
        access::{DeleteJobs, ReadRaw, ViewDevices},
        entry::{Entry, EntryFilter, Level},
        failure::{Failure, FailureClass, Stage},
        id::{DeviceId, JobId},
        job::{Claimed, Ended, JobFilter, JobState, Outcome},
        page::PageRequest,
        retention::Days,
        transcript::{Piece, Transcript, Way},
    },
    service::{
        capture::{self, Brought},
        jobs::{
            self,
            logs::{self, DeleteJobError},
            retention, transcript,
        },
        settings,
    },
};

use crate::support::{house::House, sql, stock};

const FIRST: PageRequest = PageRequest::first(50);

async fn fail(house: &House, job: &Claimed, message: &str, transcript: Option<Transcript>) {
    let line = |seq, level, stage, text: &str| {
        (
            job.id,
            Entry { seq, at: house.clock.now(), level, stage, text: text.to_owned(), was_truncated: None },
        )
    };
    let lines = vec![
        line(1, Level::Debug, None, "begins"),
        line(2, Level::Info, Some(Stage::Connect), "connected 100%"),
        line(3, Level::Warning, Some(Stage::Auth), "slow answer"),
        line(4, Level::Error, Some(Stage::Auth), message),
    ];
    let ended = Ended::Failed(Failure::new(FailureClass::AuthFailed, Stage::Auth, message));
    let brought = Brought {
        job,
        platform: None,
        known: None,
        ended,
        lines,
        duration_ms: 1,
        transcript,
        accepted: None,
    };
    assert_eq!(capture::record(&house.core, brought).await.unwrap(), Some(Outcome::Error));
}

/// A device with one job that failed.
async fn failed(house: &House, name: &str) -> (DeviceId, JobId) {
    let device = stock::device(&house.core, name).await;
    let job = stock::claimed(&house.core, device).await;
    fail(house, &job, "the device said No_Way", None).await;
    (device, job.id)
}

async fn count(house: &House, table: &str) -> i64 {
    sql::number(&house.core, &format!("SELECT count(*) FROM {table}")).await
}

#[tokio::test]
async fn jobs_are_found_by_each_filter() {
    let house = House::new().await;
    let (device, id) = failed(&house, "core-1").await;
    house.clock.advance(Duration::from_hours(24));
    let other = stock::device(&house.core, "core-2").await;
    stock::version(&house.core, other, "hostname core-2\nend\n").await;
    let schedule = stock::schedule(&house.core, "nightly", "60").await;
    sql::run(&house.core, &format!("UPDATE batches SET schedule_id = {schedule} WHERE id = (SELECT batch_id FROM jobs WHERE id = {id})")).await;
    let found = async |filter: JobFilter| {
        let page = jobs::list(&house.core, &stock::grant(), &filter, FIRST).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
        page.rows.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    let none = JobFilter::default;
    let day = |text: &str| Some(format!("{text}T00:00:00Z").parse().unwrap());
    let good = found(JobFilter { state: Some(JobState::Succeeded), ..none() }).await;
    assert_eq!(found(none()).await, [good[0], id], "the newest first");
    for (filter, hits) in [
        (JobFilter { device: Some(device), ..none() }, true),
        (JobFilter { class: Some(FailureClass::AuthFailed), ..none() }, true),
        (JobFilter { schedule: Some(schedule), ..none() }, true),
        (JobFilter { until: day("2026-03-02"), ..none() }, true),
        (JobFilter { text: Some("no_way".into()), ..none() }, true),
        (JobFilter { text: Some("no%way".into()), ..none() }, false),
        (
            JobFilter {
                from: day("2026-03-01"),
                until: day("2026-03-02"),
                started_by: Some("CONS".into()),
                ..none()
            },
            true,
        ),
        (JobFilter { started_by: Some("mara".into()), ..none() }, false),
    ] {
        let expected = if hits { vec![id] } else { Vec::new() };
        assert_eq!(found(filter.clone()).await, expected, "{filter:?}");
    }
    let (day, week) = logs::ends(&house.core, &stock::grant()).await.unwrap();
    assert_eq!((day.stored, day.failed, week.failed, week.per_mille()), (1, 1, 1, Some(500)));
    house.clock.advance(Duration::from_secs(1));
    let (day, week) = logs::ends(&house.core, &stock::grant()).await.unwrap();
    assert_eq!((day.failed, day.per_mille(), week.total()), (0, Some(1_000), 2));
}

#[tokio::test]
async fn lines_are_found_by_level_category_and_text() {
    let house = House::new().await;
    let (_, id) = failed(&house, "core-1").await;
    let found = async |filter: EntryFilter| {
        let by = stock::grant::<ViewDevices>();
        let page = logs::entries(&house.core, &by, id, (&filter, FIRST)).await.unwrap();
        page.rows.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let none = EntryFilter::default;
    assert_eq!(found(none()).await, [1, 2, 3, 4]);
    assert_eq!(found(EntryFilter { level: Some(Level::Warning), ..none() }).await, [3, 4]);
    assert_eq!(found(EntryFilter { stage: Some(Stage::Auth), ..none() }).await, [3, 4]);
    assert_eq!(found(EntryFilter { text: Some("100%".into()), ..none() }).await, [2]);
    assert_eq!(found(EntryFilter { text: Some("0%d".into()), ..none() }).await, Vec::<i64>::new());
}

#[tokio::test]
async fn a_job_is_told_with_everything_that_is_still_there() {
    let house = House::new().await;
    let (device, id) = failed(&house, "core-1").await;
    house.person(netraven::domain::access::Role::Operator).await;
    sql::run(&house.core, "UPDATE batches SET retention_days = 7, user_id = (SELECT id FROM users)").await;
    sql::run(&house.core, "UPDATE jobs SET credential_name = 'lab'").await;
    let by = stock::grant::<ViewDevices>();
    let (_, details) = logs::with_details(&house.core, &by, id).await.unwrap().unwrap();
    assert_eq!(details.device, Some(("core-1.example.net".into(), 22, "cisco_ios".into())));
    assert_eq!(details.person.map(|(_, name)| name).as_deref(), Some("operator"));
    assert_eq!((details.credential.as_deref(), details.retention_days), (Some("lab"), Some(7)));
    assert!(!details.is_deleted && details.schedule.is_none() && details.transcript.is_none());
    sql::run(&house.core, &format!("DELETE FROM devices WHERE id = {device}")).await;
    sql::run(&house.core, "DELETE FROM users").await;
    let (job, details) = logs::with_details(&house.core, &by, id).await.unwrap().unwrap();
    assert_eq!((job.device_name.as_str(), details.device, details.person), ("core-1", None, None));
}

#[tokio::test]
async fn a_job_is_deleted_with_its_log_when_it_is_over_and_its_version_stays() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let by = stock::grant::<DeleteJobs>();
    let version = stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let job = sql::number(&house.core, "SELECT id FROM jobs").await;
    let running = stock::claimed(&house.core, device).await;
    assert!(matches!(logs::delete(&house.core, &by, running.id).await, Err(DeleteJobError::NotOver)));
    assert!(matches!(logs::delete(&house.core, &by, JobId(99)).await, Err(DeleteJobError::Gone)));
    logs::delete(&house.core, &by, JobId(job)).await.unwrap();
    assert_eq!(count(&house, "jobs").await, 1);
    let kept =
        netraven::service::backups::find(&house.core, &stock::grant(), version).await.unwrap().unwrap();
    assert_eq!(kept.job, None);
    assert_eq!(count(&house, "audit_events WHERE event = 'jobs_deleted'").await, 1);
}

/// Jobs of every state that ended so many days ago, in a batch with this term.
async fn history(house: &House, ended_days_ago: u64, term: Option<i32>) {
    let (_, id) = failed(house, &format!("d{ended_days_ago}-{}", term.unwrap_or_default())).await;
    let at =
        (house.clock.now() - Duration::from_hours(24 * ended_days_ago) - Duration::from_secs(1)).naive_utc();
    let term = term.map_or("NULL".to_owned(), |days| days.to_string());
    sql::run(&house.core, &format!("UPDATE jobs SET finished_at = '{at}' WHERE id = {id}")).await;
    sql::run(&house.core, &format!("UPDATE batches SET retention_days = {term}, created_at = '{at}' WHERE id = (SELECT batch_id FROM jobs WHERE id = {id})")).await;
}

//
#[tokio::test]
async fn retention_goes_by_the_schedules_term_else_by_the_setting_and_never_takes_what_is_not_over() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<DeleteJobs>());
    for (days, term) in [(6, Some(7)), (8, Some(7)), (40, Some(90)), (29, None), (31, None), (99, None)] {
        history(&house, days, term).await;
    }
    let device = stock::device(core, "busy").await;
    let running = stock::claimed(core, device).await;
    sql::run(core, &format!("UPDATE jobs SET queued_at = '2020-01-01 00:00:00', finished_at = '2020-01-01 00:00:00' WHERE id = {running}", running = running.id)).await;
    let would = retention::preview(core, &by).await.unwrap();
    assert_eq!((would.policy_count(), would.by_setting, would.total()), (1, 2, 3));
    assert_eq!(would.own, [(7, 1), (90, 0)]);
    let before = count(&house, "jobs").await;
    let done = retention::apply(core, &by).await.unwrap();
    assert_eq!(done, would);
    assert_eq!(count(&house, "jobs").await, before - 3);
    assert_eq!(count(&house, "batches").await, before - 3, "empty batches go too");
    assert_eq!(count(&house, "entries").await, 3 * 4);
    assert_eq!(count(&house, "audit_events WHERE event = 'retention_applied'").await, 2);
    assert_eq!(retention::apply(core, &by).await.unwrap().total(), 0);
    assert_eq!(
        count(&house, "audit_events WHERE event = 'retention_applied'").await,
        2,
        "nothing done, nothing told"
    );
    // The setting counts at once.
    sql::run(core, "UPDATE settings SET value = '5' WHERE key = 'system.jobs.log_retention_days'").await;
    settings::refresh(core).await.unwrap();
    assert_eq!(retention::apply(core, &by).await.unwrap().by_setting, 1);
    // By age, whatever the term.
    let five: Days = "5".parse().unwrap();
    assert_eq!(retention::count_older(core, &by, five).await.unwrap(), 2);
    assert_eq!(retention::delete_older(core, &by, five).await.unwrap(), 2);
    assert_eq!(count(&house, "jobs").await, 1, "the running one stays, however old");
}

// a cap on all logs together, whatever their days; the oldest go, and never what is not over.
#[tokio::test]
async fn the_oldest_logs_go_when_all_together_take_too_much() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<DeleteJobs>());
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(failed(&house, name).await.1);
    }
    let device = stock::device(core, "busy").await;
    let running = stock::claimed(core, device).await;
    // Four tenths of a megabyte each, and one of the two oldest is over its days as well.
    let long = "x".repeat(400_000);
    sql::run(core, &format!("UPDATE entries SET text = '{long}' WHERE seq = 1")).await;
    assert_eq!(retention::apply(core, &by).await.unwrap().total(), 0);
    sql::run(core, &format!("UPDATE jobs SET finished_at = '2020-01-01 00:00:00' WHERE id = {}", ids[0]))
        .await;
    stock::set(core, "system.jobs.log_most_megabytes", "1").await;
    let would = retention::preview(core, &by).await.unwrap();
    assert_eq!((would.by_setting, would.by_size, would.total()), (1, 1, 2));
    assert_eq!(retention::apply(core, &by).await.unwrap(), would);
    let left = sql::texts(core, "SELECT CAST(id AS TEXT) AS value FROM jobs ORDER BY id").await;
    let wanted: Vec<String> = [ids[2], ids[3], running.id].iter().map(ToString::to_string).collect();
    assert_eq!(left, wanted);
    let told = sql::texts(
        core,
        "SELECT detail AS value FROM audit_events WHERE event = 'retention_applied' ORDER BY seq",
    )
    .await;
    assert_eq!(told.last().unwrap(), "all together took more than the 1 MB of the setting");
    assert_eq!(retention::apply(core, &by).await.unwrap().total(), 0);
    assert_eq!(count(&house, "log_weights").await, 2);
}

#[tokio::test]
async fn retention_takes_no_version() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname core-1\nend\n").await;
    house.clock.advance(Duration::from_hours(24 * 400));
    assert_eq!(retention::apply(&house.core, &stock::grant()).await.unwrap().total(), 1);
    assert_eq!((count(&house, "backups").await, count(&house, "jobs").await), (1, 0));
}

// R-32, S-77
#[tokio::test]
async fn a_transcript_is_sealed_masked_and_raw_only_with_a_line_in_the_trail() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let job = stock::claimed(&house.core, device).await;
    let piece = |way, text: &str| Piece { way, text: text.to_owned() };
    let pieces = vec![
        piece(Way::Sent, "show running-config"),
        piece(Way::Received, "enable secret 5 swordfish\r\n\u{1b}[2Jend"),
    ];
    fail(&house, &job, "no", Some(Transcript { pieces, was_truncated: true })).await;
    let plain = sql::everything(&house.core).await["transcripts"].join(" ");
    assert!(!plain.contains("swordfish") && !plain.contains(&hex("swordfish")), "{plain}");
    let by = stock::grant::<ReadRaw>();
    let read = "audit_events WHERE event = 'transcript_read'";
    let (_, shown) = transcript::masked(&house.core, &by, job.id).await.unwrap().unwrap();
    let text = shown.as_text();
    assert!(text.contains("<secret:") && text.contains("␛[2Jend") && !text.contains("swordfish"), "{text}");
    assert!(shown.was_truncated);
    assert_eq!(count(&house, read).await, 0);
    let (_, raw) = transcript::raw(&house.core, &by, job.id).await.unwrap().unwrap();
    assert!(raw.starts_with("> show running-config\n< enable secret 5 swordfish\n"), "{raw}");
    assert_eq!(count(&house, read).await, 1);
    assert!(transcript::raw(&house.core, &by, JobId(99)).await.unwrap().is_none());
    logs::delete(&house.core, &stock::grant(), job.id).await.unwrap();
    assert_eq!(count(&house, "transcripts").await, 0);
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}
