//! Kelly: the portfolio of greatest expected log-growth for a known law.
//!
//! Source: Kelly, "A new interpretation of information rate", 1956; Breiman, "Optimal gambling
//! systems for favorable games", 1961.
//! Setting: independent rounds whose price relatives are drawn from a known finite law.

use regret_engine::learner::Setting;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::BestConstant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::constant_rebalanced::ConstantLearner;

/// In every round the portfolio that maximises Σ p ln(b·x) over a finite law of price relatives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Kelly {
    /// The outcomes: for each a list of price relatives, all positive, one for each asset. By default
    /// none, which says nothing: equal shares.
    pub outcomes: Vec<Vec<f64>>,
    /// Their probabilities, positive and summing to 1; by default all the same.
    pub probabilities: Option<Vec<f64>>,
}

impl Algorithm for Kelly {
    type Protocol = Portfolio;
    type Learner = ConstantLearner;

    const NAME: &'static str = "kelly";
    const SUMMARY: &'static str = "greatest expected log-growth for a known law";
    const SOURCE: &'static str = "Kelly, A new interpretation of information rate, 1956";

    fn check(&self) -> Result<(), ParameterError> {
        for (outcome, relatives) in self.outcomes.iter().enumerate() {
            for (asset, &x) in relatives.iter().enumerate() {
                let valid = x > 0.0 && x.is_finite();
                let path = format!("outcomes[{outcome}][{asset}]");
                ParameterError::unless(valid, &path, x, "must be a positive number")?;
            }
        }
        let Some(probabilities) = &self.probabilities else { return Ok(()) };
        let entries = format!("{} entries", probabilities.len());
        let fits = probabilities.len() == self.outcomes.len();
        ParameterError::unless(fits, "probabilities", entries, "must have one for each outcome")?;
        for (outcome, &p) in probabilities.iter().enumerate() {
            let path = format!("probabilities[{outcome}]");
            ParameterError::unless(p > 0.0 && p <= 1.0, &path, p, "must be positive, at most 1")?;
        }
        let sum: f64 = probabilities.iter().sum();
        ParameterError::unless((sum - 1.0).abs() <= 1e-9, "probabilities", sum, "must sum to 1")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        for (outcome, relatives) in self.outcomes.iter().enumerate() {
            let path = format!("outcomes[{outcome}]");
            let rule = format!("must have an entry for each of the {assets} assets");
            let entries = format!("{} entries", relatives.len());
            ParameterError::unless(relatives.len() == assets, &path, entries, &rule)?;
        }
        let mut best = BestConstant::new(assets);
        best.solve(&self.outcomes.concat(), self.probabilities.as_deref());
        Ok(ConstantLearner { weights: best.weights().to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::setting;

    #[test]
    fn a_bet_by_hand() {
        // Cash, and a bet that pays double with probability 0.6 and loses nearly all otherwise: with
        // relatives 2 and q the fraction is f = (0.6 (1 − q) − 0.4) / (1 − q) as q → 0, i.e. 0.2.
        let strategy = Kelly {
            outcomes: vec![vec![1.0, 2.0], vec![1.0, 1e-9]],
            probabilities: Some(vec![0.6, 0.4]),
        };
        assert!(strategy.check().is_ok());
        let weights = strategy.learner(&setting(2, 1)).expect("fits").weights;
        assert!((weights[1] - 0.2).abs() < 1e-6, "{weights:?}");
        assert_eq!(Kelly::default().learner(&setting(2, 1)).expect("fits").weights, [0.5, 0.5]);
        assert!(Kelly { probabilities: Some(vec![1.0]), ..strategy.clone() }.check().is_err());
        assert!(Kelly { outcomes: vec![vec![0.0]], probabilities: None }.check().is_err());
        assert!(strategy.learner(&setting(3, 1)).is_err());
    }
}
