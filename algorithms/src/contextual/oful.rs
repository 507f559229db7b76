//! OFUL: optimism within a self-normalised confidence ellipsoid.
//!
//! Source: Abbasi-Yadkori, Pál, Szepesvári, "Improved algorithms for linear stochastic bandits", NIPS 2011,
//! Figure 1 with Theorem 2's radius √β = R √(2 ln(det(V)^½ det(λI)^−½ / δ)) + √λ S.
//! Setting: means ⟨x, θ*⟩, ‖θ*‖ ≤ S, R-sub-Gaussian noise.
//! Guarantee, tested: with probability 1 − δ regret ≤ 2 max(√β, m) √(2 T d ln(1 + T L²/(dλ))), m a bound
//! on |means| (Lattimore and Szepesvári 2020, Theorem 19.2, for gaps up to 2m); with δ = 1/T the
//! expectation is larger by at most 2m.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::CONTEXTUAL_REGRET;
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::Facts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{confidence, not_negative, positive};
use crate::support::linear::LinearModel;

/// Parameters of OFUL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Oful {
    /// The noise is sub-Gaussian with this deviation R ≥ 0.
    pub noise: f64,
    /// A bound S ≥ 0 on the norm of the parameter.
    pub norm: f64,
    /// The probability δ with which the ellipsoids may fail, in (0, 1); by default 1/T.
    pub delta: Option<f64>,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
}

impl Default for Oful {
    fn default() -> Self {
        Self { noise: 1.0, norm: 1.0, delta: None, lambda: 1.0 }
    }
}

impl Oful {
    /// The radius for a value of ln det V − d ln λ.
    fn radius(&self, log_determinant: f64, delta: f64) -> f64 {
        let inside = log_determinant - 2.0 * math::ln(delta);
        self.noise * inside.sqrt() + self.lambda.sqrt() * self.norm
    }

    fn delta(&self, horizon: u64) -> f64 {
        self.delta.unwrap_or(1.0 / horizon.max(2) as f64)
    }
}

impl Algorithm for Oful {
    type Protocol = Contextual;
    type Learner = OfulLearner;

    const NAME: &'static str = "oful";
    const SUMMARY: &'static str = "plays the highest mean within a confidence ellipsoid";
    const SOURCE: &'static str = "Abbasi-Yadkori, Pál, Szepesvári, Improved algorithms for linear \
                                  stochastic bandits, 2011, Figure 1 and Theorem 2";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("noise", self.noise)?;
        not_negative("norm", self.norm)?;
        confidence("delta", self.delta)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let model = LinearModel::new(setting.shape, false, self.lambda)?;
        Ok(OfulLearner { parameters: self.clone(), delta: self.delta(setting.horizon), model })
    }

    fn bounds(&self, setting: &Setting<Contextual>, facts: &Facts) -> Vec<Bound> {
        let linear = facts.misspecification == Some(0.0);
        let (Some(length), Some(norm), Some(noise), Some(largest)) =
            (facts.feature_norm, facts.parameter_norm, facts.noise, facts.largest_mean)
        else {
            return Vec::new();
        };
        if !linear || norm > self.norm * (1.0 + 1e-12) || noise > self.noise {
            return Vec::new();
        }
        let (parameters, d) = (self.clone(), setting.shape.dimension() as f64);
        let delta = self.delta(setting.horizon);
        vec![Bound::upper(
            CONTEXTUAL_REGRET,
            "2 max(√β, m) √(2 t d ln(1 + t L²/(d λ))) + 2 m δ t",
            "Abbasi-Yadkori, Pál, Szepesvári 2011, Theorem 2; Lattimore, Szepesvári 2020, \
             Theorem 19.2",
            "linear means of absolute value at most m, ‖x‖ ≤ L, ‖θ‖ ≤ S, R-sub-Gaussian noise",
            move |t| {
                let growth = d * math::ln_1p(t * length * length / (d * parameters.lambda));
                let radius = parameters.radius(growth, delta).max(largest);
                2.0 * radius * (2.0 * t * growth).sqrt() + 2.0 * largest * delta * t
            },
        )]
    }
}

/// OFUL of one replication.
pub struct OfulLearner {
    parameters: Oful,
    delta: f64,
    model: LinearModel,
}

impl Learner<Contextual> for OfulLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.look(round.context);
        let radius = self.parameters.radius(self.model.log_determinant(), self.delta);
        let arms = self.model.predictions().iter().zip(self.model.widths());
        argmax(arms.map(|(prediction, width)| prediction + radius * width.sqrt()))
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

    use super::super::tests::{Table, setting};
    use super::*;

    #[test]
    fn the_radius_of_four_samples() {
        let parameters = Oful { noise: 0.5, delta: Some(0.05), ..Oful::default() };
        let setting = setting(1, 2, Layout::Varying);
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        for (x, y) in [([1.0, 0.0], 1.0), ([0.6, 0.8], 0.5), ([1.0, 0.0], 0.0), ([0.0, 1.0], 1.0)] {
            table.tell(&x, 0, y);
        }
        // det V = 8.64.
        let radius = parameters.radius(table.learner.model.log_determinant(), 0.05);
        assert!((radius - 2.427_223).abs() < 5e-7, "{radius}");
    }

    #[test]
    fn the_bound_wants_its_conditions() {
        let setting = setting(3, 2, Layout::Varying);
        let facts = Facts {
            feature_norm: Some(1.0),
            parameter_norm: Some(1.0),
            misspecification: Some(0.0),
            noise: Some(1.0),
            largest_mean: Some(1.0),
        };
        let bounds = Oful::default().bounds(&setting, &facts);
        // δ = 0.01, growth 2 ln 51 = 7.863651; √β = √(7.863651 + 9.210340) + 1 = 5.132068.
        let expected = 2.0 * 5.132_068 * (200.0f64 * 7.863_651).sqrt() + 2.0;
        assert!((bounds[0].at(100) - expected).abs() < 1e-3, "{}", bounds[0].at(100));
        for facts in [
            Facts { misspecification: Some(0.01), ..facts.clone() },
            Facts { misspecification: None, ..facts.clone() },
            Facts { noise: Some(1.5), ..facts.clone() },
            Facts { parameter_norm: Some(2.0), ..facts.clone() },
            Facts { feature_norm: None, ..facts },
        ] {
            assert!(Oful::default().bounds(&setting, &facts).is_empty(), "{facts:?}");
        }
    }
}
