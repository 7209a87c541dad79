//! Writes a copy: a thread of its own takes what the database gives, and puts it into a file that appears whole or not.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;

use super::format::{FILES, Head, LEFT_OUT, Manifest, Mark, Part};
use crate::{
    crypt::{sealed::Key, stream::Sealing, token},
    store::portable::Table,
};

/// The least compression: most of what comes is sealed and does not get shorter.
const LEVEL: i32 = 1;

/// What a copy is made from, in this order: tables with their rows, files, the end.
pub(super) enum Piece {
    Table(Table),
    /// Rows of the table that was begun last, as the database gives them.
    Rows(Vec<String>),
    EndTable,
    /// A file of the data folder.
    File(PathBuf),
    /// All has come; so many texts are elsewhere.
    End(i64),
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub manifest: Manifest,
    pub bytes: u64,
}

type Out = zstd::stream::write::Encoder<'static, Sealing<BufWriter<File>>>;

struct Writer {
    out: Out,
    /// The part that is open.
    name: String,
    count: u64,
    hash: Sha256,
    table: Option<Table>,
    manifest: Manifest,
}

/// Writes everything that comes into `file`, which appears under its name when all of it is on the disk.
pub(super) fn write(
    (file, folder): (&Path, &Path),
    (master, head): (&Key, Head),
    mut pieces: Receiver<Piece>,
) -> io::Result<Written> {
    let beside = beside(file)?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|out| fill(out, (master, head), folder, &mut pieces))
        .and_then(|written| fs::rename(&beside, file).map(|()| written));
    if written.is_err() {
        // A full disk must not fill up with halves; that this fails as well changes nothing.
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The name is on the disk only when the folder is.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    written
}

fn beside(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let random = token::new_name().map_err(io::Error::other)?;
    Ok(file.with_file_name(format!(".{}.{random}.part", name.to_string_lossy())))
}

fn fill(
    file: File,
    (master, head): (&Key, Head),
    folder: &Path,
    pieces: &mut Receiver<Piece>,
) -> io::Result<Written> {
    let sealing = Sealing::begin(BufWriter::new(file), master)?;
    let manifest = Manifest {
        head: head.clone(),
        parts: Vec::new(),
        left_out: LEFT_OUT.iter().map(|name| (*name).to_owned()).collect(),
        not_copied: 0,
        missing: Vec::new(),
    };
    let out = zstd::stream::write::Encoder::new(sealing, LEVEL)?;
    let mut writer =
        Writer { out, name: String::new(), count: 0, hash: Sha256::new(), table: None, manifest };
    writer.mark(&Mark::Head(head))?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Table(table) => writer.begin(table)?,
            Piece::Rows(rows) => writer.rows(&rows)?,
            Piece::EndTable => writer.end()?,
            Piece::File(file) => writer.file(folder, &file)?,
            Piece::End(not_copied) => return writer.finish(not_copied),
        }
    }
    Err(io::Error::other("not all of it came"))
}

impl Writer {
    fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, mark)?;
        self.out.write_all(b"\n")
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.hash.update(line);
        self.hash.update(b"\n");
        self.count += 1;
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }

    fn begin(&mut self, table: Table) -> io::Result<()> {
        self.name.clone_from(&table.name);
        let mark = Mark::Table(table);
        self.mark(&mark)?;
        if let Mark::Table(table) = mark {
            self.table = Some(table);
        }
        Ok(())
    }

    fn rows(&mut self, rows: &[String]) -> io::Result<()> {
        for row in rows {
            let canonical = self.table.as_ref().and_then(|table| table.canonical(row));
            let Some(values) = canonical else {
                let why = format!("a row of {} is none that can be copied", self.name);
                return Err(io::Error::other(why));
            };
            self.line(&serde_json::to_vec(&values)?)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let part = Part {
            name: std::mem::take(&mut self.name),
            count: std::mem::take(&mut self.count),
            sha256: token::hex(&std::mem::replace(&mut self.hash, Sha256::new()).finalize()),
        };
        self.table = None;
        self.manifest.parts.push(part.clone());
        self.mark(&Mark::End(part))
    }

    fn file(&mut self, folder: &Path, file: &Path) -> io::Result<()> {
        if self.name.is_empty() {
            FILES.clone_into(&mut self.name);
            self.mark(&Mark::Files)?;
        }
        let place = file.display().to_string();
        match fs::read(folder.join(file)) {
            Ok(bytes) => self.line(&serde_json::to_vec(&Mark::File(place, STANDARD.encode(bytes)))?),
            Err(error) => {
                tracing::error!(file = place, %error, "a file is missing in the copy of NetRaven");
                self.manifest.missing.push(place);
                Ok(())
            }
        }
    }

    fn finish(mut self, not_copied: i64) -> io::Result<Written> {
        if !self.name.is_empty() {
            self.end()?;
        }
        self.manifest.not_copied = not_copied;
        let manifest = self.manifest.clone();
        self.mark(&Mark::Manifest(manifest.clone()))?;
        let file = self.out.finish()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(Written { manifest, bytes: file.metadata()?.len() })
    }
}
