//! The numbers that claims are judged by, read from the run folder.

use std::rc::Rc;

use regret_engine::notion::Notion;
use regret_engine::record::{Record, Series};
use regret_results::claims::Confidence;
use regret_results::statistics::growth::GrowthError;
use regret_results::statistics::{Sampling, StatisticsError};
use regret_results::store::{RunFolder, StoreError};

use crate::cell::Cell;
use crate::publish::load;
use crate::run::Outcome;

/// Numbers of a cell: a quantity at a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The cell's index.
    pub cell: usize,
    /// What was recorded.
    pub notion: Notion,
    /// Which component of it, if it has several.
    pub component: Option<u32>,
    /// The round.
    pub t: u64,
}

/// Why a claim has no data.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The cell was not played to its end.
    #[error("{0}")]
    Missing(String),
    /// The data allow no such statistics.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// There is no growth rate.
    #[error(transparent)]
    Growth(#[from] GrowthError),
    /// A part cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records kept in memory: claims that follow each other often speak of the same cells.
const KEPT: usize = 8;

/// The data of a run.
pub struct Data<'a> {
    cells: &'a [Cell],
    folder: &'a RunFolder,
    outcome: &'a Outcome,
    sampling: Sampling,
    kept: Vec<(usize, Rc<Record>)>,
}

impl<'a> Data<'a> {
    /// The data of a run's folder.
    pub fn new(
        cells: &'a [Cell],
        folder: &'a RunFolder,
        outcome: &'a Outcome,
        sampling: Sampling,
    ) -> Self {
        Self { cells, folder, outcome, sampling, kept: Vec::new() }
    }

    /// A confidence that allows for how the number of replications was chosen.
    pub fn confidence(&self, alpha: f64) -> Confidence {
        Confidence { sampling: self.sampling, alpha }
    }

    /// How the number of replications was chosen.
    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// A cell.
    pub fn cell(&self, index: usize) -> &'a Cell {
        &self.cells[index]
    }

    /// The record of all replications of a cell.
    ///
    /// # Errors
    /// Why there is none.
    pub fn record(&mut self, cell: usize) -> Result<Rc<Record>, Trouble> {
        if let Some((_, record)) = self.kept.iter().find(|(kept, _)| *kept == cell) {
            return Ok(record.clone());
        }
        if let Some(stopped) = self.outcome.stopped.iter().find(|stopped| stopped.cell == cell) {
            return Err(Trouble::Missing(format!("a cell stopped: {}", stopped.fault)));
        }
        let missing = || Trouble::Missing("not all replications were played".to_owned());
        let record = Rc::new(load(&self.cells[cell], self.folder)?.ok_or_else(missing)?);
        if self.kept.len() >= KEPT {
            self.kept.remove(0);
        }
        self.kept.push((cell, record.clone()));
        Ok(record)
    }

    /// The values of all replications.
    ///
    /// # Errors
    /// Why there are none.
    pub fn sample(&mut self, measured: &Measured) -> Result<Vec<f64>, Trouble> {
        let record = self.record(measured.cell)?;
        let place = record.checkpoints.iter().position(|&t| t == measured.t);
        let values = series(&record, measured).ok().zip(place);
        let values =
            values.and_then(|(series, place)| series.at(place, record.replication_count()));
        let absent = || Trouble::Missing(format!("nothing was recorded at t = {}", measured.t));
        values.map(<[f64]>::to_vec).ok_or_else(absent)
    }
}

/// The series of a quantity.
///
/// # Errors
/// It was not recorded.
pub(super) fn series<'r>(record: &'r Record, measured: &Measured) -> Result<&'r Series, Trouble> {
    let absent = || Trouble::Missing(format!("`{}` was not recorded", measured.notion.key));
    record.series(measured.notion, measured.component).ok_or_else(absent)
}
