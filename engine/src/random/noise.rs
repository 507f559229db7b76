//! Noise looked up by (round, arm): the same luck for every learner, by construction.

use super::{GAMMA, Role, Stream, key, mix};

/// How far apart, in SplitMix64 outputs, the substreams of two neighbouring arms lie: rounds
/// beyond it would run into the next arm's.
const ARM_STRIDE: u32 = 40;

/// What to add to a noise key to move from arm 0 to arm 1, and so on.
pub const ARM_GAMMA: u64 = GAMMA << ARM_STRIDE;

/// The noise of one replication: a word for each (round, arm), whatever is played.
///
/// Arm `a` at round `t` gets output number `a 2^40 + t` of the replication's SplitMix64 stream, so
/// rounds up to 2^40 and arms up to 2^24 have words of their own, adding an arm changes no other
/// arm's luck, and different arms are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
}

impl Noise {
    /// The noise of a replication.
    pub fn new(seed: u64, replication: u64) -> Self {
        Self { key: key(seed, replication, Role::Noise) }
    }

    /// The noise whose words are SplitMix64's outputs from this state.
    pub const fn from_key(key: u64) -> Self {
        Self { key }
    }

    /// The key, which lanes keep in an array.
    pub const fn key(self) -> u64 {
        self.key
    }

    /// The word of (round, arm); rounds count from 1.
    #[inline(always)]
    pub fn word(self, t: u64, arm: usize) -> u64 {
        word(self.key, t, arm)
    }

    /// A generator seeded with the word of (round, arm), for draws that need several numbers.
    #[inline(always)]
    pub fn stream(self, t: u64, arm: usize) -> Stream {
        Stream::from_state(self.word(t, arm))
    }
}

/// The word of (round, arm) under a key: [`Noise::word`] for keys kept in an array.
#[inline(always)]
pub fn word(key: u64, t: u64, arm: usize) -> u64 {
    mix(key.wrapping_add(t.wrapping_mul(GAMMA)).wrapping_add((arm as u64).wrapping_mul(ARM_GAMMA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arm_zero_is_the_sequential_stream() {
        let noise = Noise::new(5, 2);
        let mut stream = Stream::from_state(noise.key());
        for t in 1..50 {
            assert_eq!(noise.word(t, 0), stream.word());
        }
    }

    #[test]
    fn arms_are_uncorrelated() {
        let noise = Noise::new(5, 2);
        let rounds = 100_000u64;
        for (a, b) in [(0, 1), (1, 2), (0, 17), (3, 1000)] {
            let centred = |t, arm| super::super::unit(noise.word(t, arm)) - 0.5;
            let covariance: f64 =
                (1..=rounds).map(|t| centred(t, a) * centred(t, b)).sum::<f64>() / rounds as f64;
            // The product has variance (1/12)², so the correlation's deviation is 1/√rounds.
            assert!((covariance * 12.0).abs() < 5.0 / (rounds as f64).sqrt(), "{a} {b}");
        }
    }
}
