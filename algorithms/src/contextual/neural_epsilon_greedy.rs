//! ε-greedy on the predictions of a network.
//!
//! Source: the baseline of Zhou, Li, Gu, "Neural contextual bandits with UCB-based exploration", ICML 2020.
//! Deviation: one step for each sample, where that paper trains on all samples again and again.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::probability;
use crate::support::neural::{Loss, NetworkParameters, NeuralModel, Perturbation};

/// Parameters of neural ε-greedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeuralEpsilonGreedy {
    /// The probability ε of a uniform arm, from 0 to 1.
    pub epsilon: f64,
    /// The network, which predicts rewards, and its training.
    pub network: NetworkParameters,
}

impl Default for NeuralEpsilonGreedy {
    fn default() -> Self {
        Self { epsilon: 0.05, network: NetworkParameters::default() }
    }
}

impl Algorithm for NeuralEpsilonGreedy {
    type Protocol = Contextual;
    type Learner = NeuralEpsilonGreedyLearner;

    const NAME: &'static str = "neural_epsilon_greedy";
    const SUMMARY: &'static str = "plays a uniform arm with probability ε, else a network's best";
    const SOURCE: &'static str = "Zhou, Li, Gu, Neural contextual bandits with UCB-based \
                                  exploration, 2020, Section 7 (baseline)";

    fn check(&self) -> Result<(), ParameterError> {
        probability("epsilon", self.epsilon)?;
        self.network.check()
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let (loss, none) = (Loss::Squared, Perturbation::None);
        let model = NeuralModel::new(&self.network, loss, none, 0.0, setting.shape)?;
        Ok(NeuralEpsilonGreedyLearner { epsilon: self.epsilon, model })
    }
}

/// Neural ε-greedy of one replication.
pub struct NeuralEpsilonGreedyLearner {
    epsilon: f64,
    model: NeuralModel,
}

impl Learner<Contextual> for NeuralEpsilonGreedyLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.prepare(round.rng);
        if round.rng.uniform() < self.epsilon {
            return round.rng.index(round.context.size.arms);
        }
        argmax(self.model.look(round.context).iter().copied())
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        self.model.learn(arm, row, outcome.feedback, outcome.rng);
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
    fn the_better_arm_is_found() {
        let setting = setting(4, 2, Layout::Shared);
        let parameters = NeuralEpsilonGreedy { epsilon: 0.2, ..NeuralEpsilonGreedy::default() };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        for _ in 0..400 {
            table.round(&[0.6, 0.8], &[0.1, 0.9, 0.2, 0.3]);
        }
        let plays = frequencies(&mut table, &[0.6, 0.8], 20_000);
        // 0.85 and 0.05: standard deviations 0.0025 and 0.0015; five of them.
        assert!((plays[1] - 0.85).abs() < 0.0125 && (plays[0] - 0.05).abs() < 0.0075, "{plays:?}");
    }
}
