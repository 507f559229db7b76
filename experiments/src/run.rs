//! Plays the cells of an experiment that are not in the run folder yet.
//!
//! Work is split into blocks of a cell's replications, each kept as one part; while there are few
//! blocks, the lanes of a block are split over the cores as well. How it is split never changes a
//! number.

mod faults;

pub use faults::StopReason;

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use regret_engine::record::Record;
use regret_engine::registry::{CellFault, Form};
use regret_engine::simulation::{Fault, Monitor, Plan};
use regret_results::store::{CellMeta, Parts, RunFolder, StoreError};

use crate::cell::{BLOCK, Cell};

/// How to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Number of threads; 0 for one for each core. No more than [`MOST_THREADS`] are started.
    pub threads: usize,
    /// Replications simulated abreast; 0 for what suits each learner.
    pub lanes: usize,
}

/// More threads than this only wait for each other.
pub const MOST_THREADS: usize = 256;

/// What watches a run. Called from many threads.
pub trait Progress: Sync {
    /// Told before rounds are played, once or before each of several stretches: the blocks and
    /// rounds to be played, and how many blocks were found finished.
    fn begin(&self, blocks: usize, rounds: u64, found: usize);
    /// Told after every stretch of play: the rounds played, summed over replications.
    fn played(&self, rounds: u64);
    /// Told when a block is finished and kept.
    fn finished(&self, cell: &Cell, replications: &Range<u64>);
    /// Told of something that the user should know, such as a damaged part.
    fn warn(&self, message: &str);
}

/// A cell that stopped.
#[derive(Clone, Debug)]
pub struct StoppedCell {
    /// Index into the experiment's cells.
    pub cell: usize,
    /// The fault of its first replication that has one.
    pub fault: StopReason,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Cells that stopped by a fault of their own, in the order of the spec.
    pub stopped: Vec<StoppedCell>,
    /// Whether `stop` was raised before everything was played.
    pub interrupted: bool,
    /// Rounds played in this run, summed over replications; parts found finished do not count.
    pub rounds: u64,
}

impl Outcome {
    /// Whether a cell stopped by a fault of its own.
    pub fn has_stopped(&self, cell: usize) -> bool {
        self.stopped.iter().any(|stopped| stopped.cell == cell)
    }

    /// Adds what came of further blocks.
    pub fn append(&mut self, further: Self) {
        self.stopped.extend(further.stopped);
        self.stopped.sort_by_key(|stopped| stopped.cell);
        self.interrupted |= further.interrupted;
        self.rounds += further.rounds;
    }
}

/// Plays what is missing.
///
/// `stop` may be raised at any time; the run then ends within a moment, and what is finished is
/// kept.
///
/// # Errors
/// What the system says about the run folder, such as a full disk. Finished blocks are kept.
pub fn run(
    cells: &[Cell],
    folder: &RunFolder,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Outcome, StoreError> {
    let blocks = cells.iter().enumerate();
    let blocks = blocks.flat_map(|(index, cell)| cell.blocks().map(move |block| (index, block)));
    run_blocks(cells, blocks.collect(), folder, options, progress, stop)
}

/// [`run`], for these blocks of replications, each of the cell of that index.
///
/// # Errors
/// As [`run`].
pub fn run_blocks(
    cells: &[Cell],
    blocks: Vec<(usize, Range<u64>)>,
    folder: &RunFolder,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Outcome, StoreError> {
    let metas: Vec<CellMeta> = cells.iter().map(Cell::meta).collect();
    let (tasks, found) = missing(blocks, &metas, folder, progress)?;
    let total = tasks.iter().map(|task| task.rounds(cells)).sum();
    progress.begin(tasks.len(), total, found);
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(options.threads.min(MOST_THREADS)).build();
    let pool = pool.map_err(|error| StoreError::Io {
        path: folder.root().to_owned(),
        error: std::io::Error::other(error),
    })?;
    let run = Run {
        cells,
        metas: &metas,
        folder,
        progress,
        stop,
        // A piece of work is never wider than a block.
        form: Form::lanes(options.lanes.min(BLOCK as usize)),
        chunk: chunk(tasks.len(), pool.current_num_threads()),
        rounds: AtomicU64::new(0),
        first_faults: cells.iter().map(|_| AtomicU64::new(u64::MAX)).collect(),
        faults: Mutex::new(vec![None; cells.len()]),
        failure: Mutex::new(None),
    };
    pool.install(|| tasks.par_iter().with_max_len(1).for_each(|task| run.task(task)));
    run.outcome()
}

/// A block of a cell's replications.
struct Task {
    cell: usize,
    replications: Range<u64>,
    /// Parts of the first of these replications, whose place the block's part takes.
    superseded: Vec<PathBuf>,
}

impl Task {
    fn rounds(&self, cells: &[Cell]) -> u64 {
        cells[self.cell].plan.horizon * (self.replications.end - self.replications.start)
    }
}

/// The blocks that are not in the folder, and how many are. A damaged part is removed and its
/// block played again. A block is not played if a run with more replications left a part that
/// begins with it.
fn missing(
    blocks: Vec<(usize, Range<u64>)>,
    metas: &[CellMeta],
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<(Vec<Task>, usize), StoreError> {
    // The blocks of a cell follow each other, and its folder is listed once.
    let of_cells: Vec<&[(usize, Range<u64>)]> = blocks.chunk_by(|a, b| a.0 == b.0).collect();
    let looked: Vec<Vec<Task>> = of_cells
        .par_iter()
        .map(|blocks| {
            let parts = folder.parts(&metas[blocks[0].0])?;
            let look = |(cell, block): &(usize, Range<u64>)| {
                look(*cell, block.clone(), &parts, folder, progress)
            };
            blocks.iter().map(look).filter_map(Result::transpose).collect()
        })
        .collect::<Result<_, StoreError>>()?;
    let tasks: Vec<Task> = looked.into_iter().flatten().collect();
    let found = blocks.len() - tasks.len();
    Ok((tasks, found))
}

/// What is to be done for a block, `None` if its part is there.
fn look(
    cell: usize,
    replications: Range<u64>,
    parts: &Parts<'_>,
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<Option<Task>, StoreError> {
    let superseded = parts.superseded(&replications).map(Path::to_owned).collect();
    let mut task = Task { cell, replications, superseded };
    match parts.read(&task.replications) {
        Ok(Some(_)) => {
            remove(folder, &task.superseded)?;
            return Ok(None);
        }
        Ok(None) => {}
        Err(error @ (StoreError::Damaged(_) | StoreError::Foreign { .. })) => {
            progress.warn(&format!("{error}; these replications are played again"));
            parts.remove(&task.replications)?;
            task.superseded.clear();
        }
        Err(error) => return Err(error),
    }
    Ok(Some(task))
}

fn remove(folder: &RunFolder, parts: &[PathBuf]) -> Result<(), StoreError> {
    parts.iter().try_for_each(|part| folder.remove_part(part))
}

/// Lanes in a piece of work: a whole block if there are enough blocks for all threads.
fn chunk(tasks: usize, threads: usize) -> u64 {
    const LEAST: u64 = 8;
    if tasks >= 2 * threads {
        return BLOCK;
    }
    BLOCK.div_ceil(2 * threads as u64).next_multiple_of(LEAST)
}

struct Run<'a> {
    cells: &'a [Cell],
    metas: &'a [CellMeta],
    folder: &'a RunFolder,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
    form: Form,
    chunk: u64,
    rounds: AtomicU64,
    /// For each cell the first replication of the lowest block known to have a fault: later blocks
    /// need not be played, earlier ones are, so that the fault reported is always the same.
    first_faults: Vec<AtomicU64>,
    faults: Mutex<Vec<Option<StopReason>>>,
    failure: Mutex<Option<StoreError>>,
}

/// Counts rounds; stops a block when the run stops or its cell has an earlier fault.
struct Watch<'a> {
    run: &'a Run<'a>,
    cell: usize,
    first: u64,
}

impl Monitor for Watch<'_> {
    fn played(&self, rounds: u64) -> ControlFlow<()> {
        self.run.rounds.fetch_add(rounds, Ordering::Relaxed);
        self.run.progress.played(rounds);
        let earlier = self.run.first_faults[self.cell].load(Ordering::Relaxed) < self.first;
        if earlier || self.run.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl Run<'_> {
    fn task(&self, task: &Task) {
        let first = task.replications.start;
        let skip = self.first_faults[task.cell].load(Ordering::Relaxed) < first;
        if skip || self.stop.load(Ordering::Relaxed) {
            return;
        }
        match self.play(task) {
            Ok(record) => match StopReason::not_finite(&record) {
                None => self.keep(task, &record),
                Some(reason) => self.stopped(task, reason),
            },
            Err(CellFault::Fault(Fault::Stopped { .. })) => {}
            Err(noticed) => self.fault(task, noticed),
        }
    }

    /// Plays a block, its lanes split into pieces.
    fn play(&self, task: &Task) -> Result<Record, CellFault> {
        let Range { start, end } = task.replications;
        let pieces: Vec<Range<u64>> = (start..end)
            .step_by(self.chunk as usize)
            .map(|first| first..end.min(first + self.chunk))
            .collect();
        let records: Vec<Result<Record, CellFault>> =
            pieces.into_par_iter().map(|piece| self.piece(task.cell, start, piece)).collect();
        // Of several faults that of the first piece, whichever was noticed first.
        let records = records.into_iter().collect::<Result<Vec<_>, _>>()?;
        // A block has at least one replication.
        Record::joined(&records).ok_or(CellFault::Fault(Fault::Stopped { t: 1 }))
    }

    fn piece(
        &self,
        cell: usize,
        first: u64,
        replications: Range<u64>,
    ) -> Result<Record, CellFault> {
        let watch = Watch { run: self, cell, first };
        let cell = &self.cells[cell];
        let plan = Plan { replications, ..cell.plan.clone() };
        cell.game.play_watched(&plan, self.form, &watch)
    }

    fn keep(&self, task: &Task, record: &Record) {
        let written = self.folder.write_part(&self.metas[task.cell], record);
        match written.and_then(|_| remove(self.folder, &task.superseded)) {
            Ok(()) => self.progress.finished(&self.cells[task.cell], &task.replications),
            Err(error) => {
                self.stop.store(true, Ordering::Relaxed);
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
            }
        }
    }

    fn outcome(mut self) -> Result<Outcome, StoreError> {
        let failure = self.failure.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = failure.take() {
            return Err(error);
        }
        let faults = self.faults.get_mut().unwrap_or_else(PoisonError::into_inner);
        let faults = std::mem::take(faults).into_iter().enumerate();
        let stopped: Vec<StoppedCell> = faults
            .filter_map(|(cell, fault)| fault.map(|fault| StoppedCell { cell, fault }))
            .collect();
        stopped.iter().try_for_each(|stopped| self.remove_from_fault_on(stopped))?;
        Ok(Outcome {
            stopped,
            interrupted: self.stop.load(Ordering::Relaxed),
            rounds: self.rounds.into_inner(),
        })
    }
}
