//! Fixed arm: always the same one. The comparator as a learner.
//!
//! Source: folklore.
//! Guarantee: pseudo-regret t Δ exactly.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the fixed arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FixedArm {
    /// The arm to play, from 0.
    pub arm: usize,
}

impl Algorithm for FixedArm {
    type Protocol = Bandit;
    type Learner = FixedArmLearner;

    const NAME: &'static str = "fixed_arm";
    const SUMMARY: &'static str = "always plays the same arm";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<FixedArmLearner, ParameterError> {
        let rule = format!("must be below the number of arms, {}", setting.arms());
        ParameterError::unless(self.arm < setting.arms(), "arm", self.arm, &rule)?;
        Ok(FixedArmLearner { arm: self.arm })
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some(gap) = arms.gaps().and_then(|gaps| gaps.get(self.arm).copied()) else {
            return Vec::new();
        };
        vec![Bound::upper(
            PSEUDO_REGRET,
            "t Δ",
            "by definition",
            "constant means; an equality",
            move |t| gap * t,
        )]
    }
}

/// Always the same arm.
pub struct FixedArmLearner {
    arm: usize,
}

impl Learner<Bandit> for FixedArmLearner {
    fn act(&mut self, _: Round<'_, Bandit>) -> usize {
        self.arm
    }

    fn update(&mut self, _: Outcome<'_, Bandit>) {}

    fn reset(&mut self) {}

    fn hold(&self) -> u64 {
        u64::MAX
    }
}

impl RunLearner<Bandit> for FixedArmLearner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(u64::MAX, ArmSums::default())
    }

    fn absorb(&mut self, _: u64, _: &ArmSums) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arm_must_exist() {
        let error = FixedArm { arm: 3 }.learner(&Setting::new(3, 10)).err().expect("no arm 3");
        assert_eq!(error.message, "arm = 3: must be below the number of arms, 3");
        assert!(FixedArm { arm: 2 }.learner(&Setting::new(3, 10)).is_ok());
    }
}
