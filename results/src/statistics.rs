//! Statistics over replications: moments, quantiles and Student-t intervals of one sample, and the
//! curve of them along the checkpoints.

use regret_engine::record::Series;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use thiserror::Error;

/// Coverage of the intervals of [`Summary`].
pub const COVERAGE: f64 = 0.95;

/// Why a sample or a series has no statistics.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatisticsError {
    /// There is nothing to summarise.
    #[error("a sample without values has no statistics")]
    Empty,
    /// A value is not a number or infinite.
    #[error("value {value} of replication {index} is not finite")]
    NotFinite {
        /// Which value, counted from 0 in the sample.
        index: usize,
        /// The value as text (so that the error can be compared).
        value: String,
    },
    /// The values of a series don't fill the checkpoints.
    #[error(
        "series {notion} has {values} values, but {checkpoints} checkpoints of {replications} \
         replications"
    )]
    Shape {
        /// Key of the series' notion.
        notion: &'static str,
        /// Number of values found.
        values: usize,
        /// Number of checkpoints recorded.
        checkpoints: usize,
        /// Number of replications.
        replications: usize,
    },
    /// A checkpoint of a series can't be summarised.
    #[error("series {notion} at round {checkpoint}: {cause}")]
    At {
        /// Key of the series' notion.
        notion: &'static str,
        /// The round.
        checkpoint: u64,
        /// What is wrong there.
        cause: Box<StatisticsError>,
    },
}

/// Statistics of one sample. What a single value doesn't determine is `None`, never NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of values.
    pub count: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with denominator n − 1; `None` for one value.
    pub deviation: Option<f64>,
    /// Standard error of the mean, deviation / √n; `None` for one value.
    pub standard_error: Option<f64>,
    /// Lower end of the 95 % Student-t interval of the mean; `None` for one value.
    pub low: Option<f64>,
    /// Upper end of the 95 % Student-t interval of the mean; `None` for one value.
    pub high: Option<f64>,
    /// Median (quantile of type 7).
    pub median: f64,
    /// Quantile of order 0.05 (type 7).
    pub q05: f64,
    /// Quantile of order 0.95 (type 7).
    pub q95: f64,
}

/// Summaries along the checkpoints of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The rounds, strictly increasing.
    pub checkpoints: Vec<u64>,
    /// One summary for each checkpoint.
    pub points: Vec<Summary>,
}

impl Summary {
    /// Statistics of `sample`, whose values must be finite.
    pub fn of(sample: &[f64]) -> Result<Self, StatisticsError> {
        check(sample)?;
        Ok(Self::with_factor(sample, student_factor(sample.len())))
    }

    /// Half the width of the interval of the mean; `None` for one value.
    pub fn margin(&self) -> Option<f64> {
        self.high.map(|high| high - self.mean)
    }

    /// Statistics of a checked sample, given Student's quantile for its size.
    fn with_factor(sample: &[f64], factor: Option<f64>) -> Self {
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mean = mean(sample);
        let deviation = deviation(sample, mean);
        let standard_error = deviation.map(|d| d / (sample.len() as f64).sqrt());
        let margin = (standard_error.zip(factor))
            .map(|(error, factor)| error * factor)
            .filter(|margin| margin.is_finite());
        Self {
            count: sample.len(),
            mean,
            deviation,
            standard_error,
            low: margin.map(|m| mean - m),
            high: margin.map(|m| mean + m),
            median: sorted_quantile(&sorted, 0.5),
            q05: sorted_quantile(&sorted, 0.05),
            q95: sorted_quantile(&sorted, 0.95),
        }
    }
}

impl Curve {
    /// The curve of `series`, recorded at `checkpoints` (of the whole record) for `replications`
    /// replications.
    pub fn of(
        series: &Series,
        checkpoints: &[u64],
        replications: usize,
    ) -> Result<Self, StatisticsError> {
        let rounds = checkpoints.get(series.first_checkpoint..).unwrap_or(&[]);
        check_shape(series, rounds.len(), replications)?;
        let factor = student_factor(replications);
        let summarise = |(row, &round): (&[f64], &u64)| match check(row) {
            Ok(()) => Ok(Summary::with_factor(row, factor)),
            Err(cause) => Err(StatisticsError::At {
                notion: series.notion.key,
                checkpoint: round,
                cause: Box::new(cause),
            }),
        };
        let points = series.values.chunks(replications).zip(rounds).map(summarise);
        Ok(Self { points: points.collect::<Result<_, _>>()?, checkpoints: rounds.to_vec() })
    }

    /// The summary at the last checkpoint.
    pub fn last(&self) -> Option<&Summary> {
        self.points.last()
    }
}

/// Refuses a series whose values aren't one for each checkpoint and replication.
fn check_shape(
    series: &Series,
    checkpoints: usize,
    replications: usize,
) -> Result<(), StatisticsError> {
    let values = series.values.len();
    if replications == 0 {
        return Err(StatisticsError::Empty);
    }
    if checkpoints.checked_mul(replications) == Some(values) {
        return Ok(());
    }
    Err(StatisticsError::Shape { notion: series.notion.key, values, checkpoints, replications })
}

/// Refuses empty samples and values that aren't finite.
fn check(sample: &[f64]) -> Result<(), StatisticsError> {
    if sample.is_empty() {
        return Err(StatisticsError::Empty);
    }
    match sample.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { index, value: sample[index].to_string() }),
        None => Ok(()),
    }
}

/// Mean by Welford's recurrence, which neither overflows on large values nor cancels.
fn mean(sample: &[f64]) -> f64 {
    let step = |mean: f64, (i, &value): (usize, &f64)| {
        let n = (i + 1) as f64;
        mean + (value / n - mean / n)
    };
    let rough = sample.iter().enumerate().fold(0.0, step);
    let rest = sample.iter().map(|value| value - rough).sum::<f64>() / sample.len() as f64;
    let refined = rough + rest;
    if refined.is_finite() { refined } else { rough }
}

/// Standard deviation by a second pass about the mean, with its compensation for rounding.
fn deviation(sample: &[f64], mean: f64) -> Option<f64> {
    if sample.len() < 2 {
        return None;
    }
    let n = sample.len() as f64;
    let scale = sample.iter().fold(0.0, |largest: f64, x| largest.max((x - mean).abs()));
    if scale == 0.0 || !scale.is_finite() {
        return (scale == 0.0).then_some(0.0);
    }
    let (sum, squares) = sample.iter().fold((0.0, 0.0), |(sum, squares), value| {
        let offset = (value - mean) / scale;
        (sum + offset, squares + offset * offset)
    });
    Some(scale * ((squares - sum * sum / n).max(0.0) / (n - 1.0)).sqrt())
}

/// The quantile of order `order` in [0, 1], type 7: linear between the order statistics around
/// position (n − 1) · order, counted from 0.
pub fn quantile(sample: &[f64], order: f64) -> Result<f64, StatisticsError> {
    check(sample)?;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted_quantile(&sorted, order))
}

/// [`quantile`] of a sorted sample.
fn sorted_quantile(sorted: &[f64], order: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * order.clamp(0.0, 1.0);
    let below = (position.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    let weight = position - below as f64;
    if weight == 0.0 || sorted[below] == sorted[above] {
        return sorted[below];
    }
    sorted[below] * (1.0 - weight) + sorted[above] * weight
}

/// How many standard errors the 95 % interval of the mean of `count` values extends to each side:
/// the Student quantile of order 0.975 with count − 1 degrees of freedom; `None` below two values.
pub fn student_factor(count: usize) -> Option<f64> {
    let freedom = count.checked_sub(1).filter(|&freedom| freedom > 0)?;
    let student = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    Some(student.inverse_cdf(0.5 + COVERAGE / 2.0))
}

#[cfg(test)]
mod tests {
    use regret_engine::notion;

    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
    }

    /// Student's distribution function by Simpson's rule over the density with `freedom` degrees,
    /// its constant by normalising over the tangent-substituted line.
    fn student_below(t: f64, freedom: f64) -> f64 {
        let angle = (t / freedom.sqrt()).atan();
        let density = |theta: f64| theta.cos().powf(freedom - 1.0);
        let integral = |to: f64| {
            let n = 20_000;
            let h = to / f64::from(n);
            let inner = (1..n).map(|i| {
                let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
                weight * density(f64::from(i) * h)
            });
            h / 3.0 * (density(0.0) + inner.sum::<f64>() + density(to))
        };
        0.5 + 0.5 * integral(angle) / integral(std::f64::consts::FRAC_PI_2)
    }

    #[test]
    fn student_quantiles_agree_with_integrating_the_density() {
        for count in [2, 3, 4, 5, 10, 30, 100, 1000] {
            let t = student_factor(count).unwrap();
            let below = student_below(t, (count - 1) as f64);
            assert!((below - 0.975).abs() < 1e-8, "n = {count}: {below}");
        }
    }

    #[test]
    fn student_quantiles_agree_with_the_printed_table() {
        for (count, expected) in [(2, 12.7062), (3, 4.3027), (11, 2.2281), (31, 2.0423)] {
            assert!((student_factor(count).unwrap() - expected).abs() < 5e-5);
        }
        assert_eq!(student_factor(1), None);
        assert_eq!(student_factor(0), None);
    }

    #[test]
    fn a_small_sample_has_the_statistics_computed_by_hand() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        close(summary.mean, 2.5);
        close(summary.deviation.unwrap(), (5.0_f64 / 3.0).sqrt());
        close(summary.standard_error.unwrap(), (5.0_f64 / 12.0).sqrt());
        close(summary.margin().unwrap(), 3.182446305284263 * (5.0_f64 / 12.0).sqrt());
        close(summary.median, 2.5);
        close(summary.q05, 1.15);
        close(summary.q95, 3.85);
    }

    #[test]
    fn one_value_has_no_interval() {
        let summary = Summary::of(&[7.0]).unwrap();
        assert_eq!((summary.mean, summary.median, summary.q05, summary.q95), (7.0, 7.0, 7.0, 7.0));
        assert_eq!((summary.deviation, summary.standard_error), (None, None));
        assert_eq!((summary.low, summary.high, summary.margin()), (None, None, None));
    }

    #[test]
    fn a_large_offset_does_not_cancel() {
        let sample: Vec<f64> = [4.0, 7.0, 13.0, 16.0].iter().map(|x| x + 1e9).collect();
        let summary = Summary::of(&sample).unwrap();
        close(summary.mean, 1e9 + 10.0);
        close(summary.deviation.unwrap(), 30.0_f64.sqrt());
    }

    #[test]
    fn equal_values_have_no_deviation() {
        let summary = Summary::of(&[0.1; 7]).unwrap();
        assert_eq!(summary.median, 0.1);
        assert!(summary.deviation.unwrap() < 1e-16);
    }

    #[test]
    fn values_that_are_not_finite_are_refused_with_their_place() {
        let error = Summary::of(&[1.0, f64::NAN]).unwrap_err();
        assert_eq!(error.to_string(), "value NaN of replication 1 is not finite");
        assert_eq!(Summary::of(&[]), Err(StatisticsError::Empty));
    }

    fn series(first_checkpoint: usize, values: Vec<f64>) -> Series {
        Series { notion: notion::PSEUDO_REGRET, component: None, first_checkpoint, values }
    }

    #[test]
    fn a_curve_summarises_each_checkpoint() {
        let curve = Curve::of(&series(1, vec![1.0, 3.0, 2.0, 6.0]), &[1, 10, 100], 2).unwrap();
        assert_eq!(curve.checkpoints, [10, 100]);
        assert_eq!(curve.points.iter().map(|p| p.mean).collect::<Vec<_>>(), [2.0, 4.0]);
        assert_eq!(curve.last().unwrap(), &Summary::of(&[2.0, 6.0]).unwrap());
    }

    #[test]
    fn a_misshapen_series_is_refused() {
        let error = Curve::of(&series(0, vec![1.0; 5]), &[1, 10], 2).unwrap_err();
        let text = "series pseudo_regret has 5 values, but 2 checkpoints of 2 replications";
        assert_eq!(error.to_string(), text);
        let error = Curve::of(&series(0, vec![1.0, f64::INFINITY]), &[8], 2).unwrap_err();
        let text = "series pseudo_regret at round 8: value inf of replication 1 is not finite";
        assert_eq!(error.to_string(), text);
        assert_eq!(Curve::of(&series(0, vec![]), &[], 0), Err(StatisticsError::Empty));
    }
}
