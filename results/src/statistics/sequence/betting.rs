//! A confidence sequence for quantities with a known range: bets against every candidate mean.
//!
//! For values in [0, 1] and a candidate m, two gamblers start with ½ each and bet λ_i on values
//! above m, or below it: K⁺ = ½ Π (1 + λ_i (x_i − m)), K⁻ = ½ Π (1 − λ_i (x_i − m)). If m is the
//! mean, both are martingales; the interval holds the m at which neither has reached 1/α. Stakes
//! are those of the predictable plug-in, from the mean and variance of earlier values:
//! λ_i = √(2 ln(2/α) / (σ̂²_{i−1} i ln(1 + i))), at most ½/m (below: ½/(1 − m)).
//!
//! Source: Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting", Journal
//! of the Royal Statistical Society B 86(1), 2024, Theorem 3 (hedged capital).
//! Assumptions: independent values with the same mean, all in the range; valid at every number of
//! them, not asymptotically.

use regret_engine::math;

/// The share of the capital that is staked at the most.
const MOST: f64 = 0.5;

/// The interval for the mean of `sample`, whose values lie in `range` (low < high), in the order in
/// which they came: it holds at every sample size at once with probability 1 − `alpha`.
pub fn interval(sample: &[f64], range: (f64, f64), alpha: f64) -> (f64, f64) {
    let width = range.1 - range.0;
    let unit: Vec<f64> = sample.iter().map(|x| ((x - range.0) / width).clamp(0.0, 1.0)).collect();
    let mirrored: Vec<f64> = unit.iter().map(|x| 1.0 - x).collect();
    let stakes = stakes(&unit, alpha);
    let low = lower_end(&unit, &stakes, alpha);
    let high = 1.0 - lower_end(&mirrored, &stakes, alpha);
    // Data that contradict every mean (probability below α) leave the two ends crossed.
    let (low, high) = (low.min(high), low.max(high));
    (range.0 + width * low, range.0 + width * high)
}

/// The stakes λ_i before their cut. They are the same for the mirrored values.
fn stakes(sample: &[f64], alpha: f64) -> Vec<f64> {
    let log = 2.0 * math::ln(2.0 / alpha);
    let (mut sum, mut squares) = (0.5, 0.25);
    let mut stakes = Vec::with_capacity(sample.len());
    for (index, &x) in sample.iter().enumerate() {
        let i = (index + 1) as f64;
        let variance = squares / i;
        stakes.push((log / (variance * i * math::ln(1.0 + i))).sqrt());
        sum += x;
        let mean = sum / (i + 1.0);
        squares += (x - mean) * (x - mean);
    }
    stakes
}

/// The logarithm of the capital of the gambler who bets on values above `m`.
fn ln_capital(sample: &[f64], stakes: &[f64], m: f64) -> f64 {
    let term = |(x, stake): (&f64, &f64)| math::ln_1p(stake.min(MOST / m) * (x - m));
    math::ln(0.5) + sample.iter().zip(stakes).map(term).sum::<f64>()
}

/// The least m at which the gambler on higher values has not reached 1/α; his capital falls in m.
fn lower_end(sample: &[f64], stakes: &[f64], alpha: f64) -> f64 {
    let rich = |m: f64| ln_capital(sample, stakes, m) >= -math::ln(alpha);
    if !rich(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if rich(middle) { low = middle } else { high = middle }
    }
    // The end that belongs to the complement: never narrower by the rounding.
    low
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn one_value_is_a_bet_by_hand() {
        // σ̂²_0 = 1/4: λ_1 = √(8 ln 40 / ln 2) = 6.525, so that K⁺ is at most ½ (1 + 6.525) < 20.
        assert!((stakes(&[1.0], 0.05)[0] - 6.525).abs() < 1e-3);
        assert_eq!(interval(&[1.0], (0.0, 1.0), 0.05), (0.0, 1.0));
        let (low, _) = interval(&[1.0; 200], (0.0, 1.0), 0.05);
        assert!(low > 0.9, "{low}");
        // The same on another scale.
        let (scaled, _) = interval(&[7.0; 200], (3.0, 7.0), 0.05);
        assert!((scaled - (3.0 + 4.0 * low)).abs() < 1e-12);
    }

    #[test]
    fn the_interval_holds_the_candidates_at_which_nobody_is_rich() {
        let mut stream = Stream::new(8, 0, Role::Learner);
        let sample: Vec<f64> = (0..300).map(|_| stream.uniform().powi(2)).collect();
        let (low, high) = interval(&sample, (0.0, 1.0), 0.05);
        // Second route: both products, as they stand, over a grid of candidates.
        let stakes = stakes(&sample, 0.05);
        for i in 1..1000 {
            let m = f64::from(i) / 1000.0;
            let (mut above, mut below) = (0.5, 0.5);
            for (x, stake) in sample.iter().zip(&stakes) {
                above *= 1.0 + stake.min(0.5 / m) * (x - m);
                below *= 1.0 - stake.min(0.5 / (1.0 - m)) * (x - m);
            }
            let inside = above < 20.0 && below < 20.0;
            assert_eq!(inside, (low..=high).contains(&m), "{m}: {low} {high}");
        }
        assert!(low < 1.0 / 3.0 && high > 1.0 / 3.0 && high - low < 0.2, "{low} {high}");
    }

    #[test]
    fn all_sizes_together_miss_no_more_often_than_they_may() {
        const TRIALS: u32 = 2000;
        let mut stream = Stream::new(9, 0, Role::Learner);
        let mut missed = 0;
        for _ in 0..TRIALS {
            let sample: Vec<f64> =
                (0..500).map(|_| f64::from(u8::from(stream.uniform() < 0.1))).collect();
            let stakes = stakes(&sample, 0.05);
            // The mean is outside at some size if a gambler is ever rich against it.
            let (mut above, mut below, mut rich) = (0.5, 0.5, false);
            for (x, stake) in sample.iter().zip(&stakes) {
                above *= 1.0 + stake.min(0.5 / 0.1) * (x - 0.1);
                below *= 1.0 - stake.min(0.5 / 0.9) * (x - 0.1);
                rich |= above >= 20.0 || below >= 20.0;
            }
            missed += u32::from(rich);
        }
        // At most 5 %, with a standard deviation of 0.0049; four of them.
        let share = f64::from(missed) / f64::from(TRIALS);
        assert!(share <= 0.0695 && missed > 0, "{share}");
    }
}
