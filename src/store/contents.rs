//! Table `contents`: sealed texts, addressed by the SHA-256 of what they say.

mod care;
mod orphans;

pub use care::{
    Found, Holding, checked, count_at, count_elsewhere, holdings, mark, page_at, page_elsewhere,
    page_other_key, page_to_check, sealed_elsewhere, switch, users,
};
pub use orphans::{delete_old_orphans, delete_orphans, delete_unused, old_orphans};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, column, on, prepared::prepared, schema::contents};
use crate::domain::{setting::Storage, text_enum};

text_enum! {
    /// The column `contents.place`: where the sealed bytes are.
    pub enum Place {
        /// In the row.
        Database = "database",
        /// In a file of the data folder.
        Directory = "directory",
        /// In an object of the bucket.
        S3 = "s3",
    }
}

impl From<Storage> for Place {
    fn from(storage: Storage) -> Self {
        match storage {
            Storage::Local => Self::Database,
            Storage::Directory => Self::Directory,
            Storage::S3 => Self::S3,
        }
    }
}

impl From<Place> for Storage {
    fn from(place: Place) -> Self {
        match place {
            Place::Database => Self::Local,
            Place::Directory => Self::Directory,
            Place::S3 => Self::S3,
        }
    }
}

/// Where sealed bytes are, and they themselves when they are in the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub place: Place,
    /// What the file or object is called; empty in the database, and for files from before names were used once only.
    pub object: String,
    /// The bytes, when they are in the row; else none.
    pub sealed: Vec<u8>,
    /// The key that sealed them; 0 when nobody has looked.
    pub key: i64,
}

type KeptRow = (String, String, String, Vec<u8>, i64);

fn kept((sha256, place, object, sealed, key): KeptRow) -> Result<(String, Kept), StoreError> {
    Ok((sha256, Kept { place: column::word("contents.place", &place)?, object, sealed, key }))
}

/// The columns of a [`KeptRow`].
macro_rules! kept_columns {
    () => {
        (contents::sha256, contents::place, contents::object, contents::sealed, contents::key_id)
    };
}
use kept_columns;

/// Keeps a text unless it is there already, and then counts it as new: what is about to be used is not cleaned up.
///
/// The row is held until the transaction ends, so that no clean-up of another node can take it away. A text that
/// is new has just been read back.
pub async fn insert(
    conn: &mut Conn,
    sha256: &str,
    (new, bytes): (&Kept, i64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        contents::sha256.eq(sha256),
        contents::sealed.eq(&new.sealed),
        contents::bytes.eq(bytes),
        contents::created_at.eq(now.naive_utc()),
        contents::place.eq(new.place.as_str()),
        contents::object.eq(&new.object),
        contents::key_id.eq(new.key),
        contents::checked_at.eq(now.naive_utc()),
    );
    on!(conn, |c| prepared(
        diesel::insert_into(contents::table)
            .values(values)
            .on_conflict(contents::sha256)
            .do_update()
            .set(contents::created_at.eq(now.naive_utc()))
    )
    .execute(c))?;
    Ok(())
}

/// Puts a sealed text in place of the one that is there.
pub async fn replace(
    conn: &mut Conn,
    sha256: &str,
    new: &Kept,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        contents::sealed.eq(&new.sealed),
        contents::place.eq(new.place.as_str()),
        contents::object.eq(&new.object),
        contents::key_id.eq(new.key),
        contents::checked_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::update(contents::table.find(sha256)).set(values).execute(c))?;
    Ok(())
}

/// Where the text with this address is, and its sealed bytes when they are in the row.
pub async fn find(conn: &mut Conn, sha256: &str) -> Result<Option<Kept>, StoreError> {
    let row: Option<KeptRow> =
        on!(conn, |c| contents::table.find(sha256).select(kept_columns!()).get_result(c)).optional()?;
    row.map(|row| Ok(kept(row)?.1)).transpose()
}

/// The sealed texts with these addresses, as far as they are there.
pub async fn find_many(conn: &mut Conn, sha256: &[String]) -> Result<Vec<(String, Kept)>, StoreError> {
    let rows: Vec<KeptRow> = on!(conn, |c| contents::table
        .filter(contents::sha256.eq_any(sha256))
        .select(kept_columns!())
        .load(c))?;
    rows.into_iter().map(kept).collect()
}

/// What the files or objects of these texts are called, of those that are kept at `place`, with their addresses.
pub async fn objects(
    conn: &mut Conn,
    place: Place,
    of: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = contents::table
        .filter(contents::sha256.eq_any(of))
        .filter(contents::place.eq(place.as_str()))
        .select((contents::sha256, contents::object));
    Ok(on!(conn, |c| rows.load(c))?)
}
