//! GLM-UCB: the highest predicted mean of a generalised linear model plus a width.
//!
//! Source: Filippi, Cappé, Garivier, Szepesvári, "Parametric bandits: the generalized linear case", NIPS 2010,
//! Algorithm 1: the index is μ(⟨x, θ⟩) + ρ_t ‖x‖_V⁻¹, where Σ (y − μ(⟨x, θ⟩)) x = λ θ; practical ρ_t = ρ √(ln t).
//! Deviations: θ is fitted anew when the samples have grown by `refit`, not in every round; where features
//! are shared, each arm has a model of its own. Rewards of the logistic link are taken in [0, 1].

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::glm::Glm;
pub use crate::support::glm::Link;
use crate::support::linear::LinearModel;

/// Parameters of GLM-UCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GlmUcb {
    /// The link μ: `logistic` or `poisson` (the exponential).
    pub link: Link,
    /// The factor ρ ≥ 0 of √(ln t) times the width.
    pub rho: f64,
    /// The regularisation λ > 0.
    pub lambda: f64,
    /// θ is fitted anew when an arm's model has this share more samples than at its last fit, ≥ 0; 0 means
    /// after every sample.
    pub refit: f64,
}

impl Default for GlmUcb {
    fn default() -> Self {
        Self { link: Link::Logistic, rho: 0.5, lambda: 1.0, refit: 0.05 }
    }
}

impl Algorithm for GlmUcb {
    type Protocol = Contextual;
    type Learner = GlmUcbLearner;

    const NAME: &'static str = "glm_ucb";
    const SUMMARY: &'static str =
        "plays the highest mean of a generalised linear model plus a width";
    const SOURCE: &'static str = "Filippi, Cappé, Garivier, Szepesvári, Parametric bandits: the \
                                  generalized linear case, 2010, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("rho", self.rho)?;
        positive("lambda", self.lambda)?;
        not_negative("refit", self.refit)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let widths = LinearModel::new(setting.shape, false, self.lambda)?;
        let samples = usize::try_from(setting.horizon).unwrap_or(usize::MAX);
        let count = widths.regressions();
        let model = |_| Glm::new(self.link, setting.features(), self.lambda, samples);
        let models = (0..count).map(model).collect::<Result<Vec<Glm>, ParameterError>>()?;
        Ok(GlmUcbLearner { parameters: self.clone(), models, widths })
    }
}

/// GLM-UCB of one replication.
pub struct GlmUcbLearner {
    parameters: GlmUcb,
    /// One, or one for each arm where features are shared.
    models: Vec<Glm>,
    widths: LinearModel,
}

impl Learner<Contextual> for GlmUcbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.widths.look(round.context);
        let radius = self.parameters.rho * math::ln(round.t as f64).sqrt();
        let models = &self.models;
        argmax(self.widths.widths().iter().enumerate().map(|(arm, width)| {
            let mean = models[arm.min(models.len() - 1)].mean(round.context.row(arm));
            mean + radius * width.sqrt()
        }))
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        self.widths.learn(arm, row, outcome.feedback);
        let place = arm.min(self.models.len() - 1);
        self.models[place].learn(row, outcome.feedback, self.parameters.refit);
    }

    fn reset(&mut self) {
        self.widths.reset();
        self.models.iter_mut().for_each(Glm::reset);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, setting};
    use super::*;

    #[test]
    fn the_index_decides() {
        let setting = setting(2, 1, Layout::Shared);
        let play = |rho| {
            let parameters = GlmUcb { rho, refit: 0.0, ..GlmUcb::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            table.act(&[1.0]);
            table.tell(&[1.0], 0, 1.0);
            table.act(&[1.0])
        };
        // θ solves 1 − σ(θ) = θ: θ = 0.401058, σ = 0.598942 for arm 0, ½ for arm 1; widths √½ and 1;
        // at t = 2 the second arm wins above ρ = 0.098942/(0.292893 √ln 2) = 0.40575.
        assert_eq!((play(0.405), play(0.4065)), (0, 1));
    }
}
