//! `manifest.json`: what a finished run was made of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CellMeta, StoreError};
use crate::statistics::Sampling;

/// Raised when the form of the manifest or of the run folder changes. Form 1 had no such number.
pub const SCHEMA: u32 = 2;

/// What a finished run was made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the run folder; [`SCHEMA`] in those written now.
    #[serde(default = "oldest")]
    pub schema: u32,
    /// The experiment's name.
    pub name: String,
    /// What computed it.
    pub program: Program,
    /// What its cells were read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// How the number of replications was chosen.
    #[serde(default)]
    pub sampling: Sampling,
    /// The machine that it was published on; free in form.
    #[serde(default)]
    pub machine: Value,
    /// Seconds and rounds played; free in form.
    #[serde(default)]
    pub timing: Value,
    /// Every cell, in the order of the spec.
    pub cells: Vec<ManifestCell>,
    /// The names of the files in `figures/`.
    #[serde(default)]
    pub figures: Vec<String>,
}

/// What an experiment is read from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The text of the spec.
    pub spec: String,
    /// The scale that it was read for, `quick` or `full`, if any.
    #[serde(default)]
    pub scale: Option<String>,
    /// The folder of its files of data.
    #[serde(default)]
    pub data: Option<PathBuf>,
    /// The `--set` arguments applied to it.
    pub set: Vec<String>,
}

impl Origin {
    /// The same with files of data in `data`, if that is said.
    #[must_use]
    pub fn with_data(&self, data: Option<&Path>) -> Self {
        let data = data.map(Path::to_owned).or_else(|| self.data.clone());
        Self { data, ..self.clone() }
    }
}

/// A version of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the numbers that it computes.
    pub numbers: u32,
}

/// A cell as the manifest has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManifestCell {
    /// What it is.
    pub cell: CellMeta,
    /// What identifies the environment's outside data.
    #[serde(default)]
    pub data: Option<String>,
    /// Why it stopped before its end, if it did.
    #[serde(default)]
    pub fault: Option<String>,
    /// Bounds of theory that hold for it; free in form.
    #[serde(default)]
    pub bounds: Value,
}

fn oldest() -> u32 {
    1
}

impl Manifest {
    /// The manifest of a run folder; `None` if it has none, as before its run is published.
    ///
    /// # Errors
    /// A version that is not known, a file that is no manifest, or what the system says.
    pub fn read(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join("manifest.json");
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(StoreError::io(&path))?,
        };
        Self::check_version(root)?;
        let foreign = |problem| StoreError::Foreign { path: path.clone(), problem };
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| foreign(format!("this is no manifest of a run: {error}")))?;
        // The identity of a cell is the name of a folder.
        let is_hash = |id: &str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        match manifest.cells.iter().find(|listed| !is_hash(&listed.cell.id)) {
            Some(listed) => Err(foreign(format!("`{}` is no cell's hash", listed.cell.id))),
            None => Ok(Some(manifest)),
        }
    }

    /// Refuses a run folder whose manifest has a form that is not known. One that cannot be read says
    /// nothing about its form.
    pub(super) fn check_version(root: &Path) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(default)]
            schema: Value,
        }
        let path = root.join("manifest.json");
        let Ok(text) = fs::read(&path) else { return Ok(()) };
        let Ok(Version { schema }) = serde_json::from_slice(&text) else { return Ok(()) };
        let known = schema.is_null() || (1..=SCHEMA).any(|version| schema == json!(version));
        if known {
            return Ok(());
        }
        Err(StoreError::Version {
            path,
            found: schema.to_string(),
            known: format!("1 to {SCHEMA}"),
        })
    }
}
