//! SquareCB: inverse gap weighting of ridge predictions.
//!
//! Source: Foster, Rakhlin, "Beyond UCB: optimal and efficient contextual bandits with regression oracles",
//! ICML 2020, Algorithm 1; exact weights as in Foster, Kakade, Qian, Rakhlin 2021.
//! Setting: an oracle of squared-loss regret Reg_sq; γ = √(K T / (Reg_sq + ln(2/δ))) gives regret
//! 4 √(K T Reg_sq) + 8 √(K T ln(2/δ)) (there for losses in [0, 1]).
//! Deviation: the oracle is ridge regression on rewards, whose predictions are not clipped.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::positive;
use crate::support::inverse_gap::{self, Gamma};
use crate::support::linear::LinearModel;

/// Parameters of SquareCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SquareCb {
    /// How strongly arms that look worse are avoided: a number; `{growing: c}`, c √(K t) in round
    /// t; `{scheduled: c}`, c √(K T); or `{confidence: δ}`, the theorem's for linear predictors.
    pub gamma: Gamma,
    /// `simple`: 1/(K + γ gap), the rest to the best arm; `exact`: 1/(λ + γ gap), normalised by λ.
    pub weights: Weights,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
    /// Whether every arm has a parameter of its own, or all share one. With shared features these
    /// are the same.
    pub disjoint: bool,
}

/// How probabilities are normalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// The rest goes to the best arm.
    #[default]
    Simple,
    /// By the constant in the denominators.
    Exact,
}

impl Weights {
    /// Fills in the probabilities for predicted losses.
    pub(crate) fn fill(self, losses: &[f64], gamma: f64, probabilities: &mut [f64]) {
        match self {
            Self::Simple => inverse_gap::square_cb(losses, gamma, probabilities),
            Self::Exact => inverse_gap::exact(losses, gamma, probabilities),
        }
    }
}

impl Default for SquareCb {
    fn default() -> Self {
        let gamma = Gamma::Growing { growing: 5.0 };
        Self { gamma, weights: Weights::Simple, lambda: 1.0, disjoint: false }
    }
}

impl Algorithm for SquareCb {
    type Protocol = Contextual;
    type Learner = SquareCbLearner;

    const NAME: &'static str = "square_cb";
    const SUMMARY: &'static str = "draws arms by the inverse gaps of their ridge predictions";
    const SOURCE: &'static str = "Foster, Rakhlin, Beyond UCB: optimal and efficient contextual \
                                  bandits with regression oracles, 2020, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        self.gamma.check()?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        Ok(SquareCbLearner {
            parameters: self.clone(),
            horizon: setting.horizon,
            model: LinearModel::new(setting.shape, self.disjoint, self.lambda)?,
            losses: vec![0.0; setting.shape.arms],
            probabilities: vec![0.0; setting.shape.arms],
        })
    }
}

/// SquareCB of one replication.
pub struct SquareCbLearner {
    parameters: SquareCb,
    horizon: u64,
    model: LinearModel,
    losses: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Learner<Contextual> for SquareCbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.look_at_predictions(round.context);
        for (loss, prediction) in self.losses.iter_mut().zip(self.model.predictions()) {
            *loss = 1.0 - prediction;
        }
        let gamma = self.parameters.gamma.at(round.t, round.context.size, self.horizon);
        self.parameters.weights.fill(&self.losses, gamma, &mut self.probabilities);
        sample_index(&self.probabilities, round.rng.uniform())
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
    fn arms_are_drawn_by_their_gaps() {
        let setting = setting(2, 1, Layout::Shared);
        for (weights, share) in [(Weights::Simple, 1.0 / 7.0), (Weights::Exact, 0.161_484)] {
            let parameters = SquareCb { gamma: Gamma::Fixed(10.0), weights, ..SquareCb::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            // Predictions 0 and ½: with K = 2 the other arm has 1/(2 + 5), or 1/(λ + 5) where
            // 1/λ + 1/(λ + 5) = 1: λ = (−3 + √29)/2 = 1.19258, 1/6.19258 = 0.161484.
            table.tell(&[1.0], 1, 1.0);
            let plays = frequencies(&mut table, &[1.0], 40_000);
            // Standard deviation at most 0.0019; five of them.
            assert!((plays[0] - share).abs() < 0.0095, "{weights:?} {plays:?}");
        }
    }
}
