//! Best policy: the comparator itself, told by the environment. What regret is measured against, as a
//! learner: its regret is 0 at the horizon.
//!
//! Setting: losses whose means do not depend on the play; the policy is the best of the means over
//! all K episodes.

use regret_engine::bound::Bound;
use regret_engine::learner::Setting;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::protocols::episodic::LossFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::uniform_actions::FixedPolicyLearner;

/// The best policy has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BestPolicy {}

impl Algorithm for BestPolicy {
    type Protocol = EpisodicBandit;
    type Learner = FixedPolicyLearner;

    const NAME: &'static str = "best_policy";
    const SUMMARY: &'static str = "an oracle: the best fixed policy of all episodes";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let refusal = || ParameterError {
            path: String::new(),
            message: "there is no best policy to be told: these losses depend on the play"
                .to_owned(),
        };
        let actions = setting.shape.oracle.ask(setting.episodes()).ok_or_else(refusal)?;
        let mut policy = vec![0.0; setting.layout().pairs()];
        setting.layout().write_deterministic(&actions, &mut policy);
        Ok(FixedPolicyLearner { policy })
    }

    fn bounds(&self, _: &Setting<EpisodicBandit>, facts: &LossFacts) -> Vec<Bound> {
        if !facts.stochastic {
            return Vec::new();
        }
        let conditions = "means that are the same in every episode";
        vec![Bound::upper(PSEUDO_REGRET, "0", "by definition", conditions, |_| 0.0)]
    }
}
