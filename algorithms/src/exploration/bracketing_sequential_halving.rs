//! Bracketing sequential halving: doubling sequential halving on random subsets (brackets) of 2, 4, 8, …
//! arms, one after the other opened, all served in turn. Not every arm has to be tried.
//!
//! Source: Zhao, Stephens, Szepesvári and Jun, Revisiting simple regret: fast rates for returning a
//! good arm, 2023, Section 4; brackets as in Katz-Samuels and Jamieson, The true sample complexity of
//! identifying good arms, 2020, Algorithm 1.
//! Setting: K arms, σ²-sub-Gaussian rewards. Anytime: needs no budget.
//! Guarantee: as doubling sequential halving up to logarithms, and for budgets below K (no constants
//! known).
//! Deviations: what the brackets share and how they are compared is a reconstruction. With ℓ brackets
//! open, another is opened in the first round t ≥ ℓ 2^ℓ, until one holds all arms. Whenever a bracket
//! has finished a run, in round t, the arm of highest mean − c σ √(2 ln t/n) is recommended, mean and
//! number n of its rewards in the last round of its bracket's last finished run. Until the first run is
//! finished, the first arm of the first bracket is recommended.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::brackets::{Openings, most_brackets, size};
use crate::support::doubling::Doubling;

/// Parameters of bracketing sequential halving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BracketingSequentialHalving {
    /// The weight c ≥ 0 of the width by which means of brackets are lowered before they are compared.
    pub c: f64,
    /// The standard deviation σ ≥ 0 that the width reckons with; rewards in [0, 1] have at most 0.5.
    pub sigma: f64,
}

impl Default for BracketingSequentialHalving {
    fn default() -> Self {
        Self { c: 0.5, sigma: 0.5 }
    }
}

impl Algorithm for BracketingSequentialHalving {
    type Protocol = PureExploration;
    type Learner = BracketingSequentialHalvingLearner;

    const NAME: &'static str = "bracketing_sequential_halving";
    const SUMMARY: &'static str = "doubling sequential halving on random subsets of growing size";
    const SOURCE: &'static str = "Zhao, Stephens, Szepesvári, Jun, Revisiting simple regret, 2023, \
                                  Section 4";

    fn check(&self) -> Result<(), ParameterError> {
        for (path, value) in [("c", self.c), ("sigma", self.sigma)] {
            let valid = value >= 0.0 && value.is_finite();
            ParameterError::unless(valid, path, value, "must be a number that is not negative")?;
        }
        Ok(())
    }

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<BracketingSequentialHalvingLearner, ParameterError> {
        let arms = setting.shape;
        let count = most_brackets(arms, setting.horizon);
        let bracket = |index| {
            let size = size(index, arms);
            Bracket { arms: vec![0; size], runs: Doubling::new(size) }
        };
        Ok(BracketingSequentialHalvingLearner {
            width: self.c * self.sigma,
            openings: Openings::new(arms),
            brackets: (0..count).map(bracket).collect(),
            turn: 0,
            pulled: vec![(0, 0); setting.pending],
            recommended: 0,
        })
    }
}

/// A random subset of the arms and its runs.
struct Bracket {
    /// The arms, by place.
    arms: Vec<u32>,
    runs: Doubling,
}

/// Bracketing sequential halving of one replication.
pub struct BracketingSequentialHalvingLearner {
    /// c σ.
    width: f64,
    openings: Openings,
    /// All that can be opened; the first ones are.
    brackets: Vec<Bracket>,
    /// The bracket to be served next.
    turn: usize,
    /// Bracket and place of every pending decision, by slot.
    pulled: Vec<(u32, u32)>,
    recommended: usize,
}

impl BracketingSequentialHalvingLearner {
    /// The best of what the open brackets found, after `t` rounds.
    fn recommend(&mut self, t: u64) {
        let radius = 2.0 * math::ln(t as f64);
        let mut highest = f64::NEG_INFINITY;
        for bracket in &self.brackets[..self.openings.count()] {
            let Some((place, tally)) = bracket.runs.found().filter(|(_, tally)| tally.n > 0.0)
            else {
                continue;
            };
            let value = tally.mean - self.width * (radius / tally.n).sqrt();
            if value > highest {
                (highest, self.recommended) = (value, bracket.arms[place] as usize);
            }
        }
    }
}

impl Learner<PureExploration> for BracketingSequentialHalvingLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        while let Some(index) = self.openings.due(round.t, self.brackets.len()) {
            let arms = &mut self.brackets[index].arms;
            self.openings.open(arms, round.rng);
            if index == 0 {
                self.recommended = arms[0] as usize;
            }
        }
        let served = self.turn % self.openings.count();
        self.turn = served + 1;
        let (place, finished) = self.brackets[served].runs.pull();
        if finished {
            self.recommend(round.t);
        }
        self.pulled[round.slot] = (served as u32, place as u32);
        let pull = self.brackets[served].arms[place] as usize;
        Choice { pull, recommend: self.recommended }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        let (bracket, place) = self.pulled[outcome.slot];
        self.brackets[bracket as usize].runs.enter(place as usize, outcome.feedback);
    }

    fn reset(&mut self) {
        self.openings.reset();
        self.brackets.iter_mut().for_each(|bracket| bracket.runs.reset());
        (self.turn, self.recommended) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::play;

    #[test]
    fn a_clearly_best_arm_is_found_once_a_bracket_has_it() {
        let spec = BracketingSequentialHalving::default();
        let means = [0.1, 0.3, 0.2, 0.9, 0.4, 0.0];
        let choices = play(&spec, 6, 400, 400, |_, arm| means[arm]);
        assert_eq!(choices[399].recommend, 3);
        // The first bracket has two arms and is alone in round 1.
        assert_ne!(choices[0].pull, choices[2].pull);
        let distinct = |rounds: usize| {
            let mut arms: Vec<usize> = choices[..rounds].iter().map(|choice| choice.pull).collect();
            arms.sort_unstable();
            arms.dedup();
            arms.len()
        };
        assert!(distinct(7) <= 6 && distinct(400) == 6);
    }

    #[test]
    fn parameters_that_mean_nothing_are_refused() {
        let sigma = |sigma| BracketingSequentialHalving { sigma, ..Default::default() }.check();
        assert!(sigma(0.0).is_ok() && sigma(-1.0).is_err() && sigma(f64::NAN).is_err());
    }
}
