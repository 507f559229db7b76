//! LUCB: the leader and its strongest rival are pulled in turn until their intervals part.
//!
//! Source: Kalyanakrishnan, Tewari, Auer and Stone, PAC subset selection in stochastic multi-armed
//! bandits, 2012, Algorithm LUCB1 with m = 1.
//! Setting: K arms, rewards in [0, 1], fixed confidence: no budget is needed.
//! Guarantee: when it stops, the leader is ε-good with probability 1 − δ (Theorem 1).
//! Deviations: play goes on after it has stopped, with the arm that it found: pulled for good, and
//! recommended. Where the budget ends before, the arm of highest mean is recommended. t in the width is
//! the number of pulls so far.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::leader::Leader;

/// Parameters of LUCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lucb {
    /// The probability δ, between 0 and 1, of an arm that is not ε-good.
    pub delta: f64,
    /// The tolerance ε ≥ 0 of the stopping rule.
    pub epsilon: f64,
}

impl Default for Lucb {
    fn default() -> Self {
        Self { delta: 0.05, epsilon: 0.0 }
    }
}

/// β(u, t) = √(ln (5 K t⁴/(4 δ)) / (2u)).
fn width(pulls: f64, t: f64, arms: f64, delta: f64) -> f64 {
    let logarithm = math::ln(1.25 * arms / delta) + 4.0 * math::ln(t);
    (logarithm / (2.0 * pulls)).sqrt()
}

impl Algorithm for Lucb {
    type Protocol = PureExploration;
    type Learner = LucbLearner;

    const NAME: &'static str = "lucb";
    const SUMMARY: &'static str =
        "pulls the leader and its strongest rival until they are told apart";
    const SOURCE: &'static str = "Kalyanakrishnan, Tewari, Auer, Stone, PAC subset selection in \
                                  stochastic multi-armed bandits, 2012, LUCB1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be between 0 and 1")?;
        let valid = self.epsilon >= 0.0 && self.epsilon.is_finite();
        let rule = "must be a number that is not negative";
        ParameterError::unless(valid, "epsilon", self.epsilon, rule)
    }

    fn learner(&self, setting: &Setting<PureExploration>) -> Result<LucbLearner, ParameterError> {
        Ok(LucbLearner {
            delta: self.delta,
            epsilon: self.epsilon,
            leader: Leader::new(setting.shape),
            first: 0,
            rival: None,
            found: None,
        })
    }
}

/// LUCB of one replication.
pub struct LucbLearner {
    delta: f64,
    epsilon: f64,
    leader: Leader,
    /// The next arm to be pulled for the first time.
    first: usize,
    /// The rival, if it is to be pulled next.
    rival: Option<usize>,
    /// The arm found, once it has stopped.
    found: Option<usize>,
}

impl LucbLearner {
    /// The leader's turn, or the end, after `pulls` pulls.
    fn pair(&mut self, pulls: u64) -> usize {
        let best = self.leader.arm();
        let (t, arms) = (pulls as f64, self.leader.arms() as f64);
        let tallies = self.leader.tallies();
        let width = |arm: usize| match tallies[arm].n {
            0.0 => f64::INFINITY,
            n => width(n, t, arms, self.delta),
        };
        let upper =
            |arm: usize| if arm == best { f64::NAN } else { tallies[arm].mean + width(arm) };
        let rival = argmax((0..tallies.len()).map(upper));
        if rival >= tallies.len()
            || upper(rival) - (tallies[best].mean - width(best)) < self.epsilon
        {
            self.found = Some(best);
        } else {
            self.rival = Some(rival);
        }
        best
    }
}

impl Learner<PureExploration> for LucbLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        if let Some(found) = self.found {
            return Choice { pull: found, recommend: found };
        }
        let recommend = self.leader.arm();
        let pull = if self.first < self.leader.arms() {
            self.first += 1;
            self.first - 1
        } else if let Some(rival) = self.rival.take() {
            rival
        } else {
            self.pair(round.t - 1)
        };
        Choice { pull, recommend }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.leader.enter(outcome.action.pull, outcome.feedback);
    }

    fn reset(&mut self) {
        self.leader.reset();
        (self.first, self.rival, self.found) = (0, None, None);
    }

    /// The arm found stays for good.
    fn hold(&self) -> u64 {
        if self.found.is_some() { u64::MAX } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::play;

    #[test]
    fn the_width_by_hand() {
        // ln (5 · 4 · 100⁴/(4 · 0.1)) = ln 50 + 4 ln 100 = 22.3327; over 2 · 8, rooted: 1.181437.
        assert!((width(8.0, 100.0, 4.0, 0.1) - 1.181_437).abs() < 1e-6);
    }

    #[test]
    fn leader_and_rival_are_pulled_in_turn_until_they_part() {
        let means = [0.25, 1.0, 0.0];
        let choices = play(&Lucb { delta: 0.1, epsilon: 0.0 }, 3, 2000, 2000, |_, arm| means[arm]);
        let pulled: Vec<usize> = choices.iter().map(|choice| choice.pull).collect();
        // One pull each; the leader, arm 1, and arm 0 (index 0.25 + w beats 0 + w); then arm 2, which
        // has fewer pulls.
        assert_eq!(pulled[..9], [0, 1, 2, 1, 0, 1, 2, 1, 0]);
        // It stops at the first pair for which both intervals part, with n₁ leaders' pulls and the
        // rival's n: 1 − w(n₁) > max(0.25 + w(n₀), w(n₂)).
        let stop = (3..2000).find(|&t| {
            t % 2 == 1 && {
                let n = |arm| pulled[..t].iter().filter(|&&pull| pull == arm).count() as f64;
                let w = |arm| width(n(arm), t as f64, 3.0, 0.1);
                1.0 - w(1) > (0.25 + w(0)).max(w(2))
            }
        });
        let stop = stop.expect("they part");
        assert!(pulled[stop..].iter().all(|&arm| arm == 1));
        assert_ne!(pulled[stop - 1], 1);
    }

    #[test]
    fn a_single_arm_is_found_at_once() {
        let choices = play(&Lucb::default(), 1, 5, 5, |_, _| 0.5);
        assert!(choices.iter().all(|choice| *choice == Choice { pull: 0, recommend: 0 }));
        assert!(Lucb { delta: 1.0, epsilon: 0.0 }.check().is_err());
        assert!(Lucb { delta: 0.5, epsilon: -1.0 }.check().is_err());
    }
}
