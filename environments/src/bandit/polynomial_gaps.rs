//! Polynomial gaps: many normal arms, of which some are nearly best, in a random order.

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::drift::{Constant, Drifting, EitherNoise};
use crate::support::process::{self, RewardModel};

/// Normal rewards; the arm of rank i = 0, …, K − 1 has the mean 1 − (i/K)^α. Which arm has which rank is
/// drawn for every replication, so that nothing can be told from the arms' numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolynomialGaps {
    /// The number of arms, K.
    pub arms: usize,
    /// The exponent α > 0 of the gaps: of small ones there are few good arms, of large ones many.
    pub alpha: f64,
    /// The standard deviation of every reward, ≥ 0.
    #[serde(default = "half")]
    pub deviation: f64,
}

const fn half() -> f64 {
    0.5
}

impl EnvironmentModel for PolynomialGaps {
    const NAME: &'static str = "polynomial_gaps";
    const SUMMARY: &'static str = "normal rewards, gaps (i/K)^α, arms in a random order";
    const SOURCE: &'static str = "Jamieson, Malloy, Nowak, Bubeck, lil' UCB, 2014 (\"α model\"); Zhao, \
                                  Stephens, Szepesvári, Jun, Revisiting simple regret, 2023 (setting)";
    const EXAMPLE: &'static str = r#"{"arms": 5, "alpha": 0.5}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        let valid = self.alpha > 0.0 && self.alpha.is_finite();
        ParameterError::unless(valid, "alpha", self.alpha, "must be a positive number")?;
        let valid = self.deviation >= 0.0 && self.deviation.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "deviation", self.deviation, rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl PolynomialGaps {
    /// The means by rank, the best first.
    fn ranked(&self) -> Vec<f64> {
        let share = |rank: usize| rank as f64 / self.arms as f64;
        (0..self.arms).map(|rank| 1.0 - math::pow(share(rank), self.alpha)).collect()
    }
}

impl RewardModel for PolynomialGaps {
    type Process = Drifting<Constant, EitherNoise>;

    fn arms(&self, _: u64) -> Arms {
        let law = Law::Gaussian { deviation: self.deviation };
        Arms { count: self.arms, means: None, range: None, law, oblivious: true }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let lanes = block.lanes();
        let mut ranked = self.ranked();
        let sorted = ranked.clone();
        let mut means = vec![0.0; self.arms * lanes];
        for (lane, replication) in block.replications.clone().enumerate() {
            ranked.copy_from_slice(&sorted);
            let mut stream = Stream::new(block.seed, replication, Role::Environment);
            for place in (1..ranked.len()).rev() {
                ranked.swap(place, stream.index(place + 1));
            }
            for (row, mean) in means.chunks_exact_mut(lanes).zip(&ranked) {
                row[lane] = *mean;
            }
        }
        Drifting::new(Constant, EitherNoise::Gaussian(self.deviation), means, block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::RewardProcess;
    use crate::support::process::tests::{assert_process, block};

    #[test]
    fn means_are_a_permutation_of_the_published_ones() {
        let model = PolynomialGaps { arms: 4, alpha: 2.0, deviation: 0.5 };
        assert_eq!(model.ranked(), [1.0, 0.9375, 0.75, 0.4375]);
        let lanes = 2000;
        let process = model.process(&block(lanes, 10));
        let means = &process.means().values;
        let lanes = lanes as usize;
        let mut firsts = 0.0;
        for lane in 0..lanes {
            let mut column: Vec<f64> = means.iter().skip(lane).step_by(lanes).copied().collect();
            firsts += f64::from(u8::from(column[0] == 1.0));
            column.sort_unstable_by(|a, b| b.total_cmp(a));
            assert_eq!(column, model.ranked());
        }
        // A quarter, with a standard deviation of √(2000 · 3/16) = 19.4.
        assert!((firsts - 500.0f64).abs() < 97.0, "{firsts}");
        let history = assert_process(&model, 40);
        assert!(history.iter().all(|means| *means == history[0]));
    }

    #[test]
    fn parameters_that_mean_nothing_are_refused() {
        let model = |arms, alpha, deviation| PolynomialGaps { arms, alpha, deviation }.check();
        assert!(model(1, 1.0, 0.0).is_ok());
        assert!(model(0, 1.0, 0.0).is_err() && model(2, 0.0, 0.0).is_err());
        assert!(model(2, 1.0, -1.0).is_err() && model(2, f64::NAN, 1.0).is_err());
    }
}
