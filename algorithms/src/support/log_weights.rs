//! Weights given by their logarithms.

use regret_engine::math;

/// Turns logarithms of weights into probabilities, in place. If all weights are 0 (all logarithms
/// −∞), into equal ones.
pub fn normalise(logs: &mut [f64]) {
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest == f64::NEG_INFINITY && logs.iter().all(|log| *log == highest) {
        let equal = 1.0 / logs.len() as f64;
        logs.fill(equal);
        return;
    }
    for log in logs.iter_mut() {
        *log = math::exp(*log - highest);
    }
    let total: f64 = logs.iter().sum();
    for weight in logs.iter_mut() {
        *weight /= total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_any_size() {
        let mut logs = [1e6, 1e6 + 3f64.ln(), f64::NEG_INFINITY];
        normalise(&mut logs);
        assert!((logs[0] - 0.25).abs() < 1e-9 && (logs[1] - 0.75).abs() < 1e-9 && logs[2] == 0.0);
        let mut none = [f64::NEG_INFINITY; 4];
        normalise(&mut none);
        assert_eq!(none, [0.25; 4]);
        let mut bad = [f64::NAN, 1.0];
        normalise(&mut bad);
        assert!(bad.iter().any(|p| p.is_nan()));
    }
}
