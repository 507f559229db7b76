//! Claims that a figure lies within limits, judged by its interval.

use std::fmt;

use super::{Confidence, Judgement, Verdict};

/// At least `low`, at most `high`; at least one of them is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The least value, if there is one.
    pub low: Option<f64>,
    /// The largest value, if there is one.
    pub high: Option<f64>,
}

impl Limits {
    /// Whether an interval lies inside, outside, or across a limit.
    fn verdict(self, interval: Option<(f64, f64)>) -> Verdict {
        let Some((low, high)) = interval else { return Verdict::Undecided };
        let inside = self.low.is_none_or(|limit| limit <= low)
            && self.high.is_none_or(|limit| high <= limit);
        let outside = self.low.is_some_and(|limit| high < limit)
            || self.high.is_some_and(|limit| limit < low);
        match (inside, outside) {
            (true, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            _ => Verdict::Undecided,
        }
    }

    /// How far a figure is from the limit that decides.
    fn distance(self, measured: f64) -> f64 {
        let ends = [self.low, self.high].into_iter().flatten();
        ends.map(|limit| (limit - measured).abs()).fold(f64::INFINITY, f64::min)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low, self.high) {
            (Some(low), Some(high)) => write!(f, "between {low} and {high}"),
            (Some(low), None) => write!(f, "at least {low}"),
            (None, Some(high)) => write!(f, "at most {high}"),
            (None, None) => write!(f, "anything"),
        }
    }
}

/// A figure with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate<'a> {
    /// What it is.
    pub quantity: &'a str,
    /// The figure.
    pub measured: f64,
    /// Its interval; `None` if it is the whole line.
    pub interval: Option<(f64, f64)>,
    /// Its standard error times the root of the number of replications; `None` for one replication.
    pub deviation: Option<f64>,
    /// Number of replications.
    pub count: usize,
}

impl Estimate<'_> {
    /// Judges the claim that it lies within `limits`.
    pub fn judge(&self, limits: Limits, confidence: Confidence) -> Judgement {
        let verdict = limits.verdict(self.interval);
        let distance = limits.distance(self.measured);
        let needed = || {
            let deviations = distance / self.deviation.filter(|deviation| *deviation > 0.0)?;
            let needed = confidence.sampling.needed(deviations, confidence.alpha)?;
            // Intervals that are not symmetric may be a little wider than this reckoning.
            Some(needed.max(self.count as u64 + 1))
        };
        let note = match verdict {
            Verdict::Undecided if self.count < 2 => Some("one replication shows no noise"),
            Verdict::Undecided if self.interval.is_none() => Some("it has no interval yet"),
            _ => None,
        };
        Judgement {
            verdict,
            quantity: self.quantity.to_owned(),
            measured: Some(self.measured),
            interval: self.interval,
            coverage: confidence.coverage(),
            p: None,
            replications: self.count,
            needed: if verdict == Verdict::Undecided { needed() } else { None },
            note: note.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Sampling;

    fn judge(interval: (f64, f64), limits: Limits) -> Judgement {
        let measured = f64::midpoint(interval.0, interval.1);
        let estimate = Estimate {
            quantity: "mean",
            measured,
            interval: Some(interval),
            deviation: Some(5.0 * (interval.1 - measured)),
            count: 100,
        };
        estimate.judge(limits, Confidence { sampling: Sampling::Fixed, alpha: 0.05 })
    }

    #[test]
    fn intervals_inside_outside_and_across() {
        let at_most = |limit| Limits { low: None, high: Some(limit) };
        let at_least = |limit| Limits { low: Some(limit), high: None };
        let between = |low, high| Limits { low: Some(low), high: Some(high) };
        for (limits, verdict) in [
            (at_most(3.0), Verdict::Pass),
            (at_most(0.9), Verdict::Fail),
            (at_most(2.5), Verdict::Undecided),
            (at_least(1.0), Verdict::Pass),
            (at_least(3.1), Verdict::Fail),
            (at_least(1.5), Verdict::Undecided),
            (between(0.0, 3.0), Verdict::Pass),
            (between(3.5, 4.0), Verdict::Fail),
            (between(-1.0, 0.5), Verdict::Fail),
            (between(1.5, 2.5), Verdict::Undecided),
        ] {
            assert_eq!(judge((1.0, 3.0), limits).verdict, verdict, "{limits}");
        }
    }

    #[test]
    fn undecided_claims_say_how_many_would_decide() {
        // Deviation 5, distance ½: (1.96 · 5/½)² = 384.1, and a little more for Student's law.
        let limits = Limits { low: None, high: Some(2.5) };
        assert_eq!(judge((1.0, 3.0), limits).needed, Some(387));
        // On the limit no number does; decided claims need none.
        assert_eq!(judge((1.0, 3.0), Limits { low: Some(2.0), high: None }).needed, None);
        assert_eq!(judge((1.0, 3.0), Limits { low: Some(1.0), high: None }).needed, None);
    }
}
