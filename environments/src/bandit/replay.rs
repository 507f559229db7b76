//! Replay of a table: recorded rewards, losses or price relatives, one row for each round.

use std::sync::Arc;

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, key, noise_word};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::drift::{Drift, Drifting, Noiseless};
use crate::support::permutation::permuted;
use crate::support::process::{self, RewardModel};
use crate::support::table::Table;

/// A recorded table as an oblivious adversary: one row for each round, one column for each arm.
/// The rewards are their own means, so the pseudo-regret is the regret in hindsight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The file: `.csv` (with a header), `.csv.gz` or `.parquet`; a relative path starts at the
    /// working directory.
    pub path: String,
    /// What the numbers are: rewards, losses (the reward is 1 − loss), or price relatives (the
    /// reward is the logarithm, so that sums are log-wealth).
    #[serde(default)]
    pub values: Values,
    /// The columns to use, by name and in this order; by default all.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// `none`; `min_max`, which maps the least number of the table to 0 and the greatest to 1; or
    /// `clip` to [0, 1]. Applied to losses before they become rewards, to logarithms after. By
    /// default `min_max` for price relatives, else `none`.
    #[serde(default)]
    pub normalise: Option<Normalise>,
    /// The order of the rows: `as_given`, `shuffled` anew in every replication, or `bootstrap`, drawn
    /// with replacement.
    #[serde(default)]
    pub order: Order,
}

/// What the numbers of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Rewards.
    #[default]
    Rewards,
    /// Losses.
    Losses,
    /// Price relatives, positive.
    PriceRelatives,
}

/// How numbers are brought to [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Not at all.
    None,
    /// Least to 0, greatest to 1, over the columns used.
    MinMax,
    /// Cut off at 0 and 1.
    Clip,
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// That of the file, in every replication.
    #[default]
    AsGiven,
    /// A permutation of its own in every replication.
    Shuffled,
    /// Every round a row drawn from all.
    Bootstrap,
}

impl EnvironmentModel for Replay {
    const NAME: &'static str = "replay";
    const SUMMARY: &'static str = "a recorded table of rewards, losses or price relatives";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"path": "market.csv.gz", "values": "price_relatives"}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn faces(&self) -> Result<Faces, ParameterError> {
        let table = Table::read(&self.path, self.columns.as_deref())?;
        let fingerprint = table.fingerprint.clone();
        Ok(process::faces(self.recording(&table)?).fingerprint(fingerprint))
    }
}

impl Replay {
    /// The rewards that a table stands for.
    fn recording(&self, table: &Table) -> Result<Recording, ParameterError> {
        let mut rewards = table.values.clone();
        if self.values == Values::PriceRelatives {
            self.take_logarithms(table, &mut rewards)?;
        }
        let default = match self.values {
            Values::PriceRelatives => Normalise::MinMax,
            _ => Normalise::None,
        };
        normalise(&mut rewards, self.normalise.unwrap_or(default));
        if self.values == Values::Losses {
            rewards.iter_mut().for_each(|value| *value = 1.0 - *value);
        }
        let low = rewards.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rewards.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Recording {
            arms: table.columns.len(),
            rows: table.rows(),
            rewards: rewards.into(),
            range: (low, high),
            order: self.order,
        })
    }

    fn take_logarithms(&self, table: &Table, values: &mut [f64]) -> Result<(), ParameterError> {
        if let Some(index) = values.iter().position(|&value| value <= 0.0) {
            let (row, column) = (index / table.columns.len() + 1, index % table.columns.len());
            let (path, column) = (&self.path, &table.columns[column]);
            let message = format!(
                "{path}: row {row}, column {column}: {} is no price relative, which are positive",
                values[index]
            );
            return Err(ParameterError { path: "values".to_owned(), message });
        }
        values.iter_mut().for_each(|value| *value = math::ln(*value));
        Ok(())
    }
}

fn normalise(values: &mut [f64], how: Normalise) {
    match how {
        Normalise::None => {}
        Normalise::Clip => values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0)),
        Normalise::MinMax => {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // A table of equal numbers has no scale; all become 0.
            let width = if high > low { high - low } else { 1.0 };
            values.iter_mut().for_each(|value| *value = ((*value - low) / width).clamp(0.0, 1.0));
        }
    }
}

/// Rewards read from a table.
#[derive(Clone)]
struct Recording {
    arms: usize,
    rows: usize,
    /// Row-major `[row][arm]`.
    rewards: Arc<[f64]>,
    range: (f64, f64),
    order: Order,
}

impl RewardModel for Recording {
    type Process = Drifting<Player, Noiseless>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.arms,
            means: None,
            range: Some(self.range),
            law: Law::Arbitrary,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let keys = block.replications.clone().map(|r| key(block.seed, r, Role::Environment));
        let mut player = Player { recording: self.clone(), keys: keys.collect() };
        let mut means = vec![0.0; self.arms * block.lanes()];
        player.advance(1, &mut means, block.lanes());
        Drifting::new(player, Noiseless, means, block)
    }

    fn longest_horizon(&self) -> Option<u64> {
        (self.order != Order::Bootstrap).then_some(self.rows as u64)
    }
}

/// Plays a recording in every lane.
struct Player {
    recording: Recording,
    keys: Vec<u64>,
}

impl Player {
    fn row(&self, t: u64, key: u64) -> usize {
        let rows = self.recording.rows as u64;
        let row = match self.recording.order {
            Order::AsGiven => t - 1,
            Order::Shuffled => permuted(t - 1, rows, key),
            Order::Bootstrap => {
                ((u128::from(noise_word(key, t, 0)) * u128::from(rows)) >> 64) as u64
            }
        };
        row as usize
    }
}

impl Drift for Player {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        let arms = self.recording.arms;
        for lane in 0..lanes {
            let row = self.row(t, self.keys[lane]);
            let rewards = &self.recording.rewards[row * arms..][..arms];
            for (arm, reward) in rewards.iter().enumerate() {
                means[arm * lanes + lane] = *reward;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;
    use crate::support::table::tests::file;

    fn recording(bytes: &[u8], change: impl Fn(&mut Replay)) -> Recording {
        let (_folder, path) = file("x.csv", bytes);
        let mut model: Replay =
            serde_json::from_value(serde_json::json!({ "path": path })).expect("valid");
        change(&mut model);
        let table = Table::read(&path, model.columns.as_deref()).expect("readable");
        model.recording(&table).expect("fits")
    }

    #[test]
    fn values_become_rewards() {
        let csv = b"a,b\n0.5,2\n1,0.25\n";
        assert_eq!(&*recording(csv, |_| {}).rewards, [0.5, 2.0, 1.0, 0.25]);
        let losses = recording(csv, |model| model.values = Values::Losses);
        assert_eq!((&*losses.rewards, losses.range), (&[0.5, -1.0, 0.0, 0.75][..], (-1.0, 0.75)));
        let clipped = recording(csv, |model| {
            (model.values, model.normalise) = (Values::Losses, Some(Normalise::Clip));
        });
        assert_eq!(&*clipped.rewards, [0.5, 0.0, 0.0, 0.75]);
        // Logarithms −ln 2, ln 2, 0, −2 ln 2, from the least to the greatest.
        let prices = recording(csv, |model| model.values = Values::PriceRelatives);
        for (reward, known) in prices.rewards.iter().zip([1.0 / 3.0, 1.0, 2.0 / 3.0, 0.0]) {
            assert!((reward - known).abs() < 1e-12);
        }
        let flat = recording(b"a\n3\n3\n", |model| model.normalise = Some(Normalise::MinMax));
        assert_eq!(&*flat.rewards, [0.0, 0.0]);
    }

    #[test]
    fn rows_come_in_the_order_that_is_said() {
        let csv: String = (0..50).fold("a\n".to_owned(), |text, i| text + &format!("{i}\n"));
        let of_lane = |order, lane: usize| -> Vec<f64> {
            let model = recording(csv.as_bytes(), |model| model.order = order);
            assert_process(&model, 50).iter().map(|means| means[lane]).collect()
        };
        let given: Vec<f64> = (0..50).map(f64::from).collect();
        assert_eq!(of_lane(Order::AsGiven, 2), given);
        let (mut first, second) = (of_lane(Order::Shuffled, 0), of_lane(Order::Shuffled, 1));
        assert!(first != second && first != given);
        first.sort_by(f64::total_cmp);
        assert_eq!(first, given);
        let mut drawn = of_lane(Order::Bootstrap, 0);
        drawn.sort_by(f64::total_cmp);
        drawn.dedup();
        // 50 draws leave 50 (1 − 1/50)^50 = 18 rows out on average, deviation about 2.3.
        assert!((20..45).contains(&drawn.len()), "{}", drawn.len());
        assert_eq!(recording(csv.as_bytes(), |_| {}).longest_horizon(), Some(50));
    }

    #[test]
    fn prices_are_positive() {
        let (_folder, path) = file("x.csv", b"a,b\n1,1\n1,0\n");
        let model = Replay {
            path,
            values: Values::PriceRelatives,
            columns: None,
            normalise: None,
            order: Order::AsGiven,
        };
        let error = model.faces().err().expect("a price of 0");
        assert!(error.message.contains("row 2, column b: 0"), "{error}");
    }
}
