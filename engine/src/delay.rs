//! Delayed feedback: when a decision's feedback arrives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math;
use crate::random::{Role, key, noise_word, open_unit};

/// The law of the delays. Feedback of round `t` with delay `d` arrives after round `t + d`, so 0
/// is no delay; what would arrive after the horizon never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    /// Feedback at once.
    #[default]
    None,
    /// The same delay in every round, in rounds.
    Fixed(u64),
    /// Geometric delays on 0, 1, 2, … with this mean (> 0), independent between rounds.
    Geometric(f64),
    /// Delays uniform on the integers from the first to the second number, both included.
    Uniform([u64; 2]),
    /// Feedback of rounds `jB + 1` to `(j + 1)B` arrives together after round `(j + 1)B`.
    Batched(u64),
}

/// A delay that cannot be: the value and the rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DelayError {
    /// The mean of a geometric delay.
    #[error("mean delay {0}: must be a number above 0 and at most 1e9")]
    Mean(f64),
    /// The ends of a uniform delay.
    #[error("delays from {0} to {1}: the first must not be above the second")]
    Ends(u64, u64),
    /// The batch size.
    #[error("batch size 0: must be at least 1")]
    EmptyBatch,
}

impl Delay {
    /// Checks the parameters.
    ///
    /// # Errors
    /// The value and the rule that it breaks.
    pub fn check(self) -> Result<(), DelayError> {
        match self {
            Self::Geometric(mean) if !(mean > 0.0 && mean <= 1e9) => Err(DelayError::Mean(mean)),
            Self::Uniform([low, high]) if low > high => Err(DelayError::Ends(low, high)),
            Self::Batched(0) => Err(DelayError::EmptyBatch),
            _ => Ok(()),
        }
    }

    /// How many decisions can await feedback at once over `horizon` rounds: the longest delay that
    /// still arrives, plus one.
    pub fn pending(self, horizon: u64) -> usize {
        let arrives = |delay: u64| if delay < horizon { delay } else { horizon - 1 };
        let longest = match self {
            Self::None => 0,
            Self::Fixed(delay) if delay >= horizon => 0,
            Self::Fixed(delay) => delay,
            Self::Geometric(mean) => arrives(geometric(mean, open_unit(0))),
            Self::Uniform([low, _]) if low >= horizon => 0,
            Self::Uniform([_, high]) => arrives(high),
            Self::Batched(size) => arrives(size - 1),
        };
        longest as usize + 1
    }

    /// The delay of round `t` in a replication.
    pub(crate) fn at(self, seed: u64, replication: u64, t: u64) -> u64 {
        let word = || noise_word(key(seed, replication, Role::Delay), t, 0);
        match self {
            Self::None => 0,
            Self::Fixed(delay) => delay,
            Self::Geometric(mean) => geometric(mean, open_unit(word())),
            Self::Uniform([low, high]) => {
                let width = u128::from(high - low) + 1;
                low + ((u128::from(word()) * width) >> 64) as u64
            }
            Self::Batched(size) => t.div_ceil(size) * size - t,
        }
    }
}

/// The geometric quantile at `1 − u`: P(d ≥ n) = (mean / (1 + mean))^n.
fn geometric(mean: f64, u: f64) -> u64 {
    (math::ln(u) / -math::ln_1p(1.0 / mean)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_arrive_together() {
        let delays: Vec<u64> = (1..=7).map(|t| Delay::Batched(3).at(1, 0, t)).collect();
        assert_eq!(delays, [2, 1, 0, 2, 1, 0, 2]);
    }

    #[test]
    fn random_delays_have_their_means_and_stay_within_pending() {
        let rounds = 100_000;
        for (delay, mean, deviation) in [
            (Delay::Geometric(4.0), 4.0, 20f64.sqrt()),
            (Delay::Uniform([2, 9]), 5.5, (63.0f64 / 12.0).sqrt()),
        ] {
            let drawn: Vec<u64> = (1..=rounds).map(|t| delay.at(7, 3, t)).collect();
            let average = drawn.iter().sum::<u64>() as f64 / rounds as f64;
            assert!((average - mean).abs() < 5.0 * deviation / (rounds as f64).sqrt());
            assert!(drawn.iter().all(|&d| d < delay.pending(u64::MAX) as u64));
        }
    }

    #[test]
    fn nothing_is_kept_for_feedback_that_never_arrives() {
        assert_eq!(Delay::Fixed(1000).pending(1000), 1);
        assert_eq!(Delay::Fixed(999).pending(1000), 1000);
        assert_eq!(Delay::None.pending(10), 1);
        assert_eq!(Delay::Uniform([3, 5000]).pending(100), 100);
    }

    #[test]
    fn impossible_delays_are_refused() {
        assert_eq!(Delay::Batched(0).check(), Err(DelayError::EmptyBatch));
        assert!(Delay::Geometric(f64::NAN).check().is_err());
        assert_eq!(Delay::Uniform([4, 3]).check(), Err(DelayError::Ends(4, 3)));
    }
}
