//! Log-barrier policy optimisation: in every state, follow the regularised leader with −Σ ln p on
//! linear estimates of the values less a dilated bonus.
//!
//! Source: Dai, Luo, Wei, Zimmert, "Refined regret for adversarial MDPs with linear function
//! approximation", ICML 2023, Algorithm 1 (structure recalled, constants derived).
//! Setting: linear values (features are told, else every pair is its own), known transitions, losses in
//! [0, 1], bandit feedback; known number of episodes K.
//! Guarantee: expected regret Õ(√(A d H⁶ K)) under the theory's constants. No bound is drawn: its
//! constants are not in the part of the paper that could be read.
//! Deviation: the covariance of the features is exact, not resampled.

use regret_engine::learner::Setting;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::episodic::{not_negative, positive, told};
use crate::support::linear_values::{Constants, LinearEstimates, LinearLearner, Scale, dimension};

/// Parameters of log-barrier policy optimisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogBarrierPolicy {
    /// `practical` or `theory`: the constants that are not given.
    pub scale: Scale,
    /// Learning rate η > 0; by default 10 √(A/(d K)), by theory √(A/(d H⁴ K)).
    pub eta: Option<f64>,
    /// The bonus β ≥ 0, 0 leaves it out; by default 0.01 η H², by theory 8 η H².
    pub beta: Option<f64>,
    /// Regularisation γ > 0 of the covariance; by default 1/K, by theory 12 η β H².
    pub gamma: Option<f64>,
}

impl LogBarrierPolicy {
    fn constants(&self, setting: &Setting<EpisodicBandit>) -> Constants {
        let (episodes, d) = (setting.episodes() as f64, dimension(setting) as f64);
        let layout = setting.layout();
        let (steps, actions) = (layout.steps() as f64, layout.actions() as f64);
        let practical = self.scale == Scale::Practical;
        let tuned = (actions / (d * episodes)).sqrt();
        let eta =
            self.eta.unwrap_or(if practical { 10.0 * tuned } else { tuned / (steps * steps) });
        let beta = self.beta.unwrap_or(if practical { 0.01 } else { 8.0 } * eta * steps * steps);
        let gamma = self.gamma.unwrap_or(if practical {
            1.0 / episodes
        } else {
            12.0 * eta * beta * steps * steps
        });
        Constants { eta, beta, gamma }
    }
}

impl Algorithm for LogBarrierPolicy {
    type Protocol = EpisodicBandit;
    type Learner = LinearLearner;

    const NAME: &'static str = "log_barrier_policy";
    const SUMMARY: &'static str =
        "the log barrier in every state, on linear estimates less a dilated bonus";
    const SOURCE: &'static str = "Dai, Luo, Wei, Zimmert, Refined regret for adversarial MDPs with linear function approximation, 2023, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        not_negative(self.beta.unwrap_or_default(), "beta")?;
        positive(self.gamma, "gamma")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let (transitions, features) = (told(setting)?, setting.shape.features.clone());
        let constants = self.constants(setting);
        let estimates = LinearEstimates::new(transitions, features, constants, false);
        Ok(LinearLearner::new(estimates, true))
    }
}
