//! EXP3-IX: EXP3 whose estimates are biased downwards by implicit exploration.
//!
//! Source: Neu, "Explore no more: improved high-probability regret bounds for non-stochastic
//! bandits", NIPS 2015, Algorithm 1 and Theorem 1.
//! Setting: K arms, rewards in [0, 1], known horizon T.
//! Guarantee, tested: with probability 1 − δ, regret ≤
//! 2 √(2 K T ln K) + (√(2 K T/ln K) + 1) ln(2/δ); integrated over δ, the expected regret has
//! ln 2 + 1 in place of the logarithm.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exp3::{check_rate, tuned_rate};
use crate::support::bounds::adversarial;
use crate::support::exponential::ExponentialWeights;

/// Parameters of EXP3-IX.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp3Ix {
    /// Learning rate η > 0; by default √(2 ln K / (K T)). Implicit exploration is γ = η/2.
    pub eta: Option<f64>,
}

impl Algorithm for Exp3Ix {
    type Protocol = Bandit;
    type Learner = Exp3IxLearner;

    const NAME: &'static str = "exp3_ix";
    const SUMMARY: &'static str = "EXP3 with implicit exploration: losses over p + η/2";
    const SOURCE: &'static str = "Neu, Explore no more, 2015, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        check_rate(self.eta)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        let tuned = || tuned_rate(arms as f64, setting.horizon as f64);
        let eta = self.eta.unwrap_or_else(tuned);
        Ok(Exp3IxLearner {
            gamma: 0.5 * eta,
            weights: ExponentialWeights::new(eta, arms),
            played: vec![0.0; setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let (count, horizon) = (setting.arms() as f64, setting.horizon as f64);
        if self.eta.is_some() || count < 2.0 {
            return Vec::new();
        }
        let ln_count = math::ln(count);
        let first = 2.0 * (2.0 * count * horizon * ln_count).sqrt();
        let value = first
            + ((2.0 * count * horizon / ln_count).sqrt() + 1.0) * (1.0 + std::f64::consts::LN_2);
        adversarial(
            arms,
            "2 √(2KT ln K) + (√(2KT/ln K) + 1)(1 + ln 2)",
            "Neu 2015, Theorem 1, integrated over δ",
            "rewards in [0, 1], oblivious adversary, default η",
            move |_| value,
        )
    }
}

/// EXP3-IX of one replication.
pub struct Exp3IxLearner {
    gamma: f64,
    weights: ExponentialWeights,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Learner<Bandit> for Exp3IxLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let (arm, probability) = self.weights.sample(round.rng.uniform());
        self.played[round.slot] = probability;
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let loss = (1.0 - outcome.feedback) / (self.played[outcome.slot] + self.gamma);
        self.weights.add(outcome.action, loss);
    }

    fn reset(&mut self) {
        self.weights.reset();
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn estimates_are_biased_by_half_the_rate() {
        let mut learner = Exp3Ix { eta: Some(0.5) }.learner(&Setting::new(2, 10)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.25, &mut rng);
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
        // 0.75 / (0.5 + 0.25) = 1, so the weight is e^{−0.5}.
        let mut p = [0.0; 2];
        learner.weights.probabilities(&mut p);
        let weight = (-0.5f64).exp();
        assert!((p[action] - weight / (1.0 + weight)).abs() < 1e-15);
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Exp3Ix::default(), &means, 1000), 100, &[289.197_552; 2]);
        assert_bounds(&bounds(&Exp3Ix { eta: Some(0.1) }, &means, 1000), 100, &[]);
    }
}
