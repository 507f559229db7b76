//! kl-UCB++: KL-UCB with a threshold that makes it optimal both asymptotically and in the worst
//! case.
//!
//! Source: Ménard, Garivier, "A minimax and asymptotically optimal algorithm for stochastic
//! bandits", ALT 2017, equations (8) and (9).
//! Setting: K arms, rewards in [0, 1] (Bernoulli divergence), independent, known horizon T.
//! Guarantee, tested: regret ≤ 76 √(σ² K T) + (μ⁺ − μ⁻) K, so 38 √(K T) + K for Bernoulli
//! rewards (Theorem 2), and Lai and Robbins's constant asymptotically (Theorem 3).

use regret_engine::bound::Bound;
use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::lai_robbins_optimal;
use crate::support::divergence::{kl_upper, kl_upper_is_below, mean_near};
use crate::support::index::{Index, IndexLearner, Tally};

/// kl-UCB++ has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KlUcbPlusPlus {}

impl Algorithm for KlUcbPlusPlus {
    type Protocol = Bandit;
    type Learner = IndexLearner<KlUcbPlusPlusIndex>;

    const NAME: &'static str = "kl_ucb_plus_plus";
    const SUMMARY: &'static str = "KL-UCB with the threshold ln⁺(T/(Kn) (ln⁺²(T/(Kn)) + 1))";
    const SOURCE: &'static str = "Ménard, Garivier, A minimax and asymptotically optimal algorithm \
                                  for stochastic bandits, 2017, equations (8) and (9)";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        let share = setting.horizon as f64 / arms as f64;
        Ok(IndexLearner::new(KlUcbPlusPlusIndex { share }, arms))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let mut bounds = lai_robbins_optimal(arms, true, "Ménard, Garivier 2017, Theorem 3");
        if arms.unit_gaps().is_some() && arms.law == Law::Bernoulli {
            let count = setting.arms() as f64;
            let value = 38.0 * (count * setting.horizon as f64).sqrt() + count;
            bounds.push(Bound::upper(
                PSEUDO_REGRET,
                "38 √(K T) + K",
                "Ménard, Garivier 2017, Theorem 2",
                "Bernoulli rewards, constant means, known horizon",
                move |_| value,
            ));
        }
        bounds
    }
}

/// kl-UCB++'s index.
#[derive(Clone, Debug)]
pub struct KlUcbPlusPlusIndex {
    /// T / K.
    share: f64,
}

impl KlUcbPlusPlusIndex {
    fn threshold(&self, n: f64) -> f64 {
        let log = math::ln(self.share / n).max(0.0);
        math::ln(self.share / n * (log * log + 1.0)).max(0.0)
    }
}

impl Index for KlUcbPlusPlusIndex {
    fn index(&self, _: f64, arm: &Tally) -> f64 {
        kl_upper(arm.mean, self.threshold(arm.n) / arm.n)
    }

    /// Pinsker's inequality, then the divergence itself.
    fn is_below(&self, _: f64, arm: &Tally, best: f64) -> bool {
        kl_upper_is_below(arm.mean, self.threshold(arm.n) / arm.n, best)
    }

    fn least_mean(&self, _: f64, arm: &Tally, pulls: f64, target: f64) -> f64 {
        let n = arm.n + pulls;
        mean_near(target, self.threshold(n) / n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};
    use crate::support::index::tests::{tally, ten};
    use regret_engine::special::kl;

    #[test]
    fn index_by_hand() {
        // T = 1000, K = 5, n = 10: share 20, ln 20 = 2.9957, threshold ln(20 · 9.9744) = 5.29575.
        let index = KlUcbPlusPlusIndex { share: 200.0 };
        assert!((index.threshold(10.0) - 5.295_75).abs() < 1e-5);
        let q = index.index(1.0, &ten());
        assert!((10.0 * kl(0.5, q) - index.threshold(10.0)).abs() < 1e-9);
        assert_eq!(index.index(1.0, &tally(&[0.5; 300])), 0.5);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &KlUcbPlusPlus {},
            "012101210210101012101012102110110210110101211011010210110110",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(
            &bounds(&KlUcbPlusPlus {}, &means, 1000),
            100,
            &[28.943_347_976, 2_084.345_719],
        );
    }
}
