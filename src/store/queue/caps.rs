//! How many devices may be talked to at once with one tag, or with one credential, counted over all nodes.

use std::collections::BTreeMap;

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::claim::Due;
use crate::store::{
    Conn, StoreError,
    jobs::is_running,
    on,
    schema::{credentials, device_tags, devices, jobs, tags},
};

/// Whether the row of `devices` may use the row of `credentials`: its own one, or one of its tags where it has none of
/// its own. Which of several a job will try is known later only, so a job counts against each of them.
pub(super) const MAY_USE: &str = "(devices.credential_id = credentials.id \
    OR (devices.credential_id IS NULL AND EXISTS (SELECT 1 FROM credential_tags AS through \
      JOIN device_tags AS worn ON worn.tag_id = through.tag_id \
      WHERE through.credential_id = credentials.id AND worn.device_id = devices.id)))";

/// The ids of the devices that may use one of these credentials, as a piece of a query.
macro_rules! devices_of {
    ($credentials:expr) => {
        $crate::store::schema::credentials::table
            .inner_join($crate::store::schema::devices::table.on(::diesel::dsl::sql::<
                ::diesel::sql_types::Bool,
            >(
                $crate::store::queue::caps::MAY_USE
            )))
            .filter($crate::store::schema::credentials::id.eq_any($credentials))
            .select($crate::store::schema::devices::id)
    };
}
pub(super) use devices_of;

/// How many more devices each capped tag and credential allows.
#[derive(Debug, Default)]
pub(super) struct Caps {
    tags: BTreeMap<i64, i64>,
    credentials: BTreeMap<i64, i64>,
}

/// A capped row and its cap.
type Most = (i64, i32);

/// Reads them, and keeps other nodes from counting the same room until the transaction is over.
pub(super) async fn load(conn: &mut Conn) -> Result<Caps, StoreError> {
    let of_tags = tags::table
        .filter(tags::most_sessions.is_not_null())
        .select((tags::id, tags::most_sessions.assume_not_null()))
        .order(tags::id);
    let of_credentials = credentials::table
        .filter(credentials::most_sessions.is_not_null())
        .select((credentials::id, credentials::most_sessions.assume_not_null()))
        .order(credentials::id);
    let (tags, credentials): (Vec<Most>, Vec<Most>) = match conn {
        Conn::Sqlite(c) => (of_tags.load(c).await?, of_credentials.load(c).await?),
        Conn::Postgres(c) => {
            (of_tags.for_update().load(c).await?, of_credentials.for_update().load(c).await?)
        }
    };
    let mut caps = Caps { tags: room(tags), credentials: room(credentials) };
    if !caps.is_none() {
        let running = jobs::table
            .filter(is_running().and(jobs::device_id.is_not_null()))
            .select(jobs::device_id.assume_not_null());
        let devices: Vec<i64> = on!(conn, |c| running.load(c))?;
        for members in caps.members(conn, &devices).await?.values() {
            caps.use_up(members);
        }
    }
    Ok(caps)
}

fn room(most: Vec<Most>) -> BTreeMap<i64, i64> {
    most.into_iter().map(|(id, most)| (id, i64::from(most))).collect()
}

/// The capped tags and credentials of one device.
#[derive(Debug, Default)]
struct Members {
    tags: Vec<i64>,
    credentials: Vec<i64>,
}

impl Caps {
    fn is_none(&self) -> bool {
        self.tags.is_empty() && self.credentials.is_empty()
    }

    /// The tags and the credentials that allow no more.
    pub(super) fn full(&self) -> (Vec<i64>, Vec<i64>) {
        let full = |caps: &BTreeMap<i64, i64>| {
            caps.iter().filter(|(_, left)| **left <= 0).map(|(id, _)| *id).collect::<Vec<i64>>()
        };
        (full(&self.tags), full(&self.credentials))
    }

    /// Those of `rows`, in their order, that there is room for; the room is taken.
    pub(super) async fn fit(&mut self, conn: &mut Conn, rows: Vec<Due>) -> Result<Vec<Due>, StoreError> {
        if self.is_none() {
            return Ok(rows);
        }
        let devices: Vec<i64> = rows.iter().filter_map(|row| row.device).collect();
        let members = self.members(conn, &devices).await?;
        let none = Members::default();
        let mut fitting = Vec::new();
        for row in rows {
            let of = row.device.and_then(|device| members.get(&device)).unwrap_or(&none);
            if self.has_room(of) {
                self.use_up(of);
                fitting.push(row);
            }
        }
        Ok(fitting)
    }

    fn has_room(&self, of: &Members) -> bool {
        let left = |caps: &BTreeMap<i64, i64>, id: &i64| caps.get(id).is_none_or(|left| *left > 0);
        of.tags.iter().all(|id| left(&self.tags, id))
            && of.credentials.iter().all(|id| left(&self.credentials, id))
    }

    fn use_up(&mut self, of: &Members) {
        let take = |caps: &mut BTreeMap<i64, i64>, ids: &[i64]| {
            for id in ids {
                caps.entry(*id).and_modify(|left| *left -= 1);
            }
        };
        take(&mut self.tags, &of.tags);
        take(&mut self.credentials, &of.credentials);
    }

    /// The capped tags and credentials of each of these devices.
    async fn members(&self, conn: &mut Conn, of: &[i64]) -> Result<BTreeMap<i64, Members>, StoreError> {
        let tags: Vec<i64> = self.tags.keys().copied().collect();
        let capped: Vec<i64> = self.credentials.keys().copied().collect();
        let mut all = BTreeMap::<i64, Members>::new();
        for chunk in of.chunks(500) {
            let held = device_tags::table
                .filter(device_tags::device_id.eq_any(chunk).and(device_tags::tag_id.eq_any(&tags)))
                .select((device_tags::device_id, device_tags::tag_id));
            let held: Vec<(i64, i64)> = on!(conn, |c| held.load(c))?;
            for (device, tag) in held {
                all.entry(device).or_default().tags.push(tag);
            }
            let used = credentials::table
                .inner_join(devices::table.on(sql::<Bool>(MAY_USE)))
                .filter(devices::id.eq_any(chunk).and(credentials::id.eq_any(&capped)))
                .select((devices::id, credentials::id));
            let used: Vec<(i64, i64)> = on!(conn, |c| used.load(c))?;
            for (device, credential) in used {
                all.entry(device).or_default().credentials.push(credential);
            }
        }
        Ok(all)
    }
}
