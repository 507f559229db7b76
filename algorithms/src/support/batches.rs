//! Batches: a learner that decides once for τ rounds and learns from the mean of their rewards.

use regret_engine::learner::{Outcome, Run};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::ArmSums;

/// Rounds in batches of a fixed length, and what the present one has paid. Feedback that comes
/// after its batch has ended is not used.
#[derive(Clone, Debug)]
pub struct Batches {
    length: u64,
    /// The first round of the present batch, its arm, and its rewards so far.
    start: u64,
    arm: usize,
    sums: ArmSums,
}

impl Batches {
    /// Batches of `length` ≥ 1 rounds, before round 1.
    pub fn new(length: u64) -> Self {
        Self { length, start: 1, arm: 0, sums: ArmSums::default() }
    }

    /// Whether a batch begins with round `t`.
    pub fn begins(&self, t: u64) -> bool {
        (t - 1).is_multiple_of(self.length)
    }

    /// The number of the batch of round `t`, from 1.
    pub fn number(&self, t: u64) -> u64 {
        (t - 1) / self.length + 1
    }

    /// The arm of the present batch.
    pub fn arm(&self) -> usize {
        self.arm
    }

    /// The mean reward of the present batch, if any has come.
    pub fn mean(&self) -> Option<f64> {
        (self.sums.pulls > 0.0).then(|| self.sums.mean())
    }

    /// Begins a batch of an arm with round `t`.
    pub fn open(&mut self, t: u64, arm: usize) {
        *self = Self { length: self.length, start: t, arm, sums: ArmSums::default() };
    }

    /// For how many rounds, `t` included, the present batch lasts.
    pub fn left(&self, t: u64) -> u64 {
        self.length - (t - 1) % self.length
    }

    /// Enters feedback.
    pub fn enter(&mut self, outcome: &Outcome<'_, Bandit>) {
        if outcome.t >= self.start {
            self.sums.enter(outcome.feedback);
        }
    }

    /// The rest of the batch from round `t` on, as a run.
    pub fn run(&self, t: u64) -> Run<Bandit> {
        Run::held(self.left(t), self.sums)
    }

    /// Takes over the sums of a run.
    pub fn absorb(&mut self, sums: &ArmSums) {
        self.sums = *sums;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn batches_by_hand() {
        let mut batches = Batches::new(3);
        let opens: Vec<u64> = (1..=10).filter(|&t| batches.begins(t)).collect();
        assert_eq!(opens, [1, 4, 7, 10]);
        assert_eq!([1, 3, 4, 9].map(|t| batches.number(t)), [1, 1, 2, 3]);
        assert_eq!([4, 5, 6].map(|t| batches.left(t)), [3, 2, 1]);
        batches.open(4, 1);
        assert_eq!(batches.mean(), None);
        let rng = &mut Stream::new(1, 0, Role::Learner);
        // What belongs to round 3 comes too late.
        for (t, feedback) in [(4, 0.5), (3, 1.0), (5, 0.0)] {
            batches.enter(&Outcome { t, slot: 0, context: (), action: 1, feedback, rng });
        }
        assert_eq!((batches.arm(), batches.mean()), (1, Some(0.25)));
    }
}
