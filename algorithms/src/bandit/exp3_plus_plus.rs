//! EXP3++: EXP3 whose exploration falls where an arm is seen to be worse; one algorithm for both
//! adversarial and stochastic rewards.
//!
//! Source: Seldin, Lugosi, "An improved parametrization and analysis of the EXP3++ algorithm for
//! stochastic and adversarial bandits", COLT 2017, Algorithm 1; Seldin, Slivkins, "One practical
//! algorithm for both stochastic and adversarial bandits", ICML 2014, Theorem 1.
//! Setting: K arms, rewards in [0, 1].
//! Guarantee, tested: expected regret ≤ 4 √(K t ln K) against an oblivious adversary;
//! O(Σ (ln t)²/Δ) for stochastic rewards.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::adversarial;
use crate::support::index::Tally;

/// Parameters of EXP3++.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp3PlusPlus {
    /// α > 0 in the confidence widths √(ln(t K^{1/α}) α / (2 n)); the theorem's is 3.
    pub alpha: f64,
    /// β > 0 in the exploration β ln t/(t Δ²); the theorem's is 256.
    pub beta: f64,
}

impl Default for Exp3PlusPlus {
    fn default() -> Self {
        Self { alpha: 3.0, beta: 256.0 }
    }
}

impl Algorithm for Exp3PlusPlus {
    type Protocol = Bandit;
    type Learner = Exp3PlusPlusLearner;

    const NAME: &'static str = "exp3_plus_plus";
    const SUMMARY: &'static str = "EXP3 that explores less where an arm is seen to be worse";
    const SOURCE: &'static str = "Seldin, Lugosi, An improved parametrization and analysis of the \
                                  EXP3++ algorithm, 2017, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be a positive number";
        let valid = |value: f64| value > 0.0 && value.is_finite();
        ParameterError::unless(valid(self.alpha), "alpha", self.alpha, rule)?;
        ParameterError::unless(valid(self.beta), "beta", self.beta, rule)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(Exp3PlusPlusLearner {
            alpha: self.alpha,
            beta: self.beta,
            arms: vec![Tally::default(); arms],
            estimates: vec![0.0; arms],
            exploration: vec![0.0; arms],
            probabilities: vec![0.0; arms],
            played: vec![0.0; setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let count = setting.arms() as f64;
        adversarial(
            arms,
            "4 √(K t ln K)",
            "Seldin, Slivkins 2014, Theorem 1",
            "rewards in [0, 1], oblivious adversary",
            move |t| 4.0 * (count * t * math::ln(count)).sqrt(),
        )
    }
}

/// EXP3++ of one replication.
pub struct Exp3PlusPlusLearner {
    alpha: f64,
    beta: f64,
    /// Observed losses.
    arms: Vec<Tally>,
    /// Cumulative importance-weighted loss estimates.
    estimates: Vec<f64>,
    exploration: Vec<f64>,
    probabilities: Vec<f64>,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Exp3PlusPlusLearner {
    /// The ends of an arm's confidence interval for its mean loss.
    fn interval(&self, t: f64, arm: &Tally) -> (f64, f64) {
        if arm.n == 0.0 {
            return (0.0, 1.0);
        }
        // α ln(t K^{1/α}) = α ln t + ln K.
        let log = self.alpha * math::ln(t) + math::ln(self.arms.len() as f64);
        let width = (log / (2.0 * arm.n)).sqrt();
        ((arm.mean - width).max(0.0), (arm.mean + width).min(1.0))
    }

    fn explore(&mut self, t: f64, rate: f64) {
        let count = self.arms.len() as f64;
        let uppers = self.arms.iter().map(|arm| self.interval(t, arm).1);
        let least = uppers.fold(f64::INFINITY, f64::min);
        for index in 0..self.arms.len() {
            let gap = (self.interval(t, &self.arms[index]).0 - least).max(0.0);
            let seen = self.beta * math::ln(t) / (t * gap * gap);
            // Without a gap `seen` is infinite, or no number at t = 1; `min` then takes the others.
            self.exploration[index] = (0.5 / count).min(rate).min(seen);
        }
    }
}

impl Learner<Bandit> for Exp3PlusPlusLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let (t, count) = (round.t as f64, self.arms.len() as f64);
        let rate = 0.5 * (math::ln(count) / (t * count)).sqrt();
        self.explore(t, rate);
        let least = self.estimates.iter().copied().fold(f64::INFINITY, f64::min);
        for (p, estimate) in self.probabilities.iter_mut().zip(&self.estimates) {
            *p = math::exp(rate * (least - estimate));
        }
        let total: f64 = self.probabilities.iter().sum();
        let exploring: f64 = self.exploration.iter().sum();
        for (p, share) in self.probabilities.iter_mut().zip(&self.exploration) {
            *p = (1.0 - exploring) * *p / total + share;
        }
        let arm = sample_index(&self.probabilities, round.rng.uniform());
        self.played[round.slot] = self.probabilities.get(arm).copied().unwrap_or(f64::NAN);
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let loss = 1.0 - outcome.feedback;
        self.arms[outcome.action].add(loss);
        self.estimates[outcome.action] += loss / self.played[outcome.slot];
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.estimates.fill(0.0);
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn exploration_by_hand() {
        let mut learner =
            Exp3PlusPlus { alpha: 3.0, beta: 1.0 }.learner(&Setting::new(2, 10_000)).expect("fits");
        for _ in 0..2000 {
            learner.arms[0].add(0.0);
            learner.arms[1].add(1.0);
        }
        learner.explore(4000.0, 1.0);
        // Width √((3 ln 4000 + ln 2)/4000); the gap is 1 − 2 widths, ξ = ln 4000/(4000 gap²).
        let width = ((3.0 * 4000f64.ln() + 2f64.ln()) / 4000.0).sqrt();
        let seen = 4000f64.ln() / (4000.0 * (1.0 - 2.0 * width).powi(2));
        assert!((learner.exploration[1] - seen).abs() < 1e-12);
        assert_eq!(learner.exploration[0], 0.25);
    }

    #[test]
    fn a_round_by_hand() {
        let mut learner = Exp3PlusPlus::default().learner(&Setting::new(2, 100)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng });
        assert_eq!(learner.probabilities, [0.5; 2]);
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback: 0.75, rng });
        learner.act(Round { t: 2, slot: 0, context: (), rng });
        // Estimate 0.25/0.5; at t = 2 rate and exploration are ½ √(ln 2/4) = 0.208139, so
        // (1 − 2 · 0.208139) e^{−0.104069}/(1 + e^{−0.104069}) + 0.208139.
        assert!((learner.probabilities[action] - 0.484_826_785).abs() < 1e-9);
        assert!((learner.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_by_hand() {
        let spec = Exp3PlusPlus::default();
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[72.617_759; 2]);
    }
}
