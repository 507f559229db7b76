//! Special functions, divergences and the laws of simple random walks.

use crate::math;

/// The regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1]: Lentz's
/// evaluation of its continued fraction (DLMF 8.17.22).
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let ln_beta = math::ln_gamma(a) + math::ln_gamma(b) - math::ln_gamma(a + b);
    let front = math::exp(a * math::ln(x) + b * math::ln_1p(-x) - ln_beta) / a;
    front * continued_fraction(a, b, x)
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_TERMS: u32 = 5000;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// P(d + S_n > 0) + ½ P(d + S_n = 0) for a simple random walk S (steps ±1 with probability ½) and a
/// whole number d.
pub fn walk_stays_ahead(d: f64, n: u64) -> f64 {
    // S_n = 2B − n with B binomial.
    let n = n as f64;
    let at_least = |k: f64| match k {
        k if k <= 0.0 => 1.0,
        k if k > n => 0.0,
        k => incomplete_beta(k, n - k + 1.0, 0.5),
    };
    let middle = 0.5 * (n - d);
    if middle == middle.floor() {
        0.5 * (at_least(middle) + at_least(middle + 1.0))
    } else {
        at_least(middle.ceil())
    }
}

/// E|S_n| of a simple random walk after n ≥ 1 steps: n C(n−1, ⌊(n−1)/2⌋) / 2^{n−1}.
pub fn walk_distance(n: u64) -> f64 {
    let m = (n - 1) as f64;
    let k = (m / 2.0).floor();
    let choose = math::ln_gamma(m + 1.0) - math::ln_gamma(k + 1.0) - math::ln_gamma(m - k + 1.0);
    n as f64 * math::exp(choose - m * std::f64::consts::LN_2)
}

/// kl(p, q) of two Bernoulli laws, for p and q in [0, 1]; infinite where q excludes what p allows.
#[inline]
pub fn kl(p: f64, q: f64) -> f64 {
    term(p, q) + term(1.0 - p, 1.0 - q)
}

#[inline]
fn term(p: f64, q: f64) -> f64 {
    if p <= 0.0 { 0.0 } else { p * math::ln(p / q) }
}

/// Lai and Robbins's constant Σ Δ_a / kl(μ_a, μ*) over the arms that are not best.
pub fn lai_robbins(means: &[f64]) -> f64 {
    let best = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    means.iter().filter(|&&mean| mean < best).map(|&mean| (best - mean) / kl(mean, best)).sum()
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, ContinuousCDF};

    use super::*;

    #[test]
    fn the_incomplete_beta_function_is_that_of_statrs() {
        for (a, b) in
            [(1.0, 1.0), (2.0, 5.0), (0.7, 3.0), (50.0, 30.0), (2000.0, 3000.0), (1.0, 400.0)]
        {
            let law = Beta::new(a, b).expect("valid");
            for x in [0.0, 0.001, 0.1, 0.39, 0.4, 0.41, 0.7, 0.999, 1.0] {
                assert!((incomplete_beta(a, b, x) - law.cdf(x)).abs() < 1e-9, "{a} {b} {x}");
            }
        }
    }

    #[test]
    fn divergences_by_hand() {
        assert!((kl(0.5, 0.6) - 0.020_411_0).abs() < 1e-7);
        assert_eq!(kl(0.3, 0.3), 0.0);
        assert_eq!(kl(0.0, 0.0), 0.0);
        assert_eq!(kl(0.5, 1.0), f64::INFINITY);
        assert!((lai_robbins(&[0.5, 0.6]) - 4.899_320).abs() < 1e-6);
    }

    #[test]
    fn walks_by_enumeration() {
        for n in 1..12u32 {
            let ends: Vec<f64> = (0..1u32 << n)
                .map(|bits| 2.0 * f64::from(bits.count_ones()) - f64::from(n))
                .collect();
            let mean = |f: &dyn Fn(f64) -> f64| {
                ends.iter().map(|&end| f(end)).sum::<f64>() / ends.len() as f64
            };
            assert!((walk_distance(u64::from(n)) - mean(&f64::abs)).abs() < 1e-12);
            for d in -14..=14 {
                let d = f64::from(d);
                let ahead = mean(&|end| match d + end {
                    x if x > 0.0 => 1.0,
                    0.0 => 0.5,
                    _ => 0.0,
                });
                assert!((walk_stays_ahead(d, u64::from(n)) - ahead).abs() < 1e-12, "{d} {n}");
            }
        }
        assert_eq!(walk_stays_ahead(0.0, 0), 0.5);
        assert!((0.5 * walk_distance(100) - 3.979_462).abs() < 1e-6);
        assert!((0.5 * walk_distance(1000) - 12.612_509).abs() < 1e-6);
    }
}
