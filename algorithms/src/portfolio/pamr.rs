//! Passive-aggressive mean reversion (PAMR).
//!
//! Source: Li, Zhao, Hoi, Gopalkrishnan, "PAMR: Passive aggressive mean reversion strategy for
//! portfolio selection", 2012. Guarantee: none.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::{dot, uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::reversion::{spread, step};

/// Moves wealth away from what has just grown, as far as makes the last round's growth ε.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pamr {
    /// The sensitivity ε ≥ 0: growth above it is moved away from; by default 0.5.
    pub epsilon: f64,
    /// The variant: `none` (PAMR), `linear` (PAMR-1) or `quadratic` (PAMR-2) slack; by default `none`.
    pub slack: Slack,
    /// The aggressiveness C > 0 of the variants with slack; by default 500.
    pub aggressiveness: f64,
}

/// What may be missing of the aim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Slack {
    /// Nothing (PAMR).
    #[default]
    None,
    /// Steps are at most C (PAMR-1).
    Linear,
    /// Steps are shortened by 1/(2C) (PAMR-2).
    Quadratic,
}

impl Default for Pamr {
    fn default() -> Self {
        Self { epsilon: 0.5, slack: Slack::None, aggressiveness: 500.0 }
    }
}

impl Algorithm for Pamr {
    type Protocol = Portfolio;
    type Learner = PamrLearner;

    const NAME: &'static str = "pamr";
    const SUMMARY: &'static str = "passive-aggressive reversion to the mean of a round";
    const SOURCE: &'static str = "Li, Zhao, Hoi, Gopalkrishnan, PAMR: Passive aggressive mean \
                                  reversion strategy for portfolio selection, 2012";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.epsilon >= 0.0 && self.epsilon.is_finite();
        ParameterError::unless(valid, "epsilon", self.epsilon, "must be a number, at least 0")?;
        let valid = self.aggressiveness > 0.0 && self.aggressiveness.is_finite();
        let rule = "must be a positive number";
        ParameterError::unless(valid, "aggressiveness", self.aggressiveness, rule)
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let sorted = Vec::with_capacity(assets);
        Ok(PamrLearner { rule: self.clone(), weights: uniform(assets), sorted })
    }
}

/// PAMR of one replication.
pub struct PamrLearner {
    rule: Pamr,
    weights: Vec<f64>,
    sorted: Vec<f64>,
}

impl Learner<Portfolio> for PamrLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let relatives = outcome.feedback;
        let (mean, squares) = spread(relatives);
        let excess = (dot(&self.weights, relatives) - self.rule.epsilon).max(0.0);
        let multiple = match self.rule.slack {
            Slack::None => excess / squares,
            Slack::Linear => (excess / squares).min(self.rule.aggressiveness),
            Slack::Quadratic => excess / (squares + 0.5 / self.rule.aggressiveness),
        };
        if squares > 0.0 && multiple.is_finite() {
            step(&mut self.weights, relatives, -multiple, mean, &mut self.sorted);
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
    use crate::portfolio::tests::{assert_log_wealth, log_wealth, market_a, portfolios};

    #[test]
    fn a_step_by_hand_and_market_a() {
        let rows = [vec![1.0, 2.0], vec![1.0, 1.0]];
        assert_eq!(portfolios(&Pamr::default(), &rows)[1], [1.0, 0.0]);
        assert_log_wealth(&Pamr::default(), &market_a(250), -3.442_975_951);
        let late = Pamr { epsilon: 0.99, ..Pamr::default() };
        assert_log_wealth(&late, &market_a(250), 1.397_735_677);
    }

    #[test]
    fn slack_shortens_steps() {
        // Excess 1 over ‖x − x̄‖² = ½: τ = 2, at most C, or 1/(½ + 1/(2C)) = 1/3 with C = 0.2.
        let rows = [vec![1.0, 2.0], vec![1.0, 1.0]];
        let played = |slack, aggressiveness| {
            portfolios(&Pamr { slack, aggressiveness, ..Pamr::default() }, &rows)[1][0]
        };
        assert!((played(Slack::Linear, 0.2) - 0.6).abs() < 1e-15);
        assert!((played(Slack::Quadratic, 0.2) - (0.5 + 1.0 / 6.0)).abs() < 1e-15);
        // Nothing bounds a step as C grows.
        let plain = log_wealth(&Pamr::default(), &market_a(50));
        let loose = Pamr { slack: Slack::Linear, aggressiveness: 1e12, ..Pamr::default() };
        assert!((log_wealth(&loose, &market_a(50)) - plain).abs() < 1e-12);
        assert!(Pamr { epsilon: f64::NAN, ..Pamr::default() }.check().is_err());
    }
}
