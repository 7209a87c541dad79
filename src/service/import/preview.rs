//! What a list that waits would do.

use super::{
    judge::{Judged, judge},
    row,
    staged::{StagedError, file},
    table::{self, Unreadable},
};
use crate::{
    domain::{
        access::{Grant, ManageDevices},
        device::NewDevice,
        import::{Column, Counts, Import, Mapping, Verdict, VerdictKind},
        page::{Page, PageRequest},
    },
    service::Core,
};

/// A row as the preview shows it.
#[derive(Debug)]
pub struct RowView {
    /// The line of the file.
    pub line: u64,
    /// The device's name.
    pub name: String,
    /// Its address, port and platform; `None` for rows that cannot be taken.
    pub place: Option<(String, String)>,
    /// What becomes of the row.
    pub verdict: Verdict,
}

impl From<Judged> for RowView {
    fn from(row: Judged) -> Self {
        let place = |new: &NewDevice| {
            let off = if new.is_enabled { "" } else { " (not backed up)" };
            (format!("{}:{}{off}", new.address.as_str(), new.port.get()), new.platform.clone())
        };
        Self { place: row.new.as_ref().map(place), line: row.line, name: row.name, verdict: row.verdict }
    }
}

/// A column of the file: what its header says, and the first cells where they can be shown.
#[derive(Debug)]
pub struct ColumnView {
    /// The header's cell; empty without one.
    pub header: String,
    /// What it means.
    pub column: Column,
    /// Cells of the first rows; none of columns that may hold secrets.
    pub sample: Vec<String>,
}

/// What a list would do.
#[derive(Debug)]
pub struct Preview {
    /// How many rows have which verdict.
    pub counts: Counts,
    /// The columns.
    pub columns: Vec<ColumnView>,
    /// The rows asked for.
    pub rows: Page<RowView>,
}

/// How many rows show what a column holds.
const SAMPLE: usize = 3;

/// The columns of a file. What is not known to be harmless is not shown: a column that nobody named may hold passwords
/// (S-47).
fn columns(bytes: &[u8], mapping: &Mapping) -> Result<Vec<ColumnView>, Unreadable> {
    let table = table::read(bytes, mapping, SAMPLE)?;
    let sample = |at: usize, column: Column| {
        let cells = table.rows.iter().filter_map(|line| line.cells.as_ref().ok()?.get(at));
        cells.map(|cell| row::shown(column, cell).chars().take(40).collect()).collect()
    };
    let view = |(at, column): (usize, &Column)| ColumnView {
        header: table.header.get(at).cloned().unwrap_or_default(),
        column: *column,
        sample: if column.is_secret() || *column == Column::Ignored {
            Vec::new()
        } else {
            sample(at, *column)
        },
    };
    Ok(mapping.columns.iter().enumerate().map(view).collect())
}

/// What a list that waits would do: a page of its rows, all or those with one verdict.
pub async fn preview(
    core: &Core,
    by: &Grant<ManageDevices>,
    import: &Import,
    (only, request): (Option<VerdictKind>, PageRequest),
) -> Result<Preview, StagedError> {
    let mut conn = core.db.read().await?;
    let bytes = file(core, &mut conn, import).await?;
    let columns = columns(&bytes, &import.mapping)?;
    let judged = judge(core, &mut conn, by.actor(), (bytes, &import.mapping)).await?;
    let counts = Counts::of(judged.iter().map(|row| &row.verdict));
    let found: Vec<Judged> =
        judged.into_iter().filter(|row| only.is_none_or(|only| row.verdict.kind() == only)).collect();
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let (skip, take) = (request.offset(), request.size);
    let rows = found
        .into_iter()
        .skip(usize::try_from(skip).unwrap_or(usize::MAX))
        .take(usize::try_from(take).unwrap_or(0))
        .map(RowView::from)
        .collect();
    Ok(Preview { counts, columns, rows: Page { rows, total, request } })
}
