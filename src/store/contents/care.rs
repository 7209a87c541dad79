//! How kept texts are: where they are, when they were last read back, and what became of that.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Kept, KeptRow, Place, kept, kept_columns};
use crate::{
    domain::id::{BackupId, DeviceId},
    store::{
        Conn, StoreError, column, on,
        schema::{backups, contents, devices},
    },
};

/// What one place holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The place.
    pub place: Place,
    /// Texts there.
    pub contents: i64,
    /// Their bytes before compression.
    pub bytes: i64,
    /// Texts that did not read back when they were last looked at.
    pub damaged: i64,
    /// When the one that was read back longest ago was read.
    pub oldest_check: DateTime<Utc>,
}

/// What every place holds that holds something.
pub async fn holdings(conn: &mut Conn) -> Result<Vec<Holding>, StoreError> {
    type Sums = (String, i64, Option<i64>, Option<NaiveDateTime>);
    let sums = contents::table.group_by(contents::place).select((
        contents::place,
        dsl::count(contents::sha256),
        dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::BigInt>>("CAST(sum(bytes) AS BIGINT)"),
        dsl::min(contents::checked_at),
    ));
    let rows: Vec<Sums> = on!(conn, |c| sums.load(c))?;
    let hurt = contents::table
        .filter(contents::is_damaged)
        .group_by(contents::place)
        .select((contents::place, dsl::count(contents::sha256)));
    let hurt: Vec<(String, i64)> = on!(conn, |c| hurt.load(c))?;
    let held = rows.into_iter().map(|(place, contents, bytes, oldest)| {
        let damaged = hurt.iter().find(|(at, _)| *at == place).map_or(0, |(_, count)| *count);
        let oldest_check = column::instant(oldest).unwrap_or_default();
        let place = column::word("contents.place", &place)?;
        Ok(Holding { place, contents, bytes: bytes.unwrap_or_default(), damaged, oldest_check })
    });
    held.collect()
}

/// A text on a walk over all of them.
#[derive(Debug)]
pub struct Found {
    /// Its address.
    pub sha256: String,
    /// When it was last read back.
    pub checked_at: DateTime<Utc>,
    /// Whether it was damaged then.
    pub is_damaged: bool,
}

/// The texts that were read back longest ago, after the one that the last page ended with.
pub async fn page_to_check(
    conn: &mut Conn,
    (checked_at, sha256): (DateTime<Utc>, &str),
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let at = checked_at.naive_utc();
    let later = contents::checked_at.gt(at).or(contents::checked_at.eq(at).and(contents::sha256.gt(sha256)));
    let page = contents::table
        .filter(later)
        .order((contents::checked_at, contents::sha256))
        .select((contents::sha256, contents::checked_at, contents::is_damaged))
        .limit(limit);
    let rows: Vec<(String, NaiveDateTime, bool)> = on!(conn, |c| page.load(c))?;
    Ok(rows
        .into_iter()
        .map(|(sha256, at, is_damaged)| Found { sha256, checked_at: at.and_utc(), is_damaged })
        .collect())
}

/// Writes down that these texts, and with them the versions whose they are, were read back and are what they should be.
pub async fn checked(conn: &mut Conn, of: &[String], now: DateTime<Utc>) -> Result<(), StoreError> {
    let rows = contents::table.filter(contents::sha256.eq_any(of));
    on!(conn, |c| diesel::update(rows).set(contents::checked_at.eq(now.naive_utc())).execute(c))?;
    let versions = backups::table.filter(backups::sha256.eq_any(of));
    on!(conn, |c| diesel::update(versions).set(backups::checked_at.eq(now.naive_utc())).execute(c))?;
    Ok(())
}

/// Writes down whether a text is damaged, and with it every version that needs it: a version is damaged when one of its
/// texts is. Whether that was news of the text.
pub async fn mark(
    conn: &mut Conn,
    sha256: &str,
    is_damaged: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let at = now.naive_utc();
    let news = contents::table.filter(contents::sha256.eq(sha256).and(contents::is_damaged.ne(is_damaged)));
    let is_news =
        on!(conn, |c| diesel::update(news).set(contents::is_damaged.eq(is_damaged)).execute(c))? > 0;
    let row = contents::table.find(sha256);
    on!(conn, |c| diesel::update(row).set(contents::checked_at.eq(at)).execute(c))?;
    let needing = || backups::table.filter(backups::sha256.eq(sha256).or(backups::info_sha256.eq(sha256)));
    let values = (backups::checked_at.eq(at), backups::is_damaged.eq(is_damaged));
    on!(conn, |c| diesel::update(needing()).set(values).execute(c))?;
    if !is_damaged {
        // The other of a version's texts may still be damaged.
        let hurt = || contents::table.filter(contents::is_damaged).select(contents::sha256);
        let raw = needing().filter(backups::sha256.eq_any(hurt()));
        on!(conn, |c| diesel::update(raw).set(backups::is_damaged.eq(true)).execute(c))?;
        let info = needing().filter(backups::info_sha256.assume_not_null().eq_any(hurt()));
        on!(conn, |c| diesel::update(info).set(backups::is_damaged.eq(true)).execute(c))?;
    }
    Ok(is_news)
}

/// The versions that need a text, each with its device and the device's name, at most `limit`.
pub async fn users(
    conn: &mut Conn,
    sha256: &str,
    limit: i64,
) -> Result<Vec<(BackupId, DeviceId, String)>, StoreError> {
    let needed = backups::sha256.eq(sha256).or(backups::info_sha256.eq(sha256));
    let rows: Vec<(i64, i64, String)> = on!(conn, |c| backups::table
        .inner_join(devices::table)
        .filter(needed)
        .select((backups::id, backups::device_id, devices::name))
        .order(backups::id)
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(|(id, device, name)| (BackupId(id), DeviceId(device), name)).collect())
}

/// Texts that are not at `target`, in the order of their addresses, after `position`.
pub async fn page_elsewhere(
    conn: &mut Conn,
    (target, position): (Place, &str),
    limit: i64,
) -> Result<Vec<(String, Kept)>, StoreError> {
    let page = contents::table
        .filter(contents::place.ne(target.as_str()).and(contents::sha256.gt(position)))
        .order(contents::sha256)
        .select(kept_columns!())
        .limit(limit);
    let rows: Vec<KeptRow> = on!(conn, |c| page.load(c))?;
    rows.into_iter().map(kept).collect()
}

/// Texts that are at `place`, in the order of their addresses, after `position`.
pub async fn page_at(
    conn: &mut Conn,
    (place, position): (Place, &str),
    limit: i64,
) -> Result<Vec<(String, Kept)>, StoreError> {
    let page = contents::table
        .filter(contents::place.eq(place.as_str()).and(contents::sha256.gt(position)))
        .order(contents::sha256)
        .select(kept_columns!())
        .limit(limit);
    let rows: Vec<KeptRow> = on!(conn, |c| page.load(c))?;
    rows.into_iter().map(kept).collect()
}

/// How many texts are at `place`.
pub async fn count_at(conn: &mut Conn, place: Place) -> Result<i64, StoreError> {
    let rows = contents::table.filter(contents::place.eq(place.as_str()));
    Ok(on!(conn, |c| rows.count().get_result(c))?)
}

/// How many texts are not at `target`.
pub async fn count_elsewhere(conn: &mut Conn, target: Place) -> Result<i64, StoreError> {
    let rows = contents::table.filter(contents::place.ne(target.as_str()));
    Ok(on!(conn, |c| rows.count().get_result(c))?)
}

/// Texts in files and objects that another key than `key` sealed, in the order of their addresses, after `position`.
pub async fn page_other_key(
    conn: &mut Conn,
    (key, position): (i64, &str),
    limit: i64,
) -> Result<Vec<(String, Kept)>, StoreError> {
    let page = contents::table
        .filter(contents::place.ne(Place::Database.as_str()).and(contents::key_id.ne(key)))
        .filter(contents::sha256.gt(position))
        .order(contents::sha256)
        .select(kept_columns!())
        .limit(limit);
    let rows: Vec<KeptRow> = on!(conn, |c| page.load(c))?;
    rows.into_iter().map(kept).collect()
}

/// How many texts in files and objects `key` sealed, or may have sealed.
pub async fn sealed_elsewhere(conn: &mut Conn, key: i64) -> Result<i64, StoreError> {
    let rows = contents::table
        .filter(contents::place.ne(Place::Database.as_str()).and(contents::key_id.eq_any([0, key])));
    Ok(on!(conn, |c| rows.count().get_result(c))?)
}

/// Says that a text is now at `new`, if it is still where it was; `false` when somebody was faster, and nothing is said.
pub async fn switch(
    conn: &mut Conn,
    sha256: &str,
    (old, new): (&Kept, &Kept),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let still = contents::table.filter(
        contents::sha256
            .eq(sha256)
            .and(contents::place.eq(old.place.as_str()))
            .and(contents::object.eq(&old.object))
            .and(contents::sealed.eq(&old.sealed)),
    );
    let values = (
        contents::place.eq(new.place.as_str()),
        contents::object.eq(&new.object),
        contents::sealed.eq(&new.sealed),
        contents::key_id.eq(new.key),
        contents::checked_at.eq(now.naive_utc()),
    );
    Ok(on!(conn, |c| diesel::update(still).set(values).execute(c))? > 0)
}
