//! Rewards around means that may differ between rounds and replications.

use regret_engine::environment::Block;
use regret_engine::ledgers::Means;
use regret_engine::protocols::bandit::ArmSums;
use regret_engine::random::{noise_word, normal_quantile, open_unit, unit};

use super::arms::keys;
use super::process::{ArmRun, RewardProcess};

/// How the means of a block of lanes move.
pub trait Drift: Send + 'static {
    /// Whether the means of round `t ≥ 2` may differ from those of round `t − 1`.
    fn changes(&self, t: u64) -> bool;

    /// The last round up to which the means of round `t` surely stay; at least `t`.
    fn stays_until(&self, t: u64) -> u64 {
        t
    }

    /// Whether they may differ in this lane, in a round in which [`Drift::changes`].
    fn changes_in(&self, lane: usize, t: u64) -> bool {
        let _ = (lane, t);
        true
    }

    /// Writes the means of round `t`, `[arm][lane]`, over those of the round before.
    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize);
}

/// Means that stay as they were drawn.
pub struct Constant;

impl Drift for Constant {
    fn changes(&self, _: u64) -> bool {
        false
    }

    fn stays_until(&self, _: u64) -> u64 {
        u64::MAX
    }

    fn advance(&mut self, _: u64, _: &mut [f64], _: usize) {}
}

/// How a reward lies around its mean.
pub trait Noise: Send + 'static {
    /// The reward, made of the round's random word.
    fn reward(&self, mean: f64, word: u64) -> f64;
}

/// 1 with the mean as probability, else 0.
pub struct BernoulliNoise;

impl Noise for BernoulliNoise {
    #[inline(always)]
    fn reward(&self, mean: f64, word: u64) -> f64 {
        if unit(word) < mean { 1.0 } else { 0.0 }
    }
}

/// Normal with this standard deviation.
pub struct GaussianNoise(pub f64);

impl Noise for GaussianNoise {
    #[inline]
    fn reward(&self, mean: f64, word: u64) -> f64 {
        mean + self.0 * normal_quantile(open_unit(word))
    }
}

/// Either of the two, where a parameter says which.
pub enum EitherNoise {
    /// See [`BernoulliNoise`].
    Bernoulli,
    /// See [`GaussianNoise`].
    Gaussian(f64),
}

impl Noise for EitherNoise {
    fn reward(&self, mean: f64, word: u64) -> f64 {
        match self {
            Self::Bernoulli => BernoulliNoise.reward(mean, word),
            Self::Gaussian(deviation) => GaussianNoise(*deviation).reward(mean, word),
        }
    }
}

/// The reward is the mean.
pub struct Noiseless;

impl Noise for Noiseless {
    #[inline(always)]
    fn reward(&self, mean: f64, _: u64) -> f64 {
        mean
    }
}

/// The process of rewards around moving means.
pub struct Drifting<D, N> {
    drift: D,
    noise: N,
    means: Means,
    keys: Vec<u64>,
}

impl<D: Drift, N: Noise> Drifting<D, N> {
    /// The process of a block of lanes; `means` are those of round 1, `[arm][lane]`.
    pub fn new(drift: D, noise: N, means: Vec<f64>, block: &Block) -> Self {
        Self { drift, noise, means: Means::new(means, block.lanes()), keys: keys(block) }
    }
}

impl<D: Drift, N: Noise> RewardProcess for Drifting<D, N> {
    fn means(&self) -> &Means {
        &self.means
    }

    fn changes(&self, t: u64) -> bool {
        self.drift.changes(t)
    }

    fn stays_until(&self, t: u64) -> u64 {
        self.drift.stays_until(t)
    }

    fn run(&mut self, run: ArmRun, sums: &mut ArmSums) -> u64 {
        let ArmRun { arm, first, last, level } = run;
        let (mean, key) = (self.means.values[arm], self.keys[0]);
        for t in first..=last {
            sums.enter(self.noise.reward(mean, noise_word(key, t, arm)));
            if !sums.above(level) {
                return t;
            }
        }
        last
    }

    fn changes_in(&self, lane: usize, t: u64) -> bool {
        self.drift.changes_in(lane, t)
    }

    fn advance(&mut self, t: u64) {
        self.drift.advance(t, &mut self.means.values, self.keys.len());
        self.means.find_best();
    }

    fn pulled(&mut self, t: u64, arms: &[usize], rewards: &mut [f64]) {
        let lanes = self.keys.len();
        for (lane, (reward, &arm)) in rewards.iter_mut().zip(arms).enumerate() {
            let mean = self.means.values[arm * lanes + lane];
            *reward = self.noise.reward(mean, noise_word(self.keys[lane], t, arm));
        }
    }

    fn all(&mut self, t: u64, rewards: &mut [f64]) {
        let lanes = self.keys.len();
        let rows = rewards.chunks_exact_mut(lanes).zip(self.means.values.chunks_exact(lanes));
        for (arm, (rewards, means)) in rows.enumerate() {
            for ((reward, &mean), &key) in rewards.iter_mut().zip(means).zip(&self.keys) {
                *reward = self.noise.reward(mean, noise_word(key, t, arm));
            }
        }
    }
}
