//! Import of devices from CSV: every row judged, all taken at once or nothing, and taken back where it was a mistake.

mod judge;
pub mod preview;
pub mod rejected;
mod row;
pub mod staged;
mod table;
pub mod undo;
mod write;

pub use table::Unreadable;

use super::{Core, Fault};
use crate::{
    crypt::token,
    domain::{
        access::{Grant, ManageDevices, Scope},
        id::ImportId,
        import::{Column, Complaint, Counts, Import, Mapping, STAGED_FOR, UNDO_FOR},
        page::{Page, PageRequest},
    },
    store::{
        self, Conn, StoreError,
        imports::{Done, NewImport},
    },
};
use judge::{JudgeError, Judged};
use staged::StagedError;

/// The names of the columns; three are required where nobody can look and correct.
pub fn columns() -> Vec<&'static str> {
    Column::ALL.iter().filter(|column| **column != Column::Ignored).map(|column| column.as_str()).collect()
}

const REQUIRED: [&str; 3] = ["hostname", "address", "platform"];

/// The most rows of one file.
pub const MAX_ROWS: usize = 100_000;

/// Something wrong with a file: where, what, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line of the file, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong there.
    pub complaint: Complaint,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, {}", self.line, self.complaint)
    }
}

/// Why an import did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has faults; nothing was imported.
    #[error("the file has {} faults; nothing was imported", .0.len())]
    Rows(Vec<RowError>),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ImportError {
    fn on_file(message: String) -> Self {
        let complaint = Complaint { column: "file", value: String::new(), message };
        Self::Rows(vec![RowError { line: 1, complaint }])
    }
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<JudgeError> for ImportError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unreadable(why) => Self::on_file(why.to_string()),
            JudgeError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// The rows of a file that must be right as it is, with their verdicts.
async fn judged(
    core: &Core,
    conn: &mut Conn,
    by: &Grant<ManageDevices>,
    csv: &[u8],
) -> Result<(Mapping, Vec<Judged>), ImportError> {
    let on_header = |complaint| RowError { line: 1, complaint };
    let mapping = table::named(csv, &columns(), &REQUIRED)
        .map_err(|faults| ImportError::Rows(faults.into_iter().map(on_header).collect()))?;
    let rows = judge::judge(core, conn, by.actor(), (csv.to_vec(), &mapping)).await?;
    let told = |row: &Judged| {
        let line = row.line;
        row.verdict
            .complaints()
            .iter()
            .map(move |complaint| RowError { line, complaint: complaint.clone() })
            .collect::<Vec<_>>()
    };
    let errors: Vec<RowError> = rows.iter().flat_map(told).collect();
    if errors.is_empty() { Ok((mapping, rows)) } else { Err(ImportError::Rows(errors)) }
}

/// What a file would do, or everything that stands in its way. The first line must name the columns by our names.
pub async fn check(core: &Core, by: &Grant<ManageDevices>, csv: &[u8]) -> Result<Counts, ImportError> {
    let (_, rows) = judged(core, &mut core.db.read().await?, by, csv).await?;
    Ok(Counts::of(rows.iter().map(|row| &row.verdict)))
}

/// Carries a file out in one transaction, or does nothing; it can be undone as an import from the pages can.
pub async fn apply(core: &Core, by: &Grant<ManageDevices>, csv: &[u8]) -> Result<Counts, ImportError> {
    let mut tx = core.db.begin().await?;
    let (mapping, rows) = judged(core, &mut tx, by, csv).await?;
    let counts = Counts::of(rows.iter().map(|row| &row.verdict));
    if counts.good() == 0 {
        return Ok(counts);
    }
    let row_key = token::new_name().map_err(Fault::from)?;
    let actor = by.actor();
    let new = NewImport {
        row_key: &row_key,
        sealed: None,
        mapping: &mapping,
        user: actor.user,
        created_by: &actor.name,
    };
    let id = store::imports::insert(&mut tx, &new, core.now()).await?;
    match staged::carry_out(core, &mut tx, actor, (id, Done::default()), &rows).await {
        Ok(_) => {}
        Err(StagedError::Fault(fault)) => return Err(fault.into()),
        Err(refusal) => return Err(ImportError::on_file(refusal.to_string())),
    }
    tx.commit().await?;
    Ok(counts)
}

async fn find(conn: &mut Conn, scope: Scope, id: ImportId) -> Result<Option<Import>, StoreError> {
    store::imports::find(conn, scope, id).await
}

/// The import with this id, where the person sees it: those who do not see all devices see their own.
pub async fn by_id(core: &Core, by: &Grant<ManageDevices>, id: ImportId) -> Result<Option<Import>, Fault> {
    Ok(find(&mut core.db.read().await?, by.scope(), id).await?)
}

/// A page of the imports, the newest first.
pub async fn list(
    core: &Core,
    by: &Grant<ManageDevices>,
    request: PageRequest,
) -> Result<Page<Import>, Fault> {
    Ok(store::imports::list(&mut core.db.read().await?, by.scope(), request).await?)
}

/// Removes lists that nobody carried out, and what is only needed to undo imports that are too old for it.
pub async fn forget(core: &Core) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    store::imports::delete_waiting(&mut tx, core.now() - STAGED_FOR).await?;
    store::imports::forget_old(&mut tx, core.now() - UNDO_FOR).await?;
    tx.commit().await?;
    Ok(())
}
