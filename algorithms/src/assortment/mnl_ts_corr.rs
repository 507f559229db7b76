//! Thompson sampling for the MNL bandit, with Gaussian approximation and correlated samples.
//!
//! Source: Agrawal, Avadhanula, Goyal, Zeevi, "Thompson sampling for the MNL-bandit", COLT 2017,
//! Algorithm 2.
//! Setting: N items with attractions v ≤ 1, revenues known, known horizon T.
//! Guarantee: regret O(√(NT) ln TK) (there, Theorem 1); its constant is not published.

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Offer;
use regret_engine::random::{Stream, normal};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::epochs::{EpochLearner, Estimator, Next, Seen};

/// Parameters of correlated Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MnlTsCorr {
    /// `each_item` to offer every item alone for an epoch first, as the paper does; `optimistic` to
    /// take the attraction 1 for an item that was not offered yet.
    pub start: Start,
    /// The constant under the root of the deviation, 50 in the paper; not negative.
    pub alpha: f64,
    /// The constant of its second term, 75 in the paper; not negative.
    pub beta: f64,
}

/// How items that were never offered are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Each is offered alone for an epoch.
    #[default]
    EachItem,
    /// Each has the attraction 1.
    Optimistic,
}

impl Default for MnlTsCorr {
    fn default() -> Self {
        Self { start: Start::EachItem, alpha: 50.0, beta: 75.0 }
    }
}

impl Algorithm for MnlTsCorr {
    type Protocol = Assortment;
    type Learner = EpochLearner<Correlated>;

    const NAME: &'static str = "mnl_ts_corr";
    const SUMMARY: &'static str = "offers the best set for attractions raised by one Gaussian draw";
    const SOURCE: &'static str = "Agrawal, Avadhanula, Goyal, Zeevi, Thompson sampling for the MNL-bandit, 2017, Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        for (path, value) in [("alpha", self.alpha), ("beta", self.beta)] {
            let valid = (0.0..=1e6).contains(&value);
            ParameterError::unless(valid, path, value, "must be from 0 to 1e6")?;
        }
        Ok(())
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<Self::Learner, ParameterError> {
        let capacity = setting.shape.capacity;
        let ln_tk = math::ln(setting.horizon as f64 * capacity as f64);
        let correlated = Correlated { spec: self.clone(), capacity, root: ln_tk.max(0.0).sqrt() };
        Ok(EpochLearner::new(correlated, setting))
    }

    fn runs(&self, setting: &Setting<Assortment>) -> Option<Box<dyn RunLearner<Assortment>>> {
        setting.sums_runs().then(|| boxed_runs(self, setting)).flatten()
    }
}

/// Correlated sampling of one replication.
pub struct Correlated {
    spec: MnlTsCorr,
    capacity: usize,
    /// √(ln TK).
    root: f64,
}

impl Correlated {
    /// σ of an item with estimate `mean` from n epochs.
    fn deviation(&self, mean: f64, n: f64) -> f64 {
        (self.spec.alpha * mean * (mean + 1.0) / n).sqrt() + self.spec.beta * self.root / n
    }
}

impl Estimator for Correlated {
    fn estimate(
        &mut self,
        seen: &Seen,
        offer: Offer<'_>,
        rng: &mut Stream,
        values: &mut [f64],
    ) -> Next {
        if self.spec.start == Start::EachItem {
            let fresh = |item: &usize| seen.lost[*item] == 0.0 && offer.available[*item];
            if let Some(item) = (0..values.len()).find(fresh) {
                values.fill(0.0);
                values[item] = 1.0;
                return Next::Greatest;
            }
        }
        let draws = (0..self.capacity).map(|_| normal(rng));
        let theta = draws.fold(f64::NEG_INFINITY, f64::max);
        for (item, value) in values.iter_mut().enumerate() {
            let (mean, n) = (seen.ratio(item, 1.0), seen.lost[item]);
            *value = if n > 0.0 { mean + theta * self.deviation(mean, n) } else { 1.0 };
        }
        Next::Best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, offers, seen};

    fn correlated(start: Start) -> Correlated {
        let spec = MnlTsCorr { start, ..MnlTsCorr::default() };
        Correlated { spec, capacity: 2, root: math::ln(200.0).sqrt() }
    }

    #[test]
    fn deviations_by_hand() {
        // √(50 · 0.5 · 1.5/4) + 75 √(ln 200)/4.
        let sigma = correlated(Start::EachItem).deviation(0.5, 4.0);
        assert!((sigma - (3.061_862 + 43.158_889)).abs() < 1e-4, "{sigma}");
    }

    #[test]
    fn one_draw_raises_all() {
        let offers = offers(&market(3, 2));
        let seen = seen(3, 9.0, &[(0, 4.0, 2.0), (1, 4.0, 2.0), (2, 1.0, 0.0)]);
        let mut values = [0.0; 3];
        let mut rng = Stream::from_state(3);
        let mut corr = correlated(Start::EachItem);
        assert_eq!(corr.estimate(&seen, offers.view(0), &mut rng, &mut values), Next::Best);
        assert_eq!(values[0], values[1]);
        let theta = (values[0] - 0.5) / corr.deviation(0.5, 4.0);
        assert!((values[2] - theta * corr.deviation(0.0, 1.0)).abs() < 1e-9);
    }

    #[test]
    fn starts_by_hand() {
        let offers = offers(&market(3, 2));
        let seen = seen(3, 1.0, &[(0, 1.0, 2.0)]);
        let mut values = [0.0; 3];
        let mut rng = Stream::from_state(3);
        let mut corr = correlated(Start::EachItem);
        assert_eq!(corr.estimate(&seen, offers.view(0), &mut rng, &mut values), Next::Greatest);
        assert_eq!(values, [0.0, 1.0, 0.0]);
        let mut corr = correlated(Start::Optimistic);
        assert_eq!(corr.estimate(&seen, offers.view(0), &mut rng, &mut values), Next::Best);
        assert_eq!(values[1..], [1.0, 1.0]);
    }
}
