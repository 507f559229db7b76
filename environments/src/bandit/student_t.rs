//! Student-t arms: heavy-tailed rewards, symmetric around their means.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Stream, gamma, normal};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};

/// Independent rewards `location + scale · X`, X of Student's t law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudentT {
    /// The mean of every arm.
    pub locations: Vec<f64>,
    /// Scale > 0 of every reward.
    #[serde(default = "one")]
    pub scale: f64,
    /// Degrees of freedom > 1 (so that means exist); the variance is infinite up to 2.
    pub degrees: f64,
}

impl EnvironmentModel for StudentT {
    const NAME: &'static str = "student_t";
    const SUMMARY: &'static str = "independent heavy-tailed rewards of Student's t law";
    const SOURCE: &'static str =
        "Bubeck, Cesa-Bianchi, Lugosi, Bandits with heavy tail, 2013 (setting)";
    const EXAMPLE: &'static str = r#"{"locations": [0.0, 0.5, 0.2], "degrees": 3.0}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::finite(&self.locations, "locations")?;
        let valid = self.scale > 0.0 && self.scale.is_finite();
        ParameterError::unless(valid, "scale", self.scale, "must be a positive number")?;
        let valid = self.degrees > 1.0 && self.degrees.is_finite();
        ParameterError::unless(valid, "degrees", self.degrees, "must be above 1")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for StudentT {
    fn count(&self) -> usize {
        self.locations.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        self.locations[arm]
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        let mut stream = Stream::from_state(word);
        let z = normal(&mut stream);
        let chi_square = 2.0 * gamma(0.5 * self.degrees, &mut stream);
        self.locations[arm] + self.scale * z / (chi_square / self.degrees).sqrt()
    }
}

impl RewardModel for StudentT {
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

const fn one() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::arms::tests::assert_means;

    #[test]
    fn means_by_hand() {
        // The variance is ν/(ν − 2) = 5/3.
        assert_means(&StudentT { locations: vec![0.0, 2.0], scale: 1.0, degrees: 5.0 }, 1.3);
        assert!(StudentT { locations: vec![0.0], scale: 1.0, degrees: 1.0 }.check().is_err());
    }
}
