//! Greedy: every arm once, then the arm of highest empirical mean.
//!
//! Source: folklore; Lattimore, Szepesvári, "Bandit Algorithms", 2020, Section 4.
//! Guarantee: none; its regret is linear, for it may settle on a wrong arm after one unlucky reward.

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::protocols::Bandit;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::{Index, IndexLearner, Tally};

/// Greedy play has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Greedy {}

impl Algorithm for Greedy {
    type Protocol = Bandit;
    type Learner = IndexLearner<GreedyIndex>;

    const NAME: &'static str = "greedy";
    const SUMMARY: &'static str = "plays the highest empirical mean";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(IndexLearner::new(GreedyIndex, setting.arms()))
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }
}

/// The empirical mean.
#[derive(Clone, Debug)]
pub struct GreedyIndex;

impl Index for GreedyIndex {
    fn index(&self, _: f64, arm: &Tally) -> f64 {
        arm.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::assert_trace;
    use crate::support::index::tests::tally;

    #[test]
    fn the_index_is_the_mean() {
        assert_eq!(GreedyIndex.index(9.0, &tally(&[1.0, 0.0, 0.0, 0.5])), 0.375);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(&Greedy {}, "012111111111");
    }
}
