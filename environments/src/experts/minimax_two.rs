//! The worst case for two experts: the adversary of the exact minimax game.

use regret_engine::bound::{Bound, Side};
use regret_engine::environment::Block;
use regret_engine::notion::HINDSIGHT_REGRET;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use regret_engine::special::{walk_distance, walk_stays_ahead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::adversary::{self, Adversary, View};

/// In every round the expert loses whose loss makes the final regret greater, if from then on both
/// sides play the minimax game: the first if the learner gives it at least the minimax probability
/// that it stays ahead. Every learner's regret at the horizon is at least E|S_T|/2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MinimaxTwo {}

impl EnvironmentModel for MinimaxTwo {
    const NAME: &'static str = "minimax_two";
    const SUMMARY: &'static str = "the exact worst-case adversary for two experts";
    const SOURCE: &'static str = "Cover, Behavior of sequential predictors of binary sequences, 1966; Cesa-Bianchi, \
                                  Lugosi 2006, Section 8.4";
    const EXAMPLE: &'static str = "{}";
    const PROTOCOLS: &'static [&'static str] = adversary::PROTOCOLS;

    fn faces(&self) -> Result<Faces, ParameterError> {
        let make = |block: &Block| WorstCase { horizon: block.horizon };
        Ok(adversary::faces(2, value, make))
    }
}

/// What every learner loses, at the horizon.
fn value(horizon: u64) -> Vec<Bound> {
    let at_horizon = 0.5 * walk_distance(horizon);
    let bound = Bound::upper(
        HINDSIGHT_REGRET,
        "E|S_T|/2",
        "Cover 1966; Cesa-Bianchi, Lugosi 2006, Theorem 8.3",
        "every learner, at the horizon",
        move |t| if t >= horizon as f64 { at_horizon } else { 0.0 },
    );
    vec![bound.on(Side::Lower)]
}

/// The rule.
struct WorstCase {
    horizon: u64,
}

impl Adversary for WorstCase {
    fn choose(&mut self, view: &View<'_>, losses: &mut [f64]) {
        let lanes = view.lanes;
        for lane in 0..lanes {
            let lead = view.losses[lanes + lane] - view.losses[lane];
            let fair = walk_stays_ahead(lead, self.horizon - view.t);
            let loser = if view.played[lane] >= fair { 0 } else { 1 };
            losses[loser * lanes + lane] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expert_with_too_much_weight_loses() {
        // T = 3, round 2, expert 0 leads by one: one round is left, so it stays ahead with 3/4.
        let mut rule = WorstCase { horizon: 3 };
        for (p, loser) in [(0.7, 1), (0.75, 0), (0.8, 0)] {
            let view = View { t: 2, played: &[p, 1.0 - p], losses: &[0.0, 1.0], lanes: 1 };
            let mut losses = [0.0; 2];
            rule.choose(&view, &mut losses);
            assert_eq!(losses[loser], 1.0, "{p}");
            assert_eq!(losses[0] + losses[1], 1.0);
        }
    }
}
