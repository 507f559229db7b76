//! Magnitude-reduced policy optimisation: Hedge in every state, on linear estimates of the values from
//! which great negative parts are taken off, less a dilated bonus.
//!
//! Source: Dai, Luo, Wei, Zimmert, "Refined regret for adversarial MDPs with linear function
//! approximation", ICML 2023, Algorithm 2 (structure recalled, constants derived).
//! Setting: linear values (features are told, else every pair is its own), known transitions, losses in
//! [0, 1], bandit feedback; known number of episodes K.
//! Guarantee: expected regret Õ(√(d H⁶ K ln A)) under the theory's constants, since no estimate is
//! below −H ‖φ‖ ≥ −H/√γ. No bound is drawn: its constants are not in the part of the paper that could
//! be read.
//! Deviation: covariance and the mean of the negative parts are exact, not resampled.

use regret_engine::learner::Setting;
use regret_engine::math;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::episodic::{not_negative, positive, told};
use crate::support::linear_values::{Constants, LinearEstimates, LinearLearner, Scale, dimension};

/// Parameters of magnitude-reduced policy optimisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MagnitudeReducedPolicy {
    /// `practical` or `theory`: the constants that are not given.
    pub scale: Scale,
    /// Learning rate η > 0; by default 3 √(ln A/(d K)), by theory √(ln A/(d H⁴ K)).
    pub eta: Option<f64>,
    /// The bonus β ≥ 0, 0 leaves it out; by default 0.01 η H², by theory 8 η H².
    pub beta: Option<f64>,
    /// Regularisation γ > 0 of the covariance; by default 1/K, by theory 12 η β H².
    pub gamma: Option<f64>,
}

impl MagnitudeReducedPolicy {
    fn constants(&self, setting: &Setting<EpisodicBandit>) -> Constants {
        let (episodes, d) = (setting.episodes() as f64, dimension(setting) as f64);
        let layout = setting.layout();
        let (steps, actions) = (layout.steps() as f64, layout.actions() as f64);
        let practical = self.scale == Scale::Practical;
        let tuned = (math::ln(actions) / (d * episodes)).sqrt();
        let eta = self.eta.unwrap_or(if practical { 3.0 * tuned } else { tuned / (steps * steps) });
        let beta = self.beta.unwrap_or(if practical { 0.01 } else { 8.0 } * eta * steps * steps);
        let gamma = self.gamma.unwrap_or(if practical {
            1.0 / episodes
        } else {
            12.0 * eta * beta * steps * steps
        });
        Constants { eta, beta, gamma }
    }
}

impl Algorithm for MagnitudeReducedPolicy {
    type Protocol = EpisodicBandit;
    type Learner = LinearLearner;

    const NAME: &'static str = "magnitude_reduced_policy";
    const SUMMARY: &'static str =
        "Hedge in every state, on estimates without great negative parts less a dilated bonus";
    const SOURCE: &'static str = "Dai, Luo, Wei, Zimmert, Refined regret for adversarial MDPs with linear function approximation, 2023, Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        not_negative(self.beta.unwrap_or_default(), "beta")?;
        positive(self.gamma, "gamma")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let (transitions, features) = (told(setting)?, setting.shape.features.clone());
        let constants = self.constants(setting);
        let estimates = LinearEstimates::new(transitions, features, constants, true);
        Ok(LinearLearner::new(estimates, false))
    }
}
