//! The mixture of Anticors over all windows, once or twice.
//!
//! Source: Borodin, El-Yaniv, Gogan, "Can we learn to beat the best stock", 2004:
//! BAH_W(Anticor), and BAH_W(Anticor(Anticor)). Guarantee: within ln (W − 1) of the log-wealth of the
//! best window.

use regret_engine::learner::Setting;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ensemble::EnsembleLearner;
use super::{Anticor, BuyAndHold, Ensemble, Strategy};

/// Wealth divided evenly, once, among Anticors with windows 2 to W; with two folds, those of the
/// second are played over those of the first as if these were assets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnticorMixture {
    /// The longest window W, from 2 to 200; by default 30.
    pub longest: usize,
    /// 1, or 2 for the Anticor of Anticors; by default 1. Transfers of the second fold start from what
    /// portfolios have become, as in the OLPS toolbox.
    pub folds: usize,
}

impl Default for AnticorMixture {
    fn default() -> Self {
        Self { longest: 30, folds: 1 }
    }
}

impl AnticorMixture {
    /// The ensemble that it is.
    fn ensemble(&self) -> Ensemble {
        let components = |drift| -> Vec<Strategy> {
            (2..=self.longest).map(|window| Anticor { window, drift }.into()).collect()
        };
        let hold = || Strategy::from(BuyAndHold::default());
        let combiner = if self.folds == 1 {
            hold()
        } else {
            Ensemble { components: components(true), combiner: Box::new(hold()) }.into()
        };
        Ensemble { components: components(self.folds == 2), combiner: Box::new(combiner) }
    }
}

impl Algorithm for AnticorMixture {
    type Protocol = Portfolio;
    type Learner = EnsembleLearner;

    const NAME: &'static str = "anticor_mixture";
    const SUMMARY: &'static str = "wealth divided among Anticors of all windows";
    const SOURCE: &'static str = "Borodin, El-Yaniv, Gogan, Can we learn to beat the best stock, \
                                  2004";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (2..=200).contains(&self.longest);
        ParameterError::unless(valid, "longest", self.longest, "must be from 2 to 200")?;
        ParameterError::unless((1..=2).contains(&self.folds), "folds", self.folds, "must be 1 or 2")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        self.ensemble().learner(setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        let mixture = AnticorMixture { longest: 10, folds: 1 };
        assert_log_wealth(&mixture, &market_a(250), 1.880_852_053);
        assert!(AnticorMixture { folds: 3, ..mixture }.check().is_err());
    }
}
