//! LinUCB: the highest ridge prediction plus a multiple of its width.
//!
//! Source: Li, Chu, Langford, Schapire, "A contextual-bandit approach to personalized news article
//! recommendation", WWW 2010, Algorithm 1 (disjoint models).
//! Setting: rewards linear in the features, independent noise; α = 1 + √(ln(2/δ)/2) there.
//! Option: `squared` is what several public programs compute, α xᵀV⁻¹x without the root.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::linear::LinearModel;

/// Parameters of LinUCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinUcb {
    /// The factor α ≥ 0 of the width.
    pub alpha: f64,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
    /// Whether every arm has a parameter of its own, or all share one. With shared features these
    /// are the same.
    pub disjoint: bool,
    /// Whether the bonus is α xᵀV⁻¹x instead of its root's multiple.
    pub squared: bool,
}

impl Default for LinUcb {
    fn default() -> Self {
        Self { alpha: 1.0, lambda: 1.0, disjoint: false, squared: false }
    }
}

impl Algorithm for LinUcb {
    type Protocol = Contextual;
    type Learner = LinUcbLearner;

    const NAME: &'static str = "lin_ucb";
    const SUMMARY: &'static str = "plays the highest ridge prediction plus α ‖x‖_V⁻¹";
    const SOURCE: &'static str = "Li, Chu, Langford, Schapire, A contextual-bandit approach to \
                                  personalized news article recommendation, 2010, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("alpha", self.alpha)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let model = LinearModel::new(setting.shape, self.disjoint, self.lambda)?;
        Ok(LinUcbLearner { alpha: self.alpha, squared: self.squared, model })
    }
}

/// LinUCB of one replication.
pub struct LinUcbLearner {
    alpha: f64,
    squared: bool,
    model: LinearModel,
}

impl Learner<Contextual> for LinUcbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.look(round.context);
        let bonus = |width: f64| if self.squared { width } else { width.sqrt() };
        let arms = self.model.predictions().iter().zip(self.model.widths());
        argmax(arms.map(|(prediction, &width)| prediction + self.alpha * bonus(width)))
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

    /// After (1, 0) with reward 1 and (0.6, 0.8) with ½: V = [[2.36, 0.48], [0.48, 1.64]], det 3.64,
    /// θ = (1.3·1.64 − 0.4·0.48, 0.4·2.36 − 1.3·0.48) / 3.64 = (0.532967, 0.087912).
    #[test]
    fn two_samples_by_hand() {
        let setting = setting(2, 2, Layout::Varying);
        let arm = |alpha, squared, rows: [f64; 4]| {
            let parameters = LinUcb { alpha, squared, ..LinUcb::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            table.tell(&[1.0, 0.0, 9.0, 9.0], 0, 1.0);
            table.tell(&[9.0, 9.0, 0.6, 0.8], 1, 0.5);
            table.act(&rows)
        };
        // (1, 0): 0.532967, width 1.64/3.64 = 0.450549; (0, 1): 0.087912, width 2.36/3.64 = 0.648352.
        // Roots differ by 0.133976, widths by 0.197803: the second arm wins above α = 3.3219, or
        // above 2.2499 without the root.
        let unit = [1.0, 0.0, 0.0, 1.0];
        assert_eq!((arm(3.32, false, unit), arm(3.325, false, unit)), (0, 1));
        assert_eq!((arm(2.249, true, unit), arm(2.251, true, unit)), (0, 1));
        assert_eq!(arm(0.0, false, [0.0, 1.0, 0.0, 1.0]), 0);
    }

    #[test]
    fn disjoint_models_learn_apart() {
        let setting = setting(2, 1, Layout::Varying);
        let learner = |disjoint| {
            let parameters = LinUcb { alpha: 0.1, disjoint, ..LinUcb::default() };
            parameters.learner(&setting).expect("fits")
        };
        for (disjoint, expected) in [(true, 0), (false, 1)] {
            let mut table = Table::new(&setting, learner(disjoint));
            table.tell(&[1.0, 1.0], 0, 1.0);
            // Arm 1 has twice the features; by itself it knows nothing.
            assert_eq!(table.act(&[1.0, 2.0]), expected, "{disjoint}");
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(LinUcb { alpha: -1.0, ..LinUcb::default() }.check().is_err());
        assert!(LinUcb { lambda: 0.0, ..LinUcb::default() }.check().is_err());
    }
}
