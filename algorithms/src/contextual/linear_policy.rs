//! Linear policy: greedy for a given parameter. The comparator of linear environments as a learner.
//!
//! Source: folklore.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::Layout;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the linear policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearPolicy {
    /// The parameter θ: d numbers, or K d with shared features; by default all 0, which plays arm 0.
    pub theta: Vec<f64>,
}

impl Algorithm for LinearPolicy {
    type Protocol = Contextual;
    type Learner = LinearPolicyLearner;

    const NAME: &'static str = "linear_policy";
    const SUMMARY: &'static str = "plays the arm of highest ⟨x, θ⟩ for a given θ";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let (count, dimension) = (self.theta.len(), setting.shape.dimension());
        let rule = format!("must have {dimension} numbers, or none");
        let fits = count == dimension || count == 0;
        ParameterError::unless(fits, "theta", format!("{count} numbers"), &rule)?;
        let theta = if count == 0 { vec![0.0; dimension] } else { self.theta.clone() };
        Ok(LinearPolicyLearner { theta })
    }
}

/// Greedy for a parameter.
pub struct LinearPolicyLearner {
    theta: Vec<f64>,
}

impl Learner<Contextual> for LinearPolicyLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        let (context, size) = (round.context, round.context.size);
        argmax((0..size.arms).map(|arm| {
            let theta = match size.layout {
                Layout::Shared => &self.theta[arm * size.features..],
                Layout::Fixed | Layout::Varying => &self.theta,
            };
            context.row(arm).iter().zip(theta).map(|(x, theta)| x * theta).sum()
        }))
    }

    fn update(&mut self, _: Outcome<'_, Contextual>) {}

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Table, setting};
    use super::*;

    #[test]
    fn the_highest_product_is_played() {
        let policy = LinearPolicy { theta: vec![1.0, -2.0] };
        let varying = setting(3, 2, Layout::Varying);
        let mut table = Table::new(&varying, policy.learner(&varying).expect("fits"));
        // Products −1, 0.5, 0.4.
        assert_eq!(table.act(&[1.0, 1.0, 0.5, 0.0, 1.0, 0.3]), 1);
        let shared = setting(2, 1, Layout::Shared);
        let mut table = Table::new(&shared, policy.learner(&shared).expect("fits"));
        assert_eq!((table.act(&[1.0]), table.act(&[-1.0])), (0, 1));
        assert!(policy.learner(&setting(3, 3, Layout::Fixed)).is_err());
        assert!(LinearPolicy::default().learner(&setting(3, 3, Layout::Fixed)).is_ok());
    }
}
