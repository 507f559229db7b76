//! EXP3.P: exponential weights with optimistic estimates for every arm and uniform mixing.
//!
//! Source: Bubeck, Cesa-Bianchi, "Regret analysis of stochastic and nonstochastic multi-armed
//! bandit problems", 2012, Figure 3.2 and Theorems 3.2 and 3.3.
//! Setting: K arms, rewards in [0, 1], known horizon T.
//! Guarantee, tested: with probability 1 − δ, regret ≤ 5.15 √(K T ln(K/δ)); for δ = 1 (the
//! default), expected regret ≤ 5.15 √(K T ln K) + √(K T/ln K).

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

/// Parameters of EXP3.P.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp3P {
    /// Confidence 0 < δ ≤ 1 of the high-probability bound; 1 is tuned for the expected regret.
    pub delta: f64,
}

impl Default for Exp3P {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Algorithm for Exp3P {
    type Protocol = Bandit;
    type Learner = Exp3PLearner;

    const NAME: &'static str = "exp3_p";
    const SUMMARY: &'static str = "EXP3 with high-probability bounds: optimistic estimates, mixing";
    const SOURCE: &'static str = "Bubeck, Cesa-Bianchi, Regret analysis of stochastic and \
                                  nonstochastic multi-armed bandit problems, 2012, Figure 3.2";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.delta > 0.0 && self.delta <= 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be above 0 and at most 1")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let (arms, horizon) = (setting.arms() as f64, setting.horizon as f64);
        let ln_arms = math::ln(arms);
        Ok(Exp3PLearner {
            beta: (math::ln(arms / self.delta) / (arms * horizon)).sqrt(),
            eta: 0.95 * (ln_arms / (arms * horizon)).sqrt(),
            gamma: (1.05 * (arms * ln_arms / horizon).sqrt()).min(1.0),
            gains: vec![0.0; setting.arms()],
            played: vec![0.0; setting.arms() * setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let (count, horizon) = (setting.arms() as f64, setting.horizon as f64);
        if self.delta < 1.0 || count < 2.0 {
            return Vec::new();
        }
        let value = 5.15 * (count * horizon * math::ln(count)).sqrt()
            + (count * horizon / math::ln(count)).sqrt();
        adversarial(
            arms,
            "5.15 √(KT ln K) + √(KT/ln K)",
            "Bubeck, Cesa-Bianchi 2012, Theorem 3.3",
            "rewards in [0, 1], oblivious adversary, δ = 1",
            move |_| value,
        )
    }
}

/// EXP3.P of one replication.
pub struct Exp3PLearner {
    beta: f64,
    eta: f64,
    gamma: f64,
    /// Cumulative gain estimates.
    gains: Vec<f64>,
    /// The probabilities of every pending decision, `[slot][arm]`.
    played: Vec<f64>,
}

impl Learner<Bandit> for Exp3PLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let arms = self.gains.len();
        let highest = self.gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let played = &mut self.played[round.slot * arms..][..arms];
        for (p, gain) in played.iter_mut().zip(&self.gains) {
            *p = math::exp(self.eta * (gain - highest));
        }
        let total: f64 = played.iter().sum();
        for p in played.iter_mut() {
            *p = (1.0 - self.gamma) * *p / total + self.gamma / arms as f64;
        }
        sample_index(played, round.rng.uniform())
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arms = self.gains.len();
        let played = &self.played[outcome.slot * arms..][..arms];
        for (arm, (gain, p)) in self.gains.iter_mut().zip(played).enumerate() {
            let received = if arm == outcome.action { outcome.feedback } else { 0.0 };
            *gain += (received + self.beta) / p;
        }
    }

    fn reset(&mut self) {
        self.gains.fill(0.0);
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn every_estimate_is_optimistic() {
        let mut learner = Exp3P::default().learner(&Setting::new(2, 1000)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.75, &mut rng);
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
        // β = √(ln 2 / 2000) = 0.018616; probabilities are 1/2.
        let beta = (2f64.ln() / 2000.0).sqrt();
        assert!((learner.gains[action] - 2.0 * (0.75 + beta)).abs() < 1e-12);
        assert!((learner.gains[1 - action] - 2.0 * beta).abs() < 1e-12);
    }

    #[test]
    fn weights_are_mixed_with_the_uniform_law() {
        let mut learner = Exp3P::default().learner(&Setting::new(2, 1000)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng });
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback: 0.75, rng });
        learner.act(Round { t: 2, slot: 0, context: (), rng });
        // Gains differ by 1.5: (1 − γ) e^{1.5 η}/(e^{1.5 η} + 1) + γ/2 with η = 0.017685,
        // γ = 0.039095.
        assert!((learner.played[action] - 0.506_372_469).abs() < 1e-9);
        assert!((learner.played.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Exp3P::default(), &means, 1000), 100, &[347.914_574; 2]);
        assert_bounds(&bounds(&Exp3P { delta: 0.1 }, &means, 1000), 100, &[]);
    }
}
