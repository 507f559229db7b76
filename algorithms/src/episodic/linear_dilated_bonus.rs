//! Dilated bonuses with linear values: Hedge in every state, on linear estimates of the values less a
//! dilated bonus. The K^{2/3} predecessor of `log_barrier_policy` and `magnitude_reduced_policy`.
//!
//! Source: Luo, Wei, Lee, "Policy optimization in adversarial MDPs: improved exploration via dilated
//! bonuses", NeurIPS 2021, Algorithm 2 (structure recalled, constants derived).
//! Setting: linear values (features are told, else every pair is its own), known transitions, losses in
//! [0, 1], bandit feedback; known number of episodes K.
//! Guarantee: expected regret Õ(d^{2/3} H² K^{2/3}): estimates down to −H/γ force γ ≥ η H. No bound is
//! drawn: its constants are not in the part of the paper that could be read.
//! Deviation: the covariance of the features is exact, not resampled.

use regret_engine::learner::Setting;
use regret_engine::math;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::episodic::{not_negative, positive, told};
use crate::support::linear_values::{Constants, LinearEstimates, LinearLearner, Scale};

/// Parameters of linear dilated bonuses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearDilatedBonus {
    /// `practical` or `theory`: the constants that are not given.
    pub scale: Scale,
    /// Learning rate η > 0; by default 3 K^(−2/3), by theory K^(−2/3).
    pub eta: Option<f64>,
    /// The bonus β ≥ 0, 0 leaves it out; by default 0.01 √η, by theory √η.
    pub beta: Option<f64>,
    /// Regularisation γ > 0 of the covariance; by default η, by theory 2 η H.
    pub gamma: Option<f64>,
}

impl LinearDilatedBonus {
    fn constants(&self, setting: &Setting<EpisodicBandit>) -> Constants {
        let (episodes, steps) = (setting.episodes() as f64, setting.layout().steps() as f64);
        let practical = self.scale == Scale::Practical;
        let tuned = math::cbrt(1.0 / (episodes * episodes));
        let eta = self.eta.unwrap_or(if practical { 3.0 * tuned } else { tuned });
        let beta = self.beta.unwrap_or(if practical { 0.01 } else { 1.0 } * eta.sqrt());
        let gamma = self.gamma.unwrap_or(if practical { eta } else { 2.0 * eta * steps });
        Constants { eta, beta, gamma }
    }
}

impl Algorithm for LinearDilatedBonus {
    type Protocol = EpisodicBandit;
    type Learner = LinearLearner;

    const NAME: &'static str = "linear_dilated_bonus";
    const SUMMARY: &'static str = "Hedge in every state, on linear estimates less a dilated bonus";
    const SOURCE: &'static str = "Luo, Wei, Lee, Policy optimization in adversarial MDPs: improved exploration via dilated bonuses, 2021, Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        not_negative(self.beta.unwrap_or_default(), "beta")?;
        positive(self.gamma, "gamma")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let (transitions, features) = (told(setting)?, setting.shape.features.clone());
        let constants = self.constants(setting);
        let estimates = LinearEstimates::new(transitions, features, constants, false);
        Ok(LinearLearner::new(estimates, false))
    }
}
