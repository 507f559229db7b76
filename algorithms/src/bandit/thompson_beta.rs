//! Thompson sampling with Beta posteriors: play the arm whose posterior draw is highest.
//!
//! Source: Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika
//! 25, 1933; Agrawal, Goyal, "Analysis of Thompson sampling for the multi-armed bandit problem",
//! COLT 2012, Algorithms 1 and 2.
//! Setting: K arms, rewards in [0, 1], independent between rounds; a reward that is neither 0 nor 1
//! counts as a success with that probability (there, Algorithm 2).
//! Guarantee, tested: regret / ln t → Σ Δ/kl(μ, μ*) for Bernoulli rewards (Kaufmann, Korda,
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
use crate::support::lanes;

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
    retries: Retries,
}

/// The draws of a round that were rejected so far, gathered so that attempts at them vectorise too.
struct Retries {
    /// Places in `[arm][lane]` order.
    places: Vec<usize>,
    first: Vec<u64>,
    second: Vec<u64>,
    laws: Laws,
    draws: Vec<f64>,
}

impl Retries {
    fn new(count: usize) -> Self {
        let zeros = vec![0; count];
        Self {
            places: Vec::with_capacity(count),
            first: zeros.clone(),
            second: zeros,
            laws: Laws::uniform(count),
            draws: vec![0.0; count],
        }
    }

    /// Draws again what was rejected in `draws`, from the words of further attempts.
    fn run(&mut self, laws: &Laws, bases: &[u64], draws: &mut [f64]) {
        self.places.clear();
        self.places.extend((0..draws.len()).filter(|&place| draws[place] < 0.0));
        let mut attempt = 1;
        while !self.places.is_empty() {
            for (i, &place) in self.places.iter().enumerate() {
                let (arm, lane) = (place / bases.len(), place % bases.len());
                (self.first[i], self.second[i]) = words(bases[lane], arm, attempt);
                self.laws.set(i, laws.get(place));
            }
            let count = self.places.len();
            attempts(&self.first[..count], &self.second[..count], &self.laws, &mut self.draws);
            for (&place, &draw) in self.places.iter().zip(&self.draws) {
                draws[place] = draw;
            }
            self.places.retain(|&place| draws[place] < 0.0);
            attempt += 1;
        }
    }
}

/// [`BetaLaw`]s in struct-of-arrays form.
struct Laws {
    low: Vec<f64>,
    high: Vec<f64>,
    scale: Vec<f64>,
    gamma: Vec<f64>,
    side: Vec<f64>,
}

impl Laws {
    /// Beta(1, 1) everywhere.
    fn uniform(count: usize) -> Self {
        let law = BetaLaw::new(1.0, 1.0);
        Self {
            low: vec![law.low; count],
            high: vec![law.high; count],
            scale: vec![law.scale; count],
            gamma: vec![law.gamma; count],
            side: vec![law.side; count],
        }
    }

    #[inline(always)]
    fn get(&self, i: usize) -> BetaLaw {
        BetaLaw {
            low: self.low[i],
            high: self.high[i],
            scale: self.scale[i],
            gamma: self.gamma[i],
            side: self.side[i],
        }
    }

    #[inline(always)]
    fn set(&mut self, i: usize, law: BetaLaw) {
        self.low[i] = law.low;
        self.high[i] = law.high;
        self.scale[i] = law.scale;
        self.gamma[i] = law.gamma;
        self.side[i] = law.side;
    }
}

impl ThompsonBetaLanes {
    fn new(arms: usize, lanes: usize) -> Self {
        let count = arms * lanes;
        Self {
            successes: vec![0.0; count],
            failures: vec![0.0; count],
            laws: Laws::uniform(count),
            draws: vec![0.0; count],
            bases: vec![0; lanes],
            retries: Retries::new(count),
        }
    }
}

impl LaneLearner<Bandit> for ThompsonBetaLanes {
    fn act(&mut self, _: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        first_attempts(streams.states_mut(), &mut self.bases, &self.laws, &mut self.draws);
        self.retries.run(&self.laws, &self.bases, &mut self.draws);
        highest(&self.draws, &mut actions.0);
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
        for (arm, draws) in draws.chunks_exact_mut(lanes).enumerate() {
            let row = arm * lanes..(arm + 1) * lanes;
            let (low, high) = (&laws.low[row.clone()], &laws.high[row.clone()]);
            let (scale, gamma) = (&laws.scale[row.clone()], &laws.gamma[row.clone()]);
            let (side, bases) = (&laws.side[row], &bases[..lanes]);
            for lane in 0..lanes {
                let (first, second) = words(bases[lane], arm, 0);
                let law = BetaLaw {
                    low: low[lane],
                    high: high[lane],
                    scale: scale[lane],
                    gamma: gamma[lane],
                    side: side[lane],
                };
                draws[lane] = law.attempt(first, second);
            }
        }
    }
}

vectorised! {
    /// One attempt at each of the laws.
    fn attempts(first: &[u64], second: &[u64], laws: &Laws, draws: &mut [f64]) {
        let count = first.len();
        let (second, draws) = (&second[..count], &mut draws[..count]);
        let (low, high) = (&laws.low[..count], &laws.high[..count]);
        let (scale, gamma) = (&laws.scale[..count], &laws.gamma[..count]);
        let side = &laws.side[..count];
        for i in 0..count {
            let law = BetaLaw {
                low: low[i],
                high: high[i],
                scale: scale[i],
                gamma: gamma[i],
                side: side[i],
            };
            draws[i] = law.attempt(first[i], second[i]);
        }
    }
}

vectorised! {
    /// In each lane, the arm of the highest draw, the lowest in a tie.
    fn highest(draws: &[f64], chosen: &mut [usize]) {
        lanes::highest(draws, draws.len() / chosen.len(), chosen);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::Role;

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

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

    #[test]
    fn arms_are_played_as_often_as_they_seem_best() {
        let mut learner = ThompsonBeta {}.learner(&Setting::new(2, 9)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        for (t, action, feedback) in [(1, 0, 1.0), (2, 0, 1.0), (3, 1, 0.0)] {
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        let draws = 20_000;
        let first = (1..=draws)
            .filter(|&t| learner.act(Round { t, slot: 0, context: (), rng }) == 0)
            .count();
        // Beta(3, 1) against Beta(1, 2): ∫ 3x² (1 − (1 − x)²) dx = 3/2 − 3/5 = 0.9. Standard
        // deviation √(20000 · 0.09) = 42.4; five of them.
        assert!((first as f64 - 18_000.0).abs() < 212.0, "{first}");
    }

    #[test]
    fn bounds_by_hand() {
        let bounds = bounds(&ThompsonBeta {}, &[0.5, 0.6, 0.25], 1000);
        assert_bounds(&bounds, 100, &[28.943_347_976]);
    }
}
