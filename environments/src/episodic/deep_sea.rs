//! Deep sea: one path of N moves to the right finds the treasure.

use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// A diver sinks a row at every step and moves a column to the left (action 0) or right (action 1). Right costs 0.01/N, and right in the last column of the last row wins 1; losses are 1 − reward, less 0.01/N in every step so that they fit [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeepSea {
    /// The number of rows and steps N, at least 1.
    pub size: usize,
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

impl EnvironmentModel for DeepSea {
    const NAME: &'static str = "deep_sea";
    const SUMMARY: &'static str = "one path of N moves to the right finds the treasure";
    const SOURCE: &'static str =
        "Osband, Van Roy, Russo, Wen, Deep exploration via randomized value functions, 2019";
    const EXAMPLE: &'static str = r#"{"size": 3}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let last = self.size - 1;
        let move_cost = 0.01 / self.size as f64;
        let base = episodic::pairs(&layout, |h, s, a| match a {
            0 => 1.0 - move_cost,
            _ if h == last && s == last => 0.0,
            _ => 1.0,
        });
        let table = episodic::normalised(&layout, |_, s, a, next| {
            let target = if a == 1 { s + 1 } else { s.saturating_sub(1) };
            f64::from(u8::from(next == target))
        });
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: false }, choices)
    }
}

impl DeepSea {
    /// Row h has the columns 0 to h that can be reached.
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        let rule = "must be from 1 to 1000";
        ParameterError::unless((1..=1000).contains(&self.size), "size", self.size, rule)?;
        let widths: Vec<usize> = (1..=self.size).collect();
        episodic::layout(&widths, 2, "size")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::problem;

    #[test]
    fn the_best_path_goes_right_all_the_way() {
        let sea = DeepSea { size: 5, losses: Losses::Const, bernoulli: false, known: true };
        let world = problem(&sea).shape();
        let process = world.transitions.expect("told");
        assert_eq!(process.all_reachable(), Ok(()));
        let policy = world.oracle.ask(10).expect("oblivious");
        assert!((0..5).all(|h| policy[process.layout().state(h, h)] == 1));
        // 4 moves at loss 1, then the treasure at loss 0.
        let base = episodic::pairs(process.layout(), |h, s, a| match (h, s, a) {
            (_, _, 0) => 1.0 - 0.002,
            (4, 4, _) => 0.0,
            _ => 1.0,
        });
        assert_eq!(process.least_loss(&base), 4.0);
    }
}
