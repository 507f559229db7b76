//! Grid world: walk to the corner on a floor that slips.

use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// From the first cell to the last of a grid, by up, right, down, left (actions 0 to 3). With the probability of slipping the move goes in one of the four directions at random; moves against the border stay. Loss 1 at every step outside the last cell, which is never left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridWorld {
    /// The number of columns, at least 1.
    pub columns: usize,
    /// The number of rows, at least 1.
    pub rows: usize,
    /// The number of steps H, at least 1.
    pub steps: usize,
    /// The probability that a move slips, from 0 to 1.
    #[serde(default = "tenth")]
    pub slip: f64,
    /// How the losses of the episodes come from the base: `const`, `bern`, `sca`, `flip60`, `drift` or `greedy-killer`.
    #[serde(default)]
    pub losses: Losses,
    /// Whether each loss is drawn as 0 or 1 with its mean.
    #[serde(default)]
    pub bernoulli: bool,
    /// Whether learners are told the transitions.
    #[serde(default = "yes")]
    pub known: bool,
}

const fn tenth() -> f64 {
    0.1
}

impl EnvironmentModel for GridWorld {
    const NAME: &'static str = "grid_world";
    const SUMMARY: &'static str = "walk to the corner of a grid on a floor that slips";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"columns": 2, "rows": 1, "steps": 2, "losses": "drift"}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be a probability, from 0 to 1";
        ParameterError::unless((0.0..=1.0).contains(&self.slip), "slip", self.slip, rule)?;
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let goal = self.columns * self.rows - 1;
        let base = episodic::pairs(&layout, |_, s, _| f64::from(u8::from(s != goal)));
        let table = episodic::normalised(&layout, |_, s, a, next| {
            if s == goal {
                return f64::from(u8::from(next == goal));
            }
            let lands = |direction| f64::from(u8::from(self.moved(s, direction) == next));
            (1.0 - self.slip) * lands(a) + self.slip * (0..4).map(|d| 0.25 * lands(d)).sum::<f64>()
        });
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: true }, choices)
    }
}

impl GridWorld {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        let side = "must be from 1 to 1000";
        ParameterError::unless((1..=1000).contains(&self.columns), "columns", self.columns, side)?;
        ParameterError::unless((1..=1000).contains(&self.rows), "rows", self.rows, side)?;
        let rule = "must be from 1 to 100000";
        ParameterError::unless((1..=100_000).contains(&self.steps), "steps", self.steps, rule)?;
        episodic::layout(&vec![self.columns * self.rows; self.steps], 4, "columns")
    }

    /// The cell that a move leads to.
    fn moved(&self, cell: usize, direction: usize) -> usize {
        let (row, column) = (cell / self.columns, cell % self.columns);
        let (row, column) = match direction {
            0 => (row.saturating_sub(1), column),
            1 => (row, (column + 1).min(self.columns - 1)),
            2 => ((row + 1).min(self.rows - 1), column),
            _ => (row, column.saturating_sub(1)),
        };
        row * self.columns + column
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::process;

    #[test]
    fn moves_slip_and_stop_at_the_border() {
        let grid = GridWorld {
            columns: 3,
            rows: 2,
            steps: 4,
            slip: 0.2,
            losses: Losses::Const,
            bernoulli: false,
            known: true,
        };
        let process = process(&grid);
        // From the first cell up and left stay; right leads to 1, down to 3.
        let close = |row: &[f64], known: [f64; 6]| {
            assert!(row.iter().zip(known).all(|(p, known)| (p - known).abs() < 1e-15), "{row:?}");
        };
        close(process.row(0, 0, 1), [0.1, 0.85, 0.0, 0.05, 0.0, 0.0]);
        close(process.row(1, 4, 0), [0.0, 0.85, 0.0, 0.05, 0.05, 0.05]);
        close(process.row(2, 5, 3), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        // Without slipping the goal is 3 moves away.
        let dry = self::process(&GridWorld { slip: 0.0, ..grid });
        let base = episodic::pairs(dry.layout(), |_, s, _| f64::from(u8::from(s != 5)));
        assert_eq!(dry.least_loss(&base), 3.0);
    }
}
