//! A log of choices with given truth: what was offered how often, by whom it was bought.

use regret_engine::mnl::attraction;
use regret_engine::protocols::offline_assortment::LogShape;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::choice_log::{self as log, ChoiceLog, LogProblem, Truth};
use crate::support::market;

/// A log of multinomial logit choices from given sets. Either items have attractions of their own,
/// or features and a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceLogModel {
    /// The attraction of every item, from 1e-12 to 1e12; the learner then shares nothing between
    /// items. Not beside `features`.
    #[serde(default)]
    pub attractions: Option<Vec<f64>>,
    /// The features of every item, `[item][feature]`, shown to the learner. Needs `theta`.
    #[serde(default)]
    pub features: Option<Vec<Vec<f64>>>,
    /// The parameter θ*; the attraction of an item with features x is exp(<x, θ*>).
    #[serde(default)]
    pub theta: Option<Vec<f64>>,
    /// The revenue of every item, ≥ 0; 1 for all if not given.
    #[serde(default)]
    pub revenues: Option<Vec<f64>>,
    /// The greatest number of items in the set decided for, K.
    pub capacity: usize,
    /// The sets that were offered.
    pub logging: Vec<Offered>,
    /// The number of records n, whose sets are drawn with probabilities proportional to the weights.
    /// If it is not given, every set was offered exactly `weight` times.
    #[serde(default)]
    pub records: Option<u64>,
}

/// A set that was offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// Its items, rising from 0; it may be larger than the capacity.
    pub items: Vec<usize>,
    /// Its weight, positive; a whole number of times without `records`.
    pub weight: f64,
}

/// The longest log.
pub(super) const MOST_RECORDS: u64 = 1 << 24;

impl ChoiceLogModel {
    fn items(&self) -> usize {
        let attractions = self.attractions.as_ref().map(Vec::len);
        attractions.or(self.features.as_ref().map(Vec::len)).unwrap_or_default()
    }

    /// The dimension of features.
    fn dimension(&self) -> usize {
        self.theta.as_ref().map_or(self.items(), Vec::len)
    }

    fn check_model(&self) -> Result<(), ParameterError> {
        match (&self.attractions, &self.features, &self.theta) {
            (Some(attractions), None, None) => {
                market::check_attractions(attractions, "attractions")
            }
            (None, Some(features), Some(theta)) => check_features(features, theta),
            _ => Err(ParameterError {
                path: String::new(),
                message: "either `attractions` or both `features` and `theta` must be given"
                    .to_owned(),
            }),
        }
    }
}

/// Features and parameter must fit each other and be finite.
fn check_features(features: &[Vec<f64>], theta: &[f64]) -> Result<(), ParameterError> {
    let (d, bounded) = (theta.len(), |x: f64| x.abs() <= 1e6);
    ParameterError::unless(d > 0, "theta", "[]", "must have at least one component")?;
    ParameterError::unless(!features.is_empty(), "features", "[]", "must have at least one item")?;
    for (index, &x) in theta.iter().enumerate() {
        ParameterError::unless(bounded(x), &format!("theta[{index}]"), x, BOUNDED)?;
    }
    for (item, row) in features.iter().enumerate() {
        let path = format!("features[{item}]");
        let rule = format!("must have one entry for each of the {d} components of theta");
        let entries = format!("{} entries", row.len());
        ParameterError::unless(row.len() == d, &path, entries, &rule)?;
        for (index, &x) in row.iter().enumerate() {
            ParameterError::unless(bounded(x), &format!("{path}[{index}]"), x, BOUNDED)?;
        }
    }
    Ok(())
}

const BOUNDED: &str = "must be a number of at most 1e6 in absolute value";

impl EnvironmentModel for ChoiceLogModel {
    const NAME: &'static str = "choice_log";
    const SUMMARY: &'static str = "a log of multinomial logit choices from given sets";
    const SOURCE: &'static str = "Dong, Mo, Qi, Shi, Fang, Tarokh, PASTA: pessimistic assortment optimization, 2023 (setting)";
    const EXAMPLE: &'static str = r#"{"attractions": [0.7, 0.8, 0.3, 0.4], "capacity": 2,
        "revenues": [1.0, 0.8, 0.9, 0.6], "records": 60,
        "logging": [{"items": [0, 1], "weight": 0.5}, {"items": [2, 3], "weight": 0.3},
                    {"items": [0, 1, 3], "weight": 0.2}]}"#;
    const PROTOCOLS: &'static [&'static str] = &["offline_assortment"];

    fn check(&self) -> Result<(), ParameterError> {
        self.check_model()?;
        let items = self.items();
        if let Some(revenues) = &self.revenues {
            market::check_revenues(revenues, items)?;
        }
        market::check_capacity(items, self.capacity)?;
        let records = self.records.unwrap_or_default();
        let rule = format!("must be at most {MOST_RECORDS}");
        ParameterError::unless(records <= MOST_RECORDS, "records", records, &rule)?;
        let empty = self.logging.is_empty();
        ParameterError::unless(!empty, "logging", "[]", "must have at least one set")?;
        for (index, Offered { items: set, weight }) in self.logging.iter().enumerate() {
            log::check_set(set, items, &format!("logging[{index}].items"))?;
            let path = format!("logging[{index}].weight");
            let (valid, rule) = match self.records {
                Some(_) => (*weight > 0.0 && weight.is_finite(), "must be positive and finite"),
                None => {
                    let whole = weight.fract() == 0.0 && (1.0..=1e6).contains(weight);
                    (whole, "must be a whole number from 1 to 1e6, as `records` is not given")
                }
            };
            ParameterError::unless(valid, &path, weight, rule)?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(Faces::new().with(LogProblem(self.clone())))
    }
}

impl ChoiceLog for ChoiceLogModel {
    fn shape(&self) -> LogShape {
        let counted = || self.logging.iter().map(|set| set.weight as u64).sum();
        LogShape {
            items: self.items(),
            capacity: self.capacity,
            dimension: self.dimension(),
            records: self.records.unwrap_or_else(counted),
        }
    }

    fn truth(&self, _: u64, _: u64) -> Truth {
        let items = self.items();
        let (features, attractions) = match (&self.features, &self.theta, &self.attractions) {
            (Some(rows), Some(theta), _) => {
                let utility = |row: &Vec<f64>| row.iter().zip(theta).map(|(x, t)| x * t).sum();
                (rows.concat(), rows.iter().map(|row| attraction(utility(row))).collect())
            }
            (_, _, attractions) => (log::units(items), attractions.clone().unwrap_or_default()),
        };
        let total: f64 = self.logging.iter().map(|set| set.weight).sum();
        let logging = self.logging.iter().map(|set| (set.items.clone(), set.weight / total));
        Truth {
            revenues: self.revenues.clone().unwrap_or_else(|| vec![1.0; items]),
            features,
            attractions,
            logging: logging.collect(),
        }
    }

    fn counts(&self) -> Option<Vec<u64>> {
        let weights = self.logging.iter().map(|set| set.weight as u64);
        self.records.is_none().then(|| weights.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> ChoiceLogModel {
        serde_json::from_str(ChoiceLogModel::EXAMPLE).expect("an example")
    }

    #[test]
    fn impossible_logs_are_refused() {
        let place = |change: fn(&mut ChoiceLogModel)| {
            let mut log = model();
            change(&mut log);
            log.check().expect_err("impossible").path
        };
        assert_eq!(place(|m| m.attractions = None), "");
        assert_eq!(place(|m| m.theta = Some(vec![1.0])), "");
        assert_eq!(place(|m| m.capacity = 0), "capacity");
        assert_eq!(place(|m| m.logging.clear()), "logging");
        assert_eq!(place(|m| m.logging[1].items = vec![2, 9]), "logging[1].items[1]");
        assert_eq!(place(|m| m.logging[1].items = vec![2, 2]), "logging[1].items[1]");
        assert_eq!(place(|m| m.logging[0].weight = 0.0), "logging[0].weight");
        assert_eq!(place(|m| m.records = None), "logging[0].weight");
        assert_eq!(
            place(|m| {
                m.attractions = None;
                (m.features, m.theta) = (Some(vec![vec![1.0], vec![1.0, 2.0]]), Some(vec![1.0]));
            }),
            "features[1]"
        );
        assert_eq!(model().check(), Ok(()));
    }
}
