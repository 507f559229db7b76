//! Student's law: tails and quantiles.
//!
//! Written on the engine's functions, because a library's own would call the platform's, and a
//! table must have the same bytes everywhere.

use regret_engine::math;
use regret_engine::random::normal_quantile;
use regret_engine::special::incomplete_beta;

use super::COVERAGE;

/// Degrees of freedom above which the law is the normal one of a transformed argument: the error is
/// below 1e-12 there, while the incomplete beta function loses digits.
const NEARLY_NORMAL: f64 = 1e6;

/// How many standard errors the 95 % interval of the mean of `count` values extends to each side:
/// the Student quantile of order 0.975 with count − 1 degrees of freedom; `None` below two values.
pub fn student_factor(count: usize) -> Option<f64> {
    let freedom = count.checked_sub(1).filter(|&freedom| freedom > 0)?;
    Some(upper_quantile(0.5 - COVERAGE / 2.0, freedom as f64))
}

/// P(X > x) of Student's law with `freedom` > 0 degrees of freedom.
pub fn upper_tail(x: f64, freedom: f64) -> f64 {
    let half = 0.5 * two_tails(x.abs(), freedom);
    if x >= 0.0 { half } else { 1.0 - half }
}

/// P(|X| > x), for x ≥ 0.
fn two_tails(x: f64, freedom: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    let square = x * x;
    if freedom > NEARLY_NORMAL {
        let z = x * (1.0 - 0.25 / freedom) / (1.0 + 0.5 * square / freedom).sqrt();
        return math::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
    }
    // Of the two forms, the one whose argument has no cancellation, and whose value has none.
    if square * (freedom + 2.0) < 3.0 * freedom {
        1.0 - incomplete_beta(0.5, 0.5 * freedom, square / (freedom + square))
    } else {
        incomplete_beta(0.5 * freedom, 0.5, freedom / (freedom + square))
    }
}

/// The x with P(X > x) = `order`, for an order in (0, ½].
pub fn upper_quantile(order: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, normal_quantile(1.0 - order).max(1.0));
    while upper_tail(high, freedom) > order && high < f64::MAX / 4.0 {
        low = high;
        high *= 2.0;
    }
    // Newton's steps, or halves where one leaves the bracket; the tail is convex from 0 on, so
    // that steps from the left never overshoot.
    let mut x = low;
    for _ in 0..200 {
        let excess = upper_tail(x, freedom) - order;
        if excess > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x + excess / density(x, freedom);
        let next = if newton > low && newton < high { newton } else { low.midpoint(high) };
        if (next - x).abs() <= 1e-15 * x.abs() {
            return next;
        }
        x = next;
    }
    x
}

fn density(x: f64, freedom: f64) -> f64 {
    let half = 0.5 * (freedom + 1.0);
    let constant = if freedom > NEARLY_NORMAL {
        (0.5 / std::f64::consts::PI).sqrt()
    } else {
        let ratio = math::exp(math::ln_gamma(half) - math::ln_gamma(0.5 * freedom));
        ratio / (freedom * std::f64::consts::PI).sqrt()
    };
    constant * math::exp(-half * math::ln_1p(x * x / freedom))
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

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
    fn tails_are_those_of_an_independent_library() {
        for freedom in [1.0, 2.0, 3.0, 7.5, 30.0, 999.0, 1e5] {
            let law = StudentsT::new(0.0, 1.0, freedom).expect("valid");
            for x in [0.0, 0.3, 1.0, 2.5, 7.0] {
                let (tail, expected) = (upper_tail(x, freedom), law.sf(x));
                assert!(
                    (tail - expected).abs() < 1e-9 * expected,
                    "ν = {freedom}, x = {x}: {tail}"
                );
                assert!((upper_tail(-x, freedom) - law.cdf(x)).abs() < 1e-9);
            }
        }
        // Near 0, where that library cancels: ½ − x times the density at 0, √(2/π)/2 (1 − 1/(4ν)).
        let near = 0.5 - 1e-6 * 0.398_942_280_401 * (1.0 - 0.25 / 999.0);
        assert!((upper_tail(1e-6, 999.0) - near).abs() < 1e-13);
        // One and two degrees of freedom have closed forms; far out, digits must not cancel.
        let far = 1e9_f64;
        assert!((upper_tail(far, 1.0) * far * std::f64::consts::PI - 1.0).abs() < 1e-9);
        assert!((upper_tail(far, 2.0) * 2.0 * far * far - 1.0).abs() < 1e-9);
    }

    #[test]
    fn quantiles_invert_the_tails_far_out_and_for_many_degrees() {
        for freedom in [1.0, 2.0, 4.0, 63.0, 1e5, 1e7, 4e9] {
            for order in [0.5, 0.3, 0.025, 1e-4, 1e-9] {
                let x = upper_quantile(order, freedom);
                let tail = upper_tail(x, freedom);
                assert!((tail - order).abs() < 1e-9 * order, "ν = {freedom}, {order}: {x}, {tail}");
            }
        }
        // The change to the normal form is not visible.
        let (below, above) = (upper_quantile(0.025, 0.999e6), upper_quantile(0.025, 1.001e6));
        assert!((below - above).abs() < 1e-8 && below > above, "{below} {above}");
    }
}
