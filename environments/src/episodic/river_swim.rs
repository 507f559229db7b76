//! River swim: swimming against the current pays in the long run only.

use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// Left (action 0) always succeeds; right advances with 0.35 (0.6 from the left bank) and is carried back with 0.05 (0.4 from the right bank). Rewards of mean 0.005 for left on the left bank, 1 for right on the right bank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiverSwim {
    /// The number of states S, at least 2; episodes start in state 0.
    #[serde(default = "six")]
    pub states: usize,
    /// The number of steps H, at least 1.
    #[serde(default = "twenty")]
    pub steps: usize,
    /// How the losses of the episodes come from 1 − reward: `const`, `bern`, `sca`, `flip60`, `drift` or `greedy-killer`.
    #[serde(default = "bern")]
    pub losses: Losses,
    /// Whether each loss is drawn as 0 or 1 with its mean.
    #[serde(default)]
    pub bernoulli: bool,
    /// Whether learners are told the transitions.
    #[serde(default = "yes")]
    pub known: bool,
}

const fn six() -> usize {
    6
}

const fn twenty() -> usize {
    20
}

const fn bern() -> Losses {
    Losses::Bern
}

impl EnvironmentModel for RiverSwim {
    const NAME: &'static str = "river_swim";
    const SUMMARY: &'static str = "swimming against the current pays in the long run only";
    const SOURCE: &'static str = "Strehl, Littman, An analysis of model-based interval estimation \
                                  for Markov decision processes, 2008; rewards and probabilities \
                                  of Osband, Russo, Van Roy 2013";
    const EXAMPLE: &'static str = r#"{"states": 3, "steps": 2}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let last = self.states - 1;
        let base = episodic::pairs(&layout, |_, s, a| match (s, a) {
            (0, 0) => 1.0 - 0.005,
            (s, 1) if s == last => 0.0,
            _ => 1.0,
        });
        let table = episodic::normalised(&layout, |_, s, a, next| {
            let ahead = next as isize - s as isize;
            match (a, ahead) {
                (0, -1) => 1.0,
                (0, 0) if s == 0 => 1.0,
                (0, _) => 0.0,
                (_, 0) if s == 0 => 0.4,
                (_, 1) if s == 0 => 0.6,
                (_, 0) => 0.6,
                (_, -1) if s == last => 0.4,
                (_, -1) => 0.05,
                (_, 1) => 0.35,
                _ => 0.0,
            }
        });
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: true }, choices)
    }
}

impl RiverSwim {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        ParameterError::unless(self.states >= 2, "states", self.states, "must be at least 2")?;
        let rule = "must be from 1 to 100000";
        ParameterError::unless((1..=100_000).contains(&self.steps), "steps", self.steps, rule)?;
        episodic::layout(&vec![self.states; self.steps], 2, "states")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::process;

    /// Rewards of the best policy, of always right and of always left, by an independent program.
    #[test]
    fn values_of_the_reference_instance() {
        let river =
            RiverSwim { states: 6, steps: 20, losses: Losses::Bern, bernoulli: false, known: true };
        let process = process(&river);
        let layout = process.layout();
        let base = episodic::pairs(layout, |_, s, a| match (s, a) {
            (0, 0) => 0.995,
            (5, 1) => 0.0,
            _ => 1.0,
        });
        assert!((20.0 - process.least_loss(&base) - 3.397_263_959_2).abs() < 1e-9);
        for (action, known) in [(0, 0.1), (1, 3.396_636_976_2)] {
            let mut policy = vec![0.0; layout.pairs()];
            layout.write_deterministic(&vec![action; layout.states()], &mut policy);
            let (mut pairs, mut states) = (policy.clone(), vec![0.0; layout.states()]);
            let value = 20.0 - process.evaluate(&policy, &base, &mut pairs, &mut states);
            assert!((value - known).abs() < 1e-9, "{action}: {value}");
        }
    }
}
