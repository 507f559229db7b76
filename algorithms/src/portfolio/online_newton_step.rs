//! Online Newton step (ONS).
//!
//! Source: Agarwal, Hazan, Kale, Schapire, "Algorithms for portfolio management based on the Newton
//! method", 2006.
//! Deviation: none; the generalised projection of q = δ A⁻¹ c is the quadratic programme
//! min ½ w'Aw − δ c'w, so no matrix is inverted. Its conditions of optimality are tested.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::{Quadratic, dot, uniform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Newton steps on the logarithm of wealth: with g = x/(b·x), A = I + Σ gg' and c = (1 + 1/β) Σ g,
/// the portfolio is the projection of δ A⁻¹ c in the norm of A, mixed with the uniform one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OnlineNewtonStep {
    /// The share of the uniform portfolio, η, from 0 to 1; by default 0.
    pub eta: f64,
    /// The exp-concavity β > 0; by default 1.
    pub beta: f64,
    /// The step δ > 0; by default 1/8.
    pub delta: f64,
}

impl Default for OnlineNewtonStep {
    fn default() -> Self {
        Self { eta: 0.0, beta: 1.0, delta: 0.125 }
    }
}

impl Algorithm for OnlineNewtonStep {
    type Protocol = Portfolio;
    type Learner = OnlineNewtonStepLearner;

    const NAME: &'static str = "online_newton_step";
    const SUMMARY: &'static str = "Newton steps on the logarithm of wealth (ONS)";
    const SOURCE: &'static str = "Agarwal, Hazan, Kale, Schapire, Algorithms for portfolio \
                                  management based on the Newton method, 2006";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..=1.0).contains(&self.eta);
        ParameterError::unless(valid, "eta", self.eta, "must be from 0 to 1")?;
        for (path, value) in [("beta", self.beta), ("delta", self.delta)] {
            let valid = value > 0.0 && value.is_finite();
            ParameterError::unless(valid, path, value, "must be a positive number")?;
        }
        Ok(())
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let mut learner = OnlineNewtonStepLearner {
            eta: self.eta,
            scale: self.delta * (1.0 + 1.0 / self.beta),
            matrix: vec![0.0; assets * assets],
            linear: vec![0.0; assets],
            gradient: vec![0.0; assets],
            projected: uniform(assets),
            weights: uniform(assets),
            quadratic: Quadratic::new(assets),
        };
        learner.reset();
        Ok(learner)
    }
}

/// ONS of one replication.
pub struct OnlineNewtonStepLearner {
    eta: f64,
    /// δ (1 + 1/β).
    scale: f64,
    /// A, row-major, and δ c.
    matrix: Vec<f64>,
    linear: Vec<f64>,
    gradient: Vec<f64>,
    projected: Vec<f64>,
    weights: Vec<f64>,
    quadratic: Quadratic,
}

impl Learner<Portfolio> for OnlineNewtonStepLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let assets = self.weights.len();
        let wealth = dot(outcome.action, outcome.feedback);
        self.gradient.iter_mut().zip(outcome.feedback).for_each(|(g, x)| *g = x / wealth);
        for (row, g) in self.matrix.chunks_exact_mut(assets).zip(&self.gradient) {
            row.iter_mut().zip(&self.gradient).for_each(|(a, other)| *a += g * other);
        }
        self.linear.iter_mut().zip(&self.gradient).for_each(|(c, g)| *c += self.scale * g);
        self.quadratic.minimise(&self.matrix, &self.linear, &mut self.projected);
        let share = self.eta / assets as f64;
        for (weight, projected) in self.weights.iter_mut().zip(&self.projected) {
            *weight = (1.0 - self.eta) * projected + share;
        }
    }

    fn reset(&mut self) {
        let assets = self.weights.len();
        self.matrix.fill(0.0);
        (0..assets).for_each(|i| self.matrix[i * assets + i] = 1.0);
        self.linear.fill(0.0);
        self.projected.fill(1.0 / assets as f64);
        self.weights.fill(1.0 / assets as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a, portfolios, setting};

    #[test]
    fn a_step_by_hand_and_market_a() {
        let rows = [vec![1.0, 2.0], vec![1.0, 1.0]];
        let played = portfolios(&OnlineNewtonStep::default(), &rows);
        assert!((played[1][0] - 31.0 / 44.0).abs() < 1e-14);
        assert_log_wealth(&OnlineNewtonStep::default(), &market_a(250), 0.281_598_735);
    }

    #[test]
    fn every_step_is_optimal() {
        let rows = market_a(100);
        let mut learner = OnlineNewtonStep::default().learner(&setting(3, 100)).expect("fits");
        let mut rng = regret_engine::random::Stream::from_state(1);
        for (t, row) in (1..).zip(&rows) {
            let rng = &mut rng;
            let action = learner.act(Round { t, slot: 0, context: 0, rng }).to_vec();
            let (action, feedback) = (action.as_slice(), row.as_slice());
            learner.update(Outcome { t, slot: 0, context: 0, action, feedback, rng });
            let OnlineNewtonStepLearner { quadratic, matrix, linear, projected, .. } = &learner;
            assert!(quadratic.violation(matrix, linear, projected) < 1e-12);
        }
    }
}
