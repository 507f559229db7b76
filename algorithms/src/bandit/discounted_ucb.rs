//! Discounted UCB: UCB1 on rewards that are forgotten at the rate γ.
//!
//! Source: Garivier, Moulines, "On upper-confidence bound policies for switching bandit problems",
//! ALT 2011, Section 2.1.
//! Setting: K arms, rewards in [0, 1], means that change at up to U rounds.
//! Guarantee: regret of each round's best arm O(√(U T) ln T) for the default γ (Theorem 1, whose
//! constants are not stated here).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of discounted UCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiscountedUcb {
    /// Discount 0 < γ ≤ 1 for each round; by default 1 − √(U/T)/4.
    pub gamma: Option<f64>,
    /// Number of change points U > 0 that the default γ is made for.
    pub changes: f64,
    /// Exploration ξ > 0 of the width 2 √(ξ ln Σ N / N_a).
    pub xi: f64,
}

impl Default for DiscountedUcb {
    fn default() -> Self {
        Self { gamma: None, changes: 1.0, xi: 0.6 }
    }
}

impl Algorithm for DiscountedUcb {
    type Protocol = Bandit;
    type Learner = DiscountedUcbLearner;

    const NAME: &'static str = "discounted_ucb";
    const SUMMARY: &'static str = "UCB1 on rewards forgotten at the rate γ";
    const SOURCE: &'static str = "Garivier, Moulines, On upper-confidence bound policies for \
                                  switching bandit problems, 2011, Section 2.1";

    fn check(&self) -> Result<(), ParameterError> {
        if let Some(gamma) = self.gamma {
            let valid = gamma > 0.0 && gamma <= 1.0;
            ParameterError::unless(valid, "gamma", gamma, "must be above 0 and at most 1")?;
        }
        let valid = self.changes > 0.0 && self.changes.is_finite();
        ParameterError::unless(valid, "changes", self.changes, "must be a positive number")?;
        let valid = self.xi > 0.0 && self.xi.is_finite();
        ParameterError::unless(valid, "xi", self.xi, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let default = || 1.0 - 0.25 * (self.changes / setting.horizon as f64).sqrt();
        let gamma = self.gamma.unwrap_or_else(default).max(0.0);
        let zeros = vec![0.0; setting.arms()];
        let sums = zeros.clone();
        Ok(DiscountedUcbLearner { gamma, xi: self.xi, pulls: zeros, sums, t: 0 })
    }
}

/// Discounted UCB of one replication.
pub struct DiscountedUcbLearner {
    gamma: f64,
    xi: f64,
    /// Discounted numbers and sums of the rewards observed of every arm.
    pulls: Vec<f64>,
    sums: Vec<f64>,
    /// The present round.
    t: u64,
}

/// Discounted pulls below which nothing is known of an arm any more.
const FORGOTTEN: f64 = 1e-250;

impl Learner<Bandit> for DiscountedUcbLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        self.t = round.t;
        for value in self.pulls.iter_mut().chain(&mut self.sums) {
            *value *= self.gamma;
        }
        if round.t <= self.pulls.len() as u64 {
            return (round.t - 1) as usize;
        }
        let total: f64 = self.pulls.iter().sum();
        let log = if total > 1.0 { math::ln(total) } else { 0.0 };
        argmax(self.pulls.iter().zip(&self.sums).map(|(&n, sum)| {
            if n < FORGOTTEN { f64::INFINITY } else { sum / n + 2.0 * (self.xi * log / n).sqrt() }
        }))
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        // Late feedback has been forgotten in part.
        let weight = match self.t - outcome.t {
            0 => 1.0,
            age => math::pow(self.gamma, age as f64),
        };
        self.pulls[outcome.action] += weight;
        self.sums[outcome.action] += weight * outcome.feedback;
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
        self.t = 0;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::assert_trace;

    #[test]
    fn sums_by_hand() {
        let spec = DiscountedUcb { gamma: Some(0.5), ..DiscountedUcb::default() };
        let mut learner = spec.learner(&Setting::new(2, 9)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut play = |learner: &mut DiscountedUcbLearner, t, feedback| {
            let rng = &mut rng;
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            action
        };
        play(&mut learner, 1, 1.0);
        play(&mut learner, 2, 0.5);
        // Before round 3: N = (0.25, 0.5), S = (0.25, 0.25); the sum is below 1, so no width.
        assert_eq!(play(&mut learner, 3, 0.0), 0);
        assert_eq!((&*learner.pulls, &*learner.sums), (&[1.25, 0.5][..], &[0.25, 0.25][..]));
    }

    #[test]
    fn the_default_discount() {
        let learner = DiscountedUcb::default().learner(&Setting::new(2, 10_000)).expect("fits");
        assert!((learner.gamma - 0.9975).abs() < 1e-15);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &DiscountedUcb { gamma: Some(0.9), ..DiscountedUcb::default() },
            "012102101210210210210211021012012012012011201201201201210102",
        );
    }
}
