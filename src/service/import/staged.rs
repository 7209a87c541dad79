//! A list that somebody brought to look at before it is carried out. It waits sealed, because it may hold passwords.

use super::{
    MAX_ROWS, find,
    judge::{JudgeError, Judged, judge},
    rejected,
    table::{self, Unreadable},
    write::{WriteError, write},
};
use crate::{
    crypt::{Place, token},
    domain::{
        access::{Actor, Grant, ManageDevices},
        audit::{Act, AuditEvent, ObjectKind},
        id::ImportId,
        import::{Column, Counts, Deed, Import, ImportState, Mapping},
        page::{Page, PageRequest},
        tag::TagName,
    },
    service::{Core, Fault, audit},
    store::{
        self, Conn, StoreError, Tx,
        imports::{Done, NewImport},
    },
};

/// Why a list was not kept, read, or carried out.
#[derive(Debug, thiserror::Error)]
pub enum StagedError {
    /// There is no such import, or it does not wait any more.
    #[error("This list is not there any more. Bring it again.")]
    Gone,
    /// The file cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Rows stand in the way.
    #[error("{0} rows have faults. Correct them, or leave them out.")]
    Rows(usize),
    /// No row brings anything.
    #[error("No row would add or change a device.")]
    Nothing,
    /// Somebody else was faster.
    #[error("Somebody else has just changed one of these devices. Look again.")]
    Taken,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for StagedError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<JudgeError> for StagedError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unreadable(why) => Self::Unreadable(why),
            JudgeError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<WriteError> for StagedError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Taken => Self::Taken,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

pub(super) fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "imports", column, row }
}

/// Keeps a list, read as it most likely is meant, to be looked at.
pub async fn stage(core: &Core, by: &Grant<ManageDevices>, bytes: &[u8]) -> Result<ImportId, StagedError> {
    let mapping = table::guess(bytes)?;
    let (copy, known) = (bytes.to_vec(), mapping.clone());
    let looked = tokio::task::spawn_blocking(move || table::read(&copy, &known, MAX_ROWS).map(drop));
    looked.await.map_err(|error| Fault::from(anyhow::Error::from(error)))??;
    let row_key = token::new_name().map_err(Fault::from)?;
    let sealed = core.keyring.seal(place("sealed", &row_key), bytes).map_err(Fault::from)?;
    let mut tx = core.db.begin().await?;
    let new = NewImport {
        row_key: &row_key,
        sealed: Some(&sealed),
        mapping: &mapping,
        user: by.actor().user,
        created_by: &by.actor().name,
    };
    let id = store::imports::insert(&mut tx, &new, core.now()).await?;
    tx.commit().await?;
    Ok(id)
}

/// The file of a list that waits.
pub(super) async fn file(core: &Core, conn: &mut Conn, import: &Import) -> Result<Vec<u8>, StagedError> {
    let (sealed, _) = store::imports::sealed(conn, import.id).await?;
    let sealed = sealed.filter(|_| import.state == ImportState::Staged).ok_or(StagedError::Gone)?;
    let bytes = core.keyring.unseal(place("sealed", &import.row_key), &sealed).map_err(Fault::from)?;
    Ok(bytes.to_vec())
}

/// How a person wants a file to be read.
#[derive(Debug)]
pub struct Reading {
    /// What separates the cells.
    pub separator: char,
    /// Whether the first line names the columns.
    pub has_header: bool,
    /// What each column means.
    pub columns: Vec<Column>,
    /// The platform of new devices whose row names none.
    pub platform: String,
}

/// Reads a waiting list another way from now on. With another separator the columns are guessed anew.
pub async fn read_as(
    core: &Core,
    by: &Grant<ManageDevices>,
    id: ImportId,
    reading: Reading,
) -> Result<(), StagedError> {
    let mut tx = core.db.begin().await?;
    let import = find(&mut tx, by.scope(), id).await?.ok_or(StagedError::Gone)?;
    let bytes = file(core, &mut tx, &import).await?;
    let guessed = table::guess_with(&bytes, reading.separator)?;
    let is_same =
        reading.separator == import.mapping.separator && reading.columns.len() == guessed.columns.len();
    let mapping = if is_same {
        let columns = table::once(reading.columns);
        Mapping { has_header: reading.has_header, columns, platform: reading.platform, ..guessed }
    } else {
        Mapping { platform: reading.platform, ..guessed }
    };
    if !store::imports::set_mapping(&mut tx, id, &mapping).await? {
        return Err(StagedError::Gone);
    }
    tx.commit().await?;
    Ok(())
}

/// What carrying an import out did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Devices added.
    pub added: usize,
    /// Devices changed.
    pub changed: usize,
    /// Rows left out.
    pub left_out: usize,
}

/// Carries a waiting list out in one transaction: all of it, or with `leave_out` all but the rows with faults. Every
/// device that it touches gets `tag`.
pub async fn apply(
    core: &Core,
    by: &Grant<ManageDevices>,
    id: ImportId,
    (tag, leave_out): (Option<&TagName>, bool),
) -> Result<Applied, StagedError> {
    let mut tx = core.db.begin().await?;
    let import = find(&mut tx, by.scope(), id).await?.ok_or(StagedError::Gone)?;
    let bytes = file(core, &mut tx, &import).await?;
    let rows = judge(core, &mut tx, by.actor(), (bytes, &import.mapping)).await?;
    let counts = Counts::of(rows.iter().map(|row| &row.verdict));
    if counts.bad() > 0 && !leave_out {
        return Err(StagedError::Rows(counts.bad()));
    }
    if counts.good() == 0 {
        return Err(StagedError::Nothing);
    }
    let tag_id = match tag {
        Some(name) => {
            store::tags::ids_of(&mut tx, &[name.clone()].into(), core.now()).await?.remove(name.as_str())
        }
        None => None,
    };
    let rejected = if counts.bad() > 0 {
        let csv = rejected::csv(&rows, &import.mapping)?;
        Some(core.keyring.seal(place("rejected", &import.row_key), &csv).map_err(Fault::from)?)
    } else {
        None
    };
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let done = Done { tag: tag_id, rejected, rejected_count: count(counts.bad()), ..Done::default() };
    let applied = carry_out(core, &mut tx, by.actor(), (id, done), &rows).await?;
    tx.commit().await?;
    Ok(applied)
}

/// Writes the rows that can be taken and what came of it, in an open transaction.
pub(super) async fn carry_out(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    (id, done): (ImportId, Done),
    rows: &[Judged],
) -> Result<Applied, StagedError> {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let written = write(core, tx, by, (id, done.tag), rows).await?;
    let left_out = rows.iter().filter(|row| !row.verdict.complaints().is_empty()).count();
    let tag = done.tag;
    let done = Done { added: count(written.added), changed: count(written.changed), ..done };
    if !store::imports::set_applied(tx, id, &done, core.now()).await? {
        return Err(StagedError::Gone);
    }
    let about = format!("{} devices", written.added + written.changed);
    let tagged = tag.map(|tag| format!(", tag {tag}")).unwrap_or_default();
    let detail =
        format!("{} added, {} changed, {left_out} rows left out{tagged}", written.added, written.changed);
    let act = Act::new(AuditEvent::DevicesImported, &about).on(ObjectKind::Import, id.0).detail(&detail);
    audit::append(core, tx, by, act).await.map_err(Fault::from)?;
    Ok(Applied { added: written.added, changed: written.changed, left_out })
}

/// Throws a waiting list away; `false` when it does not wait any more.
pub async fn discard(core: &Core, by: &Grant<ManageDevices>, id: ImportId) -> Result<bool, StagedError> {
    let mut tx = core.db.begin().await?;
    find(&mut tx, by.scope(), id).await?.ok_or(StagedError::Gone)?;
    let is = store::imports::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(is)
}

/// What an import did to the devices that the person sees.
pub async fn deeds(
    core: &Core,
    by: &Grant<ManageDevices>,
    id: ImportId,
    request: PageRequest,
) -> Result<Page<Deed>, Fault> {
    Ok(store::imports::deeds_page(&mut core.db.read().await?, by.scope(), id, request).await?)
}
