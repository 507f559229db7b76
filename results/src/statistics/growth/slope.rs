//! The slope in ln t: least squares of the mean against ln x.
//!
//! The slope is linear in the curves, so each replication has one of its own, and their mean is the
//! slope of the mean curve: the interval is that of a mean.

use super::super::sampling::Sampling;
use super::super::summary::Summary;
use super::{Growth, GrowthError, Window};

/// The slope over a window, with an interval of coverage 1 − `alpha`.
///
/// # Errors
/// A window without replications.
pub fn log_slope(
    window: &Window<'_>,
    sampling: Sampling,
    alpha: f64,
) -> Result<Growth, GrowthError> {
    let weights = window.weights();
    let mut slopes = vec![0.0; window.count()];
    for (row, weight) in window.rows.iter().zip(&weights) {
        slopes.iter_mut().zip(*row).for_each(|(slope, value)| *slope += weight * value);
    }
    let summary = Summary::of(&slopes)?;
    let margin = summary
        .standard_error
        .and_then(|error| Some(error * sampling.factor(summary.count, alpha)?));
    Ok(Growth {
        rate: summary.mean,
        interval: margin.map(|margin| (summary.mean - margin, summary.mean + margin)),
        standard_error: summary.standard_error,
        count: summary.count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_each_curve_is_averaged() {
        // Curves 3 ln x + 5, 7 ln x − 1 and 8 ln x: slopes 3, 7, 8.
        let x = [1.0_f64, 10.0, 30.0, 500.0];
        let rows: Vec<Vec<f64>> =
            x.iter().map(|x| vec![3.0 * x.ln() + 5.0, 7.0 * x.ln() - 1.0, 8.0 * x.ln()]).collect();
        let points = x.iter().copied().zip(rows.iter().map(Vec::as_slice)).collect();
        let window = Window::new(points).expect("points");
        let growth = log_slope(&window, Sampling::Fixed, 0.05).expect("a slope");
        let expected = Summary::of(&[3.0, 7.0, 8.0]).expect("a sample");
        assert!((growth.rate - 6.0).abs() < 1e-12);
        let (low, high) = growth.interval.expect("an interval");
        assert!((low - expected.low.expect("an end")).abs() < 1e-9);
        assert!((high - expected.high.expect("an end")).abs() < 1e-9);
    }
}
