//! Truncated exponential arms: exponential rewards cut off at 1.

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::open_unit;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};

/// Independent rewards min(X, 1), X exponential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TruncatedExponential {
    /// The mean of X for every arm, positive; the reward has mean m (1 − e^{−1/m}).
    pub scales: Vec<f64>,
}

impl EnvironmentModel for TruncatedExponential {
    const NAME: &'static str = "truncated_exponential";
    const SUMMARY: &'static str = "independent rewards min(X, 1) with X exponential";
    const SOURCE: &'static str = "Garivier, Cappé, The KL-UCB algorithm, 2011, Section 5";
    const EXAMPLE: &'static str = r#"{"scales": [0.2, 0.5, 1.0]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::positive(&self.scales, "scales")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for TruncatedExponential {
    fn count(&self) -> usize {
        self.scales.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        -self.scales[arm] * math::exp_m1(-1.0 / self.scales[arm])
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        (-self.scales[arm] * math::ln(open_unit(word))).min(1.0)
    }
}

impl RewardModel for TruncatedExponential {
    type Process = StationaryArms<Self>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.count(),
            means: Some((0..self.count()).map(|arm| self.mean(arm)).collect()),
            range: Some((0.0, 1.0)),
            law: Law::Independent,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        StationaryArms::new(self.clone(), block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::arms::tests::assert_means;

    #[test]
    fn means_by_hand() {
        let arms = TruncatedExponential { scales: vec![0.2, 1.0, 50.0] };
        assert!((arms.mean(1) - (1.0 - (-1f64).exp())).abs() < 1e-15);
        assert_means(&arms, 1.0);
        assert!(TruncatedExponential { scales: vec![0.0] }.check().is_err());
    }
}
