//! A device as a job sees it.

use std::time::Duration;

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use diesel_async::RunQueryDsl;

use super::DeviceRow;
use crate::{
    domain::{
        backup::Known,
        device::{Device, Reach},
        fact::Facts,
        host_key::Pin,
        id::{BackupId, CredentialId, DeviceId},
        job::{JobKind, JobState},
        time_limit::{ENOUGH, LOOKED_BACK},
    },
    store::{
        Conn, StoreError,
        credentials::Sealed,
        facts,
        host_keys::PinRow,
        on,
        prepared::prepared,
        reach::ReachRow,
        schema::{backups, credentials, devices, facts as told_facts, host_keys, reach},
    },
};

/// A device with what a job needs to know of it.
pub struct ForJob {
    /// The device.
    pub device: Device,
    /// The credential that it accepted last.
    pub last_credential: Option<CredentialId>,
    /// The one that was chosen for it.
    pub credential: Option<Sealed>,
    /// The host key that is pinned at its own address.
    pub pin: Option<Pin>,
    /// How it is reached beyond its address.
    pub reach: Reach,
    /// Its current version.
    pub known: Option<Known>,
    /// What it told of itself before.
    pub facts: Facts,
    /// How long the slowest of its last good jobs took, where there are enough of them to tell.
    pub slowest: Option<Duration>,
}

type Row = (
    DeviceRow,
    Option<i64>,
    Option<Sealed>,
    Option<PinRow>,
    Option<ReachRow>,
    Option<(i64, String, String, i32, Option<i32>)>,
    Option<String>,
    Option<i64>,
);

/// What a job needs: the device, its credential, its host key and what is known of its newest version, in one
/// query, because every job asks.
pub async fn find_for_job(conn: &mut Conn, id: DeviceId) -> Result<Option<ForJob>, StoreError> {
    let slowest = format!(
        "(SELECT MAX(good.took) FROM (SELECT jobs.duration_ms AS took FROM jobs WHERE jobs.device_id = devices.id \
         AND jobs.kind = '{}' AND jobs.state = '{}' ORDER BY jobs.id DESC LIMIT {LOOKED_BACK}) AS good \
         HAVING COUNT(*) >= {ENOUGH})",
        JobKind::BackUp,
        JobState::Succeeded
    );
    let pinned_here = host_keys::device_id
        .eq(devices::id)
        .and(host_keys::address.eq(devices::address))
        .and(host_keys::port.eq(devices::port));
    let row: Option<Row> =
        on!(conn, |c| prepared(
            devices::table
                .left_join(credentials::table)
                .left_join(host_keys::table.on(pinned_here))
                .left_join(reach::table)
                .left_join(told_facts::table)
                .left_join(backups::table.on(devices::current_backup_id.eq(backups::id.nullable())))
                .filter(devices::id.eq(id.0).and(devices::deleted_at.is_null()))
                .select((
                    DeviceRow::as_select(),
                    devices::last_credential_id,
                    Option::<Sealed>::as_select(),
                    Option::<PinRow>::as_select(),
                    Option::<ReachRow>::as_select(),
                    (
                        backups::id,
                        backups::sha256,
                        backups::fingerprint,
                        backups::lines,
                        backups::accepted_lines,
                    )
                        .nullable(),
                    told_facts::told.nullable(),
                    sql::<Nullable<BigInt>>(&slowest),
                ))
        )
        .get_result(c))
        .optional()?;
    row.map(read).transpose()
}

fn read(row: Row) -> Result<ForJob, StoreError> {
    let (device, last_credential, credential, pin, reach, known, told, slowest) = row;
    let known = known.map(|(id, sha256, fingerprint, lines, accepted)| Known {
        id: BackupId(id),
        sha256,
        fingerprint,
        lines: usize::try_from(lines).unwrap_or_default(),
        accepted: accepted.and_then(|lines| usize::try_from(lines).ok()),
    });
    Ok(ForJob {
        device: Device::try_from(device)?,
        last_credential: last_credential.map(CredentialId),
        credential,
        pin: pin.map(Pin::from),
        reach: reach.map(Reach::try_from).transpose()?.unwrap_or_default(),
        known,
        facts: told.as_deref().map(facts::read).transpose()?.unwrap_or_default(),
        slowest: slowest.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
    })
}
