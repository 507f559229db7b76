//! Bernoulli arms: reward 1 with probability μ_a, else 0.

use regret_engine::bound::{Bound, Side};
use regret_engine::environment::Block;
use regret_engine::ledgers::Means;
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::bandit::{ArmSums, Arms, Law};
use regret_engine::random::noise_word;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use regret_engine::special::lai_robbins;
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::process::{self, ArmRun, RewardModel, RewardProcess};
use crate::support::successes::{Substream, Successes, threshold};

/// Independent Bernoulli rewards with constant means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bernoulli {
    /// The mean of every arm, each in [0, 1]; at least one arm.
    pub means: Vec<f64>,
}

impl EnvironmentModel for Bernoulli {
    const NAME: &'static str = "bernoulli";
    const SUMMARY: &'static str = "independent 0/1 rewards with constant means";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"means": [0.5, 0.25, 0.6]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        ParameterError::unless(
            !self.means.is_empty(),
            "means",
            "[]",
            "must have at least one arm",
        )?;
        for (arm, &mean) in self.means.iter().enumerate() {
            let rule = "must be a probability, from 0 to 1";
            ParameterError::unless(
                (0.0..=1.0).contains(&mean),
                &format!("means[{arm}]"),
                mean,
                rule,
            )?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl RewardModel for Bernoulli {
    type Process = BernoulliArms;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.means.len(),
            means: Some(self.means.clone()),
            range: Some((0.0, 1.0)),
            law: Law::Bernoulli,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> BernoulliArms {
        BernoulliArms {
            thresholds: self.means.iter().copied().map(threshold).collect(),
            means: Means::shared(&self.means, block.lanes()),
            keys: keys(block),
            pulled: vec![0; block.lanes()],
        }
    }

    fn lower_bounds(&self, _: u64) -> Vec<Bound> {
        let constant = lai_robbins(&self.means);
        vec![
            Bound::upper(
                PSEUDO_REGRET,
                format!("Σ Δ/kl(μ, μ*) ln t = {constant:.4} ln t"),
                "Lai and Robbins, Asymptotically efficient adaptive allocation rules, 1985",
                "learners consistent on all Bernoulli instances; asymptotic slope",
                move |t| constant * math::ln(t),
            )
            .on(Side::AsymptoticLower),
        ]
    }
}

/// The process of Bernoulli arms.
pub struct BernoulliArms {
    /// Of every arm, its [`threshold`].
    thresholds: Vec<u64>,
    means: Means,
    keys: Vec<u64>,
    /// Of the arm pulled in each lane.
    pulled: Vec<u64>,
}

impl RewardProcess for BernoulliArms {
    fn means(&self) -> &Means {
        &self.means
    }

    #[inline]
    fn pulled(&mut self, t: u64, arms: &[usize], rewards: &mut [f64]) {
        for (threshold, &arm) in self.pulled.iter_mut().zip(arms) {
            *threshold = self.thresholds[arm];
        }
        draw_pulled(t, &self.keys, arms, &self.pulled, rewards);
    }

    fn all(&mut self, t: u64, rewards: &mut [f64]) {
        draw_all(t, &self.keys, &self.thresholds, rewards);
    }

    fn stays_until(&self, _: u64) -> u64 {
        u64::MAX
    }

    fn run(&mut self, run: ArmRun, sums: &mut ArmSums) -> u64 {
        Substream::new(self.keys[0], run.arm, self.thresholds[run.arm]).run(run, sums)
    }
}

/// 1 if a word's high bits are below the threshold, else 0, without a branch. Both are at most 2^53:
/// signed numbers, which AVX2 can compare.
#[inline(always)]
fn success(word: u64, threshold: u64) -> f64 {
    if ((word >> 11) as i64) < threshold as i64 { 1.0 } else { 0.0 }
}

vectorised! {
    /// The reward of each lane's arm.
    fn draw_pulled(
        t: u64,
        keys: &[u64],
        arms: &[usize],
        thresholds: &[u64],
        rewards: &mut [f64],
    ) {
        let lanes = keys.iter().zip(arms).zip(thresholds);
        for (reward, ((&key, &arm), &threshold)) in rewards.iter_mut().zip(lanes) {
            *reward = success(noise_word(key, t, arm), threshold);
        }
    }
}

vectorised! {
    fn draw_all(t: u64, keys: &[u64], thresholds: &[u64], rewards: &mut [f64]) {
        for (arm, (row, &threshold)) in rewards.chunks_exact_mut(keys.len()).zip(thresholds).enumerate() {
            for (reward, &key) in row.iter_mut().zip(keys) {
                *reward = success(noise_word(key, t, arm), threshold);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lai_robbins_constant() {
        let arms = Bernoulli { means: vec![0.5, 0.6] };
        let bound = &arms.lower_bounds(10)[0];
        assert!((bound.at(1000) / 1000f64.ln() - 4.899_320).abs() < 1e-6);
    }

    #[test]
    fn impossible_means_are_refused() {
        let error = Bernoulli { means: vec![0.5, 1.2] }.check().unwrap_err();
        assert_eq!(error.path, "means[1]");
        assert_eq!(error.message, "means[1] = 1.2: must be a probability, from 0 to 1");
        assert!(Bernoulli { means: vec![] }.check().is_err());
        assert!(Bernoulli { means: vec![f64::NAN] }.check().is_err());
    }
}
