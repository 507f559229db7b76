//! The parts of one cell that are in a run folder.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regret_engine::record::{Record, Series};

use super::part::{self, Misfit};
use super::{CellMeta, StoreError, cell_folder, checksum};
use crate::files::is_temporary;

/// The finished parts of a cell, listed once.
#[derive(Debug)]
pub struct Parts<'a> {
    cell: &'a CellMeta,
    /// In the order of their first replications, the longest of equal beginnings first.
    files: Vec<PartFile>,
}

#[derive(Debug)]
struct PartFile {
    replications: Range<u64>,
    path: PathBuf,
}

impl<'a> Parts<'a> {
    /// The finished parts of a cell in a run folder that is only read.
    ///
    /// # Errors
    /// What the system says.
    pub fn of(root: &Path, cell: &'a CellMeta) -> Result<Self, StoreError> {
        Self::list(cell, &cell_folder(root, cell), false)
    }

    /// Lists the cell's folder, which need not be there. `tidy` removes what was left half-written.
    pub(super) fn list(cell: &'a CellMeta, folder: &Path, tidy: bool) -> Result<Self, StoreError> {
        let mut files = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { cell, files });
            }
            Err(error) => return Err(StoreError::Io { path: folder.to_owned(), error }),
        };
        for entry in entries {
            let path = entry.map_err(StoreError::io(folder))?.path();
            if is_temporary(&path) {
                if tidy {
                    remove(&path)?;
                }
            } else if let Some(replications) = replications(&path) {
                files.push(PartFile { replications, path });
            }
        }
        files.sort_by(|a, b| {
            let beginning = a.replications.start.cmp(&b.replications.start);
            let longest = b.replications.end.cmp(&a.replications.end);
            beginning.then(longest).then_with(|| a.path.cmp(&b.path))
        });
        Ok(Self { cell, files })
    }

    /// The record of a block, if a part that begins with it holds all of it.
    ///
    /// # Errors
    /// A part that is damaged or belongs to something else.
    pub fn read(&self, block: &Range<u64>) -> Result<Option<Record>, StoreError> {
        let Some(file) = self.serving(block) else { return Ok(None) };
        let record = file.decoded(self.cell, file.bytes()?)?;
        Ok(Some(first_replications(record, block.end)))
    }

    /// The part that serves a block with its bytes, which are known to be a whole part of this cell.
    ///
    /// # Errors
    /// As [`Parts::read`].
    pub fn bytes(&self, block: &Range<u64>) -> Result<Option<(&Path, Vec<u8>)>, StoreError> {
        let Some(file) = self.serving(block) else { return Ok(None) };
        let bytes = file.bytes()?;
        file.decoded(self.cell, bytes.clone())?;
        Ok(Some((&file.path, bytes)))
    }

    /// Whether there is a part for a block, by its name.
    pub fn has(&self, block: &Range<u64>) -> bool {
        self.serving(block).is_some()
    }

    /// The record of the first `replications`, put together from the parts; `None` if one is missing.
    ///
    /// # Errors
    /// As [`Parts::read`].
    pub fn whole(&self, replications: u64) -> Result<Option<Record>, StoreError> {
        let (mut pieces, mut first) = (Vec::new(), 0);
        while first < replications {
            let longest = self.beginning_with(&(first..first)).next();
            let Some(end) = longest.map(|file| file.replications.end.min(replications)) else {
                return Ok(None);
            };
            pieces.extend(self.read(&(first..end))?);
            first = end;
        }
        Ok(Record::joined(&pieces))
    }

    /// The parts that begin with the block but are not the one that serves it: what is to be
    /// removed once the block is there.
    pub fn superseded(&self, block: &Range<u64>) -> impl Iterator<Item = &Path> {
        let serving = self.serving(block).map(|file| file.path.as_path());
        self.beginning_with(block)
            .map(|file| &*file.path)
            .filter(move |&path| Some(path) != serving)
    }

    /// Removes the parts that begin with the block, so that it is computed again.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, block: &Range<u64>) -> Result<(), StoreError> {
        self.beginning_with(block).try_for_each(|file| remove(&file.path))
    }

    fn serving(&self, block: &Range<u64>) -> Option<&PartFile> {
        self.beginning_with(block).find(|file| file.replications.end >= block.end)
    }

    fn beginning_with(&self, block: &Range<u64>) -> impl Iterator<Item = &PartFile> {
        let start = block.start;
        let first = self.files.partition_point(|file| file.replications.start < start);
        self.files[first..].iter().take_while(move |file| file.replications.start == start)
    }
}

impl PartFile {
    /// The file's bytes, if they are those that its name says.
    fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        let bytes = fs::read(&self.path).map_err(StoreError::io(&self.path))?;
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        if name.ends_with(&checksum(&bytes)) {
            return Ok(bytes);
        }
        Err(StoreError::Damaged(self.path.clone()))
    }

    fn decoded(&self, cell: &CellMeta, bytes: Vec<u8>) -> Result<Record, StoreError> {
        let path = || self.path.clone();
        part::decode(cell, &self.replications, bytes).map_err(|problem| match problem {
            Misfit::Version(found) => {
                StoreError::Version { path: path(), found, known: part::FORMAT.to_owned() }
            }
            Misfit::Content(problem) => StoreError::Foreign { path: path(), problem },
        })
    }
}

/// Removes a file of the run folder.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(StoreError::io(path))
}

/// The replications in the name of a part; `None` for other files.
fn replications(path: &Path) -> Option<Range<u64>> {
    let name = path.file_name()?.to_str()?.strip_suffix(".parquet")?;
    let mut fields = name.split('-');
    let (start, end) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    (start < end && fields.count() == 1).then_some(start..end)
}

/// The replications before `end` of a record.
fn first_replications(record: Record, end: u64) -> Record {
    let (all, start) = (record.replication_count(), record.replications.start);
    let kept = (end - start) as usize;
    if kept == all {
        return record;
    }
    let cut = |series: Series| Series {
        values: series.values.chunks(all).flat_map(|row| &row[..kept]).copied().collect(),
        ..series
    };
    Record {
        replications: start..end,
        series: record.series.into_iter().map(cut).collect(),
        ..record
    }
}
