//! IMED: the arm of least empirical divergence to the best mean, plus the logarithm of its pulls.
//!
//! Source: Honda, Takemura, "Non-asymptotic analysis of a new bandit algorithm for semi-bounded
//! rewards", JMLR 16, 2015, Algorithm 1.
//! Setting: K arms, rewards in [0, 1] (Bernoulli divergence), independent between rounds.
//! Guarantee, tested: regret / ln t → Lai and Robbins's constant for Bernoulli rewards.
//! Deviation: the Bernoulli divergence takes the place of D_inf; the two agree for Bernoulli
//! rewards. Means outside [0, 1] are moved to the nearest end.

use regret_engine::bound::Bound;
use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use regret_engine::special::kl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::lai_robbins_optimal;
use crate::support::index::{Index, IndexLearner, MARGIN, Tally};

/// IMED has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Imed {}

impl Algorithm for Imed {
    type Protocol = Bandit;
    type Learner = IndexLearner<ImedIndex>;

    const NAME: &'static str = "imed";
    const SUMMARY: &'static str = "plays the arm of least n kl(m, max m) + ln n";
    const SOURCE: &'static str = "Honda, Takemura, Non-asymptotic analysis of a new bandit \
                                  algorithm for semi-bounded rewards, 2015, Algorithm 1";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(IndexLearner::new(ImedIndex { best: 0.0 }, setting.arms()))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        lai_robbins_optimal(arms, true, "Honda, Takemura 2015, Theorem 5")
    }
}

/// IMED's index, negated: the highest is played.
#[derive(Clone, Debug)]
pub struct ImedIndex {
    /// The highest mean of the present round, in [0, 1].
    best: f64,
}

impl Index for ImedIndex {
    fn survey(&mut self, _: f64, arms: &[Tally]) {
        let observed = arms.iter().filter(|arm| arm.n > 0.0);
        self.best = observed.map(|arm| arm.mean.clamp(0.0, 1.0)).fold(0.0, f64::max);
    }

    fn index(&self, _: f64, arm: &Tally) -> f64 {
        -(arm.n * kl(arm.mean.clamp(0.0, 1.0), self.best) + math::ln(arm.n))
    }

    /// The arm of highest mean has the index −ln n; another arm's falls as that mean rises, and
    /// stays below while n_b kl(m_b, mean) + ln n_b ≥ ln n.
    fn level(&self, _: f64, arms: &[Tally], leader: usize, pulls: f64) -> f64 {
        if arms[leader].mean < self.best {
            return f64::NAN;
        }
        let (n, best) = (arms[leader].n + pulls, self.best);
        let mut level = 0.0f64;
        for (_, arm) in arms.iter().enumerate().filter(|&(arm, _)| arm != leader) {
            let mean = arm.mean.clamp(0.0, 1.0);
            let excess = arm.n * kl(mean, best) - math::ln(n / arm.n).max(0.0);
            if !(excess > 0.0 && best < 1.0) {
                return f64::NAN;
            }
            // The tangent of the convex n kl(m, ·) at the best mean lies below it.
            let slope = arm.n * (best - mean) / (best * (1.0 - best));
            level = level.max(mean).max(best - excess / slope);
        }
        level + MARGIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};
    use crate::support::index::tests::{tally, ten};

    #[test]
    fn index_by_hand() {
        let arm = tally(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let index = ImedIndex { best: 0.6 };
        assert!((index.index(1.0, &arm) + 4.140_454).abs() < 1e-6);
        let mut index = ImedIndex { best: 0.0 };
        index.survey(1.0, &[ten(), arm]);
        // The best arm's divergence is 0.
        assert!((index.index(1.0, &ten()) + 10f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(&Imed {}, "012102110210101021110121101012101112100110111102120010011011");
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(&bounds(&Imed {}, &means, 1000), 100, &[28.943_347_976]);
    }
}
