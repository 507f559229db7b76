//! LSW: optimism with a bonus for misspecification, in a fixed decision set.
//!
//! Source: Lattimore, Szepesvári, Weisz, "Learning with good feature representations in bandits and in RL
//! with a generative model", ICML 2020, equation (6): the index of an arm is
//! ⟨x, θ⟩ + β ‖x‖_V⁻¹ + ε Σ_s |xᵀV⁻¹x_s|, where |μ(x) − ⟨x, θ*⟩| ≤ ε.
//! The last sum has no recursion; with N arms it is Σ_j n_j |x_iᵀV⁻¹x_j| over their numbers of plays, from
//! the N × N matrix XV⁻¹Xᵀ, kept along with the samples in O(N²) each and computed anew on the ridge's
//! schedule.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Contextual;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::contextual::{ArmFeatures, Layout};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{not_negative, positive};
use crate::support::kernels::{dot, padded, rank_one, symmetric_product};
use crate::support::ridge::Ridge;

/// Parameters of LSW.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lsw {
    /// The bound ε ≥ 0 on the misspecification.
    pub epsilon: f64,
    /// The radius β ≥ 0.
    pub beta: f64,
    /// The ridge's regularisation λ > 0.
    pub lambda: f64,
}

impl Default for Lsw {
    fn default() -> Self {
        Self { epsilon: 0.02, beta: 3.0, lambda: 1.0 }
    }
}

/// The most arms: the matrix then has 128 MiB.
const MOST_ARMS: usize = 4096;

impl Algorithm for Lsw {
    type Protocol = Contextual;
    type Learner = LswLearner;

    const NAME: &'static str = "lsw";
    const SUMMARY: &'static str = "optimism plus ε Σ |xᵀV⁻¹x_s| for a known misspecification";
    const SOURCE: &'static str = "Lattimore, Szepesvári, Weisz, Learning with good feature \
                                  representations in bandits and in RL with a generative model, \
                                  2020, equation (6)";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative("epsilon", self.epsilon)?;
        not_negative("beta", self.beta)?;
        positive("lambda", self.lambda)
    }

    fn learner(&self, setting: &Setting<Contextual>) -> Result<Self::Learner, ParameterError> {
        let size = setting.shape;
        let refused = |message: String| Err(ParameterError { path: String::new(), message });
        if size.layout == Layout::Shared {
            return refused("it needs features of every arm, but they are shared".to_owned());
        }
        if size.arms > MOST_ARMS {
            return refused(format!(
                "it takes {MOST_ARMS} arms at most, but there are {}",
                size.arms
            ));
        }
        let width = padded(size.arms);
        Ok(LswLearner {
            parameters: self.clone(),
            fixed: size.layout == Layout::Fixed,
            ridge: Ridge::new(size.features, self.lambda),
            rows: vec![0.0; size.arms * padded(size.features)],
            matrix: vec![0.0; size.arms * width],
            predictions: vec![0.0; size.arms],
            plays: vec![0.0; size.arms],
            past: Vec::with_capacity(if size.layout == Layout::Fixed {
                0
            } else {
                history(setting, size.features)?
            }),
            direction: vec![0.0; padded(size.features)],
            column: vec![0.0; width],
            known: false,
        })
    }
}

/// How many numbers the features played take.
fn history(setting: &Setting<Contextual>, features: usize) -> Result<usize, ParameterError> {
    let rule = format!(
        "decision sets that change need the features of all {} rounds: at most 134217728 numbers",
        setting.horizon
    );
    let numbers = usize::try_from(setting.horizon).ok().and_then(|t| t.checked_mul(features));
    let fits = numbers.filter(|&numbers| numbers <= 1 << 27);
    fits.ok_or(ParameterError { path: String::new(), message: rule })
}

/// LSW of one replication.
pub struct LswLearner {
    parameters: Lsw,
    fixed: bool,
    ridge: Ridge,
    /// The padded features of a fixed set; XV⁻¹Xᵀ, rows padded; ⟨x, θ⟩; plays: each by arm.
    rows: Vec<f64>,
    matrix: Vec<f64>,
    predictions: Vec<f64>,
    plays: Vec<f64>,
    /// The features played so far, one row after the other, where the set changes.
    past: Vec<f64>,
    direction: Vec<f64>,
    column: Vec<f64>,
    known: bool,
}

impl LswLearner {
    /// Computes the matrix and the predictions from V⁻¹.
    fn renew(&mut self) {
        let (d, width) = (self.direction.len(), self.column.len());
        for i in 0..self.plays.len() {
            let row = &self.rows[i * d..][..d];
            symmetric_product(self.ridge.inverse(), row, &mut self.direction);
            for j in 0..self.plays.len() {
                self.matrix[i * width + j] = dot(&self.rows[j * d..][..d], &self.direction);
            }
            self.predictions[i] = self.ridge.theta().iter().zip(row).map(|(a, b)| a * b).sum();
        }
    }

    fn index_of_fixed(&self, arm: usize) -> f64 {
        let width = self.column.len();
        let row = &self.matrix[arm * width..][..self.plays.len()];
        let sum: f64 = row.iter().zip(&self.plays).map(|(entry, plays)| plays * entry.abs()).sum();
        let Lsw { epsilon, beta, .. } = self.parameters;
        self.predictions[arm] + beta * row[arm].max(0.0).sqrt() + epsilon * sum
    }

    fn index_of_varying(&mut self, row: &[f64]) -> f64 {
        let (prediction, width) = self.ridge.predict_with_width(row);
        self.column.fill(0.0);
        let mut padded_row = std::mem::take(&mut self.rows);
        padded_row[..row.len()].copy_from_slice(row);
        let x = &padded_row[..self.direction.len()];
        symmetric_product(self.ridge.inverse(), x, &mut self.direction);
        let played = self.past.chunks_exact(row.len());
        let sum: f64 = played
            .map(|x| x.iter().zip(&self.direction).map(|(x, y)| x * y).sum::<f64>().abs())
            .sum();
        self.rows = padded_row;
        let Lsw { epsilon, beta, .. } = self.parameters;
        prediction + beta * width.sqrt() + epsilon * sum
    }

    fn read(&mut self, context: ArmFeatures<'_>) {
        let d = self.direction.len();
        for (arm, place) in self.rows.chunks_exact_mut(d).enumerate() {
            let row = context.row(arm);
            place[..row.len()].copy_from_slice(row);
        }
        self.known = true;
        self.renew();
    }
}

impl Learner<Contextual> for LswLearner {
    fn act(&mut self, round: Round<'_, Contextual>) -> usize {
        if !self.fixed {
            return argmax(
                (0..self.plays.len()).map(|arm| self.index_of_varying(round.context.row(arm))),
            );
        }
        if !self.known {
            self.read(round.context);
        }
        argmax((0..self.plays.len()).map(|arm| self.index_of_fixed(arm)))
    }

    fn update(&mut self, outcome: Outcome<'_, Contextual>) {
        let (arm, row) = (outcome.action, outcome.context.row(outcome.action));
        let step = self.ridge.add(row, outcome.feedback);
        if !self.fixed {
            self.past.extend_from_slice(row);
            return;
        }
        let (surprise, share, renewed) = (step.surprise, 1.0 / (1.0 + step.width), step.renewed);
        self.plays[arm] += 1.0;
        if renewed {
            self.renew();
            return;
        }
        let width = self.column.len();
        self.column.copy_from_slice(&self.matrix[arm * width..][..width]);
        for (prediction, cross) in self.predictions.iter_mut().zip(&self.column) {
            *prediction += cross * surprise * share;
        }
        rank_one(&mut self.matrix, &self.column, -share);
    }

    fn reset(&mut self) {
        self.ridge.reset();
        self.plays.fill(0.0);
        self.past.clear();
        self.known = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Table, setting};
    use super::*;

    const ROWS: [f64; 6] = [1.0, 0.0, 0.6, 0.8, 0.0, 1.0];

    #[test]
    fn the_index_by_hand() {
        let setting = setting(3, 2, Layout::Fixed);
        let parameters = Lsw { epsilon: 0.1, beta: 2.0, lambda: 1.0 };
        let mut table = Table::new(&setting, parameters.learner(&setting).expect("fits"));
        table.act(&ROWS);
        for arm in [0, 1, 0] {
            table.tell(&ROWS, arm, 1.0);
        }
        // V = [[3.36, 0.48], [0.48, 1.64]], det 5.28; b = (2.6, 0.8). For x = (0, 1):
        // V⁻¹x = (−0.48, 3.36)/5.28, prediction (−0.48·2.6 + 3.36·0.8)/5.28, width 3.36/5.28,
        // Σ n_j |x_jᵀV⁻¹x| = 2·0.48/5.28 + (−0.288 + 2.688)/5.28.
        let expected = (1.44 / 5.28) + 2.0 * (3.36f64 / 5.28).sqrt() + 0.1 * (0.96 + 2.4) / 5.28;
        assert!((table.learner.index_of_fixed(2) - expected).abs() < 1e-12);
    }

    /// A fixed set by the matrix and the same arms shown as a changing set give the same plays.
    #[test]
    fn both_forms_play_alike() {
        let parameters = Lsw { epsilon: 0.05, beta: 1.0, lambda: 0.5 };
        let [mut fixed, mut varying] = [Layout::Fixed, Layout::Varying].map(|layout| {
            let setting = setting(3, 2, layout);
            Table::new(&setting, parameters.learner(&setting).expect("fits"))
        });
        let mut played = [0; 3];
        for n in 0..100u32 {
            let rewards = [0, 1, 2].map(|arm| f64::from((n * 7 + arm * 5) % 11) / 11.0);
            let arm = fixed.round(&ROWS, &rewards);
            assert_eq!(arm, varying.round(&ROWS, &rewards), "round {n}");
            played[arm] += 1;
        }
        assert!(played.iter().all(|&count| count > 0), "{played:?}");
    }
}
