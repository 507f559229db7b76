//! KL-UCB-switch: KL-UCB while an arm has few pulls, MOSS afterwards.
//!
//! Source: Garivier, Hadiji, Ménard, Stoltz, "KL-UCB-switch: optimal regret bounds for stochastic
//! bandits from both a distribution-dependent and a distribution-free viewpoints", JMLR 23, 2022,
//! Section 3.
//! Setting: K arms, rewards in [0, 1], independent between rounds, known horizon T.
//! Guarantee, tested: regret ≤ (K − 1) + 23 √(K T) (Theorem 2), and asymptotically optimal.
//! Deviation: the Bernoulli divergence takes the place of the empirical K_inf; the two agree for
//! Bernoulli rewards.

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
use crate::support::divergence::kl_upper;
use crate::support::index::{Index, IndexLearner, Tally};

/// KL-UCB-switch has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KlUcbSwitch {}

impl Algorithm for KlUcbSwitch {
    type Protocol = Bandit;
    type Learner = IndexLearner<KlUcbSwitchIndex>;

    const NAME: &'static str = "kl_ucb_switch";
    const SUMMARY: &'static str = "KL-UCB for arms with few pulls, MOSS for the others";
    const SOURCE: &'static str = "Garivier, Hadiji, Ménard, Stoltz, KL-UCB-switch, 2022, Section 3";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        let share = setting.horizon as f64 / arms as f64;
        Ok(IndexLearner::new(KlUcbSwitchIndex::new(share), arms))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let source = "Garivier, Hadiji, Ménard, Stoltz 2022, Theorems 2 and 3";
        let mut bounds = lai_robbins_optimal(arms, true, source);
        if arms.unit_gaps().is_some() && arms.law == Law::Bernoulli {
            let count = setting.arms() as f64;
            let value = (count - 1.0) + 23.0 * (count * setting.horizon as f64).sqrt();
            bounds.push(Bound::upper(
                PSEUDO_REGRET,
                "(K − 1) + 23 √(K T)",
                "Garivier, Hadiji, Ménard, Stoltz 2022, Theorem 2",
                "Bernoulli rewards, constant means, known horizon",
                move |_| value,
            ));
        }
        bounds
    }
}

/// KL-UCB-switch's index.
#[derive(Clone, Debug)]
pub struct KlUcbSwitchIndex {
    /// T / K.
    share: f64,
    /// Pulls up to which KL-UCB's index is used: ⌊(T/K)^{1/5}⌋.
    switch: f64,
}

impl KlUcbSwitchIndex {
    fn new(share: f64) -> Self {
        Self { share, switch: math::pow(share, 0.2).floor() }
    }
}

impl Index for KlUcbSwitchIndex {
    fn index(&self, _: f64, arm: &Tally) -> f64 {
        let d = math::ln(self.share / arm.n).max(0.0) / arm.n;
        if arm.n <= self.switch { kl_upper(arm.mean, d) } else { arm.mean + (0.5 * d).sqrt() }
    }

    /// At the switch an index may jump up, so an arm before it is not kept.
    fn least_mean(&self, _: f64, arm: &Tally, pulls: f64, target: f64) -> f64 {
        if arm.n <= self.switch {
            return f64::NAN;
        }
        let n = arm.n + pulls;
        target - (0.5 * math::ln(self.share / n).max(0.0) / n).sqrt()
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
        // T = 1000, K = 5: the switch is at ⌊200^0.2⌋ = 2 pulls.
        let index = KlUcbSwitchIndex::new(200.0);
        assert_eq!(index.switch, 2.0);
        assert!((index.index(1.0, &ten()) - 0.887_023).abs() < 1e-6);
        let few = index.index(1.0, &tally(&[0.0, 1.0]));
        assert!((2.0 * kl(0.5, few) - 100f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &KlUcbSwitch {},
            "012101211111111102000000122111021021110121101101120011011011",
        );
    }

    #[test]
    fn bounds_by_hand() {
        let means = [0.5, 0.6, 0.25];
        assert_bounds(
            &bounds(&KlUcbSwitch {}, &means, 1000),
            100,
            &[28.943_347_976, 1_261.761_882],
        );
    }
}
