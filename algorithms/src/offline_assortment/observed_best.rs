//! The set of greatest mean revenue among those that the log shows.
//!
//! Source: folklore.
//! Setting: any choice model; only sets that were offered, and fit the capacity, are considered.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::{Certificate, Decision, Log, Logged};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the observed best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ObservedBest {
    /// The least number of records of a set that is considered, at least 1. If no set has as many,
    /// the one with the most records is decided for; item 0 if the log is empty.
    pub records: u64,
}

impl Default for ObservedBest {
    fn default() -> Self {
        Self { records: 5 }
    }
}

impl Algorithm for ObservedBest {
    type Protocol = OfflineAssortment;
    type Learner = ObservedBestLearner;

    const NAME: &'static str = "observed_best";
    const SUMMARY: &'static str = "decides for the logged set of greatest mean revenue";
    const SOURCE: &'static str = "folklore";

    fn check(&self) -> Result<(), ParameterError> {
        ParameterError::unless(self.records >= 1, "records", self.records, "must be at least 1")
    }

    fn learner(
        &self,
        setting: &Setting<OfflineAssortment>,
    ) -> Result<ObservedBestLearner, ParameterError> {
        let capacity = setting.shape.capacity;
        Ok(ObservedBestLearner { least: self.records as f64, capacity, set: vec![0] })
    }
}

/// The observed best of one replication.
pub struct ObservedBestLearner {
    least: f64,
    capacity: usize,
    set: Vec<usize>,
}

/// The mean revenue of a record of a set.
fn mean(log: &Log, set: &Logged) -> f64 {
    let earned = set.items.iter().zip(&set.bought).map(|(&item, n)| log.revenues[item] * n);
    earned.sum::<f64>() / set.offers()
}

impl Learner<OfflineAssortment> for ObservedBestLearner {
    fn act(&mut self, round: Round<'_, OfflineAssortment>) -> Decision<'_> {
        let log = round.context;
        let fitting = || log.sets.iter().filter(|set| set.items.len() <= self.capacity);
        let often = fitting().filter(|set| set.offers() >= self.least);
        // The first of equals.
        let best = often.reduce(|a, b| if mean(log, b) > mean(log, a) { b } else { a });
        let most = || fitting().reduce(|a, b| if b.offers() > a.offers() { b } else { a });
        let chosen = best.or_else(most);
        self.set.clear();
        self.set.extend(chosen.map_or(&[0][..], |set| &set.items));
        let value = chosen.map_or(0.0, |set| mean(log, set));
        Decision { set: &self.set, certificate: Certificate::exact(value) }
    }

    fn update(&mut self, _: Outcome<'_, OfflineAssortment>) {}

    fn reset(&mut self) {}
}
