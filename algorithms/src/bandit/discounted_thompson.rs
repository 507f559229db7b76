//! Discounted Thompson sampling: Beta posteriors on rewards that are forgotten at the rate γ.
//!
//! Source: Raj, Kalyani, "Taming non-stationary bandits: a Bayesian approach", 2017, Algorithm 1.
//! Setting: K arms, rewards in [0, 1], means that change.
//! Guarantee: none proven in the source.
//! Deviation: rewards between 0 and 1 count as fractions of a success, without a draw.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::beta::BetaLaw;

/// Parameters of discounted Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiscountedThompson {
    /// Discount 0 < γ ≤ 1 for each round; by default 1 − √(U/T)/4.
    pub gamma: Option<f64>,
    /// Number of change points U > 0 that the default γ is made for.
    pub changes: f64,
}

impl Default for DiscountedThompson {
    fn default() -> Self {
        Self { gamma: None, changes: 1.0 }
    }
}

impl Algorithm for DiscountedThompson {
    type Protocol = Bandit;
    type Learner = DiscountedThompsonLearner;

    const NAME: &'static str = "discounted_thompson";
    const SUMMARY: &'static str = "Thompson sampling on rewards forgotten at the rate γ";
    const SOURCE: &'static str = "Raj, Kalyani, Taming non-stationary bandits: a Bayesian \
                                  approach, 2017, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        if let Some(gamma) = self.gamma {
            let valid = gamma > 0.0 && gamma <= 1.0;
            ParameterError::unless(valid, "gamma", gamma, "must be above 0 and at most 1")?;
        }
        let valid = self.changes > 0.0 && self.changes.is_finite();
        ParameterError::unless(valid, "changes", self.changes, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let default = || 1.0 - 0.25 * (self.changes / setting.horizon as f64).sqrt();
        let zeros = vec![0.0; setting.arms()];
        Ok(DiscountedThompsonLearner {
            gamma: self.gamma.unwrap_or_else(default).max(0.0),
            successes: zeros.clone(),
            failures: zeros,
            t: 0,
        })
    }
}

/// Discounted Thompson sampling of one replication.
pub struct DiscountedThompsonLearner {
    gamma: f64,
    successes: Vec<f64>,
    failures: Vec<f64>,
    /// The present round.
    t: u64,
}

impl Learner<Bandit> for DiscountedThompsonLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let base = round.rng.word();
        let arms = self.successes.iter().zip(&self.failures).enumerate();
        let arm = argmax(arms.map(|(arm, (s, f))| {
            let (a, b) = (1.0 + s, 1.0 + f);
            // A draw needs finite parameters; a reward that is none makes the arm unplayable.
            if a.is_finite() && b.is_finite() {
                BetaLaw::new(a, b).draw(base, arm)
            } else {
                f64::NAN
            }
        }));
        // The round's feedback, once it has come, counts in full in the next round.
        self.t = round.t;
        for value in self.successes.iter_mut().chain(&mut self.failures) {
            *value *= self.gamma;
        }
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        // Late feedback has been forgotten in part.
        let weight = math::pow(self.gamma, (self.t - outcome.t) as f64);
        let reward = outcome.feedback.clamp(0.0, 1.0);
        self.successes[outcome.action] += weight * reward;
        self.failures[outcome.action] += weight * (1.0 - reward);
    }

    fn reset(&mut self) {
        self.successes.fill(0.0);
        self.failures.fill(0.0);
        self.t = 0;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn what_is_old_is_forgotten() {
        let spec = DiscountedThompson { gamma: Some(0.5), ..DiscountedThompson::default() };
        let mut learner = spec.learner(&Setting::new(1, 9)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        for (t, feedback) in [(1, 1.0), (2, 0.25), (3, 0.0)] {
            let rng = &mut rng;
            learner.act(Round { t, slot: 0, context: (), rng });
            learner.update(Outcome { t, slot: 0, context: (), action: 0, feedback, rng });
        }
        assert_eq!((learner.successes[0], learner.failures[0]), (0.375, 1.375));
        // Feedback of round 2 that comes in round 4 has lost half of its weight twice.
        let rng = &mut rng;
        learner.act(Round { t: 4, slot: 0, context: (), rng });
        learner.update(Outcome { t: 2, slot: 0, context: (), action: 0, feedback: 1.0, rng });
        assert_eq!((learner.successes[0], learner.failures[0]), (0.1875 + 0.25, 0.6875));
    }

    #[test]
    fn the_last_reward_counts_in_full() {
        // After one reward 1 of arm 0: Beta(2, 1) against Beta(1, 1), so arm 0 is played in round 2
        // with probability ∫ 2x · x dx = 2/3, whatever γ.
        let spec = DiscountedThompson { gamma: Some(0.1), ..DiscountedThompson::default() };
        let mut learner = spec.learner(&Setting::new(2, 9)).expect("fits");
        let mut first = 0.0;
        let replications = 20_000;
        for replication in 0..replications {
            learner.reset();
            let rng = &mut Stream::new(1, replication, Role::Learner);
            learner.act(Round { t: 1, slot: 0, context: (), rng });
            learner.update(Outcome { t: 1, slot: 0, context: (), action: 0, feedback: 1.0, rng });
            let arm = learner.act(Round { t: 2, slot: 0, context: (), rng });
            first += if arm == 0 { 1.0 } else { 0.0 };
        }
        // Standard deviation √(20000 · 2/9) = 66.7; five of them. Discounted once more, the
        // probability would be 1.1/2.1 = 0.524.
        assert!((first - 13_333.3f64).abs() < 333.0, "{first}");
    }
}
