//! What lists can be narrowed down by and ordered by: each filter with rows that it takes and rows that it leaves out,
//! each order with rows that come otherwise without it.

use netraven::{
    domain::{
        access::Scope,
        device::{DeviceFilter, DeviceOrder, Standing},
        id::{BatchId, DeviceId},
        job::{JobFilter, JobKind, Outcome},
        page::PageRequest,
        schedule::{Kind, NewSchedule, Recurrence, ScheduleFilter, ScheduleOrder, Targets},
    },
    service::{schedules, tags},
    store,
};

use crate::support::{house::House, sql, stock};

const ALL: PageRequest = PageRequest::first(100);

async fn devices(house: &House, filter: DeviceFilter) -> String {
    let mut conn = house.core.db.read().await.unwrap();
    let page = store::devices::list(&mut conn, Scope::All, &filter, ALL).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
    page.rows.into_iter().map(|row| row.name).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn devices_are_narrowed_down_and_ordered_by_each_of_their_columns() {
    let house = House::new().await;
    let core = &house.core;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(stock::device(core, name).await);
    }
    let tag = stock::tag(core, "site-a").await;
    tags::assign(core, &stock::grant(), &ids[1..3], &[tag], true).await.unwrap();
    sql::run(
        core,
        "UPDATE devices SET platform = 'frr', address = '1.example.net', last_job_id = 1,
           last_job_state = 'succeeded', last_good_at = '2026-02-03 00:00:00',
           last_changed_at = '2026-01-01 00:00:00', created_at = '2026-01-03 00:00:00' WHERE name = 'd';
         UPDATE devices SET is_enabled = FALSE, address = '3.example.net', last_job_id = 2, last_job_state = 'failed',
           last_job_outcome = 'suspect', last_good_at = '2026-02-01 00:00:00',
           last_changed_at = '2026-01-03 00:00:00', created_at = '2026-01-01 00:00:00' WHERE name = 'b';
         UPDATE devices SET platform = 'arista_eos', address = '2.example.net', last_job_id = 3,
           last_job_state = 'failed', last_job_outcome = 'error', last_good_at = '2026-02-02 00:00:00',
           created_at = '2026-01-02 00:00:00' WHERE name = 'c';
         UPDATE devices SET address = '4.example.net', created_at = '2026-01-04 00:00:00' WHERE name = 'a';",
    )
    .await;
    let none = DeviceFilter::default;
    let standing = |is| DeviceFilter { standing: Some(is), ..none() };
    for (filter, wanted) in [
        (none(), "a b c d"),
        (DeviceFilter { platform: Some("frr".into()), ..none() }, "d"),
        (DeviceFilter { platform: Some("linux".into()), ..none() }, ""),
        (DeviceFilter { tag: Some("SITE-A".into()), ..none() }, "b c"),
        (DeviceFilter { tag: Some("site".into()), ..none() }, ""),
        (DeviceFilter { is_enabled: Some(true), ..none() }, "a c d"),
        (DeviceFilter { is_enabled: Some(false), ..none() }, "b"),
        (standing(Standing::Good), "d"),
        (standing(Standing::Suspect), "b"),
        (standing(Standing::Failing), "c"),
        (standing(Standing::Never), "a"),
        (DeviceFilter { tag: Some("site-a".into()), ..standing(Standing::Failing) }, "c"),
    ] {
        assert_eq!(devices(&house, filter.clone()).await, wanted, "{filter:?}");
    }
    for (order, wanted) in [
        (DeviceOrder::Name, "a b c d"),
        (DeviceOrder::Address, "d c b a"),
        (DeviceOrder::Platform, "c a b d"),
        (DeviceOrder::Stalest, "a b c d"),
        (DeviceOrder::Newest, "a d c b"),
        (DeviceOrder::Changed, "b d a c"),
    ] {
        let filter = DeviceFilter { order: Some(order), ..none() };
        assert_eq!(devices(&house, filter).await, wanted, "{order:?}");
    }
    // The stalest first, whatever its name.
    sql::run(core, "UPDATE devices SET last_good_at = '2026-01-01 00:00:00' WHERE name = 'd'").await;
    let stalest = DeviceFilter { order: Some(DeviceOrder::Stalest), ..none() };
    assert_eq!(devices(&house, stalest).await, "a d b c");
}

#[tokio::test]
async fn jobs_are_narrowed_down_by_kind_outcome_and_batch() {
    let house = House::new().await;
    let core = &house.core;
    let (one, two) = (stock::device(core, "a").await, stock::device(core, "b").await);
    stock::version(core, one, "hostname a\nend\n").await;
    stock::suspect(core, two, "hostname\n").await;
    netraven::service::jobs::check(
        core,
        &stock::grant(),
        netraven::service::jobs::Which::These(vec![one, two]),
    )
    .await
    .unwrap();
    let found = async |filter: JobFilter| {
        let mut conn = core.db.read().await.unwrap();
        let page = store::jobs::list(&mut conn, Scope::All, &filter, ALL).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
        let mut ids: Vec<i64> = page.rows.into_iter().map(|job| job.id.0).collect();
        ids.sort_unstable();
        ids
    };
    let ids = sql::texts(core, "SELECT CAST(id AS TEXT) AS value FROM jobs ORDER BY id").await;
    let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let batch = BatchId(sql::number(core, "SELECT max(batch_id) FROM jobs").await);
    let none = JobFilter::default;
    for (filter, wanted) in [
        (none(), &ids[..]),
        (JobFilter { kind: Some(JobKind::BackUp), ..none() }, &ids[..2]),
        (JobFilter { kind: Some(JobKind::Check), ..none() }, &ids[2..]),
        (JobFilter { kind: Some(JobKind::TestLogin), ..none() }, &[]),
        (JobFilter { outcome: Some(Outcome::Stored), ..none() }, &ids[..1]),
        (JobFilter { outcome: Some(Outcome::Suspect), ..none() }, &ids[1..2]),
        (JobFilter { outcome: Some(Outcome::Unchanged), ..none() }, &[]),
        (JobFilter { batch: Some(batch), ..none() }, &ids[2..]),
        (JobFilter { batch: Some(BatchId(batch.0 + 1)), ..none() }, &[]),
        (JobFilter { batch: Some(batch), kind: Some(JobKind::BackUp), ..none() }, &[]),
    ] {
        assert_eq!(found(filter.clone()).await, wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn schedules_are_narrowed_down_and_ordered() {
    let house = House::new().await;
    let core = &house.core;
    let (one, two) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let tag = stock::tag(core, "site-a").await;
    tags::assign(core, &stock::grant(), &[one], &[tag], true).await.unwrap();
    for (name, recurrence, targets) in [
        ("w", Recurrence::every("60"), Targets::All),
        ("x", Recurrence::every("30"), Targets::Tags(vec![tag])),
        ("y", Recurrence::daily("02:30", "UTC"), Targets::Devices(vec![two])),
        ("z", Recurrence::weekly("0", "02:00", "UTC"), Targets::Devices(vec![one, two])),
    ] {
        let new = NewSchedule { targets, ..NewSchedule::new(name, recurrence.unwrap()) };
        schedules::create(core, &stock::grant(), &new).await.unwrap();
    }
    sql::run(
        core,
        "UPDATE schedules SET created_by = 'olga', is_enabled = FALSE, next_run_at = NULL,
           last_run_at = '2026-02-02 00:00:00' WHERE name = 'x';
         UPDATE schedules SET last_run_at = '2026-02-03 00:00:00', next_run_at = '2026-04-01 00:00:00',
           description = 'night of Z' WHERE name = 'w';",
    )
    .await;
    let found = async |filter: ScheduleFilter| {
        let mut conn = core.db.read().await.unwrap();
        let page = store::schedules::list(&mut conn, Scope::All, &filter, ALL).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
        page.rows.into_iter().map(|row| row.name).collect::<Vec<_>>().join(" ")
    };
    let none = ScheduleFilter::default;
    let by = |order| ScheduleFilter { order: Some(order), ..none() };
    for (filter, wanted) in [
        (none(), "w x y z"),
        (ScheduleFilter { text: Some("z".into()), ..none() }, "w z"),
        (ScheduleFilter { kind: Some(Kind::Interval), ..none() }, "w x"),
        (ScheduleFilter { is_enabled: Some(false), ..none() }, "x"),
        // "x" means no device: who answers for it is not there.
        (ScheduleFilter { device: Some(one), ..none() }, "w z"),
        (ScheduleFilter { device: Some(two), ..none() }, "w y z"),
        (ScheduleFilter { device: Some(DeviceId(99)), ..none() }, ""),
        (ScheduleFilter { tag: Some("Site-A".into()), ..none() }, "x"),
        (ScheduleFilter { tag: Some("site".into()), ..none() }, ""),
        (ScheduleFilter { owner: Some("olga".into()), ..none() }, "x"),
        (ScheduleFilter { owner: Some("console".into()), ..none() }, "w y z"),
        (by(ScheduleOrder::Name), "w x y z"),
        (by(ScheduleOrder::Next), "z y w x"),
        (by(ScheduleOrder::Last), "w x y z"),
        (by(ScheduleOrder::Newest), "z y x w"),
    ] {
        assert_eq!(found(filter.clone()).await, wanted, "{filter:?}");
    }
    sql::run(core, "UPDATE schedules SET last_run_at = '2026-02-04 00:00:00' WHERE name = 'z'").await;
    assert_eq!(found(by(ScheduleOrder::Last)).await, "z w x y");
}
