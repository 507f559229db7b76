//! Bracketing UCB: upper confidence bounds on random subsets (brackets) of 2, 4, 8, … arms, one after the
//! other opened, all served in turn. Not every arm has to be tried.
//!
//! Source: Katz-Samuels and Jamieson, The true sample complexity of identifying good arms, 2020,
//! Algorithm 1.
//! Setting: K arms, σ²-sub-Gaussian rewards, fixed confidence. Anytime.
//! Guarantee: with probability 1 − O(δ) an ε-good arm is recommended from a time on that the paper gives
//! up to constants.
//! Deviations: the width is c σ √(max(1, ln (max(1, ln N)/δ))/N), as public experiments have it.
//! Brackets are those of bracketing sequential halving; they share no rewards. Until there is a reward,
//! the first arm of the first bracket is recommended.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::brackets::{Openings, most_brackets, size};
use crate::support::index::Tally;

/// Parameters of bracketing UCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BracketingUcb {
    /// The weight c ≥ 0 of the widths.
    pub c: f64,
    /// The standard deviation σ ≥ 0 that widths reckon with; rewards in [0, 1] have at most 0.5.
    pub sigma: f64,
    /// The probability δ, between 0 and 1, that bounds are wrong.
    pub delta: f64,
}

impl Default for BracketingUcb {
    fn default() -> Self {
        Self { c: 1.0, sigma: 0.5, delta: 0.1 }
    }
}

impl Algorithm for BracketingUcb {
    type Protocol = PureExploration;
    type Learner = BracketingUcbLearner;

    const NAME: &'static str = "bracketing_ucb";
    const SUMMARY: &'static str = "upper confidence bounds on random subsets of growing size";
    const SOURCE: &'static str = "Katz-Samuels, Jamieson, The true sample complexity of identifying \
                                  good arms, 2020, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        for (path, value) in [("c", self.c), ("sigma", self.sigma)] {
            let valid = value >= 0.0 && value.is_finite();
            ParameterError::unless(valid, path, value, "must be a number that is not negative")?;
        }
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be between 0 and 1")
    }

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<BracketingUcbLearner, ParameterError> {
        let arms = setting.shape;
        let bracket = |index| {
            let size = size(index, arms);
            let ordinal = (index + 1) as f64;
            Bracket {
                arms: vec![0; size],
                tallies: vec![Tally::default(); size],
                upper: vec![f64::NEG_INFINITY; size],
                lower: vec![f64::NEG_INFINITY; size],
                best: 0,
                tried: 0,
                lower_delta: self.delta / (size as f64 * ordinal * ordinal),
            }
        };
        Ok(BracketingUcbLearner {
            scale: self.c * self.sigma,
            delta: self.delta,
            openings: Openings::new(arms),
            brackets: (0..most_brackets(arms, setting.horizon)).map(bracket).collect(),
            turn: 0,
            pulled: vec![(0, 0); setting.pending],
        })
    }
}

/// √(max(1, ln (max(1, ln N)/δ))/N).
fn width(pulls: f64, delta: f64) -> f64 {
    let iterated = math::ln(pulls).max(1.0);
    (math::ln(iterated / delta).max(1.0) / pulls).sqrt()
}

/// A random subset of the arms.
struct Bracket {
    /// The arms, by place.
    arms: Vec<u32>,
    tallies: Vec<Tally>,
    /// Upper and lower bounds on the means, by place; −∞ without rewards.
    upper: Vec<f64>,
    lower: Vec<f64>,
    /// The place of the highest lower bound.
    best: usize,
    /// Places that have been pulled: the first of them.
    tried: usize,
    /// δ/(|A| ℓ²), for lower bounds.
    lower_delta: f64,
}

impl Bracket {
    fn pull(&mut self) -> usize {
        if self.tried < self.arms.len() {
            self.tried += 1;
            return self.tried - 1;
        }
        argmax(self.upper.iter().copied())
    }

    fn enter(&mut self, place: usize, reward: f64, scale: f64, delta: f64) {
        let tally = &mut self.tallies[place];
        tally.add(reward);
        let (mean, pulls) = (tally.mean, tally.n);
        self.upper[place] = mean + scale * width(pulls, delta);
        let before = self.lower[place];
        self.lower[place] = mean - scale * width(pulls, self.lower_delta);
        if place == self.best {
            if self.lower[place] < before {
                self.best = argmax(self.lower.iter().copied());
            }
        } else if self.lower[place] > self.lower[self.best] {
            self.best = place;
        }
    }

    fn reset(&mut self) {
        self.tallies.fill(Tally::default());
        self.upper.fill(f64::NEG_INFINITY);
        self.lower.fill(f64::NEG_INFINITY);
        (self.best, self.tried) = (0, 0);
    }
}

/// Bracketing UCB of one replication.
pub struct BracketingUcbLearner {
    /// c σ.
    scale: f64,
    delta: f64,
    openings: Openings,
    /// All that can be opened; the first ones are.
    brackets: Vec<Bracket>,
    /// The bracket to be served next.
    turn: usize,
    /// Bracket and place of every pending decision, by slot.
    pulled: Vec<(u32, u32)>,
}

impl BracketingUcbLearner {
    /// The arm of highest lower bound in all open brackets.
    fn recommended(&self) -> usize {
        let open = &self.brackets[..self.openings.count()];
        let highest = argmax(open.iter().map(|bracket| bracket.lower[bracket.best]));
        let bracket = &open[highest.min(open.len() - 1)];
        bracket.arms[bracket.best] as usize
    }
}

impl Learner<PureExploration> for BracketingUcbLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        while let Some(index) = self.openings.due(round.t, self.brackets.len()) {
            self.openings.open(&mut self.brackets[index].arms, round.rng);
        }
        let recommend = self.recommended();
        let served = self.turn % self.openings.count();
        self.turn = served + 1;
        let bracket = &mut self.brackets[served];
        let place = bracket.pull();
        self.pulled[round.slot] = (served as u32, place as u32);
        Choice { pull: bracket.arms[place] as usize, recommend }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        let (bracket, place) = self.pulled[outcome.slot];
        let bracket = &mut self.brackets[bracket as usize];
        bracket.enter(place as usize, outcome.feedback, self.scale, self.delta);
    }

    fn reset(&mut self) {
        self.openings.reset();
        self.brackets.iter_mut().for_each(Bracket::reset);
        self.turn = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::play;

    #[test]
    fn widths_by_hand() {
        // √(ln 10), √(ln 10/2), then with ln 100 = 4.60517: √(ln 46.0517/100).
        let known = [(1.0, 1.517_427), (2.0, 1.072_983), (100.0, 0.195_698)];
        for (pulls, value) in known {
            assert!((width(pulls, 0.1) - value).abs() < 1e-6, "{pulls}: {}", width(pulls, 0.1));
        }
        // ln (1/0.9) < 1.
        assert_eq!(width(4.0, 0.9), 0.5);
    }

    #[test]
    fn places_are_tried_in_turn_and_the_best_bounds_are_kept() {
        let mut bracket = Bracket {
            arms: vec![7, 8, 9],
            tallies: vec![Tally::default(); 3],
            upper: vec![f64::NEG_INFINITY; 3],
            lower: vec![f64::NEG_INFINITY; 3],
            best: 0,
            tried: 0,
            lower_delta: 0.01,
        };
        for t in 0..300u64 {
            let place = bracket.pull();
            assert!(t >= 3 || place == t as usize);
            let reward = [0.25, 0.75, 0.5][place] + ((t * 5) % 8) as f64 / 16.0;
            bracket.enter(place, reward, 0.5, 0.1);
            assert_eq!(bracket.best, argmax(bracket.lower.iter().copied()), "{t}");
        }
        assert_eq!(bracket.best, 1);
    }

    #[test]
    fn a_clearly_best_arm_is_found() {
        let means = [0.1, 0.3, 0.2, 0.9, 0.4, 0.0];
        let choices = play(&BracketingUcb::default(), 6, 400, 400, |_, arm| means[arm]);
        assert_eq!(choices[399].recommend, 3);
        let refused = BracketingUcb { delta: 1.0, ..BracketingUcb::default() };
        assert!(refused.check().is_err());
    }
}
