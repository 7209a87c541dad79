//! The rows that were left out, as a file to be corrected and brought again.

use super::{
    find,
    judge::{Judged, judge},
    row,
    staged::{StagedError, file, place},
};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        csv_cell,
        id::ImportId,
        import::{Column, ImportState, Mapping},
    },
    service::{Core, Fault},
    store,
};

/// The rows with faults as a file to be corrected and brought again: the columns that were understood, and what is
/// wrong. Passwords are left blank: this file is read by people (S-47).
pub(super) fn csv(rows: &[Judged], mapping: &Mapping) -> Result<Vec<u8>, Fault> {
    let kept: Vec<(usize, Column)> = mapping
        .columns
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, column)| *column != Column::Ignored)
        .collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = kept.iter().map(|(_, column)| column.as_str()).chain(["line", "problem"]);
    table.write_record(header).map_err(anyhow::Error::from)?;
    for row in rows.iter().filter(|row| !row.verdict.complaints().is_empty()) {
        let told: Vec<String> = row.verdict.complaints().iter().map(ToString::to_string).collect();
        let cell = |(at, column): &(usize, Column)| {
            let text = row.cells.get(*at).filter(|_| !column.is_secret()).map_or("", String::as_str);
            csv_cell::guard(&row::shown(*column, csv_cell::unguard(text))).into_owned()
        };
        let line = [row.line.to_string(), csv_cell::guard(&told.join(" ")).into_owned()];
        table.write_record(kept.iter().map(cell).chain(line)).map_err(anyhow::Error::from)?;
    }
    Ok(table.into_inner().map_err(|error| anyhow::anyhow!(error.to_string()))?)
}

/// The file: of a list that waits as they are now, of one that was carried out as they were left out.
pub async fn find_csv(core: &Core, by: &Grant<ManageDevices>, id: ImportId) -> Result<Vec<u8>, StagedError> {
    let mut conn = core.db.read().await?;
    let import = find(&mut conn, by.scope(), id).await?.ok_or(StagedError::Gone)?;
    if import.state == ImportState::Staged {
        let bytes = file(core, &mut conn, &import).await?;
        let rows = judge(core, &mut conn, by.actor(), (bytes, &import.mapping)).await?;
        return Ok(csv(&rows, &import.mapping)?);
    }
    let (_, sealed) = store::imports::sealed(&mut conn, id).await?;
    let sealed = sealed.ok_or(StagedError::Gone)?;
    let plain = core.keyring.unseal(place("rejected", &import.row_key), &sealed).map_err(Fault::from)?;
    Ok(plain.to_vec())
}
