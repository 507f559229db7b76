//! Plays one action for ever and reads nothing: the comparator itself, and a check of all that
//! surrounds a learner.

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::protocol::NoSums;
use regret_engine::protocols::Observations;
use regret_engine::protocols::observations::Choice;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of unobserving play.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Unobserving {
    /// The action, from 0.
    pub action: usize,
}

impl Algorithm for Unobserving {
    type Protocol = Observations;
    type Learner = UnobservingLearner;

    const NAME: &'static str = "unobserving";
    const SUMMARY: &'static str = "always plays the same action and reads nothing";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Observations>) -> Result<Self::Learner, ParameterError> {
        let rule = format!("actions are 0 to {}", setting.shape.actions - 1);
        let exists = self.action < setting.shape.actions;
        ParameterError::unless(exists, "action", self.action, &rule)?;
        Ok(UnobservingLearner { action: self.action })
    }

    fn runs(&self, setting: &Setting<Observations>) -> Option<Box<dyn RunLearner<Observations>>> {
        boxed_runs(self, setting)
    }
}

/// Unobserving play.
pub struct UnobservingLearner {
    action: usize,
}

impl Learner<Observations> for UnobservingLearner {
    fn act(&mut self, _: Round<'_, Observations>) -> Choice<'_> {
        Choice { action: self.action, reads: &[] }
    }

    fn update(&mut self, _: Outcome<'_, Observations>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        u64::MAX
    }
}

impl RunLearner<Observations> for UnobservingLearner {
    fn run(&mut self, _: u64) -> Run<Observations> {
        Run { rounds: u64::MAX, boundary: (), sums: NoSums }
    }

    fn absorb(&mut self, _: u64, _: &NoSums) {}
}
