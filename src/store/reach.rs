//! Table `reach`: how devices are reached beyond their address, port and transport.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, StoreError, column, on,
    schema::{devices, reach},
};
use crate::domain::{
    device::{FurtherAddress, Reach},
    id::{DeviceId, JumpHostId},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = reach, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct ReachRow {
    device_id: i64,
    algorithms: String,
    further: String,
    jump_host_id: Option<i64>,
}

impl TryFrom<ReachRow> for Reach {
    type Error = StoreError;

    fn try_from(row: ReachRow) -> Result<Self, StoreError> {
        let further = FurtherAddress::list(&row.further)
            .map_err(|_| StoreError::Unreadable { column: "reach.further", value: row.further.clone() })?;
        Ok(Self {
            algorithms: column::word("reach.algorithms", &row.algorithms)?,
            further,
            jump_host: row.jump_host_id.map(JumpHostId),
        })
    }
}

/// Says how a device is reached from now on.
pub async fn set(conn: &mut Conn, device: DeviceId, how: &Reach) -> Result<(), StoreError> {
    let old = reach::table.find(device.0);
    on!(conn, |c| diesel::delete(old).execute(c))?;
    if *how == Reach::default() {
        return Ok(());
    }
    let values = (
        reach::device_id.eq(device.0),
        reach::algorithms.eq(how.algorithms.as_str()),
        reach::further.eq(how.further_text("\n")),
        reach::jump_host_id.eq(how.jump_host.map(|id| id.0)),
    );
    on!(conn, |c| diesel::insert_into(reach::table).values(values).execute(c))?;
    Ok(())
}

/// How one device is reached.
pub async fn find(conn: &mut Conn, device: DeviceId) -> Result<Reach, StoreError> {
    Ok(of(conn, &[device]).await?.remove(&device).unwrap_or_default())
}

/// How these devices are reached; those that are not named here are reached as most are.
pub async fn of(conn: &mut Conn, devices: &[DeviceId]) -> Result<BTreeMap<DeviceId, Reach>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in devices.chunks(500) {
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        let rows: Vec<ReachRow> = on!(conn, |c| reach::table
            .filter(reach::device_id.eq_any(&ids))
            .select(ReachRow::as_select())
            .load(c))?;
        for row in rows {
            found.insert(DeviceId(row.device_id), Reach::try_from(row)?);
        }
    }
    Ok(found)
}

/// How each device is reached that is not reached as most are.
pub async fn all(conn: &mut Conn) -> Result<BTreeMap<DeviceId, Reach>, StoreError> {
    let rows: Vec<ReachRow> = on!(conn, |c| reach::table.select(ReachRow::as_select()).load(c))?;
    rows.into_iter().map(|row| Ok((DeviceId(row.device_id), Reach::try_from(row)?))).collect()
}

/// The device that has this place among its further ones.
pub async fn find_by_place(
    conn: &mut Conn,
    (address, port): (&str, u16),
) -> Result<Option<DeviceId>, StoreError> {
    // The text holds it, whatever else it holds; few devices have one.
    let holds = reach::further.like(column::anywhere(address)).escape('\\');
    let rows: Vec<(ReachRow, i32)> = on!(conn, |c| reach::table
        .inner_join(devices::table)
        .filter(holds.and(devices::deleted_at.is_null()))
        .select((ReachRow::as_select(), devices::port))
        .load(c))?;
    for (row, own) in rows {
        let id = DeviceId(row.device_id);
        let places = Reach::try_from(row)?.further_places(u16::try_from(own).unwrap_or_default());
        if places.iter().any(|place| place.0 == address && place.1 == port) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
