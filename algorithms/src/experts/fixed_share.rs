//! Fixed share: Hedge that gives a share back to every expert, to follow a changing best one.
//!
//! Source: Herbster, Warmuth, "Tracking the best expert", Machine Learning 32, 1998; in this form:
//! Cesa-Bianchi, Gaillard, Lugosi, Stoltz, "Mirror descent meets fixed share", NIPS 2012, Section 3.
//! Setting: K experts, losses in [0, 1], known horizon T for the defaults.
//! Guarantee, tested: against any sequence of experts with m switches, regret ≤ (1/η) [(m+1)
//! ln K + m ln(1/α) + (T−1−m) ln(1/(1−α))] + η T/8.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;

/// Parameters of fixed share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedShare {
    /// Number of switches m ≥ 1 that the defaults are made for.
    pub switches: f64,
    /// Share 0 ≤ α < 1 given back in every round; by default m/(T − 1), at most ½.
    pub alpha: Option<f64>,
    /// Learning rate η > 0; by default the one that makes the bound least.
    pub eta: Option<f64>,
}

impl Default for FixedShare {
    fn default() -> Self {
        Self { switches: 1.0, alpha: None, eta: None }
    }
}

impl FixedShare {
    fn alpha(&self, setting: &Setting<Experts>) -> f64 {
        let rounds = (setting.horizon as f64 - 1.0).max(1.0);
        self.alpha.unwrap_or((self.switches / rounds).min(0.5))
    }

    /// (m+1) ln K + m ln(1/α) + (T−1−m) ln(1/(1−α)): the code length of a comparator.
    fn complexity(&self, setting: &Setting<Experts>) -> f64 {
        let (m, alpha) = (self.switches, self.alpha(setting));
        let stays = (setting.horizon as f64 - 1.0 - m).max(0.0);
        let switching = if alpha > 0.0 { -m * math::ln(alpha) } else { f64::INFINITY };
        (m + 1.0) * math::ln(setting.experts() as f64) + switching - stays * math::ln_1p(-alpha)
    }

    fn eta(&self, setting: &Setting<Experts>) -> f64 {
        let horizon = setting.horizon as f64;
        self.eta.unwrap_or_else(|| (8.0 * self.complexity(setting) / horizon).sqrt())
    }
}

impl Algorithm for FixedShare {
    type Protocol = Experts;
    type Learner = FixedShareLearner;

    const NAME: &'static str = "fixed_share";
    const SUMMARY: &'static str = "Hedge that gives a share back to all, to follow changes";
    const SOURCE: &'static str = "Herbster, Warmuth, Tracking the best expert, 1998";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.switches >= 1.0 && self.switches.is_finite();
        ParameterError::unless(valid, "switches", self.switches, "must be at least 1")?;
        if let Some(alpha) = self.alpha {
            let valid = (0.0..1.0).contains(&alpha);
            ParameterError::unless(valid, "alpha", alpha, "must be at least 0 and below 1")?;
            let rule = "must be given beside alpha = 0, where no rate can be tuned";
            ParameterError::unless(alpha > 0.0 || self.eta.is_some(), "eta", "none", rule)?;
        }
        self.eta.map_or(Ok(()), |eta| {
            let valid = eta > 0.0 && eta.is_finite();
            ParameterError::unless(valid, "eta", eta, "must be a positive number")
        })
    }

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let mut learner = FixedShareLearner {
            eta: self.eta(setting),
            alpha: self.alpha(setting),
            weights: vec![0.0; setting.experts()],
        };
        learner.reset();
        Ok(learner)
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        let (eta, complexity) = (self.eta(setting), self.complexity(setting));
        if !(complexity.is_finite() && eta > 0.0) {
            return Vec::new();
        }
        full_information(
            arms,
            "(1/η) [(m+1) ln K + m ln(1/α) + (T−1−m) ln(1/(1−α))] + η t/8",
            "Cesa-Bianchi, Gaillard, Lugosi, Stoltz 2012, Corollary 1",
            "losses in [0, 1]; also against sequences of m switches",
            move |t| complexity / eta + eta * t / 8.0,
        )
    }
}

/// Fixed share of one replication.
pub struct FixedShareLearner {
    eta: f64,
    alpha: f64,
    /// The distribution to be played.
    weights: Vec<f64>,
}

impl Learner<Experts> for FixedShareLearner {
    fn act(&mut self, _: Round<'_, Experts>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        let least = outcome.feedback.iter().copied().fold(f64::INFINITY, f64::min);
        let mut total = 0.0;
        for (weight, loss) in self.weights.iter_mut().zip(outcome.feedback) {
            *weight *= math::exp(-self.eta * (loss - least));
            total += *weight;
        }
        let share = self.alpha / self.weights.len() as f64;
        for weight in &mut self.weights {
            *weight = (1.0 - self.alpha) * *weight / total + share;
        }
    }

    fn reset(&mut self) {
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::{A, assert_close, play};

    #[test]
    fn the_known_trace() {
        let spec = FixedShare { switches: 1.0, alpha: Some(0.1), eta: Some(1.0) };
        let (played, paid) = play(&spec, 4, &A);
        assert_close(&played[1], &[0.201_025, 0.489_166, 0.309_810]);
        assert_close(&played[2], &[0.351_361, 0.318_027, 0.330_612]);
        assert_close(&played[3], &[0.429_125, 0.165_123, 0.405_752]);
        assert!((paid - 2.296_974).abs() < 1e-6);
    }

    #[test]
    fn defaults_by_hand() {
        let setting = Setting::new(10, 1001);
        let spec = FixedShare { switches: 5.0, ..FixedShare::default() };
        assert_eq!(spec.alpha(&setting), 0.005);
        let complexity = 6.0 * 10f64.ln() + 5.0 * 200f64.ln() - 995.0 * 0.995f64.ln();
        assert!((spec.complexity(&setting) - complexity).abs() < 1e-9);
        assert!((spec.eta(&setting) - (8.0 * complexity / 1001.0).sqrt()).abs() < 1e-12);
        assert!(FixedShare { alpha: Some(0.0), ..spec }.check().is_err());
    }
}
