//! Tables `credentials`, `credential_tags` and `credential_answers`. Sealed bytes go in and out; nothing here can open
//! them.

pub mod answers;
pub mod shared;
pub mod uses;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, StoreError, on, schema::credentials};
use crate::domain::{credential::Credential, id::CredentialId};

/// A credential's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credentials, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Sealed {
    /// The row's id.
    pub id: i64,
    /// Bound into the envelopes.
    pub row_key: String,
    /// The name of a shared one.
    pub name: Option<String>,
    /// The account on the device.
    pub username: String,
    /// Sealed password.
    pub password: Option<Vec<u8>>,
    /// Sealed enable secret.
    pub enable_secret: Option<Vec<u8>>,
    /// Sealed private key.
    pub private_key: Option<Vec<u8>>,
    /// Sealed passphrase.
    pub passphrase: Option<Vec<u8>>,
    /// Counts the changes of the secrets.
    pub revision: i32,
    /// The row of the secrets before the last change, while they are kept.
    pub previous_id: Option<i64>,
    /// Since when it is not used any more.
    pub stopped_at: Option<NaiveDateTime>,
}

impl From<&Sealed> for Credential {
    fn from(row: &Sealed) -> Self {
        Self {
            id: CredentialId(row.id),
            name: row.name.clone(),
            username: row.username.clone(),
            has_password: row.password.is_some(),
            has_enable: row.enable_secret.is_some(),
            has_private_key: row.private_key.is_some(),
        }
    }
}

/// Sealed secrets on their way into a row; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = credentials)]
pub struct SealedChange {
    /// The account on the device.
    pub username: String,
    /// Sealed password.
    pub password: Option<Vec<u8>>,
    /// Sealed enable secret.
    pub enable_secret: Option<Vec<u8>>,
    /// Sealed private key.
    pub private_key: Option<Vec<u8>>,
    /// Sealed passphrase.
    pub passphrase: Option<Vec<u8>>,
}

/// Adds a credential under a fresh row key.
pub async fn insert(
    conn: &mut Conn,
    row_key: &str,
    sealed: &SealedChange,
    now: DateTime<Utc>,
) -> Result<CredentialId, StoreError> {
    let values = (
        credentials::row_key.eq(row_key),
        credentials::username.eq(sealed.username.as_str()),
        credentials::password.eq(sealed.password.as_deref()),
        credentials::enable_secret.eq(sealed.enable_secret.as_deref()),
        credentials::private_key.eq(sealed.private_key.as_deref()),
        credentials::passphrase.eq(sealed.passphrase.as_deref()),
        credentials::created_at.eq(now.naive_utc()),
        credentials::updated_at.eq(now.naive_utc()),
    );
    let id: i64 = on!(conn, |c| diesel::insert_into(credentials::table)
        .values(values)
        .returning(credentials::id)
        .get_result(c))?;
    Ok(CredentialId(id))
}

/// Replaces the secrets that are given; what devices answered to those before counts no more.
pub async fn update(
    conn: &mut Conn,
    id: CredentialId,
    sealed: &SealedChange,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = credentials::table.find(id.0);
    let anew = (
        credentials::updated_at.eq(now.naive_utc()),
        credentials::revision.eq(credentials::revision + 1),
        credentials::refusals_in_row.eq(0),
        credentials::stopped_at.eq(None::<NaiveDateTime>),
    );
    on!(conn, |c| diesel::update(row).set((sealed, anew)).execute(c))?;
    Ok(())
}

/// The credential with this id, if there is one.
pub async fn find(conn: &mut Conn, id: CredentialId) -> Result<Option<Sealed>, StoreError> {
    Ok(on!(conn, |c| credentials::table.find(id.0).select(Sealed::as_select()).get_result(c)).optional()?)
}

/// The credentials with these ids.
pub async fn find_many(conn: &mut Conn, ids: &[CredentialId]) -> Result<Vec<Sealed>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    Ok(on!(conn, |c| credentials::table
        .filter(credentials::id.eq_any(&ids))
        .select(Sealed::as_select())
        .load(c))?)
}

/// Removes it where it is a device's own; a shared one stays.
pub async fn delete_own(conn: &mut Conn, id: CredentialId) -> Result<(), StoreError> {
    let own = credentials::table.filter(credentials::id.eq(id.0).and(credentials::name.is_null()));
    on!(conn, |c| diesel::delete(own).execute(c))?;
    Ok(())
}
