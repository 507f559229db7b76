//! Randomness that depends on the spec alone.
//!
//! One generator serves everything: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
//! number generators", OOPSLA 2014), because its `n`-th output is a function of `key + n γ`. That
//! gives random access in time, so noise can be looked up by (replication, round, arm) without
//! state: whatever a learner plays, every learner meets the same luck, and a run of rounds can be
//! vectorised over time as well as over replications. The generator passes BigCrush.
//!
//! Streams are keyed by (experiment seed, replication, [`Role`]). Two of `n` streams that each use
//! `L` numbers overlap with probability below `n² L / 2^64`: 5·10⁻⁷ for a thousand replications of
//! ten million draws.

mod distributions;
mod lanes;
mod noise;
mod stream;

pub use distributions::{exponential, gamma, normal, normal_quantile, sample_index};
pub use lanes::Streams;
pub use noise::{ARM_GAMMA, Noise, word as noise_word};
pub use stream::Stream;

/// SplitMix64's increment, 2^64 divided by the golden ratio, made odd.
pub const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's output function: David Stafford's variant 13 of MurmurHash3's finaliser.
#[inline(always)]
pub const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The uniform number in `[0, 1)` made of a word's 53 high bits.
#[inline(always)]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The uniform number in `(0, 1)`, symmetric around ½, made of a word's 52 high bits: safe for `ln`.
#[inline(always)]
pub fn open_unit(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// Who draws. Streams of different roles are independent, so a learner that draws more numbers
/// does not change the environment's luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What is drawn once for a replication: an instance from its prior, change points.
    Environment,
    /// The noise of every round.
    Noise,
    /// The learner's own randomisation.
    Learner,
    /// When feedback arrives.
    Delay,
}

impl Role {
    const fn salt(self) -> u64 {
        match self {
            Self::Environment => 0x454E_5649_524F_4E00,
            Self::Noise => 0x4E4F_4953_4500_0000,
            Self::Learner => 0x4C45_4152_4E45_5200,
            Self::Delay => 0x4445_4C41_5900_0000,
        }
    }
}

/// The key of the stream of (experiment seed, replication, role).
pub fn key(seed: u64, replication: u64, role: Role) -> u64 {
    let seeded = mix(seed.wrapping_add(GAMMA)) ^ role.salt();
    mix(mix(seeded).wrapping_add(replication.wrapping_mul(GAMMA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_between_seeds_replications_and_roles() {
        let mut keys = Vec::new();
        for seed in 0..20 {
            for replication in 0..50 {
                for role in [Role::Environment, Role::Noise, Role::Learner, Role::Delay] {
                    keys.push(key(seed, replication, role));
                }
            }
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn unit_intervals_have_the_stated_ends() {
        assert_eq!(unit(0), 0.0);
        assert_eq!(unit(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        assert!(open_unit(0) > 0.0 && open_unit(u64::MAX) < 1.0);
        assert_eq!(open_unit(0), 1.0 - open_unit(u64::MAX));
    }
}
