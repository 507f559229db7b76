//! PSRL: the best policy of a process drawn from the posterior, before every episode.
//!
//! Source: Osband, Russo, Van Roy, "(More) efficient reinforcement learning via posterior sampling",
//! NIPS 2013, Algorithm 1; priors of Osband and Van Roy 2017.
//! Setting: losses with constant means, here the rewards 1 − loss; unknown transitions.
//! Guarantee: Bayesian regret Õ(H S √(A T)), T = KH; against adversarial losses none, for the policy of
//! an episode is deterministic.
//! Priors: Dirichlet(α, …, α) for every row; normal (0, 1) for every mean reward, with unit noise, or
//! Beta(1, 1), which a reward between 0 and 1 enters in proportion.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mdp::Layout;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::random::{Stream, gamma, normal};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ucbvi::write_greedy;
use crate::support::empirical::EmpiricalModel;

/// Parameters of PSRL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Psrl {
    /// α > 0, from 0.001: the prior weight of every successor.
    pub alpha: f64,
    /// `normal` or `beta`: the prior of the mean rewards.
    pub rewards: RewardPrior,
}

/// The prior of the mean rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewardPrior {
    /// Mean 0, variance 1; rewards have unit variance around the mean.
    Normal,
    /// Beta(1, 1).
    Beta,
}

impl Default for Psrl {
    fn default() -> Self {
        Self { alpha: 1.0, rewards: RewardPrior::Normal }
    }
}

impl Algorithm for Psrl {
    type Protocol = EpisodicBandit;
    type Learner = PsrlLearner;

    const NAME: &'static str = "psrl";
    const SUMMARY: &'static str = "the best policy of a process drawn from the posterior";
    const SOURCE: &'static str = "Osband, Russo, Van Roy, (More) efficient reinforcement learning \
                                  via posterior sampling, 2013, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (1e-3..=1e6).contains(&self.alpha);
        ParameterError::unless(valid, "alpha", self.alpha, "must be from 0.001 to 1000000")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let layout = setting.layout();
        let widest = (0..layout.steps()).map(|h| layout.width(h)).max().unwrap_or_default();
        let stationary = setting.shape.stationary;
        Ok(PsrlLearner {
            alpha: self.alpha,
            rewards: self.rewards,
            model: EmpiricalModel::new(layout, stationary),
            drawn: Drawn {
                rewards: vec![0.0; layout.pairs()],
                rows: vec![0.0; layout.entries()],
                weights: vec![0.0; widest],
            },
            stationary,
            pair_values: vec![0.0; layout.pairs()],
            state_values: vec![0.0; layout.states()],
            policy: vec![0.0; layout.pairs()],
            layout: layout.clone(),
        })
    }
}

/// A process drawn from the posterior: mean rewards of the pairs, transitions row by row.
struct Drawn {
    rewards: Vec<f64>,
    rows: Vec<f64>,
    weights: Vec<f64>,
}

/// PSRL of one replication.
pub struct PsrlLearner {
    alpha: f64,
    rewards: RewardPrior,
    stationary: bool,
    layout: Layout,
    model: EmpiricalModel,
    drawn: Drawn,
    pair_values: Vec<f64>,
    state_values: Vec<f64>,
    policy: Vec<f64>,
}

impl PsrlLearner {
    /// Draws a process: where it is stationary, once for all steps.
    fn draw(&mut self, rng: &mut Stream) {
        let steps = if self.stationary { 1 } else { self.layout.steps() };
        for h in 0..steps {
            for place in 0..self.layout.pairs_of(h).len() {
                self.drawn.rewards[self.layout.pairs_of(h).start + place] =
                    self.draw_reward(h, place, rng);
                self.draw_row(h, place, rng);
            }
        }
    }

    fn draw_reward(&self, h: usize, place: usize, rng: &mut Stream) -> f64 {
        let visits = self.model.visits(h, place);
        let sum = visits * self.model.reward(h, place);
        match self.rewards {
            RewardPrior::Normal => {
                let precision = 1.0 + visits;
                sum / precision + normal(rng) / precision.sqrt()
            }
            RewardPrior::Beta => {
                let (a, b) = (gamma(1.0 + sum, rng), gamma((1.0 + visits - sum).max(1.0), rng));
                a / (a + b)
            }
        }
    }

    fn draw_row(&mut self, h: usize, place: usize, rng: &mut Stream) {
        let width = self.layout.width(h + 1);
        let weights = &mut self.drawn.weights[..width];
        for (next, weight) in weights.iter_mut().enumerate() {
            *weight = gamma(self.alpha + self.model.count(h, place, next), rng);
        }
        let total: f64 = weights.iter().sum();
        let first = self.layout.entries_of(h).start + place * width;
        let row = &mut self.drawn.rows[first..first + width];
        if total > f64::MIN_POSITIVE {
            row.iter_mut().zip(weights).for_each(|(p, weight)| *p = *weight / total);
        } else if width > 0 {
            row.fill(0.0);
            row[rng.index(width)] = 1.0;
        }
    }

    /// Values of acting optimally in the process drawn.
    fn plan(&mut self) {
        let actions = self.layout.actions();
        for h in (0..self.layout.steps()).rev() {
            let table = if self.stationary { 0 } else { h };
            let after = self.layout.states_of(h).end;
            let width = self.layout.width(h + 1);
            let (here, next) = self.state_values.split_at_mut(after);
            let next = &next[..width];
            let rewards = &self.drawn.rewards[self.layout.pairs_of(table)];
            let values = &mut self.pair_values[self.layout.pairs_of(h)];
            values.copy_from_slice(rewards);
            if width > 0 {
                let rows = self.drawn.rows[self.layout.entries_of(table)].chunks_exact(width);
                for (value, row) in values.iter_mut().zip(rows) {
                    *value += row.iter().zip(next).map(|(p, v)| p * v).sum::<f64>();
                }
            }
            let states = &mut here[self.layout.states_of(h)];
            for (state, row) in states.iter_mut().zip(values.chunks_exact(actions)) {
                *state = row.iter().fold(f64::NEG_INFINITY, |most, &q| most.max(q));
            }
        }
    }
}

impl Learner<EpisodicBandit> for PsrlLearner {
    fn act(&mut self, round: Round<'_, EpisodicBandit>) -> &[f64] {
        self.draw(round.rng);
        self.plan();
        write_greedy(&self.pair_values, self.layout.actions(), &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        self.model.enter(outcome.feedback);
    }

    fn reset(&mut self) {
        self.model.forget();
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::Role;

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    /// After n visits the drawn means have the posterior's mean and variance 1/(1 + n), and the rows
    /// the mean (α + counts)/(S α + n): 4000 draws, five standard errors.
    #[test]
    fn draws_follow_the_posterior() {
        let (process, _) = lay(2, 3, 2);
        let mut learner = Psrl::default().learner(&setting(&process, 10)).expect("fits");
        let rng = &mut Stream::new(3, 0, Role::Learner);
        for t in 1..=8 {
            let states = [0, usize::from(t > 5)];
            let feedback = Episode { states: &states, actions: &[1, 0], losses: &[0.25, 0.5] };
            let action: &[f64] = &[0.0; 8];
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        let (mut sum, mut squares, mut row) = (0.0, 0.0, [0.0; 3]);
        for _ in 0..4000 {
            learner.draw(rng);
            let reward = learner.drawn.rewards[1];
            sum += reward;
            squares += reward * reward;
            let place = learner.layout.successors(0, 0, 1);
            row.iter_mut().zip(&learner.drawn.rows[place]).for_each(|(sum, p)| *sum += p);
        }
        let (mean, variance) = (sum / 4000.0, squares / 4000.0 - (sum / 4000.0).powi(2));
        // Σ rewards = 6 over 1 + 8.
        assert!((mean - 6.0 / 9.0).abs() < 5.0 / (3.0 * 4000f64.sqrt()), "{mean}");
        // A sample variance has relative standard error √(2/4000).
        assert!((variance * 9.0 - 1.0).abs() < 5.0 * (2.0f64 / 4000.0).sqrt(), "{variance}");
        for (found, known) in row.iter().zip([6.0 / 11.0, 4.0 / 11.0, 1.0 / 11.0]) {
            // Deviations of Dirichlet components are below ½/√12.
            assert!((found / 4000.0 - known).abs() < 5.0 * 0.145 / 4000f64.sqrt(), "{row:?}");
        }
    }
}
