//! DS-OFUL: OFUL that learns only from samples in directions it does not know yet.
//!
//! Source: Zhang, He, Fan, Gu, "On the interplay between misspecification and sub-optimality gap in linear
//! contextual bandits", ICML 2023, Algorithm 1.
//! Setting: means ⟨x, θ*⟩ up to ζ, minimal gap Δ; if ζ is below about Δ/√d, a threshold Γ of about Δ/√d
//! makes regret O(d²/Δ), whatever the number of rounds. The theorem's constants exceed any horizon (Γ
//! of 10⁻⁴ at d = 16, Δ = 0.18), so none is attached. Γ = 0 learns from every sample: OFUL with a
//! constant radius.
//! The norm that decides is that before the sample is learned.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::linear::LinearModel;

/// Parameters of DS-OFUL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DsOful {
    /// The threshold Γ ≥ 0: samples with ‖x‖_V⁻¹ ≥ Γ are learned from, others are not.
    pub threshold: f64,
    /// The radius β ≥ 0.
    pub beta: f64,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
}

impl Default for DsOful {
    fn default() -> Self {
        Self { threshold: 0.05, beta: 3.0, lambda: 1.0 }
    }
}

impl Algorithm for DsOful {
    type Protocol = Contextual;
    type Learner = DsOfulLearner;

    const NAME: &'static str = "ds_oful";
    const SUMMARY: &'static str = "OFUL that learns only from samples with ‖x‖_V⁻¹ ≥ Γ";
    const SOURCE: &'static str = "Zhang, He, Fan, Gu, On the interplay between misspecification and \
                                  sub-optimality gap in linear contextual bandits, 2023, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("threshold", self.threshold)?;
        not_negative("beta", self.beta)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let model = LinearModel::new(setting.shape, false, self.lambda)?;
        Ok(DsOfulLearner { threshold: self.threshold, beta: self.beta, model })
    }
}

/// DS-OFUL of one replication.
pub struct DsOfulLearner {
    threshold: f64,
    beta: f64,
    model: LinearModel,
}

impl Learner<Contextual> for DsOfulLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        self.model.look(round.context);
        let arms = self.model.predictions().iter().zip(self.model.widths());
        argmax(arms.map(|(prediction, width)| prediction + self.beta * width.sqrt()))
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        if self.threshold == 0.0 || self.model.width(arm, row).sqrt() >= self.threshold {
            self.model.learn(arm, row, outcome.feedback);
        }
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
    fn only_new_directions_are_learned() {
        for layout in [Layout::Fixed, Layout::Varying] {
            let setting = setting(2, 1, layout);
            // Widths of x = 1 with λ = 1: 1, 1/√2, 1/√3, …; the third sample has norm 0.577.
            let parameters = DsOful { threshold: 0.6, ..DsOful::default() };
            let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
            for _ in 0..5 {
                table.round(&[1.0, 1.0], &[1.0, 1.0]);
            }
            assert_eq!(table.learner.model.samples(), 2);
            assert_eq!(table.learner.model.ridge(0).theta(), [2.0 / 3.0]);
        }
    }

    #[test]
    fn the_threshold_itself_is_learned() {
        let setting = setting(1, 1, Layout::Varying);
        let parameters = DsOful { threshold: 0.5, beta: 1.0, lambda: 4.0 };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        table.tell(&[1.0], 0, 1.0);
        assert_eq!(table.learner.model.samples(), 1);
        table.tell(&[1.0], 0, 1.0);
        assert_eq!(table.learner.model.samples(), 1);
    }

    /// Without misspecification and noise, a skipped round plays a best arm once √λ ‖θ‖ ≤ β and βΓ is
    /// below half the gap.
    #[test]
    fn skipped_rounds_have_no_regret() {
        let setting = setting(4, 2, Layout::Fixed);
        let rows = [1.0, 0.0, 0.6, 0.8, 0.0, 1.0, -0.6, 0.8];
        // θ = (0.28, 0.96): means 0.28, 0.936, 0.96, 0.6; the gap is 0.024.
        let means = [0.28, 0.936, 0.96, 0.6];
        let parameters = DsOful { threshold: 0.01, beta: 1.0, lambda: 1.0 };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        let mut skipped = 0;
        for _ in 0..30_000 {
            let before = table.learner.model.samples();
            let arm = table.round(&rows, &means);
            if table.learner.model.samples() == before {
                assert_eq!(arm, 2);
                skipped += 1;
            }
        }
        assert!(skipped > 1000, "{skipped}");
    }
}
