//! Best response: the strong adversary that sees the distribution before it chooses.

use regret_engine::environment::Block;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::adversary::{self, Adversary, View};
use crate::support::checks;

/// Loss 1 for the expert with the highest probability (the first in a tie), 0 for the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BestResponse {
    /// The number of experts, at least 2.
    pub experts: usize,
}

impl EnvironmentModel for BestResponse {
    const NAME: &'static str = "best_response";
    const SUMMARY: &'static str = "loss 1 for the expert with the highest probability";
    const SOURCE: &'static str =
        "Cesa-Bianchi, Lugosi, Prediction, learning, and games, 2006, Section 4.1 (setting)";
    const EXAMPLE: &'static str = r#"{"experts": 3}"#;
    const PROTOCOLS: &'static [&'static str] = adversary::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.experts, "experts")?;
        ParameterError::unless(self.experts >= 2, "experts", self.experts, "must be at least 2")
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(adversary::faces(self.experts, adversary::none, |_: &Block| Respond))
    }
}

/// The rule.
struct Respond;

impl Adversary for Respond {
    fn choose(&mut self, view: &View<'_>, losses: &mut [f64]) {
        for lane in 0..view.lanes {
            losses[view.greatest(view.played, lane) * view.lanes + lane] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_likely_expert_loses() {
        let view =
            View { t: 1, played: &[0.2, 0.5, 0.3, 0.5, 0.5, 0.0], losses: &[0.0; 6], lanes: 2 };
        let mut losses = [0.0; 6];
        Respond.choose(&view, &mut losses);
        assert_eq!(losses, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
        assert!(BestResponse { experts: 1 }.check().is_err());
    }
}
