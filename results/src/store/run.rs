//! A finished run, to be read.

use std::path::{Path, PathBuf};

use regret_engine::record::Record;

use super::{CellMeta, Manifest, ManifestCell, Parts, StoreError, cell_folder};

/// A run folder that has a manifest. Reading changes nothing in it and takes no lock.
#[derive(Debug)]
pub struct FinishedRun {
    root: PathBuf,
    manifest: Manifest,
}

impl FinishedRun {
    /// Opens the folder of a run that was played to its end.
    ///
    /// # Errors
    /// There is no such run, or its version is not known.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        match Manifest::read(&root)? {
            Some(manifest) => Ok(Self { root, manifest }),
            None => Err(StoreError::Foreign {
                path: root,
                problem: "here is no finished run: there is no manifest.json (see `regret status`)"
                    .to_owned(),
            }),
        }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What it was made of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its cells, in the order of the spec.
    pub fn cells(&self) -> &[ManifestCell] {
        &self.manifest.cells
    }

    /// The record of all replications of a cell; `None` if a part is missing.
    ///
    /// # Errors
    /// A part that cannot be believed or read.
    pub fn record(&self, cell: &CellMeta) -> Result<Option<Record>, StoreError> {
        Parts::list(cell, &cell_folder(&self.root, cell), false)?.whole(cell.replications)
    }
}
