//! Index policies: every arm once, then the arm of highest index.

use regret_engine::learner::{Learner, Outcome, Round};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::argmax;

/// What has been observed of an arm. Rewards whose feedback has not come do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Number of rewards observed; a whole number.
    pub n: f64,
    /// Their mean, 0 before the first.
    pub mean: f64,
    /// Sum of their squared deviations from the mean.
    squares: f64,
}

impl Tally {
    /// Enters a reward (Welford's update).
    #[inline]
    pub fn add(&mut self, reward: f64) {
        self.n += 1.0;
        let before = reward - self.mean;
        self.mean += before / self.n;
        self.squares += before * (reward - self.mean);
    }

    /// The biased empirical variance, at least 0.
    #[inline]
    pub fn variance(&self) -> f64 {
        (self.squares / self.n).max(0.0)
    }
}

/// How an index policy values an arm that has been observed at least once.
pub trait Index: Send {
    /// Looks at all arms before round `t`, for indices that depend on them.
    fn survey(&mut self, t: f64, arms: &[Tally]) {
        let _ = (t, arms);
    }

    /// The index of an arm for round `t`.
    fn index(&self, t: f64, arm: &Tally) -> f64;

    /// An upper bound on the index that is cheap, to skip arms that cannot win.
    fn ceiling(&self, t: f64, arm: &Tally) -> f64 {
        let _ = (t, arm);
        f64::INFINITY
    }
}

/// Plays arm `t − 1` in rounds 1 to K, then the arm of highest index, the lowest in a tie. An arm
/// of which nothing has been observed yet (feedback may be late) comes first.
#[derive(Clone, Debug)]
pub struct IndexLearner<I> {
    index: I,
    arms: Vec<Tally>,
}

impl<I: Index> IndexLearner<I> {
    /// The policy of an index, before round 1.
    pub fn new(index: I, arms: usize) -> Self {
        Self { index, arms: vec![Tally::default(); arms] }
    }
}

impl<I: Index> Learner<Bandit> for IndexLearner<I> {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if round.t <= self.arms.len() as u64 {
            return (round.t - 1) as usize;
        }
        let t = round.t as f64;
        self.index.survey(t, &self.arms);
        let mut best = f64::NEG_INFINITY;
        argmax(self.arms.iter().map(|arm| {
            if arm.n == 0.0 {
                return f64::INFINITY;
            }
            if self.index.ceiling(t, arm) <= best {
                return f64::NEG_INFINITY;
            }
            let index = self.index.index(t, arm);
            best = if index > best { index } else { best };
            index
        }))
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.arms[outcome.action].add(outcome.feedback);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The tally of some rewards.
    pub(crate) fn tally(rewards: &[f64]) -> Tally {
        let mut tally = Tally::default();
        rewards.iter().for_each(|&reward| tally.add(reward));
        tally
    }

    /// Ten rewards of mean 0.5 and variance 0.25.
    pub(crate) fn ten() -> Tally {
        tally(&[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    }

    #[test]
    fn tallies_by_hand() {
        let tally = tally(&[1.0, 0.0, 0.0, 0.5]);
        assert_eq!((tally.n, tally.mean), (4.0, 0.375));
        // Squared deviations 0.390625 + 2 · 0.140625 + 0.015625, over 4.
        assert!((tally.variance() - 0.171_875).abs() < 1e-15);
        assert_eq!((ten().n, ten().mean), (10.0, 0.5));
    }
}
