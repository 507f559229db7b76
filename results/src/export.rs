//! A run's numbers in the formats of other tools, one file of this folder each.
//!
//! Files are written whole or not at all, below the output folder; their names are made of the cells'
//! hashes, of notions, or of labels reduced to plain letters.

mod npy;
mod rows;
mod tensorboard;

use std::path::{Path, PathBuf};

use regret_engine::record::Record;

use crate::files::create_folder;
use crate::labels::in_words;
use crate::slugs::slugs;
use crate::store::{CellMeta, FinishedRun, StoreError};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `numbers.csv`: one row for each number.
    Csv,
    /// `numbers.jsonl`: one JSON object for each number.
    Jsonl,
    /// `<cell>/<notion>.npy`: an array for each quantity of a cell.
    Npy,
    /// `<environment>/<learner>/events.out.tfevents…`: means over replications.
    Tensorboard,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Jsonl, Self::Npy, Self::Tensorboard];

    /// The name of the format, and of its folder.
    pub fn key(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Npy => "npy",
            Self::Tensorboard => "tensorboard",
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Cells that are not in them, and why.
    pub left_out: Vec<String>,
}

/// A cell with its names.
struct Named<'a> {
    meta: &'a CellMeta,
    learner: &'a str,
    environment: &'a str,
    /// The environment's and the learner's names in paths.
    slugs: [&'a str; 2],
}

/// Where numbers go.
trait Sink {
    /// Takes the numbers of a cell.
    fn enter(&mut self, cell: &Named<'_>, record: &Record) -> Result<(), StoreError>;

    /// Ends all files and names them.
    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, StoreError>;
}

/// Writes the numbers of a run's finished cells below `out`.
///
/// # Errors
/// A part that cannot be believed, or a file that cannot be written; no file is left half-written.
pub fn export(run: &FinishedRun, out: &Path, format: Format) -> Result<Exported, StoreError> {
    create_folder(out).map_err(StoreError::io(out))?;
    let mut sink: Box<dyn Sink> = match format {
        Format::Csv => Box::new(rows::Csv::create(out)?),
        Format::Jsonl => Box::new(rows::Jsonl::create(out)?),
        Format::Npy => Box::new(npy::Arrays::create(out)),
        Format::Tensorboard => Box::new(tensorboard::Events::create(out)),
    };
    let metas = || run.cells().iter().map(|listed| &listed.cell);
    let learners = in_words(metas().map(|meta| &meta.learner));
    let environments = in_words(metas().map(|meta| &meta.environment));
    let places: Vec<String> = metas()
        .zip(&environments)
        .map(|(meta, name)| {
            format!("{name} as {}, T = {}, seed {}", meta.protocol, meta.horizon, meta.seed)
        })
        .collect();
    let (place_slugs, learner_slugs) = (distinct_slugs(&places), distinct_slugs(&learners));
    let mut exported = Exported::default();
    for (index, listed) in run.cells().iter().enumerate() {
        let meta = &listed.cell;
        let leave_out = |why: &str| format!("{} on {}: {why}", learners[index], places[index]);
        if let Some(fault) = &listed.fault {
            exported.left_out.push(leave_out(fault));
            continue;
        }
        let Some(record) = run.record(meta)? else {
            exported.left_out.push(leave_out("not all replications are there"));
            continue;
        };
        let cell = Named {
            meta,
            learner: &learners[index],
            environment: &environments[index],
            slugs: [&place_slugs[index], &learner_slugs[index]],
        };
        sink.enter(&cell, &record)?;
    }
    exported.files = sink.finish()?;
    Ok(exported)
}

/// A slug for each text, equal ones alike.
fn distinct_slugs(texts: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = texts.to_vec();
    distinct.sort();
    distinct.dedup();
    let slugs = slugs(&distinct);
    let place = |text: &String| distinct.binary_search(text).unwrap_or(0);
    texts.iter().map(|text| slugs[place(text)].clone()).collect()
}
