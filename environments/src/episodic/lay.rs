//! LAY: a layered process with transitions and losses by integer formulas, so that any program can
//! play the same one.

use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::episodic::{self, Choices, Instance, Losses};

/// One state at step 0, W at the others; P_h(s′ | s, a) ∝ 1 + ((7h + 5s + 3a + 2s′) mod 11), m = ((3h + 5s + 7a) mod 10)/10.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lay {
    /// The number of steps H, at least 1.
    pub steps: usize,
    /// The number of states W of every step but the first, at least 1.
    pub width: usize,
    /// The number of actions A, at least 1.
    pub actions: usize,
    /// How the losses of the episodes come from m: `const`, `bern`, `sca`, `flip60`, `drift` or `greedy-killer`.
    #[serde(default)]
    pub losses: Losses,
    /// Whether each loss is drawn as 0 or 1 with its mean.
    #[serde(default)]
    pub bernoulli: bool,
    /// Whether learners are told the transitions.
    #[serde(default = "yes")]
    pub known: bool,
}

pub(super) const fn yes() -> bool {
    true
}

impl EnvironmentModel for Lay {
    const NAME: &'static str = "lay";
    const SUMMARY: &'static str = "a layered process by integer formulas, six families of losses";
    const SOURCE: &'static str = "Zimin, Neu, Online learning in episodic Markovian decision \
                                  processes by relative entropy policy search, 2013 (setting)";
    const EXAMPLE: &'static str = r#"{"steps": 3, "width": 3, "actions": 2, "losses": "sca"}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let base = episodic::pairs(&layout, |h, s, a| ((3 * h + 5 * s + 7 * a) % 10) as f64 / 10.0);
        let table = episodic::normalised(&layout, |h, s, a, next| {
            (1 + (7 * h + 5 * s + 3 * a + 2 * next) % 11) as f64
        });
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: false }, choices)
    }
}

impl Lay {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        ParameterError::unless(self.steps >= 1, "steps", self.steps, "must be at least 1")?;
        ParameterError::unless(self.width >= 1, "width", self.width, "must be at least 1")?;
        ParameterError::unless(self.actions >= 1, "actions", self.actions, "must be at least 1")?;
        let rule = "must be at most 100000";
        ParameterError::unless(self.steps <= 100_000, "steps", self.steps, rule)?;
        let mut widths = vec![self.width; self.steps];
        widths[0] = 1;
        episodic::layout(&widths, self.actions, "width")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::process;

    /// The numbers of an independent program.
    #[test]
    fn values_of_the_reference_instance() {
        let lay = Lay {
            steps: 3,
            width: 3,
            actions: 2,
            losses: Losses::Const,
            bernoulli: false,
            known: true,
        };
        let process = process(&lay);
        let layout = process.layout();
        let base = episodic::pairs(layout, |h, s, a| ((3 * h + 5 * s + 7 * a) % 10) as f64 / 10.0);
        assert!((process.least_loss(&base) - 0.433_893_557_423).abs() < 1e-12);
        let mut uniform = vec![0.0; layout.pairs()];
        layout.write_uniform(&mut uniform);
        let (mut pairs, mut states) = (vec![0.0; layout.pairs()], vec![0.0; layout.states()]);
        let value = process.evaluate(&uniform, &base, &mut pairs, &mut states);
        assert!((value - 1.116_666_666_667).abs() < 1e-12);
        process.occupancy(&uniform, &mut states, &mut pairs);
        let last = [0.399_855_85, 0.265_965_16, 0.334_178_99];
        assert!(states[4..].iter().zip(last).all(|(m, known)| (m - known).abs() < 5e-9));
    }

    #[test]
    fn empty_processes_are_refused() {
        let lay = |steps, width, actions| Lay {
            steps,
            width,
            actions,
            losses: Losses::Const,
            bernoulli: false,
            known: true,
        };
        let message = |lay: Lay| lay.check().expect_err("refused").message;
        assert_eq!(message(lay(0, 3, 2)), "steps = 0: must be at least 1");
        assert_eq!(message(lay(3, 3, 0)), "actions = 0: must be at least 1");
        assert_eq!(
            message(lay(100_000, 1000, 2)),
            "it has more than 33554432 transition probabilities (or pairs)"
        );
    }
}
