//! KL-UCB: the largest mean that the arm's rewards do not refute, in Bernoulli divergence.
//!
//! Source: Garivier, Cappé, "The KL-UCB algorithm for bounded stochastic bandits and beyond", COLT
//! 2011, Algorithm 1.
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee, tested: lim sup regret / ln t ≤ Σ Δ/kl(μ, μ*), Lai and Robbins's constant
//! (Theorem 1, for c = 3). It holds for 0 ≤ c < 3 too (derived): an index of the best arm below
//! μ* − ε needs n kl(m, μ* − ε) ≥ f(t) = ln t + c ln ln t, which no m ≥ 0 allows before
//! n = f(t)/kl(0, μ* − ε), and then n kl(m, μ*) ≥ f(t) + n kl(μ* − ε, μ*); by Chernoff's bound the
//! probabilities of that have a finite sum over n and t. Otherwise an arm is played only while
//! n kl(m, μ* − ε) ≤ f(t), as in the theorem.
//! Deviation: c = 0 by default, as the authors recommend in practice. Means of rewards outside
//! [0, 1] are moved to the nearest end.

use regret_engine::bound::Bound;
use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::lai_robbins_optimal;
use crate::support::divergence::{kl_upper, kl_upper_is_below, mean_near};
use crate::support::index::{Index, IndexLearner, Tally};

/// Parameters of KL-UCB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KlUcb {
    /// Weight c ≥ 0 of ln ln t in the threshold n kl(m, q) ≤ ln t + c ln ln t; the theorem's is 3.
    pub c: f64,
}

impl Algorithm for KlUcb {
    type Protocol = Bandit;
    type Learner = IndexLearner<KlUcbIndex>;

    const NAME: &'static str = "kl_ucb";
    const SUMMARY: &'static str = "plays the highest q with n kl(m, q) ≤ ln t + c ln ln t";
    const SOURCE: &'static str = "Garivier, Cappé, The KL-UCB algorithm for bounded stochastic \
                                  bandits and beyond, 2011, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.c >= 0.0 && self.c.is_finite();
        ParameterError::unless(valid, "c", self.c, "must be a number that is not negative")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let index = KlUcbIndex { c: self.c, threshold: 0.0 };
        Ok(IndexLearner::new(index, setting.arms()))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        lai_robbins_optimal(arms, false, "Garivier, Cappé 2011, Theorem 1; c < 3: derived")
    }
}

/// KL-UCB's index.
#[derive(Clone, Debug)]
pub struct KlUcbIndex {
    c: f64,
    /// ln t + c ln ln t in the present round, at least 0.
    threshold: f64,
}

impl Index for KlUcbIndex {
    fn survey(&mut self, t: f64, _: &[Tally]) {
        let ln_t = math::ln(t);
        let second = if self.c == 0.0 { 0.0 } else { self.c * math::ln(ln_t.max(1.0)) };
        self.threshold = (ln_t + second).max(0.0);
    }

    fn index(&self, _: f64, arm: &Tally) -> f64 {
        kl_upper(arm.mean, self.threshold / arm.n)
    }

    /// Pinsker's inequality, then the divergence itself.
    fn is_below(&self, _: f64, arm: &Tally, best: f64) -> bool {
        kl_upper_is_below(arm.mean, self.threshold / arm.n, best)
    }

    fn least_mean(&self, _: f64, arm: &Tally, pulls: f64, target: f64) -> f64 {
        let n = arm.n + pulls;
        mean_near(target, self.threshold / n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};
    use crate::support::index::tests::{tally, ten};

    #[test]
    fn index_by_hand() {
        for (c, value) in [(0.0, 0.887_909), (3.0, 0.958_465)] {
            let mut index = KlUcbIndex { c, threshold: 0.0 };
            index.survey(100.0, &[]);
            assert!((index.index(100.0, &ten()) - value).abs() < 1e-6);
            assert!(index.is_below(100.0, &ten(), value + 1e-5));
            assert!(!index.is_below(100.0, &ten(), value - 1e-5));
        }
    }

    #[test]
    fn rewards_outside_the_interval_do_no_harm() {
        let mut index = KlUcbIndex { c: 0.0, threshold: 0.0 };
        index.survey(50.0, &[]);
        assert_eq!(index.index(50.0, &tally(&[3.0, 5.0])), 1.0);
        assert!((0.0..=1.0).contains(&index.index(50.0, &tally(&[-3.0]))));
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &KlUcb::default(),
            "012110210101101012101101102111021021110212101011011011011021",
        );
        assert_trace(
            &KlUcb { c: 3.0 },
            "012101210112010121011010211111021021112011101201102111120110",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&KlUcb::default(), &means, 1000), 100, &[28.943_347_976]);
    }
}
