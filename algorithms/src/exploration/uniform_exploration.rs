//! Uniform exploration: the arms in turn; the highest empirical mean is recommended.
//!
//! Source: Bubeck, Munos and Stoltz, Pure exploration in multi-armed bandits problems, 2009, Figure 2
//! (uniform allocation, empirical best arm); Proposition 1.
//! Setting: K arms. Anytime.
//! Guarantee: with m = ⌊n/K⌋ rewards of every arm, simple regret ≤ Σ Δ exp(−m Δ²) for rewards in
//! [0, 1] (exp(−m Δ²/(4σ²)) for normal ones), by Hoeffding's inequality for the difference of two
//! means.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::SIMPLE_REGRET;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::leader::Leader;

/// Uniform exploration has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UniformExploration {}

impl Algorithm for UniformExploration {
    type Protocol = PureExploration;
    type Learner = UniformExplorationLearner;

    const NAME: &'static str = "uniform_exploration";
    const SUMMARY: &'static str = "pulls the arms in turn, recommends the highest mean";
    const SOURCE: &'static str = "Bubeck, Munos, Stoltz, Pure exploration in multi-armed bandits \
                                  problems, 2009, Figure 2";

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<UniformExplorationLearner, ParameterError> {
        Ok(UniformExplorationLearner { leader: Leader::new(setting.shape), next: 0 })
    }

    fn bounds(&self, setting: &Setting<PureExploration>, arms: &Arms) -> Vec<Bound> {
        let (Some(gaps), count) = (arms.gaps(), setting.shape as f64) else { return Vec::new() };
        let scale = match arms.law {
            _ if arms.in_unit_interval() => 1.0,
            Law::Gaussian { deviation } if deviation > 0.0 => 0.25 / (deviation * deviation),
            _ => return Vec::new(),
        };
        vec![Bound::upper(
            SIMPLE_REGRET,
            "Σ Δ exp(−⌊n/K⌋ Δ²)",
            "Bubeck, Munos, Stoltz 2009, Proposition 1",
            "independent rewards in [0, 1]; normal ones with Δ²/(4σ²)",
            move |t| {
                let pulls = ((t - 1.0) / count).floor();
                gaps.iter().map(|gap| gap * math::exp(-pulls * scale * gap * gap)).sum()
            },
        )]
    }
}

/// Uniform exploration of one replication.
pub struct UniformExplorationLearner {
    leader: Leader,
    next: usize,
}

impl Learner<PureExploration> for UniformExplorationLearner {
    fn act(&mut self, _: Round<'_, PureExploration>) -> Choice {
        let pull = self.next;
        self.next = (pull + 1) % self.leader.arms();
        Choice { pull, recommend: self.leader.arm() }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.leader.enter(outcome.action.pull, outcome.feedback);
    }

    fn reset(&mut self) {
        self.leader.reset();
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::{bounds, play};

    #[test]
    fn arms_are_pulled_in_turn_and_the_best_mean_is_recommended() {
        let rewards = [[0.5, 0.0, 0.25], [0.0, 1.0, 0.25], [0.0, 0.0, 1.75]];
        let choices = play(&UniformExploration::default(), 3, 10, 10, |t, arm| {
            rewards[(t as usize - 1) / 3 % 3][arm]
        });
        let pulled: Vec<usize> = choices.iter().map(|choice| choice.pull).collect();
        assert_eq!(pulled, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
        // Means after 1, 2, …: arm 0 falls to 1/4 with the second reward and ties with arm 2; then
        // arm 1 has 1/2; in the end arm 2 has 3/4.
        let recommended: Vec<usize> = choices.iter().map(|choice| choice.recommend).collect();
        assert_eq!(recommended, [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn bounds_by_hand() {
        // Ten pulls each of gaps 0 and 0.5: 0.5 exp(−2.5).
        let bounds = bounds(&UniformExploration::default(), &[0.25, 0.75], 100);
        assert!((bounds[0].at(21) - 0.5 * (-2.5f64).exp()).abs() < 1e-12);
        assert!((bounds[0].at(2) - 0.5).abs() < 1e-12);
    }
}
