//! Thompson sampling with Beta posteriors: play the arm whose posterior draw is highest.
//!
//! Source: Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika
//! 25, 1933; Agrawal, Goyal, "Analysis of Thompson sampling for the multi-armed bandit problem",
//! COLT 2012, Algorithms 1 and 2.
//! Setting: K arms, rewards in [0, 1], independent between rounds; a reward that is neither 0 nor 1
//! counts as a success with that probability (there, Algorithm 2).
//! Guarantee, tested below: regret / ln t → Σ Δ/kl(μ, μ*) for Bernoulli rewards (Kaufmann, Korda,
//! Munos, "Thompson sampling: an asymptotically optimal finite-time analysis", ALT 2012, Theorem 1).

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, argmax};
use regret_engine::random::{GAMMA, Stream, Streams, mix};
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::beta::{BetaLaw, words};
use crate::support::bounds::lai_robbins_optimal;

/// Thompson sampling with the uniform prior Beta(1, 1) has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThompsonBeta {}

impl Algorithm for ThompsonBeta {
    type Protocol = Bandit;
    type Learner = ThompsonBetaLearner;

    const NAME: &'static str = "thompson_beta";
    const SUMMARY: &'static str = "Thompson sampling with Beta posteriors, prior Beta(1, 1)";
    const SOURCE: &'static str = "Thompson 1933; Agrawal, Goyal, Analysis of Thompson sampling \
                                  for the multi-armed bandit problem, 2012, Algorithm 2";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        Ok(ThompsonBetaLearner { arms: vec![Posterior::default(); setting.arms()] })
    }

    fn lanes(
        &self,
        setting: &Setting<Bandit>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(ThompsonBetaLanes::new(setting.arms(), lanes)))
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        lai_robbins_optimal(arms, false, "Kaufmann, Korda, Munos 2012, Theorem 1")
    }
}

/// Beta(1 + successes, 1 + failures).
#[derive(Clone, Copy, Debug)]
struct Posterior {
    successes: f64,
    failures: f64,
    law: BetaLaw,
}

impl Default for Posterior {
    fn default() -> Self {
        Self { successes: 0.0, failures: 0.0, law: BetaLaw::new(1.0, 1.0) }
    }
}

/// Whether a reward counts as a success; draws only if it is strictly between 0 and 1.
#[inline(always)]
fn succeeds(reward: f64, stream: &mut Stream) -> bool {
    if reward > 0.0 && reward < 1.0 { stream.uniform() < reward } else { reward >= 1.0 }
}

/// Thompson sampling of one replication.
pub struct ThompsonBetaLearner {
    arms: Vec<Posterior>,
}

impl Learner<Bandit> for ThompsonBetaLearner {
    #[inline]
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let base = round.rng.word();
        argmax(self.arms.iter().enumerate().map(|(arm, posterior)| posterior.law.draw(base, arm)))
    }

    #[inline]
    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let posterior = &mut self.arms[outcome.action];
        if succeeds(outcome.feedback, outcome.rng) {
            posterior.successes += 1.0;
        } else {
            posterior.failures += 1.0;
        }
        posterior.law = BetaLaw::new(1.0 + posterior.successes, 1.0 + posterior.failures);
    }

    fn reset(&mut self) {
        self.arms.fill(Posterior::default());
    }
}

/// Thompson sampling of many replications abreast.
struct ThompsonBetaLanes {
    /// All `[arm][lane]`: counts, and the fields of [`BetaLaw`].
    successes: Vec<f64>,
    failures: Vec<f64>,
    laws: Laws,
    draws: Vec<f64>,
    /// `[lane]`.
    bases: Vec<u64>,
    best: Vec<f64>,
}

/// [`BetaLaw`]s in struct-of-arrays form.
struct Laws {
    low: Vec<f64>,
    high: Vec<f64>,
    scale: Vec<f64>,
    side: Vec<f64>,
}

impl Laws {
    #[inline(always)]
    fn get(&self, i: usize) -> BetaLaw {
        BetaLaw { low: self.low[i], high: self.high[i], scale: self.scale[i], side: self.side[i] }
    }

    #[inline(always)]
    fn set(&mut self, i: usize, law: BetaLaw) {
        self.low[i] = law.low;
        self.high[i] = law.high;
        self.scale[i] = law.scale;
        self.side[i] = law.side;
    }
}

impl ThompsonBetaLanes {
    fn new(arms: usize, lanes: usize) -> Self {
        let count = arms * lanes;
        let uniform = BetaLaw::new(1.0, 1.0);
        Self {
            successes: vec![0.0; count],
            failures: vec![0.0; count],
            laws: Laws {
                low: vec![uniform.low; count],
                high: vec![uniform.high; count],
                scale: vec![uniform.scale; count],
                side: vec![uniform.side; count],
            },
            draws: vec![0.0; count],
            bases: vec![0; lanes],
            best: vec![0.0; lanes],
        }
    }
}

impl LaneLearner<Bandit> for ThompsonBetaLanes {
    fn act(&mut self, _: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        let lanes = self.bases.len();
        first_attempts(streams.states_mut(), &mut self.bases, &self.laws, &mut self.draws);
        // The few that were rejected are drawn again, from their own words.
        for i in 0..self.draws.len() {
            if self.draws[i] < 0.0 {
                self.draws[i] = self.laws.get(i).draw(self.bases[i % lanes], i / lanes);
            }
        }
        highest(&self.draws, &mut self.best, &mut actions.0);
    }

    fn update(
        &mut self,
        _: u64,
        _: &Nothing,
        actions: &Scalars<usize>,
        rewards: &Scalars<f64>,
        streams: &mut Streams,
    ) {
        let lanes = self.bases.len();
        for (lane, (&arm, &reward)) in actions.0.iter().zip(&rewards.0).enumerate() {
            let i = arm * lanes + lane;
            let mut stream = streams.take(lane);
            if succeeds(reward, &mut stream) {
                self.successes[i] += 1.0;
            } else {
                self.failures[i] += 1.0;
            }
            streams.put(lane, stream);
            self.laws.set(i, BetaLaw::new(1.0 + self.successes[i], 1.0 + self.failures[i]));
        }
    }
}

vectorised! {
    /// Draws a base in each lane, and makes the first attempt for every arm and lane.
    fn first_attempts(states: &mut [u64], bases: &mut [u64], laws: &Laws, draws: &mut [f64]) {
        let lanes = bases.len();
        for (state, base) in states.iter_mut().zip(bases.iter_mut()) {
            *state = state.wrapping_add(GAMMA);
            *base = mix(*state);
        }
        let rows = laws.low.chunks_exact(lanes).zip(laws.high.chunks_exact(lanes));
        let rows = rows.zip(laws.scale.chunks_exact(lanes)).zip(laws.side.chunks_exact(lanes));
        let draws = draws.chunks_exact_mut(lanes);
        for (arm, (draws, (((low, high), scale), side))) in draws.zip(rows).enumerate() {
            for lane in 0..lanes {
                let (first, second) = words(bases[lane], arm, 0);
                let law = BetaLaw {
                    low: low[lane],
                    high: high[lane],
                    scale: scale[lane],
                    side: side[lane],
                };
                draws[lane] = law.attempt(first, second);
            }
        }
    }
}

vectorised! {
    /// In each lane, the arm of the highest draw, the lowest in a tie.
    fn highest(draws: &[f64], best: &mut [f64], chosen: &mut [usize]) {
        let lanes = chosen.len();
        best.fill(f64::NEG_INFINITY);
        chosen.fill(usize::MAX);
        for (arm, row) in draws.chunks_exact(lanes).enumerate() {
            for lane in 0..lanes {
                let better = row[lane] > best[lane];
                best[lane] = if better { row[lane] } else { best[lane] };
                chosen[lane] = if better { arm } else { chosen[lane] };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::Role;

    use super::*;

    #[test]
    fn rewards_between_zero_and_one_are_drawn() {
        let mut stream = Stream::new(1, 0, Role::Learner);
        let before = stream.clone();
        assert!(succeeds(1.0, &mut stream) && !succeeds(0.0, &mut stream));
        assert_eq!(stream, before);
        let successes = (0..10_000).filter(|_| succeeds(0.3, &mut stream)).count();
        // Standard deviation √2100 = 45.8; five of them.
        assert!((successes as f64 - 3000.0).abs() < 230.0);
    }
}
