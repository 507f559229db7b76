//! EXP3.S: exponential weights that keep a share for every arm, to follow a changing best arm.
//!
//! Source: Auer, Cesa-Bianchi, Freund, Schapire, "The nonstochastic multiarmed bandit problem",
//! SIAM J. Comput. 32, 2002, Section 8; with α = 0 the original EXP3 (there, Section 3).
//! Setting: K arms, rewards in [0, 1], known horizon T.
//! Guarantee, tested: against any sequence of at most S segments, expected regret
//! ≤ 2 √(e − 1) √(K T (S ln(K T) + e)) for the defaults (Corollary 8.2); so against a fixed arm.

use std::f64::consts::E;

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

/// Parameters of EXP3.S.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exp3S {
    /// Number of segments S ≥ 1 that the defaults are made for.
    pub segments: f64,
    /// Mixing 0 < γ ≤ 1; by default min(1, √(K (S ln(KT) + e) / ((e − 1) T))).
    pub gamma: Option<f64>,
    /// Share α ≥ 0 of the total weight that every arm gets; by default 1/T.
    pub alpha: Option<f64>,
}

impl Default for Exp3S {
    fn default() -> Self {
        Self { segments: 1.0, gamma: None, alpha: None }
    }
}

impl Exp3S {
    /// S ln(KT) + e.
    fn hardness(&self, arms: f64, horizon: f64) -> f64 {
        self.segments * math::ln(arms * horizon) + E
    }
}

impl Algorithm for Exp3S {
    type Protocol = Bandit;
    type Learner = Exp3SLearner;

    const NAME: &'static str = "exp3_s";
    const SUMMARY: &'static str = "EXP3 that keeps a share for every arm, to follow changes";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Freund, Schapire, The nonstochastic \
                                  multiarmed bandit problem, 2002, Section 8";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.segments >= 1.0 && self.segments.is_finite();
        ParameterError::unless(valid, "segments", self.segments, "must be at least 1")?;
        if let Some(gamma) = self.gamma {
            let valid = gamma > 0.0 && gamma <= 1.0;
            ParameterError::unless(valid, "gamma", gamma, "must be above 0 and at most 1")?;
        }
        self.alpha.map_or(Ok(()), |alpha| {
            let valid = alpha >= 0.0 && alpha.is_finite();
            ParameterError::unless(valid, "alpha", alpha, "must be a number that is not negative")
        })
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let (arms, horizon) = (setting.arms() as f64, setting.horizon as f64);
        let tuned = || (arms * self.hardness(arms, horizon) / ((E - 1.0) * horizon)).sqrt();
        let mut learner = Exp3SLearner {
            gamma: self.gamma.unwrap_or_else(tuned).min(1.0),
            alpha: self.alpha.unwrap_or(1.0 / horizon),
            weights: vec![0.0; setting.arms()],
            probabilities: vec![0.0; setting.arms()],
            played: vec![0.0; setting.pending],
        };
        learner.reset();
        Ok(learner)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let (count, horizon) = (setting.arms() as f64, setting.horizon as f64);
        if self.gamma.is_some() || self.alpha.is_some() {
            return Vec::new();
        }
        let hardness = self.hardness(count, horizon);
        let value = 2.0 * (E - 1.0).sqrt() * (count * horizon * hardness).sqrt();
        adversarial(
            arms,
            "2 √(e−1) √(KT (S ln(KT) + e))",
            "Auer, Cesa-Bianchi, Freund, Schapire 2002, Corollary 8.2",
            "rewards in [0, 1], oblivious adversary, default γ and α",
            move |_| value,
        )
    }
}

/// EXP3.S of one replication.
pub struct Exp3SLearner {
    gamma: f64,
    alpha: f64,
    /// Weights, which sum to one.
    weights: Vec<f64>,
    probabilities: Vec<f64>,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Learner<Bandit> for Exp3SLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let floor = self.gamma / self.weights.len() as f64;
        for (p, weight) in self.probabilities.iter_mut().zip(&self.weights) {
            *p = (1.0 - self.gamma) * weight + floor;
        }
        let arm = sample_index(&self.probabilities, round.rng.uniform());
        self.played[round.slot] = self.probabilities.get(arm).copied().unwrap_or(f64::NAN);
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arms = self.weights.len() as f64;
        let gain = outcome.feedback / self.played[outcome.slot];
        // The weights sum to one, so this is e α/K times their sum.
        let share = E * self.alpha / arms;
        self.weights[outcome.action] *= math::exp(self.gamma * gain / arms);
        let total: f64 = self.weights.iter().sum::<f64>() + share * arms;
        for weight in &mut self.weights {
            *weight = (*weight + share) / total;
        }
    }

    fn reset(&mut self) {
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn a_round_by_hand() {
        let spec = Exp3S { gamma: Some(0.2), alpha: Some(0.01), ..Exp3S::default() };
        let mut learner = spec.learner(&Setting::new(2, 10)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng: &mut rng });
        let (feedback, rng) = (0.5, &mut rng);
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback, rng });
        // Gain 0.5/0.5 = 1, factor e^{0.1}; shares of 0.005 e.
        let (grown, share) = (0.5 * 0.1f64.exp(), 0.005 * E);
        let total = grown + 0.5 + 2.0 * share;
        assert!((learner.weights[action] - (grown + share) / total).abs() < 1e-15);
        assert!((learner.weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Exp3S::default(), &means, 1000), 100, &[470.250_616; 2]);
        let spec = Exp3S { alpha: Some(0.0), ..Exp3S::default() };
        assert_bounds(&bounds(&spec, &means, 1000), 100, &[]);
    }
}
