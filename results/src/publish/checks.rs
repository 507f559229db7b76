//! Bounds that a curve exceeds beyond noise.

use regret_engine::bound::{Bound, Side};
use regret_engine::record::Series;

use crate::statistics::{Curve, Sampling, whole_curve_factor};

/// Rounding that is no violation, relative to the bound.
const ROUNDING: f64 = 1e-9;

/// Where a curve exceeds a bound the most, in standard errors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exceeded {
    /// The round.
    pub(crate) t: u64,
    /// The mean there.
    pub(crate) mean: f64,
    /// Half the width of the simultaneous band there.
    pub(crate) margin: f64,
    /// The bound there.
    pub(crate) bound: f64,
}

/// Whether the whole simultaneous band of a curve lies beyond a bound at some round, and where.
///
/// `alpha` is the probability of flagging by chance (not below what the bootstrap's number of draws
/// resolves). Asymptotic bounds cannot
/// be exceeded at a finite round, and one replication says nothing about noise.
pub(crate) fn exceeded(
    series: &Series,
    curve: &Curve,
    bound: &Bound,
    sampling: Sampling,
    alpha: f64,
) -> Option<Exceeded> {
    let sign = match bound.side {
        Side::Upper => 1.0,
        Side::Lower => -1.0,
        Side::AsymptoticLower | Side::AsymptoticUpper => return None,
    };
    let points = || curve.checkpoints.iter().zip(&curve.points);
    let beyond = |t: u64, mean: f64| {
        let limit = bound.at(t);
        sign * (mean - limit) - ROUNDING * limit.abs()
    };
    if !points().any(|(&t, point)| beyond(t, point.mean) > 0.0) {
        return None;
    }
    let factor = whole_curve_factor(series, curve, sampling, alpha)?;
    let outside = points().filter_map(|(&t, point)| {
        let error = point.standard_error?;
        let excess = beyond(t, point.mean) - factor * error;
        let found = Exceeded { t, mean: point.mean, margin: factor * error, bound: bound.at(t) };
        (excess > 0.0).then_some((excess / error, found))
    });
    outside.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::PSEUDO_REGRET;

    use super::*;

    /// Mean t, with replications ± 10 % of it.
    fn curve() -> (Series, Curve) {
        let checkpoints: [u32; 3] = [10, 100, 1000];
        let values = checkpoints
            .iter()
            .flat_map(|&t| (0..40).map(move |i: u32| f64::from(t) * (0.9 + 0.2 * f64::from(i % 2))))
            .collect();
        let series = Series { notion: PSEUDO_REGRET, component: None, first_checkpoint: 0, values };
        let curve = Curve::of(&series, &checkpoints.map(u64::from), 40).expect("a curve");
        (series, curve)
    }

    fn bound(side: Side, factor: f64) -> Bound {
        Bound::upper(PSEUDO_REGRET, "c t", "nobody", "never", move |t| factor * t).on(side)
    }

    #[test]
    fn only_what_exceeds_beyond_noise_is_flagged() {
        let (series, curve) = curve();
        let exceeded =
            |bound: &Bound, sampling, alpha| exceeded(&series, &curve, bound, sampling, alpha);
        let check = |side, factor| exceeded(&bound(side, factor), Sampling::Fixed, 0.05);
        // The standard error is 0.1 t/√39 = 0.016 t: the band is about ± 0.032 t.
        assert_eq!(check(Side::Upper, 1.0), None);
        assert_eq!(check(Side::Upper, 0.99), None);
        let found = check(Side::Upper, 0.9).expect("exceeded");
        assert!((found.mean / found.bound - 1.0 / 0.9).abs() < 1e-9);
        assert!(found.margin > 0.03 * found.t as f64 && found.margin < 0.05 * found.t as f64);
        assert!(check(Side::Lower, 1.1).is_some());
        assert_eq!(check(Side::Lower, 1.01), None);
        assert_eq!(check(Side::AsymptoticUpper, 0.5), None);
        assert_eq!(check(Side::AsymptoticLower, 2.0), None);
        // Many bounds need stronger evidence each: 3.5 standard errors instead of 2.
        let narrow = bound(Side::Upper, 0.955);
        assert!(exceeded(&narrow, Sampling::Fixed, 0.05).is_some());
        assert_eq!(exceeded(&narrow, Sampling::Fixed, 0.0005), None);
        // And so does a number of replications found by looking.
        assert_eq!(exceeded(&narrow, Sampling::Sequential, 0.05), None);
        assert!(exceeded(&bound(Side::Upper, 0.8), Sampling::Sequential, 0.05).is_some());
    }

    #[test]
    fn an_equality_that_holds_but_for_rounding_is_kept() {
        let series = Series {
            notion: PSEUDO_REGRET,
            component: None,
            first_checkpoint: 0,
            values: vec![0.1 + 0.2; 8],
        };
        let curve = Curve::of(&series, &[1], 8).expect("a curve");
        let equal = Bound::upper(PSEUDO_REGRET, "0.3", "by definition", "always", |_| 0.3);
        assert_eq!(exceeded(&series, &curve, &equal, Sampling::Fixed, 0.05), None);
        let below = Bound::upper(PSEUDO_REGRET, "0.29", "by definition", "always", |_| 0.29);
        assert!(exceeded(&series, &curve, &below, Sampling::Fixed, 0.05).is_some());
    }
}
