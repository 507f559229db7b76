//! What a block's play leaves behind.

use std::ops::Range;

use super::Plan;
use crate::environment::{Environment, Problem, Quantity};
use crate::protocol::Protocol;
use crate::record::{Record, Series};

/// The quantities that `notions` ask for, each with the index of its first checkpoint.
fn quantities<P: Protocol>(problem: &dyn Problem<P>, plan: &Plan) -> Vec<(Quantity, usize)> {
    let last = plan.checkpoints.len() - 1;
    let mut quantities = Vec::new();
    for &notion in &plan.notions {
        let first = if notion.at_horizon { last } else { 0 };
        match problem.components(notion) {
            0 => quantities.push((Quantity { notion, component: None }, first)),
            count => quantities
                .extend((0..count).map(|c| (Quantity { notion, component: Some(c) }, first))),
        }
    }
    quantities
}

/// Collects the recorded values of a block.
pub(super) struct Recorder {
    pub(super) record: Record,
    quantities: Vec<(Quantity, usize)>,
}

impl Recorder {
    pub(super) fn new<P: Protocol>(
        problem: &dyn Problem<P>,
        plan: &Plan,
        replications: Range<u64>,
    ) -> Self {
        let quantities = quantities(problem, plan);
        let lanes = (replications.end - replications.start) as usize;
        let series = quantities.iter().map(|&(quantity, first_checkpoint)| Series {
            notion: quantity.notion,
            component: quantity.component,
            first_checkpoint,
            values: vec![0.0; lanes * (plan.checkpoints.len() - first_checkpoint)],
        });
        let series = series.collect();
        let checkpoints = plan.checkpoints.clone();
        Self { record: Record { replications, checkpoints, series }, quantities }
    }

    /// Asks the referee for every quantity after round `t`, which is checkpoint number `checkpoint`.
    pub(super) fn record<P: Protocol>(
        &mut self,
        environment: &mut dyn Environment<P>,
        t: u64,
        checkpoint: usize,
    ) {
        let lanes = self.record.replication_count();
        for (series, &(quantity, first)) in self.record.series.iter_mut().zip(&self.quantities) {
            if let Some(row) = checkpoint.checked_sub(first) {
                environment.record(t, quantity, &mut series.values[row * lanes..(row + 1) * lanes]);
            }
        }
    }
}
