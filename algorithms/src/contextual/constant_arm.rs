//! Constant arm: the same one in every context. The comparator of the pseudo-regret as a learner.
//!
//! Source: folklore.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the constant arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConstantArm {
    /// The arm to play, from 0.
    pub arm: usize,
}

impl Algorithm for ConstantArm {
    type Protocol = Contextual;
    type Learner = ConstantArmLearner;

    const NAME: &'static str = "constant_arm";
    const SUMMARY: &'static str = "plays the same arm in every context";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let rule = format!("must be below the number of arms, {}", setting.shape.arms);
        ParameterError::unless(self.arm < setting.shape.arms, "arm", self.arm, &rule)?;
        Ok(ConstantArmLearner { arm: self.arm })
    }
}

/// Always the same arm.
pub struct ConstantArmLearner {
    arm: usize,
}

impl Learner<Contextual> for ConstantArmLearner {
    fn act(&mut self, _: Round<'_, Contextual>) -> usize {
        self.arm
    }

    fn update(&mut self, _: Outcome<'_, Contextual>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        u64::MAX
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::setting;
    use super::*;

    #[test]
    fn the_arm_must_exist() {
        let setting = setting(3, 1, Layout::Fixed);
        let error = ConstantArm { arm: 3 }.learner(&setting).err().expect("no arm 3");
        assert_eq!(error.message, "arm = 3: must be below the number of arms, 3");
        assert!(ConstantArm { arm: 2 }.learner(&setting).is_ok());
    }
}
