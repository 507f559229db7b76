//! LIN: a linear process by integer formulas, exactly of low rank.

use regret_engine::protocols::episodic::Features;
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lay::yes;
use crate::support::episodic::{self, Choices, Instance, Losses};

/// One state at step 0, S at the others. φ_i(s, a) ∝ 1 + ((5s + 3a + 7i) mod 11)², normalised over i; ψ_{h,i}(s′) ∝ 1 + ((2h + 3i + 5s′) mod 7); P_h(s′ | s, a) = Σ_i φ_i(s, a) ψ_{h,i}(s′); m = φᵀθ_h with θ_{h,i} = ((3h + 7i) mod 10)/9. Learners are told φ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lin {
    /// The dimension d of the features, at least 1.
    pub dimension: usize,
    /// The number of states S of every step but the first, at least 1.
    pub states: usize,
    /// The number of actions A, at least 1.
    pub actions: usize,
    /// The number of steps H, at least 1.
    pub steps: usize,
    /// How the losses of the episodes come from m, of those that stay linear: `const`, `sca`, `flip60`, and `bern` in the mean.
    #[serde(default)]
    pub losses: Losses,
    /// Whether each loss is drawn as 0 or 1 with its mean.
    #[serde(default)]
    pub bernoulli: bool,
    /// Whether learners are told the transitions.
    #[serde(default = "yes")]
    pub known: bool,
}

impl EnvironmentModel for Lin {
    const NAME: &'static str = "lin";
    const SUMMARY: &'static str = "a linear process by integer formulas, exactly of low rank";
    const SOURCE: &'static str = "Jin, Yang, Wang, Jordan, Provably efficient reinforcement learning \
                                  with linear function approximation, 2020 (setting)";
    const EXAMPLE: &'static str = r#"{"dimension": 3, "states": 3, "actions": 2, "steps": 3}"#;
    const PROTOCOLS: &'static [&'static str] = episodic::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let rule = "must be from 1 to 1000";
        let valid = (1..=1000).contains(&self.dimension);
        ParameterError::unless(valid, "dimension", self.dimension, rule)?;
        let linear = !matches!(self.losses, Losses::Drift | Losses::GreedyKiller);
        let rule = "must be `const`, `bern`, `sca` or `flip60`, which are linear in the features";
        ParameterError::unless(linear, "losses", format!("{:?}", self.losses), rule)?;
        self.layout().map(drop)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        let layout = self.layout()?;
        let (d, actions) = (self.dimension, self.actions);
        let phi: Vec<Vec<f64>> = (0..self.states * actions)
            .map(|place| {
                let (s, a) = (place / actions, place % actions);
                shares((0..d).map(|i| (1 + ((5 * s + 3 * a + 7 * i) % 11).pow(2)) as f64))
            })
            .collect();
        let features = |s: usize, a: usize| &phi[s * actions + a];
        let product = |s, a, values: &dyn Fn(usize) -> f64| -> f64 {
            features(s, a).iter().enumerate().map(|(i, f)| f * values(i)).sum()
        };
        let base = episodic::pairs(&layout, |h, s, a| {
            product(s, a, &|i| ((3 * h + 7 * i) % 10) as f64 / 9.0).clamp(0.0, 1.0)
        });
        let psi: Vec<Vec<Vec<f64>>> = (0..self.steps)
            .map(|h| {
                let of =
                    |i| (0..self.states).map(move |y| (1 + (2 * h + 3 * i + 5 * y) % 7) as f64);
                (0..d).map(|i| shares(of(i))).collect()
            })
            .collect();
        // Rows sum to 1 up to rounding; dividing by their sums takes that off.
        let table = episodic::normalised(&layout, |h, s, a, y| product(s, a, &|i| psi[h][i][y]));
        let mut told = Vec::with_capacity(layout.pairs() * d);
        for h in 0..layout.steps() {
            for s in 0..layout.width(h) {
                (0..actions).for_each(|a| told.extend_from_slice(features(s, a)));
            }
        }
        let transitions = episodic::transitions(layout, 0, table, "")?;
        let choices = Choices { losses: self.losses, bernoulli: self.bernoulli, known: self.known };
        let instance = Instance { transitions, base, stationary: false };
        episodic::linear_faces(instance, Features::new(d, told), choices)
    }
}

/// The weights over their sum.
fn shares(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut shares: Vec<f64> = weights.collect();
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

impl Lin {
    fn layout(&self) -> Result<regret_engine::mdp::Layout, ParameterError> {
        let rule = "must be from 1 to 100000";
        ParameterError::unless((1..=100_000).contains(&self.steps), "steps", self.steps, rule)?;
        let side = "must be from 1 to 10000";
        ParameterError::unless((1..=10_000).contains(&self.states), "states", self.states, side)?;
        ParameterError::unless(self.actions >= 1, "actions", self.actions, "must be at least 1")?;
        let mut widths = vec![self.states; self.steps];
        widths[0] = 1;
        episodic::layout(&widths, self.actions, "states")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::problem;

    fn lin(dimension: usize, states: usize, actions: usize) -> Lin {
        let (losses, bernoulli, known) = (Losses::Const, false, true);
        Lin { dimension, states, actions, steps: 3, losses, bernoulli, known }
    }

    /// The values of an independent program.
    #[test]
    fn values_of_the_reference_instances() {
        for (lin, known) in [(lin(3, 4, 3), 0.676_527_007_991), (lin(3, 3, 2), 1.080_151_883)] {
            let world = problem(&lin).shape();
            let process = world.transitions.expect("told");
            let features = world.features.expect("told");
            let layout = process.layout();
            let mut base = vec![0.0; layout.pairs()];
            for h in 0..3 {
                for pair in layout.pairs_of(h) {
                    let phi = features.of(pair);
                    assert!((phi.iter().sum::<f64>() - 1.0).abs() < 1e-15);
                    let theta = |i: usize| ((3 * h + 7 * i) % 10) as f64 / 9.0;
                    base[pair] = phi.iter().enumerate().map(|(i, f)| f * theta(i)).sum();
                }
            }
            let best = process.least_loss(&base);
            assert!((best - known).abs() < 1e-9, "{best}");
        }
    }

    #[test]
    fn losses_that_are_not_linear_are_refused() {
        let drift = Lin { losses: Losses::Drift, ..lin(3, 4, 3) };
        assert!(drift.check().expect_err("refused").message.contains("linear in the features"));
    }
}
