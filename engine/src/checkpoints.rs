//! The rounds at which regret is recorded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math;

/// How checkpoints are laid over the rounds. The horizon is always one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "grid", rename_all = "snake_case", deny_unknown_fields)]
pub enum Checkpoints {
    /// Spaced evenly on a logarithmic axis from 1 to the horizon; fewer than `count` where
    /// neighbours round to the same round.
    Log {
        /// How many, at least 1.
        #[serde(default = "default_count")]
        count: u32,
    },
    /// Spaced evenly.
    Linear {
        /// How many, at least 1.
        #[serde(default = "default_count")]
        count: u32,
    },
    /// Every round: memory and files then grow with the horizon.
    EveryRound,
}

const fn default_count() -> u32 {
    100
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self::Log { count: default_count() }
    }
}

impl Checkpoints {
    /// The rounds, strictly increasing, ending with `horizon`.
    pub fn rounds(self, horizon: u64) -> Vec<u64> {
        let (count, place): (u32, fn(f64, f64) -> f64) = match self {
            Self::EveryRound => return (1..=horizon).collect(),
            Self::Log { count } => {
                (count.max(1), |share, horizon| math::exp(share * math::ln(horizon)))
            }
            Self::Linear { count } => (count.max(1), |share, horizon| share * horizon),
        };
        let mut rounds: Vec<u64> = (1..count)
            .map(|i| place(self.share(i, count), horizon as f64).round() as u64)
            .map(|t| t.clamp(1, horizon))
            .collect();
        rounds.push(horizon);
        rounds.dedup();
        rounds
    }

    /// Where checkpoint `i` (from 1) of `count` lies between the first and the last.
    fn share(self, i: u32, count: u32) -> f64 {
        match self {
            Self::Log { .. } => f64::from(i - 1) / f64::from((count - 1).max(1)),
            _ => f64::from(i) / f64::from(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_end_at_the_horizon() {
        assert_eq!(Checkpoints::Linear { count: 4 }.rounds(10), [3, 5, 8, 10]);
        assert_eq!(Checkpoints::Log { count: 4 }.rounds(1000), [1, 10, 100, 1000]);
        assert_eq!(Checkpoints::EveryRound.rounds(3), [1, 2, 3]);
        for horizon in [1, 2, 7, 100, 12_345] {
            for grid in [Checkpoints::Log { count: 50 }, Checkpoints::Linear { count: 50 }] {
                let rounds = grid.rounds(horizon);
                assert_eq!(rounds.last(), Some(&horizon));
                assert!(rounds.windows(2).all(|w| w[0] < w[1]) && rounds[0] >= 1);
            }
        }
    }
}
