//! A random process: rows drawn from a Dirichlet law, losses uniform.

use regret_engine::random::{Role, Stream, gamma};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// Every row of transitions is drawn from a symmetric Dirichlet law, every base loss uniformly from [0, 1]; the same draw in all replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomMdp {
    /// The number of steps H, at least 1.
    pub steps: usize,
    /// The number of states S of every step, at least 1; episodes start in state 0.
    pub states: usize,
    /// The number of actions A, at least 1.
    pub actions: usize,
    /// The parameter of the Dirichlet law, from 0.001: small ones make few successors likely.
    #[serde(default = "one")]
    pub concentration: f64,
    /// Which draw: another number is another process.
    #[serde(default)]
    pub instance: u64,
    /// Whether transitions and base losses are the same at every step.
    #[serde(default)]
    pub stationary: bool,
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

const fn one() -> f64 {
    1.0
}

impl EnvironmentModel for RandomMdp {
    const NAME: &'static str = "random_mdp";
    const SUMMARY: &'static str = "a process drawn at random, the same in all replications";
    const SOURCE: &'static str = "folklore";
    const EXAMPLE: &'static str =
        r#"{"steps": 2, "states": 3, "actions": 2, "losses": "bern", "stationary": true}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be from 0.001 to 1000000";
        let valid = (1e-3..=1e6).contains(&self.concentration);
        ParameterError::unless(valid, "concentration", self.concentration, rule)?;
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let mut stream = Stream::new(self.instance, 0, Role::Environment);
        let rows = if self.stationary { 1 } else { self.steps };
        let mut base: Vec<f64> =
            (0..rows * self.states * self.actions).map(|_| stream.uniform()).collect();
        let mut table = Vec::new();
        for _ in 0..base.len() / rows * if self.stationary { 1 } else { self.steps - 1 } {
            table.extend(self.row(&mut stream));
        }
        if self.stationary {
            base = base.repeat(self.steps);
            table = table.repeat(self.steps - 1);
        }
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        episodic::faces(Instance { transitions, base, stationary: self.stationary }, choices)
    }
}

impl RandomMdp {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        ParameterError::unless(self.steps >= 1, "steps", self.steps, "must be at least 1")?;
        ParameterError::unless(self.states >= 1, "states", self.states, "must be at least 1")?;
        ParameterError::unless(self.actions >= 1, "actions", self.actions, "must be at least 1")?;
        let rule = "must be at most 100000";
        ParameterError::unless(self.steps <= 100_000, "steps", self.steps, rule)?;
        episodic::layout(&vec![self.states; self.steps], self.actions, "states")
    }

    /// A draw from the Dirichlet law. Where all its gamma numbers are too small to be told from 0,
    /// one successor gets everything.
    fn row(&self, stream: &mut Stream) -> Vec<f64> {
        let mut row: Vec<f64> =
            (0..self.states).map(|_| gamma(self.concentration, stream)).collect();
        let sum: f64 = row.iter().sum();
        if sum > 1e-300 {
            row.iter_mut().for_each(|p| *p /= sum);
        } else {
            row.fill(0.0);
            row[stream.index(self.states)] = 1.0;
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::process;

    fn of(concentration: f64, stationary: bool, instance: u64) -> RandomMdp {
        RandomMdp {
            steps: 4,
            states: 5,
            actions: 3,
            concentration,
            instance,
            stationary,
            losses: Losses::Const,
            bernoulli: false,
            known: true,
        }
    }

    #[test]
    fn stationary_rows_are_the_same_at_every_step() {
        let process = process(&of(1.0, true, 0));
        assert_eq!(process.row(0, 3, 1), process.row(2, 3, 1));
        let other = self::process(&of(1.0, false, 0));
        assert_ne!(other.row(0, 3, 1), other.row(2, 3, 1));
    }

    /// The mean of p² is (α + 1)/(S (S α + 1)) under Dirichlet(α, …, α), with S = 5. Of 45 rows each
    /// of 40 instances, Σ p² has a standard error below 1/√1800 = 0.024.
    #[test]
    fn rows_have_the_spread_of_their_law() {
        for concentration in [0.01, 0.5, 4.0] {
            let mut squares = 0.0;
            for instance in 0..40 {
                let process = process(&of(concentration, false, instance));
                squares += process.probabilities().iter().map(|p| p * p).sum::<f64>();
            }
            let mean = squares / 1800.0;
            let known = (concentration + 1.0) / (5.0 * concentration + 1.0);
            assert!((mean - known).abs() < 5.0 * 0.024, "{concentration}: {mean} {known}");
        }
    }
}
