//! The nearest distribution within intervals, in relative entropy.

use regret_engine::math;

/// Halvings and Newton steps at the most.
const ITERATIONS: usize = 100;

/// Writes the distribution P with `lower ≤ P ≤ upper` that maximises Σ P (e − ln P), and answers that
/// maximum: P(y) = clip(e^{t + e(y)}, lower, upper) with the t at which it sums to one, by Newton's
/// method kept within a bracket. There must be such a distribution: Σ lower ≤ 1 ≤ Σ upper.
pub fn boxed(exponents: &[f64], lower: &[f64], upper: &[f64], row: &mut [f64]) -> f64 {
    let bounds = exponents.iter().zip(lower.iter().zip(upper));
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (e, (least, most)) in bounds {
        low = low.min(math::ln(least.max(1e-300)) - e);
        high = high.max(math::ln(most.max(1e-300)) - e);
    }
    let greatest = exponents.iter().fold(f64::NEG_INFINITY, |most, &e| most.max(e));
    let total: f64 = exponents.iter().map(|e| math::exp(e - greatest)).sum();
    // Without bounds that would be it.
    let mut t = (-greatest - math::ln(total)).clamp(low, high);
    for _ in 0..ITERATIONS {
        let (mut excess, mut slope) = (-1.0, 0.0);
        for ((p, e), (&least, &most)) in row.iter_mut().zip(exponents).zip(lower.iter().zip(upper))
        {
            let free = math::exp(t + e);
            *p = free.min(most).max(least);
            excess += *p;
            slope += if free > least && free < most { free } else { 0.0 };
        }
        if excess.abs() <= 1e-15 {
            break;
        }
        if excess > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - excess / slope;
        let inside = newton > low && newton < high;
        let next = if inside { newton } else { 0.5 * (low + high) };
        if next == t {
            break;
        }
        t = next;
    }
    let gains = row.iter().zip(exponents).filter(|(p, _)| **p > 0.0);
    gains.map(|(&p, e)| p * (e - math::ln(p))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_clipped() {
        let exponents = [0.5f64, 0.3, 0.2].map(f64::ln);
        let mut row = [0.0; 3];
        let value = boxed(&exponents, &[0.0; 3], &[1.0; 3], &mut row);
        assert!(value.abs() < 1e-14 && (row[0] - 0.5).abs() < 1e-14);
        // At most 0.2 for the first: the others share 0.8 as 3 to 2.
        let value = boxed(&exponents, &[0.0; 3], &[0.2, 1.0, 1.0], &mut row);
        let known = [0.2, 0.48, 0.32];
        assert!(row.iter().zip(known).all(|(p, known)| (p - known).abs() < 1e-14), "{row:?}");
        let divergence: f64 = known.iter().zip(exponents).map(|(p, e)| p * (p.ln() - e)).sum();
        assert!((value + divergence).abs() < 1e-13);
        // At least 0.5 for the last as well: 0.3 is left for the second.
        boxed(&exponents, &[0.0, 0.0, 0.5], &[0.2, 1.0, 1.0], &mut row);
        assert!((row[1] - 0.3).abs() < 1e-14, "{row:?}");
        // Extreme weights: everything the bounds allow goes to the likelier.
        boxed(&[-900.0, 0.0, 800.0], &[0.1, 0.0, 0.0], &[1.0, 1.0, 0.6], &mut row);
        assert!((row[0] - 0.1).abs() < 1e-12 && (row[1] - 0.3).abs() < 1e-12, "{row:?}");
    }
}
