//! Linear Thompson sampling: greedy for a parameter drawn from N(θ, v² V⁻¹).
//!
//! Source: Agrawal, Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013,
//! Algorithm 1; v = R √(9 d ln(t/δ)) there, much smaller in practice.
//! Where every arm has a parameter of its own, the scores of the arms are independent, and each is
//! drawn from its own normal law, which is the law of drawing the parameters.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::random::normal;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{confidence, not_negative, positive};
use crate::support::cholesky::Factor;
use crate::support::linear::LinearModel;

/// Parameters of linear Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinTs {
    /// The factor v ≥ 0 of the posterior's deviation. With `delta`, v is R in the theorem's
    /// v √(9 d ln(t/δ)).
    pub v: f64,
    /// The theorem's δ in (0, 1); by default v is used as it is.
    pub delta: Option<f64>,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
    /// Whether every arm has a parameter of its own, or all share one. With shared features these
    /// are the same.
    pub disjoint: bool,
}

impl Default for LinTs {
    fn default() -> Self {
        Self { v: 0.5, delta: None, lambda: 1.0, disjoint: false }
    }
}

impl LinTs {
    fn deviation(&self, t: u64, d: usize) -> f64 {
        match self.delta {
            None => self.v,
            Some(delta) => self.v * (9.0 * d as f64 * math::ln(t as f64 / delta)).sqrt(),
        }
    }
}

impl Algorithm for LinTs {
    type Protocol = Contextual;
    type Learner = LinTsLearner;

    const NAME: &'static str = "lin_ts";
    const SUMMARY: &'static str = "plays the best arm for a parameter drawn from N(θ, v² V⁻¹)";
    const SOURCE: &'static str = "Agrawal, Goyal, Thompson sampling for contextual bandits with \
                                  linear payoffs, 2013, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("v", self.v)?;
        confidence("delta", self.delta)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let model = LinearModel::new(setting.shape, self.disjoint, self.lambda)?;
        let one = model.regressions() == 1;
        Ok(LinTsLearner {
            parameters: self.clone(),
            dimension: setting.shape.dimension(),
            factor: one.then(|| Factor::new(setting.features(), self.lambda)),
            theta: vec![0.0; setting.features()],
            model,
        })
    }
}

/// Linear Thompson sampling of one replication.
pub struct LinTsLearner {
    parameters: LinTs,
    dimension: usize,
    model: LinearModel,
    /// The factor of V and a drawn parameter, where all arms share one.
    factor: Option<Factor>,
    theta: Vec<f64>,
}

impl Learner<Contextual> for LinTsLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        let (context, rng) = (round.context, round.rng);
        let deviation = self.parameters.deviation(round.t, self.dimension);
        let Some(factor) = &self.factor else {
            self.model.look(context);
            let arms = self.model.predictions().iter().zip(self.model.widths());
            return argmax(arms.map(|(mean, width)| mean + deviation * width.sqrt() * normal(rng)));
        };
        self.theta.iter_mut().for_each(|z| *z = normal(rng));
        factor.solve(&mut self.theta);
        for (theta, mean) in self.theta.iter_mut().zip(self.model.ridge(0).theta()) {
            *theta = mean + deviation * *theta;
        }
        let score = |arm| context.row(arm).iter().zip(&self.theta).map(|(x, w)| x * w).sum();
        argmax((0..context.size.arms).map(score))
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let row = outcome.context.row(outcome.action);
        self.model.learn(outcome.action, row, outcome.feedback);
        if let Some(factor) = &mut self.factor {
            factor.add(row);
        }
    }

    fn reset(&mut self) {
        self.model.reset();
        if let Some(factor) = &mut self.factor {
            factor.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, frequencies, setting};
    use super::*;

    /// Scores are N(⟨x, θ⟩, v² xᵀV⁻¹x), jointly for one parameter, independently for one each.
    #[test]
    fn arms_are_played_as_often_as_they_seem_best() {
        let setting = setting(2, 2, Layout::Varying);
        let rows = [1.0, 0.0, 0.6, 0.8];
        for (disjoint, expected) in [(false, 0.593_169), (true, 0.658_454)] {
            let parameters = LinTs { v: 1.0, disjoint, ..LinTs::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            table.tell(&rows, 0, 1.0);
            // Shared: θ = (½, 0), V = diag(2, 1). The difference of scores has mean ½ − 0.3 = 0.2
            // and variance 0.4²/2 + 0.8² = 0.72: Φ(0.235702) = 0.593169. Disjoint: means ½ and 0,
            // variances ½ and 1: Φ(0.5/√1.5) = Φ(0.408248) = 0.658454.
            let plays = frequencies(&mut table, &rows, 40_000);
            // Standard deviation 0.0025; five of them.
            assert!((plays[0] - expected).abs() < 0.0125, "{disjoint} {plays:?}");
        }
    }

    #[test]
    fn the_theorems_deviation() {
        let parameters = LinTs { v: 0.5, delta: Some(0.1), ..LinTs::default() };
        // ½ √(27 ln 20).
        assert!((parameters.deviation(2, 3) - 4.496798).abs() < 1e-5);
        assert_eq!(LinTs::default().deviation(2, 3), 0.5);
    }
}
