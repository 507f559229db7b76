//! Poisson arms: counts with constant means.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};
use crate::support::response;

/// Independent Poisson rewards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poisson {
    /// The mean of every arm, from 0 to 500.
    pub means: Vec<f64>,
}

impl EnvironmentModel for Poisson {
    const NAME: &'static str = "poisson";
    const SUMMARY: &'static str = "independent Poisson counts with constant means";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"means": [0.5, 1.0, 0.2]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be from 0 to 500";
        checks::each(&self.means, "means", rule, |mean| (0.0..=500.0).contains(&mean))
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for Poisson {
    fn count(&self) -> usize {
        self.means.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        self.means[arm]
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        response::poisson(self.means[arm], word)
    }
}

impl RewardModel for Poisson {
    type Process = StationaryArms<Self>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.count(),
            means: Some((0..self.count()).map(|arm| self.mean(arm)).collect()),
            range: None,
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
        let arms = Poisson { means: vec![0.0, 0.5, 7.0, 300.0] };
        assert_means(&arms, 300f64.sqrt());
        assert_eq!(arms.draw(0, u64::MAX), 0.0);
        // P(0) = e^{−1/2} = 0.6065.
        assert_eq!(
            (
                arms.draw(1, (0.60 * 2f64.powi(64)) as u64),
                arms.draw(1, (0.61 * 2f64.powi(64)) as u64)
            ),
            (0.0, 1.0)
        );
        assert!(arms.draw(3, u64::MAX).is_finite());
        assert!(Poisson { means: vec![501.0] }.check().is_err());
    }
}
