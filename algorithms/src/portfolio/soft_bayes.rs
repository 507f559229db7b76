//! Soft-Bayes: Bayes's rule with a step.
//!
//! Source: Orseau, Lattimore, Legg, "Soft-Bayes: Prod for mixtures of experts with log-loss", 2017,
//! with a fixed and with a decreasing rate.
//! Guarantee, tested: 2 √(m T ln m) + ln m at the tuned rate, on every market.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::LOG_WEALTH_REGRET;
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::{dot, uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weights multiplied by 1 − η + η x_i/(w·x).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SoftBayes {
    /// The learning rate η: `tuned` to the horizon, √(ln m/(m T)); `anytime`, √(ln m/(2 m t)); or
    /// `{fixed: η}` with η from 0 to 1. By default `tuned`.
    pub rate: SoftBayesRate,
}

/// The rate of [`SoftBayes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SoftBayesRate {
    /// For the horizon, √(ln m/(m T)).
    #[default]
    Tuned,
    /// √(ln m/(2 m t)), with what makes up for its decrease.
    Anytime,
    /// The same in all rounds.
    Fixed(f64),
}

impl Algorithm for SoftBayes {
    type Protocol = Portfolio;
    type Learner = SoftBayesLearner;

    const NAME: &'static str = "soft_bayes";
    const SUMMARY: &'static str = "Bayes's rule with a step, for log-wealth";
    const SOURCE: &'static str = "Orseau, Lattimore, Legg, Soft-Bayes: Prod for mixtures of experts \
                                  with log-loss, 2017";

    fn check(&self) -> Result<(), ParameterError> {
        let SoftBayesRate::Fixed(eta) = self.rate else { return Ok(()) };
        let valid = eta > 0.0 && eta < 1.0;
        ParameterError::unless(valid, "rate.fixed", eta, "must be between 0 and 1")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let m = setting.assets() as f64;
        let squared = math::ln(m) / m;
        let rate = match self.rate {
            SoftBayesRate::Tuned => Step::Fixed((squared / setting.horizon as f64).sqrt()),
            SoftBayesRate::Anytime => Step::Anytime(0.5 * squared),
            SoftBayesRate::Fixed(eta) => Step::Fixed(eta),
        };
        Ok(SoftBayesLearner { rate, updates: 0, weights: uniform(setting.assets()) })
    }

    fn bounds(&self, setting: &Setting<Portfolio>, facts: &MarketFacts) -> Vec<Bound> {
        if self.rate != SoftBayesRate::Tuned || facts.costs {
            return Vec::new();
        }
        let m = setting.assets() as f64;
        let (log, horizon) = (math::ln(m), setting.horizon as f64);
        let value = 2.0 * (m * horizon * log).sqrt() + log;
        vec![Bound::upper(
            LOG_WEALTH_REGRET,
            "2 √(m T ln m) + ln m",
            "Orseau, Lattimore, Legg 2017",
            "no costs; on every market",
            move |_| value,
        )]
    }
}

/// The rate of a learner; an anytime one by its square times t.
#[derive(Clone, Copy, Debug)]
enum Step {
    Fixed(f64),
    Anytime(f64),
}

impl Step {
    fn at(self, t: u64) -> f64 {
        match self {
            Self::Fixed(eta) => eta,
            Self::Anytime(squared) => (squared / t as f64).sqrt(),
        }
    }
}

/// Soft-Bayes of one replication.
pub struct SoftBayesLearner {
    rate: Step,
    /// Feedbacks seen.
    updates: u64,
    weights: Vec<f64>,
}

impl Learner<Portfolio> for SoftBayesLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        self.updates += 1;
        let (eta, next) = (self.rate.at(self.updates), self.rate.at(self.updates + 1));
        let wealth = dot(&self.weights, outcome.feedback);
        // 1 for a fixed rate (and for one asset, whose rate is 0).
        let kept = if eta > 0.0 { next / eta } else { 1.0 };
        let share = (1.0 - kept) / self.weights.len() as f64;
        for (weight, x) in self.weights.iter_mut().zip(outcome.feedback) {
            *weight = *weight * (1.0 - eta + eta * x / wealth) * kept + share;
        }
        // Sums to 1 exactly but for rounding, which must not add up.
        let total: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight /= total);
    }

    fn reset(&mut self) {
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
        self.updates = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        assert_log_wealth(&SoftBayes::default(), &market_a(250), 0.172_659_899);
        let anytime = SoftBayes { rate: SoftBayesRate::Anytime };
        assert_log_wealth(&anytime, &market_a(250), 0.172_019_662);
        assert!(SoftBayes { rate: SoftBayesRate::Fixed(1.0) }.check().is_err());
    }
}
