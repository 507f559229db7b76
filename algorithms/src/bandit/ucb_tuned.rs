//! UCB-tuned: UCB1 whose width is bounded by the arm's empirical variance.
//!
//! Source: Auer, Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem",
//! Machine Learning 47, 2002, Section 4.
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee: none proven in the source, which proposes it from experiments.

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::{Index, IndexLearner, Tally};

/// UCB-tuned has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UcbTuned {}

impl Algorithm for UcbTuned {
    type Protocol = Bandit;
    type Learner = IndexLearner<UcbTunedIndex>;

    const NAME: &'static str = "ucb_tuned";
    const SUMMARY: &'static str = "UCB1 with a width bounded by the empirical variance";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Fischer, Finite-time analysis of the \
                                  multiarmed bandit problem, 2002, Section 4";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(IndexLearner::new(UcbTunedIndex, setting.arms()))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }
}

/// UCB-tuned's index.
#[derive(Clone, Debug)]
pub struct UcbTunedIndex;

impl Index for UcbTunedIndex {
    fn index(&self, t: f64, arm: &Tally) -> f64 {
        let e = math::ln(t) / arm.n;
        let variance = arm.variance() + (2.0 * e).sqrt();
        arm.mean + (e * variance.min(0.25)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::assert_trace;
    use crate::support::index::tests::{tally, ten};

    #[test]
    fn index_by_hand() {
        // The variance bound is above 1/4 for few rewards: 0.5 + √(ln 100 / 40).
        let few = UcbTunedIndex.index(100.0, &ten());
        assert!((few - (0.5 + (100f64.ln() / 40.0).sqrt())).abs() < 1e-12);
        // 4000 equal rewards: variance 0, so √(e √(2 e)) with e = ln 100 / 4000.
        let many = UcbTunedIndex.index(100.0, &tally(&[0.75; 4000]));
        let e = 100f64.ln() / 4000.0;
        assert!((many - (0.75 + (e * (2.0 * e).sqrt()).sqrt())).abs() < 1e-9);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(&UcbTuned {}, "012110210101101101011012101201111011110121101101101211011011");
    }
}
