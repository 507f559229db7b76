//! Price relatives that are given, and come again: exact values in closed form.

use std::sync::Arc;

use regret_engine::environment::Block;
use regret_engine::ledgers::Costs;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::prices::{self, MarketModel, MarketProcess};

/// The given rows of price relatives, one a round, again and again. With (1, 2), (1, ½) the best
/// constant portfolio holds halves and gains 1.125 in two rounds, while no asset gains anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CyclicMarket {
    /// The price relatives, all positive: a list for each round of the cycle, with an entry for each
    /// asset.
    pub relatives: Vec<Vec<f64>>,
    /// What rebalancing costs; by default nothing.
    #[serde(default)]
    pub costs: Costs,
}

impl EnvironmentModel for CyclicMarket {
    const NAME: &'static str = "cyclic_market";
    const SUMMARY: &'static str = "given price relatives, again and again";
    const SOURCE: &'static str = "Cover, Gluss, Empirical Bayes stock market portfolios, 1986";
    const EXAMPLE: &'static str = r#"{"relatives": [[1.0, 2.0], [1.0, 0.5]]}"#;
    const PROTOCOLS: &'static [&'static str] = prices::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.costs.check()?;
        ParameterError::unless(!self.relatives.is_empty(), "relatives", "[]", "must have a row")?;
        let assets = self.relatives[0].len();
        prices::asset_count(assets, "relatives[0]")?;
        for (t, row) in self.relatives.iter().enumerate() {
            let path = format!("relatives[{t}]");
            let rule = format!("must have an entry for each of the {assets} assets");
            let entries = format!("{} entries", row.len());
            ParameterError::unless(row.len() == assets, &path, entries, &rule)?;
            for (i, &x) in row.iter().enumerate() {
                let valid = x >= 1e-12 && x.is_finite();
                let rule = "must be a price relative, at least 1e-12";
                ParameterError::unless(valid, &format!("{path}[{i}]"), x, rule)?;
            }
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let rows =
            Rows { relatives: self.relatives.concat().into(), assets: self.relatives[0].len() };
        Ok(prices::faces(rows, self.costs))
    }
}

/// Rows of price relatives, `[row][asset]`, that come again.
#[derive(Clone)]
struct Rows {
    relatives: Arc<[f64]>,
    assets: usize,
}

impl MarketModel for Rows {
    type Process = Cycle;

    fn shape(&self) -> MarketShape {
        MarketShape::new(self.assets)
    }

    fn least_ratio(&self) -> Option<f64> {
        least_ratio(&self.relatives, self.assets)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn process(&self, block: &Block) -> Cycle {
        Cycle { rows: self.clone(), lanes: block.lanes() }
    }
}

/// The least relative by the greatest of a row, over all rows.
pub(super) fn least_ratio(relatives: &[f64], assets: usize) -> Option<f64> {
    let ratio = |row: &[f64]| {
        let least = row.iter().copied().fold(f64::INFINITY, f64::min);
        least / row.iter().copied().fold(0.0, f64::max)
    };
    Some(relatives.chunks_exact(assets).map(ratio).fold(1.0, f64::min))
}

/// Every lane sees the same.
struct Cycle {
    rows: Rows,
    lanes: usize,
}

impl MarketProcess for Cycle {
    fn relatives(&mut self, t: u64, relatives: &mut [f64]) {
        let assets = self.rows.assets;
        let count = (self.rows.relatives.len() / assets) as u64;
        let row = &self.rows.relatives[((t - 1) % count) as usize * assets..][..assets];
        for (lanes, x) in relatives.chunks_exact_mut(self.lanes).zip(row) {
            lanes.fill(*x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::prices::tests::assert_market;

    #[test]
    fn rows_come_again() {
        let model: CyclicMarket =
            serde_json::from_str(r#"{"relatives": [[1.0, 2.0], [1.5, 0.5], [1.0, 1.0]]}"#)
                .expect("valid");
        assert!(model.check().is_ok());
        let rows = Rows { relatives: model.relatives.concat().into(), assets: 2 };
        let seen = assert_market(&rows, 7);
        assert_eq!((seen[4][0], seen[4][3], seen[6][3]), (1.5, 0.5, 2.0));
        assert_eq!(rows.least_ratio(), Some(1.0 / 3.0));
        for bad in [vec![vec![1.0, 0.0]], vec![vec![1.0, 2.0], vec![1.0]], vec![], vec![vec![]]] {
            assert!(CyclicMarket { relatives: bad, ..model.clone() }.check().is_err());
        }
    }
}
