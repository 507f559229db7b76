//! Pareto arms: heavy-tailed positive rewards.

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

/// Independent Pareto rewards: P(X > x) = (scale/x)^shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pareto {
    /// Scale > 0 of every arm, its least reward.
    pub scales: Vec<f64>,
    /// Tail index > 1 of every arm (so that means exist); the variance is infinite up to 2.
    pub shapes: Vec<f64>,
}

impl EnvironmentModel for Pareto {
    const NAME: &'static str = "pareto";
    const SUMMARY: &'static str = "independent heavy-tailed positive rewards of Pareto laws";
    const SOURCE: &'static str =
        "Bubeck, Cesa-Bianchi, Lugosi, Bandits with heavy tail, 2013 (setting)";
    const EXAMPLE: &'static str = r#"{"scales": [1.0, 0.5, 0.8], "shapes": [3.0, 2.5, 4.0]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::positive(&self.scales, "scales")?;
        checks::same_length(&self.scales, &self.shapes, "shapes")?;
        checks::each(&self.shapes, "shapes", "must be above 1", |x| x > 1.0 && x.is_finite())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for Pareto {
    fn count(&self) -> usize {
        self.scales.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        self.scales[arm] * self.shapes[arm] / (self.shapes[arm] - 1.0)
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        self.scales[arm] * math::pow(open_unit(word), -1.0 / self.shapes[arm])
    }
}

impl RewardModel for Pareto {
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
        let arms = Pareto { scales: vec![1.0, 2.0], shapes: vec![5.0, 6.0] };
        assert_eq!(arms.mean(0), 1.25);
        // The variance of the second is s² k/((k−1)² (k−2)) = 4 · 6/(25 · 4).
        assert_means(&arms, 0.5);
        assert!(Pareto { scales: vec![1.0], shapes: vec![1.0] }.check().is_err());
    }
}
