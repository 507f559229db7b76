//! An oblivious adversary given by its losses.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::piecewise::spread;
use crate::support::checks;
use crate::support::drift::{Drift, Drifting, Noiseless};
use crate::support::process::{self, RewardModel};

/// Losses written down in advance, one row for each round; rewards are 1 − loss. The losses are
/// their own means, so the pseudo-regret is the regret in hindsight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSequence {
    /// The losses of every round, one in [0, 1] for each arm.
    pub losses: Vec<Vec<f64>>,
    /// Whether the rows are repeated for ever; otherwise the horizon is at most their number.
    #[serde(default)]
    pub repeat: bool,
}

impl EnvironmentModel for LossSequence {
    const NAME: &'static str = "loss_sequence";
    const SUMMARY: &'static str = "an oblivious adversary given by its losses";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str =
        r#"{"losses": [[1, 0, 0.5], [0, 1, 0.5], [0, 1, 0]], "repeat": true}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let Some(first) = self.losses.first() else {
            return Err(ParameterError::new("losses", "[]", "must have at least one row"));
        };
        for (index, row) in self.losses.iter().enumerate() {
            let path = format!("losses[{index}]");
            checks::same_length(first, row, &path)?;
            checks::each(row, &path, "must be a loss from 0 to 1", |x| (0.0..=1.0).contains(&x))?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for LossSequence {
    type Process = Drifting<Rows, Noiseless>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.losses[0].len(),
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Written,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let rewards = |row: &Vec<f64>| row.iter().map(|loss| 1.0 - loss).collect();
        let mut drift = Rows { rewards: self.losses.iter().map(rewards).collect() };
        let mut means = vec![0.0; self.losses[0].len() * block.lanes()];
        drift.advance(1, &mut means, block.lanes());
        Drifting::new(drift, Noiseless, means, block)
    }

    fn longest_horizon(&self) -> Option<u64> {
        (!self.repeat).then_some(self.losses.len() as u64)
    }
}

/// Rows of rewards, repeated.
pub struct Rows {
    rewards: Vec<Vec<f64>>,
}

impl Drift for Rows {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        let row = ((t - 1) % self.rewards.len() as u64) as usize;
        spread(&self.rewards[row], lanes, means);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn rows_are_played_in_order() {
        let losses = vec![vec![1.0, 0.25], vec![0.0, 0.5], vec![0.75, 1.0]];
        let model = LossSequence { losses, repeat: true };
        let history = assert_process(&model, 5);
        let of_first: Vec<f64> = history.iter().map(|means| means[0]).collect();
        assert_eq!(of_first, [0.0, 1.0, 0.25, 0.0, 1.0]);
        assert_eq!(model.longest_horizon(), None);
        assert_eq!(LossSequence { repeat: false, ..model }.longest_horizon(), Some(3));
    }

    #[test]
    fn impossible_losses_are_refused() {
        let check = |losses: &[&[f64]]| {
            let losses = losses.iter().map(|row| row.to_vec()).collect();
            LossSequence { losses, repeat: false }.check().unwrap_err().path
        };
        assert_eq!(check(&[]), "losses");
        assert_eq!(check(&[&[0.0, 1.0], &[0.0]]), "losses[1]");
        assert_eq!(check(&[&[0.0, 1.0], &[0.0, 1.5]]), "losses[1][1]");
    }
}
