//! FastCB: inverse gap weighting relative to the least predicted loss.
//!
//! Source: Foster, Krishnamurthy, "Efficient first-order contextual bandits: prediction, allocation, and
//! triangular discrimination", NeurIPS 2021, Algorithm 1.
//! Setting: losses 1 − reward in [0, 1]; with an oracle of log-loss regret Reg_KL and γ = max(√(K L*/(3
//! Reg_KL)), 10 K) the regret is O(√(K L* Reg_KL) + K Reg_KL), small where the best policy loses little.
//! Deviation: predictions are clipped to [10⁻⁶, 1]; `logistic` is an online approximation of logistic
//! regression (a diagonal Gaussian posterior), `ridge` minimises squared loss.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::contextual::{ArmFeatures, Layout};
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::positive;
use crate::support::inverse_gap::{self, Gamma};
use crate::support::linear::LinearModel;
use crate::support::logistic::{DiagonalLogistic, sigmoid};

/// Parameters of FastCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FastCb {
    /// How strongly arms that look worse are avoided: a number; `{growing: c}`, c √(K t) in round
    /// t; `{scheduled: c}`, c √(K T); or `{confidence: δ}`, the theorem's for linear predictors.
    pub gamma: Gamma,
    /// What predicts the losses: `logistic` or `ridge`.
    pub oracle: Oracle,
    /// The regularisation λ > 0, or the prior precision of logistic weights.
    pub lambda: f64,
}

/// An online regression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oracle {
    /// Logistic regression with a diagonal posterior.
    #[default]
    Logistic,
    /// Ridge regression, clipped.
    Ridge,
}

impl Default for FastCb {
    fn default() -> Self {
        let gamma = Gamma::Growing { growing: 5.0 };
        Self { gamma, oracle: Oracle::Logistic, lambda: 1.0 }
    }
}

impl Algorithm for FastCb {
    type Protocol = Contextual;
    type Learner = FastCbLearner;

    const NAME: &'static str = "fast_cb";
    const SUMMARY: &'static str = "draws arms by inverse gaps relative to the least predicted loss";
    const SOURCE: &'static str = "Foster, Krishnamurthy, Efficient first-order contextual bandits, \
                                  2021, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        self.gamma.check()?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let size = setting.shape;
        let model = match self.oracle {
            Oracle::Ridge => Model::Ridge(LinearModel::new(size, false, self.lambda)?),
            Oracle::Logistic => {
                let count = if size.layout == Layout::Shared { size.arms } else { 1 };
                Model::Logistic(vec![DiagonalLogistic::new(size.features, self.lambda); count])
            }
        };
        let zeros = vec![0.0; size.arms];
        let (losses, probabilities) = (zeros.clone(), zeros);
        let (gamma, horizon) = (self.gamma, setting.horizon);
        Ok(FastCbLearner { gamma, horizon, model, losses, probabilities })
    }
}

/// What predicts.
enum Model {
    Ridge(LinearModel),
    /// One, or one for each arm where features are shared.
    Logistic(Vec<DiagonalLogistic>),
}

impl Model {
    /// Predicts the losses of all arms.
    fn predict(&mut self, context: ArmFeatures<'_>, losses: &mut [f64]) {
        match self {
            Self::Ridge(model) => {
                model.look_at_predictions(context);
                for (loss, prediction) in losses.iter_mut().zip(model.predictions()) {
                    *loss = 1.0 - prediction;
                }
            }
            Self::Logistic(models) => {
                for (arm, loss) in losses.iter_mut().enumerate() {
                    *loss = sigmoid(models[arm.min(models.len() - 1)].score(context.row(arm)));
                }
            }
        }
    }
}

/// FastCB of one replication.
pub struct FastCbLearner {
    gamma: Gamma,
    horizon: u64,
    model: Model,
    losses: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Learner<Contextual> for FastCbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.predict(round.context, &mut self.losses);
        let gamma = self.gamma.at(round.t, round.context.size, self.horizon);
        inverse_gap::fast_cb(&mut self.losses, gamma, &mut self.probabilities);
        sample_index(&self.probabilities, round.rng.uniform())
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        match &mut self.model {
            Model::Ridge(model) => model.learn(arm, row, outcome.feedback),
            Model::Logistic(models) => {
                let place = arm.min(models.len() - 1);
                models[place].learn(row, (1.0 - outcome.feedback).clamp(0.0, 1.0));
            }
        }
    }

    fn reset(&mut self) {
        match &mut self.model {
            Model::Ridge(model) => model.reset(),
            Model::Logistic(models) => models.iter_mut().for_each(DiagonalLogistic::reset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    #[test]
    fn little_loss_means_little_exploration() {
        let setting = setting(2, 1, Layout::Shared);
        let gamma = Gamma::Fixed(10.0);
        let parameters = FastCb { gamma, oracle: Oracle::Ridge, lambda: 1.0 };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        // Losses 1 and 1 − 1/2: p of the first is 0.5 / (2 · 0.5 + 10 · 0.5) = 1/12.
        table.tell(&[1.0], 1, 1.0);
        let plays = frequencies(&mut table, &[1.0], 40_000);
        // Standard deviation 0.0014; five of them.
        assert!((plays[0] - 1.0 / 12.0).abs() < 0.007, "{plays:?}");
        // Losses 1 and 1 − 9/10: p = 0.1 / (0.2 + 9) = 0.01087.
        (0..8).for_each(|_| table.tell(&[1.0], 1, 1.0));
        let plays = frequencies(&mut table, &[1.0], 40_000);
        assert!((plays[0] - 0.010_87).abs() < 0.0026, "{plays:?}");
    }

    #[test]
    fn logistic_losses_are_learned() {
        let setting = setting(2, 2, Layout::Varying);
        let parameters = FastCb { gamma: Gamma::Fixed(1000.0), ..FastCb::default() };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        for _ in 0..50 {
            table.tell(&[1.0, 0.0, 0.0, 1.0], 0, 1.0);
            table.tell(&[1.0, 0.0, 0.0, 1.0], 1, 0.0);
        }
        let plays = frequencies(&mut table, &[1.0, 0.0, 0.0, 1.0], 1000);
        assert!(plays[0] > 0.98, "{plays:?}");
    }
}
