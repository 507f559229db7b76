//! A recorded market: a table of price relatives or of prices.

use std::sync::Arc;

use regret_engine::environment::Block;
use regret_engine::ledgers::Costs;
use regret_engine::protocols::portfolio::MarketShape;
use regret_engine::random::{Role, key, noise_word, unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cyclic_market::least_ratio;
use crate::support::prices::{self, MarketModel, MarketProcess};
use crate::support::table::Table;

/// A recorded market, one row a round, one column an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketTable {
    /// The file: `.csv` (with a header), `.csv.gz` or `.parquet`; a relative path starts at the
    /// working directory.
    pub path: String,
    /// What the numbers are: `relatives`, close by the close before, or `prices` (adjusted closes),
    /// of which there is one row more than rounds. By default `relatives`.
    #[serde(default)]
    pub quotes: Quotes,
    /// The columns to use, by name and in this order; by default all but that of the dates.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// The column of the dates, which must increase: numbers, or texts such as 2001-01-31 that sort
    /// as the dates do. By default there is none.
    #[serde(default)]
    pub dates: Option<String>,
    /// The order of the rows, `as_given`, or with `mean_block` the stationary bootstrap. By default
    /// `as_given`, the same in every replication.
    #[serde(default)]
    pub order: MarketOrder,
    /// Whether relatives that look like prices are accepted: those of a column with a median outside
    /// [0.5, 2]. By default they are not.
    #[serde(default)]
    pub accept_extremes: bool,
    /// What rebalancing costs; by default nothing.
    #[serde(default)]
    pub costs: Costs,
}

/// What the numbers of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quotes {
    /// Price relatives.
    #[default]
    Relatives,
    /// Prices.
    Prices,
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarketOrder {
    /// That of the file, in every replication.
    #[default]
    AsGiven,
    /// The stationary bootstrap of Politis and Romano (1994), anew in every replication: blocks of
    /// rows from a random one on, around the end, of geometric length.
    StationaryBootstrap {
        /// The mean length of a block, at least 1.
        mean_block: f64,
    },
}

/// A price relative below this is refused.
const LEAST: f64 = 1e-12;

impl EnvironmentModel for MarketTable {
    const NAME: &'static str = "market_table";
    const SUMMARY: &'static str = "a recorded market: a table of price relatives or of prices";
    const SOURCE: &'static str =
        "Politis, Romano, The stationary bootstrap, 1994 (order of the rows)";
    const EXAMPLE: &'static str =
        r#"{"path": "market.csv.gz", "order": {"stationary_bootstrap": {"mean_block": 20}}}"#;
    const PROTOCOLS: &'static [&'static str] = prices::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.costs.check()?;
        if let MarketOrder::StationaryBootstrap { mean_block } = self.order {
            let valid = mean_block >= 1.0 && mean_block.is_finite();
            let path = "order.stationary_bootstrap.mean_block";
            ParameterError::unless(valid, path, mean_block, "must be at least 1")?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let dates = self.dates.as_deref();
        let table = Table::read_dated(&self.path, self.columns.as_deref(), dates)?;
        let fingerprint = table.fingerprint.clone();
        Ok(prices::faces(self.recording(table)?, self.costs).fingerprint(fingerprint))
    }
}

impl MarketTable {
    /// The price relatives that a table stands for.
    fn recording(&self, table: Table) -> Result<Recording, ParameterError> {
        self.check_positive(&table)?;
        let assets = table.columns.len();
        prices::asset_count(assets, "columns")?;
        let relatives = match self.quotes {
            Quotes::Relatives => {
                self.check_medians(&table)?;
                table.values
            }
            Quotes::Prices => self.divided(&table)?,
        };
        if let Some(index) = relatives.iter().position(|x| !(*x >= LEAST && x.is_finite())) {
            let what =
                format!("the price relative {} is below {LEAST:e} or too great", relatives[index]);
            // The second of two prices is a row further down.
            let offset = usize::from(self.quotes == Quotes::Prices);
            return Err(self.at(index / assets + offset, &table.columns[index % assets], &what));
        }
        Ok(Recording { relatives: relatives.into(), assets, order: self.order })
    }

    fn check_positive(&self, table: &Table) -> Result<(), ParameterError> {
        let Some(index) = table.values.iter().position(|value| *value <= 0.0) else {
            return Ok(());
        };
        let assets = table.columns.len();
        let what = match self.quotes {
            Quotes::Relatives => "is no price relative, which are positive",
            Quotes::Prices => "is no price, which are positive",
        };
        let what = format!("{} {what}", table.values[index]);
        Err(self.at(index / assets, &table.columns[index % assets], &what))
    }

    /// Prices mistaken for relatives: relatives lie around 1.
    fn check_medians(&self, table: &Table) -> Result<(), ParameterError> {
        if self.accept_extremes {
            return Ok(());
        }
        let assets = table.columns.len();
        for (asset, name) in table.columns.iter().enumerate() {
            let mut column: Vec<f64> =
                table.values.iter().skip(asset).step_by(assets).copied().collect();
            column.sort_by(f64::total_cmp);
            let median = column[column.len() / 2];
            if !(0.5..=2.0).contains(&median) {
                let message = format!(
                    "{}: the median of column {name} is {median}, but price relatives lie around 1: \
                     these look like prices. Say `quotes: prices`, or `accept_extremes: true` if they \
                     are relatives",
                    self.path
                );
                return Err(ParameterError { path: "quotes".to_owned(), message });
            }
        }
        Ok(())
    }

    fn divided(&self, table: &Table) -> Result<Vec<f64>, ParameterError> {
        let assets = table.columns.len();
        if table.rows() < 2 {
            let message = format!("{}: prices need two rows at least, for one round", self.path);
            return Err(ParameterError { path: "path".to_owned(), message });
        }
        let later = &table.values[assets..];
        Ok(later.iter().zip(&table.values).map(|(now, before)| now / before).collect())
    }

    /// What is wrong with a cell; `row` counts from 0, without the header.
    fn at(&self, row: usize, column: &str, what: &str) -> ParameterError {
        let message = format!("{}: row {}, column {column}: {what}", self.path, row + 1);
        ParameterError { path: "path".to_owned(), message }
    }
}

/// Price relatives read from a table.
#[derive(Clone)]
struct Recording {
    /// `[row][asset]`.
    relatives: Arc<[f64]>,
    assets: usize,
    order: MarketOrder,
}

impl MarketModel for Recording {
    type Process = Player;

    fn shape(&self) -> MarketShape {
        MarketShape::new(self.assets)
    }

    fn least_ratio(&self) -> Option<f64> {
        least_ratio(&self.relatives, self.assets)
    }

    fn is_shared(&self) -> bool {
        self.order == MarketOrder::AsGiven
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.is_shared().then_some((self.relatives.len() / self.assets) as u64)
    }

    fn process(&self, block: &Block) -> Player {
        let keys = block.replications.clone().map(|r| key(block.seed, r, Role::Environment));
        Player { recording: self.clone(), keys: keys.collect(), rows: vec![0; block.lanes()] }
    }
}

/// Plays a recording in every lane.
struct Player {
    recording: Recording,
    keys: Vec<u64>,
    /// The row of the last round, `[lane]`.
    rows: Vec<usize>,
}

impl Player {
    fn row(&self, t: u64, lane: usize) -> usize {
        let assets = self.recording.assets;
        let count = self.recording.relatives.len() / assets;
        match self.recording.order {
            MarketOrder::AsGiven => (t - 1) as usize,
            MarketOrder::StationaryBootstrap { mean_block } => {
                let key = self.keys[lane];
                if t == 1 || unit(noise_word(key, t, 0)) * mean_block < 1.0 {
                    ((u128::from(noise_word(key, t, 1)) * count as u128) >> 64) as usize
                } else {
                    (self.rows[lane] + 1) % count
                }
            }
        }
    }
}

impl MarketProcess for Player {
    fn relatives(&mut self, t: u64, relatives: &mut [f64]) {
        let (assets, lanes) = (self.recording.assets, self.keys.len());
        for lane in 0..lanes {
            let row = self.row(t, lane);
            self.rows[lane] = row;
            let values = &self.recording.relatives[row * assets..][..assets];
            for (asset, x) in values.iter().enumerate() {
                relatives[asset * lanes + lane] = *x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::prices::tests::assert_market;
    use crate::support::table::tests::file;

    fn read(text: &str, change: impl Fn(&mut MarketTable)) -> Result<Recording, ParameterError> {
        let (_folder, path) = file("x.csv", text.as_bytes());
        let mut model: MarketTable =
            serde_json::from_value(serde_json::json!({ "path": path })).expect("valid");
        change(&mut model);
        let dates = model.dates.as_deref();
        model.recording(Table::read_dated(&path, model.columns.as_deref(), dates)?)
    }

    #[test]
    fn relatives_and_prices() {
        let given = read("a,b\n1.5,1\n0.5,2\n", |_| {}).expect("fits");
        assert_eq!(&*given.relatives, [1.5, 1.0, 0.5, 2.0]);
        assert_eq!((given.longest_horizon(), given.least_ratio()), (Some(2), Some(0.25)));
        assert_eq!(assert_market(&given, 2)[1], [0.5, 0.5, 0.5, 2.0, 2.0, 2.0]);
        let prices =
            read("day,a,b\n2001-01-30,10,4\n2001-01-31,15,2\n2001-02-01,15,3\n", |model| {
                (model.quotes, model.dates) = (Quotes::Prices, Some("day".to_owned()));
            });
        assert_eq!(&*prices.expect("fits").relatives, [1.5, 0.5, 1.0, 1.5]);
    }

    #[test]
    fn faults_say_where() {
        let fault = |text: &str, change: fn(&mut MarketTable)| {
            read(text, change).err().unwrap_or_else(|| panic!("{text}")).message
        };
        let prices: fn(&mut MarketTable) = |model| model.quotes = Quotes::Prices;
        for (text, change, message) in [
            (
                "a,b\n1,1\n1,0\n",
                (|_| {}) as fn(&mut MarketTable),
                "row 2, column b: 0 is no price rel",
            ),
            ("a,b\n1,1\n-1,1\n", |_| {}, "row 2, column a: -1 is no price rel"),
            ("a,b\n1,1\n1,\n", |_| {}, "row 2, column b: `` is not a finite number"),
            ("a,b\n1,1\n1,NaN\n", |_| {}, "row 2, column b"),
            ("a,b\n1,1\n1\n", |_| {}, "1 field"),
            ("a,b\n1,43.5\n1,42\n", |_| {}, "the median of column b is 43.5, but"),
            ("a,b\n1,1\n", prices, "prices need two rows"),
            ("a,b\n1,1e-300\n1,1e300\n", prices, "row 2, column b: the price relative"),
            ("a,b\n1,1\n1,0\n", prices, "row 2, column b: 0 is no price,"),
        ] {
            let found = fault(text, change);
            assert!(found.contains(message), "{found}");
        }
        let dated: fn(&mut MarketTable) = |model| model.dates = Some("day".to_owned());
        let found = fault("day,a\n2001-01-31,1\n2001-01-30,1\n", dated);
        assert!(found.contains("row 2, column day: `2001-01-30` does not come after"), "{found}");
        let found = fault("day,a\n9,1\n10,1\n9.5,1\n", dated);
        assert!(found.contains("row 3, column day: `9.5` does not come after"), "{found}");
        assert!(fault("a\n1\n", dated).contains("no such column"));
        assert!(read("a\n43\n", |model| model.accept_extremes = true).is_ok());
        assert!(read("a\n1\n", |_| {}).is_ok(), "one asset is a market");
    }

    #[test]
    fn the_bootstrap_keeps_neighbours_together() {
        let text: String = (0..50).fold("a\n".to_owned(), |text, i| text + &format!("1.{i:02}\n"));
        let order = MarketOrder::StationaryBootstrap { mean_block: 10.0 };
        let recording = read(&text, |model| model.order = order).expect("fits");
        assert_eq!((recording.longest_horizon(), recording.is_shared()), (None, false));
        let rounds = 10_000;
        let seen = assert_market(&recording, rounds);
        let row = |round: &[f64], lane: usize| ((round[lane] - 1.0) * 100.0).round() as usize;
        assert!(seen[..50].iter().any(|round| row(round, 0) != row(round, 1)));
        let follows = |pair: &&[Vec<f64>]| row(&pair[1], 0) == (row(&pair[0], 0) + 1) % 50;
        let together = seen.windows(2).filter(follows).count() as f64;
        // A block goes on with probability 0.9, or is followed by chance: 0.902; deviation 29.7.
        assert!((together - 0.902 * 9999.0).abs() < 149.0, "{together}");
        let bad = MarketOrder::StationaryBootstrap { mean_block: 0.5 };
        let model = |order| MarketTable {
            path: String::new(),
            quotes: Quotes::Relatives,
            columns: None,
            dates: None,
            order,
            accept_extremes: false,
            costs: Costs::default(),
        };
        assert!(model(bad).check().is_err() && model(order).check().is_ok());
    }
}
