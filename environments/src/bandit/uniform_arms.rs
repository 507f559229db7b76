//! Uniform arms: rewards uniform on an interval of each arm.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::unit;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};

/// Independent uniform rewards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniformArms {
    /// The lower end of every arm's interval.
    pub low: Vec<f64>,
    /// The upper end of every arm's interval, at least the lower.
    pub high: Vec<f64>,
}

impl EnvironmentModel for UniformArms {
    const NAME: &'static str = "uniform_arms";
    const SUMMARY: &'static str = "independent rewards uniform on an interval of each arm";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"low": [0.0, 0.2, 0.1], "high": [1.0, 0.9, 0.5]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::finite(&self.low, "low")?;
        checks::finite(&self.high, "high")?;
        checks::same_length(&self.low, &self.high, "high")?;
        for (arm, (low, high)) in self.low.iter().zip(&self.high).enumerate() {
            let rule = format!("must be at least low[{arm}] = {low}");
            ParameterError::unless(low <= high, &format!("high[{arm}]"), high, &rule)?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for UniformArms {
    fn count(&self) -> usize {
        self.low.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        0.5 * (self.low[arm] + self.high[arm])
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        self.low[arm] + (self.high[arm] - self.low[arm]) * unit(word)
    }
}

impl RewardModel for UniformArms {
    type Process = StationaryArms<Self>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.count(),
            means: Some((0..self.count()).map(|arm| self.mean(arm)).collect()),
            range: Some((
                self.low.iter().copied().fold(f64::INFINITY, f64::min),
                self.high.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            )),
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
        let arms = UniformArms { low: vec![0.0, -2.0], high: vec![1.0, 5.0] };
        assert_eq!((arms.mean(0), arms.mean(1)), (0.5, 1.5));
        assert_eq!(arms.arms(1).range, Some((-2.0, 5.0)));
        assert_means(&arms, 7.0 / 12f64.sqrt());
        let bad = UniformArms { low: vec![0.0], high: vec![-1.0] };
        assert_eq!(bad.check().unwrap_err().path, "high[0]");
    }
}
