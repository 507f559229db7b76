//! Corrupted Bernoulli arms: an adversary turns rewards round until its budget is spent.

use regret_engine::environment::Block;
use regret_engine::ledgers::Means;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{noise_word, unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::checks;
use crate::support::process::{self, RewardModel, RewardProcess};

/// Bernoulli rewards X, revealed as 1 − X in the first ⌊C⌋ rounds, so that the best arm looks worst
/// there. A round costs max_a |change| = 1 of the budget C.
///
/// Pseudo-regret is that of the uncorrupted means; realised rewards and the regret in hindsight are
/// those of the rewards revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrupted {
    /// The mean of every arm's uncorrupted reward, each in [0, 1].
    pub means: Vec<f64>,
    /// The budget C ≥ 0.
    pub budget: f64,
}

impl EnvironmentModel for Corrupted {
    const NAME: &'static str = "corrupted";
    const SUMMARY: &'static str = "0/1 rewards that an adversary turns round within a budget C";
    const SOURCE: &'static str = "Lykouris, Mirrokni, Paes Leme, Stochastic bandits robust to \
                                  adversarial corruptions, 2018 (setting)";
    const EXAMPLE: &'static str = r#"{"means": [0.5, 0.8, 0.3], "budget": 10}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::probabilities(&self.means, "means")?;
        let valid = self.budget >= 0.0 && self.budget.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "budget", self.budget, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for Corrupted {
    type Process = CorruptedArms;

    fn arms(&self, _: u64) -> Arms {
        let clean = self.budget < 1.0;
        Arms {
            count: self.means.len(),
            means: clean.then(|| self.means.clone()),
            range: Some((0.0, 1.0)),
            law: if clean { Law::Bernoulli } else { Law::Arbitrary },
            // The rewards that are revealed are fixed in advance, but theirs is not the regret of
            // the uncorrupted means: adversarial bounds do not apply to it.
            oblivious: clean,
        }
    }

    fn process(&self, block: &Block) -> CorruptedArms {
        CorruptedArms {
            probabilities: self.means.clone(),
            corrupted: self.budget as u64,
            means: Means::shared(&self.means, block.lanes()),
            keys: keys(block),
        }
    }
}

/// The process of corrupted arms.
pub struct CorruptedArms {
    probabilities: Vec<f64>,
    /// The number of corrupted rounds.
    corrupted: u64,
    means: Means,
    keys: Vec<u64>,
}

impl CorruptedArms {
    fn reward(&self, t: u64, arm: usize, key: u64) -> f64 {
        let success = unit(noise_word(key, t, arm)) < self.probabilities[arm];
        if success == (t > self.corrupted) { 1.0 } else { 0.0 }
    }
}

impl RewardProcess for CorruptedArms {
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
    fn the_first_rounds_are_turned_round() {
        let model = |budget| Corrupted { means: vec![0.5, 0.9], budget };
        assert_process(&model(7.5), 20);
        let (mut clean, mut turned) =
            (model(0.0).process(&block(2, 20)), model(7.5).process(&block(2, 20)));
        let mut spent = 0.0;
        for t in 1..=20 {
            let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
            clean.all(t, &mut a);
            turned.all(t, &mut b);
            spent += a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        }
        assert_eq!(spent, 7.0);
    }

    #[test]
    fn impossible_budgets_are_refused() {
        assert!(Corrupted { means: vec![0.5], budget: -1.0 }.check().is_err());
    }
}
