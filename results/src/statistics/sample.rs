//! One sample: its checks, mean, standard deviation and quantiles.

use super::error::StatisticsError;

/// Refuses empty samples and values that aren't finite.
pub(crate) fn check(sample: &[f64]) -> Result<(), StatisticsError> {
    if sample.is_empty() {
        return Err(StatisticsError::Empty);
    }
    match sample.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { index, value: sample[index].to_string() }),
        None => Ok(()),
    }
}

/// Mean by Welford's recurrence, which neither overflows on large values nor cancels.
pub(crate) fn mean(sample: &[f64]) -> f64 {
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
pub(crate) fn deviation(sample: &[f64], mean: f64) -> Option<f64> {
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
pub(crate) fn sorted_quantile(sorted: &[f64], order: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * order.clamp(0.0, 1.0);
    let below = (position.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    let weight = position - below as f64;
    if weight == 0.0 || sorted[below] == sorted[above] {
        return sorted[below];
    }
    sorted[below] * (1.0 - weight) + sorted[above] * weight
}
