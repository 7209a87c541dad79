//! Reads a copy from its first line to its last and proves on the way that it is what was written.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Component, Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::format::{CopyError, FILES, FORM, Head, Manifest, Mark, Part};
use crate::{
    archive,
    crypt::{sealed::Key, stream::Unsealing, token},
    service::audit,
    store::portable::Table,
};

/// The folder of the data folder with platform files of the site.
pub(super) const PLATFORMS: &str = "platforms";

/// What comes, in this order.
pub(super) enum Item {
    /// A table begins.
    Table(Table),
    /// A row of it.
    Row(String),
    /// It is over.
    EndTable,
    /// A file, by its place in the data folder.
    File(PathBuf, Vec<u8>),
}

#[derive(Default)]
struct Reading {
    head: Option<Head>,
    /// The part that is open.
    name: Option<String>,
    count: u64,
    hash: Sha256,
    parts: Vec<Part>,
    manifest: Option<Manifest>,
}

/// Reads the copy in `file`, gives its parts to `each`, and what it says of itself when all of it was as written.
pub(super) fn walk(
    file: &Path,
    master: &Key,
    mut each: impl FnMut(Item) -> Result<(), CopyError>,
) -> Result<Manifest, CopyError> {
    let stream = Unsealing::open(BufReader::new(File::open(file)?), master)?;
    let mut lines = BufReader::new(zstd::stream::read::Decoder::new(stream)?);
    let (mut reading, mut line) = (Reading::default(), Vec::new());
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.pop() != Some(b'\n') || reading.manifest.is_some() {
            return Err(damaged("a line is cut, or comes after the end"));
        }
        if let Some(item) = reading.take(&line)? {
            each(item)?;
        }
    }
    reading.manifest.ok_or_else(|| damaged("its end is missing"))
}

fn damaged(what: &str) -> CopyError {
    CopyError::Damaged(what.to_owned())
}

impl Reading {
    fn take(&mut self, line: &[u8]) -> Result<Option<Item>, CopyError> {
        if line.starts_with(b"[") {
            self.count(line)?;
            let row = std::str::from_utf8(line).map_err(|_| damaged("a row is no text"))?;
            return Ok(Some(Item::Row(row.to_owned())));
        }
        let mark: Mark = serde_json::from_slice(line).map_err(|e| CopyError::Damaged(e.to_string()))?;
        if self.head.is_none() && !matches!(mark, Mark::Head(_)) {
            return Err(damaged("it does not begin with its head"));
        }
        match mark {
            Mark::Head(head) if head.form != FORM => Err(CopyError::Newer(head.form)),
            Mark::Head(head) => {
                self.head = Some(head);
                Ok(None)
            }
            Mark::Table(table) => {
                self.begin(&table.name)?;
                Ok(Some(Item::Table(table)))
            }
            Mark::Files => {
                self.begin(FILES)?;
                Ok(None)
            }
            Mark::File(place, bytes) => {
                self.count(line)?;
                let bytes = STANDARD.decode(bytes).map_err(|_| damaged("a file is not as written"))?;
                Ok(Some(Item::File(inside(&place)?, bytes)))
            }
            Mark::End(part) => Ok((self.end(part)? != FILES).then_some(Item::EndTable)),
            Mark::Manifest(manifest) => {
                self.close(manifest)?;
                Ok(None)
            }
        }
    }

    fn begin(&mut self, name: &str) -> Result<(), CopyError> {
        match self.name.replace(name.to_owned()) {
            None => Ok(()),
            Some(open) => Err(CopyError::Damaged(format!("{open} has no end"))),
        }
    }

    fn count(&mut self, line: &[u8]) -> Result<(), CopyError> {
        if self.name.is_none() {
            return Err(damaged("a row belongs to no table"));
        }
        self.count += 1;
        self.hash.update(line);
        self.hash.update(b"\n");
        Ok(())
    }

    fn end(&mut self, told: Part) -> Result<String, CopyError> {
        let name = self.name.take().unwrap_or_default();
        let found = Part {
            name: name.clone(),
            count: std::mem::take(&mut self.count),
            sha256: token::hex(&std::mem::replace(&mut self.hash, Sha256::new()).finalize()),
        };
        if found != told {
            return Err(CopyError::Damaged(format!("{} is not as it was written", told.name)));
        }
        self.parts.push(told);
        Ok(name)
    }

    fn close(&mut self, manifest: Manifest) -> Result<(), CopyError> {
        let is_whole =
            self.name.is_none() && self.parts == manifest.parts && self.head.as_ref() == Some(&manifest.head);
        if !is_whole {
            return Err(damaged("its parts are not those that it lists"));
        }
        self.manifest = Some(manifest);
        Ok(())
    }
}

/// A place that a copy may put a file at: nothing outside of what NetRaven itself puts there.
fn inside(place: &str) -> Result<PathBuf, CopyError> {
    let path = PathBuf::from(place);
    let names: Vec<Option<&str>> = path
        .components()
        .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
        .collect();
    let is_ours = match names.as_slice() {
        [Some(file)] => *file == audit::ANCHORS,
        [Some(folder), Some(_)] => *folder == PLATFORMS,
        [Some(folder), Some(_), Some(_)] => *folder == archive::FOLDER,
        _ => false,
    };
    if is_ours { Ok(path) } else { Err(CopyError::Damaged(format!("it holds a file for {place}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_in_their_places() {
        for fine in ["audit-heads.log", "platforms/x.toml", "contents/ab/cdef"] {
            assert_eq!(inside(fine).unwrap(), PathBuf::from(fine));
        }
        for bad in
            ["", "x", "/etc/passwd", "platforms/../x", "contents/../../x", "platforms/a/b", "master.key"]
        {
            assert!(inside(bad).is_err(), "{bad}");
        }
    }
}
