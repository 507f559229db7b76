//! One replication's stream of random words.

use std::convert::Infallible;

use rand_core::TryRng;

use super::{GAMMA, Role, key, mix, open_unit, unit};

/// A SplitMix64 generator. Works with every distribution of the `rand` ecosystem, being an
/// infallible `rand_core` generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream of (experiment seed, replication, role).
    pub fn new(seed: u64, replication: u64, role: Role) -> Self {
        Self::from_state(key(seed, replication, role))
    }

    /// The generator whose next word is `mix(state + GAMMA)`.
    pub const fn from_state(state: u64) -> Self {
        Self { state }
    }

    /// The state, which a lane keeps instead of a `Stream`.
    pub const fn state(&self) -> u64 {
        self.state
    }

    /// The next 64 random bits.
    #[inline(always)]
    pub fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// The next uniform number in `[0, 1)`.
    #[inline(always)]
    pub fn uniform(&mut self) -> f64 {
        unit(self.word())
    }

    /// The next uniform number in `(0, 1)`.
    #[inline(always)]
    pub fn open_uniform(&mut self) -> f64 {
        open_unit(self.word())
    }

    /// A uniform index below `count`, by a multiplication: the bias is below `count / 2^64`.
    /// `count` must not be 0; with 0 the answer is 0.
    #[inline(always)]
    pub fn index(&mut self, count: usize) -> usize {
        ((u128::from(self.word()) * count as u128) >> 64) as usize
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_splitmix64() {
        // First outputs of the reference implementation (Vigna, splitmix64.c) for seed 1234567.
        let mut stream = Stream::from_state(1_234_567);
        let words: Vec<u64> = (0..5).map(|_| stream.word()).collect();
        assert_eq!(
            words,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn indices_are_uniform() {
        let mut stream = Stream::new(3, 0, Role::Learner);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[stream.index(7)] += 1;
        }
        // Each count is Binomial(70000, 1/7): standard deviation 92.6; five of them.
        assert!(counts.iter().all(|&c| (f64::from(c) - 10_000.0).abs() < 463.0), "{counts:?}");
    }
}
