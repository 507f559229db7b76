//! Uniform actions: every action with the same probability, everywhere. The baseline.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Uniform actions have no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UniformActions {}

impl Algorithm for UniformActions {
    type Protocol = EpisodicBandit;
    type Learner = FixedPolicyLearner;

    const NAME: &'static str = "uniform_actions";
    const SUMMARY: &'static str = "every action with the same probability";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let mut policy = vec![0.0; setting.layout().pairs()];
        setting.layout().write_uniform(&mut policy);
        Ok(FixedPolicyLearner { policy })
    }
}

/// A policy that stays.
pub struct FixedPolicyLearner {
    pub(super) policy: Vec<f64>,
}

impl Learner<EpisodicBandit> for FixedPolicyLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        &self.policy
    }

    fn update(&mut self, _: Outcome<'_, EpisodicBandit>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        u64::MAX
    }
}
