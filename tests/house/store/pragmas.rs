//! How connections are set up.

use diesel_async::SimpleAsyncConnection;
use netraven::store::Conn;

use crate::support::{house::House, sql};

//
#[tokio::test]
async fn sqlite_is_set_up_to_survive_a_power_cut() {
    let house = House::new().await;
    if !sql::is_sqlite(&house.core).await {
        return;
    }
    for (pragma, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("busy_timeout", "5000"),
        ("query_only", "1"),
        ("cache_size", "-2000"),
        ("journal_size_limit", "67108864"),
    ] {
        let column = if pragma == "busy_timeout" { "timeout" } else { pragma };
        let query = format!("SELECT CAST({column} AS TEXT) AS value FROM pragma_{pragma}");
        assert_eq!(sql::texts(&house.core, &query).await, [wanted], "{pragma}");
    }
    assert_eq!(
        sql::texts(&house.core, "SELECT integrity_check AS value FROM pragma_integrity_check").await,
        ["ok"]
    );
}

// the readers' connections cannot write, whatever a query says.
#[tokio::test]
async fn a_connection_for_reading_refuses_to_write_on_sqlite() {
    let house = House::new().await;
    if let Conn::Sqlite(mut reader) = house.core.db.read().await.unwrap() {
        let refused = reader.batch_execute("DELETE FROM users").await.unwrap_err().to_string();
        assert!(refused.contains("readonly"), "{refused}");
    }
}

#[tokio::test]
async fn foreign_keys_hold() {
    let house = House::new().await;
    let insert = "INSERT INTO device_tags (device_id, tag_id) VALUES (7, 7)";
    let refused = match &mut house.core.db.write().await.unwrap() {
        Conn::Sqlite(c) => c.batch_execute(insert).await,
        Conn::Postgres(c) => c.batch_execute(insert).await,
    };
    assert!(refused.unwrap_err().to_string().to_lowercase().contains("foreign key"));
}
