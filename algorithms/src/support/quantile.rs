//! Quantiles of the χ² law.

use regret_engine::math;

/// Half the quantile of the χ² law with `degrees` ≥ 1 degrees of freedom at a level in (0, 1): the
/// quantile of the Gamma law of shape `degrees`/2, by bisection of its distribution function.
pub fn half_chi_squared(degrees: usize, level: f64) -> f64 {
    let shape = 0.5 * degrees as f64;
    let (mut low, mut high) = (0.0, shape + 10.0 * (1.0 + shape.sqrt()) + 40.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if gamma_cdf(shape, middle) < level { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The regularised lower incomplete Gamma function, by its power series: all terms are positive.
fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let mut term = math::exp(shape * math::ln(x) - x - math::ln_gamma(shape + 1.0));
    let (mut sum, mut n) = (term, 0.0);
    while term > 1e-17 * sum && n < 1e5 {
        n += 1.0;
        term *= x / (shape + n);
        sum += term;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    use super::*;

    #[test]
    fn known_quantiles() {
        assert!((half_chi_squared(2, 0.95) - 2.995_732_273_553_991).abs() < 1e-12);
        assert!((half_chi_squared(20, 0.95) - 15.705_2).abs() < 1e-4);
        for degrees in [1, 3, 7, 100] {
            let law = ChiSquared::new(degrees as f64).expect("positive");
            assert!((law.cdf(2.0 * half_chi_squared(degrees, 0.9)) - 0.9).abs() < 1e-10);
        }
    }
}
