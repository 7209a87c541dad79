//! Many versions as one zip archive, made while it is sent: a bounded piece of it is in memory at a time.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use zip::{
    ZipWriter,
    result::ZipError,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{doubts::hides_secrets, mask, search};
use crate::{
    archive,
    domain::{
        access::{Actor, Grant, ReadRaw, Scope, ViewDevices},
        audit::{Act, AuditEvent},
        backup::{Backup, BackupFilter},
        export::{entry_names, formula_safe},
        id::BackupId,
        page::PageRequest,
    },
    service::{Core, Fault, audit},
    store,
};

/// Versions in one archive, at most.
pub const MOST: i64 = 2_000;

/// Their raw bytes together, at most.
pub const MOST_BYTES: i64 = 200 << 20;

/// Texts in memory at a time, and their bytes.
const CHUNK: usize = 32;
const CHUNK_BYTES: i64 = 8 << 20;

/// What the index says of a version that lacks its secrets.
const LACKS_SECRETS: &str = "cannot be restored from: the device left secrets out";

/// Which versions are meant.
#[derive(Debug, Clone)]
pub enum Which {
    /// These.
    These(Vec<BackupId>),
    /// All that match, also by what their masked texts say.
    Matching(Box<BackupFilter>, Option<String>),
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nothing is meant.
    #[error("No version is chosen, or none matches. Choose at least one.")]
    Nothing,
    /// More than an archive may hold.
    #[error(
        "These are more than {MOST} versions, too many for one archive; choose fewer, or narrow the filters."
    )]
    TooMany,
    /// Longer than an archive may be.
    #[error("These versions have {0} bytes together; one archive takes {MOST_BYTES}. Choose fewer.")]
    TooLarge(i64),
    /// The search for the text ended before it had seen all.
    #[error(
        "The search for this text looked through the newest {0} versions only, so the archive would not hold all that have it. Narrow it by device or time."
    )]
    Cut(usize),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The versions that an export would hold, the newest first.
pub async fn chosen(core: &Core, by: &Grant<ViewDevices>, which: &Which) -> Result<Vec<Backup>, ExportError> {
    meant(core, by.scope(), which).await
}

async fn meant(core: &Core, scope: Scope, which: &Which) -> Result<Vec<Backup>, ExportError> {
    let mut conn = core.db.read().await.map_err(Fault::from)?;
    let found = match which {
        Which::These(ids) => {
            let mut ids = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            if count > MOST {
                return Err(ExportError::TooMany);
            }
            store::backups::chosen(&mut conn, scope, &ids).await.map_err(Fault::from)?
        }
        Which::Matching(filter, Some(text)) if !text.trim().is_empty() => {
            drop(conn);
            let hits = search::hits(core, scope, (filter, text.trim()), search::TIME).await?;
            if let Some((_, looked)) = hits.cut {
                return Err(ExportError::Cut(looked));
            }
            let ids: Vec<BackupId> = hits.found.into_iter().map(|(id, _)| id).collect();
            let mut conn = core.db.read().await.map_err(Fault::from)?;
            store::backups::chosen(&mut conn, scope, &ids).await.map_err(Fault::from)?
        }
        Which::Matching(filter, _) => {
            let request = PageRequest { size: MOST, ..PageRequest::all().bounded(MOST) };
            let page =
                store::backups::search(&mut conn, scope, filter, request).await.map_err(Fault::from)?;
            if page.is_more() {
                return Err(ExportError::TooMany);
            }
            page.rows
        }
    };
    let bytes = found.iter().fold(0_i64, |sum, backup| sum.saturating_add(backup.bytes));
    match (found.is_empty(), bytes > MOST_BYTES) {
        (true, _) => Err(ExportError::Nothing),
        (_, true) => Err(ExportError::TooLarge(bytes)),
        (false, false) => Ok(found),
    }
}

/// An archive of masked texts; it is written down who takes it before a byte goes out (S-77).
pub async fn masked(core: &Core, by: &Grant<ViewDevices>, which: &Which) -> Result<Export, ExportError> {
    begin(core, by.actor(), which, false).await
}

/// An archive of raw texts with their secrets, for restoring.
pub async fn raw(core: &Core, by: &Grant<ReadRaw>, which: &Which) -> Result<Export, ExportError> {
    begin(core, by.actor(), which, true).await
}

async fn begin(core: &Core, by: &Actor, which: &Which, is_raw: bool) -> Result<Export, ExportError> {
    let versions = meant(core, by.scope, which).await?;
    let what = format!("{} versions", versions.len());
    let mut ids: Vec<String> = versions.iter().take(200).map(|version| version.id.to_string()).collect();
    if versions.len() > ids.len() {
        ids.push("…".to_owned());
    }
    let kind = if is_raw { "raw texts with secrets" } else { "masked texts" };
    let detail = format!("{kind} of versions {}", ids.join(", "));
    let event = if is_raw { AuditEvent::RawRead } else { AuditEvent::Exported };
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    audit::append(core, &mut tx, by, Act::new(event, &what).detail(&detail)).await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(Export::new(core.clone(), versions, is_raw)?)
}

/// Bytes of the archive that have not been sent yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Zip = ZipWriter<StreamWriter<Sink>>;

/// An archive under way.
pub struct Export {
    core: Core,
    waiting: VecDeque<(Backup, String)>,
    /// Apart, because it is large and this is moved about.
    zip: Option<Box<Zip>>,
    sink: Sink,
    index: Vec<u8>,
    is_raw: bool,
}

impl Export {
    fn new(core: Core, versions: Vec<Backup>, is_raw: bool) -> Result<Self, Fault> {
        let names = entry_names(versions.iter().map(|it| (it.device_name.as_str(), it.taken_at, it.id)));
        let sink = Sink::default();
        let head =
            ["file", "device", "version", "taken", "platform", "bytes", "lines", "sha256", "note", "state"];
        Ok(Self {
            core,
            zip: Some(Box::new(ZipWriter::new_stream(sink.clone()))),
            index: row(&head)?,
            waiting: versions.into_iter().zip(names).collect(),
            sink,
            is_raw,
        })
    }

    /// The next bytes; `None` at the end. A version that does not read back is told in the index, and the rest goes on.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let Some(mut zip) = self.zip.take() else { return Ok(None) };
        let chunk = self.chunk();
        if chunk.is_empty() {
            add(&mut zip, "index.csv", &self.index)?;
            zip.finish().map_err(broken)?;
            return Ok(Some(self.sink.take()));
        }
        let mut addresses: Vec<String> = chunk.iter().map(|(version, _)| version.sha256.clone()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let sealed = archive::fetch_sealed(&self.core.db, &self.core.shelf(), &addresses).await?;
        let (core, is_raw) = (self.core.clone(), self.is_raw);
        let work = move || write(&core, &mut zip, &chunk, &sealed, is_raw).map(|rows| (zip, rows));
        let (zip, rows) = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)??;
        self.index.extend(rows);
        self.zip = Some(zip);
        Ok(Some(self.sink.take()))
    }

    fn chunk(&mut self) -> Vec<(Backup, String)> {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        while let Some((version, _)) = self.waiting.front() {
            if !chunk.is_empty() && (chunk.len() >= CHUNK || bytes + version.bytes > CHUNK_BYTES) {
                break;
            }
            bytes += version.bytes;
            chunk.extend(self.waiting.pop_front());
        }
        chunk
    }
}

/// Writes these versions into the archive and gives their lines of the index.
fn write(
    core: &Core,
    zip: &mut Zip,
    chunk: &[(Backup, String)],
    sealed: &BTreeMap<String, Vec<u8>>,
    is_raw: bool,
) -> Result<Vec<u8>, Fault> {
    let mut rows = Vec::new();
    for (version, name) in chunk {
        let text = sealed
            .get(&version.sha256)
            .and_then(|sealed| archive::open(&core.keyring, &version.sha256, sealed).ok());
        let state = match &text {
            Some(raw) if is_raw => {
                add(zip, name, raw)?;
                "raw"
            }
            Some(raw) => {
                add(zip, name, mask(core, &version.platform, raw).as_bytes())?;
                "masked"
            }
            None => "damaged: not in the archive",
        };
        let lacks = text.as_ref().is_some_and(|raw| hides_secrets(core, &version.platform, raw));
        let state = if lacks { format!("{state}; {LACKS_SECRETS}") } else { state.to_owned() };
        rows.extend(row(&[
            if text.is_some() { name } else { "" },
            &version.device_name,
            &version.id.to_string(),
            &version.taken_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            &version.platform,
            &version.bytes.to_string(),
            &version.lines.to_string(),
            &version.sha256,
            &version.note,
            &state,
        ])?);
    }
    Ok(rows)
}

fn add(zip: &mut Zip, name: &str, text: &[u8]) -> Result<(), Fault> {
    zip.start_file(name, SimpleFileOptions::default()).map_err(broken)?;
    zip.write_all(text).map_err(|error| Fault::Broken(error.into()))
}

fn broken(error: ZipError) -> Fault {
    Fault::Broken(error.into())
}

/// A line of the index, in which nothing is a formula.
fn row(fields: &[&str]) -> Result<Vec<u8>, Fault> {
    let mut line = csv::Writer::from_writer(Vec::new());
    line.write_record(fields.iter().map(|field| formula_safe(field)))
        .map_err(|error| Fault::Broken(error.into()))?;
    line.into_inner().map_err(|error| Fault::Broken(anyhow::anyhow!("{error}")))
}
