//! SupLinUCB: levels of ever finer estimates, in which each sample is used by one level only.
//!
//! Source: Chu, Li, Reyzin, Schapire, "Contextual bandits with linear payoff functions", AISTATS 2011, in the
//! form of Zhang, He, Fan, Gu, "On the interplay between misspecification and sub-optimality gap in
//! linear contextual bandits", ICML 2023, which needs neither the gap nor the misspecification.
//! Deviation: the radius β is the same at all levels; the theorem's exceeds any gap at usual sizes.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::ArmFeatures;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::linear::LinearModel;

/// Parameters of SupLinUCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SupLinUcb {
    /// The radius β ≥ 0.
    pub beta: f64,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
}

impl Default for SupLinUcb {
    fn default() -> Self {
        Self { beta: 1.0, lambda: 1.0 }
    }
}

impl Algorithm for SupLinUcb {
    type Protocol = Contextual;
    type Learner = SupLinUcbLearner;

    const NAME: &'static str = "sup_lin_ucb";
    const SUMMARY: &'static str =
        "eliminates arms level by level, each level with samples of its own";
    const SOURCE: &'static str = "Chu, Li, Reyzin, Schapire, Contextual bandits with linear payoff \
                                  functions, 2011; Zhang, He, Fan, Gu 2023 (form)";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("beta", self.beta)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let dimension = setting.shape.dimension();
        let levels = levels(setting.horizon, dimension);
        let model = LinearModel::new(setting.shape, false, self.lambda)?;
        Ok(SupLinUcbLearner {
            beta: self.beta,
            dimension: dimension as f64,
            levels: vec![model; levels],
            surviving: vec![true; setting.shape.arms],
            used: vec![None; setting.pending],
        })
    }
}

/// The levels that can be reached: level l (from 1) plays greedily while t ≤ 4^l d.
fn levels(horizon: u64, dimension: usize) -> usize {
    let mut levels = 1;
    let mut last = 4 * dimension as u128;
    while last < u128::from(horizon) {
        levels += 1;
        last *= 4;
    }
    levels
}

/// SupLinUCB of one replication.
pub struct SupLinUcbLearner {
    beta: f64,
    dimension: f64,
    levels: Vec<LinearModel>,
    surviving: Vec<bool>,
    /// The level to which a pending decision's sample belongs, by slot.
    used: Vec<Option<usize>>,
}

impl SupLinUcbLearner {
    /// The arm to play and the level that learns from it.
    fn decide(&mut self, t: f64, context: ArmFeatures<'_>) -> (usize, Option<usize>) {
        self.surviving.fill(true);
        let mut scale = 1.0;
        let last = self.levels.len() - 1;
        for (level, model) in self.levels.iter_mut().enumerate() {
            scale *= 0.5;
            model.look(context);
            let (predictions, widths) = (model.predictions(), model.widths());
            let index = |arm: usize| predictions[arm] + self.beta * widths[arm].sqrt();
            let among = |value: &dyn Fn(usize) -> f64| {
                let values = self
                    .surviving
                    .iter()
                    .enumerate()
                    .map(|(arm, &survives)| if survives { value(arm) } else { f64::NAN });
                argmax(values)
            };
            let widest = among(&|arm| widths[arm]);
            if widths.get(widest).is_some_and(|width| width.sqrt() >= scale) {
                return (widest, Some(level));
            }
            let best = among(&index);
            if level == last || t * scale * scale <= self.dimension {
                return (best, None);
            }
            let Some(highest) = (best < widths.len()).then(|| index(best)) else {
                return (best, None);
            };
            for arm in 0..widths.len() {
                let stays = highest - index(arm) <= 3.0 * self.beta * scale;
                self.surviving[arm] = self.surviving[arm] && stays;
            }
        }
        (usize::MAX, None)
    }
}

impl Learner<Contextual> for SupLinUcbLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        let (arm, level) = self.decide(round.t as f64, round.context);
        self.used[round.slot] = level;
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        if let Some(level) = self.used[outcome.slot] {
            let row = outcome.context.row(outcome.action);
            self.levels[level].learn(outcome.action, row, outcome.feedback);
        }
    }

    fn reset(&mut self) {
        self.levels.iter_mut().for_each(LinearModel::reset);
        self.used.fill(None);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::contextual::Layout;

    use super::super::tests::{Table, setting};
    use super::*;

    #[test]
    fn levels_by_hand() {
        // 4 · 2 = 8, 32, 128 ≥ 100.
        assert_eq!((levels(8, 2), levels(9, 2), levels(100, 2)), (1, 2, 3));
    }

    #[test]
    fn wide_arms_first_then_the_best_without_learning() {
        let setting = setting(2, 2, Layout::Fixed);
        let rows = [1.0, 0.0, 0.0, 1.0];
        let mut table = Table::new(&setting, SupLinUcb::default().learner(&setting).expect("fits"));
        // Level 1 wants widths below ½: 1/√(1 + n) < ½ needs 4 samples of each arm.
        let arms: Vec<usize> = (0..8).map(|_| table.round(&rows, &[1.0, 0.0])).collect();
        assert_eq!(arms, [0, 1, 0, 1, 0, 1, 0, 1]);
        let samples = |table: &Table<SupLinUcbLearner>| -> Vec<u64> {
            table.learner.levels.iter().map(LinearModel::samples).collect()
        };
        assert_eq!(samples(&table), [8, 0, 0]);
        // Round 9 > 4 d: level 2, which has no samples and keeps both arms (gap 0.8 ≤ 3/2).
        assert_eq!(table.round(&rows, &[1.0, 0.0]), 0);
        assert_eq!(samples(&table), [8, 1, 0]);
    }
}
