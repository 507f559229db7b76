//! NeuralUCB: a network's prediction plus the width of its gradient.
//!
//! Source: Zhou, Li, Gu, "Neural contextual bandits with UCB-based exploration", ICML 2020, Algorithm 1, in the
//! form of the authors' code: index f_a + √(λ ν gᵀ U⁻¹ g), g the gradient of the network at the arm's
//! features, U = λI + Σ g gᵀ over the arms played, or its diagonal.
//! Deviation: one step for each sample, where the paper trains on all samples again and again.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::gradient_width::{Design, GradientWidth};
use crate::support::neural::{Loss, NetworkParameters, NeuralModel, Perturbation};

/// Parameters of NeuralUCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeuralUcb {
    /// The regularisation λ > 0 of the design matrix.
    pub lambda: f64,
    /// The size ν ≥ 0 of exploration.
    pub nu: f64,
    /// What is kept of the design matrix: `diagonal` or `full`.
    pub design: Design,
    /// The network, which predicts rewards, and its training.
    pub network: NetworkParameters,
}

impl Default for NeuralUcb {
    fn default() -> Self {
        let network = NetworkParameters::default();
        Self { lambda: 0.1, nu: 0.001, design: Design::Diagonal, network }
    }
}

impl Algorithm for NeuralUcb {
    type Protocol = Contextual;
    type Learner = NeuralUcbLearner;

    const NAME: &'static str = "neural_ucb";
    const SUMMARY: &'static str = "plays the highest prediction plus the width of its gradient";
    const SOURCE: &'static str = "Zhou, Li, Gu, Neural contextual bandits with UCB-based \
                                  exploration, 2020, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        positive("lambda", self.lambda)?;
        not_negative("nu", self.nu)?;
        self.network.check()
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let (loss, none) = (Loss::Squared, Perturbation::None);
        let mut model = NeuralModel::new(&self.network, loss, none, 0.0, setting.shape)?;
        let width = GradientWidth::new(self.design, model.network(), self.lambda)?;
        let scale = self.lambda * self.nu;
        Ok(NeuralUcbLearner { scale, model, width, indices: vec![0.0; setting.shape.arms] })
    }
}

/// NeuralUCB of one replication.
pub struct NeuralUcbLearner {
    scale: f64,
    model: NeuralModel,
    width: GradientWidth,
    indices: Vec<f64>,
}

impl Learner<Contextual> for NeuralUcbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.prepare(round.rng);
        for (arm, index) in self.indices.iter_mut().enumerate() {
            let prediction = self.model.predict(arm, round.context.row(arm));
            let network = self.model.network();
            network.backward();
            *index = prediction + (self.scale * self.width.width(network)).sqrt();
        }
        let arm = argmax(self.indices.iter().copied());
        if arm < self.indices.len() {
            self.model.predict(arm, round.context.row(arm));
            self.model.network().backward();
            self.width.add(self.model.network());
        }
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        self.model.learn(arm, row, outcome.feedback, outcome.rng);
    }

    fn reset(&mut self) {
        self.model.reset();
        self.width.reset();
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, setting};
    use super::*;

    /// With much exploration and nothing learned, arms whose gradients were seen lose their bonus.
    #[test]
    fn unseen_directions_are_explored() {
        for design in [Design::Diagonal, Design::Full] {
            let setting = setting(3, 2, Layout::Shared);
            let network = NetworkParameters { hidden: vec![8], ..NetworkParameters::default() };
            let parameters = NeuralUcb { nu: 1e6, design, network, ..NeuralUcb::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            let mut arms: Vec<usize> = (0..3).map(|_| table.act(&[0.6, 0.8])).collect();
            arms.sort_unstable();
            assert_eq!(arms, [0, 1, 2], "{design:?}");
        }
    }

    #[test]
    fn the_better_arm_is_played_once_it_is_known() {
        let setting = setting(3, 2, Layout::Shared);
        let mut table = Table::new(&setting, NeuralUcb::default().learner(&setting).expect("fits"));
        table.act(&[0.6, 0.8]);
        for _ in 0..600 {
            for (arm, reward) in [0.1, 0.4, 0.9].into_iter().enumerate() {
                table.tell(&[0.6, 0.8], arm, reward);
            }
        }
        // Widths are at most √(ν ‖g‖²), some hundredths.
        assert!((0..50).all(|_| table.act(&[0.6, 0.8]) == 2));
    }

    #[test]
    fn a_full_design_wants_a_narrow_network() {
        let parameters = NeuralUcb { design: Design::Full, ..NeuralUcb::default() };
        let error = parameters.learner(&setting(10, 50, Layout::Shared)).err().expect("too wide");
        assert_eq!(error.path, "design");
    }
}
