//! Steps of portfolios that bet on reversion.

use regret_engine::simplex::{dot, project};

/// Moves a portfolio along `signal − mean(signal)` by a multiple of it and back to the simplex.
pub fn step(weights: &mut [f64], signal: &[f64], multiple: f64, mean: f64, sorted: &mut Vec<f64>) {
    weights.iter_mut().zip(signal).for_each(|(b, y)| *b += multiple * (y - mean));
    project(weights, sorted);
}

/// The mean of a signal and the squared distance from it.
pub fn spread(signal: &[f64]) -> (f64, f64) {
    let mean = signal.iter().sum::<f64>() / signal.len() as f64;
    (mean, signal.iter().map(|y| (y - mean) * (y - mean)).sum())
}

/// The nearest portfolio whose predicted growth `b·y` is at least ε, were it not for the border:
/// `P(b + max(0, ε − b·y)/‖y − ȳ‖² (y − ȳ))`. A prediction without differences moves nothing.
pub fn seek(weights: &mut [f64], prediction: &[f64], epsilon: f64, sorted: &mut Vec<f64>) {
    let (mean, squares) = spread(prediction);
    let missing = (epsilon - dot(weights, prediction)).max(0.0);
    let multiple = missing / squares;
    // Beyond the reach of any difference between assets, or of numbers.
    if squares > 0.0 && multiple.is_finite() {
        step(weights, prediction, multiple, mean, sorted);
    }
}
