//! Bayesian instances: every replication plays arms whose means are drawn from a prior.
//!
//! The mean over replications of the pseudo-regret is then the Bayesian regret.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, Stream, gamma, normal};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::drift::{Constant, Drifting, EitherNoise};
use crate::support::process::{self, RewardModel};

/// Arms whose means are drawn anew for every replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bayesian {
    /// The number of arms.
    pub arms: usize,
    /// The law of a mean: `{uniform: [low, high]}`, `{beta: [a, b]}` or `{normal: [mean,
    /// deviation]}`.
    pub prior: Prior,
    /// The law of a reward: `bernoulli`, or `{gaussian: deviation}`.
    #[serde(default)]
    pub rewards: Rewards,
}

/// The law of a mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// Uniform between two ends.
    Uniform([f64; 2]),
    /// Beta with parameters a, b > 0.
    Beta([f64; 2]),
    /// Normal with this mean and standard deviation.
    Normal([f64; 2]),
}

/// The law of a reward around its mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rewards {
    /// 0 or 1; means must be probabilities.
    #[default]
    Bernoulli,
    /// Normal with this standard deviation ≥ 0.
    Gaussian(f64),
}

impl Prior {
    fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Uniform([low, high]) => low + (high - low) * stream.uniform(),
            Self::Beta([a, b]) => {
                let (first, second) = (gamma(a, stream), gamma(b, stream));
                first / (first + second).max(f64::MIN_POSITIVE)
            }
            Self::Normal([mean, deviation]) => mean + deviation * normal(stream),
        }
    }

    fn check(self) -> Result<(), ParameterError> {
        let (name, values, valid, rule) = match self {
            Self::Uniform([low, high]) => {
                let valid = low.is_finite() && high.is_finite() && low <= high;
                ("uniform", [low, high], valid, "must be two finite numbers, the second not less")
            }
            Self::Beta([a, b]) => {
                let valid = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
                ("beta", [a, b], valid, "must be two positive numbers")
            }
            Self::Normal([mean, deviation]) => {
                let valid = mean.is_finite() && deviation >= 0.0 && deviation.is_finite();
                ("normal", [mean, deviation], valid, "must be a number and one not negative")
            }
        };
        ParameterError::unless(valid, &format!("prior.{name}"), format!("{values:?}"), rule)
    }

    fn gives_probabilities(self) -> bool {
        match self {
            Self::Uniform([low, high]) => low >= 0.0 && high <= 1.0,
            Self::Beta(_) => true,
            Self::Normal(_) => false,
        }
    }
}

impl EnvironmentModel for Bayesian {
    const NAME: &'static str = "bayesian";
    const SUMMARY: &'static str = "constant means, drawn from a prior for every replication";
    const SOURCE: &'static str = "Lattimore, Szepesvári, Bandit Algorithms, 2020, Chapter 34";
    const EXAMPLE: &'static str = r#"{"arms": 3, "prior": {"uniform": [0, 1]}}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        self.prior.check()?;
        match self.rewards {
            Rewards::Bernoulli => {
                let rule = "must give probabilities for Bernoulli rewards";
                let prior = format!("{:?}", self.prior);
                ParameterError::unless(self.prior.gives_probabilities(), "prior", prior, rule)
            }
            Rewards::Gaussian(deviation) => {
                let valid = deviation >= 0.0 && deviation.is_finite();
                let rule = "must be a number that is not negative";
                ParameterError::unless(valid, "rewards.gaussian", deviation, rule)
            }
        }
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl RewardModel for Bayesian {
    type Process = Drifting<Constant, EitherNoise>;

    fn arms(&self, _: u64) -> Arms {
        let (range, law) = match self.rewards {
            Rewards::Bernoulli => (Some((0.0, 1.0)), Law::Bernoulli),
            Rewards::Gaussian(deviation) => (None, Law::Gaussian { deviation }),
        };
        Arms { count: self.arms, means: None, range, law, oblivious: true }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let lanes = block.lanes();
        let mut means = vec![0.0; self.arms * lanes];
        for (lane, replication) in block.replications.clone().enumerate() {
            let mut stream = Stream::new(block.seed, replication, Role::Environment);
            for row in means.chunks_exact_mut(lanes) {
                row[lane] = self.prior.draw(&mut stream);
            }
        }
        let noise = match self.rewards {
            Rewards::Bernoulli => EitherNoise::Bernoulli,
            Rewards::Gaussian(deviation) => EitherNoise::Gaussian(deviation),
        };
        Drifting::new(Constant, noise, means, block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::RewardProcess;
    use crate::support::process::tests::block;

    #[test]
    fn means_follow_the_prior() {
        let lanes = 4000;
        for (prior, mean, deviation) in [
            (Prior::Uniform([0.2, 0.6]), 0.4, 0.4 / 12f64.sqrt()),
            (Prior::Beta([2.0, 6.0]), 0.25, (12.0 / (64.0 * 9.0f64)).sqrt()),
            (Prior::Normal([-1.0, 2.0]), -1.0, 2.0),
        ] {
            let model = Bayesian { arms: 2, prior, rewards: Rewards::Gaussian(1.0) };
            let process = model.process(&block(lanes, 10));
            let values = &process.means().values;
            let average = values.iter().sum::<f64>() / values.len() as f64;
            assert!((average - mean).abs() < 5.0 * deviation / (values.len() as f64).sqrt());
        }
    }

    #[test]
    fn a_bernoulli_mean_is_a_probability() {
        let model = |prior| Bayesian { arms: 2, prior, rewards: Rewards::Bernoulli };
        assert!(model(Prior::Normal([0.5, 0.1])).check().is_err());
        assert!(model(Prior::Uniform([0.0, 1.5])).check().is_err());
        assert!(model(Prior::Beta([1.0, 1.0])).check().is_ok());
    }
}
