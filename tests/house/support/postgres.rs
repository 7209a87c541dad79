//! A database of its own for each test, on the `PostgreSQL` that `TEST_DATABASE_URL` names.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The address of a database that is made empty for this call; `None` when `TEST_DATABASE_URL` is not set, so that
/// the test runs on `SQLite`. A server that is named but not reached makes the test fail, never skip.
///
/// The database is left to the server, which `tests/run` throws away as a whole: dropping it here would hide a
/// connection that a test leaks.
pub async fn database_url() -> Option<String> {
    let admin = std::env::var("TEST_DATABASE_URL").ok()?;
    let name = format!("netraven_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let reason = "TEST_DATABASE_URL names a PostgreSQL that cannot be used (Debian package `postgresql`; tests/run \
                  starts one)";
    let mut connection =
        AsyncPgConnection::establish(&admin).await.unwrap_or_else(|why| panic!("{reason}: {why}"));
    // The process number comes again some day on a server that is kept.
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        connection
            .batch_execute(&statement)
            .await
            .unwrap_or_else(|why| panic!("{reason}: {statement}: {why}"));
    }
    Some(with_database(&admin, &name))
}

/// The same server, another database: `postgres://user@host:port/NAME?options`.
fn with_database(admin: &str, name: &str) -> String {
    let (address, options) = admin.split_once('?').map_or((admin, None), |(left, right)| (left, Some(right)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(start..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| start + at);
    let server = address.get(..end).unwrap_or(address);
    options.map_or_else(|| format!("{server}/{name}"), |options| format!("{server}/{name}?{options}"))
}

#[test]
fn the_database_is_exchanged_in_the_address() {
    for (admin, wanted) in [
        ("postgres://a:b@127.0.0.1:5/postgres", "postgres://a:b@127.0.0.1:5/x"),
        ("postgres://a@127.0.0.1:5", "postgres://a@127.0.0.1:5/x"),
        ("postgres://a@h/postgres?sslmode=disable", "postgres://a@h/x?sslmode=disable"),
    ] {
        assert_eq!(with_database(admin, "x"), wanted);
    }
}
