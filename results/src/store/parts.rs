//! The parts of one cell that are in a run folder.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regret_engine::record::{Record, Series};

use super::{CellMeta, StoreError, checksum, part};
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
    /// Lists the cell's folder, which need not be there.
    pub(super) fn list(cell: &'a CellMeta, folder: &Path) -> Result<Self, StoreError> {
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
                remove(&path)?;
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
        let Some(PartFile { replications, path }) = self.serving(block) else { return Ok(None) };
        let bytes = fs::read(path).map_err(StoreError::io(path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if !name.ends_with(&checksum(&bytes)) {
            return Err(StoreError::Damaged(path.clone()));
        }
        match part::decode(self.cell, replications, bytes) {
            Ok(record) => Ok(Some(first_replications(record, block.end))),
            Err(problem) => Err(StoreError::Foreign { path: path.clone(), problem }),
        }
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
