//! Adversaries of the experts protocol that look at the learner's play.

use std::sync::Arc;

use regret_engine::bound::Bound;
use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::ExpertsLedger;
use regret_engine::notion::{Notion, PULLS};
use regret_engine::protocol::Vectors;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::Faces;

/// What an adversary sees when it chooses the losses of a round.
pub struct View<'a> {
    /// The round, counted from 1.
    pub t: u64,
    /// The distributions played, `[expert][lane]`.
    pub played: &'a [f64],
    /// The experts' losses before this round, `[expert][lane]`.
    pub losses: &'a [f64],
    /// Number of lanes.
    pub lanes: usize,
}

impl View<'_> {
    /// The index of the greatest value of a lane in a table `[expert][lane]`, the lowest in a tie.
    pub fn greatest(&self, table: &[f64], lane: usize) -> usize {
        let column = table.iter().skip(lane).step_by(self.lanes).enumerate();
        let greater = |best: (usize, f64), (expert, &value): (usize, &f64)| {
            if value > best.1 { (expert, value) } else { best }
        };
        column.fold((0, f64::NEG_INFINITY), greater).0
    }

    /// The index of the least value of a lane, the lowest in a tie.
    pub fn least(&self, table: &[f64], lane: usize) -> usize {
        let column = table.iter().skip(lane).step_by(self.lanes).enumerate();
        let less = |best: (usize, f64), (expert, &value): (usize, &f64)| {
            if value < best.1 { (expert, value) } else { best }
        };
        column.fold((0, f64::INFINITY), less).0
    }
}

/// A rule that chooses losses, for a block of lanes.
pub trait Adversary: Send + 'static {
    /// Writes the losses of the round, in [0, 1], `[expert][lane]`, over zeros.
    fn choose(&mut self, view: &View<'_>, losses: &mut [f64]);
}

/// Makes the adversary of a block.
type Make = dyn Fn(&Block) -> Box<dyn Adversary> + Send + Sync;

/// The experts problem of an adversary.
pub struct AdversaryProblem {
    experts: usize,
    lower_bounds: fn(u64) -> Vec<Bound>,
    make: Arc<Make>,
}

/// The face of an adversary against `experts` experts.
pub fn faces<A: Adversary>(
    experts: usize,
    lower_bounds: fn(u64) -> Vec<Bound>,
    make: impl Fn(&Block) -> A + Send + Sync + 'static,
) -> Faces {
    let make: Arc<Make> = Arc::new(move |block| Box::new(make(block)));
    Faces::new().with::<Experts>(AdversaryProblem { experts, lower_bounds, make })
}

/// The protocols that [`faces`] offers.
pub const PROTOCOLS: &[&str] = &["experts"];

/// No lower bound.
pub fn none(_: u64) -> Vec<Bound> {
    Vec::new()
}

impl Problem<Experts> for AdversaryProblem {
    fn shape(&self) -> usize {
        self.experts
    }

    fn instance(&self, _: u64) -> Arms {
        Arms {
            count: self.experts,
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: false,
        }
    }

    fn notions(&self) -> Vec<Notion> {
        ExpertsLedger::notions(false)
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.experts as u32 } else { 0 }
    }

    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        (self.lower_bounds)(horizon)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Experts>> {
        Box::new(AdversaryGame {
            adversary: (self.make)(block),
            ledger: ExpertsLedger::new(self.experts, block),
        })
    }
}

struct AdversaryGame {
    adversary: Box<dyn Adversary>,
    ledger: ExpertsLedger,
}

impl Environment<Experts> for AdversaryGame {
    fn respond(&mut self, t: u64, actions: &Vectors, feedbacks: &mut Vectors) {
        feedbacks.values.fill(0.0);
        let view = View {
            t,
            played: &actions.values,
            losses: self.ledger.cumulative_losses(),
            lanes: actions.lanes,
        };
        self.adversary.choose(&view, &mut feedbacks.values);
        self.ledger.round(actions, feedbacks);
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, None, quantity, values);
    }
}
