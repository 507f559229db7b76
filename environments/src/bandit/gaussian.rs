//! Gaussian arms: normal rewards around constant means.

use regret_engine::bound::{Bound, Side};
use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{normal_quantile, open_unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::{ArmLaws, StationaryArms};
use crate::support::checks;
use crate::support::process::{self, RewardModel};

/// Independent normal rewards with constant means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gaussian {
    /// The mean of every arm; at least one arm.
    pub means: Vec<f64>,
    /// The standard deviation of every reward, ≥ 0, or a list with one for each arm.
    #[serde(default)]
    pub deviation: Deviation,
}

impl EnvironmentModel for Gaussian {
    const NAME: &'static str = "gaussian";
    const SUMMARY: &'static str = "independent normal rewards with constant means";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"means": [0.0, 0.25, -0.3], "deviation": 0.5}"#;
    const PROTOCOLS: &'static [&'static str] = process::STATIONARY;

    fn check(&self) -> Result<(), ParameterError> {
        checks::finite(&self.means, "means")?;
        let rule = "must be a number that is not negative";
        let valid = |x: f64| x >= 0.0 && x.is_finite();
        match &self.deviation {
            Deviation::Same(deviation) => {
                ParameterError::unless(valid(*deviation), "deviation", deviation, rule)
            }
            Deviation::Each(deviations) => {
                checks::same_length(&self.means, deviations, "deviation")?;
                checks::each(deviations, "deviation", rule, valid)
            }
        }
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::stationary_faces(self.clone()))
    }
}

impl ArmLaws for Gaussian {
    fn count(&self) -> usize {
        self.means.len()
    }

    fn mean(&self, arm: usize) -> f64 {
        self.means[arm]
    }

    fn draw(&self, arm: usize, word: u64) -> f64 {
        self.means[arm] + self.deviation.of(arm) * normal_quantile(open_unit(word))
    }
}

impl RewardModel for Gaussian {
    type Process = StationaryArms<Self>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.count(),
            means: Some((0..self.count()).map(|arm| self.mean(arm)).collect()),
            range: None,
            law: Law::Gaussian { deviation: self.deviation.largest(self.means.len()) },
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        StationaryArms::new(self.clone(), block)
    }

    fn lower_bounds(&self, _: u64) -> Vec<Bound> {
        let best = self.means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let term = |(arm, &mean): (usize, &f64)| {
            let deviation = self.deviation.of(arm);
            if mean < best { 2.0 * deviation * deviation / (best - mean) } else { 0.0 }
        };
        let constant: f64 = self.means.iter().enumerate().map(term).sum();
        let bound = Bound::upper(
            PSEUDO_REGRET,
            format!("Σ 2σ²/Δ ln t = {constant:.4} ln t"),
            "Burnetas, Katehakis, Optimal adaptive policies for sequential allocation, 1996",
            "learners consistent on all Gaussian instances of these variances; asymptotic slope",
            move |t| constant * math::ln(t),
        );
        vec![bound.on(Side::AsymptoticLower)]
    }
}

/// Standard deviations of the arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number or a list of numbers")]
pub enum Deviation {
    /// The same for all.
    Same(f64),
    /// One for each arm.
    Each(Vec<f64>),
}

impl Default for Deviation {
    fn default() -> Self {
        Self::Same(1.0)
    }
}

impl Deviation {
    fn of(&self, arm: usize) -> f64 {
        match self {
            Self::Same(deviation) => *deviation,
            Self::Each(deviations) => deviations[arm],
        }
    }

    fn largest(&self, arms: usize) -> f64 {
        (0..arms).map(|arm| self.of(arm)).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::arms::tests::assert_means;

    #[test]
    fn means_and_deviations() {
        let same = Gaussian { means: vec![0.5, -1.0], deviation: Deviation::Same(2.0) };
        assert_means(&same, 2.0);
        let each = Gaussian { means: vec![0.5, -1.0], deviation: Deviation::Each(vec![0.0, 3.0]) };
        assert_eq!(each.draw(0, 12345), 0.5);
        assert_means(&each, 3.0);
        // One sub-optimal arm, Δ = 1.5: 2 · 9/1.5 ln t.
        assert!((each.lower_bounds(1)[0].at(100) - 12.0 * 100f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let bad = Gaussian { means: vec![0.5], deviation: Deviation::Each(vec![1.0, 1.0]) };
        assert_eq!(bad.check().unwrap_err().path, "deviation");
        let bad = Gaussian { means: vec![f64::NAN], deviation: Deviation::default() };
        assert_eq!(bad.check().unwrap_err().path, "means[0]");
    }
}
