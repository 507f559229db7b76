//! Stationary arms: independent rewards of one law per arm.

use regret_engine::environment::Block;
use regret_engine::ledgers::Means;
use regret_engine::protocols::bandit::ArmSums;
use regret_engine::random::{Noise, noise_word};

use super::process::{ArmRun, RewardProcess};

/// The laws of K arms.
pub trait ArmLaws: Clone + Send + Sync + 'static {
    /// Number of arms.
    fn count(&self) -> usize;

    /// The mean of an arm's reward.
    fn mean(&self, arm: usize) -> f64;

    /// The reward of an arm, made of the round's random word.
    fn draw(&self, arm: usize, word: u64) -> f64;
}

/// The process of stationary arms.
pub struct StationaryArms<L> {
    laws: L,
    keys: Vec<u64>,
    means: Means,
}

impl<L: ArmLaws> StationaryArms<L> {
    /// The process of a block of lanes.
    pub fn new(laws: L, block: &Block) -> Self {
        let means: Vec<f64> = (0..laws.count()).map(|arm| laws.mean(arm)).collect();
        Self { means: Means::shared(&means, block.lanes()), keys: keys(block), laws }
    }
}

/// The noise keys of a block's lanes.
pub fn keys(block: &Block) -> Vec<u64> {
    block.replications.clone().map(|r| Noise::new(block.seed, r).key()).collect()
}

impl<L: ArmLaws> RewardProcess for StationaryArms<L> {
    fn means(&self) -> &Means {
        &self.means
    }

    #[inline]
    fn pulled(&mut self, t: u64, arms: &[usize], rewards: &mut [f64]) {
        for ((reward, &arm), &key) in rewards.iter_mut().zip(arms).zip(&self.keys) {
            *reward = self.laws.draw(arm, noise_word(key, t, arm));
        }
    }

    fn all(&mut self, t: u64, rewards: &mut [f64]) {
        for (arm, row) in rewards.chunks_exact_mut(self.keys.len()).enumerate() {
            for (reward, &key) in row.iter_mut().zip(&self.keys) {
                *reward = self.laws.draw(arm, noise_word(key, t, arm));
            }
        }
    }

    fn stays_until(&self, _: u64) -> u64 {
        u64::MAX
    }

    fn run(&mut self, run: ArmRun, sums: &mut ArmSums) -> u64 {
        let ArmRun { arm, first, last, level } = run;
        let key = self.keys[0];
        for t in first..=last {
            sums.enter(self.laws.draw(arm, noise_word(key, t, arm)));
            if !sums.above(level) {
                return t;
            }
        }
        last
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Draws of every arm average to its mean, within five standard errors for a standard
    /// deviation of at most `deviation`.
    pub(crate) fn assert_means(laws: &impl ArmLaws, deviation: f64) {
        let rounds = 40_000u64;
        let noise = Noise::new(11, 0);
        for arm in 0..laws.count() {
            let sum: f64 = (1..=rounds).map(|t| laws.draw(arm, noise.word(t, arm))).sum();
            let mean = sum / rounds as f64;
            let margin = 5.0 * deviation / (rounds as f64).sqrt();
            assert!((mean - laws.mean(arm)).abs() < margin, "arm {arm}: {mean}");
        }
    }
}
