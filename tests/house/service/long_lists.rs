//! Lists that grow for years are counted, and paged through, up to a bound; what lies behind is told and found by filters.

use netraven::{
    domain::{
        audit::AuditFilter,
        backup::BackupFilter,
        job::JobFilter,
        page::{Page, PageRequest},
    },
    service::{audit, backups::search, jobs},
};

use crate::support::{house::House, sql, stock};

/// The pages of a list that has more than four rows, with a bound of three.
fn ends<T>(pages: &[Page<T>; 3]) {
    let seen = pages.each_ref().map(|page| (page.rows.len(), page.counted(), page.is_more(), page.last()));
    assert_eq!(seen, [(2, 3, true, 2), (1, 3, true, 2), (0, 3, true, 2)]);
}

fn pages() -> [PageRequest; 3] {
    [1, 2, 3].map(|number| PageRequest { size: 2, ..PageRequest::number(number) }.bounded(3))
}

#[tokio::test]
async fn versions_jobs_and_the_trail_are_counted_to_a_bound() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    for number in 0..5 {
        stock::version(&house.core, device, &format!("hostname core-{number}\nend\n")).await;
    }
    let (core, by) = (&house.core, stock::grant());
    let (versions, all, lines) = (BackupFilter::default(), JobFilter::default(), AuditFilter::default());
    let by_audit = stock::grant();
    let [a, b, c] = pages();
    let found = async |page| search::search(core, &by, (&versions, None), page).await.unwrap().page;
    ends(&[found(a).await, found(b).await, found(c).await]);
    let found = async |page| jobs::list(core, &by, &all, page).await.unwrap();
    ends(&[found(a).await, found(b).await, found(c).await]);
    let found = async |page| audit::list(core, &by_audit, &lines, page).await.unwrap();
    ends(&[found(a).await, found(b).await, found(c).await]);
    // Without a bound, and with one that is not reached, all are counted.
    for bound in [i64::MAX, 5] {
        let page = search::search(core, &by, (&versions, None), a.bounded(bound)).await.unwrap().page;
        assert_eq!((page.total, page.is_more(), page.last()), (5, false, 3));
    }
}

// More devices than are looked up before their versions.
#[tokio::test]
async fn versions_of_many_devices_with_a_name_are_found_as_those_of_few() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let (core, by) = (&house.core, stock::grant());
    let found = async |piece: &str| {
        let filter = BackupFilter { device: Some(piece.to_owned()), ..BackupFilter::default() };
        search::search(core, &by, (&filter, None), PageRequest::first(50)).await.unwrap().page.total
    };
    assert_eq!((found("core").await, found("edge").await), (1, 0));
    let many = "INSERT INTO devices (name, name_key, address, port, platform, transport, description, is_enabled, version, \
         created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 201) \
         SELECT 'edge-core-' || i, 'edge-core-' || i, '192.0.2.' || i, 2222, 'cisco_ios', 'ssh', '', TRUE, 1, \
         CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM n";
    sql::run(core, many).await;
    assert_eq!((found("core").await, found("edge").await, found("core-1").await), (1, 0, 1));
}
