//! Why cells stop. What is reported depends on the spec alone: not on how lanes are grouped or on
//! which thread was first.

use std::ops::ControlFlow;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use regret_engine::record::Record;
use regret_engine::registry::{CellFault, Form};
use regret_engine::simulation::{Fault, Monitor, Plan};
use regret_results::store::StoreError;

use super::{Run, StoppedCell, Task};

/// Why a cell stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StopReason {
    /// It could not be played to the end.
    #[error(transparent)]
    Fault(#[from] CellFault),
    /// The learner or the environment panicked.
    #[error("replication {replication}, round {t}: it panicked: {message}")]
    Panic {
        /// The replication.
        replication: u64,
        /// The round.
        t: u64,
        /// The panic's message.
        message: String,
    },
    /// What it did cannot be written as a number, so that it has no statistics.
    #[error("replication {replication}, round {t}: its {notion} is {value}")]
    NotFinite {
        /// The replication.
        replication: u64,
        /// The first checkpoint at which it is so.
        t: u64,
        /// The notion's title.
        notion: &'static str,
        /// An infinity or NaN.
        value: f64,
    },
    /// What another process noted.
    #[error("{text}")]
    Noted {
        /// The replication.
        replication: u64,
        /// The reason in words.
        text: String,
    },
}

impl StopReason {
    /// The replication that it happened in.
    pub fn replication(&self) -> u64 {
        match self {
            Self::Fault(fault) => fault.replication(),
            Self::Panic { replication, .. }
            | Self::NotFinite { replication, .. }
            | Self::Noted { replication, .. } => *replication,
        }
    }

    /// The first replication of a record with a number that is not finite, if there is one.
    pub(super) fn not_finite(record: &Record) -> Option<Self> {
        let lanes = record.replication_count();
        let found = record.series.iter().flat_map(|series| {
            let bad = series.values.iter().enumerate().filter(|(_, value)| !value.is_finite());
            bad.map(move |(index, &value)| Self::NotFinite {
                replication: record.replications.start + (index % lanes) as u64,
                t: record.checkpoints[series.first_checkpoint + index / lanes],
                notion: series.notion.title,
                value,
            })
        });
        found.min_by_key(Self::replication)
    }
}

impl Run<'_> {
    /// Finds the first replication of the block that has a fault, by playing them one by one: in
    /// company, which of them is noticed first depends on how lanes are grouped.
    pub(super) fn fault(&self, task: &Task, noticed: CellFault) {
        let first = task.replications.start;
        self.first_faults[task.cell].fetch_min(first, Ordering::Relaxed);
        for replication in task.replications.clone() {
            let reason = match self.piece(task.cell, first, replication..replication + 1) {
                Ok(record) => StopReason::not_finite(&record),
                Err(CellFault::Fault(Fault::Stopped { .. })) => return,
                Err(CellFault::Panic { message, .. }) => {
                    Some(self.panic(task.cell, replication, message))
                }
                Err(fault) => Some(fault.into()),
            };
            if let Some(reason) = reason {
                return self.stopped(task, reason);
            }
        }
        // A fault that needs company.
        self.stopped(task, noticed.into());
    }

    /// A panic with its round, which is found by playing the replication twice more.
    fn panic(&self, cell: usize, replication: u64, message: String) -> StopReason {
        /// Rounds between two calls of the monitor, at the most.
        const STRETCH: u64 = 1 << 14;
        let cell = &self.cells[cell];
        let horizon = cell.plan.horizon;
        let rounds_before = |checkpoints: Vec<u64>| {
            let count = Count { run: self, rounds: AtomicU64::new(0) };
            let replications = replication..replication + 1;
            let plan = Plan { replications, checkpoints, notions: Vec::new(), ..cell.plan.clone() };
            let again = cell.game.play_watched(&plan, Form::Plain, &count);
            matches!(again, Err(CellFault::Panic { .. })).then(|| count.rounds.into_inner())
        };
        let exactly = |before| {
            let mut checkpoints: Vec<u64> = (before + 1..=horizon).take(STRETCH as usize).collect();
            checkpoints.extend((checkpoints.last() != Some(&horizon)).then_some(horizon));
            rounds_before(checkpoints)
        };
        match rounds_before(vec![horizon]).and_then(exactly) {
            Some(before) => StopReason::Panic { replication, t: before + 1, message },
            // It panics in another form only, or when it is asked what it recorded.
            None => CellFault::Panic { replications: replication..replication + 1, message }.into(),
        }
    }

    /// Notes why a block's cell stopped, unless an earlier block gave a reason.
    pub(super) fn stopped(&self, task: &Task, reason: StopReason) {
        let first = task.replications.start;
        self.first_faults[task.cell].fetch_min(first, Ordering::Relaxed);
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut faults[task.cell];
        if known.as_ref().is_none_or(|known| reason.replication() < known.replication()) {
            *known = Some(reason);
        }
    }

    /// Removes the parts from the first block with a fault on: which of them were played before it
    /// was known depends on the number of threads.
    pub(super) fn remove_from_fault_on(&self, stopped: &StoppedCell) -> Result<(), StoreError> {
        let first = self.first_faults[stopped.cell].load(Ordering::Relaxed);
        let parts = self.folder.parts(&self.metas[stopped.cell])?;
        let mut blocks = self.cells[stopped.cell].blocks().filter(|block| block.start >= first);
        blocks.try_for_each(|block| parts.remove(&block))
    }
}

/// Counts the rounds of one play.
struct Count<'a> {
    run: &'a Run<'a>,
    rounds: AtomicU64,
}

impl Monitor for Count<'_> {
    fn played(&self, rounds: u64) -> ControlFlow<()> {
        self.rounds.fetch_add(rounds, Ordering::Relaxed);
        match self.run.stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
