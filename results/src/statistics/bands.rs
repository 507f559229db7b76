//! Bands around a curve of means: three kinds, which promise different things.

mod simultaneous;

pub use simultaneous::{DRAWS, critical_value};

use regret_engine::record::Series;
use serde::{Deserialize, Serialize};

use super::COVERAGE;
use super::curve::Curve;
use super::sampling::Sampling;

/// What a band promises, at 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BandKind {
    /// Each checkpoint's mean lies inside with 95 %, looked at alone: Student t.
    #[default]
    Pointwise,
    /// The whole curve of means lies inside with 95 %: [`critical_value`].
    Simultaneous,
    /// Each checkpoint's mean lies inside with 95 % at every number of replications at once, so
    /// that one may stop when one likes: [`super::sequence::factor`].
    Sequence,
}

impl BandKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pointwise, Self::Simultaneous, Self::Sequence];

    /// The name in specs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pointwise => "pointwise",
            Self::Simultaneous => "simultaneous",
            Self::Sequence => "sequence",
        }
    }

    /// The name on figures.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pointwise => "pointwise 95 %, Student t",
            Self::Simultaneous => "simultaneous 95 %, bootstrap",
            Self::Sequence => "95 % confidence sequence",
        }
    }
}

/// A band: its ends at each checkpoint of the curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// What it promises.
    pub kind: BandKind,
    /// Lower ends.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
}

impl Band {
    /// The band of `series`, whose curve is `curve`; `None` with too few replications for one.
    pub fn of(kind: BandKind, series: &Series, curve: &Curve) -> Option<Self> {
        let count = curve.last()?.count;
        let factor = match kind {
            BandKind::Pointwise => Sampling::Fixed.factor(count, 1.0 - COVERAGE),
            BandKind::Simultaneous => critical_value(&series.values, count, 1.0 - COVERAGE),
            BandKind::Sequence => Sampling::Sequential.factor(count, 1.0 - COVERAGE),
        }?;
        Self::wide(kind, factor, curve)
    }

    /// The means, plus and minus `factor` standard errors.
    fn wide(kind: BandKind, factor: f64, curve: &Curve) -> Option<Self> {
        let ends = curve.points.iter().map(|point| {
            let margin = factor * point.standard_error?;
            margin.is_finite().then_some((point.mean - margin, point.mean + margin))
        });
        let (low, high) = ends.collect::<Option<Vec<_>>>()?.into_iter().unzip();
        Some(Self { kind, low, high })
    }
}

/// How many standard errors a band extends to each side so that it holds the whole curve of `series`
/// with probability 1 − `alpha`: by bootstrap, or where the number of replications was found by
/// looking, by Bonferroni's correction of sequences. `None` with too few replications.
pub fn whole_curve_factor(
    series: &Series,
    curve: &Curve,
    sampling: Sampling,
    alpha: f64,
) -> Option<f64> {
    let count = curve.last()?.count;
    match sampling {
        Sampling::Fixed => critical_value(&series.values, count, alpha),
        Sampling::Sequential => sampling.factor(count, alpha / curve.points.len() as f64),
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::notion;

    use super::*;

    #[test]
    fn kinds_differ_in_width_alone() {
        // Five replications at two checkpoints.
        let values = vec![1.0, 2.0, 4.0, 3.0, 5.0, 10.0, 8.0, 9.0, 2.0, 1.0];
        let series = Series {
            notion: notion::PSEUDO_REGRET,
            component: None,
            first_checkpoint: 0,
            values: values.repeat(20),
        };
        let (checkpoints, replications) = ((1..=40).collect::<Vec<u64>>(), 5);
        let curve = Curve::of(&series, &checkpoints, replications).expect("a curve");
        let pointwise = Band::of(BandKind::Pointwise, &series, &curve).expect("a band");
        assert_eq!(pointwise.low[0], curve.points[0].low.expect("an end"));
        assert_eq!(pointwise.high[1], curve.points[1].high.expect("an end"));
        let simultaneous = Band::of(BandKind::Simultaneous, &series, &curve).expect("a band");
        assert!(simultaneous.low[0] < pointwise.low[0]);
        assert!(simultaneous.high[1] > pointwise.high[1]);
        // Nothing can be said about five replications at every number of them.
        assert_eq!(Band::of(BandKind::Sequence, &series, &curve), None);
    }

    #[test]
    fn keys_are_those_of_the_spec() {
        for kind in BandKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("serialises"), kind.key());
        }
    }
}
