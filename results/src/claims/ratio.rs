//! Claims on the ratio of two means: Fieller's interval, paired by replication.
//!
//! The ratio r of the means is the one at which a − r b has mean 0, so the interval holds the r at
//! which the interval of that mean holds 0: it is exact for normal values, and inherits what the
//! number of replications allows. It is the whole line while b's mean cannot be told from 0.
//!
//! Source: Fieller, "Some problems in interval estimation", Journal of the Royal Statistical Society
//! B 16, 1954.

use super::{Confidence, Estimate, Judgement, Limits};
use crate::statistics::{Paired, StatisticsError, Summary};

/// Judges (mean of a) / (mean of b) by limits.
///
/// # Errors
/// Samples that are empty, of different lengths or not finite.
pub fn ratio(
    a: &[f64],
    b: &[f64],
    limits: Limits,
    confidence: Confidence,
) -> Result<Judgement, StatisticsError> {
    let paired = Paired::of(a, b, confidence.sampling, confidence.alpha)?;
    let (top, bottom) = (Summary::of(a)?, Summary::of(b)?);
    let measured = top.mean / bottom.mean;
    if !measured.is_finite() {
        let why = "the mean that it is divided by is 0";
        return Ok(Judgement::without_data("ratio", confidence, why));
    }
    let residual: Vec<f64> =
        a.iter().zip(b).map(|(a, b)| (a - measured * b) / bottom.mean).collect();
    let factor = confidence.sampling.factor(a.len(), confidence.alpha);
    let estimate = Estimate {
        quantity: "ratio",
        measured,
        interval: factor.and_then(|factor| fieller(&top, &bottom, &paired, factor)),
        deviation: Summary::of(&residual)?.deviation,
        count: a.len(),
    };
    Ok(estimate.judge(limits, confidence))
}

/// The r with (mean a − r mean b)² ≤ f² var(a − r b)/n; `None` if they are not an interval.
fn fieller(a: &Summary, b: &Summary, paired: &Paired, factor: f64) -> Option<(f64, f64)> {
    let square = |error: Option<f64>| error.map(|error| error * error);
    let (of_a, of_b) = (square(a.standard_error)?, square(b.standard_error)?);
    // var(a − b) = var a + var b − 2 cov.
    let covariance = 0.5 * (of_a + of_b - square(paired.difference.standard_error)?);
    let f = factor * factor;
    let lead = b.mean * b.mean - f * of_b;
    let half = a.mean * b.mean - f * covariance;
    let last = a.mean * a.mean - f * of_a;
    let discriminant = (half * half - lead * last).max(0.0).sqrt();
    let ends = ((half - discriminant) / lead, (half + discriminant) / lead);
    (lead > 0.0).then_some(ends)
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream, normal};

    use super::*;
    use crate::claims::Verdict;
    use crate::statistics::Sampling;

    const FIXED: Confidence = Confidence { sampling: Sampling::Fixed, alpha: 0.05 };
    const ANY: Limits = Limits { low: None, high: Some(1e9) };

    #[test]
    fn multiples_have_their_factor_without_noise() {
        let b = [10.0, 11.0, 13.0, 16.0];
        let a = b.map(|b| 2.5 * b);
        let judged = ratio(&a, &b, ANY, FIXED).expect("samples");
        let (low, high) = judged.interval.expect("an interval");
        assert!((low - 2.5).abs() < 1e-6 && (high - 2.5).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn the_ends_are_where_the_paired_t_test_just_rejects() {
        // Second route: p-values of mean(a − r b) = 0.
        let mut stream = Stream::new(15, 0, Role::Learner);
        let b: Vec<f64> = (0..30).map(|_| 5.0 + normal(&mut stream)).collect();
        let a: Vec<f64> = b.iter().map(|b| 0.7 * b + 0.5 * normal(&mut stream)).collect();
        let (low, high) = ratio(&a, &b, ANY, FIXED).expect("samples").interval.expect("ends");
        for end in [low, high] {
            let scaled: Vec<f64> = b.iter().map(|b| end * b).collect();
            let p = Paired::of(&a, &scaled, Sampling::Fixed, 0.05).expect("samples").p;
            assert!((p - 0.05).abs() < 1e-6, "{p}");
        }
        assert!(low < 0.7 && high > 0.7);
    }

    #[test]
    fn a_denominator_near_0_decides_nothing() {
        let judged = ratio(&[1.0, 2.0, 3.0], &[1.0, -1.0, 0.5], ANY, FIXED).expect("samples");
        assert_eq!((judged.verdict, judged.interval), (Verdict::Undecided, None));
        let judged = ratio(&[1.0, 2.0], &[1.0, -1.0], ANY, FIXED).expect("samples");
        assert_eq!(judged.note.as_deref(), Some("the mean that it is divided by is 0"));
    }
}
