//! Constant rebalanced portfolio: the same shares in every round.
//!
//! Source: Cover, "Universal portfolios", 1991. With equal shares it is UCRP; with the
//! weights that `bcrp_weights` records it is the best one in hindsight, whose regret is 0 (tested).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The same portfolio in every round, to which wealth is rebalanced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConstantRebalanced {
    /// The portfolio, summing to 1; by default the same share of each asset (UCRP).
    pub weights: Option<Vec<f64>>,
}

/// Weights that are not negative and sum to 1 within 1e-9.
pub(super) fn check_weights(weights: Option<&[f64]>) -> Result<(), ParameterError> {
    let Some(weights) = weights else { return Ok(()) };
    for (index, &weight) in weights.iter().enumerate() {
        let valid = weight >= 0.0 && weight.is_finite();
        let path = format!("weights[{index}]");
        ParameterError::unless(valid, &path, weight, "must be a number that is not negative")?;
    }
    let sum: f64 = weights.iter().sum();
    ParameterError::unless((sum - 1.0).abs() <= 1e-9, "weights", sum, "must sum to 1")
}

/// The weights for a market, equal ones if none are given.
pub(super) fn fit_weights(
    weights: Option<&[f64]>,
    setting: &Setting<Portfolio>,
) -> Result<Vec<f64>, ParameterError> {
    let assets = setting.assets();
    let Some(weights) = weights else { return Ok(uniform(assets)) };
    let rule = format!("must have an entry for each of the {assets} assets");
    let entries = format!("{} entries", weights.len());
    ParameterError::unless(weights.len() == assets, "weights", entries, &rule)?;
    Ok(weights.to_vec())
}

impl Algorithm for ConstantRebalanced {
    type Protocol = Portfolio;
    type Learner = ConstantLearner;

    const NAME: &'static str = "constant_rebalanced";
    const SUMMARY: &'static str = "the same portfolio in every round";
    const SOURCE: &'static str = "Cover, Universal portfolios, 1991";

    fn check(&self) -> Result<(), ParameterError> {
        check_weights(self.weights.as_deref())
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        Ok(ConstantLearner { weights: fit_weights(self.weights.as_deref(), setting)? })
    }
}

/// A constant portfolio.
pub struct ConstantLearner {
    pub(super) weights: Vec<f64>,
}

impl Learner<Portfolio> for ConstantLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, _: Outcome<'_, Portfolio>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        u64::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, log_wealth, market_a};

    #[test]
    fn equal_and_given_weights() {
        assert_log_wealth(&ConstantRebalanced::default(), &market_a(250), 0.174_656_735);
        let given = ConstantRebalanced { weights: Some(vec![0.25, 0.75]) };
        let rows = [vec![1.0, 2.0], vec![1.0, 0.5]];
        assert!((log_wealth(&given, &rows) - (1.75f64 * 0.625).ln()).abs() < 1e-12);
        let bad = |weights| ConstantRebalanced { weights: Some(weights) }.check().is_err();
        assert!(bad(vec![0.5, 0.6]) && bad(vec![1.5, -0.5]) && bad(vec![f64::NAN]));
        let setting = crate::portfolio::tests::setting(3, 5);
        assert!(given.learner(&setting).is_err());
    }
}
