//! Follow the best asset: all wealth on the asset of greatest growth so far.
//!
//! Source: Cesa-Bianchi, Lugosi, "Prediction, learning, and games", 2006, Section 3.2 (follow the
//! leader), with log-wealth. Uniform in the first round, the first in a tie.
//! Guarantee: none.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Follow the best asset has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FollowBestAsset {}

impl Algorithm for FollowBestAsset {
    type Protocol = Portfolio;
    type Learner = FollowBestAssetLearner;

    const NAME: &'static str = "follow_best_asset";
    const SUMMARY: &'static str = "all on the asset (or component) of greatest growth so far";
    const SOURCE: &'static str = "Cesa-Bianchi, Lugosi, Prediction, learning, and games, 2006, \
                                  Section 3.2";

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        Ok(FollowBestAssetLearner { growth: vec![0.0; assets], weights: uniform(assets) })
    }
}

/// Follow the best asset of one replication.
pub struct FollowBestAssetLearner {
    /// Σ ln x of every asset.
    growth: Vec<f64>,
    weights: Vec<f64>,
}

impl Learner<Portfolio> for FollowBestAssetLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let mut best = 0;
        for (asset, x) in outcome.feedback.iter().enumerate() {
            self.growth[asset] += math::ln(*x);
            if self.growth[asset] > self.growth[best] {
                best = asset;
            }
        }
        self.weights.fill(0.0);
        self.weights[best] = 1.0;
    }

    fn reset(&mut self) {
        self.growth.fill(0.0);
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::portfolios;

    #[test]
    fn the_best_is_followed() {
        let rows = [vec![1.0, 2.0], vec![3.0, 0.5], vec![0.25, 1.0], vec![1.0, 1.0]];
        let played = portfolios(&FollowBestAsset {}, &rows);
        assert_eq!(played, [[0.5, 0.5], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);
    }
}
