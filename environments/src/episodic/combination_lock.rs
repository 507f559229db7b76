//! Combination lock: one action at every step opens, all others lose the episode.

use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// State 0 is "so far right", state 1 the sink. At every step the action of the code stays right, any other falls into the sink. Losses are 1, but 0 for the last action of the code in state 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CombinationLock {
    /// The action that opens, for every step; at least one.
    pub code: Vec<usize>,
    /// The number of actions A, at least 1.
    pub actions: usize,
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

impl EnvironmentModel for CombinationLock {
    const NAME: &'static str = "combination_lock";
    const SUMMARY: &'static str = "one action at every step opens, all others lose the episode";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"code": [1, 0, 1], "actions": 2}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        ParameterError::unless(!self.code.is_empty(), "code", "[]", "must have a step at least")?;
        for (step, &action) in self.code.iter().enumerate() {
            let rule = format!("must be an action, below {}", self.actions);
            let path = format!("code[{step}]");
            ParameterError::unless(action < self.actions, &path, action, &rule)?;
        }
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let last = self.code.len() - 1;
        let opens = |h: usize, s: usize, a: usize| s == 0 && self.code[h] == a;
        let base =
            episodic::pairs(&layout, |h, s, a| f64::from(u8::from(!(h == last && opens(h, s, a)))));
        let table = episodic::normalised(&layout, |h, s, a, next| {
            f64::from(u8::from(opens(h, s, a) == (next == 0)))
        });
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: false }, choices)
    }
}

impl CombinationLock {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        let mut widths = vec![2; self.code.len()];
        widths.iter_mut().take(1).for_each(|width| *width = 1);
        episodic::layout(&widths, self.actions, "actions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::{problem, process};

    #[test]
    fn the_code_opens() {
        let lock = CombinationLock {
            code: vec![2, 0, 1],
            actions: 3,
            losses: Losses::Const,
            bernoulli: false,
            known: true,
        };
        let policy = problem(&lock).shape().oracle.ask(1).expect("oblivious");
        // States: right; right, sink; right, sink.
        assert_eq!([policy[0], policy[1], policy[3]], [2, 0, 1]);
        let process = process(&lock);
        assert_eq!(
            (process.row(0, 0, 2), process.row(0, 0, 1)),
            (&[1.0, 0.0][..], &[0.0, 1.0][..])
        );
        assert_eq!(process.row(1, 1, 0), [0.0, 1.0]);
        let wrong = CombinationLock { code: vec![2, 3], ..lock };
        assert_eq!(
            wrong.check().expect_err("refused").message,
            "code[1] = 3: must be an action, below 3"
        );
    }
}
