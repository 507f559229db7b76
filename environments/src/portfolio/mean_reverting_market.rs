//! Prices that return to their trend.

use regret_engine::environment::Block;
use regret_engine::ledgers::Costs;
use regret_engine::math;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::prices::{self, MarketModel, MarketProcess};
use crate::support::shocks::Shocks;

/// Logarithms of prices around a common trend: p ← φ p + σ z, from 0, with a relative
/// exp(drift + p' − p). With φ = 1 they are random walks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanRevertingMarket {
    /// The number of assets, m.
    pub assets: usize,
    /// What is left of a deviation after a round, φ, from 0 to 1.
    pub persistence: f64,
    /// The deviation of a round's shock, σ, from 0 to 1.
    pub volatility: f64,
    /// The trend of all logarithms of prices, a round; by default 0.
    #[serde(default)]
    pub drift: f64,
    /// What rebalancing costs; by default nothing.
    #[serde(default)]
    pub costs: Costs,
}

impl EnvironmentModel for MeanRevertingMarket {
    const NAME: &'static str = "mean_reverting_market";
    const SUMMARY: &'static str = "logarithms of prices that return to a trend";
    const SOURCE: &'static str = "Li, Hoi, On-line portfolio selection with moving average \
                                  reversion, 2012 (assumption)";
    const EXAMPLE: &'static str =
        r#"{"assets": 2, "persistence": 0.8, "volatility": 0.02, "drift": 0.0002}"#;
    const PROTOCOLS: &'static [&'static str] = prices::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.costs.check()?;
        prices::asset_count(self.assets, "assets")?;
        let valid = (0.0..=1.0).contains(&self.persistence);
        ParameterError::unless(valid, "persistence", self.persistence, "must be from 0 to 1")?;
        let valid = (0.0..=1.0).contains(&self.volatility);
        ParameterError::unless(valid, "volatility", self.volatility, "must be from 0 to 1")?;
        ParameterError::unless(
            self.drift.abs() < 1.0,
            "drift",
            self.drift,
            "must be between −1 and 1",
        )
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(prices::faces(self.clone(), self.costs))
    }
}

impl MarketModel for MeanRevertingMarket {
    type Process = Deviations;

    fn shape(&self) -> MarketShape {
        MarketShape::new(self.assets)
    }

    fn process(&self, block: &Block) -> Deviations {
        Deviations {
            shocks: Shocks::new(self.assets, 0.0),
            logs: vec![0.0; self.assets * block.lanes()],
            model: self.clone(),
            keys: keys(block),
        }
    }
}

/// The deviations from the trend in every lane.
pub struct Deviations {
    model: MeanRevertingMarket,
    shocks: Shocks,
    /// `[asset][lane]`.
    logs: Vec<f64>,
    keys: Vec<u64>,
}

impl MarketProcess for Deviations {
    fn relatives(&mut self, t: u64, relatives: &mut [f64]) {
        let lanes = self.keys.len();
        let MeanRevertingMarket { persistence, volatility, drift, .. } = self.model;
        for (lane, &key) in self.keys.iter().enumerate() {
            for (asset, z) in self.shocks.draw(key, t).iter().enumerate() {
                let log = &mut self.logs[asset * lanes + lane];
                let next = persistence * *log + volatility * z;
                relatives[asset * lanes + lane] = math::exp(drift + next - *log);
                *log = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::prices::tests::assert_market;

    #[test]
    fn deviations_die_out() {
        let model: MeanRevertingMarket =
            serde_json::from_str(MeanRevertingMarket::EXAMPLE).expect("valid");
        assert!(model.check().is_ok());
        let rounds = 20_000;
        let seen = assert_market(&model, rounds);
        // The prices after t rounds, without the trend, are stationary: deviation σ/√(1 − φ²).
        let (mut log, mut squares) = (0.0f64, 0.0);
        for round in &seen {
            log += round[3].ln() - 0.0002;
            squares += log * log;
        }
        let variance = 0.02 * 0.02 / (1.0 - 0.64);
        // Squares of an AR(1) have autocorrelation φ²: standard error √(2/n · (1+φ²)/(1−φ²)).
        let error = (2.0 / rounds as f64 * (1.64 / 0.36)).sqrt();
        assert!((squares / rounds as f64 / variance - 1.0).abs() < 5.0 * error);
        assert!(MeanRevertingMarket { persistence: 1.1, ..model }.check().is_err());
    }
}
