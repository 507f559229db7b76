//! Follow the best constant portfolio: the best one in hindsight of the rounds so far.
//!
//! Source: Gaivoronski, Stella, "Stochastic nonstationary optimization for finding universal
//! portfolios", 2000 (successive constant rebalanced portfolios).
//! Guarantee: none without conditions on the market.
//! Over the components of an ensemble it follows the best constant combination (FTBC).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::BestConstant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Follow the best constant portfolio has no parameters. A round costs O(t m²), for its certificate
/// needs the whole history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FollowBestConstant {}

/// The most numbers of a history that are kept.
pub(super) const LARGEST_HISTORY: u64 = 1 << 27;

/// Room for the history of all rounds.
pub(super) fn history(setting: &Setting<Portfolio>) -> Result<Vec<f64>, ParameterError> {
    let numbers = setting.horizon.saturating_mul(setting.assets() as u64);
    if numbers > LARGEST_HISTORY {
        let message = format!(
            "it keeps the whole history: {} rounds of {} assets are more than {LARGEST_HISTORY} numbers",
            setting.horizon,
            setting.assets()
        );
        return Err(ParameterError { path: String::new(), message });
    }
    Ok(Vec::with_capacity(numbers as usize))
}

impl Algorithm for FollowBestConstant {
    type Protocol = Portfolio;
    type Learner = FollowBestConstantLearner;

    const NAME: &'static str = "follow_best_constant";
    const SUMMARY: &'static str = "the best constant portfolio (or combination) of the past";
    const SOURCE: &'static str = "Gaivoronski, Stella, Stochastic nonstationary optimization for \
                                  finding universal portfolios, 2000";

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let best = BestConstant::new(setting.assets());
        Ok(FollowBestConstantLearner { relatives: history(setting)?, best })
    }
}

/// Follow the best constant portfolio, of one replication.
pub struct FollowBestConstantLearner {
    relatives: Vec<f64>,
    best: BestConstant,
}

impl Learner<Portfolio> for FollowBestConstantLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        self.best.weights()
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let first = self.relatives.is_empty();
        self.relatives.extend_from_slice(outcome.feedback);
        if first {
            self.best.solve(&self.relatives, None);
        } else {
            self.best.improve(&self.relatives, None);
        }
    }

    fn reset(&mut self) {
        self.relatives.clear();
        self.best.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{portfolios, setting};

    #[test]
    fn on_the_alternating_market() {
        let rows = [vec![1.0, 2.0], vec![1.0, 0.5], vec![1.0, 2.0], vec![1.0, 1.0]];
        let played = portfolios(&FollowBestConstant {}, &rows);
        // After (1,2) all on the second; after (1,½) halves; after (1,2) again
        // 2 ln(1 + b) + ln(1 − b/2) is greatest at b = 1.
        for (row, known) in played.iter().zip([0.5, 1.0, 0.5, 1.0]) {
            assert!((row[1] - known).abs() < 1e-5, "{played:?}");
        }
        assert!(FollowBestConstant {}.learner(&setting(3, u64::MAX)).is_err());
    }
}
