//! Follow the leader: all weight on the expert of least loss so far, the first in a tie.
//!
//! Source: Cesa-Bianchi, Lugosi, "Prediction, learning, and games", 2006, Section 3.2.
//! Guarantee: none against an adversary, where its regret is linear; constant for stochastic losses
//! with a gap.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Experts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Follow the leader has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FollowTheLeader {}

impl Algorithm for FollowTheLeader {
    type Protocol = Experts;
    type Learner = FollowTheLeaderLearner;

    const NAME: &'static str = "follow_the_leader";
    const SUMMARY: &'static str = "all weight on the expert of least loss so far";
    const SOURCE: &'static str = "Cesa-Bianchi, Lugosi, Prediction, learning, and games, 2006, \
                                  Section 3.2";

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.experts()];
        Ok(FollowTheLeaderLearner { losses: zeros.clone(), weights: zeros })
    }
}

/// Follow the leader of one replication.
pub struct FollowTheLeaderLearner {
    losses: Vec<f64>,
    weights: Vec<f64>,
}

/// Puts all weight on the least value, the first in a tie; all weights are NaN if a value is.
pub(super) fn all_on_least(values: impl Iterator<Item = f64>, weights: &mut [f64]) {
    let mut least = f64::INFINITY;
    let mut leader = 0;
    let mut valid = true;
    for (index, value) in values.enumerate() {
        valid &= !value.is_nan();
        if value < least {
            (least, leader) = (value, index);
        }
    }
    weights.fill(if valid { 0.0 } else { f64::NAN });
    if valid {
        weights[leader] = 1.0;
    }
}

impl Learner<Experts> for FollowTheLeaderLearner {
    fn act(&mut self, _: Round<'_, Experts>) -> &[f64] {
        all_on_least(self.losses.iter().copied(), &mut self.weights);
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        for (total, loss) in self.losses.iter_mut().zip(outcome.feedback) {
            *total += loss;
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::play;

    #[test]
    fn the_leader_is_followed() {
        let losses: [&[f64]; 4] =
            [&[0.5, 0.25, 0.0], &[0.0, 0.0, 0.5], &[1.0, 0.0, 0.0], &[0.0; 3]];
        let (played, paid) = play(&FollowTheLeader {}, 4, &losses);
        // Totals before each round: (0,0,0), (.5,.25,0), (.5,.25,.5), (1.5,.25,.5).
        assert_eq!(played, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]);
        assert_eq!(paid, 1.0);
        let mut weights = [0.0; 2];
        all_on_least([f64::NAN, 1.0].into_iter(), &mut weights);
        assert!(weights[0].is_nan());
    }
}
