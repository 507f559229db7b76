//! A log of choices whose truth is drawn, with a chosen coverage of the best set.

use regret_engine::mnl::{Solver, attraction};
use regret_engine::protocols::offline_assortment::LogShape;
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice_log::MOST_RECORDS;
use crate::assortment::Components;
use crate::support::choice_log::{ChoiceLog, LogProblem, Truth};
use crate::support::market;

/// A log of multinomial logit choices with features: θ*, features and revenues are drawn for every
/// replication; the best set is offered with a chosen probability, else one of `others` random sets
/// of K items, which are drawn for the replication as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceLogRandom {
    /// The number of items, N, up to 4096.
    pub items: usize,
    /// The greatest number of items in the set decided for, K, which is that of every set offered.
    pub capacity: usize,
    /// The number of features, d, from 1 to 256.
    pub dimension: usize,
    /// The number of records, n.
    pub records: u64,
    /// The probability, from 0 to 1, with which the best set is offered.
    pub coverage: f64,
    /// The number of other sets, at least 1.
    #[serde(default = "hundred")]
    pub others: usize,
    /// The norm of θ*, from 0 to 30; its direction is uniform.
    #[serde(default = "one")]
    pub theta_norm: f64,
    /// The norm of every feature vector, from 0 to 1000; √d/2 if not given. Directions are uniform.
    #[serde(default)]
    pub feature_norm: Option<f64>,
    /// Revenues are uniform between these two, from 0 to 1e9.
    #[serde(default = "upper_half")]
    pub revenues: [f64; 2],
}

const fn hundred() -> usize {
    100
}

const fn one() -> f64 {
    1.0
}

const fn upper_half() -> [f64; 2] {
    [0.5, 1.0]
}

impl EnvironmentModel for ChoiceLogRandom {
    const NAME: &'static str = "choice_log_random";
    const SUMMARY: &'static str =
        "a log of choices by features, with chosen coverage of the best set";
    const SOURCE: &'static str = "Dong, Mo, Qi, Shi, Fang, Tarokh, PASTA: pessimistic assortment optimization, 2023 (setting)";
    const EXAMPLE: &'static str = r#"{"items": 6, "capacity": 2, "dimension": 2, "records": 80,
        "coverage": 0.3, "others": 5}"#;
    const PROTOCOLS: &'static [&'static str] = &["offline_assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        for (path, value, greatest) in [
            ("items", self.items, 4096),
            ("dimension", self.dimension, 256),
            ("others", self.others, 1 << 20),
        ] {
            let rule = format!("must be from 1 to {greatest}");
            ParameterError::unless((1..=greatest).contains(&value), path, value, &rule)?;
        }
        market::check_capacity(self.items, self.capacity)?;
        let rule = format!("must be at most {MOST_RECORDS}");
        ParameterError::unless(self.records <= MOST_RECORDS, "records", self.records, &rule)?;
        let valid = (0.0..=1.0).contains(&self.coverage);
        let rule = "must be a probability, from 0 to 1";
        ParameterError::unless(valid, "coverage", self.coverage, rule)?;
        let norms =
            [("theta_norm", Some(self.theta_norm), 30.0), ("feature_norm", self.feature_norm, 1e3)];
        for (path, norm, greatest) in norms {
            let norm = norm.unwrap_or_default();
            let rule = format!("must be from 0 to {greatest}");
            ParameterError::unless((0.0..=greatest).contains(&norm), path, norm, &rule)?;
        }
        let [low, high] = self.revenues;
        let valid = 0.0 <= low && low <= high && high <= 1e9;
        let rule = "must be two numbers from 0 to 1e9, the second not less";
        ParameterError::unless(valid, "revenues", format!("[{low}, {high}]"), rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(Faces::new().with(LogProblem(self.clone())))
    }
}

impl ChoiceLog for ChoiceLogRandom {
    fn shape(&self) -> LogShape {
        let Self { items, capacity, dimension, records, .. } = *self;
        LogShape { items, capacity, dimension, records }
    }

    fn truth(&self, seed: u64, replication: u64) -> Truth {
        let mut stream = Stream::new(seed, replication, Role::Environment);
        let d = self.dimension;
        let mut theta = vec![0.0; d];
        Components::Normal.draw(&mut theta, self.theta_norm, &mut stream);
        let norm = self.feature_norm.unwrap_or(0.5 * (d as f64).sqrt());
        let mut features = vec![0.0; self.items * d];
        features
            .chunks_exact_mut(d)
            .for_each(|row| Components::Normal.draw(row, norm, &mut stream));
        let [low, high] = self.revenues;
        let revenues: Vec<f64> =
            (0..self.items).map(|_| low + (high - low) * stream.uniform()).collect();
        let utility = |row: &[f64]| row.iter().zip(&theta).map(|(x, t)| x * t).sum();
        let attractions: Vec<f64> =
            features.chunks_exact(d).map(|row| attraction(utility(row))).collect();
        let mut solver = Solver::new(self.items, self.capacity);
        solver.solve(&revenues, &attractions);
        let share = (1.0 - self.coverage) / self.others as f64;
        let mut logging: Vec<(Vec<usize>, f64)> =
            (0..self.others).map(|_| (self.random_set(&mut stream), share)).collect();
        if solver.set().is_empty() {
            // All revenues are 0: every set is best.
            logging.push((vec![0], self.coverage));
        } else {
            logging.push((solver.set().to_vec(), self.coverage));
        }
        Truth { revenues, features, attractions, logging }
    }
}

impl ChoiceLogRandom {
    /// A uniform set of K items.
    fn random_set(&self, stream: &mut Stream) -> Vec<usize> {
        let mut items: Vec<usize> = (0..self.items).collect();
        for place in 0..self.capacity {
            items.swap(place, place + stream.index(self.items - place));
        }
        items.truncate(self.capacity);
        items.sort_unstable();
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_set_has_its_coverage() {
        let model: ChoiceLogRandom =
            serde_json::from_str(ChoiceLogRandom::EXAMPLE).expect("an example");
        for replication in 0..20 {
            let truth = model.truth(3, replication);
            let mut solver = Solver::new(6, 2);
            solver.solve(&truth.revenues, &truth.attractions);
            let (set, weight) = truth.logging.last().expect("sets");
            assert_eq!((set.as_slice(), *weight), (solver.set(), 0.3));
            let total: f64 = truth.logging.iter().map(|(_, weight)| weight).sum();
            assert!((total - 1.0).abs() < 1e-12);
            for (set, _) in &truth.logging {
                assert!(set.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}
