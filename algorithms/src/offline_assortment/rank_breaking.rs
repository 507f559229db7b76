//! Pessimistic rank breaking: each item against buying nothing, at its lower confidence bound.
//!
//! Source: Han, Zhong, Lu, Blanchet, Zhou, "Learning an optimal assortment policy under observational
//! data", 2025.
//! Setting: a log of multinomial logit choices; items share nothing.
//! Guarantee: sub-optimality Õ(K/√n*), where n* is the least number of records of an item of the best
//! set: coverage of its items is enough; constants are not usable.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::OfflineAssortment;
use regret_engine::protocols::offline_assortment::{Decision, Log};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::offline_mle::PlugIn;

/// Parameters of pessimistic rank breaking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RankBreaking {
    /// L ≥ 0 of the bound q − √(2 q (1 − q) L/τ) − L/τ; ln(N/0.05) if not given.
    pub level: Option<f64>,
}

impl Algorithm for RankBreaking {
    type Protocol = OfflineAssortment;
    type Learner = RankBreakingLearner;

    const NAME: &'static str = "rank_breaking";
    const SUMMARY: &'static str = "decides by lower bounds on each item against buying nothing";
    const SOURCE: &'static str = "Han, Zhong, Lu, Blanchet, Zhou, Learning an optimal assortment policy under observational \
                                  data, 2025";

    fn check(&self) -> Result<(), ParameterError> {
        self.level.map_or(Ok(()), |level| {
            let valid = (0.0..=1e6).contains(&level);
            ParameterError::unless(valid, "level", level, "must be from 0 to 1e6")
        })
    }

    fn learner(
        &self,
        setting: &Setting<OfflineAssortment>,
    ) -> Result<RankBreakingLearner, ParameterError> {
        let items = setting.shape.items as f64;
        let level = self.level.unwrap_or_else(|| math::ln(items / 0.05));
        Ok(RankBreakingLearner { level, chooser: PlugIn::new(&setting.shape) })
    }
}

/// The decision of one replication.
pub struct RankBreakingLearner {
    level: f64,
    chooser: PlugIn,
}

/// The attraction of an item at its lower bound; 0 if it was never offered.
fn lower_bound(log: &Log, item: usize, level: f64) -> f64 {
    let (mut chosen, mut records) = (0.0, 0.0);
    for set in &log.sets {
        if let Some(place) = set.items.iter().position(|&other| other == item) {
            chosen += set.bought[place];
            records += set.bought[place] + set.nothing;
        }
    }
    if records == 0.0 {
        return 0.0;
    }
    let q = chosen / records;
    let bound = q - (2.0 * q * (1.0 - q) * level / records).sqrt() - level / records;
    // With level 0 an item that was always bought would have an infinite attraction.
    let bound = bound.clamp(0.0, 1.0 - 1e-12);
    bound / (1.0 - bound)
}

impl Learner<OfflineAssortment> for RankBreakingLearner {
    fn act(&mut self, round: Round<'_, OfflineAssortment>) -> Decision<'_> {
        let log = round.context;
        let items = 0..log.revenues.len();
        let bounds: Vec<f64> = items.map(|item| lower_bound(log, item, self.level)).collect();
        self.chooser.decide(&log.revenues, &bounds)
    }

    fn update(&mut self, _: Outcome<'_, OfflineAssortment>) {}

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::log_likelihood::tests::log;

    #[test]
    fn bounds_by_hand() {
        // Item 0 against nothing: 12 of 12 + 4 + 9 records.
        let log = log(&[1.0; 3], &[(&[0], 4.0, &[6.0]), (&[0, 1], 9.0, &[6.0, 20.0])]);
        let (q, tau): (f64, f64) = (12.0 / 25.0, 25.0);
        let bound = q - (2.0 * q * (1.0 - q) * 2.0 / tau).sqrt() - 2.0 / tau;
        assert!((lower_bound(&log, 0, 2.0) - bound / (1.0 - bound)).abs() < 1e-12);
        assert_eq!(lower_bound(&log, 2, 2.0), 0.0);
        assert_eq!(lower_bound(&log, 0, 0.0), q / (1.0 - q));
        assert_eq!(lower_bound(&log, 0, 100.0), 0.0);
    }
}
