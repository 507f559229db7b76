//! Claims that a whole curve of means stays on the right side of a bound of theory.

use regret_engine::bound::{Bound, Side};
use regret_engine::record::Series;

use super::{Confidence, Judgement, Verdict};
use crate::report::number::with_margin;
use crate::statistics::{Curve, Summary, whole_curve_factor};

/// Rounding that is no violation, relative to the bound.
const ROUNDING: f64 = 1e-9;

/// Judges "the mean of the series stays under `bound` at every checkpoint" (for a lower bound:
/// above it), by the simultaneous band of its curve: PASS if the whole band does, FAIL if the whole
/// band is beyond the bound at some checkpoint. The figures are those of the checkpoint where it is
/// nearest to the bound in standard errors.
pub fn bound(series: &Series, curve: &Curve, bound: &Bound, confidence: Confidence) -> Judgement {
    let quantity = "nearest mean";
    let Confidence { sampling, alpha } = confidence;
    let Some(factor) = whole_curve_factor(series, curve, sampling, alpha) else {
        let why = "too few replications for a band";
        return Judgement::without_data(quantity, confidence, why);
    };
    let sign = if matches!(bound.side, Side::Upper | Side::AsymptoticUpper) { 1.0 } else { -1.0 };
    let points = curve.checkpoints.iter().zip(&curve.points);
    let slack = |&(&t, point): &(&u64, &Summary)| slack(point, bound.at(t), sign);
    let nearest = points.map(|point| (slack(&point), point)).min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((slack, (&t, point))) = nearest else {
        return Judgement::without_data(quantity, confidence, "nothing was recorded");
    };
    let verdict = if slack >= factor {
        Verdict::Pass
    } else if slack <= -factor {
        Verdict::Fail
    } else {
        Verdict::Undecided
    };
    let margin = point.standard_error.map(|error| factor * error);
    let side = if sign > 0.0 { "≤" } else { "≥" };
    Judgement {
        verdict,
        quantity: quantity.to_owned(),
        measured: Some(point.mean),
        interval: margin.map(|margin| (point.mean - margin, point.mean + margin)),
        coverage: confidence.coverage(),
        p: None,
        replications: point.count,
        needed: needed(point.count, factor / slack.abs()).filter(|_| verdict == Verdict::Undecided),
        note: Some(format!("{side} {} at t = {t}", with_margin(bound.at(t), None))),
    }
}

/// How many standard errors the mean is on the right side of the limit.
fn slack(point: &Summary, limit: f64, sign: f64) -> f64 {
    let room = sign * (limit - point.mean);
    let rounding = ROUNDING * limit.abs();
    match point.standard_error {
        Some(error) if error > rounding => room / error,
        // Without noise, an equality holds but for rounding.
        Some(_) if room >= -rounding => f64::INFINITY,
        _ => f64::NEG_INFINITY,
    }
}

/// Replications at which the band is narrower by that ratio; `None` if nobody could wait for them.
fn needed(count: usize, ratio: f64) -> Option<u64> {
    let needed = (count as f64 * ratio * ratio).ceil();
    (needed.is_finite() && needed < 1e12).then(|| (needed as u64).max(count as u64 + 1))
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::PSEUDO_REGRET;

    use super::*;
    use crate::statistics::Sampling;

    const FIXED: Confidence = Confidence { sampling: Sampling::Fixed, alpha: 0.05 };
    const SEQUENTIAL: Confidence = Confidence { sampling: Sampling::Sequential, alpha: 0.05 };

    /// Mean √t with replications ± 20 % of it.
    fn judge(factor: f64, side: Side, confidence: Confidence) -> Judgement {
        let checkpoints = [4, 100, 2500];
        let values = checkpoints.iter().flat_map(|&t: &u64| {
            (0..100).map(move |i| (t as f64).sqrt() * (0.8 + 0.4 * f64::from(i % 2)))
        });
        let values = values.collect();
        let series = Series { notion: PSEUDO_REGRET, component: None, first_checkpoint: 0, values };
        let curve = Curve::of(&series, &checkpoints, 100).expect("a curve");
        // Nearest at t = 2500.
        let limit = move |t: f64| factor * t.sqrt() + if t < 1000.0 { 3.0 } else { 0.0 };
        let theory = Bound::upper(PSEUDO_REGRET, "c √t", "nobody", "never", limit).on(side);
        bound(&series, &curve, &theory, confidence)
    }

    #[test]
    fn the_band_decides() {
        // The standard error is 0.2/√99 = 0.0201 of the mean; the curve moves as one, so that the
        // band is ± 2 to 2.1 of them.
        assert_eq!(judge(1.05, Side::Upper, FIXED).verdict, Verdict::Pass);
        assert_eq!(judge(1.03, Side::Upper, FIXED).verdict, Verdict::Undecided);
        assert_eq!(judge(0.95, Side::Upper, FIXED).verdict, Verdict::Fail);
        assert_eq!(judge(0.9, Side::Lower, FIXED).verdict, Verdict::Fail);
        let nearest = judge(1.03, Side::Upper, FIXED);
        assert_eq!(nearest.measured, Some(50.0));
        assert_eq!(nearest.note.as_deref(), Some("≤ 51.50 at t = 2500"));
        // (2 · 0.0201/0.03)² times as many, or a few more.
        let needed = nearest.needed.expect("a number");
        assert!((180..=215).contains(&needed), "{needed}");
        // Three checkpoints and all numbers of replications at once: 3.6 standard errors or so.
        assert_eq!(judge(1.05, Side::Upper, SEQUENTIAL).verdict, Verdict::Undecided);
        assert_eq!(judge(1.10, Side::Upper, SEQUENTIAL).verdict, Verdict::Pass);
    }

    #[test]
    fn equalities_without_noise_hold() {
        let series = Series {
            notion: PSEUDO_REGRET,
            component: None,
            first_checkpoint: 0,
            values: vec![0.1 + 0.2; 4],
        };
        let curve = Curve::of(&series, &[3], 4).expect("a curve");
        let judge = |limit: f64, side| {
            let theory = Bound::upper(PSEUDO_REGRET, "", "", "", move |_| limit).on(side);
            bound(&series, &curve, &theory, FIXED).verdict
        };
        assert_eq!(judge(0.3, Side::Upper), Verdict::Pass);
        assert_eq!(judge(0.3, Side::Lower), Verdict::Pass);
        assert_eq!(judge(0.29, Side::Upper), Verdict::Fail);
        assert_eq!(judge(0.31, Side::Lower), Verdict::Fail);
    }

    #[test]
    fn one_replication_decides_nothing() {
        let series = Series {
            notion: PSEUDO_REGRET,
            component: None,
            first_checkpoint: 0,
            values: vec![1.0],
        };
        let curve = Curve::of(&series, &[3], 1).expect("a curve");
        let theory = Bound::upper(PSEUDO_REGRET, "", "", "", |_| 9.0);
        assert_eq!(bound(&series, &curve, &theory, FIXED).verdict, Verdict::Undecided);
    }
}
