//! The inverse of the Bernoulli divergence, for the index policies built on it.

use regret_engine::math;
use regret_engine::special::kl;

/// The largest q in [p, 1] with kl(p, q) ≤ d, to about 1e-12, for p in [0, 1] and d ≥ 0. Numbers
/// outside are moved to the nearest end, so that rewards beyond [0, 1] cannot make it run wild.
pub fn kl_upper(p: f64, d: f64) -> f64 {
    let p = p.clamp(0.0, 1.0);
    if p == 0.0 {
        return -math::exp_m1(-d);
    }
    // Pinsker: kl(p, q) ≥ 2 (q − p)², so q is at most this.
    let (mut low, mut high) = (p, (p + (0.5 * d).sqrt()).min(1.0));
    let mut q = high.min(1.0 - 0.5 * (1.0 - p) * math::exp(-(d / (1.0 - p)).min(700.0)));
    // Newton's steps, kept between the ends that bisection gives; kl(p, ·) is convex.
    for _ in 0..60 {
        let excess = kl(p, q) - d;
        if excess > 0.0 {
            high = q
        } else {
            low = q
        }
        if high - low <= 1e-13 {
            break;
        }
        let slope = (q - p) / (q * (1.0 - q));
        let newton = q - excess / slope;
        let inside = newton > low && newton < high;
        let next = if inside { newton } else { 0.5 * (low + high) };
        if (next - q).abs() <= 1e-14 {
            break;
        }
        q = next;
    }
    q
}

/// Whether [`kl_upper`] of these is below `q` for sure, as computed: the divergence a little below
/// q, further than the iteration errs, is already above d, by more than both roundings.
pub fn kl_upper_is_below(p: f64, d: f64, q: f64) -> bool {
    const FURTHER: f64 = 1e-12;
    const ROUNDING: f64 = 1e-15;
    let (p, near, d) = (p.clamp(0.0, 1.0), q - FURTHER, d + ROUNDING);
    near >= 1.0 || near > p && (2.0 * (near - p) * (near - p) > d || kl(p, near) > d)
}

/// A mean p ≤ q, not far above the least, with kl(p, q) ≤ d; NaN unless q is below 1.
///
/// The normal approximation, or where that goes too far the chord from it to (q, 0), which lies
/// above the convex kl(·, q).
pub fn mean_near(q: f64, d: f64) -> f64 {
    if !(q > 0.0 && q < 1.0) {
        return f64::NAN;
    }
    let far = (q - (2.0 * q * (1.0 - q) * d).sqrt()).max(0.0);
    let excess = kl(far, q) - d;
    if excess <= 0.0 { far } else { far + (q - far) * excess / (excess + d) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // t = 100, n = 10, mean 0.5: ln t / n, then with 3 ln ln t.
        assert!((kl_upper(0.5, 100f64.ln() / 10.0) - 0.887_909).abs() < 1e-6);
        let d = (100f64.ln() + 3.0 * 100f64.ln().ln()) / 10.0;
        assert!((kl_upper(0.5, d) - 0.958_465).abs() < 1e-6);
        assert!((kl_upper(0.0, 0.3) - (1.0 - (-0.3f64).exp())).abs() < 1e-15);
    }

    #[test]
    fn the_inverse_inverts() {
        for p in [0.0, 1e-9, 0.01, 0.3, 0.77, 0.999, 1.0 - 1e-9] {
            for d in [0.0, 1e-12, 1e-4, 0.03, 0.5, 2.0, 30.0] {
                let q = kl_upper(p, d);
                assert!((p..=1.0).contains(&q), "{p} {d}: {q}");
                let (below, above) = ((q - 1e-12).max(p), (q + 1e-12).min(1.0));
                assert!(kl(p, below) <= d + 1e-12, "{p} {d}: {q}");
                assert!(above == 1.0 || kl(p, above) >= d - 1e-12, "{p} {d}: {q}");
            }
        }
        for q in [1e-6, 0.01, 0.3, 0.77, 0.999] {
            for d in [0.0, 1e-12, 1e-4, 0.03, 0.5, 2.0] {
                let p = mean_near(q, d);
                assert!(
                    (0.0..=q).contains(&p) && kl(p, q) <= d * (1.0 + 1e-9) + 1e-15,
                    "{q} {d}: {p}"
                );
                // Not far above the least: most divergence is lost where q is near an end.
                assert!(p == 0.0 || kl(p, q) >= 0.05 * d, "{q} {d}: {p}");
            }
        }
        for p in [0.0, 0.01, 0.3, 0.999] {
            for d in [1e-12, 1e-4, 0.03, 0.5, 2.0] {
                let q = kl_upper(p, d);
                assert!(!kl_upper_is_below(p, d, q), "{p} {d}");
                assert!(kl_upper_is_below(p, d, q + 1e-9), "{p} {d}");
            }
        }
        assert!(!kl_upper_is_below(0.5, 0.1, f64::NEG_INFINITY));
        assert!(mean_near(1.0, 0.1).is_nan() && mean_near(f64::NAN, 0.1).is_nan());
        assert_eq!(kl_upper(1.0, 0.5), 1.0);
        assert_eq!(kl_upper(7.0, 0.5), 1.0);
        assert!(kl_upper(-3.0, 0.5) > 0.0);
    }
}
