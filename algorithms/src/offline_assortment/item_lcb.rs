//! The best set for attractions at their lower confidence bounds, item by item.
//!
//! Source: Han, Blanchet, Zhou, "Improved confidence regions for linear multinomial logit bandits"
//! (LCB-LinearMNL).
//! Setting: a log of multinomial logit choices with features.
//! Deviation: the width b = √(2 ln(2N/δ)) with the Hessian of l at the estimate is ours; the paper's
//! constant could not be had.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mnl::attraction;
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::Decision;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::offline_mle::{PlugIn, check_ridge};
use crate::support::log_likelihood::Likelihood;
use crate::support::spd::{Spd, dot};

/// Parameters of lower confidence bounds for items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemLcb {
    /// δ in (0, 1): the width is √(2 ln(2N/δ)) standard deviations of the utility.
    pub delta: f64,
    /// The penalty λ, from 1e-12 to 1e6.
    pub ridge: f64,
}

impl Default for ItemLcb {
    fn default() -> Self {
        Self { delta: 0.05, ridge: 1e-6 }
    }
}

impl Algorithm for ItemLcb {
    type Protocol = OfflineAssortment;
    type Learner = ItemLcbLearner;

    const NAME: &'static str = "item_lcb";
    const SUMMARY: &'static str = "decides for the best set under items' lower confidence bounds";
    const SOURCE: &'static str =
        "Han, Blanchet, Zhou, Improved confidence regions for linear multinomial logit bandits";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be between 0 and 1")?;
        check_ridge(self.ridge)
    }

    fn learner(
        &self,
        setting: &Setting<OfflineAssortment>,
    ) -> Result<ItemLcbLearner, ParameterError> {
        let items = setting.shape.items as f64;
        Ok(ItemLcbLearner {
            ridge: self.ridge,
            width: (2.0 * math::ln(2.0 * items / self.delta)).sqrt(),
            chooser: PlugIn::new(&setting.shape),
        })
    }
}

/// The decision of one replication.
pub struct ItemLcbLearner {
    ridge: f64,
    width: f64,
    chooser: PlugIn,
}

impl Learner<OfflineAssortment> for ItemLcbLearner {
    fn act(&mut self, round: Round<'_, OfflineAssortment>) -> Decision<'_> {
        let log = round.context;
        let likelihood = Likelihood { log, ridge: self.ridge };
        let theta = likelihood.minimise();
        let mut factor = Spd::new(theta.len());
        factor.factorise(&likelihood.slope(&theta).hessian);
        let mut scratch = vec![0.0; theta.len()];
        let bounds: Vec<f64> = (0..log.revenues.len())
            .map(|item| {
                let row = log.row(item);
                let deviation = factor.norm(row, &mut scratch);
                attraction(dot(row, &theta) - self.width * deviation)
            })
            .collect();
        self.chooser.decide(&log.revenues, &bounds)
    }

    fn update(&mut self, _: Outcome<'_, OfflineAssortment>) {}

    fn reset(&mut self) {}
}
