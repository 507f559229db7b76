//! NeuFastCB: FastCB's inverse gap weighting of a network's predictions, trained on a perturbed log loss.
//!
//! Source: Deb, Ban, Zuo, He, Banerjee, "Contextual bandits with online neural regression", ICLR 2024,
//! Algorithm 2.
//! Setting: losses 1 − reward in [0, 1]; regret Õ(√(K L*) + K) for wide networks, L* the loss of the best
//! policy.
//! Options: the perturbation sampled, expected (to second order), or none; signs are drawn anew for every
//! sample.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::not_negative;
use crate::support::inverse_gap::{self, Gamma};
use crate::support::neural::{Loss, NetworkParameters, NeuralModel, Perturbation, check_draws};

/// Parameters of NeuFastCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeuFastCb {
    /// How strongly arms that look worse are avoided: a number; `{growing: c}`, c √(K t) in round
    /// t; `{scheduled: c}`, c √(K T); or `{confidence: δ}`, SquareCB's for a linear predictor.
    pub gamma: Gamma,
    /// The perturbation of outputs in the loss: `none`, `expected`, or `{sampled: S}`.
    pub perturbation: Perturbation,
    /// The perturbation's size c ≥ 0.
    pub c: f64,
    /// The network, which predicts losses, and its training.
    pub network: NetworkParameters,
}

impl Default for NeuFastCb {
    fn default() -> Self {
        Self {
            gamma: Gamma::Growing { growing: 5.0 },
            perturbation: Perturbation::Expected,
            c: 0.1,
            network: NetworkParameters::with_rate(0.1),
        }
    }
}

impl Algorithm for NeuFastCb {
    type Protocol = Contextual;
    type Learner = NeuFastCbLearner;

    const NAME: &'static str = "neu_fast_cb";
    const SUMMARY: &'static str = "FastCB with a network trained on a perturbed log loss";
    const SOURCE: &'static str = "Deb, Ban, Zuo, He, Banerjee, Contextual bandits with online \
                                  neural regression, 2024, Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        self.gamma.check()?;
        check_draws(self.perturbation)?;
        not_negative("c", self.c)?;
        self.network.check()
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let loss = Loss::Logistic;
        let size = setting.shape;
        let model = NeuralModel::new(&self.network, loss, self.perturbation, self.c, size)?;
        Ok(NeuFastCbLearner {
            gamma: self.gamma,
            horizon: setting.horizon,
            model,
            losses: vec![0.0; size.arms],
            probabilities: vec![0.0; size.arms],
        })
    }
}

/// NeuFastCB of one replication.
pub struct NeuFastCbLearner {
    gamma: Gamma,
    horizon: u64,
    model: NeuralModel,
    losses: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Learner<Contextual> for NeuFastCbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.prepare(round.rng);
        self.losses.copy_from_slice(self.model.look(round.context));
        let gamma = self.gamma.at(round.t, round.context.size, self.horizon);
        inverse_gap::fast_cb(&mut self.losses, gamma, &mut self.probabilities);
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
            let gamma = Gamma::Fixed(30.0);
            let parameters = NeuFastCb { gamma, perturbation, ..NeuFastCb::default() };
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
            // Probabilities (0.970, 0.021, 0.009); deviations at most 0.0012, and predictions that may
            // be off by 0.02.
            for (found, expected) in plays.iter().zip([0.970, 0.021, 0.009]) {
                assert!((found - expected).abs() < 0.012, "{perturbation:?} {plays:?}");
            }
        }
    }
}
