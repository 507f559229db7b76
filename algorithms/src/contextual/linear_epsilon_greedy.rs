//! ε-greedy on ridge predictions.
//!
//! Source: Langford, Zhang, "The epoch-greedy algorithm for contextual multi-armed bandits", NIPS 2007
//! (idea; here exploration is spread over all rounds).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{positive, probability};
use crate::support::linear::LinearModel;

/// Parameters of linear ε-greedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearEpsilonGreedy {
    /// The probability ε of a uniform arm, from 0 to 1.
    pub epsilon: f64,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
    /// Whether every arm has a parameter of its own, or all share one. With shared features these
    /// are the same.
    pub disjoint: bool,
}

impl Default for LinearEpsilonGreedy {
    fn default() -> Self {
        Self { epsilon: 0.05, lambda: 1.0, disjoint: false }
    }
}

impl Algorithm for LinearEpsilonGreedy {
    type Protocol = Contextual;
    type Learner = LinearEpsilonGreedyLearner;

    const NAME: &'static str = "linear_epsilon_greedy";
    const SUMMARY: &'static str = "plays a uniform arm with probability ε, else the highest ridge \
                                   prediction";
    const SOURCE: &'static str = "folklore; Langford, Zhang, The epoch-greedy algorithm for \
                                  contextual multi-armed bandits, 2007 (idea)";

    fn check(&self) -> Result<(), ParameterError> {
        probability("epsilon", self.epsilon)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let model = LinearModel::new(setting.shape, self.disjoint, self.lambda)?;
        Ok(LinearEpsilonGreedyLearner { epsilon: self.epsilon, model })
    }
}

/// Linear ε-greedy of one replication.
pub struct LinearEpsilonGreedyLearner {
    epsilon: f64,
    model: LinearModel,
}

impl Learner<Contextual> for LinearEpsilonGreedyLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        if round.rng.uniform() < self.epsilon {
            return round.rng.index(round.context.size.arms);
        }
        self.model.look_at_predictions(round.context);
        argmax(self.model.predictions().iter().copied())
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let row = outcome.context.row(outcome.action);
        self.model.learn(outcome.action, row, outcome.feedback);
    }

    fn reset(&mut self) {
        self.model.reset();
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    #[test]
    fn the_share_of_exploration() {
        let setting = setting(4, 1, Layout::Shared);
        let parameters = LinearEpsilonGreedy { epsilon: 0.2, ..LinearEpsilonGreedy::default() };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        table.tell(&[1.0], 2, 1.0);
        let plays = frequencies(&mut table, &[1.0], 40_000);
        // 0.85 and 0.05: standard deviations 0.0018 and 0.0011; five of them.
        assert!((plays[2] - 0.85).abs() < 0.009 && (plays[0] - 0.05).abs() < 0.0055, "{plays:?}");
    }
}
