//! The points that a growth rate is fitted to.

use regret_engine::math;
use regret_engine::record::Series;

use super::super::sample::check;
use super::GrowthError;

/// Most points of a fit: more checkpoints are thinned evenly in ln t, as the fit weighs them.
pub const MOST_POINTS: usize = 16;

/// Which rounds a growth rate is fitted to, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The first round; by default √T, the middle of the logarithmic axis.
    pub from: Option<u64>,
    /// The last round; by default the horizon T.
    pub to: Option<u64>,
}

/// Points of a fit: x > 0 ascending, and at each the values of all replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Window<'a> {
    /// Rounds, or values of a swept parameter.
    pub x: Vec<f64>,
    /// For each point the values, one for each replication, in the same order.
    pub rows: Vec<&'a [f64]>,
}

impl<'a> Window<'a> {
    /// The points of a series within `tail`; `checkpoints` are those of the whole record.
    ///
    /// # Errors
    /// Fewer than two points, or values that are not finite.
    pub fn of(
        series: &'a Series,
        checkpoints: &[u64],
        replications: usize,
        tail: Tail,
    ) -> Result<Self, GrowthError> {
        let rounds = checkpoints.get(series.first_checkpoint..).unwrap_or(&[]);
        let horizon = rounds.last().copied().unwrap_or(0);
        let from = tail.from.map_or((horizon as f64).sqrt(), |from| from as f64);
        let to = tail.to.unwrap_or(horizon) as f64;
        let rows = series.values.chunks_exact(replications.max(1));
        let all: Vec<(f64, &[f64])> = (rounds.iter().map(|&t| t as f64).zip(rows))
            .filter(|&(t, _)| from <= t && t <= to)
            .collect();
        let (x, rows) = thinned(&all).into_iter().unzip();
        Self { x, rows }.checked((from, to))
    }

    /// Points given one by one, such as those of a sweep.
    ///
    /// # Errors
    /// Fewer than two points, or values that are not finite or not above 0 for x.
    pub fn new(points: Vec<(f64, &'a [f64])>) -> Result<Self, GrowthError> {
        let mut points = points;
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|a, b| a.0 == b.0);
        let ends =
            (points.first().map_or(0.0, |first| first.0), points.last().map_or(0.0, |last| last.0));
        if ends.0 <= 0.0 && !points.is_empty() {
            return Err(GrowthError::NotPositive { at: ends.0, mean: ends.0 });
        }
        let (x, rows) = points.into_iter().unzip();
        Self { x, rows }.checked(ends)
    }

    fn checked(self, (from, to): (f64, f64)) -> Result<Self, GrowthError> {
        if self.x.len() < 2 {
            return Err(GrowthError::TooFew { points: self.x.len(), needed: 2, from, to });
        }
        self.rows.iter().try_for_each(|row| check(row))?;
        Ok(self)
    }

    /// The weights of the least-squares slope against ln x: slope = Σ weight · y.
    pub(super) fn weights(&self) -> Vec<f64> {
        let logs: Vec<f64> = self.x.iter().map(|&x| math::ln(x)).collect();
        let centre = logs.iter().sum::<f64>() / logs.len() as f64;
        let square: f64 = logs.iter().map(|log| (log - centre) * (log - centre)).sum();
        logs.iter().map(|log| (log - centre) / square).collect()
    }

    /// Number of replications.
    pub(super) fn count(&self) -> usize {
        self.rows.iter().map(|row| row.len()).min().unwrap_or(0)
    }
}

/// At most [`MOST_POINTS`] of the points: the nearest in ln t to an even grid, the ends among them.
fn thinned<'a>(points: &[(f64, &'a [f64])]) -> Vec<(f64, &'a [f64])> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let ratio = math::ln(last.0 / first.0) / (MOST_POINTS - 1) as f64;
    let nearest = |step: usize| {
        let wanted = first.0 * math::exp(step as f64 * ratio);
        let above = points.partition_point(|point| point.0 < wanted).min(points.len() - 1);
        let below = above.saturating_sub(1);
        if wanted / points[below].0 < points[above].0 / wanted { below } else { above }
    };
    let mut kept: Vec<usize> = (0..MOST_POINTS).map(nearest).collect();
    kept.dedup();
    kept.into_iter().map(|index| points[index]).collect()
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::PSEUDO_REGRET;

    use super::*;

    fn series(first_checkpoint: usize, values: Vec<f64>) -> Series {
        Series { notion: PSEUDO_REGRET, component: None, first_checkpoint, values }
    }

    #[test]
    fn the_default_is_the_last_half_of_the_logarithmic_axis() {
        let checkpoints = [1, 10, 50, 100, 1000, 10_000];
        let series = series(1, (0..10).map(f64::from).collect());
        let window = Window::of(&series, &checkpoints, 2, Tail::default()).expect("points");
        assert_eq!(window.x, [100.0, 1000.0, 10_000.0]);
        assert_eq!(window.rows[0], [4.0, 5.0]);
        let tail = Tail { from: Some(10), to: Some(99) };
        let window = Window::of(&series, &checkpoints, 2, tail).expect("points");
        assert_eq!(window.x, [10.0, 50.0]);
        let tail = Tail { from: Some(20), to: Some(99) };
        let error = Window::of(&series, &checkpoints, 2, tail).expect_err("one point");
        let text = "1 points lie in the window from 20 to 99; a fit needs 2";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn many_checkpoints_are_thinned_evenly_in_the_logarithm() {
        let checkpoints: Vec<u64> = (1..=100_000).collect();
        let series = series(0, checkpoints.iter().map(|&t| t as f64).collect());
        let tail = Tail { from: Some(100), to: None };
        let window = Window::of(&series, &checkpoints, 1, tail).expect("points");
        assert_eq!(window.x.len(), MOST_POINTS);
        assert_eq!((window.x[0], window.x[MOST_POINTS - 1]), (100.0, 100_000.0));
        let steps = window.x.windows(2).map(|pair| pair[1] / pair[0]);
        let even = 1000.0_f64.powf(1.0 / 15.0);
        assert!(steps.into_iter().all(|step| (step / even - 1.0).abs() < 0.01));
    }
}
