//! Environments: what answers the learners, and the referee that keeps the regret.

use std::ops::{Range, RangeInclusive};

use crate::bound::Bound;
use crate::notion::Notion;
use crate::protocol::{Boundary, Buffers, LaneBuffer, Protocol, RunSums};

/// An environment of a block of lanes, one replication each, with its referee.
pub trait Environment<P: Protocol>: Send {
    /// Writes what is revealed before the actions of round `t`. Called once for every round, in
    /// order, before `respond`. Protocols without contexts need nothing here.
    fn observe(&mut self, t: u64, contexts: &mut P::Contexts) {
        let _ = (t, contexts);
    }

    /// Plays round `t` with the given (valid) actions, writes the feedback and keeps the books.
    fn respond(&mut self, t: u64, actions: &P::Actions, feedbacks: &mut P::Feedbacks);

    /// Plays the actions of the one lane of this block, which are in `buffers`, in the given
    /// rounds (at least one; the first was observed) while `sums` stay within `boundary`; answers
    /// the last round played. The default plays round by round. Where what may be played depends
    /// on the contexts, a run ends before a round in which the actions may not be played.
    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<P>,
        boundary: &Boundary<P>,
        sums: &mut P::Sums,
    ) -> u64 {
        run_by_rounds(self, rounds, buffers, boundary, sums)
    }

    /// Writes the value of a recorded quantity after round `t`, one for each lane.
    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]);
}

/// [`Environment::run`], round by round.
pub fn run_by_rounds<P: Protocol, E: Environment<P> + ?Sized>(
    environment: &mut E,
    rounds: RangeInclusive<u64>,
    buffers: &mut Buffers<P>,
    boundary: &Boundary<P>,
    sums: &mut P::Sums,
) -> u64 {
    let (first, last) = rounds.into_inner();
    let mut scratch = Default::default();
    let mut t = first;
    loop {
        environment.respond(t, &buffers.actions, &mut buffers.feedbacks);
        sums.add(buffers.feedbacks.read(0, &mut scratch));
        if t == last || !sums.within(boundary) {
            return t;
        }
        t += 1;
        environment.observe(t, &mut buffers.contexts);
    }
}

/// One recorded number of each replication: a notion, or one component of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// What is recorded.
    pub notion: Notion,
    /// Which component, for notions that have several (pulls of each arm).
    pub component: Option<u32>,
}

/// What determines the luck of a block of lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The experiment's seed.
    pub seed: u64,
    /// The replications, one lane each.
    pub replications: Range<u64>,
    /// The number of rounds that will be played.
    pub horizon: u64,
    /// What will be recorded, so that the referee keeps nothing else.
    pub notions: Vec<Notion>,
}

impl Block {
    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        (self.replications.end - self.replications.start) as usize
    }

    /// Whether `notion` will be recorded.
    pub fn records(&self, notion: Notion) -> bool {
        self.notions.contains(&notion)
    }
}

/// A validated environment, from which blocks of lanes are made.
pub trait Problem<P: Protocol>: Send + Sync {
    /// The sizes that the learner must agree on.
    fn shape(&self) -> P::Shape;

    /// The facts that theory's bounds depend on, over the given horizon.
    fn instance(&self, horizon: u64) -> P::Instance;

    /// What its referee can keep. The first is what is recorded and plotted by default.
    fn notions(&self) -> Vec<Notion>;

    /// Number of components of a notion, 0 for a plain number.
    fn components(&self, notion: Notion) -> u32 {
        let _ = notion;
        0
    }

    /// The longest horizon that can be played, if there is one (a table's number of rows).
    fn longest_horizon(&self) -> Option<u64> {
        None
    }

    /// Lower bounds that every (consistent) learner is subject to here.
    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        let _ = horizon;
        Vec::new()
    }

    /// The environment of a block of lanes, before round 1.
    fn build(&self, block: &Block) -> Box<dyn Environment<P>>;
}
