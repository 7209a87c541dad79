//! A copy becomes a NetRaven again: everything is proven before anything is touched, and the database takes all of
//! it in one transaction or nothing.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tokio::sync::mpsc::{self, Receiver};

use super::{
    format::{CopyError, LEFT_OUT, Manifest},
    read::{Item, walk},
};
use crate::{
    archive,
    crypt::sealed::Key,
    domain::{
        access::Actor,
        audit::{Act, AuditEvent},
    },
    service::{Core, Fault, audit},
    store::{
        Conn, Db, StoreError,
        portable::{self, Table},
    },
};

/// Tables in which the schema's own steps put rows.
const SEEDED: &[&str] = &["audit_heads", "tags"];

/// Bytes of rows that are added at once.
const BATCH: usize = 1024 * 1024;

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The copy.
    #[error("the copy {path} cannot be restored: {1}", path = .0.display())]
    Copy(PathBuf, CopyError),
    /// Something is there already.
    #[error(
        "the database is not empty: it holds {0}; a copy is restored into an empty database only, so choose another with --data-dir or --database-url"
    )]
    NotEmpty(String),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Reads a copy from its first line to its last, and looks whether each of its files has a place in `folder`. Touches
/// nothing. Blocks.
pub fn check(copy: &Path, master: &Key, folder: &Path) -> Result<Manifest, RestoreError> {
    let looked = walk(copy, master, |item| match item {
        Item::File(place, bytes) => free(&folder.join(place), &bytes).map(|_| ()),
        Item::Table(_) | Item::Row(_) | Item::EndTable => Ok(()),
    });
    looked.map_err(|error| RestoreError::Copy(copy.to_owned(), error))
}

/// Whether a file is still to be written; one that is there and says something else stays, and is told.
fn free(path: &Path, bytes: &[u8]) -> Result<bool, CopyError> {
    match fs::read(path) {
        Ok(there) if there == bytes => Ok(false),
        Ok(_) => Err(CopyError::Refused(format!(
            "the file {} is there and says something else; move it away",
            path.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(CopyError::Refused(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// Refuses a database in which something is.
pub async fn is_empty(db: &Db) -> Result<(), RestoreError> {
    let mut conn = db.read().await?;
    let tables = portable::tables(&mut conn).await?;
    empty(&mut conn, &tables).await
}

async fn empty(conn: &mut Conn, tables: &[Table]) -> Result<(), RestoreError> {
    for table in tables.iter().filter(|table| !SEEDED.contains(&table.name.as_str())) {
        if portable::has_rows(conn, table).await? {
            return Err(RestoreError::NotEmpty(table.name.replace('_', " ")));
        }
    }
    Ok(())
}

/// Puts a copy into a database that has taken the steps which the copy's had, and its files into `folder`.
pub async fn fill(db: &Db, (copy, folder): (&Path, &Path), master: &Key) -> Result<Manifest, RestoreError> {
    let mut tx = db.begin().await?;
    let tables = portable::tables(&mut tx).await?;
    empty(&mut tx, &tables).await?;
    let references = portable::free_references(&mut tx).await?;
    for table in tables.iter().filter(|table| SEEDED.contains(&table.name.as_str())) {
        portable::clear(&mut tx, table).await?;
    }
    let (items, come) = mpsc::channel(256);
    let (path, own, key) = (copy.to_owned(), folder.to_owned(), master.clone());
    let reading = tokio::task::spawn_blocking(move || {
        walk(&path, &key, |item| match item {
            Item::File(place, bytes) => put(&own.join(place), &bytes),
            other @ (Item::Table(_) | Item::Row(_) | Item::EndTable) => {
                items.blocking_send(other).map_err(|_| CopyError::Refused("it was not taken".to_owned()))
            }
        })
    });
    let known: BTreeMap<&str, &Table> = tables.iter().map(|table| (table.name.as_str(), table)).collect();
    let taken = take(&mut tx, &known, come).await;
    let read = reading.await.map_err(|e| Fault::Broken(e.into()))?;
    let failed = |error| RestoreError::Copy(copy.to_owned(), error);
    // What the database refused is why the reader stopped.
    taken.map_err(|error| match error {
        TakeError::Fault(fault) => RestoreError::Fault(fault),
        TakeError::Copy(error) => failed(error),
    })?;
    let manifest = read.map_err(failed)?;
    portable::hold_references(&mut tx, &references).await?;
    tx.commit().await?;
    Ok(manifest)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    if !free(path, bytes)? {
        return Ok(());
    }
    archive::write_whole(path, bytes)
        .map_err(|error| CopyError::Refused(format!("{} cannot be written: {error}", path.display())))
}

enum TakeError {
    Fault(Fault),
    Copy(CopyError),
}

impl From<StoreError> for TakeError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

async fn take(
    conn: &mut Conn,
    known: &BTreeMap<&str, &Table>,
    mut items: Receiver<Item>,
) -> Result<(), TakeError> {
    let (mut table, mut rows) = (None::<Table>, String::new());
    while let Some(item) = items.recv().await {
        match item {
            Item::Table(next) => {
                fits(known, &next).map_err(TakeError::Copy)?;
                table = Some(next);
            }
            Item::Row(row) => {
                rows.push(if rows.is_empty() { '[' } else { ',' });
                rows.push_str(&row);
                if let Some(table) = table.as_ref().filter(|_| rows.len() > BATCH) {
                    flush(conn, table, &mut rows).await?;
                }
            }
            Item::EndTable => {
                if let Some(table) = table.take() {
                    flush(conn, &table, &mut rows).await?;
                    portable::continue_numbers(conn, &table).await?;
                }
            }
            Item::File(..) => {}
        }
    }
    Ok(())
}

async fn flush(conn: &mut Conn, table: &Table, rows: &mut String) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.push(']');
    portable::insert(conn, table, rows).await?;
    rows.clear();
    Ok(())
}

/// Whether the database has this table with these columns.
fn fits(known: &BTreeMap<&str, &Table>, table: &Table) -> Result<(), CopyError> {
    let is_known = known.get(table.name.as_str()).is_some_and(|known| known.columns == table.columns);
    if is_known && !LEFT_OUT.contains(&table.name.as_str()) {
        return Ok(());
    }
    Err(CopyError::Refused(format!("the table {} is not as this version knows it", table.name)))
}

/// Writes down that this NetRaven comes from a copy.
pub async fn note(core: &Core, copy: &Path, manifest: &Manifest) -> Result<(), Fault> {
    let (rows, files) = manifest.counts();
    let made = manifest.head.made_at.format("%Y-%m-%d %H:%M UTC");
    let (name, detail) = (copy.display().to_string(), format!("made {made}: {rows} rows and {files} files"));
    let mut tx = core.db.begin().await?;
    let act = Act::new(AuditEvent::Restored, &name).detail(&detail);
    audit::append(core, &mut tx, &Actor::console(), act).await?;
    Ok(tx.commit().await?)
}
