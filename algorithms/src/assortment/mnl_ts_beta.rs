//! Thompson sampling for the MNL bandit, with Beta posteriors.
//!
//! Source: Agrawal, Avadhanula, Goyal, Zeevi, "Thompson sampling for the MNL-bandit", COLT 2017,
//! Algorithm 1.
//! Setting: N items with attractions v ≤ 1, revenues known; offers that may change.
//! The count of an item in an epoch is geometric with success probability μ = 1/(1 + v), so that from
//! a uniform prior the posterior of μ is Beta(n + 1, W + 1).

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Offer;
use regret_engine::random::Stream;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::beta::{BetaLaw, words};
use crate::support::epochs::{EpochLearner, Estimator, Next, Seen};

/// Thompson sampling with Beta posteriors has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MnlTsBeta {}

impl Algorithm for MnlTsBeta {
    type Protocol = Assortment;
    type Learner = EpochLearner<Self>;

    const NAME: &'static str = "mnl_ts_beta";
    const SUMMARY: &'static str = "offers the best set for attractions drawn from Beta posteriors";
    const SOURCE: &'static str = "Agrawal, Avadhanula, Goyal, Zeevi, Thompson sampling for the MNL-bandit, 2017, Algorithm 1";

    fn learner(&self, setting: &Setting<Assortment>) -> Result<Self::Learner, ParameterError> {
        Ok(EpochLearner::new(self.clone(), setting))
    }

    fn runs(&self, setting: &Setting<Assortment>) -> Option<Box<dyn RunLearner<Assortment>>> {
        setting.sums_runs().then(|| boxed_runs(self, setting)).flatten()
    }
}

/// An attraction that is drawn is at most this: 1/μ − 1 has no mean before the first epoch.
const GREATEST: f64 = 1e12;

impl Estimator for MnlTsBeta {
    fn estimate(
        &mut self,
        seen: &Seen,
        _: Offer<'_>,
        rng: &mut Stream,
        values: &mut [f64],
    ) -> Next {
        let base = rng.word();
        attempts(base, &seen.lost, &seen.bought, values);
        for (item, value) in values.iter_mut().enumerate() {
            if *value < 0.0 {
                *value =
                    BetaLaw::new(seen.lost[item] + 1.0, seen.bought[item] + 1.0).draw(base, item);
            }
            *value = (1.0 / *value - 1.0).min(GREATEST);
        }
        Next::Best
    }
}

vectorised! {
    /// The first attempt at a draw of every item's μ; below 0 where it is rejected.
    fn attempts(base: u64, lost: &[f64], bought: &[f64], draws: &mut [f64]) {
        for (item, ((draw, &n), &w)) in draws.iter_mut().zip(lost).zip(bought).enumerate() {
            let (first, second) = words(base, item, 0);
            *draw = BetaLaw::new(n + 1.0, w + 1.0).attempt(first, second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, offers, seen};

    #[test]
    fn draws_have_the_posteriors_mean() {
        // μ ~ Beta(9, 5): v = 1/μ − 1 has mean 5/8 and variance 5 (9 + 5 − 1)/(8² (9 − 2)).
        let offers = offers(&market(4, 2));
        let seen = seen(4, 20.0, &[(2, 8.0, 4.0)]);
        let (mut values, mut sum, count) = ([0.0; 4], 0.0, 40_000);
        let mut rng = Stream::from_state(7);
        for _ in 0..count {
            MnlTsBeta {}.estimate(&seen, offers.view(0), &mut rng, &mut values);
            sum += values[2];
            assert!(values.iter().all(|v| (0.0..=GREATEST).contains(v)));
        }
        let deviation = (5.0 * 13.0 / (64.0 * 7.0f64)).sqrt();
        let margin = 4.0 * deviation / f64::from(count).sqrt();
        assert!((sum / f64::from(count) - 0.625).abs() < margin);
    }
}
