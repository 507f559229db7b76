//! Leader killer: the adversary on which follow the leader loses in every round.

use regret_engine::environment::Block;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::adversary::{self, Adversary, View};
use crate::support::checks;

/// Loss 1 for the expert of least loss so far (the first in a tie), 0 for the others: follow the leader loses T, the best expert at most T/K.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaderKiller {
    /// The number of experts, at least 2.
    pub experts: usize,
}

impl EnvironmentModel for LeaderKiller {
    const NAME: &'static str = "leader_killer";
    const SUMMARY: &'static str = "loss 1 for the leader so far";
    const SOURCE: &'static str =
        "Cesa-Bianchi, Lugosi, Prediction, learning, and games, 2006, Section 3.2";
    const EXAMPLE: &'static str = r#"{"experts": 3}"#;
    const PROTOCOLS: &'static [&'static str] = adversary::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.experts, "experts")?;
        ParameterError::unless(self.experts >= 2, "experts", self.experts, "must be at least 2")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(adversary::faces(self.experts, adversary::none, |_: &Block| Kill))
    }
}

/// The rule.
struct Kill;

impl Adversary for Kill {
    fn choose(&mut self, view: &View<'_>, losses: &mut [f64]) {
        for lane in 0..view.lanes {
            losses[view.least(view.losses, lane) * view.lanes + lane] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_loses() {
        let view =
            View { t: 1, played: &[0.0; 6], losses: &[2.0, 0.0, 1.0, 0.0, 1.0, 3.0], lanes: 2 };
        let mut losses = [0.0; 6];
        Kill.choose(&view, &mut losses);
        assert_eq!(losses, [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
