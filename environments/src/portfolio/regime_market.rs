//! A market whose drifts change between regimes.

use regret_engine::environment::Block;
use regret_engine::ledgers::Costs;
use regret_engine::math;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::prices::{self, MarketModel, MarketProcess};
use crate::support::shocks::{self, Shocks};

/// Lognormal price relatives exp(μ_i − σ²/2 + σ z_i) whose drifts μ are those of a regime. Before
/// every round but the first, with the given probability, another regime is drawn, all others being
/// equally likely; the first is drawn from all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimeMarket {
    /// A list for each regime, at least 1, with the drift of each asset, a round.
    pub drifts: Vec<Vec<f64>>,
    /// The volatility of every asset, σ, from 0 to 1, a round.
    pub volatility: f64,
    /// The probability that the regime changes, a round.
    pub switch: f64,
    /// The correlation of any two assets' noise; by default 0.
    #[serde(default)]
    pub correlation: f64,
    /// Whether the regime of the round is shown as side information; by default it is not.
    #[serde(default)]
    pub shown: bool,
    /// What rebalancing costs; by default nothing.
    #[serde(default)]
    pub costs: Costs,
}

impl EnvironmentModel for RegimeMarket {
    const NAME: &'static str = "regime_market";
    const SUMMARY: &'static str = "lognormal price relatives whose drifts change between regimes";
    const SOURCE: &'static str = "Hamilton, A new approach to the economic analysis of \
                                  nonstationary time series, 1989 (setting)";
    const EXAMPLE: &'static str = r#"{"drifts": [[0.002, -0.002], [-0.002, 0.002]], "volatility": 0.02, "switch": 0.05, "shown": true}"#;
    const PROTOCOLS: &'static [&'static str] = prices::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.costs.check()?;
        ParameterError::unless(!self.drifts.is_empty(), "drifts", "[]", "must have a regime")?;
        let assets = self.drifts[0].len();
        prices::asset_count(assets, "drifts[0]")?;
        for (regime, drifts) in self.drifts.iter().enumerate() {
            let path = format!("drifts[{regime}]");
            let rule = format!("must have an entry for each of the {assets} assets");
            let entries = format!("{} entries", drifts.len());
            ParameterError::unless(drifts.len() == assets, &path, entries, &rule)?;
            shocks::drifts(drifts, &path)?;
        }
        shocks::volatilities(&[self.volatility], "volatility")?;
        let valid = (0.0..=1.0).contains(&self.switch);
        ParameterError::unless(valid, "switch", self.switch, "must be a probability, from 0 to 1")?;
        shocks::correlation(self.correlation, assets)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(prices::faces(self.clone(), self.costs))
    }
}

impl MarketModel for RegimeMarket {
    type Process = Regimes;

    fn shape(&self) -> MarketShape {
        let states = if self.shown { self.drifts.len() } else { 1 };
        MarketShape { assets: self.drifts[0].len(), states }
    }

    fn process(&self, block: &Block) -> Regimes {
        let streams = block.replications.clone();
        Regimes {
            shocks: Shocks::new(self.drifts[0].len(), self.correlation),
            streams: streams.map(|r| Stream::new(block.seed, r, Role::Environment)).collect(),
            regimes: vec![0; block.lanes()],
            model: self.clone(),
            keys: keys(block),
            drawn: 0,
        }
    }
}

/// The regime of every lane.
pub struct Regimes {
    model: RegimeMarket,
    shocks: Shocks,
    streams: Vec<Stream>,
    regimes: Vec<usize>,
    keys: Vec<u64>,
    /// The last round whose regimes were drawn.
    drawn: u64,
}

impl Regimes {
    /// Draws the regimes of round `t`, once.
    fn advance(&mut self, t: u64) {
        if self.drawn == t {
            return;
        }
        self.drawn = t;
        let count = self.model.drifts.len();
        for (regime, stream) in self.regimes.iter_mut().zip(&mut self.streams) {
            // The same draws whatever happens.
            let (change, which) = (stream.uniform(), stream.word());
            let among = |count: usize| ((u128::from(which) * count as u128) >> 64) as usize;
            if t == 1 {
                *regime = among(count);
            } else if change < self.model.switch && count > 1 {
                let other = among(count - 1);
                *regime = other + usize::from(other >= *regime);
            }
        }
    }
}

impl MarketProcess for Regimes {
    fn states(&mut self, t: u64, states: &mut [usize]) {
        self.advance(t);
        if self.model.shown {
            states.copy_from_slice(&self.regimes);
        }
    }

    fn relatives(&mut self, t: u64, relatives: &mut [f64]) {
        self.advance(t);
        let lanes = self.keys.len();
        let s = self.model.volatility;
        for (lane, &key) in self.keys.iter().enumerate() {
            let drifts = &self.model.drifts[self.regimes[lane]];
            for (asset, (drift, z)) in drifts.iter().zip(self.shocks.draw(key, t)).enumerate() {
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
    fn regimes_change_as_often_as_stated() {
        let json = r#"{"drifts": [[0.5], [-0.5], [0.1]], "volatility": 0, "switch": 0.05}"#;
        let model: RegimeMarket = serde_json::from_str(json).expect("valid");
        assert!(model.check().is_ok());
        let rounds = 20_000;
        let seen = assert_market(&model, rounds);
        let changes = seen.windows(2).filter(|pair| pair[0][1] != pair[1][1]).count() as f64;
        // Binomial(19999, 0.05): deviation 30.8; five of them.
        assert!((changes - 0.05 * 19_999.0).abs() < 154.0, "{changes}");
        let first = seen.iter().filter(|round| round[1] > 1.2).count() as f64;
        // A third; a regime lasts 20 rounds, so counts deviate by about √(20000 · 20 · 2/9 · 2/1.5).
        assert!((first - 20_000.0 / 3.0).abs() < 5.0 * 350.0, "{first}");
        assert!(RegimeMarket { switch: 1.5, ..model.clone() }.check().is_err());
        assert!(RegimeMarket { drifts: vec![vec![0.1], vec![]], ..model }.check().is_err());
    }
}
