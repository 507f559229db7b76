//! Two quantities compared replication by replication.
//!
//! Learners with the same seed meet the same luck (common random numbers), so the difference within
//! a replication varies less than either does: means are compared through the differences. Pairing
//! is valid whatever the correlation.

use super::error::StatisticsError;
use super::sample::check;
use super::sampling::Sampling;
use super::summary::Summary;

/// The difference of two samples, paired.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// Statistics of the differences, first minus second.
    pub difference: Summary,
    /// The interval of the mean difference at the coverage asked for; `None` if it is the whole
    /// line.
    pub interval: Option<(f64, f64)>,
    /// P-value of "the means are the same".
    pub p: f64,
    /// P-value of "the first mean is at least the second": small if the first is below.
    pub p_below: f64,
    /// P-value of "the first mean is at most the second": small if the first is above.
    pub p_above: f64,
    /// How much pairing saves: variance of the difference of two independent runs over that of the
    /// paired one, (var A + var B) / var(A − B). Twice it is as many replications saved as needed.
    /// `None` where the differences do not vary.
    pub variance_reduction: Option<f64>,
}

impl Paired {
    /// Compares `a` and `b`, values of the same replications, with an interval of coverage
    /// 1 − `alpha`.
    ///
    /// # Errors
    /// Samples that are empty, of different lengths or not finite.
    pub fn of(
        a: &[f64],
        b: &[f64],
        sampling: Sampling,
        alpha: f64,
    ) -> Result<Self, StatisticsError> {
        if a.len() != b.len() {
            return Err(StatisticsError::Unpaired { first: a.len(), second: b.len() });
        }
        check(a)?;
        check(b)?;
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let difference = Summary::of(&differences)?;
        let margin = difference
            .standard_error
            .and_then(|error| Some(error * sampling.factor(differences.len(), alpha)?));
        let interval = margin.map(|margin| (difference.mean - margin, difference.mean + margin));
        let (p, p_below, p_above) = p_values(&difference, sampling);
        let variance = |sample: &[f64]| Summary::of(sample).ok()?.deviation.map(|d| d * d);
        let reduction = || Some((variance(a)? + variance(b)?) / variance(&differences)?);
        let variance_reduction = reduction().filter(|ratio| ratio.is_finite());
        Ok(Self { difference, interval, p, p_below, p_above, variance_reduction })
    }
}

/// The p-values: two-sided, of "at least 0", of "at most 0".
fn p_values(difference: &Summary, sampling: Sampling) -> (f64, f64, f64) {
    let (mean, count) = (difference.mean, difference.count);
    match difference.standard_error {
        None => (1.0, 1.0, 1.0),
        Some(error) if error > 0.0 => {
            let t = mean / error;
            (sampling.two_sided(t, count), sampling.above(-t, count), sampling.above(t, count))
        }
        Some(_) if mean == 0.0 => (1.0, 1.0, 1.0),
        // All differences are the same: t is infinite, and only their signs are evidence.
        Some(_) => {
            let p = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
            if mean < 0.0 { (2.0 * p, p, 1.0) } else { (2.0 * p, 1.0, p) }
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, normal};

    use super::*;

    fn compare(a: &[f64], b: &[f64]) -> Paired {
        Paired::of(a, b, Sampling::Fixed, 0.05).expect("samples")
    }

    #[test]
    fn a_small_comparison_has_the_numbers_computed_by_hand() {
        // Differences −1, −2, −3, −2: mean −2, variance 2/3, t = −2/√(1/6) = −√24.
        let paired = compare(&[1.0, 5.0, 2.0, 8.0], &[2.0, 7.0, 5.0, 10.0]);
        assert_eq!(paired.difference.mean, -2.0);
        // With 3 degrees of freedom P(T > t) = ½ − (x/(1 + x²) + atan x)/π, x = t/√3 = √8.
        let x = 8.0_f64.sqrt();
        let tail = 0.5 - (x / 9.0 + x.atan()) / std::f64::consts::PI;
        assert!((paired.p_below - tail).abs() < 1e-12);
        assert!((paired.p - 2.0 * tail).abs() < 1e-12);
        assert!((paired.p_above - (1.0 - tail)).abs() < 1e-12);
        let margin = 3.182446305284263 / 6.0_f64.sqrt();
        let (low, high) = paired.interval.expect("an interval");
        assert!((low + 2.0 + margin).abs() < 1e-9 && (high + 2.0 - margin).abs() < 1e-9);
        // Variances 10 and 34/3, over 2/3.
        assert!((paired.variance_reduction.expect("they vary") - 32.0).abs() < 1e-12);
    }

    #[test]
    fn equal_differences_are_judged_by_their_signs() {
        let paired = compare(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0]);
        assert_eq!((paired.p, paired.p_below, paired.p_above), (0.25, 0.125, 1.0));
        assert_eq!(paired.interval, Some((-2.0, -2.0)));
        assert_eq!(paired.variance_reduction, None);
        let same = compare(&[1.0, 2.0], &[1.0, 2.0]);
        assert_eq!((same.p, same.p_below, same.p_above), (1.0, 1.0, 1.0));
        let one = compare(&[1.0], &[2.0]);
        assert_eq!((one.p, one.interval), (1.0, None));
    }

    #[test]
    fn samples_that_cannot_be_paired_are_refused() {
        let error = Paired::of(&[1.0], &[1.0, 2.0], Sampling::Fixed, 0.05).expect_err("unpaired");
        assert_eq!(error.to_string(), "1 replications cannot be paired with 2");
        assert!(Paired::of(&[f64::NAN], &[1.0], Sampling::Fixed, 0.05).is_err());
        assert!(Paired::of(&[], &[], Sampling::Fixed, 0.05).is_err());
    }

    #[test]
    fn p_values_are_uniform_when_the_means_are_the_same_and_pairing_saves_what_it_says() {
        const TRIALS: u32 = 4000;
        let mut stream = Stream::new(10, 0, Role::Learner);
        let (mut two, mut one, mut saved) = (0, 0, 0.0);
        for _ in 0..TRIALS {
            // Correlation 0.9: (1 + 1) / (2 (1 − 0.9)) = 10 fold.
            let shared: Vec<f64> = (0..12).map(|_| 3.0 * normal(&mut stream)).collect();
            let mut sample = || -> Vec<f64> {
                shared.iter().map(|common| common + normal(&mut stream)).collect()
            };
            let paired = compare(&sample(), &sample());
            two += u32::from(paired.p < 0.1);
            one += u32::from(paired.p_below < 0.1);
            saved += paired.variance_reduction.expect("they vary");
        }
        // Binomial with 400 of 4000: standard deviation 19; four of them.
        assert!((324..=476).contains(&two) && (324..=476).contains(&one), "{two} {one}");
        // E[s²_A + s²_B] E[1/s²] of a χ² with 11 degrees: 10 · 11/9 = 12.2 if they were
        // independent, about 11.2 as they share the noise; within 15 %.
        let saved = saved / f64::from(TRIALS);
        assert!((9.5..12.9).contains(&saved), "{saved}");
    }
}
