//! Successive rejects: K − 1 phases, after each of which the arm of lowest mean is dropped.
//!
//! Source: Audibert, Bubeck and Munos, Best arm identification in multi-armed bandits, 2010, Figure 2.
//! Setting: K arms, known budget n ≥ K.
//! Guarantee: P(best arm missed) ≤ K(K − 1)/2 exp(−(n − K)/(log̅ K H₂)) for rewards in [0, 1]
//! (Theorem 2), log̅ K = 1/2 + Σ_{i=2}^K 1/i.
//! Deviation: while the budget is not used up, the arm of highest mean is recommended.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::ERROR;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::Arms;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sequential_halving::h2;
use crate::support::leader::Leader;

/// Successive rejects has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SuccessiveRejects {}

/// log̅ K = 1/2 + Σ_{i=2}^K 1/i.
fn log_bar(arms: usize) -> f64 {
    0.5 + (2..=arms).map(|i| 1.0 / i as f64).sum::<f64>()
}

/// n_k: rewards of a survivor at the end of phase k = 1, …, K − 1.
fn rewards(phase: usize, arms: usize, budget: u64) -> u64 {
    let share = (budget - arms as u64) as f64 / (arms + 1 - phase) as f64;
    (share / log_bar(arms)).ceil() as u64
}

impl Algorithm for SuccessiveRejects {
    type Protocol = PureExploration;
    type Learner = SuccessiveRejectsLearner;

    const NAME: &'static str = "successive_rejects";
    const SUMMARY: &'static str = "drops the worst arm after each of K − 1 phases";
    const SOURCE: &'static str = "Audibert, Bubeck, Munos, Best arm identification in multi-armed \
                                  bandits, 2010, Figure 2";

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<SuccessiveRejectsLearner, ParameterError> {
        let (arms, budget) = (setting.shape, setting.budget());
        if budget < arms as u64 {
            let message = format!(
                "{arms} arms need a budget of at least {arms} pulls, that is a horizon of {}, not {}",
                arms + 1,
                setting.horizon
            );
            return Err(ParameterError { path: String::new(), message });
        }
        Ok(SuccessiveRejectsLearner {
            leader: Leader::new(arms),
            active: (0..arms).collect(),
            budget,
            phase: 1,
            next: 0,
            pull: 0,
            until: 0,
        })
    }

    fn bounds(&self, setting: &Setting<PureExploration>, arms: &Arms) -> Vec<Bound> {
        let Some(complexity) = arms.unit_gaps().and_then(h2) else { return Vec::new() };
        let (count, horizon) = (setting.shape as f64, setting.horizon as f64);
        let spare = setting.budget() as f64 - count;
        let exponent = -spare / (log_bar(setting.shape) * complexity);
        let missed = 0.5 * count * (count - 1.0) * math::exp(exponent);
        vec![Bound::upper(
            ERROR,
            "K(K − 1)/2 exp(−(n − K)/(log̅ K H₂))",
            "Audibert, Bubeck, Munos 2010, Theorem 2",
            "rewards in [0, 1], one best arm, when the budget n is used up",
            move |t| if t < horizon { 1.0 } else { missed.min(1.0) },
        )]
    }
}

/// Successive rejects of one replication.
pub struct SuccessiveRejectsLearner {
    leader: Leader,
    /// The arms still in, in order.
    active: Vec<usize>,
    budget: u64,
    /// The phase, from 1.
    phase: usize,
    /// Index into `active` of the arm to pull next.
    next: usize,
    /// The arm that is being pulled until that round.
    pull: usize,
    until: u64,
}

impl SuccessiveRejectsLearner {
    /// Drops the arm of lowest mean, the last of them in a tie.
    fn reject(&mut self) {
        let tallies = self.leader.tallies();
        let mean = |arm: usize| match tallies[arm].n {
            0.0 => f64::NEG_INFINITY,
            _ => tallies[arm].mean,
        };
        let mut worst = 0;
        for index in 1..self.active.len() {
            if mean(self.active[index]) <= mean(self.active[worst]) {
                worst = index;
            }
        }
        self.active.remove(worst);
    }

    /// The next arm and until when it is pulled; the last one for good.
    fn advance(&mut self, t: u64) {
        let arms = self.leader.arms();
        loop {
            if self.active.len() == 1 {
                (self.pull, self.until) = (self.active[0], u64::MAX);
                return;
            }
            if self.next == self.active.len() {
                self.reject();
                self.phase += 1;
                self.next = 0;
                continue;
            }
            let before = match self.phase {
                1 => 0,
                phase => rewards(phase - 1, arms, self.budget),
            };
            let pulls = rewards(self.phase, arms, self.budget) - before;
            self.pull = self.active[self.next];
            self.next += 1;
            if pulls > 0 {
                self.until = t + pulls - 1;
                return;
            }
        }
    }

    /// The best of what is left.
    fn recommended(&self) -> usize {
        if self.active.len() == 1 { self.active[0] } else { self.leader.arm() }
    }
}

impl Learner<PureExploration> for SuccessiveRejectsLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        if round.t > self.until {
            self.advance(round.t);
        }
        Choice { pull: self.pull, recommend: self.recommended() }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.leader.enter(outcome.action.pull, outcome.feedback);
    }

    fn reset(&mut self) {
        self.leader.reset();
        self.active.clear();
        self.active.extend(0..self.leader.arms());
        (self.phase, self.next, self.pull, self.until) = (1, 0, 0, 0);
    }

    /// The last arm stays for good; before, any reward can change the recommendation.
    fn hold(&self) -> u64 {
        if self.active.len() == 1 { u64::MAX } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::{bounds, play};

    #[test]
    fn phases_are_the_published_ones() {
        // K = 4, n = 100: log̅ 4 = 1/2 + 1/2 + 1/3 + 1/4 = 1.58333; 96/1.58333 = 60.63:
        // n₁ = ⌈60.63/4⌉ = 16, n₂ = ⌈60.63/3⌉ = 21, n₃ = ⌈60.63/2⌉ = 31.
        assert!((log_bar(4) - 19.0 / 12.0).abs() < 1e-12);
        assert_eq!([1, 2, 3].map(|phase| rewards(phase, 4, 100)), [16, 21, 31]);
        let means = [0.5, 0.75, 0.25, 0.5];
        let choices = play(&SuccessiveRejects::default(), 4, 101, 101, |_, arm| means[arm]);
        let count = |arm| choices.iter().filter(|choice| choice.pull == arm).count();
        // Arm 2 goes first, then arm 3 (a tie with arm 0); 99 pulls, then the winner.
        assert_eq!([0, 1, 2, 3].map(count), [31, 31 + 2, 16, 21]);
        assert_eq!(choices[100].recommend, 1);
        assert_eq!((choices[16].recommend, choices[17].recommend), (0, 1));
    }

    #[test]
    fn two_arms_share_the_budget() {
        // log̅ 2 = 1: n₁ = ⌈(n − 2)/2⌉.
        let choices = play(&SuccessiveRejects::default(), 2, 12, 12, |_, arm| arm as f64);
        let first = choices.iter().filter(|choice| choice.pull == 0).count();
        assert_eq!((first, choices[11].recommend), (5, 1));
        assert!(SuccessiveRejects::default().learner(&Setting::new(4, 4)).is_err());
        assert!(SuccessiveRejects::default().learner(&Setting::new(1, 2)).is_ok());
    }

    #[test]
    fn bounds_by_hand() {
        // Gaps 0, 0.5: H₂ = 8, log̅ 2 = 1: exp(−(34 − 2)/8).
        let bounds = bounds(&SuccessiveRejects::default(), &[0.25, 0.75], 35);
        assert!((bounds[0].at(35) - (-4f64).exp()).abs() < 1e-12);
        assert_eq!(bounds[0].at(34), 1.0);
    }
}
