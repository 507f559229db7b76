//! What a run folder holds: what is done, running, failed, missing.

use std::path::Path;

use rayon::prelude::*;
use regret_results::store::{Manifest, Parts, StoreError};

use crate::merge::is_running;
use crate::shards::{Shard, State, Ticket, deal, stopped_cells};
use crate::spec::source::Problems;
use crate::spec::{self, Experiment};

/// What a run folder holds. Parts are counted by their names; whether their bytes are sound, `regret
/// verify` and `regret merge` say.
pub struct Status {
    /// What is played in it.
    pub experiment: Experiment,
    /// Whether its tables and figures were written after everything was played.
    pub is_published: bool,
    /// Its shards; one for a run that is not split; none if it is published.
    pub shards: Vec<ShardStatus>,
    /// Its cells, in the order of the spec.
    pub cells: Vec<CellStatus>,
}

/// How far a shard has come.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardStatus {
    /// Which one.
    pub shard: Shard,
    /// What its process is doing, or has come to.
    pub progress: Progress,
    /// Blocks of it that are there.
    pub found: usize,
    /// All of its blocks.
    pub blocks: usize,
}

/// What a shard's process is doing, or has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything was played.
    Done,
    /// A process of this machine, or one that shares locks with it, plays it.
    Running,
    /// It was stopped and can go on.
    Interrupted,
    /// Its process has gone, or is on a machine that shares no locks.
    Killed,
    /// It could not go on, for this reason.
    Failed(String),
    /// It was never begun here.
    Missing,
}

/// How much of a cell is there.
#[derive(Clone, Debug, PartialEq)]
pub struct CellStatus {
    /// Blocks that are there.
    pub found: usize,
    /// All of its blocks.
    pub blocks: usize,
    /// Why it stopped, if it did.
    pub fault: Option<String>,
}

/// Why nothing can be said of a folder.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Its spec cannot be read here.
    #[error(transparent)]
    Spec(#[from] Problems),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is none.
    #[error("{0}: here is no run: neither manifest.json nor shards/")]
    NoRun(String),
}

/// What a run folder holds; `data` is the folder of its spec's data, if it is another than it was.
///
/// # Errors
/// It is none, or its spec cannot be read.
pub fn status(root: &Path, data: Option<&Path>) -> Result<Status, StatusError> {
    let tickets = Ticket::read(root)?;
    let mut status = match (tickets.first(), Manifest::read(root)?) {
        (Some(first), _) => unpublished(first.experiment(data)?, &tickets),
        (None, Some(manifest)) => published(&manifest, data)?,
        (None, None) => return Err(StatusError::NoRun(root.display().to_string())),
    };
    let found = status.count(root)?;
    let count = tickets.first().map_or(0, |first| first.count);
    let mut shards: Vec<ShardStatus> = Vec::new();
    for shard in Shard::all(count) {
        let ticket = tickets.iter().find(|ticket| ticket.shard() == shard);
        let progress = ticket.map_or(Ok(Progress::Missing), |ticket| progress(root, ticket))?;
        shards.push(ShardStatus { shard, progress, found: 0, blocks: 0 });
    }
    if count > 0 {
        for (((_, _), shard), found) in deal(&status.experiment.cells, count).iter().zip(found) {
            let of = &mut shards[*shard as usize];
            of.blocks += 1;
            of.found += usize::from(found);
        }
    }
    status.shards = shards;
    Ok(status)
}

impl Status {
    /// Counts the blocks of all cells; for every block, in the order of the cells, whether it is
    /// there.
    fn count(&mut self, root: &Path) -> Result<Vec<bool>, StoreError> {
        let cells = &self.experiment.cells;
        let found: Vec<Vec<bool>> = cells
            .par_iter()
            .map(|cell| {
                let meta = cell.meta();
                let parts = Parts::of(root, &meta)?;
                Ok(cell.blocks().map(|block| parts.has(&block)).collect())
            })
            .collect::<Result<_, StoreError>>()?;
        for (cell, found) in self.cells.iter_mut().zip(&found) {
            cell.blocks = found.len();
            cell.found = found.iter().filter(|found| **found).count();
        }
        Ok(found.concat())
    }

    /// Whether all that can be played of a cell is there.
    pub fn is_done(&self, cell: usize) -> bool {
        self.cells[cell].found == self.cells[cell].blocks
    }
}

fn progress(root: &Path, ticket: &Ticket) -> Result<Progress, StoreError> {
    Ok(match ticket.state {
        _ if is_running(root, ticket)? => Progress::Running,
        State::Done => Progress::Done,
        State::Begun => Progress::Killed,
        State::Interrupted => Progress::Interrupted,
        State::Failed => Progress::Failed(ticket.problem.clone().unwrap_or_default()),
    })
}

fn unpublished(experiment: Experiment, tickets: &[Ticket]) -> Status {
    let mut cells = vec![CellStatus { found: 0, blocks: 0, fault: None }; experiment.cells.len()];
    for stopped in stopped_cells(&experiment.cells, tickets) {
        cells[stopped.cell].fault = Some(stopped.fault.to_string());
    }
    Status { experiment, is_published: false, shards: Vec::new(), cells }
}

fn published(manifest: &Manifest, data: Option<&Path>) -> Result<Status, Problems> {
    let mut experiment = spec::read_again(&manifest.name, &manifest.origin.with_data(data))?;
    let mut cells = Vec::new();
    for cell in &mut experiment.cells {
        let known = manifest.cells.iter().find(|known| known.cell.id == cell.id);
        if let Some(known) = known {
            cell.set_replications(known.cell.replications);
        }
        let fault = known.and_then(|known| known.fault.clone());
        cells.push(CellStatus { found: 0, blocks: 0, fault });
    }
    Ok(Status { experiment, is_published: true, shards: Vec::new(), cells })
}
