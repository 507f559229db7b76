//! Sliding-window UCB: UCB1 on the rewards of the last τ rounds.
//!
//! Source: Garivier, Moulines, "On upper-confidence bound policies for switching bandit problems",
//! ALT 2011, Section 2.2.
//! Setting: K arms, rewards in [0, 1], means that change at up to U rounds.
//! Guarantee: regret of each round's best arm O(√(U T ln T)) for the default τ (Theorem 2, whose
//! constants are not stated here).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::argmax;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of sliding-window UCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SlidingWindowUcb {
    /// Window τ ≥ 1 in rounds, at most 2^24 of them below the horizon; by default 2 √(T ln T / U).
    pub window: Option<u64>,
    /// Number of change points U > 0 that the default window is made for.
    pub changes: f64,
    /// Exploration ξ > 0 of the width √(ξ ln min(t, τ) / n).
    pub xi: f64,
}

impl Default for SlidingWindowUcb {
    fn default() -> Self {
        Self { window: None, changes: 1.0, xi: 0.6 }
    }
}

impl Algorithm for SlidingWindowUcb {
    type Protocol = Bandit;
    type Learner = SlidingWindowUcbLearner;

    const NAME: &'static str = "sliding_window_ucb";
    const SUMMARY: &'static str = "UCB1 on the rewards of the last τ rounds";
    const SOURCE: &'static str = "Garivier, Moulines, On upper-confidence bound policies for \
                                  switching bandit problems, 2011, Section 2.2";

    fn check(&self) -> Result<(), ParameterError> {
        if let Some(window) = self.window {
            ParameterError::unless(window >= 1, "window", window, "must be at least 1")?;
        }
        let valid = self.changes > 0.0 && self.changes.is_finite();
        ParameterError::unless(valid, "changes", self.changes, "must be a positive number")?;
        let valid = self.xi > 0.0 && self.xi.is_finite();
        ParameterError::unless(valid, "xi", self.xi, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let horizon = setting.horizon as f64;
        let default = || (2.0 * (horizon * math::ln(horizon) / self.changes).sqrt()).ceil() as u64;
        // Beyond the horizon a window forgets nothing.
        let window = self.window.unwrap_or_else(default).clamp(1, setting.horizon);
        let path = if self.window.is_some() { "window" } else { "changes" };
        let rule = format!("must not keep more than {LONGEST} rounds in memory");
        ParameterError::unless(window <= LONGEST, path, window, &rule)?;
        let arms = setting.arms();
        Ok(SlidingWindowUcbLearner {
            window,
            xi: self.xi,
            pulls: vec![0.0; arms],
            sums: vec![0.0; arms],
            ring: vec![(NOTHING, 0.0); window as usize + 1],
            t: 0,
        })
    }
}

/// Sliding-window UCB of one replication.
pub struct SlidingWindowUcbLearner {
    window: u64,
    xi: f64,
    /// Numbers and sums of the rewards in the window.
    pulls: Vec<f64>,
    sums: Vec<f64>,
    /// Arm and reward of the window's rounds, at the round modulo τ + 1.
    ring: Vec<(usize, f64)>,
    t: u64,
}

/// The rewards of a window are kept in memory for every lane. The default's is shorter at every
/// horizon, for a change or more.
const LONGEST: u64 = 1 << 24;

/// No reward: the round is to come, or its feedback has not come.
const NOTHING: usize = usize::MAX;

impl SlidingWindowUcbLearner {
    fn place(&self, t: u64) -> usize {
        (t % (self.window + 1)) as usize
    }
}

impl Learner<Bandit> for SlidingWindowUcbLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let t = round.t;
        self.t = t;
        // The window is rounds t − τ to t − 1; round t − τ − 1 leaves, and its place is round t's.
        let place = self.place(t);
        let (arm, reward) = std::mem::replace(&mut self.ring[place], (NOTHING, 0.0));
        if arm != NOTHING {
            self.pulls[arm] -= 1.0;
            // An empty sum is exactly 0, whatever was rounded before.
            self.sums[arm] = if self.pulls[arm] == 0.0 { 0.0 } else { self.sums[arm] - reward };
        }
        if t <= self.pulls.len() as u64 {
            return (t - 1) as usize;
        }
        let log = self.xi * math::ln(t.min(self.window) as f64);
        argmax(
            self.pulls
                .iter()
                .zip(&self.sums)
                .map(|(&n, sum)| if n == 0.0 { f64::INFINITY } else { sum / n + (log / n).sqrt() }),
        )
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        if outcome.t + self.window < self.t + 1 {
            return; // It came too late for the next round's window.
        }
        let (arm, place) = (outcome.action, self.place(outcome.t));
        self.ring[place] = (arm, outcome.feedback);
        self.pulls[arm] += 1.0;
        self.sums[arm] += outcome.feedback;
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
        self.ring.fill((NOTHING, 0.0));
        self.t = 0;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::assert_trace;

    #[test]
    fn the_window_holds_the_last_rounds() {
        let spec = SlidingWindowUcb { window: Some(3), ..SlidingWindowUcb::default() };
        let mut learner = spec.learner(&Setting::new(2, 50)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut history = Vec::new();
        for t in 1..=50u64 {
            let rng = &mut rng;
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            let window = &history[history.len().saturating_sub(3)..];
            for arm in 0..2 {
                let of_arm = window.iter().filter(|(a, _)| *a == arm);
                let (n, sum) = of_arm.fold((0.0, 0.0), |(n, s), (_, r)| (n + 1.0, s + r));
                assert_eq!((learner.pulls[arm], learner.sums[arm]), (n, sum), "round {t}");
            }
            let feedback = (t % 4) as f64 / 4.0;
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
            history.push((action, feedback));
        }
    }

    #[test]
    fn the_default_window() {
        let learner = SlidingWindowUcb::default().learner(&Setting::new(2, 10_000)).expect("fits");
        // 2 √(10⁴ · 9.21034) = 606.97.
        assert_eq!(learner.window, 607);
    }

    #[test]
    fn windows_that_no_memory_would_hold_are_refused() {
        let spec = |window, changes| SlidingWindowUcb { window, changes, ..Default::default() };
        let path = |spec: SlidingWindowUcb, horizon| {
            spec.learner(&Setting::new(2, horizon)).err().map(|error| error.path)
        };
        assert_eq!(path(spec(Some(100_000_000_000), 1.0), 1 << 40).as_deref(), Some("window"));
        assert_eq!(path(spec(None, 1e-12), 1 << 40).as_deref(), Some("changes"));
        // Beyond the horizon a window costs nothing, and the default is short enough.
        assert_eq!(path(spec(Some(100_000_000_000), 1.0), 1000), None);
        assert_eq!(path(spec(None, 1.0), 1 << 40), None);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &SlidingWindowUcb { window: Some(12), ..SlidingWindowUcb::default() },
            "012101210110201210021011020111002111102021110121101202011012",
        );
    }
}
