//! Table `contents`: sealed texts, addressed by the SHA-256 of what they say.

use chrono::{DateTime, Utc};
use diesel::{dsl, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{backups, contents, suspects},
};
use crate::domain::text_enum;

text_enum! {
    /// The column `contents.place`: where the sealed bytes are.
    pub enum Place {
        /// In the row.
        Database = "database",
        /// In a file of the data folder.
        Directory = "directory",
    }
}

/// Keeps a text unless it is there already, and then counts it as new: what is about to be used is not cleaned up.
///
/// The row is held until the transaction ends, so that no clean-up of another node can take it away.
pub async fn insert(
    conn: &mut Conn,
    sha256: &str,
    (place, sealed, bytes): (Place, &[u8], i64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        contents::sha256.eq(sha256),
        contents::sealed.eq(sealed),
        contents::bytes.eq(bytes),
        contents::created_at.eq(now.naive_utc()),
        contents::place.eq(place.as_str()),
    );
    on!(conn, |c| diesel::insert_into(contents::table)
        .values(values)
        .on_conflict(contents::sha256)
        .do_update()
        .set(contents::created_at.eq(now.naive_utc()))
        .execute(c))?;
    Ok(())
}

/// Puts a sealed text in place of the one that is there.
pub async fn replace(
    conn: &mut Conn,
    sha256: &str,
    (place, sealed): (Place, &[u8]),
) -> Result<(), StoreError> {
    let values = (contents::sealed.eq(sealed), contents::place.eq(place.as_str()));
    on!(conn, |c| diesel::update(contents::table.find(sha256)).set(values).execute(c))?;
    Ok(())
}

/// Where the text with this address is, and its sealed bytes when they are in the row.
pub async fn find(conn: &mut Conn, sha256: &str) -> Result<Option<(Place, Vec<u8>)>, StoreError> {
    let row: Option<(String, Vec<u8>)> =
        on!(conn, |c| contents::table.find(sha256).select((contents::place, contents::sealed)).first(c))
            .optional()?;
    row.map(|(place, sealed)| Ok((column::word("contents.place", &place)?, sealed))).transpose()
}

/// Which of these texts are kept in files.
pub async fn in_directory(conn: &mut Conn, of: &[String]) -> Result<Vec<String>, StoreError> {
    let rows = contents::table
        .filter(contents::sha256.eq_any(of))
        .filter(contents::place.eq(Place::Directory.as_str()))
        .select(contents::sha256);
    Ok(on!(conn, |c| rows.load(c))?)
}

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

/// The sealed texts with these addresses, as far as they are there.
pub async fn find_many(
    conn: &mut Conn,
    sha256: &[String],
) -> Result<Vec<(String, Place, Vec<u8>)>, StoreError> {
    let rows: Vec<(String, String, Vec<u8>)> = on!(conn, |c| contents::table
        .filter(contents::sha256.eq_any(sha256))
        .select((contents::sha256, contents::place, contents::sealed))
        .load(c))?;
    rows.into_iter()
        .map(|(sha256, place, sealed)| Ok((sha256, column::word("contents.place", &place)?, sealed)))
        .collect()
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

/// Some texts that are kept in files, in the order of their addresses, those after `after`.
pub async fn next_in_directory(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    let rows = contents::table
        .filter(contents::place.eq(Place::Directory.as_str()).and(contents::sha256.gt(after)))
        .order(contents::sha256)
        .select(contents::sha256)
        .limit(limit);
    Ok(on!(conn, |c| rows.load(c))?)
}

/// How many texts are neither in the database nor in files of the data folder.
pub async fn count_elsewhere(conn: &mut Conn) -> Result<i64, StoreError> {
    let here = [Place::Database.as_str(), Place::Directory.as_str()];
    let rows = contents::table.filter(contents::place.ne_all(here)).count();
    Ok(on!(conn, |c| rows.get_result(c))?)
}
