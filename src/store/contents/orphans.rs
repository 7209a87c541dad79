//! Texts that nothing refers to any more.

use chrono::{DateTime, Utc};
use diesel::{dsl, prelude::*};
use diesel_async::RunQueryDsl;

use crate::store::{
    Conn, StoreError, on,
    schema::{backups, contents, suspects},
};

/// The texts that nothing refers to.
macro_rules! orphans {
    () => {
        contents::table
            .filter(contents::sha256.ne_all(backups::table.select(backups::sha256)))
            .filter(
                contents::sha256.ne_all(
                    backups::table
                        .filter(backups::info_sha256.is_not_null())
                        .select(backups::info_sha256.assume_not_null()),
                ),
            )
            .filter(contents::sha256.ne_all(suspects::table.select(suspects::sha256)))
    };
}

/// Removes those of these texts that nothing refers to; returns which.
pub async fn delete_unused(conn: &mut Conn, sha256: &[String]) -> Result<Vec<String>, StoreError> {
    if let Conn::Postgres(c) = conn {
        // Whoever is about to refer to one of them holds it; after this we see that.
        let held = contents::table.filter(contents::sha256.eq_any(sha256)).order(contents::sha256);
        let _: Vec<String> = held.select(contents::sha256).for_update().load(c).await?;
    }
    let raw = backups::table.filter(backups::sha256.eq(contents::sha256));
    let info = backups::table.filter(backups::info_sha256.eq(contents::sha256.nullable()));
    let doubted = suspects::table.filter(suspects::sha256.eq(contents::sha256));
    let unused = contents::table.filter(
        contents::sha256
            .eq_any(sha256)
            .and(dsl::not(dsl::exists(raw)))
            .and(dsl::not(dsl::exists(info)))
            .and(dsl::not(dsl::exists(doubted))),
    );
    Ok(on!(conn, |c| diesel::delete(unused).returning(contents::sha256).get_results(c))?)
}

/// Removes the texts that nothing refers to; returns how many.
pub async fn delete_orphans(conn: &mut Conn) -> Result<usize, StoreError> {
    Ok(on!(conn, |c| diesel::delete(orphans!()).execute(c))?)
}

/// Some texts that nothing refers to and that were not put to use since `before`; to be asked again before they go.
pub async fn old_orphans(
    conn: &mut Conn,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let old = orphans!().filter(contents::created_at.lt(before.naive_utc()));
    Ok(on!(conn, |c| old.select(contents::sha256).order(contents::sha256).limit(limit).load(c))?)
}

/// Removes those of these texts that nothing refers to and that were not put to use since `before`.
pub async fn delete_old_orphans(
    conn: &mut Conn,
    of: &[String],
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let old =
        orphans!().filter(contents::created_at.lt(before.naive_utc())).filter(contents::sha256.eq_any(of));
    Ok(on!(conn, |c| diesel::delete(old).execute(c))?)
}
