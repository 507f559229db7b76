//! The stochastically constrained adversary: means move, but the best arm stays best by the same
//! gap.

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::piecewise::spread;
use crate::support::checks;
use crate::support::drift::{BernoulliNoise, Drift, Drifting};
use crate::support::process::{self, RewardModel};

/// Bernoulli rewards whose means alternate between (1 for the best arm, 1 − Δ for the others) and
/// (Δ for the best, 0 for the others), in phases of ⌊growth^n⌋ rounds, n = 1, 2, ….
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StochasticallyConstrained {
    /// The number of arms, at least 2.
    pub arms: usize,
    /// The gap Δ, from 0 to 1.
    pub gap: f64,
    /// The best arm, from 0.
    #[serde(default)]
    pub best: usize,
    /// Growth of the phases, above 1; the paper's is 1.6.
    #[serde(default = "paper_growth")]
    pub growth: f64,
}

const fn paper_growth() -> f64 {
    1.6
}

impl EnvironmentModel for StochasticallyConstrained {
    const NAME: &'static str = "stochastically_constrained";
    const SUMMARY: &'static str = "means alternate, the best arm keeps its gap";
    const SOURCE: &'static str = "Zimmert, Seldin, Tsallis-INF, 2021, Section 5";
    const EXAMPLE: &'static str = r#"{"arms": 3, "gap": 0.2, "best": 1}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        ParameterError::unless(self.arms >= 2, "arms", self.arms, "must be at least 2")?;
        let valid = (0.0..=1.0).contains(&self.gap);
        ParameterError::unless(valid, "gap", self.gap, "must be from 0 to 1")?;
        let rule = format!("must be below the number of arms, {}", self.arms);
        ParameterError::unless(self.best < self.arms, "best", self.best, &rule)?;
        let valid = self.growth > 1.0 && self.growth.is_finite();
        ParameterError::unless(valid, "growth", self.growth, "must be above 1")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl StochasticallyConstrained {
    fn means(&self, high: bool) -> Vec<f64> {
        let (best, other) = if high { (1.0, 1.0 - self.gap) } else { (self.gap, 0.0) };
        (0..self.arms).map(|arm| if arm == self.best { best } else { other }).collect()
    }
}

impl RewardModel for StochasticallyConstrained {
    type Process = Drifting<Phases, BernoulliNoise>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.arms,
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let mut drift = Phases { model: self.clone(), phase: 0, next: 1 };
        let mut means = vec![0.0; self.arms * block.lanes()];
        drift.advance(1, &mut means, block.lanes());
        Drifting::new(drift, BernoulliNoise, means, block)
    }
}

/// The present phase.
pub struct Phases {
    model: StochasticallyConstrained,
    /// Its number, from 1.
    phase: u32,
    /// The first round of the next.
    next: u64,
}

impl Drift for Phases {
    fn changes(&self, t: u64) -> bool {
        t == self.next
    }

    fn stays_until(&self, _: u64) -> u64 {
        self.next - 1
    }

    fn advance(&mut self, _: u64, means: &mut [f64], lanes: usize) {
        self.phase += 1;
        let length = math::pow(self.model.growth, f64::from(self.phase)).floor().max(1.0);
        self.next = self.next.saturating_add(length as u64);
        spread(&self.model.means(self.phase % 2 == 1), lanes, means);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn phases_by_hand() {
        let model = StochasticallyConstrained { arms: 2, gap: 0.25, best: 1, growth: 1.6 };
        let history = assert_process(&model, 14);
        let of_best: Vec<f64> = history.iter().map(|means| means[3]).collect();
        // ⌊1.6^n⌋ = 1, 2, 4, 6, 10.
        let expected: Vec<f64> = [(1.0, 1), (0.25, 2), (1.0, 4), (0.25, 6), (1.0, 1)]
            .into_iter()
            .flat_map(|(mean, rounds)| std::iter::repeat_n(mean, rounds))
            .collect();
        assert_eq!(of_best, expected);
        assert!(history.iter().all(|means| means[3] - means[0] == 0.25));
        assert!(StochasticallyConstrained { best: 2, ..model }.check().is_err());
    }
}
