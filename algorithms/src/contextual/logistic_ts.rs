//! Logistic Thompson sampling: greedy for logistic weights drawn from a diagonal posterior.
//!
//! Source: Chapelle, Li, "An empirical evaluation of Thompson sampling", NIPS 2011, Algorithm 3.
//! Setting: rewards in [0, 1], of mean σ(⟨x, θ⟩).
//! The posterior is diagonal, so the score of an arm with weights of its own is drawn directly.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::Layout;
use regret_engine::random::normal;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::logistic::DiagonalLogistic;

/// Parameters of logistic Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticTs {
    /// The factor α ≥ 0 of the posterior's deviation; 1 is the posterior itself.
    pub alpha: f64,
    /// The prior's precision λ > 0.
    pub lambda: f64,
}

impl Default for LogisticTs {
    fn default() -> Self {
        Self { alpha: 1.0, lambda: 1.0 }
    }
}

impl Algorithm for LogisticTs {
    type Protocol = Contextual;
    type Learner = LogisticTsLearner;

    const NAME: &'static str = "logistic_ts";
    const SUMMARY: &'static str = "Thompson sampling of logistic weights with a diagonal posterior";
    const SOURCE: &'static str =
        "Chapelle, Li, An empirical evaluation of Thompson sampling, 2011, Algorithm 3";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("alpha", self.alpha)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let size = setting.shape;
        let count = if size.layout == Layout::Shared { size.arms } else { 1 };
        let models = vec![DiagonalLogistic::new(size.features, self.lambda); count];
        Ok(LogisticTsLearner { alpha: self.alpha, models, weights: vec![0.0; size.features] })
    }
}

/// Logistic Thompson sampling of one replication.
pub struct LogisticTsLearner {
    alpha: f64,
    models: Vec<DiagonalLogistic>,
    weights: Vec<f64>,
}

impl Learner<Contextual> for LogisticTsLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        let (context, rng, alpha) = (round.context, round.rng, self.alpha);
        if context.size.layout == Layout::Shared {
            let arms = self.models.iter().map(|model| {
                let deviation = model.variance(context.values).sqrt();
                model.score(context.values) + alpha * deviation * normal(rng)
            });
            return argmax(arms);
        }
        let model = &self.models[0];
        let posterior = model.means().iter().zip(model.precisions());
        for (weight, (mean, precision)) in self.weights.iter_mut().zip(posterior) {
            *weight = mean + alpha * normal(rng) / precision.sqrt();
        }
        let score = |arm| context.row(arm).iter().zip(&self.weights).map(|(x, w)| x * w).sum();
        argmax((0..context.size.arms).map(score))
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let place = outcome.action.min(self.models.len() - 1);
        let row = outcome.context.row(outcome.action);
        self.models[place].learn(row, outcome.feedback.clamp(0.0, 1.0));
    }

    fn reset(&mut self) {
        self.models.iter_mut().for_each(DiagonalLogistic::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    #[test]
    fn scores_are_drawn_from_the_posterior() {
        // Weights N(0, 1/4): scores of (1, 0) and (0.6, 0.8) tie in law, and the sign of their
        // difference is a fair coin. With shared features likewise.
        for layout in [Layout::Varying, Layout::Shared] {
            let setting = setting(2, 2, layout);
            let parameters = LogisticTs { alpha: 1.0, lambda: 4.0 };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            let rows = [1.0, 0.0, 0.6, 0.8];
            let rows = if layout == Layout::Shared { &rows[2..] } else { &rows };
            let plays = frequencies(&mut table, rows, 40_000);
            // Standard deviation 0.0025; five of them.
            assert!((plays[0] - 0.5).abs() < 0.0125, "{layout:?} {plays:?}");
            for _ in 0..200 {
                table.tell(rows, 0, 1.0);
                table.tell(rows, 1, 0.0);
            }
            let plays = frequencies(&mut table, rows, 1000);
            assert!(plays[0] > 0.95, "{layout:?} {plays:?}");
        }
    }
}
