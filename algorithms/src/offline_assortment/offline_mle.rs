//! As-if: the best set for the maximum-likelihood estimate, as if that were the truth.
//!
//! Source: folklore; the baseline of Dong, Mo, Qi, Shi, Fang, Tarokh, "PASTA: pessimistic assortment
//! optimization", ICML 2023.
//! Setting: a log of multinomial logit choices.
//! Guarantee: none without coverage of all sets: the winner's curse picks items seldom offered whose
//! few customers happened to buy.
//! Deviation: a ridge penalty λ|θ|²/2, so that the estimate exists where an item was always, or
//! never, bought.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mnl::{Solver, attraction};
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::{Certificate, Decision, LogShape};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::log_likelihood::Likelihood;
use crate::support::spd::dot;

/// Parameters of the as-if decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OfflineMle {
    /// The penalty λ, from 1e-12 to 1e6.
    pub ridge: f64,
}

impl Default for OfflineMle {
    fn default() -> Self {
        Self { ridge: 1e-6 }
    }
}

/// Checks a penalty.
pub(super) fn check_ridge(ridge: f64) -> Result<(), ParameterError> {
    let valid = (1e-12..=1e6).contains(&ridge);
    ParameterError::unless(valid, "ridge", ridge, "must be from 1e-12 to 1e6")
}

impl Algorithm for OfflineMle {
    type Protocol = OfflineAssortment;
    type Learner = OfflineMleLearner;

    const NAME: &'static str = "offline_mle";
    const SUMMARY: &'static str = "decides for the best set under the maximum-likelihood estimate";
    const SOURCE: &'static str = "folklore";

    fn check(&self) -> Result<(), ParameterError> {
        check_ridge(self.ridge)
    }

    fn learner(
        &self,
        setting: &Setting<OfflineAssortment>,
    ) -> Result<OfflineMleLearner, ParameterError> {
        Ok(OfflineMleLearner { ridge: self.ridge, chooser: PlugIn::new(&setting.shape) })
    }
}

/// The best set for estimated attractions.
pub(super) struct PlugIn {
    solver: Solver,
    set: Vec<usize>,
}

impl PlugIn {
    pub(super) fn new(shape: &LogShape) -> Self {
        let set = Vec::with_capacity(shape.capacity);
        Self { solver: Solver::new(shape.items, shape.capacity), set }
    }

    /// Decides for the best set; for item 0 where no set is worth anything.
    pub(super) fn decide(&mut self, revenues: &[f64], attractions: &[f64]) -> Decision<'_> {
        let value = self.solver.solve(revenues, attractions);
        self.set.clear();
        self.set.extend_from_slice(self.solver.set());
        if self.set.is_empty() {
            self.set.push(0);
        }
        Decision { set: &self.set, certificate: Certificate::exact(value) }
    }
}

/// The as-if decision of one replication.
pub struct OfflineMleLearner {
    ridge: f64,
    chooser: PlugIn,
}

impl Learner<OfflineAssortment> for OfflineMleLearner {
    fn act(&mut self, round: Round<'_, OfflineAssortment>) -> Decision<'_> {
        let log = round.context;
        let theta = Likelihood { log, ridge: self.ridge }.minimise();
        let items = 0..log.revenues.len();
        let estimates: Vec<f64> =
            items.map(|item| attraction(dot(log.row(item), &theta))).collect();
        self.chooser.decide(&log.revenues, &estimates)
    }

    fn update(&mut self, _: Outcome<'_, OfflineAssortment>) {}

    fn reset(&mut self) {}
}
