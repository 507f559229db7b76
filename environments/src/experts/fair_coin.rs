//! Fair coins: losses that no learner can predict.

use regret_engine::bound::{Bound, Side};
use regret_engine::environment::Block;
use regret_engine::ledgers::Means;
use regret_engine::notion::HINDSIGHT_REGRET;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::noise_word;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use regret_engine::special::walk_distance;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::checks;
use crate::support::process::{self, RewardModel, RewardProcess};

/// Losses 0 or 1 by fair coins. With two experts exactly one loses in each round, and the expected
/// regret in hindsight of *any* learner is E|S_t|/2 for a simple random walk S: a check of
/// everything. With more, every expert has a coin of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FairCoin {
    /// The number of experts, at least 2.
    pub experts: usize,
}

impl Default for FairCoin {
    fn default() -> Self {
        Self { experts: 2 }
    }
}

impl EnvironmentModel for FairCoin {
    const NAME: &'static str = "fair_coin";
    const SUMMARY: &'static str = "losses by fair coins, which no learner can predict";
    const SOURCE: &'static str = "Cesa-Bianchi, Lugosi, Prediction, learning, and games, 2006, \
                                  Section 3.7";
    const EXAMPLE: &'static str = "{}";
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.experts, "experts")?;
        ParameterError::unless(self.experts >= 2, "experts", self.experts, "must be at least 2")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for FairCoin {
    type Process = Coins;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.experts,
            means: Some(vec![0.5; self.experts]),
            range: Some((0.0, 1.0)),
            law: Law::Bernoulli,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Coins {
        let means = Means::shared(&vec![0.5; self.experts], block.lanes());
        Coins { means, keys: keys(block), paired: self.experts == 2 }
    }

    fn experts_lower_bounds(&self, _: u64) -> Vec<Bound> {
        if self.experts != 2 {
            return Vec::new();
        }
        let bound = Bound::upper(
            HINDSIGHT_REGRET,
            "E|S_t|/2",
            "Cover, Behavior of sequential predictors of binary sequences, 1966",
            "an equality in expectation, for every learner",
            |t| 0.5 * walk_distance(t as u64),
        );
        vec![bound.on(Side::Lower)]
    }
}

/// The coins.
pub struct Coins {
    means: Means,
    keys: Vec<u64>,
    /// Whether the second expert's coin is the other side of the first's.
    paired: bool,
}

impl Coins {
    fn reward(&self, t: u64, arm: usize, key: u64) -> f64 {
        let coin = if self.paired { 0 } else { arm };
        let heads = noise_word(key, t, coin) >> 63 == 1;
        if heads == (self.paired && arm == 1) { 0.0 } else { 1.0 }
    }
}

impl RewardProcess for Coins {
    fn means(&self) -> &Means {
        &self.means
    }

    fn pulled(&mut self, t: u64, arms: &[usize], rewards: &mut [f64]) {
        for (lane, (reward, &arm)) in rewards.iter_mut().zip(arms).enumerate() {
            *reward = self.reward(t, arm, self.keys[lane]);
        }
    }

    fn all(&mut self, t: u64, rewards: &mut [f64]) {
        for (arm, row) in rewards.chunks_exact_mut(self.keys.len()).enumerate() {
            for (reward, &key) in row.iter_mut().zip(&self.keys) {
                *reward = self.reward(t, arm, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::{assert_process, block};

    #[test]
    fn exactly_one_of_two_loses() {
        assert_process(&FairCoin::default(), 50);
        let mut coins = FairCoin::default().process(&block(1, 1000));
        let mut wins = 0.0;
        for t in 1..=1000 {
            let mut rewards = [0.0; 2];
            coins.all(t, &mut rewards);
            assert_eq!(rewards[0] + rewards[1], 1.0);
            wins += rewards[0];
        }
        // Standard deviation √250 = 15.8; five of them.
        assert!((wins - 500.0f64).abs() < 79.0, "{wins}");
    }

    #[test]
    fn more_coins_are_independent() {
        assert_process(&FairCoin { experts: 4 }, 20);
        let mut coins = FairCoin { experts: 3 }.process(&block(1, 4000));
        let mut agree = 0.0;
        for t in 1..=4000 {
            let mut rewards = [0.0; 3];
            coins.all(t, &mut rewards);
            agree += if rewards[0] == rewards[2] { 1.0 } else { 0.0 };
        }
        assert!((agree - 2000.0f64).abs() < 159.0, "{agree}");
        assert!(FairCoin { experts: 1 }.check().is_err());
    }
}
