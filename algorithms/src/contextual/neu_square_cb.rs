//! NeuSquareCB: inverse gap weighting of a network's predictions, trained on a perturbed squared loss.
//!
//! Source: Deb, Ban, Zuo, He, Banerjee, "Contextual bandits with online neural regression", ICLR 2024,
//! Algorithm 1.
//! Setting: losses 1 − reward in [0, 1]; regret Õ(√(K T)) for wide networks.
//! Options: the perturbation sampled, expected (exact for the squared loss), or none; signs are drawn anew
//! for every sample.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::not_negative;
use super::square_cb::Weights;
use crate::support::inverse_gap::Gamma;
use crate::support::neural::{Loss, NetworkParameters, NeuralModel, Perturbation, check_draws};

/// Parameters of NeuSquareCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeuSquareCb {
    /// How strongly arms that look worse are avoided: a number; `{growing: c}`, c √(K t) in round
    /// t; `{scheduled: c}`, c √(K T); or `{confidence: δ}`, SquareCB's for a linear predictor.
    pub gamma: Gamma,
    /// `simple`: 1/(K + γ gap), the rest to the best arm; `exact`: 1/(λ + γ gap), normalised by λ.
    pub weights: Weights,
    /// The perturbation of outputs in the loss: `none`, `expected`, or `{sampled: S}`.
    pub perturbation: Perturbation,
    /// The perturbation's size c ≥ 0.
    pub c: f64,
    /// The network, which predicts losses, and its training.
    pub network: NetworkParameters,
}

impl Default for NeuSquareCb {
    fn default() -> Self {
        Self {
            gamma: Gamma::Growing { growing: 5.0 },
            weights: Weights::Simple,
            perturbation: Perturbation::Expected,
            c: 0.1,
            network: NetworkParameters::default(),
        }
    }
}

impl Algorithm for NeuSquareCb {
    type Protocol = Contextual;
    type Learner = NeuSquareCbLearner;

    const NAME: &'static str = "neu_square_cb";
    const SUMMARY: &'static str = "SquareCB with a network trained on a perturbed squared loss";
    const SOURCE: &'static str = "Deb, Ban, Zuo, He, Banerjee, Contextual bandits with online \
                                  neural regression, 2024, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        self.gamma.check()?;
        check_draws(self.perturbation)?;
        not_negative("c", self.c)?;
        self.network.check()
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let loss = Loss::Squared;
        let size = setting.shape;
        let model = NeuralModel::new(&self.network, loss, self.perturbation, self.c, size)?;
        Ok(NeuSquareCbLearner {
            gamma: self.gamma,
            weights: self.weights,
            horizon: setting.horizon,
            model,
            probabilities: vec![0.0; size.arms],
        })
    }
}

/// NeuSquareCB of one replication.
pub struct NeuSquareCbLearner {
    gamma: Gamma,
    weights: Weights,
    horizon: u64,
    model: NeuralModel,
    probabilities: Vec<f64>,
}

impl Learner<Contextual> for NeuSquareCbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.prepare(round.rng);
        let losses = self.model.look(round.context);
        let gamma = self.gamma.at(round.t, round.context.size, self.horizon);
        self.weights.fill(losses, gamma, &mut self.probabilities);
        sample_index(&self.probabilities, round.rng.uniform())
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        self.model.learn(arm, row, 1.0 - outcome.feedback, outcome.rng);
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
    fn arms_are_drawn_by_their_learned_gaps() {
        let setting = setting(3, 2, Layout::Shared);
        for perturbation in [Perturbation::None, Perturbation::Expected, Perturbation::Sampled(3)] {
            let gamma = Gamma::Fixed(10.0);
            let parameters = NeuSquareCb { gamma, perturbation, ..NeuSquareCb::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            // Every arm often: losses 0.2, 0.5, 0.9 of the page.
            for _ in 0..600 {
                for (arm, reward) in [0.8, 0.5, 0.1].into_iter().enumerate() {
                    if table.t == 0 {
                        table.act(&[0.6, 0.8]);
                    }
                    table.tell(&[0.6, 0.8], arm, reward);
                }
            }
            let plays = frequencies(&mut table, &[0.6, 0.8], 20_000);
            // Probabilities (0.733, 0.167, 0.1); deviations at most 0.0032, and predictions that may
            // be off by 0.02.
            for (found, expected) in plays.iter().zip([0.733, 0.167, 0.1]) {
                assert!((found - expected).abs() < 0.03, "{perturbation:?} {plays:?}");
            }
        }
    }
}
