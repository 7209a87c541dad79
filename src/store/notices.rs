//! Tables `notices` and `notice_lines`: what is to be told, written in the transaction in which it became true.

pub mod mails;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, sql_query, sql_types::Timestamp};
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{devices, notice_lines, notices, users},
};
use crate::domain::{
    id::{DeviceId, UserId},
    notice::{NewNotice, NoticeEvent, Rhythm, TOLD_AGAIN_AFTER, Told, Wishes, due},
};

/// A notice: id, event, cause, device, text, time.
type NoticeRow = (i64, String, String, String, String, NaiveDateTime);

/// Adds a notice.
pub async fn insert(conn: &mut Conn, new: &NewNotice<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut name = None;
    if let Some((device, _)) = new.about {
        let found = devices::table.find(device.0).select(devices::name);
        name = on!(conn, |c| found.first::<String>(c)).optional()?;
    }
    let values = (
        notices::event.eq(new.event.as_str()),
        notices::cause.eq(&new.cause),
        notices::device_id.eq(new.about.map(|(device, _)| device.0)),
        notices::device_name.eq(name.unwrap_or_default()),
        notices::job_id.eq(new.about.map(|(_, job)| job.0)),
        notices::text.eq(new.text),
        notices::created_at.eq(now.naive_utc()),
    );
    on!(conn, |c| diesel::insert_into(notices::table).values(values).execute(c))?;
    Ok(())
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

/// Notes that a device fails: `Some(true)` when it began to, `Some(false)` when it is to be told of again.
pub async fn failing(conn: &mut Conn, id: DeviceId, now: DateTime<Utc>) -> Result<Option<bool>, StoreError> {
    let at = now.naive_utc();
    let fresh = devices::table.filter(devices::id.eq(id.0).and(devices::failing_since.is_null()));
    let began = (devices::failing_since.eq(at), devices::failing_told_at.eq(at));
    if on!(conn, |c| diesel::update(fresh).set(began).execute(c))? > 0 {
        return Ok(Some(true));
    }
    let before = (now - TOLD_AGAIN_AFTER).naive_utc();
    let old =
        devices::failing_told_at.is_not_null().and(devices::failing_told_at.assume_not_null().le(before));
    let told = devices::table.filter(devices::id.eq(id.0)).filter(old);
    let again = devices::failing_told_at.eq(at);
    Ok((on!(conn, |c| diesel::update(told).set(again).execute(c))? > 0).then_some(false))
}

/// Notes that a device goes well; whether it had been failing.
pub async fn recovered(conn: &mut Conn, id: DeviceId) -> Result<bool, StoreError> {
    let failing = devices::table.filter(devices::id.eq(id.0).and(devices::failing_since.is_not_null()));
    let well = (
        devices::failing_since.eq(None::<NaiveDateTime>),
        devices::failing_told_at.eq(None::<NaiveDateTime>),
    );
    Ok(on!(conn, |c| diesel::update(failing).set(well).execute(c))? > 0)
}

/// Lays out what happened up to `until` for everybody who wants it and sees the device; gives how many notices.
///
/// Of several nodes one gets each notice. By hand, because it is one statement for any number of notices.
pub async fn lay_out(conn: &mut Conn, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let waiting =
        notices::table.filter(notices::dealt_at.is_null().and(notices::created_at.le(until.naive_utc())));
    let dealt = notices::dealt_at.eq(now.naive_utc());
    let count = on!(conn, |c| diesel::update(waiting).set(dealt).execute(c))?;
    if count == 0 {
        return Ok(0);
    }
    let sql = "INSERT INTO notice_lines (notice_id, user_id, due_at) \
         SELECT n.id, u.id, CASE u.mail_rhythm WHEN 'hourly' THEN $1 WHEN 'daily' THEN $2 ELSE $3 END \
         FROM notices n JOIN users u ON u.is_enabled AND u.email IS NOT NULL \
           AND (' ' || u.mail_events || ' ') LIKE ('% ' || n.event || ' %') \
         WHERE n.dealt_at = $4 \
           AND (n.event <> 'job_done' OR n.cause = 'person ' || CAST(u.id AS TEXT)) \
           AND (u.scope = 'all' \
             OR EXISTS (SELECT 1 FROM devices d WHERE d.id = n.device_id AND d.owner_id = u.id) \
             OR EXISTS (SELECT 1 FROM device_tags t JOIN user_tags v ON v.tag_id = t.tag_id \
                        WHERE t.device_id = n.device_id AND v.user_id = u.id)) \
         ON CONFLICT DO NOTHING";
    let at = |rhythm| due(rhythm, now).naive_utc();
    let query = || {
        sql_query(sql)
            .bind::<Timestamp, _>(at(Rhythm::Hourly))
            .bind::<Timestamp, _>(at(Rhythm::Daily))
            .bind::<Timestamp, _>(at(Rhythm::AtOnce))
            .bind::<Timestamp, _>(now.naive_utc())
    };
    on!(conn, |c| query().execute(c))?;
    Ok(count)
}

/// Takes everything that is due away, to be put into mails in the same transaction. Of several nodes one gets each.
pub async fn take_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Told>, StoreError> {
    let rows = notice_lines::table.filter(notice_lines::due_at.le(now.naive_utc()));
    let taken: Vec<(i64, i64)> = on!(conn, |c| diesel::delete(rows)
        .returning((notice_lines::notice_id, notice_lines::user_id))
        .get_results(c))?;
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
        on!(conn, |c| users::table.find(id.0).select((users::mail_rhythm, users::mail_events)).first(c))
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
