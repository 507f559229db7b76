//! The epoch UCB of the MNL bandit.
//!
//! Source: Agrawal, Avadhanula, Goyal, Zeevi, "MNL-bandit: a dynamic learning approach to assortment
//! selection", Operations Research 67, 2019, Algorithm 1 and equation (7).
//! Setting: N items with attractions v ≤ 1, revenues known; offers that may change.
//! Guarantee: regret O(√(NT ln NT) + N ln² NT) (there, Theorem 1); its constants are not published
//! in a form that could be drawn.
//! Deviation: `clip: one` is ours. The literal index of an item that was tried stays far above 1 for
//! hundreds of epochs, while untried items have 1, so that the first K items are offered throughout.

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Offer;
use regret_engine::random::Stream;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::epochs::{EpochLearner, Estimator, Next, Seen};

/// Parameters of the epoch UCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MnlUcb {
    /// `none` for the paper's index, `one` for the lesser of it and 1, the item with fewest epochs
    /// preferred in a tie.
    pub clip: Clip,
    /// The constant of the width, 48 in the paper; not negative.
    pub width: f64,
}

/// What bounds an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// Nothing.
    #[default]
    None,
    /// The greatest attraction that the theory allows, 1.
    One,
}

impl Default for MnlUcb {
    fn default() -> Self {
        Self { clip: Clip::None, width: 48.0 }
    }
}

impl Algorithm for MnlUcb {
    type Protocol = Assortment;
    type Learner = EpochLearner<Self>;

    const NAME: &'static str = "mnl_ucb";
    const SUMMARY: &'static str = "offers the best set for upper confidence bounds, epoch by epoch";
    const SOURCE: &'static str = "Agrawal, Avadhanula, Goyal, Zeevi, MNL-bandit, 2019, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..=1e6).contains(&self.width);
        ParameterError::unless(valid, "width", self.width, "must be from 0 to 1e6")
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<Self::Learner, ParameterError> {
        Ok(EpochLearner::new(self.clone(), setting))
    }

    fn runs(&self, setting: &Setting<Assortment>) -> Option<Box<dyn RunLearner<Assortment>>> {
        setting.sums_runs().then(|| boxed_runs(self, setting)).flatten()
    }
}

impl Estimator for MnlUcb {
    fn estimate(&mut self, seen: &Seen, _: Offer<'_>, _: &mut Stream, values: &mut [f64]) -> Next {
        let items = values.len() as f64;
        let scale = self.width * math::ln(items.sqrt() * seen.epochs + 1.0);
        for (item, value) in values.iter_mut().enumerate() {
            let (mean, n) = (seen.ratio(item, 1.0), seen.lost[item]);
            let width = if n > 0.0 { scale / n } else { 0.0 };
            *value = mean + (mean * width).sqrt() + width;
            if self.clip == Clip::One {
                // Lowered by less than a billionth, so that the least tried of equals comes first.
                *value = value.min(1.0) * (1.0 - 1e-9 * (n / (seen.epochs + 1.0)));
            }
        }
        Next::Best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, offers, seen};

    fn values(ucb: &mut MnlUcb, seen: &Seen) -> Vec<f64> {
        let offers = offers(&market(10, 4));
        let mut values = vec![0.0; 10];
        let mut rng = Stream::from_state(1);
        assert_eq!(ucb.estimate(seen, offers.view(0), &mut rng, &mut values), Next::Best);
        values
    }

    #[test]
    fn indices_by_hand() {
        let mut ucb = MnlUcb::default();
        // One epoch; item 0 was not bought: 48 ln(√10 + 1). Item 1 was, thrice: W/n = 3.
        let found = values(&mut ucb, &seen(10, 1.0, &[(0, 1.0, 0.0), (1, 1.0, 3.0)]));
        let c: f64 = 68.450_997;
        assert!((found[0] - c).abs() < 1e-5);
        assert!((found[1] - (3.0 + (3.0 * c).sqrt() + c)).abs() < 1e-5);
        assert_eq!(found[2], 1.0);
    }

    #[test]
    fn clipped_items_come_in_the_order_of_their_epochs() {
        let mut ucb = MnlUcb { clip: Clip::One, width: 48.0 };
        let found = values(&mut ucb, &seen(10, 3.0, &[(0, 3.0, 0.0), (1, 1.0, 9.0)]));
        assert!(found[0] < found[1] && found[1] < found[2] && found[2] == 1.0);
        assert!(found[0] > 1.0 - 1e-9);
    }
}
