//! NeuralTS: a prediction drawn around a network's, as far as the width of its gradient.
//!
//! Source: Zhang, Zhou, Li, Gu, "Neural Thompson sampling", ICLR 2021, Algorithm 1, in the form of the authors'
//! code: scores N(f_a, λ ν gᵀ U⁻¹ g), g the gradient of the network at the arm's features, U = λI + Σ g gᵀ
//! over the arms played, or its diagonal.
//! Deviation: one step for each sample, where the paper trains on all samples again and again.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::random::normal;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::gradient_width::{Design, GradientWidth};
use crate::support::neural::{Loss, NetworkParameters, NeuralModel, Perturbation};

/// Parameters of NeuralTS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeuralTs {
    /// The regularisation λ > 0 of the design matrix.
    pub lambda: f64,
    /// The size ν ≥ 0 of exploration.
    pub nu: f64,
    /// What is kept of the design matrix: `diagonal` or `full`.
    pub design: Design,
    /// The network, which predicts rewards, and its training.
    pub network: NetworkParameters,
}

impl Default for NeuralTs {
    fn default() -> Self {
        let network = NetworkParameters::default();
        Self { lambda: 0.1, nu: 0.001, design: Design::Diagonal, network }
    }
}

impl Algorithm for NeuralTs {
    type Protocol = Contextual;
    type Learner = NeuralTsLearner;

    const NAME: &'static str = "neural_ts";
    const SUMMARY: &'static str = "plays the highest of predictions drawn around a network's";
    const SOURCE: &'static str = "Zhang, Zhou, Li, Gu, Neural Thompson sampling, 2021, Algorithm 1";

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
        Ok(NeuralTsLearner { scale, model, width, indices: vec![0.0; setting.shape.arms] })
    }
}

/// NeuralTS of one replication.
pub struct NeuralTsLearner {
    scale: f64,
    model: NeuralModel,
    width: GradientWidth,
    indices: Vec<f64>,
}

impl Learner<Contextual> for NeuralTsLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.prepare(round.rng);
        for (arm, index) in self.indices.iter_mut().enumerate() {
            let prediction = self.model.predict(arm, round.context.row(arm));
            let network = self.model.network();
            network.backward();
            let deviation = (self.scale * self.width.width(network)).sqrt();
            *index = prediction + deviation * normal(round.rng);
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

    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    /// With much exploration every arm is played, each about as often where features are alike.
    #[test]
    fn predictions_are_drawn_apart() {
        let setting = setting(3, 2, Layout::Varying);
        let parameters = NeuralTs { nu: 1e6, ..NeuralTs::default() };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        let plays = frequencies(&mut table, &[0.6, 0.8, 0.6, 0.8, 0.6, 0.8], 9000);
        // Three equal laws: standard deviation 0.005; five of them.
        assert!(plays.iter().all(|p| (p - 1.0 / 3.0).abs() < 0.025), "{plays:?}");
    }

    #[test]
    fn the_better_arm_is_found() {
        let setting = setting(3, 2, Layout::Varying);
        let parameters = NeuralTs { nu: 0.3, ..NeuralTs::default() };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        let rows = [1.0, 0.0, 0.0, 1.0, 0.6, 0.8];
        let arms: Vec<usize> = (0..600).map(|_| table.round(&rows, &[0.1, 0.4, 0.9])).collect();
        let best = arms[500..].iter().filter(|&&arm| arm == 2).count();
        assert!(best > 90, "{:?}", &arms[500..]);
    }

    #[test]
    fn a_full_design_wants_a_narrow_network() {
        let parameters = NeuralTs { design: Design::Full, ..NeuralTs::default() };
        let error = parameters.learner(&setting(10, 50, Layout::Shared)).err().expect("too wide");
        assert_eq!(error.path, "design");
    }
}
