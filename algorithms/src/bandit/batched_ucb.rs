//! Mini-batched UCB1: an arm is played for a whole batch, and the mean of its rewards counts as one.
//!
//! Source: the reduction of Arora, Dekel, Tewari, "Online bandit learning against an adaptive
//! adversary: from regret to policy regret", ICML 2012, Section 3, applied to UCB1 (Auer,
//! Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem", 2002, Figure 1).
//! Setting: K arms, rewards in [0, 1] that may depend on the last few actions.
//! A baseline: with memory, no guarantee is known.

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, argmax};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batched_exp3::{batch_length, check_batch};
use crate::support::batches::Batches;
use crate::support::index::Tally;

/// Parameters of mini-batched UCB1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchedUcb {
    /// Rounds τ ≥ 1 of a batch, at most the horizon; by default T^{1/3}, rounded.
    pub batch: Option<u64>,
    /// Exploration α > 0 of the width √(α ln b / n) in batch b.
    pub alpha: f64,
}

impl Default for BatchedUcb {
    fn default() -> Self {
        Self { batch: None, alpha: 2.0 }
    }
}

impl Algorithm for BatchedUcb {
    type Protocol = Bandit;
    type Learner = BatchedUcbLearner;

    const NAME: &'static str = "batched_ucb";
    const SUMMARY: &'static str = "UCB1 that plays an arm for a batch and learns its mean reward";
    const SOURCE: &'static str = "Arora, Dekel, Tewari, Online bandit learning against an adaptive \
                                  adversary, 2012, Section 3; Auer, Cesa-Bianchi, Fischer 2002, \
                                  Figure 1";

    fn check(&self) -> Result<(), ParameterError> {
        check_batch(self.batch)?;
        let valid = self.alpha > 0.0 && self.alpha.is_finite();
        ParameterError::unless(valid, "alpha", self.alpha, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(BatchedUcbLearner {
            alpha: self.alpha,
            batches: Batches::new(batch_length(self.batch, setting.horizon)?),
            arms: vec![Tally::default(); setting.arms()],
            hold: 1,
        })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }
}

/// Mini-batched UCB1 of one replication.
pub struct BatchedUcbLearner {
    alpha: f64,
    batches: Batches,
    /// The mean rewards of every arm's batches.
    arms: Vec<Tally>,
    hold: u64,
}

impl BatchedUcbLearner {
    /// Every arm once, in order; then the highest index, an arm of which nothing has come first.
    fn choose(&self, batch: u64) -> usize {
        if batch <= self.arms.len() as u64 {
            return (batch - 1) as usize;
        }
        let log = self.alpha * math::ln(batch as f64);
        argmax(self.arms.iter().map(|arm| match arm.n {
            0.0 => f64::INFINITY,
            n => arm.mean + (log / n).sqrt(),
        }))
    }
}

impl Learner<Bandit> for BatchedUcbLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if self.batches.begins(round.t) {
            if let Some(mean) = self.batches.mean() {
                self.arms[self.batches.arm()].add(mean);
            }
            let arm = self.choose(self.batches.number(round.t));
            self.batches.open(round.t, arm);
        }
        self.hold = self.batches.left(round.t);
        self.batches.arm()
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.batches.enter(&outcome);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.batches.open(1, 0);
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

impl RunLearner<Bandit> for BatchedUcbLearner {
    fn run(&mut self, t: u64) -> Run<Bandit> {
        self.batches.run(t)
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.batches.absorb(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::Ucb1;
    use crate::bandit::tests::{digits, play, uneven};

    #[test]
    fn batches_of_one_round_are_ucb1() {
        let (_, batched) =
            play(&BatchedUcb { batch: Some(1), ..BatchedUcb::default() }, 3, 400, 400, uneven);
        let (_, plain) = play(&Ucb1::default(), 3, 400, 400, uneven);
        assert_eq!(batched, plain);
    }

    #[test]
    fn a_batch_counts_as_one_reward() {
        // Means 0.5, 0.25 and 0.75 of the first batches of three; indices 0.5, 0.25, 0.75 + w with
        // the same width: arm 2 again.
        let reward =
            |t: u64, arm: usize| [0.5, 0.25, 0.75][arm] + [-0.25, 0.0, 0.25][t as usize % 3];
        let (learner, played) =
            play(&BatchedUcb { batch: Some(3), ..BatchedUcb::default() }, 3, 100, 12, reward);
        assert_eq!(digits(&played), "000111222222");
        let means: Vec<f64> = learner.arms.iter().map(|arm| arm.mean).collect();
        assert_eq!(means, [0.5, 0.25, 0.75]);
    }
}
