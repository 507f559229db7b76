//! Fixed fraction: a share of wealth in one asset, the rest spread evenly.
//!
//! Source: Kelly, "A new interpretation of information rate", 1956 (betting a fixed fraction).

use regret_engine::learner::Setting;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::constant_rebalanced::ConstantLearner;

/// A fixed fraction of wealth in one asset, in every round; the others share the rest evenly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedFraction {
    /// The asset, counted from 0; by default 0.
    pub asset: usize,
    /// Its share of wealth, from 0 to 1; by default 0.5. Where there is no other asset it is 1.
    pub fraction: f64,
}

impl Default for FixedFraction {
    fn default() -> Self {
        Self { asset: 0, fraction: 0.5 }
    }
}

impl Algorithm for FixedFraction {
    type Protocol = Portfolio;
    type Learner = ConstantLearner;

    const NAME: &'static str = "fixed_fraction";
    const SUMMARY: &'static str = "a fixed fraction of wealth in one asset";
    const SOURCE: &'static str = "Kelly, A new interpretation of information rate, 1956";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..=1.0).contains(&self.fraction);
        ParameterError::unless(valid, "fraction", self.fraction, "must be from 0 to 1")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let rule = format!("must be below the number of assets, {assets}");
        ParameterError::unless(self.asset < assets, "asset", self.asset, &rule)?;
        let rest = (1.0 - self.fraction) / (assets as f64 - 1.0);
        let mut weights = vec![rest; assets];
        weights[self.asset] = if assets == 1 { 1.0 } else { self.fraction };
        Ok(ConstantLearner { weights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{log_wealth, setting};

    #[test]
    fn the_rest_is_shared() {
        let strategy = FixedFraction { asset: 1, fraction: 0.5 };
        let rows = [vec![1.0, 2.0, 4.0]];
        assert!((log_wealth(&strategy, &rows) - 2.25f64.ln()).abs() < 1e-12);
        assert_eq!(strategy.learner(&setting(2, 1)).expect("fits").weights, [0.5, 0.5]);
        assert!(strategy.learner(&setting(1, 1)).is_err());
        assert_eq!(FixedFraction::default().learner(&setting(1, 1)).expect("fits").weights, [1.0]);
        assert!(FixedFraction { fraction: 1.5, ..strategy }.check().is_err());
    }
}
