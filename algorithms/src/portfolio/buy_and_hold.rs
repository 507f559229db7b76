//! Buy and hold: shares bought once, never traded.
//!
//! Source: Cover, "Universal portfolios", 1991.
//! Guarantee, tested: with equal shares, log-wealth is within ln m of the best asset's.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::notion::BEST_ASSET_REGRET;
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::MarketFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::constant_rebalanced::{check_weights, fit_weights};

/// Shares bought before the first round and held. As a combiner of an ensemble it is the mean of the
/// components' wealths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BuyAndHold {
    /// The first portfolio, summing to 1; by default the same share of each asset.
    pub weights: Option<Vec<f64>>,
}

impl Algorithm for BuyAndHold {
    type Protocol = Portfolio;
    type Learner = BuyAndHoldLearner;

    const NAME: &'static str = "buy_and_hold";
    const SUMMARY: &'static str = "buys once and never trades";
    const SOURCE: &'static str = "Cover, Universal portfolios, 1991";

    fn check(&self) -> Result<(), ParameterError> {
        check_weights(self.weights.as_deref())
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let start = fit_weights(self.weights.as_deref(), setting)?;
        Ok(BuyAndHoldLearner { weights: start.clone(), start })
    }

    fn bounds(&self, setting: &Setting<Portfolio>, facts: &MarketFacts) -> Vec<Bound> {
        if self.weights.is_some() || facts.costs {
            return Vec::new();
        }
        let value = regret_engine::math::ln(setting.assets() as f64);
        vec![Bound::upper(
            BEST_ASSET_REGRET,
            "ln m",
            "Cover 1991",
            "no costs; on every market",
            move |_| value,
        )]
    }
}

/// Buy and hold of one replication.
pub struct BuyAndHoldLearner {
    start: Vec<f64>,
    /// The shares of the present wealth.
    weights: Vec<f64>,
}

impl Learner<Portfolio> for BuyAndHoldLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let mut total = 0.0;
        for (weight, x) in self.weights.iter_mut().zip(outcome.feedback) {
            *weight *= x;
            total += *weight;
        }
        self.weights.iter_mut().for_each(|weight| *weight /= total);
    }

    fn reset(&mut self) {
        self.weights.copy_from_slice(&self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, log_wealth, market_a};

    #[test]
    fn market_a_and_the_mean_of_wealths() {
        assert_log_wealth(&BuyAndHold::default(), &market_a(250), 0.122_570_703);
        let rows = [vec![2.0, 1.0, 0.5], vec![0.25, 1.0, 4.0]];
        assert!((log_wealth(&BuyAndHold::default(), &rows) - (3.5f64 / 3.0).ln()).abs() < 1e-12);
        let uneven = BuyAndHold { weights: Some(vec![0.5, 0.25, 0.25]) };
        assert!((log_wealth(&uneven, &rows)).abs() < 1e-12);
    }
}
