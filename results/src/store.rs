//! The run folder: where finished blocks of replications are kept.
//!
//! ```text
//! <run>/manifest.json                        the spec, versions, machine, timing, cells, faults
//! <run>/parts/<cell>/<first>-<last>-<checksum>.parquet   one finished block of replications
//! <run>/summary.csv, figures/, report.html   made from the parts
//! <run>/shards/<i>-of-<n>.json         what runs that are not merged yet have come to
//! ```
//!
//! A cell's name is the hash of what determines its numbers, so a part found is a part that need
//! not be computed again. A part's name holds the SHA-256 of its bytes: what a crash, a full disk
//! or a flipped bit did to it is noticed before anything in it is believed. Parts are written to a
//! temporary name, synced and renamed; the same block always gives the same bytes.
//!
//! Of all parts that begin with the same replication one is kept, the longest, so that who reads
//! the folder with other tools finds every replication once.

mod lock;
mod manifest;
mod part;
mod parts;
mod run;

pub use manifest::{Manifest, ManifestCell, Origin, Program, SCHEMA};
pub use parts::Parts;
pub use run::FinishedRun;

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regret_engine::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::files::{create_folder, is_temporary, write_atomically};

/// An environment or a learner as results name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The name in the registry.
    pub name: String,
    /// The user's label, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// All parameters (a JSON object), defaults filled in.
    pub parameters: Value,
}

/// What identifies and describes a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellMeta {
    /// The hash of everything that determines the numbers: hexadecimal digits.
    pub id: String,
    /// The protocol's name.
    pub protocol: String,
    /// The environment.
    pub environment: Item,
    /// The learner.
    pub learner: Item,
    /// The experiment's seed.
    pub seed: u64,
    /// The number of rounds.
    pub horizon: u64,
    /// The number of replications.
    pub replications: u64,
}

/// Why a run folder or a part of it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused an operation.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another process is writing to the folder.
    #[error("{}: another run is writing to this folder; wait for it, or choose another --out", .0.display())]
    Locked(PathBuf),
    /// A part whose bytes are not those that were written.
    #[error("{}: this part is damaged: its bytes do not have the checksum in its name", .0.display())]
    Damaged(PathBuf),
    /// A part whose bytes are as written, but which is no part of this cell.
    #[error("{}: {problem}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// Written in a form that this program does not know.
    #[error(
        "{}: it was written by another version of the program, in form {found}; this one reads \
         {known}: use a newer regretlab, or another folder", path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// Those that can be read.
        known: String,
    },
}

impl StoreError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Io { path, error }
    }
}

/// A run folder that is written to, locked against other processes until it is dropped.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    /// Whether other shards may write to it at the same time.
    shared: bool,
    _locks: Vec<fs::File>,
}

/// The folder of what shards have come to.
const SHARDS: &str = "shards";

impl RunFolder {
    /// Opens a run folder, made if it is not there, for one process alone.
    ///
    /// # Errors
    /// [`StoreError::Locked`], a manifest of a version that is not known, or what the system says.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = prepared(root.into())?;
        let lock = lock::exclusive(&root.join(LOCK), &root)?;
        Ok(Self { root, shared: false, _locks: vec![lock] })
    }

    /// Opens a run folder for one shard, beside others that write to it at the same time.
    ///
    /// # Errors
    /// As [`RunFolder::open`]; the folder is locked by a run that is no shard, or by another process
    /// of the same shard.
    pub fn open_shard(root: impl Into<PathBuf>, shard: &str) -> Result<Self, StoreError> {
        let root = prepared(root.into())?;
        let folder = root.join(SHARDS);
        create_folder(&folder).map_err(StoreError::io(&folder))?;
        let whole = lock::shared(&root.join(LOCK), &root)?;
        let own = lock::exclusive(&folder.join(format!("{shard}.lock")), &root)?;
        Ok(Self { root, shared: true, _locks: vec![whole, own] })
    }

    /// Whether a process holds the lock of a run that is no shard.
    ///
    /// # Errors
    /// What the system says.
    pub fn is_open(root: &Path) -> Result<bool, StoreError> {
        lock::is_held(&root.join(LOCK))
    }

    /// Whether a process holds the lock of that shard.
    ///
    /// # Errors
    /// What the system says.
    pub fn is_shard_open(root: &Path, shard: &str) -> Result<bool, StoreError> {
        lock::is_held(&root.join(SHARDS).join(format!("{shard}.lock")))
    }

    /// Writes what a shard has come to.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_shard(&self, shard: &str, text: &str) -> Result<(), StoreError> {
        self.write_file(&format!("{SHARDS}/{shard}.json"), text.as_bytes()).map(drop)
    }

    /// What shards have come to: the text of each, by name.
    ///
    /// # Errors
    /// What the system says.
    pub fn read_shards(root: &Path) -> Result<Vec<(String, String)>, StoreError> {
        let folder = root.join(SHARDS);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(StoreError::io(&folder))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(StoreError::io(&folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(shard) = name.strip_suffix(".json").filter(|_| !is_temporary(&path)) else {
                continue;
            };
            let text = fs::read_to_string(&path).map_err(StoreError::io(&path))?;
            found.push((shard.to_owned(), text));
        }
        found.sort();
        Ok(found)
    }

    /// Removes what one shard has come to; its lock stays.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_shard(&self, shard: &str) -> Result<(), StoreError> {
        match parts::remove(&self.root.join(SHARDS).join(format!("{shard}.json"))) {
            Err(StoreError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Removes what all shards have come to, when it is published.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_shards(&self) -> Result<(), StoreError> {
        let (folder, aside) = (self.root.join(SHARDS), self.root.join(".shards.tmp"));
        let unless_missing = |path: &Path, result: io::Result<()>| match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io(path)(error))
            }
            _ => Ok(()),
        };
        // All of it at one stroke, after what an interrupted removal has left.
        unless_missing(&aside, fs::remove_dir_all(&aside))?;
        unless_missing(&folder, fs::rename(&folder, &aside))?;
        unless_missing(&aside, fs::remove_dir_all(&aside))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes the finished record of a block of a cell's replications.
    ///
    /// # Errors
    /// What the system says; nothing is left behind then.
    pub fn write_part(&self, cell: &CellMeta, record: &Record) -> Result<PathBuf, StoreError> {
        let folder = self.cell_folder(cell);
        create_folder(&folder).map_err(StoreError::io(&folder))?;
        let problem = |problem| StoreError::Foreign { path: folder.clone(), problem };
        let bytes = part::encode(cell, record).map_err(problem)?;
        let Range { start, end } = record.replications;
        let path = folder.join(format!("{start}-{end}-{}.parquet", checksum(&bytes)));
        write_atomically(&path, &bytes).map_err(StoreError::io(&path))?;
        Ok(path)
    }

    /// The finished parts of a cell. What a killed process left half-written is removed.
    ///
    /// # Errors
    /// What the system says.
    pub fn parts<'a>(&self, cell: &'a CellMeta) -> Result<Parts<'a>, StoreError> {
        Parts::list(cell, &self.cell_folder(cell), !self.shared)
    }

    /// Keeps the bytes of a part of another run folder, which [`Parts::bytes`] has checked, under
    /// their name there.
    ///
    /// # Errors
    /// What the system says.
    pub fn adopt(&self, cell: &CellMeta, part: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let folder = self.cell_folder(cell);
        create_folder(&folder).map_err(StoreError::io(&folder))?;
        let path = folder.join(part.file_name().unwrap_or_default());
        write_atomically(&path, bytes).map_err(StoreError::io(&path))
    }

    /// Removes a part, such as one that a longer part has taken the place of.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_part(&self, path: &Path) -> Result<(), StoreError> {
        parts::remove(path)
    }

    /// Writes another file of the folder, such as `summary.csv`, making the folders on its way.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let path = self.root.join(name);
        if let Some(folder) = path.parent() {
            create_folder(folder).map_err(StoreError::io(folder))?;
        }
        write_atomically(&path, bytes).map_err(StoreError::io(&path))?;
        Ok(path)
    }

    fn cell_folder(&self, cell: &CellMeta) -> PathBuf {
        cell_folder(&self.root, cell)
    }
}

const LOCK: &str = ".lock";

fn cell_folder(root: &Path, cell: &CellMeta) -> PathBuf {
    root.join("parts").join(&cell.id)
}

/// Makes the folder of a run, unless a version is written in it that this program does not know.
fn prepared(root: PathBuf) -> Result<PathBuf, StoreError> {
    Manifest::check_version(&root)?;
    let parts = root.join("parts");
    fs::create_dir_all(&parts).map_err(StoreError::io(&parts))?;
    Ok(root)
}

/// The first 16 bytes of the SHA-256 of `bytes`, in hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use regret_engine::notion::{PSEUDO_REGRET, PULLS};
    use regret_engine::record::Series;
    use serde_json::json;

    use super::*;

    pub(crate) fn meta() -> CellMeta {
        let item = |name: &str, parameters| Item { name: name.to_owned(), label: None, parameters };
        CellMeta {
            id: "00ff".to_owned(),
            protocol: "bandit".to_owned(),
            environment: item("bernoulli", json!({"means": [0.5, 0.25]})),
            learner: item("ucb1", json!({"alpha": 2.0})),
            seed: 1,
            horizon: 10,
            replications: 5,
        }
    }

    pub(crate) fn record() -> Record {
        Record {
            replications: 2..5,
            checkpoints: vec![1, 10],
            series: vec![
                Series {
                    notion: PSEUDO_REGRET,
                    component: None,
                    first_checkpoint: 0,
                    values: vec![0.25, 0.0, -0.0, 1e-300, f64::MAX, 0.1 + 0.2],
                },
                Series {
                    notion: PULLS,
                    component: Some(0),
                    first_checkpoint: 1,
                    values: vec![3.0, 4.0, 5.0],
                },
                Series {
                    notion: PULLS,
                    component: Some(1),
                    first_checkpoint: 1,
                    values: vec![7.0, 6.0, 5.0],
                },
            ],
        }
    }

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let temporary = tempfile::tempdir().expect("a folder");
        let run = RunFolder::open(temporary.path().join("run")).expect("opens");
        (temporary, run)
    }

    fn read(run: &RunFolder, block: Range<u64>) -> Result<Option<Record>, StoreError> {
        run.parts(&meta())?.read(&block)
    }

    /// The record of replications 2 to `end`.
    fn record_until(end: u64) -> Record {
        let count = (end - 2) as usize;
        let values = (0..2 * count).map(|value| value as f64).collect();
        let series = Series { first_checkpoint: 0, values, ..record().series[0].clone() };
        Record { replications: 2..end, series: vec![series], ..record() }
    }

    fn names(run: &RunFolder) -> Vec<String> {
        let entries = fs::read_dir(run.cell_folder(&meta())).expect("there");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_part_comes_back_bit_for_bit_and_is_written_with_the_same_bytes() {
        let (_temporary, run) = folder();
        assert_eq!(read(&run, 2..5).expect("readable"), None);
        let path = run.write_part(&meta(), &record()).expect("writable");
        let bytes = fs::read(&path).expect("there");
        let found = read(&run, 2..5).expect("readable").expect("there");
        assert_eq!(found, record());
        assert!(found.series[0].values[2].is_sign_negative());
        assert_eq!(run.write_part(&meta(), &record()).expect("writable"), path);
        assert_eq!(fs::read(&path).expect("there"), bytes);
        assert_eq!(read(&run, 2..6).expect("readable"), None);
        assert_eq!(read(&run, 3..5).expect("readable"), None);
    }

    #[test]
    fn a_longer_part_serves_shorter_blocks_and_takes_their_place() {
        let (_temporary, run) = folder();
        let short = run.write_part(&meta(), &record_until(4)).expect("writable");
        let block = 2..7;
        let parts = meta();
        let parts = run.parts(&parts).expect("readable");
        assert_eq!(parts.read(&block).expect("readable"), None);
        assert_eq!(parts.superseded(&block).collect::<Vec<_>>(), [&short]);
        run.write_part(&meta(), &record_until(7)).expect("writable");
        let first: Vec<f64> = vec![0.0, 1.0, 5.0, 6.0];
        let found = read(&run, 2..4).expect("readable").expect("there");
        assert_eq!((found.replications.clone(), &found.series[0].values), (2..4, &first));
        assert_eq!(read(&run, 2..7).expect("readable").expect("there"), record_until(7));
        for path in parts.superseded(&block) {
            run.remove_part(path).expect("removable");
        }
        assert!(names(&run).len() == 1 && names(&run)[0].starts_with("2-7-"), "{:?}", names(&run));
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_other_files_are_not() {
        let (_temporary, run) = folder();
        let path = run.write_part(&meta(), &record()).expect("writable");
        let name = path.file_name().expect("a name").to_string_lossy();
        fs::write(path.with_file_name(format!(".{name}.tmp")), b"half").expect("writable");
        for other in ["notes.txt", "2-5.parquet", "5-2-00.parquet", "x-5-00.parquet"] {
            fs::write(path.with_file_name(other), b"mine").expect("writable");
        }
        assert!(read(&run, 2..5).expect("readable").is_some());
        assert_eq!(names(&run).len(), 5, "{:?}", names(&run));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let (_temporary, run) = folder();
        let path = run.write_part(&meta(), &record()).expect("writable");
        let bytes = fs::read(&path).expect("there");
        for index in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1 << (index % 8);
            fs::write(&path, &damaged).expect("writable");
            let error = read(&run, 2..5).expect_err("damaged");
            assert!(matches!(error, StoreError::Damaged(_)), "{error}");
            fs::write(&path, &bytes[..index]).expect("writable");
            assert!(read(&run, 2..5).is_err());
        }
        run.parts(&meta()).and_then(|parts| parts.remove(&(2..5))).expect("removable");
        assert_eq!(read(&run, 2..5).expect("readable"), None);
    }

    #[test]
    fn a_part_of_something_else_is_not_believed() {
        let (_temporary, run) = folder();
        let path = run.write_part(&meta(), &record()).expect("writable");
        let other = CellMeta { id: "11aa".to_owned(), ..meta() };
        let folder = run.root().join("parts/11aa");
        fs::create_dir_all(&folder).expect("writable");
        fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("copies");
        let text = b"no parquet at all";
        fs::write(folder.join(format!("0-2-{}.parquet", checksum(text))), text).expect("writes");
        let parts = run.parts(&other).expect("readable");
        let error = parts.read(&(2..5)).expect_err("foreign");
        assert!(error.to_string().contains("00ff"), "{error}");
        assert!(matches!(parts.read(&(0..2)), Err(StoreError::Foreign { .. })));
        // The bytes of replications 2 to 4 under the name of others.
        let renamed = path.file_name().expect("a name").to_string_lossy().replace("2-5-", "3-6-");
        fs::copy(&path, path.with_file_name(renamed)).expect("copies");
        assert!(matches!(read(&run, 3..6), Err(StoreError::Foreign { .. })));
    }

    #[test]
    fn a_folder_has_one_writer() {
        let (_temporary, run) = folder();
        let second = RunFolder::open(run.root());
        assert!(matches!(second, Err(StoreError::Locked(_))));
        let root = run.root().to_owned();
        drop(run);
        assert!(RunFolder::open(root).is_ok());
    }
}
