//! Table `mails`: what waits for the mail server, and what became of it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::{
        id::UserId,
        notice::Mail,
        page::{Page, PageRequest},
    },
    store::{Conn, StoreError, column, on, schema::mails},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = mails, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
struct MailRow {
    id: i64,
    recipient: String,
    subject: String,
    body: String,
    created_at: NaiveDateTime,
    attempts: i32,
    sent_at: Option<NaiveDateTime>,
    given_up_at: Option<NaiveDateTime>,
    error: Option<String>,
}

impl From<MailRow> for Mail {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.id,
            recipient: row.recipient,
            subject: row.subject,
            body: row.body,
            created_at: row.created_at.and_utc(),
            attempts: row.attempts,
            sent_at: column::instant(row.sent_at),
            given_up_at: column::instant(row.given_up_at),
            error: row.error,
        }
    }
}

/// Adds a mail to be sent.
pub async fn insert(
    conn: &mut Conn,
    (user, recipient): (UserId, &str),
    (subject, body): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let values = (
        mails::user_id.eq(user.0),
        mails::recipient.eq(recipient),
        mails::subject.eq(subject),
        mails::body.eq(body),
        mails::created_at.eq(now.naive_utc()),
        mails::due_at.eq(now.naive_utc()),
        mails::attempts.eq(0),
    );
    on!(conn, |c| diesel::insert_into(mails::table).values(values).execute(c))?;
    Ok(())
}

/// Takes up to `limit` mails that are due and that nobody is sending, until `until`.
pub async fn claim(
    conn: &mut Conn,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Mail>, StoreError> {
    let at = now.naive_utc();
    let free = mails::lease_until.is_null().or(mails::lease_until.assume_not_null().lt(at));
    let due = mails::table
        .filter(mails::sent_at.is_null().and(mails::given_up_at.is_null()).and(mails::due_at.le(at)))
        .filter(free.assume_not_null())
        .order((mails::due_at, mails::id))
        .select(mails::id)
        .limit(limit);
    let ids: Vec<i64> = match conn {
        Conn::Sqlite(c) => due.load(c).await?,
        Conn::Postgres(c) => due.for_update().skip_locked().load(c).await?,
    };
    let held = (mails::lease_until.eq(until.naive_utc()), mails::attempts.eq(mails::attempts + 1));
    let rows: Vec<MailRow> = on!(conn, |c| diesel::update(mails::table.filter(mails::id.eq_any(&ids)))
        .set(held)
        .returning(MailRow::as_returning())
        .get_results(c))?;
    Ok(rows.into_iter().map(Mail::from).collect())
}

/// Writes down that the mail server took it.
pub async fn sent(conn: &mut Conn, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    let values = (mails::sent_at.eq(now.naive_utc()), mails::error.eq(None::<String>));
    on!(conn, |c| diesel::update(mails::table.find(id)).set(values).execute(c))?;
    Ok(())
}

/// Writes down why it could not be sent, and when it is tried again; `None` gives it up.
pub async fn failed(
    conn: &mut Conn,
    id: i64,
    error: &str,
    (now, again): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<(), StoreError> {
    let row = mails::table.find(id);
    let why = (mails::error.eq(error), mails::lease_until.eq(None::<NaiveDateTime>));
    on!(conn, |c| diesel::update(row).set(why).execute(c))?;
    match again {
        Some(at) => on!(conn, |c| diesel::update(row).set(mails::due_at.eq(at.naive_utc())).execute(c))?,
        None => on!(conn, |c| diesel::update(row).set(mails::given_up_at.eq(now.naive_utc())).execute(c))?,
    };
    Ok(())
}

/// A page of the mails, the newest first.
pub async fn list(conn: &mut Conn, request: PageRequest) -> Result<Page<Mail>, StoreError> {
    let total: i64 = on!(conn, |c| mails::table.count().get_result(c))?;
    let rows: Vec<MailRow> = on!(conn, |c| mails::table
        .select(MailRow::as_select())
        .order((mails::created_at.desc(), mails::id.desc()))
        .limit(request.size)
        .offset(request.offset())
        .load(c))?;
    Ok(Page { rows: rows.into_iter().map(Mail::from).collect(), total, request })
}

/// Removes mails that were sent or given up and written before `before`.
pub async fn delete_old(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let over = mails::sent_at.is_not_null().or(mails::given_up_at.is_not_null());
    let old = mails::table.filter(mails::created_at.lt(before.naive_utc())).filter(over);
    Ok(on!(conn, |c| diesel::delete(old).execute(c))?)
}
