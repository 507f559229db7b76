//! Permutations that need no memory.

use regret_engine::random::mix;

/// The place of `index` in a permutation of 0 … `count` − 1 that depends on `key`: a Feistel network
/// on the next power of four, walked until it falls below `count`. Needs no memory, so that a long
/// table can be shuffled for many replications.
pub fn permuted(index: u64, count: u64, key: u64) -> u64 {
    const ROUNDS: u64 = 8;
    let half = (64 - (count - 1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1u64 << half) - 1;
    let mut place = index;
    loop {
        let (mut left, mut right) = (place >> half, place & mask);
        for round in 0..ROUNDS {
            let turned = left ^ (mix(key ^ mix(right.wrapping_add(round << 40))) & mask);
            (left, right) = (right, turned);
        }
        place = left << half | right;
        if place < count {
            return place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_permutations() {
        for count in [1, 2, 3, 17, 64, 1000] {
            let mut places: Vec<u64> = (0..count).map(|i| permuted(i, count, 99)).collect();
            places.sort_unstable();
            assert_eq!(places, (0..count).collect::<Vec<_>>());
        }
    }
}
