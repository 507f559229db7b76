//! Reward processes: a reward for each (replication, round, arm), whatever is played.

use std::ops::RangeInclusive;

use regret_engine::bound::Bound;
use regret_engine::environment::{Block, Environment, Problem, Quantity, run_by_rounds};
use regret_engine::ledgers::{BanditLedger, ExpertsLedger, ExplorationLedger, Means};
use regret_engine::notion::{Notion, PULLS};
use regret_engine::protocol::{Buffers, Nothing, Scalars, Vectors};
use regret_engine::protocols::bandit::{ArmSums, Arms, Level};
use regret_engine::protocols::exploration::Choice;
use regret_engine::protocols::{Bandit, Experts, PureExploration};
use regret_engine::registry::Faces;
use regret_engine::vectorised;

/// The rewards of a block of lanes. Rounds come in order.
pub trait RewardProcess: Send + 'static {
    /// The means of the present round.
    fn means(&self) -> &Means;

    /// Whether the means of round `t ≥ 2` may differ from those of round `t − 1`.
    fn changes(&self, t: u64) -> bool {
        let _ = t;
        false
    }

    /// Whether they may differ in this lane, in a round in which [`RewardProcess::changes`].
    fn changes_in(&self, lane: usize, t: u64) -> bool {
        let _ = (lane, t);
        true
    }

    /// The last round up to which the means of round `t` surely stay; at least `t`.
    fn stays_until(&self, t: u64) -> u64 {
        t
    }

    /// Moves the means to those of round `t`; called when [`RewardProcess::changes`] says so.
    fn advance(&mut self, t: u64) {
        let _ = t;
    }

    /// Writes the reward of one arm in each lane.
    fn pulled(&mut self, t: u64, arms: &[usize], rewards: &mut [f64]);

    /// Writes the rewards of all arms, `[arm][lane]`; the same numbers as `pulled`.
    fn all(&mut self, t: u64, rewards: &mut [f64]);

    /// Plays an arm of the one lane of this block in the given rounds (at least one), over which
    /// the means stay, while its sums stay above `level`; answers the last round played.
    /// Overridden where a run can be faster than its rounds one by one.
    fn run(&mut self, run: ArmRun, sums: &mut ArmSums) -> u64 {
        let mut reward = [0.0];
        let ArmRun { arm, first, last, level } = run;
        for t in first..=last {
            self.pulled(t, &[arm], &mut reward);
            sums.enter(reward[0]);
            if !sums.above(level) {
                return t;
            }
        }
        last
    }
}

/// An arm that is kept being played.
#[derive(Clone, Copy, Debug)]
pub struct ArmRun {
    /// The arm.
    pub arm: usize,
    /// The first round.
    pub first: u64,
    /// The last round, at least the first.
    pub last: u64,
    /// What its mean must stay above.
    pub level: Level,
}

/// A validated description of a reward process.
pub trait RewardModel: Clone + Send + Sync + 'static {
    /// The process of a block of lanes.
    type Process: RewardProcess;

    /// The facts that bounds depend on.
    fn arms(&self, horizon: u64) -> Arms;

    /// The process of a block of lanes, standing at round 1.
    fn process(&self, block: &Block) -> Self::Process;

    /// The longest horizon that can be played, if there is one.
    fn longest_horizon(&self) -> Option<u64> {
        None
    }

    /// Lower bounds for the bandit.
    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        let _ = horizon;
        Vec::new()
    }

    /// Lower bounds for experts.
    fn experts_lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        let _ = horizon;
        Vec::new()
    }
}

/// A reward process as a bandit and as experts with full information.
pub fn faces<M: RewardModel>(model: M) -> Faces {
    Faces::new().with::<Bandit>(BanditProblem(model.clone())).with::<Experts>(ExpertsProblem(model))
}

/// The protocols that [`faces`] offers.
pub const PROTOCOLS: &[&str] = &["bandit", "experts"];

/// A reward process whose means stay as a bandit, as experts with full information, and for pure
/// exploration, which asks for the best arm.
pub fn stationary_faces<M: RewardModel>(model: M) -> Faces {
    faces(model.clone()).with::<PureExploration>(ExplorationProblem(model))
}

/// The protocols that [`stationary_faces`] offers.
pub const STATIONARY: &[&str] = &["bandit", "experts", "pure_exploration"];

/// A reward process as a bandit.
pub struct BanditProblem<M>(pub M);

/// A reward process as experts: the loss of an expert is 1 − reward.
pub struct ExpertsProblem<M>(pub M);

impl<M: RewardModel> Problem<Bandit> for BanditProblem<M> {
    fn shape(&self) -> usize {
        self.0.arms(1).count
    }

    fn instance(&self, horizon: u64) -> Arms {
        self.0.arms(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        BanditLedger::NOTIONS.to_vec()
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.shape() as u32 } else { 0 }
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.0.longest_horizon()
    }

    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        self.0.lower_bounds(horizon)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Bandit>> {
        let arms = self.shape();
        let ledger = BanditLedger::new(arms, block);
        let all = if ledger.needs_all_rewards() { arms * block.lanes() } else { 0 };
        Box::new(BanditGame { process: self.0.process(block), ledger, all: vec![0.0; all] })
    }
}

struct BanditGame<R> {
    process: R,
    ledger: BanditLedger,
    all: Vec<f64>,
}

impl<R: RewardProcess> Environment<Bandit> for BanditGame<R> {
    fn observe(&mut self, t: u64, _: &mut Nothing) {
        if t > 1 && self.process.changes(t) {
            let means = self.process.means();
            for lane in (0..means.best.len()).filter(|&lane| self.process.changes_in(lane, t)) {
                self.ledger.settle(t - 1, means, lane);
            }
            self.process.advance(t);
        }
    }

    fn respond(&mut self, t: u64, actions: &Scalars<usize>, feedbacks: &mut Scalars<f64>) {
        self.process.pulled(t, &actions.0, &mut feedbacks.0);
        self.ledger.round(&actions.0, &feedbacks.0);
        if self.ledger.needs_all_rewards() {
            self.process.all(t, &mut self.all);
            self.ledger.all_rewards(&self.all);
        }
    }

    /// Where the ledger needs sums only, the process plays whole stretches between changes of the
    /// means.
    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<Bandit>,
        level: &Level,
        sums: &mut ArmSums,
    ) -> u64 {
        let (first, last) = rounds.into_inner();
        if self.ledger.needs_rounds() {
            return run_by_rounds(self, first..=last, buffers, level, sums);
        }
        let arm = buffers.actions.0[0];
        let mut t = first;
        loop {
            let (end, before) = (last.min(self.process.stays_until(t)), sums.pulls);
            let run = ArmRun { arm, first: t, last: end, level: *level };
            let until = self.process.run(run, sums);
            self.ledger.run(arm, sums.pulls - before);
            if until == last || !sums.above(*level) {
                return until;
            }
            t = until + 1;
            self.observe(t, &mut buffers.contexts);
        }
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, self.process.means(), quantity, values);
    }
}

impl<M: RewardModel> Problem<Experts> for ExpertsProblem<M> {
    fn shape(&self) -> usize {
        self.0.arms(1).count
    }

    fn instance(&self, horizon: u64) -> Arms {
        self.0.arms(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        ExpertsLedger::notions(true)
    }

    fn components(&self, notion: Notion) -> u32 {
        if notion == PULLS { self.shape() as u32 } else { 0 }
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.0.longest_horizon()
    }

    fn lower_bounds(&self, horizon: u64) -> Vec<Bound> {
        self.0.experts_lower_bounds(horizon)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Experts>> {
        Box::new(ExpertsGame {
            process: self.0.process(block),
            ledger: ExpertsLedger::new(self.shape(), block),
        })
    }
}

struct ExpertsGame<R> {
    process: R,
    ledger: ExpertsLedger,
}

impl<R: RewardProcess> Environment<Experts> for ExpertsGame<R> {
    fn observe(&mut self, t: u64, _: &mut Nothing) {
        if t > 1 && self.process.changes(t) {
            let means = self.process.means();
            for lane in (0..means.best.len()).filter(|&lane| self.process.changes_in(lane, t)) {
                self.ledger.settle(t - 1, means, lane);
            }
            self.process.advance(t);
        }
    }

    fn respond(&mut self, t: u64, actions: &Vectors, feedbacks: &mut Vectors) {
        self.process.all(t, &mut feedbacks.values);
        losses_of_rewards(&mut feedbacks.values);
        self.ledger.round(actions, feedbacks);
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, Some(self.process.means()), quantity, values);
    }
}

/// A reward process whose means stay, to be explored.
pub struct ExplorationProblem<M>(pub M);

impl<M: RewardModel> Problem<PureExploration> for ExplorationProblem<M> {
    fn shape(&self) -> usize {
        self.0.arms(1).count
    }

    fn instance(&self, horizon: u64) -> Arms {
        self.0.arms(horizon)
    }

    fn notions(&self) -> Vec<Notion> {
        ExplorationLedger::NOTIONS.to_vec()
    }

    fn components(&self, notion: Notion) -> u32 {
        ExplorationLedger::components(self.shape(), notion)
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.0.longest_horizon()
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<PureExploration>> {
        Box::new(ExplorationGame {
            process: self.0.process(block),
            ledger: ExplorationLedger::new(self.shape(), block),
            pulls: vec![0; block.lanes()],
        })
    }
}

struct ExplorationGame<R> {
    process: R,
    ledger: ExplorationLedger,
    /// The arms pulled, `[lane]`.
    pulls: Vec<usize>,
}

impl<R: RewardProcess> Environment<PureExploration> for ExplorationGame<R> {
    fn respond(&mut self, t: u64, actions: &Scalars<Choice>, feedbacks: &mut Scalars<f64>) {
        for (pull, choice) in self.pulls.iter_mut().zip(&actions.0) {
            *pull = choice.pull;
        }
        self.process.pulled(t, &self.pulls, &mut feedbacks.0);
        self.ledger.round(&actions.0);
    }

    fn record(&mut self, _: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(self.process.means(), quantity, values);
    }
}

vectorised! {
    fn losses_of_rewards(values: &mut [f64]) {
        for value in values {
            *value = 1.0 - *value;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A block of lanes that records nothing.
    pub(crate) fn block(lanes: u64, horizon: u64) -> Block {
        Block { seed: 3, replications: 5..5 + lanes, horizon, notions: Vec::new() }
    }

    /// Plays a model's process for some rounds: `all` gives the numbers that `pulled` gives, they
    /// do not depend on how lanes are grouped, and they are in the range that is claimed. Answers
    /// the means of every round, `[arm][lane]`.
    pub(crate) fn assert_process<M: RewardModel>(model: &M, rounds: u64) -> Vec<Vec<f64>> {
        let arms = model.arms(rounds);
        let mut process = model.process(&block(3, rounds));
        let mut alone = model.process(&Block { replications: 6..7, ..block(3, rounds) });
        let mut history = Vec::new();
        for t in 1..=rounds {
            if t > 1 && process.changes(t) {
                process.advance(t);
            }
            if t > 1 && alone.changes(t) {
                alone.advance(t);
            }
            let mut all = vec![f64::NAN; arms.count * 3];
            process.all(t, &mut all);
            let mut single = [f64::NAN];
            for arm in 0..arms.count {
                let mut pulled = [f64::NAN; 3];
                process.pulled(t, &[arm; 3], &mut pulled);
                assert_eq!(pulled, all[arm * 3..][..3], "round {t}, arm {arm}");
                alone.pulled(t, &[arm], &mut single);
                assert_eq!(single[0], pulled[1], "round {t}, arm {arm}, another grouping");
            }
            if let Some((low, high)) = arms.range {
                assert!(all.iter().all(|x| (low..=high).contains(x)), "{all:?}");
            }
            history.push(process.means().values.clone());
        }
        history
    }
}
