//! Successive elimination: play the surviving arms in turn, drop those that are surely worse.
//!
//! Source: Even-Dar, Mannor, Mansour, "Action elimination and stopping conditions for the
//! multi-armed bandit and reinforcement learning problems", JMLR 7, 2006, Algorithm 3.
//! Setting: K arms, rewards in [0, 1], independent between rounds.
//! Guarantee, tested (derived: Hoeffding's inequality and a union bound make all confidence
//! intervals hold with probability 1 − δ; on that event arm a is dropped as soon as 4 r(n) < Δ):
//! regret ≤ Σ Δ (n_a + 1) + δ t max Δ with n_a = min {n : 4 r(n) < Δ_a}.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::math;
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{ArmSums, Arms};
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::index::Tally;

/// Parameters of successive elimination.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SuccessiveElimination {
    /// Probability 0 < δ < 1 that a best arm may be dropped; by default 1/T.
    pub delta: Option<f64>,
}

impl SuccessiveElimination {
    fn delta(&self, setting: &Setting<Bandit>) -> f64 {
        self.delta.unwrap_or(1.0 / setting.horizon as f64)
    }
}

/// r(n) = √(ln(4 K n² / δ) / (2 n)).
fn radius(n: f64, arms: f64, delta: f64) -> f64 {
    (math::ln(4.0 * arms * n * n / delta) / (2.0 * n)).sqrt()
}

impl Algorithm for SuccessiveElimination {
    type Protocol = Bandit;
    type Learner = SuccessiveEliminationLearner;

    const NAME: &'static str = "successive_elimination";
    const SUMMARY: &'static str = "plays the surviving arms in turn, drops those surely worse";
    const SOURCE: &'static str = "Even-Dar, Mannor, Mansour, Action elimination and stopping \
                                  conditions, 2006, Algorithm 3";

    fn check(&self) -> Result<(), ParameterError> {
        self.delta.map_or(Ok(()), |delta| {
            let valid = delta > 0.0 && delta < 1.0;
            ParameterError::unless(valid, "delta", delta, "must be between 0 and 1")
        })
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        let mut learner = SuccessiveEliminationLearner {
            delta: self.delta(setting),
            arms: vec![Tally::default(); arms],
            active: Vec::with_capacity(arms),
            next: 0,
        };
        learner.reset();
        Ok(learner)
    }

    fn runs(&self, setting: &Setting<Bandit>) -> Option<Box<dyn RunLearner<Bandit>>> {
        boxed_runs(self, setting)
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some(gaps) = arms.unit_gaps() else { return Vec::new() };
        let delta = self.delta(setting);
        let horizon = setting.horizon as f64;
        let pulls = |gap: f64| {
            let shrunk = |n: f64| 4.0 * radius(n, gaps.len() as f64, delta) < gap;
            // The radius falls with n: double, then halve.
            let (mut low, mut high) = (0.0, 1.0);
            while high < horizon && !shrunk(high) {
                (low, high) = (high, 2.0 * high);
            }
            while high - low > 1.0 {
                let middle = ((low + high) / 2.0).floor();
                if shrunk(middle) { high = middle } else { low = middle }
            }
            high + 1.0
        };
        let constant: f64 =
            gaps.iter().filter(|&&gap| gap > 0.0).map(|&gap| gap * pulls(gap).min(horizon)).sum();
        let slope = delta * gaps.iter().copied().fold(0.0, f64::max);
        vec![Bound::upper(
            PSEUDO_REGRET,
            "Σ Δ (n_a + 1) + δ t max Δ, n_a = min {n : 4 r(n) < Δ_a}",
            "derived from Even-Dar, Mannor, Mansour 2006, Theorem 8",
            "rewards in [0, 1], independent, constant means",
            move |t| constant + slope * t,
        )]
    }
}

/// Successive elimination of one replication.
pub struct SuccessiveEliminationLearner {
    delta: f64,
    arms: Vec<Tally>,
    /// The surviving arms, in order.
    active: Vec<usize>,
    /// Index into `active` of the arm to play next.
    next: usize,
}

impl SuccessiveEliminationLearner {
    fn eliminate(&mut self) {
        let (count, delta) = (self.arms.len() as f64, self.delta);
        let ends = |arm: &Tally| match arm.n {
            0.0 => (f64::NEG_INFINITY, f64::INFINITY),
            n => (arm.mean - radius(n, count, delta), arm.mean + radius(n, count, delta)),
        };
        let active = self.active.iter().map(|&arm| ends(&self.arms[arm]).0);
        let highest = active.fold(f64::NEG_INFINITY, f64::max);
        // The arm with the highest lower end survives; with NaN rewards all do.
        let arms = &self.arms;
        let worse = |arm: usize| ends(&arms[arm]).1 < highest;
        self.active.retain(|&arm| !worse(arm));
    }
}

impl Learner<Bandit> for SuccessiveEliminationLearner {
    fn act(&mut self, _: Round<'_, Bandit>) -> usize {
        if self.next >= self.active.len() {
            self.eliminate();
            self.next = 0;
        }
        self.next += 1;
        self.active[self.next - 1]
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.arms[outcome.action].add(outcome.feedback);
    }

    fn reset(&mut self) {
        self.arms.fill(Tally::default());
        self.active.clear();
        self.active.extend(0..self.arms.len());
        self.next = 0;
    }

    /// The last survivor stays for good.
    fn hold(&self) -> u64 {
        if self.active.len() == 1 { u64::MAX } else { 1 }
    }
}

impl RunLearner<Bandit> for SuccessiveEliminationLearner {
    fn run(&mut self, _: u64) -> Run<Bandit> {
        Run::held(self.hold(), self.arms[self.active[self.next - 1]].sums())
    }

    fn absorb(&mut self, _: u64, sums: &ArmSums) {
        self.arms[self.active[self.next - 1]] = Tally::from(sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds, digits, play};

    #[test]
    fn a_worse_arm_is_dropped_when_intervals_part() {
        let mut learner = SuccessiveElimination { delta: Some(0.1) }
            .learner(&Setting::new(2, 100))
            .expect("fits");
        let mut dropped = None;
        for n in 1..200 {
            learner.arms[0].add(1.0);
            learner.arms[1].add(0.0);
            learner.eliminate();
            if learner.active == [0] {
                dropped = Some(n);
                break;
            }
        }
        // Means 1 and 0: dropped at the first n with 2 r(n) < 1.
        let first = (1..).find(|&n| 2.0 * radius(f64::from(n), 2.0, 0.1) < 1.0);
        assert_eq!(dropped, first);
    }

    #[test]
    fn survivors_are_played_in_turn() {
        // Means of about 0.86, 0.11, 0.55: after 35 rounds of all three, arm 1 is dropped.
        let reward = |t: u64, arm: usize| {
            let noise = ((5 * t + 3 * arm as u64) % 8) as f64 / 32.0;
            [0.75, 0.0, 0.4375][arm] + noise
        };
        let spec = SuccessiveElimination { delta: Some(0.9) };
        let (_, played) = play(&spec, 3, 1000, 121, reward);
        assert_eq!(digits(&played[..105]), "012".repeat(35));
        assert_eq!(digits(&played[105..]), "02".repeat(8));
    }

    #[test]
    fn bounds_by_hand() {
        // δ = 1/T: 4 r(n) < 0.35 from n = 1575 on, for 0.1 from 23627: both beyond the horizon.
        let spec = SuccessiveElimination::default();
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[450.035]);
        // 4 r(n) < 0.5 from n = 558 on, < 0.8 from 192: 559 · 0.5 + 193 · 0.8 + 0.1 · 100 · 0.8.
        let spec = SuccessiveElimination { delta: Some(0.1) };
        assert_bounds(&bounds(&spec, &[0.9, 0.4, 0.1], 1000), 100, &[441.9]);
    }
}
