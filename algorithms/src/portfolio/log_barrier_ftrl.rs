//! Follow the regularised leader with a logarithmic barrier (LB-FTRL).
//!
//! Source: van Erven, van der Hoeven, Kotłowski, Koolen, "Open problem: fast and optimal online
//! portfolio selection", 2020.
//! Guarantee: conjectured O(m ln T) at λ of order 1; not proven, and none is drawn.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::BestConstant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::follow_best_constant::history;

/// The portfolio that maximises Σ_s ln(b·x_s) + λ Σ_i ln b_i over the past. A round costs O(t m²).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogBarrierFtrl {
    /// The barrier's strength λ, from 0.001 to 1000; by default 1.
    pub strength: f64,
}

impl Default for LogBarrierFtrl {
    fn default() -> Self {
        Self { strength: 1.0 }
    }
}

impl Algorithm for LogBarrierFtrl {
    type Protocol = Portfolio;
    type Learner = LogBarrierLearner;

    const NAME: &'static str = "log_barrier_ftrl";
    const SUMMARY: &'static str = "the leader, kept from the simplex's border by a barrier";
    const SOURCE: &'static str = "van Erven, van der Hoeven, Kotłowski, Koolen, Open problem: fast \
                                  and optimal online portfolio selection, 2020";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.001..=1000.0).contains(&self.strength);
        ParameterError::unless(valid, "strength", self.strength, "must be from 0.001 to 1000")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let (mut relatives, mut weights) = (history(setting)?, Vec::new());
        relatives.reserve_exact(assets * assets);
        weights.reserve_exact(assets + relatives.capacity() / assets);
        let best = BestConstant::new(assets);
        let mut learner = LogBarrierLearner { strength: self.strength, relatives, weights, best };
        learner.reset();
        Ok(learner)
    }
}

/// LB-FTRL of one replication: the barrier is a round of weight λ for each asset, in which it alone
/// was worth anything.
pub struct LogBarrierLearner {
    strength: f64,
    relatives: Vec<f64>,
    weights: Vec<f64>,
    best: BestConstant,
}

impl Learner<Portfolio> for LogBarrierLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        self.best.weights()
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        self.relatives.extend_from_slice(outcome.feedback);
        self.weights.push(1.0);
        self.best.improve(&self.relatives, Some(&self.weights));
    }

    fn reset(&mut self) {
        self.best.reset();
        let assets = self.best.weights().len();
        self.relatives.clear();
        self.relatives.resize(assets * assets, 0.0);
        (0..assets).for_each(|i| self.relatives[i * assets + i] = 1.0);
        self.weights.clear();
        self.weights.resize(assets, self.strength);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{market_a, portfolios};

    #[test]
    fn the_barriers_equation_holds() {
        let rows = market_a(60);
        let strength = 0.5;
        let played = portfolios(&LogBarrierFtrl { strength }, &rows);
        assert_eq!(played[0], [1.0 / 3.0; 3]);
        // Stationary: Σ_s x_si/(b·x_s) + λ/b_i is the same for all i, here t + 3 λ.
        for (t, b) in played.iter().enumerate() {
            for i in 0..3 {
                let wealth = |row: &[f64]| row.iter().zip(b).map(|(x, b)| x * b).sum::<f64>();
                let past: f64 = rows[..t].iter().map(|row| row[i] / wealth(row)).sum();
                let level = past + strength / b[i];
                assert!((level - (t as f64 + 3.0 * strength)).abs() < 1e-4, "{t} {i}: {level}");
            }
        }
    }
}
