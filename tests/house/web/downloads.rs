//! Configurations with their secrets leave the house as files only, and not unseen (S-75, S-77).

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::furnished;
use crate::support::sql;

// S-75, S-77
#[tokio::test]
async fn a_raw_configuration_is_a_file_that_no_browser_runs_and_its_reading_is_written_down() {
    let house = furnished().await;
    let operator = house.signed_in(Role::Operator).await;
    let count = "SELECT count(*) FROM audit_events WHERE event = 'raw_read' AND actor = 'operator'";
    assert_eq!(sql::number(&house.core, count).await, 0);
    let reply = operator.get("/backups/1/raw").await;
    assert_eq!(reply.status(), StatusCode::OK);
    let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
    assert!(
        header("content-disposition").starts_with("attachment; filename="),
        "{}",
        header("content-disposition")
    );
    assert_eq!(header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(reply.text().await.unwrap(), "hostname core-1\nend\n");
    assert_eq!(sql::number(&house.core, count).await, 1);
    // Whoever may not read it leaves no trace of having read it.
    let viewer = house.signed_in(Role::Viewer).await;
    assert_eq!(viewer.get("/backups/1/raw").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        sql::number(
            &house.core,
            "SELECT count(*) FROM audit_events WHERE event = 'raw_read'"
        )
        .await,
        1
    );
}
