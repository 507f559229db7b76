//! Statistics of one sample.

use serde::{Deserialize, Serialize};

use super::error::StatisticsError;
use super::sample::{check, deviation, mean, sorted_quantile};
use super::student::student_factor;

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
    pub(crate) fn with_factor(sample: &[f64], factor: Option<f64>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
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
}
