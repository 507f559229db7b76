//! Claims on a mean, and on the difference of two.

use super::{Confidence, Estimate, Judgement, Limits};
use crate::statistics::sequence::bounded_interval;
use crate::statistics::{Paired, Sampling, StatisticsError, Summary};

/// Judges the mean of a sample by limits. With a sequential number of replications and a known
/// `range` the interval is the betting sequence, which is not asymptotic.
///
/// # Errors
/// A sample that is empty or not finite.
pub fn value(
    sample: &[f64],
    range: Option<(f64, f64)>,
    limits: Limits,
    confidence: Confidence,
) -> Result<Judgement, StatisticsError> {
    let summary = Summary::of(sample)?;
    let Confidence { sampling, alpha } = confidence;
    let interval = match (sampling, range.filter(|(low, high)| low < high)) {
        (Sampling::Sequential, Some(range)) => Some(bounded_interval(sample, range, alpha)),
        _ => summary.standard_error.and_then(|error| {
            let margin = error * sampling.factor(sample.len(), alpha)?;
            Some((summary.mean - margin, summary.mean + margin))
        }),
    };
    let estimate = Estimate {
        quantity: "mean",
        measured: summary.mean,
        interval,
        deviation: summary.deviation,
        count: summary.count,
    };
    Ok(estimate.judge(limits, confidence))
}

/// Judges the mean difference a − b, paired by replication, by limits.
///
/// # Errors
/// Samples that are empty, of different lengths or not finite.
pub fn difference(
    a: &[f64],
    b: &[f64],
    limits: Limits,
    confidence: Confidence,
) -> Result<Judgement, StatisticsError> {
    let paired = Paired::of(a, b, confidence.sampling, confidence.alpha)?;
    let estimate = Estimate {
        quantity: "difference",
        measured: paired.difference.mean,
        interval: paired.interval,
        deviation: paired.difference.deviation,
        count: paired.difference.count,
    };
    Ok(Judgement { p: Some(paired.p), ..estimate.judge(limits, confidence) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Verdict;

    const FIXED: Confidence = Confidence { sampling: Sampling::Fixed, alpha: 0.05 };
    const SEQUENTIAL: Confidence = Confidence { sampling: Sampling::Sequential, alpha: 0.05 };

    #[test]
    fn a_mean_is_judged_by_its_interval() {
        let sample = [4.0, 1.0, 3.0, 2.0];
        let judge = |high| {
            value(&sample, None, Limits { low: None, high: Some(high) }, FIXED).expect("a sample")
        };
        // 2.5 ± 2.054.
        assert_eq!(judge(4.6).verdict, Verdict::Pass);
        assert_eq!(judge(4.5).verdict, Verdict::Undecided);
        assert_eq!(judge(0.4).verdict, Verdict::Fail);
        let (low, high) = judge(4.6).interval.expect("an interval");
        assert!((low - 0.4457).abs() < 1e-4 && (high - 4.5543).abs() < 1e-4);
    }

    #[test]
    fn a_known_range_makes_a_sequence_that_is_exact() {
        let sample: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
        let limits = Limits { low: Some(0.3), high: Some(0.7) };
        let bounded = value(&sample, Some((0.0, 1.0)), limits, SEQUENTIAL).expect("a sample");
        let expected = bounded_interval(&sample, (0.0, 1.0), 0.05);
        assert_eq!(bounded.interval, Some(expected));
        let unbounded = value(&sample, None, limits, SEQUENTIAL).expect("a sample");
        assert_eq!((bounded.verdict, unbounded.verdict), (Verdict::Pass, Verdict::Pass));
        assert_ne!(bounded.interval, unbounded.interval);
        // A range without width says nothing about noise.
        let flat = value(&[0.0; 64], Some((0.0, 0.0)), limits, SEQUENTIAL).expect("a sample");
        assert_eq!(flat.verdict, Verdict::Fail);
    }

    #[test]
    fn differences_are_paired() {
        let a: Vec<f64> = (0..50).map(|i| f64::from(i) + 0.1 * f64::from(i % 3)).collect();
        let b: Vec<f64> = (0..50).map(f64::from).collect();
        let limits = Limits { low: Some(0.05), high: Some(0.15) };
        let judged = difference(&a, &b, limits, FIXED).expect("samples");
        assert_eq!(judged.verdict, Verdict::Pass, "{judged:?}");
        // Unpaired, the standard error would be 2.9.
        assert!(judged.p.expect("a p-value") < 1e-9);
    }
}
