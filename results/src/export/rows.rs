//! Tidy rows, one for each number: CSV and JSON lines.

use std::io::Write;
use std::path::{Path, PathBuf};

use regret_engine::record::Record;
use serde::Serialize;
use serde_json::Value;

use super::{Named, Sink};
use crate::files::AtomicFile;
use crate::store::StoreError;

/// A number with all that says what it is.
#[derive(Serialize)]
struct Row<'a, P> {
    cell: &'a str,
    protocol: &'a str,
    environment: &'a str,
    environment_label: &'a str,
    environment_parameters: P,
    learner: &'a str,
    learner_label: &'a str,
    learner_parameters: P,
    seed: u64,
    horizon: u64,
    replication: u64,
    t: u64,
    notion: &'a str,
    component: Option<u32>,
    value: f64,
}

/// Calls `take` with every number of a cell, ordered by quantity, round, replication.
fn each<'a, P: Copy>(
    cell: &Named<'a>,
    record: &Record,
    [environment_parameters, learner_parameters]: [P; 2],
    mut take: impl FnMut(Row<'a, P>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let meta = cell.meta;
    for series in &record.series {
        let rounds = record.checkpoints.iter().skip(series.first_checkpoint);
        for (&t, values) in rounds.zip(series.values.chunks(record.replication_count())) {
            for (replication, &value) in record.replications.clone().zip(values) {
                take(Row {
                    cell: &meta.id,
                    protocol: &meta.protocol,
                    environment: &meta.environment.name,
                    environment_label: cell.environment,
                    environment_parameters,
                    learner: &meta.learner.name,
                    learner_label: cell.learner,
                    learner_parameters,
                    seed: meta.seed,
                    horizon: meta.horizon,
                    replication,
                    t,
                    notion: series.notion.key,
                    component: series.component,
                    value,
                })?;
            }
        }
    }
    Ok(())
}

/// `numbers.csv`.
pub(super) struct Csv {
    path: PathBuf,
    writer: csv::Writer<AtomicFile>,
}

impl Csv {
    pub(super) fn create(out: &Path) -> Result<Self, StoreError> {
        let path = out.join("numbers.csv");
        let file = AtomicFile::create(&path).map_err(StoreError::io(&path))?;
        Ok(Self { path, writer: csv::Writer::from_writer(file) })
    }
}

impl Sink for Csv {
    fn enter(&mut self, cell: &Named<'_>, record: &Record) -> Result<(), StoreError> {
        let parameters = [&cell.meta.environment, &cell.meta.learner];
        let [environment, learner] = parameters.map(|item| item.parameters.to_string());
        each(cell, record, [environment.as_str(), learner.as_str()], |row| {
            self.writer.serialize(row).map_err(|error| StoreError::io(&self.path)(error.into()))
        })
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, StoreError> {
        let file = self.writer.into_inner().map_err(|error| {
            StoreError::io(&self.path)(std::io::Error::other(error.to_string()))
        })?;
        file.commit().map_err(StoreError::io(&self.path))?;
        Ok(vec![self.path])
    }
}

/// `numbers.jsonl`.
pub(super) struct Jsonl {
    path: PathBuf,
    file: AtomicFile,
}

impl Jsonl {
    pub(super) fn create(out: &Path) -> Result<Self, StoreError> {
        let path = out.join("numbers.jsonl");
        let file = AtomicFile::create(&path).map_err(StoreError::io(&path))?;
        Ok(Self { path, file })
    }
}

impl Sink for Jsonl {
    fn enter(&mut self, cell: &Named<'_>, record: &Record) -> Result<(), StoreError> {
        let parameters: [&Value; 2] =
            [&cell.meta.environment.parameters, &cell.meta.learner.parameters];
        each(cell, record, parameters, |row| {
            let written = serde_json::to_writer(&mut self.file, &row).map_err(Into::into);
            written.and_then(|()| self.file.write_all(b"\n")).map_err(StoreError::io(&self.path))
        })
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, StoreError> {
        self.file.commit().map_err(StoreError::io(&self.path))?;
        Ok(vec![self.path])
    }
}
