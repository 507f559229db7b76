//! Classification as a bandit: the arms are the classes of a data set, the label pays 1.

use std::sync::Arc;

use regret_engine::environment::Block;
use regret_engine::protocols::contextual::{Facts, Layout, Size};
use regret_engine::random::{GAMMA, Noise, Role, key};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bandit::Order;
use crate::support::contextual::{self, ContextSource, ContextualModel};
use crate::support::dataset::{self, Dataset};
use crate::support::permutation::permuted;

/// Each round shows the features of a row (shared by all arms); the arm that is the row's class pays 1,
/// the others 0. Contextual regret counts mistakes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// The file: CSV (with a header), ARFF, libsvm (`.libsvm`, `.svm`, `.svmlight`), Parquet or IDX (`.idx`,
    /// `-ubyte`), each also compressed (`.gz`); a relative path starts at the working directory. Columns
    /// that are not all numbers become a 0/1 feature for each of their values.
    pub path: String,
    /// The file of the labels, for IDX.
    #[serde(default)]
    pub labels: Option<String>,
    /// The column of the label; by default the last.
    #[serde(default)]
    pub target: Option<String>,
    /// How features are scaled: `unit_norm`, every row to norm 1; `standardised`, every column to mean
    /// 0 and variance 1; `min_max`, every column to [0, 1]; `standardised_unit_norm`, one after the
    /// other; or `none`. Over all rows.
    #[serde(default)]
    pub scaling: Scaling,
    /// Whether a last feature that is always 1 is added, after scaling.
    #[serde(default)]
    pub intercept: bool,
    /// Missing numbers: `error`, `mean` (of the column) or `minus_one`. A missing value of a nominal
    /// column has no 1.
    #[serde(default)]
    pub missing: Missing,
    /// The order of the rows: `shuffled` anew in every replication, `as_given`, or `bootstrap`, drawn with
    /// replacement.
    #[serde(default = "shuffled")]
    pub order: Order,
    /// Whether rows come again after the last (shuffled anew); else there are no more rounds than
    /// rows. Drawing with replacement never ends.
    #[serde(default)]
    pub cycle: bool,
}

const fn shuffled() -> Order {
    Order::Shuffled
}

/// How features are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Every row to norm 1.
    #[default]
    UnitNorm,
    /// Every column to mean 0 and variance 1.
    Standardised,
    /// Columns to mean 0 and variance 1, then rows to norm 1.
    StandardisedUnitNorm,
    /// Every column to [0, 1].
    MinMax,
    /// Not at all.
    None,
}

/// What is done with missing numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The spec is refused.
    #[default]
    Error,
    /// The mean of the column.
    Mean,
    /// −1, as in the code of the neural bandits' baselines.
    MinusOne,
}

impl EnvironmentModel for Classification {
    const NAME: &'static str = "classification";
    const SUMMARY: &'static str = "rows of a labelled data set; the arm of the label pays 1";
    const SOURCE: &'static str = "Beygelzimer, Langford, The offset tree for learning with partial \
                                  labels, 2009 (setting)";
    const EXAMPLE: &'static str = r#"{"path": "letters.csv.gz", "target": "a", "intercept": true}"#;
    const PROTOCOLS: &'static [&'static str] = contextual::PROTOCOLS;

    fn faces(&self) -> Result<Faces, ParameterError> {
        let missing = match self.missing {
            Missing::Error => dataset::Missing::Refuse,
            Missing::Mean => dataset::Missing::Mean,
            Missing::MinusOne => dataset::Missing::Constant(-1),
        };
        let (labels, target) = (self.labels.as_deref(), self.target.as_deref());
        let data = Dataset::read(&self.path, labels, target, missing)?;
        let fingerprint = data.fingerprint.clone();
        Ok(contextual::faces(self.rows(data)).fingerprint(fingerprint))
    }
}

impl Classification {
    /// The scaled rows of a data set.
    fn rows(&self, data: Dataset) -> Rows {
        let Dataset { mut features, mut width, labels, classes, .. } = data;
        match self.scaling {
            Scaling::UnitNorm => normalise_rows(&mut features, width),
            Scaling::Standardised => standardise_columns(&mut features, width),
            Scaling::StandardisedUnitNorm => {
                standardise_columns(&mut features, width);
                normalise_rows(&mut features, width);
            }
            Scaling::MinMax => stretch_columns(&mut features, width),
            Scaling::None => {}
        }
        if self.intercept {
            let rows = features.chunks_exact(width);
            features = rows.flat_map(|row| row.iter().copied().chain([1.0])).collect();
            width += 1;
        }
        let square = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>();
        let longest = features.chunks_exact(width).map(square).fold(0.0, f64::max).sqrt();
        Rows {
            features: features.into(),
            width,
            labels: labels.into(),
            classes: classes.len(),
            longest,
            order: self.order,
            cycle: self.cycle,
        }
    }
}

/// Rows of zeros stay.
fn normalise_rows(features: &mut [f64], width: usize) {
    for row in features.chunks_exact_mut(width) {
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm > 0.0 {
            row.iter_mut().for_each(|x| *x /= norm);
        }
    }
}

/// Columns that do not vary become 0.
fn standardise_columns(features: &mut [f64], width: usize) {
    let rows = (features.len() / width) as f64;
    for column in 0..width {
        let values = || features.iter().skip(column).step_by(width);
        let mean = values().sum::<f64>() / rows;
        let variance = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / rows;
        let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
        features.iter_mut().skip(column).step_by(width).for_each(|x| *x = (*x - mean) * scale);
    }
}

/// Columns that do not vary become 0.
fn stretch_columns(features: &mut [f64], width: usize) {
    for column in 0..width {
        let values = || features.iter().copied().skip(column).step_by(width);
        let (low, high) =
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let scale = if high > low { 1.0 / (high - low) } else { 0.0 };
        let column = features.iter_mut().skip(column).step_by(width);
        column.for_each(|x| *x = ((*x - low) * scale).clamp(0.0, 1.0));
    }
}

/// A data set ready to be shown.
#[derive(Clone)]
struct Rows {
    /// Row-major `[row][feature]`.
    features: Arc<[f64]>,
    width: usize,
    labels: Arc<[usize]>,
    classes: usize,
    longest: f64,
    order: Order,
    cycle: bool,
}

impl ContextualModel for Rows {
    type Source = Player;

    fn size(&self) -> Size {
        Size { arms: self.classes, features: self.width, layout: Layout::Shared }
    }

    fn facts(&self) -> Facts {
        Facts {
            feature_norm: Some(self.longest),
            noise: Some(0.0),
            largest_mean: Some(1.0),
            ..Facts::default()
        }
    }

    fn source(&self, block: &Block) -> Player {
        let keys = block.replications.clone().map(|r| key(block.seed, r, Role::Environment));
        Player { rows: self.clone(), keys: keys.collect() }
    }

    fn longest_horizon(&self) -> Option<u64> {
        let ends = !self.cycle && self.order != Order::Bootstrap;
        ends.then_some(self.labels.len() as u64)
    }
}

/// Plays the rows in every lane.
struct Player {
    rows: Rows,
    keys: Vec<u64>,
}

impl Player {
    fn row(&self, t: u64, lane: usize) -> usize {
        let (count, key) = (self.rows.labels.len() as u64, self.keys[lane]);
        let (pass, index) = ((t - 1) / count, (t - 1) % count);
        let row = match self.rows.order {
            Order::AsGiven => index,
            Order::Shuffled => permuted(index, count, key.wrapping_add(pass.wrapping_mul(GAMMA))),
            Order::Bootstrap => {
                let word = Noise::from_key(key).word(t, 0);
                ((u128::from(word) * u128::from(count)) >> 64) as u64
            }
        };
        row as usize
    }
}

impl ContextSource for Player {
    fn show(&mut self, t: u64, lane: usize, features: &mut [f64], means: &mut [f64]) {
        let row = self.row(t, lane);
        features.copy_from_slice(&self.rows.features[row * self.rows.width..][..self.rows.width]);
        means.fill(0.0);
        means[self.rows.labels[row]] = 1.0;
    }

    fn reward(&self, _: u64, _: usize, _: usize, mean: f64) -> f64 {
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::contextual::tests::rounds;
    use crate::support::table::tests::file;

    fn rows(text: &str, change: impl Fn(&mut Classification)) -> Rows {
        let (_folder, path) = file("x.csv", text.as_bytes());
        let mut model: Classification =
            serde_json::from_value(serde_json::json!({ "path": path })).expect("valid");
        change(&mut model);
        let data = Dataset::read(&path, None, None, dataset::Missing::Refuse).expect("readable");
        model.rows(data)
    }

    const TEXT: &str = "a,b,y\n3,4,u\n0,-2,v\n0,0,w\n6,4,u\n";

    #[test]
    fn scalings_by_hand() {
        let scaled = |scaling| rows(TEXT, |model| model.scaling = scaling).features.to_vec();
        assert_eq!(scaled(Scaling::UnitNorm)[..6], [0.6, 0.8, 0.0, -1.0, 0.0, 0.0]);
        assert_eq!(scaled(Scaling::MinMax)[..4], [0.5, 1.0, 0.0, 0.0]);
        assert_eq!(scaled(Scaling::None)[6..], [6.0, 4.0]);
        let standardised = scaled(Scaling::Standardised);
        // a: mean 2.25, variance (0.5625 + 2 · 5.0625 + 14.0625)/4 = 6.1875.
        assert!((standardised[0] - 0.75 / 6.1875f64.sqrt()).abs() < 1e-14);
        let both = scaled(Scaling::StandardisedUnitNorm);
        assert!((both[0].hypot(both[1]) - 1.0).abs() < 1e-14);
        let with = rows(TEXT, |model| model.intercept = true);
        assert_eq!((with.width, &with.features[..3]), (3, &[0.6, 0.8, 1.0][..]));
        assert!((with.longest - 2f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn the_label_pays_and_rows_come_in_order() {
        let given =
            rows(TEXT, |model| (model.order, model.scaling) = (Order::AsGiven, Scaling::None));
        let expected = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        for ((features, means), (index, expected)) in
            rounds(&given, 4).into_iter().zip(expected.iter().enumerate())
        {
            assert_eq!(
                (means.as_slice(), features[0]),
                (&expected[..], [3.0, 0.0, 0.0, 6.0][index])
            );
        }
        assert_eq!(given.longest_horizon(), Some(4));
    }

    #[test]
    fn every_pass_is_a_shuffle_of_its_own() {
        let text: String = (0..60).map(|row| format!("{row},{}\n", row % 3)).collect();
        let text = format!("a,y\n{text}");
        let model = rows(&text, |model| (model.cycle, model.scaling) = (true, Scaling::None));
        assert_eq!(model.longest_horizon(), None);
        let shown: Vec<f64> = rounds(&model, 120).iter().map(|(x, _)| x[0]).collect();
        let (first, second) = shown.split_at(60);
        assert_ne!(first, second);
        for pass in [first, second] {
            let mut sorted = pass.to_vec();
            sorted.sort_by(f64::total_cmp);
            assert_eq!(sorted, (0..60).map(f64::from).collect::<Vec<_>>());
        }
        let drawn =
            rows(&text, |model| (model.order, model.scaling) = (Order::Bootstrap, Scaling::None));
        assert_eq!(drawn.longest_horizon(), None);
        let mut seen: Vec<f64> = rounds(&drawn, 60).iter().map(|(x, _)| x[0]).collect();
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        // 60 draws leave out 22 rows on average, deviation about 2.6.
        assert!((25..52).contains(&seen.len()), "{}", seen.len());
    }
}
