//! Captures beside the version that is current.

use netraven::domain::job::Outcome;

use crate::support::{house::House, sql, stock};

// By other rules the same bytes have another fingerprint, and the device has not changed for that.
#[tokio::test]
async fn the_same_bytes_are_the_same_version_by_any_rules() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let text = "Building configuration...\nhostname core-1\nend\n";
    stock::version(&house.core, device, text).await;
    let job = stock::claimed(&house.core, device).await;
    let other_bytes = text.replace("Building configuration...\n", "");
    assert_eq!(stock::bring(&house.core, &job, &other_bytes).await, Some(Outcome::Unchanged), "by the rules");
    sql::run(&house.core, "UPDATE backups SET fingerprint = sha256").await;
    let job = stock::claimed(&house.core, device).await;
    assert_eq!(stock::bring(&house.core, &job, text).await, Some(Outcome::Unchanged), "by the bytes");
    // Other bytes that are the same by today's rules: the version has its fingerprint by these from here on.
    let fingerprint = "SELECT fingerprint AS value FROM backups WHERE fingerprint <> sha256";
    assert!(sql::texts(&house.core, fingerprint).await.is_empty());
    let job = stock::claimed(&house.core, device).await;
    assert_eq!(stock::bring(&house.core, &job, &other_bytes).await, Some(Outcome::Unchanged), "by new rules");
    assert_eq!(sql::texts(&house.core, fingerprint).await.len(), 1);
    let job = stock::claimed(&house.core, device).await;
    let changed = text.replace("core-1", "core-2");
    assert_eq!(stock::bring(&house.core, &job, &changed).await, Some(Outcome::Stored), "another");
}
