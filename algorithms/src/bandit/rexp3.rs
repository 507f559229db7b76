//! Rexp3: EXP3 that begins anew after every batch of rounds, to follow changing rewards.
//!
//! Source: Besbes, Gur, Zeevi, "Stochastic multi-armed-bandit problem with non-stationary rewards",
//! NIPS 2014, Section 3 (Rexp3).
//! Setting: K arms, rewards in [0, 1], means whose changes add up to at most V over the horizon T.
//! Guarantee: regret of each round's best arm O((V K ln K)^{1/3} T^{2/3}) (there, Theorem 2, whose
//! constants are not stated here).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::log_weights::normalise;

/// Parameters of Rexp3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rexp3 {
    /// Rounds Δ ≥ 1 between restarts; by default ⌈(K ln K)^{1/3} (T/V)^{2/3}⌉.
    pub batch: Option<u64>,
    /// Total variation V > 0 of the means that the default batch is made for.
    pub variation: f64,
    /// Mixing 0 < γ ≤ 1; by default min{1, √(K ln K / ((e − 1) Δ))}.
    pub gamma: Option<f64>,
}

impl Default for Rexp3 {
    fn default() -> Self {
        Self { batch: None, variation: 1.0, gamma: None }
    }
}

impl Algorithm for Rexp3 {
    type Protocol = Bandit;
    type Learner = Rexp3Learner;

    const NAME: &'static str = "rexp3";
    const SUMMARY: &'static str = "EXP3 that begins anew after every batch of rounds";
    const SOURCE: &'static str = "Besbes, Gur, Zeevi, Stochastic multi-armed-bandit problem with \
                                  non-stationary rewards, 2014, Section 3";

    fn check(&self) -> Result<(), ParameterError> {
        super::batched_exp3::check_batch(self.batch)?;
        let valid = self.variation > 0.0 && self.variation.is_finite();
        ParameterError::unless(valid, "variation", self.variation, "must be a positive number")?;
        self.gamma.map_or(Ok(()), |gamma| {
            let valid = gamma > 0.0 && gamma <= 1.0;
            ParameterError::unless(valid, "gamma", gamma, "must be above 0 and at most 1")
        })
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let (arms, horizon) = (setting.arms() as f64, setting.horizon as f64);
        let size = arms * math::ln(arms);
        let default =
            || math::cbrt(size) * math::pow(horizon / self.variation, 2.0 / 3.0).min(horizon);
        let batch = self.batch.unwrap_or_else(|| default().ceil().max(1.0) as u64);
        let tuned = (size / ((std::f64::consts::E - 1.0) * batch as f64)).sqrt().min(1.0);
        Ok(Rexp3Learner {
            batch,
            gamma: self.gamma.unwrap_or(tuned),
            start: 1,
            gains: vec![0.0; setting.arms()],
            probabilities: vec![0.0; setting.arms()],
            played: vec![0.0; setting.pending],
        })
    }
}

/// Rexp3 of one replication.
pub struct Rexp3Learner {
    batch: u64,
    gamma: f64,
    /// The first round of the present batch, and the arms' estimated gains since.
    start: u64,
    gains: Vec<f64>,
    probabilities: Vec<f64>,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Learner<Bandit> for Rexp3Learner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if (round.t - 1).is_multiple_of(self.batch) {
            self.gains.fill(0.0);
            self.start = round.t;
        }
        let arms = self.gains.len() as f64;
        for (p, gain) in self.probabilities.iter_mut().zip(&self.gains) {
            *p = self.gamma * gain / arms;
        }
        normalise(&mut self.probabilities);
        for p in &mut self.probabilities {
            *p = (1.0 - self.gamma) * *p + self.gamma / arms;
        }
        let arm = sample_index(&self.probabilities, round.rng.uniform());
        self.played[round.slot] = self.probabilities.get(arm).copied().unwrap_or(f64::NAN);
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        // What belongs to an earlier batch is forgotten with it.
        if outcome.t >= self.start {
            self.gains[outcome.action] += outcome.feedback / self.played[outcome.slot];
        }
    }

    fn reset(&mut self) {
        self.start = 1;
        self.gains.fill(0.0);
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::play;

    #[test]
    fn defaults_by_hand() {
        let learner = Rexp3::default().learner(&Setting::new(2, 1000)).expect("fits");
        // (2 ln 2)^{1/3} · 1000^{2/3} = 1.115 026 · 100; γ = √(1.386 294/(1.718 282 · 112)).
        assert_eq!(learner.batch, 112);
        assert!((learner.gamma - 0.084_873_4).abs() < 1e-6, "{}", learner.gamma);
    }

    #[test]
    fn a_round_by_hand_and_a_restart() {
        let spec = Rexp3 { batch: Some(2), variation: 1.0, gamma: Some(0.5) };
        let (learner, played) = play(&spec, 2, 10, 2, |_, _| 0.5);
        // Round 1: p = 1/2, estimated gain 1. Round 2: weights e^{0.25} and 1, mixed with 1/4 each.
        let p = 0.5 * 0.25f64.exp() / (0.25f64.exp() + 1.0) + 0.25;
        let second = if played[1] == played[0] { p } else { 1.0 - p };
        assert!((learner.played[0] - second).abs() < 1e-12);
        let (learner, played) = play(&spec, 2, 10, 3, |_, _| 0.5);
        assert_eq!(learner.played[0], 0.5);
        assert_eq!((learner.gains[played[2]], learner.gains[1 - played[2]]), (1.0, 0.0));
    }
}
