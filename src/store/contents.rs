//! Table `contents`: sealed texts, addressed by the SHA-256 of what they say.

use chrono::{DateTime, Utc};
use diesel::{dsl, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::contents};

/// Keeps a text unless it is there already.
pub async fn insert(
    conn: &mut Conn,
    sha256: &str,
    (sealed, bytes): (&[u8], i64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        contents::sha256.eq(sha256),
        contents::sealed.eq(sealed),
        contents::bytes.eq(bytes),
        contents::created_at.eq(now.naive_utc()),
    );
    match conn {
        Conn::Sqlite(c) => {
            diesel::insert_into(contents::table).values(values).on_conflict_do_nothing().execute(c).await?;
        }
        // A row that is there is touched, which holds it: whoever is about to remove it as an orphan waits, looks
        // again and finds it in use.
        Conn::Postgres(c) => {
            let touched = diesel::insert_into(contents::table).values(values).on_conflict(contents::sha256);
            touched.do_update().set(contents::bytes.eq(bytes)).execute(c).await?;
        }
    }
    Ok(())
}

/// Puts a sealed text in place of the one that is there.
pub async fn replace(conn: &mut Conn, sha256: &str, sealed: &[u8]) -> Result<(), StoreError> {
    let row = contents::table.find(sha256);
    on!(conn, |c| diesel::update(row).set(contents::sealed.eq(sealed)).execute(c))?;
    Ok(())
}

/// The sealed text with this address.
pub async fn find(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(on!(conn, |c| contents::table.find(sha256).select(contents::sealed).first(c)).optional()?)
}

/// The sealed texts with these addresses, as far as they are there.
pub async fn find_many(conn: &mut Conn, sha256: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    Ok(on!(conn, |c| contents::table
        .filter(contents::sha256.eq_any(sha256))
        .select((contents::sha256, contents::sealed))
        .load(c))?)
}

/// Removes those of these texts that nothing refers to; returns which.
pub async fn delete_unused(conn: &mut Conn, sha256: &[String]) -> Result<Vec<String>, StoreError> {
    use super::schema::{backups, suspects};
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
    use super::schema::{backups, suspects};
    let raws = backups::table.select(backups::sha256);
    let infos = backups::table
        .filter(backups::info_sha256.is_not_null())
        .select(backups::info_sha256.assume_not_null());
    let doubted = suspects::table.select(suspects::sha256);
    let orphans = contents::table
        .filter(contents::sha256.ne_all(raws))
        .filter(contents::sha256.ne_all(infos))
        .filter(contents::sha256.ne_all(doubted));
    Ok(on!(conn, |c| diesel::delete(orphans).execute(c))?)
}
