//! Beta arms: rewards in (0, 1) of Beta laws.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Stream, gamma};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};

/// Independent Beta rewards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BetaArms {
    /// First parameter a > 0 of every arm.
    pub a: Vec<f64>,
    /// Second parameter b > 0 of every arm; the mean is a/(a + b).
    pub b: Vec<f64>,
}

impl EnvironmentModel for BetaArms {
    const NAME: &'static str = "beta";
    const SUMMARY: &'static str = "independent rewards of Beta laws";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"a": [1.0, 2.0, 4.0], "b": [3.0, 2.0, 2.5]}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::positive(&self.a, "a")?;
        checks::positive(&self.b, "b")?;
        checks::same_length(&self.a, &self.b, "b")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for BetaArms {
    fn count(&self) -> usize {
        self.a.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        self.a[arm] / (self.a[arm] + self.b[arm])
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        let mut stream = Stream::from_state(word);
        let first = gamma(self.a[arm], &mut stream);
        let second = gamma(self.b[arm], &mut stream);
        // Both underflow only for parameters near 0, where the law sits at the ends.
        if first + second > 0.0 { first / (first + second) } else { self.mean(arm).round() }
    }
}

impl RewardModel for BetaArms {
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
        let arms = BetaArms { a: vec![1.0, 0.3, 8.0], b: vec![3.0, 0.3, 2.0] };
        assert_eq!((arms.mean(0), arms.mean(2)), (0.25, 0.8));
        assert_means(&arms, 0.5);
        let bad = BetaArms { a: vec![1.0], b: vec![1.0, 2.0] };
        assert_eq!(
            bad.check().unwrap_err().message,
            "b = 2 entries: must have one entry for each of the 1 arms"
        );
    }
}
