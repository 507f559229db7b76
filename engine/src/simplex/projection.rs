//! The Euclidean projection onto the simplex.

/// Replaces `values` by the nearest point of the simplex, `max(v_i − θ, 0)` with θ such that it sums
/// to one; `sorted` is room for a copy. Infinite and NaN values give NaN.
///
/// Source: Held, Wolfe, Crowder, "Validation of subgradient optimization", 1974. Values are first
/// taken relative to the greatest, so that the sum is right however far from the simplex they lie.
pub fn project(values: &mut [f64], sorted: &mut Vec<f64>) {
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !(greatest.is_finite() && values.iter().all(|value| value.is_finite())) {
        values.fill(f64::NAN);
        return;
    }
    values.iter_mut().for_each(|value| *value -= greatest);
    sorted.clear();
    // Below −1 nothing is left of a value, for the greatest alone is worth 1 there.
    sorted.extend(values.iter().copied().filter(|&value| value > -1.0));
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut threshold) = (0.0, 0.0);
    for (count, &value) in (1..).zip(sorted.iter()) {
        sum += value;
        let candidate = (sum - 1.0) / f64::from(count);
        if value <= candidate {
            break;
        }
        threshold = candidate;
    }
    values.iter_mut().for_each(|value| *value = (*value - threshold).max(0.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Stream};

    /// KKT: the values kept are `v − θ` for one θ, and those at 0 have `v ≤ θ`.
    fn assert_nearest(values: &[f64], projected: &[f64]) {
        assert!((projected.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let scale = values.iter().fold(1.0f64, |scale, value| scale.max(value.abs()));
        let kept = values.iter().zip(projected).filter(|(_, p)| **p > 0.0);
        let thresholds: Vec<f64> = kept.map(|(v, p)| v - p).collect();
        let theta = thresholds[0];
        assert!(thresholds.iter().all(|other| (other - theta).abs() <= 1e-13 * scale));
        for (v, p) in values.iter().zip(projected) {
            assert!(*p >= 0.0 && (*p > 0.0 || *v <= theta + 1e-13 * scale), "{v} {theta}");
        }
    }

    #[test]
    fn random_points_are_projected_to_the_nearest() {
        let mut stream = Stream::new(4, 0, Role::Learner);
        let mut sorted = Vec::new();
        for round in 0..2000 {
            let scale = [0.1, 1.0, 100.0, 1e13][round % 4];
            let values: Vec<f64> =
                (0..1 + round % 9).map(|_| scale * (stream.uniform() - 0.3)).collect();
            let mut projected = values.clone();
            project(&mut projected, &mut sorted);
            assert_nearest(&values, &projected);
        }
    }

    #[test]
    fn points_by_hand() {
        let mut sorted = Vec::new();
        for (mut values, known) in [
            (vec![0.25, 0.75], vec![0.25, 0.75]),
            (vec![1.5, 0.5], vec![1.0, 0.0]),
            (vec![0.5, 0.5, 0.3], vec![0.4, 0.4, 0.2]),
            (vec![-7.0], vec![1.0]),
        ] {
            project(&mut values, &mut sorted);
            assert!(values.iter().zip(&known).all(|(v, k): (&f64, &f64)| (v - k).abs() < 1e-15));
        }
        let mut infinite = [1.0, f64::INFINITY];
        project(&mut infinite, &mut sorted);
        assert!(infinite.iter().all(|value| value.is_nan()));
    }
}
