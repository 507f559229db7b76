//! Exponentiated gradient (EG).
//!
//! Source: Helmbold, Schapire, Singer, Warmuth, "On-line portfolio selection using multiplicative
//! updates", 1998.
//! Guarantee, tested: (ln m)/η + η t/(8 r²), r the least price relative by the greatest of a round.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::LOG_WEALTH_REGRET;
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::dot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weights multiplied by exp(η x_i/(b·x)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExponentiatedGradient {
    /// The learning rate η > 0, at most 100; by default 0.05.
    pub eta: f64,
}

impl Default for ExponentiatedGradient {
    fn default() -> Self {
        Self { eta: 0.05 }
    }
}

impl Algorithm for ExponentiatedGradient {
    type Protocol = Portfolio;
    type Learner = ExponentiatedGradientLearner;

    const NAME: &'static str = "exponentiated_gradient";
    const SUMMARY: &'static str = "multiplies weights by the exponential of their gradient (EG)";
    const SOURCE: &'static str = "Helmbold, Schapire, Singer, Warmuth, On-line portfolio selection \
                                  using multiplicative updates, 1998";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.eta > 0.0 && self.eta <= 100.0;
        ParameterError::unless(valid, "eta", self.eta, "must be positive, at most 100")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let mut learner = ExponentiatedGradientLearner {
            eta: self.eta,
            logs: vec![0.0; assets],
            weights: vec![0.0; assets],
        };
        learner.reset();
        Ok(learner)
    }

    fn bounds(&self, setting: &Setting<Portfolio>, facts: &MarketFacts) -> Vec<Bound> {
        let Some(ratio) = facts.least_ratio.filter(|_| !facts.costs) else { return Vec::new() };
        let (start, eta) = (math::ln(setting.assets() as f64), self.eta);
        vec![Bound::upper(
            LOG_WEALTH_REGRET,
            "(ln m)/η + η t/(8 r²)",
            "Helmbold, Schapire, Singer, Warmuth 1998",
            "no costs; r the least by the greatest price relative of a round",
            move |t| start / eta + eta * t / (8.0 * ratio * ratio),
        )]
    }
}

/// EG of one replication.
pub struct ExponentiatedGradientLearner {
    eta: f64,
    /// Logarithms of the weights, the greatest 0: small weights come back exactly.
    logs: Vec<f64>,
    weights: Vec<f64>,
}

impl Learner<Portfolio> for ExponentiatedGradientLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let rate = self.eta / dot(outcome.action, outcome.feedback);
        let mut greatest = f64::NEG_INFINITY;
        for (log, x) in self.logs.iter_mut().zip(outcome.feedback) {
            *log += rate * x;
            greatest = greatest.max(*log);
        }
        let mut total = 0.0;
        for (weight, log) in self.weights.iter_mut().zip(&mut self.logs) {
            *log -= greatest;
            *weight = math::exp(*log);
            total += *weight;
        }
        self.weights.iter_mut().for_each(|weight| *weight /= total);
    }

    fn reset(&mut self) {
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
        self.logs.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        assert_log_wealth(&ExponentiatedGradient::default(), &market_a(250), 0.172_047_979);
        assert!(ExponentiatedGradient { eta: 0.0 }.check().is_err());
    }
}
