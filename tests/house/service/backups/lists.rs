//! Finding versions, and what a scope hides.

use std::time::Duration;

use netraven::{
    domain::{
        access::ViewDevices,
        backup::{BackupFilter, Soundness},
        id::BackupId,
        job::JobFilter,
        page::PageRequest,
    },
    service::{
        backups::{
            self,
            search::{self, Cut},
        },
        batches, dashboard, jobs,
    },
};

use super::{two, within};
use crate::support::{house::House, sql, stock};

const FIRST: PageRequest = PageRequest::first(50);

async fn found(house: &House, filter: BackupFilter, text: Option<&str>) -> Vec<i64> {
    let found = search::search(&house.core, &stock::grant(), (&filter, text), FIRST).await.unwrap();
    assert_eq!(found.page.total, i64::try_from(found.page.rows.len()).unwrap());
    found.page.rows.iter().map(|version| version.id.0).collect()
}

// S-37
#[tokio::test]
async fn a_scope_hides_versions_suspects_jobs_and_counts_of_other_devices() {
    let house = House::new().await;
    let (own, foreign, user) = two(&house).await;
    stock::suspect(&house.core, own, "hostname\n").await;
    stock::suspect(&house.core, foreign, "hostname\n").await;
    let (core, by) = (&house.core, within::<ViewDevices>(user));
    let all = search::search(core, &by, (&BackupFilter::default(), None), FIRST).await.unwrap();
    assert_eq!((all.page.total, all.page.rows[0].device), (1, own));
    let text = search::search(core, &by, (&BackupFilter::default(), Some("hostname")), FIRST).await.unwrap();
    assert_eq!((text.page.total, text.page.rows[0].device), (1, own));
    assert!(backups::find(core, &by, BackupId(1)).await.unwrap().is_some());
    assert!(backups::find(core, &by, BackupId(2)).await.unwrap().is_none());
    assert!(backups::newest(core, &by, foreign).await.unwrap().is_none());
    assert_eq!(backups::list(core, &by, foreign, FIRST).await.unwrap().total, 0);
    assert_eq!(backups::list(core, &by, own, FIRST).await.unwrap().total, 1);
    assert!(backups::suspects(core, &by, foreign).await.unwrap().is_empty());
    assert_eq!(backups::suspects(core, &by, own).await.unwrap().len(), 1);
    let seen = jobs::list(core, &by, &JobFilter::default(), FIRST).await.unwrap();
    assert!(seen.total == 2 && seen.rows.iter().all(|job| job.device == Some(own)));
    let jobs_of = async |of| {
        let filter = JobFilter { device: Some(of), ..JobFilter::default() };
        jobs::list(core, &stock::grant(), &filter, FIRST).await.unwrap().rows
    };
    let (mine, theirs) = (jobs_of(own).await.remove(0), jobs_of(foreign).await.remove(0));
    assert!(jobs::find(core, &by, mine.id).await.unwrap().is_some());
    assert!(jobs::find(core, &by, theirs.id).await.unwrap().is_none());
    assert_eq!(jobs::over(core, &by, &[mine.id, theirs.id]).await.unwrap().len(), 1);
    assert!(batches::find(core, &by, theirs.batch).await.unwrap().is_none());
    let numbers = batches::find(core, &by, mine.batch).await.unwrap().unwrap().1.counts;
    assert_eq!(numbers.total(), 1);
    assert!(jobs::logs::with_details(core, &by, theirs.id).await.unwrap().is_none());
    assert_eq!(jobs::logs::ends(core, &by).await.unwrap().0.total(), 2);
    let overview = dashboard::overview(core, &by).await.unwrap();
    assert!(overview.changes.len() == 1 && overview.jobs.iter().all(|job| job.device == Some(own)));
    // Starting and stopping: what is foreign is as if it were not there.
    let started = jobs::back_up(core, &within(user), jobs::Which::All).await.unwrap().unwrap();
    assert_eq!(started.jobs.iter().map(|(_, device)| *device).collect::<Vec<_>>(), [own]);
    assert!(jobs::back_up(core, &within(user), jobs::Which::These(vec![foreign])).await.unwrap().is_none());
    stock::claim(core, "w", 9).await;
    let other = stock::claimed(core, foreign).await;
    assert_eq!(jobs::cancel(core, &within(user), other.id).await.unwrap(), None);
    assert!(jobs::under_way(core, &by, &[foreign]).await.unwrap().is_empty());
    assert_eq!(dashboard::overview(core, &by).await.unwrap().queue, (0, 1));
}

#[tokio::test]
async fn versions_are_found_by_each_filter_and_by_all_together() {
    let house = House::new().await;
    let (a, b) = (stock::device(&house.core, "core_1").await, stock::device(&house.core, "edge-1").await);
    let first = stock::version(&house.core, a, "hostname a\nend\n").await.0;
    house.clock.advance(Duration::from_hours(24));
    let second = stock::version(&house.core, a, "hostname a\nx\ny\nend\n").await.0;
    let third = stock::version(&house.core, b, "hostname b\nend\n").await.0;
    sql::run(&house.core, &format!("UPDATE backups SET is_pinned = TRUE WHERE id = {first}")).await;
    sql::run(
        &house.core,
        &format!(
            "UPDATE backups SET checked_at = taken_at, is_damaged = (id = {second}) WHERE id <> {third}"
        ),
    )
    .await;
    sql::run(&house.core, "INSERT INTO tags (name, created_at) VALUES ('edge', CURRENT_TIMESTAMP)").await;
    sql::run(
        &house.core,
        &format!("INSERT INTO device_tags (device_id, tag_id) SELECT {b}, id FROM tags WHERE name = 'edge'"),
    )
    .await;
    let none = BackupFilter::default;
    let day = |text: &str| Some(format!("{text}T00:00:00Z").parse().unwrap());
    assert_eq!(found(&house, none(), None).await, [third, second, first]);
    for (filter, expected) in [
        (BackupFilter { device: Some("CORE_".into()), ..none() }, vec![second, first]),
        (BackupFilter { device: Some("_".into()), ..none() }, vec![second, first]),
        (BackupFilter { tag: Some("Edge".into()), ..none() }, vec![third]),
        (BackupFilter { platform: Some("cisco_ios".into()), ..none() }, vec![third, second, first]),
        (BackupFilter { platform: Some("linux".into()), ..none() }, vec![]),
        (BackupFilter { from: day("2026-03-02"), ..none() }, vec![third, second]),
        (BackupFilter { until: day("2026-03-02"), ..none() }, vec![first]),
        (BackupFilter { changed: Some(3), ..none() }, vec![]),
        (BackupFilter { changed: Some(2), device: Some("core".into()), ..none() }, vec![second, first]),
        (BackupFilter { started_by: Some("CONSOLE".into()), ..none() }, vec![third, second, first]),
        (BackupFilter { started_by: Some("mara".into()), ..none() }, vec![]),
        (BackupFilter { is_pinned: Some(true), ..none() }, vec![first]),
        (BackupFilter { is_pinned: Some(false), ..none() }, vec![third, second]),
        (BackupFilter { soundness: Some(Soundness::Good), ..none() }, vec![first]),
        (BackupFilter { soundness: Some(Soundness::Damaged), ..none() }, vec![second]),
        (BackupFilter { soundness: Some(Soundness::Unchecked), ..none() }, vec![third]),
    ] {
        assert_eq!(found(&house, filter.clone(), None).await, expected, "{filter:?}");
    }
    let both = BackupFilter { is_pinned: Some(true), soundness: Some(Soundness::Damaged), ..none() };
    assert_eq!(found(&house, both, None).await, Vec::<i64>::new());
}

// The search sees what a viewer sees: a secret cannot be found out by asking for its beginnings.
#[tokio::test]
async fn a_search_looks_through_masked_texts_only() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let id = stock::version(&house.core, device, "hostname core-1\nenable secret 5 hunter2\nend\n").await.0;
    let none = BackupFilter::default();
    for text in ["hunter2", "hunt", "5 h"] {
        assert_eq!(found(&house, none.clone(), Some(text)).await, Vec::<i64>::new(), "{text}");
    }
    for text in ["enable SECRET", "core-1"] {
        assert_eq!(found(&house, none.clone(), Some(text)).await, [id], "{text}");
    }
    let hit = search::search(&house.core, &stock::grant(), (&none, Some("Secret 5")), FIRST).await.unwrap();
    assert!(hit.lines[&BackupId(id)].line.starts_with("enable secret 5 <secret:"), "{:?}", hit.lines);
    assert!(hit.cut.is_none());
}

#[tokio::test]
async fn a_search_says_where_it_ended() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname core-1\nend\n").await;
    sql::run(
        &house.core,
        "INSERT INTO backups (device_id, platform, taken_at, verified_at, seen, sha256, fingerprint, bytes, lines, \
         added, removed) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
         SELECT device_id, platform, taken_at, verified_at, 1, sha256, fingerprint, bytes, lines, 0, 0 \
         FROM backups, n WHERE backups.id = 1",
    )
    .await;
    let none = BackupFilter::default();
    let hit = search::search(&house.core, &stock::grant(), (&none, Some("core")), FIRST).await.unwrap();
    assert_eq!((hit.page.total, hit.page.rows.len(), hit.cut), (2_000, 50, Some((Cut::Count, 2_000))));
}
