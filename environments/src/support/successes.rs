//! The successes of an arm that is kept being played: counted round by round, or drawn at once.

use regret_engine::math;
use regret_engine::protocols::bandit::{ArmSums, Level};
use regret_engine::random::{ARM_GAMMA, GAMMA, mix, noise_word, open_unit};
use regret_engine::vectorised;

use super::process::ArmRun;

/// Rewards 0 and 1 of one arm over time.
pub trait Successes {
    /// Whether round `t` succeeds.
    fn succeeds(&self, t: u64) -> bool;

    /// The number of successes in `rounds` rounds from `t` on.
    fn count(&self, t: u64, rounds: u64) -> u64;

    /// Plays a run: counts a stretch at a time, as many rounds as could all fail without the sum
    /// falling below the level. Sums of whole numbers are exact in any order.
    fn run(&self, run: ArmRun, sums: &mut ArmSums) -> u64 {
        let ArmRun { first, last, level, .. } = run;
        let mut t = first;
        loop {
            let left = last + 1 - t;
            match safe_rounds(sums, level).min(left) {
                rounds if rounds >= WORTH_COUNTING => {
                    let successes = self.count(t, rounds) as f64;
                    sums.pulls += rounds as f64;
                    sums.sum += successes;
                    sums.squares += successes;
                    t += rounds;
                }
                _ => {
                    sums.enter(f64::from(u8::from(self.succeeds(t))));
                    t += 1;
                    if !sums.above(level) {
                        return t - 1;
                    }
                }
            }
            if t > last {
                return last;
            }
        }
    }
}

/// Rounds from which on counting them together is faster than one by one.
const WORTH_COUNTING: u64 = 8;

/// How many rounds an arm surely stays above a level, should it never succeed again: the greatest
/// r with `sum ≥ level (pulls + r)`, less one for the rounding of this quotient.
fn safe_rounds(sums: &ArmSums, level: Level) -> u64 {
    if level.0 <= 0.0 {
        return u64::MAX;
    }
    // Negative and NaN become 0; at most 2^53 counts exactly.
    (sums.sum / level.0 - sums.pulls - 1.0).min(9.0e15) as u64
}

/// What a word's 53 high bits must be below for a success of probability `p`: `unit(word) < p`
/// compares whole numbers, the 53 high bits with p 2^53, which is exact.
pub fn threshold(p: f64) -> u64 {
    (p * (1u64 << 53) as f64).ceil() as u64
}

/// Successes by each round's own word of noise.
#[derive(Clone, Copy)]
pub struct Substream {
    /// The noise's key, moved to the arm.
    key: u64,
    threshold: u64,
}

impl Substream {
    /// The successes of an arm with this [`threshold`] in the replication with this noise key.
    pub fn new(key: u64, arm: usize, threshold: u64) -> Self {
        Self { key: key.wrapping_add((arm as u64).wrapping_mul(ARM_GAMMA)), threshold }
    }
}

impl Successes for Substream {
    #[inline(always)]
    fn succeeds(&self, t: u64) -> bool {
        noise_word(self.key, t, 0) >> 11 < self.threshold
    }

    fn count(&self, t: u64, rounds: u64) -> u64 {
        count_below(self.key.wrapping_add(t.wrapping_mul(GAMMA)), rounds, self.threshold)
    }
}

vectorised! {
    /// How many of `count` outputs of SplitMix64, from the state `first` on, have 53 high bits below
    /// the threshold.
    fn count_below(first: u64, count: u64, threshold: u64) -> u64 {
        let mut below = 0;
        for i in 0..count {
            let word = mix(first.wrapping_add(i.wrapping_mul(GAMMA)));
            below += u64::from(word >> 11 < threshold);
        }
        below
    }
}

/// Successes whose sums are drawn in closed form: independent and of probability p in every round,
/// as [`Substream`]'s, but not the same ones.
///
/// The number of successes in a block of 2^16 rounds is binomial; how many of them fall into its
/// first half is hypergeometric, and so on down to single rounds. Every one of these draws has a
/// word of its own, so the successes of a round, and of any stretch, are the same however play is
/// cut into stretches; a stretch costs a draw for each block and some thirty for its ends.
#[derive(Clone, Copy)]
pub struct SummedSubstream {
    key: u64,
    p: f64,
}

/// ln of the number of rounds in a block, to the base 2.
const LEVELS: u32 = 16;

/// Keeps the words of sums apart from those of rounds.
const SALT: u64 = 0x5355_4D53_0000_0000;

impl SummedSubstream {
    /// The successes, of probability `p`, of an arm in the replication with this noise key.
    pub fn new(key: u64, arm: usize, p: f64) -> Self {
        let key = mix(key ^ SALT);
        Self { key: key.wrapping_add((arm as u64).wrapping_mul(ARM_GAMMA)), p }
    }

    fn uniform(&self, place: u64) -> f64 {
        open_unit(noise_word(self.key, place, 0))
    }

    /// The successes in a block: the word of its first round.
    fn total(&self, block: u64) -> u64 {
        binomial(1 << LEVELS, self.p, self.uniform(block << LEVELS))
    }

    /// The successes before round `t` in its block, `total` of which has them in all. A node of
    /// the tree has the word of the round in its middle.
    fn before(&self, t: u64, total: u64) -> u64 {
        let (mut start, mut inside, mut before) = (t >> LEVELS << LEVELS, total, 0);
        for level in (1..=LEVELS).rev() {
            if t == start || inside == 0 {
                break;
            }
            let half = 1u64 << (level - 1);
            let left = hypergeometric(half, inside, self.uniform(start + half));
            if t >= start + half {
                before += left;
                inside -= left;
                start += half;
            } else {
                inside = left;
            }
        }
        before
    }
}

impl Successes for SummedSubstream {
    fn succeeds(&self, t: u64) -> bool {
        self.count(t, 1) == 1
    }

    fn count(&self, t: u64, rounds: u64) -> u64 {
        let end = t + rounds;
        let (first, last) = (t >> LEVELS, end >> LEVELS);
        let total = self.total(first);
        if first == last {
            return self.before(end, total) - self.before(t, total);
        }
        let whole: u64 = (first + 1..last).map(|block| self.total(block)).sum();
        total - self.before(t, total) + whole + self.before(end, self.total(last))
    }
}

fn ln_choose(n: u64, k: u64) -> f64 {
    let ln_factorial = |n: u64| math::ln_gamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The successes in `n` rounds of probability `p`, from one uniform number.
fn binomial(n: u64, p: f64, u: f64) -> u64 {
    if p <= 0.0 || p >= 1.0 {
        return if p >= 1.0 { n } else { 0 };
    }
    let mode = (((n + 1) as f64 * p) as u64).min(n);
    let ln_odds = [math::ln(p), math::ln_1p(-p)];
    let ln_mass = ln_choose(n, mode) + mode as f64 * ln_odds[0] + (n - mode) as f64 * ln_odds[1];
    let odds = p / (1.0 - p);
    let ratio = |k: u64| (n - k) as f64 / (k + 1) as f64 * odds;
    outward(mode, math::exp(ln_mass), [0, n], ratio, u)
}

/// How many of `successes` among 2 `half` rounds fall into the first half, from one uniform number.
fn hypergeometric(half: u64, successes: u64, u: f64) -> u64 {
    let (low, high) = (successes.saturating_sub(half), successes.min(half));
    let mode = ((half + 1) * (successes + 1) / (2 * half + 2)).clamp(low, high);
    let ln_mass =
        ln_choose(half, mode) + ln_choose(half, successes - mode) - ln_choose(2 * half, successes);
    let ratio = |k: u64| {
        let up = (successes - k) as f64 * (half - k) as f64;
        up / ((k + 1) as f64 * (half + k + 1 - successes) as f64)
    };
    outward(mode, math::exp(ln_mass), [low, high], ratio, u)
}

/// The number in whose mass `u` falls, when masses are laid side by side from the mode outward:
/// `ratio(k)` is the mass of k + 1 over that of k. Takes as many steps as a few deviations.
fn outward(mode: u64, mass: f64, [low, high]: [u64; 2], ratio: impl Fn(u64) -> f64, u: f64) -> u64 {
    let (mut up, mut down) = ((mode, mass), (mode, mass));
    let mut left = u - mass;
    while left >= 0.0 {
        if up.0 == high && down.0 == low {
            return mode;
        }
        if up.0 < high {
            up = (up.0 + 1, up.1 * ratio(up.0));
            left -= up.1;
            if left < 0.0 {
                return up.0;
            }
        }
        if down.0 > low {
            down = (down.0 - 1, down.1 / ratio(down.0 - 1));
            left -= down.1;
            if left < 0.0 {
                return down.0;
            }
        }
    }
    mode
}

#[cfg(test)]
mod tests {
    use super::*;

    /// χ² of counts against probabilities, cells of less than 5 expected put together; and its
    /// degrees of freedom.
    fn chi_square(counts: &[f64], law: &[f64]) -> (f64, f64) {
        let n: f64 = counts.iter().sum();
        let (mut statistic, mut cells, mut rest) = (0.0, -1.0, (0.0, 0.0));
        for (&count, &p) in counts.iter().zip(law) {
            rest = (rest.0 + count, rest.1 + n * p);
            if rest.1 >= 5.0 {
                statistic += (rest.0 - rest.1) * (rest.0 - rest.1) / rest.1;
                cells += 1.0;
                rest = (0.0, 0.0);
            }
        }
        (statistic, cells)
    }

    fn binomial_law(n: u64, p: f64) -> Vec<f64> {
        let mass = |k: u64| {
            let ln = ln_choose(n, k) + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln();
            ln.exp()
        };
        (0..=n).map(mass).collect()
    }

    #[test]
    fn stretches_have_the_law_of_independent_rounds() {
        // Stretches that begin and end anywhere, in blocks of their own: independent of each other.
        for (p, offset, rounds) in [(0.3, 5u64, 20), (0.9, 65_530, 13), (0.02, 32_700, 100)] {
            let stream = SummedSubstream::new(12_345, 1, p);
            let mut counts = vec![0.0; rounds as usize + 1];
            for block in 0..2000 {
                counts[stream.count((block << (LEVELS + 1)) + offset, rounds) as usize] += 1.0;
            }
            let (statistic, cells) = chi_square(&counts, &binomial_law(rounds, p));
            // Mean `cells` and variance twice that: five deviations.
            assert!(statistic < cells + 5.0 * (2.0 * cells).sqrt(), "{p}: {statistic} of {cells}");
        }
    }

    #[test]
    fn sums_of_blocks_are_binomial() {
        let (p, blocks) = (0.4, 4000u64);
        let stream = SummedSubstream::new(9, 3, p);
        let rounds = (1u64 << LEVELS) as f64;
        let deviation = (rounds * p * (1.0 - p)).sqrt();
        let standard = |block| (stream.total(block) as f64 - rounds * p) / deviation;
        let sums = (0..blocks).map(standard).fold([0.0; 3], |[a, b, c], x: f64| {
            [a + x, b + x * x, c + f64::from(u8::from(x < -0.674_49))]
        });
        // Standard errors 1/√4000, √(2/4000) and √(3/16/4000): five of each.
        let n = blocks as f64;
        assert!((sums[0] / n).abs() < 0.079 && (sums[1] / n - 1.0).abs() < 0.112, "{sums:?}");
        assert!((sums[2] / n - 0.25).abs() < 0.035, "{sums:?}");
    }

    #[test]
    fn rounds_add_up_to_stretches_however_they_are_cut() {
        let stream = SummedSubstream::new(77, 0, 0.25);
        let (first, rounds) = (65_400u64, 70_000);
        let whole = stream.count(first, rounds);
        let cuts = [0, 1, 137, 138, 4000, 65_672, 69_999, 70_000];
        let pieces = cuts.windows(2).map(|cut| stream.count(first + cut[0], cut[1] - cut[0]));
        assert_eq!(pieces.sum::<u64>(), whole);
        let singles = (first..first + 300).filter(|&t| stream.succeeds(t)).count() as u64;
        assert_eq!(singles, stream.count(first, 300));
        // Neighbouring rounds are independent: the covariance of 20 000 pairs.
        let pairs = (0..20_000u64).map(|i| (stream.succeeds(2 * i), stream.succeeds(2 * i + 1)));
        let both = pairs.filter(|&(a, b)| a && b).count() as f64 / 20_000.0;
        assert!((both - 0.0625).abs() < 5.0 * (0.0625f64 * 0.9375 / 20_000.0).sqrt(), "{both}");
    }

    #[test]
    fn certain_rounds_are_certain() {
        for (p, successes) in [(0.0, 0), (1.0, 100_000)] {
            assert_eq!(SummedSubstream::new(1, 0, p).count(5, 100_000), successes);
        }
    }
}
