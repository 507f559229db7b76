//! Uniform policy: every arm with the same probability, whatever the context.
//!
//! Source: folklore.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The uniform policy has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UniformPolicy {}

impl Algorithm for UniformPolicy {
    type Protocol = Contextual;
    type Learner = UniformPolicyLearner;

    const NAME: &'static str = "uniform_policy";
    const SUMMARY: &'static str = "plays every arm with the same probability in every context";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        Ok(UniformPolicyLearner { arms: setting.shape.arms })
    }
}

/// The uniform policy.
pub struct UniformPolicyLearner {
    arms: usize,
}

impl Learner<Contextual> for UniformPolicyLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        round.rng.index(self.arms)
    }

    fn update(&mut self, _: Outcome<'_, Contextual>) {}

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    #[test]
    fn arms_are_equally_likely() {
        let setting = setting(3, 1, Layout::Shared);
        let learner = UniformPolicy {}.learner(&setting).expect("fits");
        let plays = frequencies(&mut Table::new(&setting, learner), &[0.5], 30_000);
        // Standard deviation √(2/9 / 30000) = 0.0027; five of them.
        assert!(plays.iter().all(|p| (p - 1.0 / 3.0).abs() < 0.0137), "{plays:?}");
    }
}
