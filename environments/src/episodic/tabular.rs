//! A process of one's own, given by its tables.

use regret_engine::mdp::Layout;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// Transitions and base losses as given. Every state must be reachable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tabular {
    /// `transitions[h][s][a][s′]`, one entry less than steps; rows sum to 1. Episodes start in state 0 of step 0.
    pub transitions: Vec<Vec<Vec<Vec<f64>>>>,
    /// `base[h][s][a]`, the base losses in [0, 1]; as many entries as steps.
    pub base: Vec<Vec<Vec<f64>>>,
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

impl EnvironmentModel for Tabular {
    const NAME: &'static str = "tabular";
    const SUMMARY: &'static str = "a process given by its transitions and losses";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str = r#"{"transitions": [[[[0.9, 0.1], [0.2, 0.8]]]], "base": [[[0.5, 0.25]], [[0.0, 1.0], [0.75, 0.5]]], "losses": "flip60"}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let layout = self.layout()?;
        for (h, states) in self.base.iter().enumerate() {
            let each = states
                .iter()
                .enumerate()
                .flat_map(|(s, row)| row.iter().enumerate().map(move |(a, &loss)| (s, a, loss)));
            for (s, a, loss) in each {
                let path = format!("base[{h}][{s}][{a}]");
                let rule = "must be a loss from 0 to 1";
                ParameterError::unless((0.0..=1.0).contains(&loss), &path, loss, rule)?;
            }
        }
        let transitions = episodic::transitions(layout, 0, self.table(), "transitions")?;
        transitions.all_reachable().map_err(|(h, s)| {
            let message = format!("step {h}, state {s}: no policy reaches it; leave it out");
            ParameterError { path: "transitions".to_owned(), message }
        })
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let transitions = episodic::transitions(self.layout()?, 0, self.table(), "transitions")?;
        let base = self.base.iter().flatten().flatten().copied().collect();
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: false }, choices)
    }
}

impl Tabular {
    /// The layout that `base` has, if `transitions` has the same.
    fn layout(&self) -> Result<Layout, ParameterError> {
        let widths: Vec<usize> = self.base.iter().map(Vec::len).collect();
        let actions = self.base.first().and_then(|step| step.first()).map_or(0, Vec::len);
        let layout = episodic::layout(&widths, actions, "base")?;
        for (h, states) in self.base.iter().enumerate() {
            for (s, row) in states.iter().enumerate() {
                length(row, actions, "an action", &format!("base[{h}][{s}]"))?;
            }
        }
        length(&self.transitions, widths.len() - 1, "a step but the last", "transitions")?;
        for (h, states) in self.transitions.iter().enumerate() {
            length(states, widths[h], "a state", &format!("transitions[{h}]"))?;
            for (s, rows) in states.iter().enumerate() {
                length(rows, actions, "an action", &format!("transitions[{h}][{s}]"))?;
                for (a, row) in rows.iter().enumerate() {
                    let path = format!("transitions[{h}][{s}][{a}]");
                    length(row, widths[h + 1], "a state of the next step", &path)?;
                    let sum: f64 = row.iter().sum();
                    let rule = "must be probabilities that sum to 1 within 1e-9";
                    let valid = (sum - 1.0).abs() <= 1e-9 && row.iter().all(|&p| p >= 0.0);
                    ParameterError::unless(valid, &path, format!("{row:?}"), rule)?;
                }
            }
        }
        Ok(layout)
    }

    fn table(&self) -> Vec<f64> {
        self.transitions.iter().flatten().flatten().flatten().copied().collect()
    }
}

/// A list must have one entry for each of so many things.
fn length<T>(list: &[T], expected: usize, thing: &str, path: &str) -> Result<(), ParameterError> {
    let rule = format!("must have {expected}, one for {thing}");
    let entries = format!("{} entries", list.len());
    ParameterError::unless(list.len() == expected, path, entries, &rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Tabular {
        serde_json::from_str(Tabular::EXAMPLE).expect("valid")
    }

    fn message(tabular: &Tabular) -> (String, String) {
        let error = tabular.check().expect_err("refused");
        (error.path, error.message)
    }

    #[test]
    fn mistakes_are_named_by_their_place() {
        assert_eq!(example().check(), Ok(()));
        let mut off = example();
        off.transitions[0][0][1][1] = 0.7;
        let (path, text) = message(&off);
        assert_eq!(path, "transitions[0][0][1]");
        assert!(text.ends_with("[0.2, 0.7]: must be probabilities that sum to 1 within 1e-9"));
        let mut loss = example();
        loss.base[1][0][1] = 1.5;
        assert_eq!(message(&loss).1, "base[1][0][1] = 1.5: must be a loss from 0 to 1");
        let mut unreachable = example();
        unreachable.transitions[0][0] = vec![vec![1.0, 0.0], vec![1.0, 0.0]];
        assert_eq!(message(&unreachable).1, "step 1, state 1: no policy reaches it; leave it out");
        let mut ragged = example();
        ragged.base[1][1].pop();
        assert_eq!(message(&ragged).1, "base[1][1] = 1 entries: must have 2, one for an action");
        let empty = Tabular { base: Vec::new(), ..example() };
        assert_eq!(message(&empty).0, "base");
        let short = Tabular { transitions: Vec::new(), ..example() };
        assert_eq!(message(&short).0, "transitions");
    }
}
