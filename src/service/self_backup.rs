//! Copies of NetRaven itself: all that it keeps, as it was at one moment, in one sealed file that opens only with
//! the master key, which is never in it (S-42).
//!
//! The form is the same for both databases, so that a copy can be restored into the other. What is left out: sessions and
//! links that are good once, `netraven.toml` (it describes a machine and holds the database's password), the master key,
//! and texts that are kept outside of database and data folder, which are listed.

mod format;
mod read;
pub mod restore;
mod scheduled;
mod write;

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::sync::mpsc::{self, Sender};

use super::{Core, Fault, audit};
use crate::{
    archive,
    domain::{
        access::{Actor, Grant, ManageSettings},
        audit::{Act, AuditEvent},
    },
    store::{self, Conn, StoreError, portable},
};
use format::{FORM, Head, LEFT_OUT};
use read::PLATFORMS;
use write::{Piece, Written};

pub use format::{CopyError, Manifest, Part};
pub use scheduled::{FOLDER, Standing, by_schedule, standing};

/// Texts of the archive that are listed at once.
const STEP: i64 = 500;

/// A copy that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where it is.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What it holds.
    pub manifest: Manifest,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum SelfBackupError {
    /// The file cannot be written.
    #[error("{path} cannot be written: {1}", path = .0.display())]
    File(PathBuf, io::Error),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SelfBackupError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Copies everything into `file` while NetRaven runs.
pub async fn make(core: &Core, by: &Grant<ManageSettings>, file: &Path) -> Result<Made, SelfBackupError> {
    let name = file.display().to_string();
    let row = store::self_backups::begin(&mut core.db.write().await?, (&name, None), core.now()).await?;
    into_file(core, by.actor(), file, row).await
}

/// The same for a row that has been begun.
async fn into_file(core: &Core, by: &Actor, file: &Path, row: i64) -> Result<Made, SelfBackupError> {
    match copied(core, file).await {
        Ok(Written { manifest, bytes }) => {
            let made = Made { file: file.to_owned(), bytes, manifest };
            note(core, by, &made, row).await?;
            Ok(made)
        }
        Err(error) => {
            let why = error.to_string();
            store::self_backups::fail(&mut core.db.write().await?, row, &why).await?;
            Err(error)
        }
    }
}

async fn note(core: &Core, by: &Actor, made: &Made, row: i64) -> Result<(), Fault> {
    let (rows, files) = made.manifest.counts();
    let name = made.file.display().to_string();
    let detail = format!("{rows} rows and {files} files in {} bytes", made.bytes);
    let mut tx = core.db.begin().await?;
    let bytes = i64::try_from(made.bytes).unwrap_or(i64::MAX);
    store::self_backups::finish(&mut tx, row, bytes, core.now()).await?;
    audit::append(core, &mut tx, by, Act::new(AuditEvent::SelfBackedUp, &name).detail(&detail)).await?;
    Ok(tx.commit().await?)
}

async fn copied(core: &Core, file: &Path) -> Result<Written, SelfBackupError> {
    let Some(master) = core.keyring.master().cloned() else {
        let why = core.keyring.why_sealed().unwrap_or("the master key is not here").to_owned();
        return Err(Fault::Sealed(why).into());
    };
    let mut tx = core.db.snapshot().await?;
    let head = Head {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: core.now(),
        database: if matches!(&*tx, Conn::Sqlite(_)) { "sqlite" } else { "postgres" }.to_owned(),
        steps: store::migrate::taken(&mut tx).await?,
    };
    let (pieces, received) = mpsc::channel(4);
    let (path, folder) = (file.to_owned(), core.data_dir.clone());
    let writing =
        tokio::task::spawn_blocking(move || write::write((&path, &folder), (&master, head), received));
    let given = give(&mut tx, &core.data_dir, &pieces).await;
    // Without its end, the writer takes away what it has written.
    drop(pieces);
    let end = writing.await.map_err(|e| Fault::Broken(e.into()))?;
    // A writer that failed is why nothing could be given to it.
    match (given, end) {
        (Ok(()), Ok(written)) => Ok(written),
        (Ok(()) | Err(Given::Closed), Err(error)) => Err(SelfBackupError::File(file.to_owned(), error)),
        (Err(Given::Fault(fault)), _) => Err(fault.into()),
        (Err(Given::Closed), Ok(_)) => Err(Fault::Broken(anyhow::anyhow!("a copy ended early")).into()),
    }
}

/// Why not all was given to the writer.
enum Given {
    /// It takes no more.
    Closed,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Given {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

async fn send(to: &Sender<Piece>, piece: Piece) -> Result<(), Given> {
    to.send(piece).await.map_err(|_| Given::Closed)
}

/// Gives everything to the writer, bounded in memory by the channel between.
async fn give(conn: &mut Conn, folder: &Path, to: &Sender<Piece>) -> Result<(), Given> {
    for table in portable::tables(conn).await? {
        if LEFT_OUT.contains(&table.name.as_str()) {
            continue;
        }
        send(to, Piece::Table(table.clone())).await?;
        let mut after = None;
        loop {
            let rows = portable::rows(conn, &table, after.as_deref()).await?;
            let is_last = rows.len() < table.step();
            after = rows.last().and_then(|row| table.canonical(row));
            send(to, Piece::Rows(rows)).await?;
            if is_last || after.is_none() {
                break;
            }
        }
        send(to, Piece::EndTable).await?;
    }
    let mut after = String::new();
    loop {
        let texts = store::contents::next_in_directory(conn, &after, STEP).await?;
        let Some(last) = texts.last().cloned() else { break };
        for text in texts {
            send(to, Piece::File(archive::file_of(&text)?)).await?;
        }
        after = last;
    }
    for file in own_files(folder.to_owned()).await? {
        send(to, Piece::File(file)).await?;
    }
    send(to, Piece::End(store::contents::count_elsewhere(conn).await?)).await
}

/// Files of the data folder that belong to what NetRaven knows: the site's platforms, and the ends of the audit trail.
async fn own_files(folder: PathBuf) -> Result<Vec<PathBuf>, Fault> {
    let listed = tokio::task::spawn_blocking(move || {
        let mut files = Vec::new();
        match std::fs::read_dir(folder.join(PLATFORMS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(found) => {
                for entry in found {
                    let name = PathBuf::from(PLATFORMS).join(entry?.file_name());
                    if name.extension().is_some_and(|end| end == "toml") {
                        files.push(name);
                    }
                }
            }
        }
        files.sort();
        if folder.join(audit::ANCHORS).exists() {
            files.push(PathBuf::from(audit::ANCHORS));
        }
        Ok(files)
    });
    let files = listed.await.map_err(anyhow::Error::from)?;
    Ok(files.map_err(anyhow::Error::from)?)
}
