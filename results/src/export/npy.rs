//! NumPy arrays: `<cell>/<notion>.npy`, `<cell>/t.npy`, and `index.json`, which says what they are.
//!
//! Format: "The NPY format", version 1.0 (NumPy Enhancement Proposal 1). It is a fixed header before
//! the numbers; the crates that write it bring a parser of Python's literals for reading.

use std::path::{Path, PathBuf};

use regret_engine::record::{Record, Series};
use serde_json::{Value, json};

use super::{Named, Sink};
use crate::files::{create_folder, write_atomically};
use crate::store::StoreError;

/// Arrays of a run.
pub(super) struct Arrays {
    out: PathBuf,
    files: Vec<PathBuf>,
    index: Vec<Value>,
}

impl Arrays {
    pub(super) fn create(out: &Path) -> Self {
        Self { out: out.to_owned(), files: Vec::new(), index: Vec::new() }
    }

    fn write(&mut self, path: PathBuf, bytes: &[u8]) -> Result<(), StoreError> {
        write_atomically(&path, bytes).map_err(StoreError::io(&path))?;
        self.files.push(path);
        Ok(())
    }
}

impl Sink for Arrays {
    fn enter(&mut self, cell: &Named<'_>, record: &Record) -> Result<(), StoreError> {
        let folder = self.out.join(&cell.meta.id);
        create_folder(&folder).map_err(StoreError::io(&folder))?;
        let rounds: Vec<u8> =
            record.checkpoints.iter().flat_map(|round| round.to_le_bytes()).collect();
        let t = array("<u8", &[record.checkpoints.len()], &rounds);
        self.write(folder.join("t.npy"), &t)?;
        let mut arrays = serde_json::Map::new();
        // The components of a quantity follow each other.
        for group in record.series.chunk_by(|a, b| a.notion == b.notion) {
            let Some(shape) = shape(group, record) else { continue };
            let values = group.iter().flat_map(|series| &series.values);
            let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
            let name = format!("{}.npy", group[0].notion.key);
            self.write(folder.join(&name), &array("<f8", &shape, &bytes))?;
            arrays.insert(
                group[0].notion.key.to_owned(),
                json!({"file": format!("{}/{name}", cell.meta.id), "shape": shape,
                       "first_checkpoint": group[0].first_checkpoint}),
            );
        }
        self.index.push(json!({
            "cell": cell.meta,
            "environment_label": cell.environment,
            "learner_label": cell.learner,
            "t": format!("{}/t.npy", cell.meta.id),
            "arrays": arrays,
        }));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, StoreError> {
        let text = serde_json::to_string_pretty(&self.index).unwrap_or_default();
        self.write(self.out.join("index.json"), text.as_bytes())?;
        Ok(self.files)
    }
}

/// `(checkpoints, replications)`, for a quantity with components `(components, checkpoints,
/// replications)`; `None` if they do not have the same checkpoints.
fn shape(group: &[Series], record: &Record) -> Option<Vec<usize>> {
    let replications = record.replication_count();
    let checkpoints = record.checkpoints.len() - group[0].first_checkpoint;
    let alike = group.iter().all(|series| series.values.len() == checkpoints * replications);
    let mut shape = vec![checkpoints, replications];
    if group[0].component.is_some() {
        shape.insert(0, group.len());
    }
    alike.then_some(shape)
}

/// The bytes of a file with one array in C order.
fn array(descr: &str, shape: &[usize], values: &[u8]) -> Vec<u8> {
    let mut sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    if let [one] = &mut sizes[..] {
        one.push(',');
    }
    let sizes = sizes.join(", ");
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    // Magic, version and length take 10 bytes; the header ends with a newline at a multiple of 64.
    let padding = (10 + header.len() + 1).next_multiple_of(64) - 10 - header.len() - 1;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // A header of a few sizes is far below 2^16 bytes.
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.into_bytes());
    bytes.extend(values);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_as_numpy_writes_it() {
        // numpy.save of numpy.array([[1.0, 2.0, 0.5]]) with NumPy 2.
        let values: Vec<u8> = [1.0_f64, 2.0, 0.5].iter().flat_map(|x| x.to_le_bytes()).collect();
        let bytes = array("<f8", &[1, 3], &values);
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }";
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert_eq!(bytes.len(), 128 + 24);
        assert_eq!(&bytes[10..10 + header.len()], header.as_bytes());
        assert!(bytes[10 + header.len()..127].iter().all(|byte| *byte == b' '));
        assert_eq!((bytes[127], &bytes[128..]), (b'\n', &values[..]));
        assert!(String::from_utf8_lossy(&array("<u8", &[7], &[])).contains("'shape': (7,), }"));
    }
}
