//! Confidence-weighted mean reversion (CWMR).
//!
//! Source: Li, Hoi, Zhao, Gopalkrishnan, "Confidence weighted mean reversion strategy for online
//! portfolio selection", 2013, with the normalisation of its toolbox.
//! Guarantee: none.
//! Deviation: the covariance, diagonal at first, stays so, and is kept as a vector.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::{dot, project, uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keeps a normal law of portfolios, and moves it as little as makes growth of at most ε confident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cwmr {
    /// The confidence φ ≥ 0, a quantile of the normal law; by default 2.
    pub phi: f64,
    /// The sensitivity ε ≥ 0; by default 0.5.
    pub epsilon: f64,
    /// Whether the law's `deviation` or its `variance` enters the condition; by default `deviation`.
    pub confidence: Confidence,
}

/// What makes [`Cwmr`] confident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The standard deviation of growth (CWMR-Stdev).
    #[default]
    Deviation,
    /// Its variance (CWMR-Var).
    Variance,
}

impl Default for Cwmr {
    fn default() -> Self {
        Self { phi: 2.0, epsilon: 0.5, confidence: Confidence::Deviation }
    }
}

impl Algorithm for Cwmr {
    type Protocol = Portfolio;
    type Learner = CwmrLearner;

    const NAME: &'static str = "cwmr";
    const SUMMARY: &'static str = "reversion weighted by confidence";
    const SOURCE: &'static str = "Li, Hoi, Zhao, Gopalkrishnan, Confidence weighted mean reversion \
                                  strategy for online portfolio selection, 2013";

    fn check(&self) -> Result<(), ParameterError> {
        for (path, value) in [("phi", self.phi), ("epsilon", self.epsilon)] {
            let valid = (0.0..=1e3).contains(&value);
            ParameterError::unless(valid, path, value, "must be from 0 to 1000")?;
        }
        Ok(())
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let mut learner = CwmrLearner {
            rule: self.clone(),
            weights: uniform(assets),
            variances: vec![0.0; assets],
            sorted: Vec::with_capacity(assets),
        };
        learner.reset();
        Ok(learner)
    }
}

/// CWMR of one replication.
pub struct CwmrLearner {
    rule: Cwmr,
    /// The law's mean.
    weights: Vec<f64>,
    /// The diagonal of its covariance.
    variances: Vec<f64>,
    sorted: Vec<f64>,
}

/// The numbers of a round: ε − M, V, x̄ and V − x̄ W in the paper's symbols.
struct Moments {
    missing: f64,
    variance: f64,
    mean: f64,
    spread: f64,
}

impl CwmrLearner {
    fn moments(&self, relatives: &[f64]) -> Moments {
        let total: f64 = self.variances.iter().sum();
        let linear = dot(&self.variances, relatives);
        let squares = self.variances.iter().zip(relatives).map(|(s, x)| s * x * x);
        let (variance, mean) = (squares.sum::<f64>(), linear / total);
        Moments {
            missing: self.rule.epsilon - dot(&self.weights, relatives),
            variance,
            mean,
            spread: variance - mean * linear,
        }
    }

    /// The multiplier λ, and what is added to the inverse variances, by x².
    fn multiplier(&self, moments: &Moments) -> (f64, f64) {
        let Moments { missing, variance, spread, .. } = *moments;
        let phi = self.rule.phi;
        match self.rule.confidence {
            Confidence::Deviation => {
                let k = spread + 0.5 * phi * phi * variance;
                let half = 0.5 * phi * phi * variance;
                let lambda = largest_root(
                    k * k - half * half,
                    2.0 * missing * k,
                    missing * missing - phi * phi * variance,
                );
                let pull = lambda * variance * phi;
                let deviation = 0.5 * (-pull + (pull * pull + 4.0 * variance).sqrt());
                (lambda, lambda * phi / deviation)
            }
            Confidence::Variance => {
                let lambda = largest_root(
                    2.0 * phi * variance * spread,
                    2.0 * phi * variance * missing + spread,
                    missing - phi * variance,
                );
                (lambda, 2.0 * lambda * phi)
            }
        }
    }
}

/// The largest root of `a λ² + b λ + c`, 0 if it is negative or there is none.
fn largest_root(a: f64, b: f64, c: f64) -> f64 {
    if a == 0.0 {
        return if b == 0.0 { 0.0 } else { (-c / b).max(0.0) };
    }
    let discriminant = b * b - 4.0 * a * c;
    if discriminant < 0.0 {
        return 0.0;
    }
    let root = discriminant.sqrt();
    ((-b + root) / (2.0 * a)).max((-b - root) / (2.0 * a)).max(0.0)
}

impl Learner<Portfolio> for CwmrLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let relatives = outcome.feedback;
        let moments = self.moments(relatives);
        let (lambda, precision) = self.multiplier(&moments);
        // Where the assets do not differ nothing can be moved, and a root has no size.
        if !(lambda.is_finite() && precision.is_finite()) {
            return;
        }
        let law = self.weights.iter_mut().zip(&mut self.variances).zip(relatives);
        for ((weight, variance), x) in law {
            *weight -= lambda * *variance * (x - moments.mean);
            *variance = 1.0 / (1.0 / *variance + precision * x * x);
        }
        project(&mut self.weights, &mut self.sorted);
        let total = self.variances.iter().sum::<f64>() * self.variances.len() as f64;
        self.variances.iter_mut().for_each(|variance| *variance /= total);
    }

    fn reset(&mut self) {
        let assets = self.weights.len() as f64;
        self.weights.fill(1.0 / assets);
        self.variances.fill(1.0 / (assets * assets));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        assert_log_wealth(&Cwmr::default(), &market_a(250), -3.345_313_025);
        let variance = Cwmr { confidence: Confidence::Variance, ..Cwmr::default() };
        assert_log_wealth(&variance, &market_a(250), -3.345_193_155);
    }

    #[test]
    fn roots_by_hand() {
        assert_eq!(largest_root(1.0, -3.0, 2.0), 2.0);
        assert_eq!(largest_root(-1.0, 3.0, -2.0), 2.0);
        assert_eq!(largest_root(1.0, 3.0, 2.0), 0.0);
        assert_eq!(largest_root(1.0, 0.0, 1.0), 0.0);
        assert_eq!((largest_root(0.0, 2.0, -1.0), largest_root(0.0, 0.0, 1.0)), (0.5, 0.0));
    }
}
