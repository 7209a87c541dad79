//! Tables `notices` and `notice_lines`: what is to be told, written in the transaction in which it became true.

pub mod mails;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    dsl,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text, Timestamp},
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{devices, notice_lines, notices, users},
};
use crate::domain::{
    id::{DeviceId, UserId},
    notice::{Failing, Gathered, NewNotice, NoticeEvent, Rhythm, Told, Wishes, due},
};

/// A notice: id, event, cause, device, text, time.
type NoticeRow = (i64, String, String, String, String, NaiveDateTime);

/// Adds a notice.
pub async fn insert(conn: &mut Conn, new: &NewNotice<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut name = None;
    if let Some(device) = new.device {
        let found = devices::table.find(device.0).select(devices::name);
        name = on!(conn, |c| found.first::<String>(c)).optional()?;
    }
    let values = (
        notices::event.eq(new.event.as_str()),
        notices::cause.eq(&new.cause),
        notices::device_id.eq(new.device.map(|device| device.0)),
        notices::device_name.eq(name.unwrap_or_default()),
        notices::job_id.eq(new.job.map(|job| job.0)),
        notices::text.eq(new.text),
        notices::created_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(notices::table).values(values).execute(c))?;
    Ok(())
}

/// Whether a device fails, as it is known.
pub async fn failing(conn: &mut Conn, id: DeviceId) -> Result<Failing, StoreError> {
    let columns = (devices::failing_since, devices::failing_told_at);
    let row: Option<(Option<NaiveDateTime>, Option<NaiveDateTime>)> =
        on!(conn, |c| devices::table.find(id.0).select(columns).get_result(c)).optional()?;
    let (since, told_at) = row.unwrap_or_default();
    Ok(Failing { since: column::instant(since), told_at: column::instant(told_at) })
}

/// Whether this has been told since then.
pub async fn is_told(
    conn: &mut Conn,
    (event, cause): (NoticeEvent, &str),
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let told = notices::table.filter(
        notices::event
            .eq(event.as_str())
            .and(notices::cause.eq(cause))
            .and(notices::created_at.gt(since.naive_utc())),
    );
    let count: i64 = on!(conn, |c| told.count().get_result(c))?;
    Ok(count > 0)
}

/// Writes down whether a device fails.
pub async fn set_failing(conn: &mut Conn, id: DeviceId, failing: Failing) -> Result<(), StoreError> {
    let values = (
        devices::failing_since.eq(failing.since.map(|at| at.naive_utc())),
        devices::failing_told_at.eq(failing.told_at.map(|at| at.naive_utc())),
    );
    on!(conn, |c| diesel::update(devices::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Lays out what happened for everybody who wants it and sees the device; an alarm for every admin who sees
/// everything. Gives how many notices.
///
/// Of several nodes one gets each notice. By hand, because it is one statement for any number of notices.
pub async fn lay_out(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let waiting = notices::table.filter(notices::dealt_at.is_null());
    let dealt = notices::dealt_at.eq(now.naive_utc());
    let count = on!(conn, |c| diesel::update(waiting).set(dealt).execute(c))?;
    if count == 0 {
        return Ok(0);
    }
    // SQLite counts the values by where they are first named.
    let sql = "INSERT INTO notice_lines (notice_id, user_id, due_at) \
         SELECT n.id, u.id, CASE WHEN n.event = $1 THEN $2 WHEN u.mail_rhythm = 'hourly' THEN $3 \
           WHEN u.mail_rhythm = 'daily' THEN $4 ELSE $2 END \
         FROM notices n JOIN users u ON u.is_enabled AND u.email IS NOT NULL \
         WHERE n.dealt_at = $5 AND ((n.event = $1 AND u.role = 'admin' AND u.scope = 'all') OR ( \
           n.event <> $1 AND (' ' || u.mail_events || ' ') LIKE ('% ' || n.event || ' %') \
           AND (n.event <> 'job_done' OR n.cause = 'person ' || CAST(u.id AS TEXT)) \
           AND (u.scope = 'all' \
             OR EXISTS (SELECT 1 FROM devices d WHERE d.id = n.device_id AND d.owner_id = u.id) \
             OR EXISTS (SELECT 1 FROM device_tags t JOIN user_tags v ON v.tag_id = t.tag_id \
                        WHERE t.device_id = n.device_id AND v.user_id = u.id)))) \
         ON CONFLICT DO NOTHING";
    let at = |rhythm| due(rhythm, now).naive_utc();
    let query = || {
        sql_query(sql)
            .bind::<Text, _>(NoticeEvent::CredentialStopped.as_str())
            .bind::<Timestamp, _>(at(Rhythm::AtOnce))
            .bind::<Timestamp, _>(at(Rhythm::Hourly))
            .bind::<Timestamp, _>(at(Rhythm::Daily))
            .bind::<Timestamp, _>(now.naive_utc())
    };
    on!(conn, |c| query().execute(c))?;
    Ok(count)
}

#[derive(QueryableByName)]
struct GatheredRow {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    rhythm: String,
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = Text)]
    cause: String,
    #[diesel(sql_type = Timestamp)]
    first_at: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    last_at: NaiveDateTime,
}

/// What is due, by person and cause.
pub async fn gathered(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Gathered>, StoreError> {
    let sql = "SELECT l.user_id, u.mail_rhythm AS rhythm, n.event, n.cause, \
           MIN(n.created_at) AS first_at, MAX(n.created_at) AS last_at \
         FROM notice_lines l JOIN notices n ON n.id = l.notice_id JOIN users u ON u.id = l.user_id \
         WHERE l.due_at <= $1 GROUP BY l.user_id, u.mail_rhythm, n.event, n.cause \
         ORDER BY l.user_id, n.event, n.cause";
    let query = || sql_query(sql).bind::<Timestamp, _>(now.naive_utc());
    let rows: Vec<GatheredRow> = on!(conn, |c| query().load(c))?;
    let gathered = rows.into_iter().map(|row| {
        Ok(Gathered {
            user: UserId(row.user_id),
            rhythm: column::word("users.mail_rhythm", &row.rhythm)?,
            event: column::word("notices.event", &row.event)?,
            cause: row.cause,
            first: row.first_at.and_utc(),
            last: row.last_at.and_utc(),
        })
    });
    gathered.collect()
}

/// Takes what is due of these away, to be put into mails in the same transaction. Of several nodes one gets each.
pub async fn take(conn: &mut Conn, ripe: &[Gathered], now: DateTime<Utc>) -> Result<Vec<Told>, StoreError> {
    let mut taken: Vec<(i64, i64)> = Vec::new();
    for group in ripe {
        let of_it = notices::table.filter(
            notices::id
                .eq(notice_lines::notice_id)
                .and(notices::event.eq(group.event.as_str()))
                .and(notices::cause.eq(&group.cause)),
        );
        let rows = notice_lines::table
            .filter(notice_lines::user_id.eq(group.user.0).and(notice_lines::due_at.le(now.naive_utc())))
            .filter(dsl::exists(of_it));
        let lines: Vec<(i64, i64)> = on!(conn, |c| diesel::delete(rows)
            .returning((notice_lines::notice_id, notice_lines::user_id))
            .get_results(c))?;
        taken.extend(lines);
    }
    told(conn, &taken).await
}

async fn told(conn: &mut Conn, taken: &[(i64, i64)]) -> Result<Vec<Told>, StoreError> {
    let mut told = Vec::with_capacity(taken.len());
    for chunk in taken.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|(notice, _)| *notice).collect();
        let rows: Vec<NoticeRow> = on!(conn, |c| notices::table
            .filter(notices::id.eq_any(&ids))
            .select((
                notices::id,
                notices::event,
                notices::cause,
                notices::device_name,
                notices::text,
                notices::created_at
            ))
            .load(c))?;
        for (notice, user) in chunk {
            let Some((_, event, cause, device, text, at)) = rows.iter().find(|(id, ..)| id == notice) else {
                continue;
            };
            told.push(Told {
                user: UserId(*user),
                event: column::word("notices.event", event)?,
                cause: cause.clone(),
                device: device.clone(),
                text: text.clone(),
                at: at.and_utc(),
            });
        }
    }
    told.sort_by_key(|one| (one.user, one.at));
    Ok(told)
}

/// Where the mails of these people go.
pub async fn addresses(conn: &mut Conn, people: &[UserId]) -> Result<Vec<(UserId, String)>, StoreError> {
    let ids: Vec<i64> = people.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, Option<String>)> = on!(conn, |c| users::table
        .filter(users::id.eq_any(&ids).and(users::is_enabled))
        .select((users::id, users::email))
        .load(c))?;
    Ok(rows.into_iter().filter_map(|(id, email)| Some((UserId(id), email?))).collect())
}

/// What a person wants to be told; `None` when there is no such person.
pub async fn wishes(conn: &mut Conn, id: UserId) -> Result<Option<Wishes>, StoreError> {
    let row: Option<(String, String)> =
        on!(conn, |c| users::table.find(id.0).select((users::mail_rhythm, users::mail_events)).get_result(c))
            .optional()?;
    let Some((rhythm, events)) = row else { return Ok(None) };
    let rhythm = column::word("users.mail_rhythm", &rhythm)?;
    let events = events.split_whitespace().map(|word| column::word("users.mail_events", word));
    Ok(Some(Wishes { rhythm, events: events.collect::<Result<_, _>>()? }))
}

/// Writes down what a person wants to be told.
pub async fn set_wishes(conn: &mut Conn, id: UserId, wishes: &Wishes) -> Result<(), StoreError> {
    let events: Vec<&str> = wishes.events.iter().map(|event| event.as_str()).collect();
    let values = (users::mail_rhythm.eq(wishes.rhythm.as_str()), users::mail_events.eq(events.join(" ")));
    on!(conn, |c| diesel::update(users::table.find(id.0)).set(values).execute(c))?;
    Ok(())
}

/// Removes notices that were laid out before `before` and are in no mail to come.
pub async fn delete_old(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let waiting = notice_lines::table.select(notice_lines::notice_id);
    let old = notices::table
        .filter(notices::created_at.lt(before.naive_utc()).and(notices::dealt_at.is_not_null()))
        .filter(notices::id.ne_all(waiting));
    Ok(on!(conn, |c| diesel::delete(old).execute(c))?)
}
