//! What a run will take, before it is started.

use std::time::Instant;

use regret_engine::registry::Form;
use regret_engine::simulation::Plan;

use crate::cell::{BLOCK, Cell};

/// What a run will take.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Number of cells.
    pub cells: usize,
    /// Rounds, summed over cells and replications.
    pub rounds: u64,
    /// Peak memory for records, in bytes, besides the program itself.
    pub memory: u64,
    /// Seconds of play, divided over the threads.
    pub seconds: f64,
}

/// Rounds and replications of a probe, and the most cells that are probed.
const PROBE_ROUNDS: u64 = 2000;
const PROBES: usize = 100;

/// Estimates a run on `threads` threads, from short probes of its cells.
pub fn estimate(cells: &[Cell], threads: usize) -> Estimate {
    let step = cells.len().div_ceil(PROBES).max(1);
    let mut seconds = 0.0;
    for probed in cells.chunks(step) {
        let rate = probed.first().map_or(0.0, seconds_per_round);
        seconds += rate * probed.iter().map(|cell| cell.rounds() as f64).sum::<f64>();
    }
    let largest = cells.iter().map(record_bytes).max().unwrap_or(0);
    Estimate {
        cells: cells.len(),
        rounds: cells.iter().fold(0, |sum, cell| sum.saturating_add(cell.rounds())),
        // A block's record, its pieces, and the part made of it, for every thread.
        memory: largest.saturating_mul(3 * threads as u64),
        seconds: seconds / threads as f64,
    }
}

/// Seconds that a cell takes for a round of a replication. A cell that stops by a fault counts as
/// what it took so far.
fn seconds_per_round(cell: &Cell) -> f64 {
    let horizon = cell.plan.horizon.min(PROBE_ROUNDS);
    let replications = cell.common.replications.min(BLOCK);
    let plan = Plan {
        horizon,
        replications: 0..replications,
        checkpoints: vec![horizon],
        ..cell.plan.clone()
    };
    let start = Instant::now();
    let _ = cell.game.play(&plan, Form::Suited);
    start.elapsed().as_secs_f64() / (horizon * replications) as f64
}

/// Bytes of the numbers that one block records.
fn record_bytes(cell: &Cell) -> u64 {
    let numbers: u64 = cell
        .plan
        .notions
        .iter()
        .map(|&notion| {
            let checkpoints =
                if notion.at_horizon { 1 } else { cell.plan.checkpoints.len() as u64 };
            checkpoints * u64::from(cell.game.components(notion).max(1))
        })
        .sum();
    numbers * cell.common.replications.min(BLOCK) * 8
}
