//! Geometric Brownian motion with correlated assets.

use regret_engine::environment::Block;
use regret_engine::ledgers::Costs;
use regret_engine::math;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::checks;
use crate::support::prices::{self, MarketModel, MarketProcess};
use crate::support::shocks::{self, Shocks};

/// Independent rounds of lognormal price relatives exp(μ_i − σ_i²/2 + σ_i z_i), the z_i standard
/// normal with the same correlation between any two, so that the mean of a relative is e^{μ_i}.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeometricBrownian {
    /// The drift of each asset, μ, a round.
    pub drifts: Vec<f64>,
    /// The volatility of each asset, σ ≥ 0, a round.
    pub volatilities: Vec<f64>,
    /// The correlation ρ of any two assets' noise, from −1/(m − 1) to 1; by default 0.
    #[serde(default)]
    pub correlation: f64,
    /// What rebalancing costs; by default nothing.
    #[serde(default)]
    pub costs: Costs,
}

impl EnvironmentModel for GeometricBrownian {
    const NAME: &'static str = "geometric_brownian";
    const SUMMARY: &'static str =
        "independent lognormal price relatives, correlated between assets";
    const SOURCE: &'static str =
        "Samuelson, Rational theory of warrant pricing, 1965 (law of prices)";
    const EXAMPLE: &'static str =
        r#"{"drifts": [0.001, 0.0], "volatilities": [0.03, 0.01], "correlation": 0.3}"#;
    const PROTOCOLS: &'static [&'static str] = prices::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.costs.check()?;
        prices::asset_count(self.drifts.len(), "drifts")?;
        shocks::drifts(&self.drifts, "drifts")?;
        checks::same_length(&self.drifts, &self.volatilities, "volatilities")?;
        shocks::volatilities(&self.volatilities, "volatilities")?;
        shocks::correlation(self.correlation, self.drifts.len())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(prices::faces(self.clone(), self.costs))
    }
}

impl MarketModel for GeometricBrownian {
    type Process = Motion;

    fn shape(&self) -> MarketShape {
        MarketShape::new(self.drifts.len())
    }

    fn process(&self, block: &Block) -> Motion {
        Motion {
            shocks: Shocks::new(self.drifts.len(), self.correlation),
            model: self.clone(),
            keys: keys(block),
        }
    }
}

/// The motion of every lane.
pub struct Motion {
    model: GeometricBrownian,
    shocks: Shocks,
    keys: Vec<u64>,
}

impl MarketProcess for Motion {
    fn relatives(&mut self, t: u64, relatives: &mut [f64]) {
        let lanes = self.keys.len();
        for (lane, &key) in self.keys.iter().enumerate() {
            let model = &self.model;
            let laws = model.drifts.iter().zip(&model.volatilities);
            for (asset, ((drift, s), z)) in laws.zip(self.shocks.draw(key, t)).enumerate() {
                relatives[asset * lanes + lane] = math::exp(drift - 0.5 * s * s + s * z);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::prices::tests::assert_market;

    #[test]
    fn moments_are_those_stated() {
        let model: GeometricBrownian =
            serde_json::from_str(GeometricBrownian::EXAMPLE).expect("valid");
        assert!(model.check().is_ok());
        let rounds = 20_000;
        let seen = assert_market(&model, rounds);
        let log = |t: usize, asset: usize| seen[t][asset * 3].ln();
        let n = rounds as f64;
        let mean = |f: &dyn Fn(usize) -> f64| (0..rounds as usize).map(f).sum::<f64>() / n;
        let (a, b) = (mean(&|t| log(t, 0)), mean(&|t| log(t, 1)));
        // Five standard errors: σ/√n for means, about √((1 + ρ²)/n) for the correlation.
        assert!((a - (0.001 - 0.000_45)).abs() < 5.0 * 0.03 / n.sqrt(), "{a}");
        assert!((b + 0.000_05).abs() < 5.0 * 0.01 / n.sqrt(), "{b}");
        let correlation = mean(&|t| (log(t, 0) - a) / 0.03 * (log(t, 1) - b) / 0.01);
        assert!((correlation - 0.3).abs() < 5.0 * (1.09 / n).sqrt(), "{correlation}");
    }

    #[test]
    fn impossible_markets_are_refused() {
        let model: GeometricBrownian =
            serde_json::from_str(GeometricBrownian::EXAMPLE).expect("valid");
        for bad in [
            GeometricBrownian { volatilities: vec![0.1], ..model.clone() },
            GeometricBrownian { volatilities: vec![0.1, -0.1], ..model.clone() },
            GeometricBrownian { drifts: vec![0.1, f64::NAN], ..model.clone() },
            GeometricBrownian { correlation: 1.5, ..model.clone() },
            GeometricBrownian { drifts: vec![], volatilities: vec![], ..model.clone() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
