//! Simultaneous bands: a multiplier bootstrap of the largest studentised deviation of the curve.
//!
//! The curve of sample means deviates from the true one by at most `c` standard errors at every
//! checkpoint at once, with probability 1 − α, where `c` is the 1 − α quantile of the law of
//! `max_t |Σ_i e_i Y_i(t)| / …` given the data: `Y_i` is replication i's deviation from the mean
//! curve and the `e_i` are independent random signs (Rademacher multipliers). Each draw is
//! studentised by its own standard deviation, which corrects for small samples.
//!
//! Source: Chernozhukov, Chetverikov, Kato, "Gaussian approximations and multiplier bootstrap for
//! maxima of sums of high-dimensional random vectors", Annals of Statistics 41(6), 2013; the
//! studentised form with signs: Telschow, Schwartzman, "Simultaneous confidence bands for
//! functional data using the Gaussian kinematic formula", Journal of Statistical Planning and
//! Inference 216, 2022.
//! Assumptions: independent replications, finite variances; exact as their number grows.
//! Deviations: `c` is at least Student's quantile of one checkpoint and at most that of
//! Bonferroni's correction, both valid for normal curves; signs and their number are fixed, so that
//! the same data give the same band.

use super::super::draws::{self, stream};
use super::super::sample::{deviation, mean};
use super::super::student::upper_quantile;

/// Number of draws: the 95 % quantile is the 1900th of them in order.
pub const DRAWS: usize = 1999;

/// Most checkpoints at which the maximum is taken; more are thinned evenly. Neighbours are so
/// alike that the maximum hardly changes.
const MOST_POINTS: usize = 400;

/// How many standard errors a band extends to each side so that it holds the whole curve with
/// probability 1 − `alpha`. `values` are row-major `[checkpoint][replication]`. `None` with fewer
/// than two replications.
pub fn critical_value(values: &[f64], replications: usize, alpha: f64) -> Option<f64> {
    if replications < 2 {
        return None;
    }
    let freedom = (replications - 1) as f64;
    let pointwise = upper_quantile(0.5 * alpha, freedom);
    let deviations = Deviations::of(values, replications);
    if deviations.points == 0 {
        return Some(pointwise);
    }
    let bonferroni = upper_quantile(0.5 * alpha / deviations.checkpoints as f64, freedom);
    let mut largest: Vec<f64> =
        (0..DRAWS as u64).map(|draw| studentised(deviations.largest(draw), replications)).collect();
    largest.sort_by(f64::total_cmp);
    let rank = ((1.0 - alpha) * (DRAWS + 1) as f64).ceil() as usize;
    let quantile = largest[rank.clamp(1, DRAWS) - 1];
    Some(quantile.clamp(pointwise, bonferroni))
}

/// The t statistic of signed deviations whose sum, in units of √(n Σ Y²), is `share` in [0, 1].
fn studentised(share: f64, replications: usize) -> f64 {
    let freedom = (replications - 1) as f64;
    (freedom / (1.0 - share * share).max(0.0)).sqrt() * share
}

/// Deviations from the mean curve, `[replication][point]`, scaled so that the sum of squares over
/// replications is 1 at each point. Checkpoints at which nothing varies are left out.
struct Deviations {
    scaled: Vec<f64>,
    /// Checkpoints at which the maximum is taken.
    points: usize,
    /// Checkpoints of the curve, those left out included.
    checkpoints: usize,
    replications: usize,
}

impl Deviations {
    fn of(values: &[f64], replications: usize) -> Self {
        let checkpoints = values.len() / replications;
        let step = checkpoints.div_ceil(MOST_POINTS).max(1);
        // From the end, so that the horizon is among them.
        let rows = values.chunks_exact(replications).rev().step_by(step);
        let columns: Vec<Vec<f64>> = rows.filter_map(scaled).collect();
        let points = columns.len();
        let mut scaled = Vec::with_capacity(points * replications);
        for replication in 0..replications {
            scaled.extend(columns.iter().map(|column| column[replication]));
        }
        Self { scaled, points, checkpoints, replications }
    }

    /// The largest over points of |Σ e_i Y_i| / √(n Σ Y²), for the signs of that draw.
    fn largest(&self, draw: u64) -> f64 {
        let mut signs = stream(draws::SIMULTANEOUS, draw);
        let mut sums = vec![0.0; self.points];
        let mut word = 0;
        for (index, row) in self.scaled.chunks_exact(self.points).enumerate() {
            if index % 64 == 0 {
                word = signs.word();
            }
            let sign = if word >> (index % 64) & 1 == 0 { 1.0 } else { -1.0 };
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += sign * value;
            }
        }
        let largest = sums.iter().fold(0.0, |largest: f64, sum| largest.max(sum.abs()));
        (largest / (self.replications as f64).sqrt()).min(1.0)
    }
}

/// A checkpoint's deviations from their mean, scaled; `None` if there are none.
fn scaled(row: &[f64]) -> Option<Vec<f64>> {
    let centre = mean(row);
    let spread = deviation(row, centre)?;
    // What is below rounding is no spread.
    if !spread.is_finite() || spread <= 1e-12 * centre.abs() {
        return None;
    }
    let norm = spread * ((row.len() - 1) as f64).sqrt();
    Some(row.iter().map(|value| (value - centre) / norm).collect())
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, normal};

    use super::*;

    /// Random walks with exponential steps less their mean: skewed, rough, correlated.
    fn walks(points: usize, replications: usize, stream: &mut Stream) -> Vec<f64> {
        let mut values = vec![0.0; points * replications];
        let mut level = vec![0.0; replications];
        for row in values.chunks_exact_mut(replications) {
            for (value, level) in row.iter_mut().zip(&mut level) {
                *level += regret_engine::random::exponential(stream) - 1.0;
                *value = *level;
            }
        }
        values
    }

    #[test]
    fn few_replications_agree_with_enumerating_all_signs() {
        let (points, replications) = (7, 10);
        let values = walks(points, replications, &mut Stream::new(5, 0, Role::Learner));
        let deviations = Deviations::of(&values, replications);
        // The 2^10 patterns, by the t statistic as one would write it down.
        let mut exact: Vec<f64> = (0..1u32 << replications)
            .map(|pattern| {
                let sign = |i: usize| if pattern >> i & 1 == 0 { 1.0 } else { -1.0 };
                let t = |row: &[f64]| {
                    let centre = mean(row);
                    let signed: Vec<f64> =
                        row.iter().enumerate().map(|(i, x)| sign(i) * (x - centre)).collect();
                    let middle = mean(&signed);
                    let spread = deviation(&signed, middle).expect("ten values");
                    (middle / spread * (replications as f64).sqrt()).abs()
                };
                values.chunks(replications).map(t).fold(0.0, f64::max)
            })
            .collect();
        exact.sort_by(f64::total_cmp);
        let drawn = critical_value(&values, replications, 0.05).expect("a value");
        assert_eq!(deviations.points, points);
        // The order of the drawn quantile among the exact ones: 0.95 with a standard deviation of
        // √(0.95 · 0.05 / 1999) = 0.0049; four of them.
        let order = exact.partition_point(|&t| t <= drawn) as f64 / exact.len() as f64;
        assert!((order - 0.95).abs() < 0.02, "{order}");
    }

    #[test]
    fn the_value_lies_between_one_checkpoint_and_bonferroni() {
        let mut stream = Stream::new(6, 0, Role::Learner);
        // Independent checkpoints of normal numbers: Bonferroni is nearly exact.
        let values: Vec<f64> = (0..50 * 40).map(|_| normal(&mut stream)).collect();
        let (one, all) = (upper_quantile(0.025, 39.0), upper_quantile(0.025 / 50.0, 39.0));
        let value = critical_value(&values, 40, 0.05).expect("a value");
        assert!(value > 0.9 * all && value <= all, "{value} {all}");
        // Fifty copies of one checkpoint are one: the quantile of Student's t, but for chance.
        let same = values[..40].repeat(50);
        let value = critical_value(&same, 40, 0.05).expect("a value");
        assert!(value >= one && value < 1.1 * one, "{value} {one}");
        // Nothing varies, nothing to choose.
        assert_eq!(critical_value(&[3.0; 80], 40, 0.05), Some(one));
        assert_eq!(critical_value(&[3.0; 80], 1, 0.05), None);
        // Two replications: signs say nothing, Bonferroni does.
        assert_eq!(critical_value(&[1.0, 2.0], 2, 0.05), Some(upper_quantile(0.025, 1.0)));
    }

    #[test]
    fn the_band_holds_the_whole_curve_as_often_as_it_says() {
        const TRIALS: u32 = 600;
        let mut stream = Stream::new(7, 0, Role::Learner);
        let (points, replications) = (40, 50);
        let mut held = 0;
        for _ in 0..TRIALS {
            let values = walks(points, replications, &mut stream);
            let factor = critical_value(&values, replications, 0.05).expect("a value");
            // The true mean curve is 0.
            let inside = |row: &[f64]| {
                let centre = mean(row);
                let spread = deviation(row, centre).expect("many values");
                centre.abs() <= factor * spread / (replications as f64).sqrt()
            };
            held += u32::from(values.chunks(replications).all(inside));
        }
        // Skewed steps and fifty replications cost up to 2 % of coverage; 0.93 with a standard
        // deviation of √(0.07 · 0.93 / 600) = 0.0104, four of them below, and no more than four
        // of 0.0089 above 0.95.
        let share = f64::from(held) / f64::from(TRIALS);
        assert!((0.888..=0.986).contains(&share), "{share}");
    }
}
