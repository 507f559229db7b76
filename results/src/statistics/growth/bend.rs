//! The bend: where two straight lines in ln (mean) against ln x meet, with a bootstrap interval.
//!
//! For each place of the bend, between the second and the last but one point, the best two lines
//! that meet there are fitted by least squares; the place with the least squares wins. Whole
//! replications are drawn with replacement and the fit is made again for each draw; the interval is
//! the percentiles of the draws.
//! Assumptions: independent replications; means above 0. What the interval covers is the bend of
//! the true means over the same points: it says nothing of how well two lines describe them.

use regret_engine::math;

use super::super::draws::{self, stream};
use super::super::sample::mean;
use super::super::sampling::Sampling;
use super::{Growth, GrowthError, RESAMPLES, Window};

/// Places that are tried.
const PLACES: usize = 241;

/// The place x of the bend, with an interval of coverage 1 − `alpha`; none under optional stopping.
///
/// # Errors
/// Fewer than 5 points, which two lines describe whatever they are; a mean that is not above 0.
pub fn bend(window: &Window<'_>, sampling: Sampling, alpha: f64) -> Result<Growth, GrowthError> {
    let x: Vec<f64> = window.x.iter().map(|&x| math::ln(x)).collect();
    if x.len() < 5 {
        let (from, to) = (window.x[0], window.x[x.len() - 1]);
        return Err(GrowthError::TooFew { points: x.len(), needed: 5, from, to });
    }
    let means: Vec<f64> = window.rows.iter().map(|row| mean(row)).collect();
    if let Some(index) = means.iter().position(|&mean| mean <= 0.0) {
        return Err(GrowthError::NotPositive { at: window.x[index], mean: means[index] });
    }
    let fit = Fit::new(&x);
    let place = fit.place(&means.iter().map(|&mean| math::ln(mean)).collect::<Vec<_>>());
    let count = window.count();
    let draws = if count < 2 { None } else { resampled(window, &fit) };
    let ends = draws.as_ref().filter(|_| sampling == Sampling::Fixed).map(|draws| {
        let at = |share: f64| draws[((draws.len() - 1) as f64 * share).round() as usize];
        (math::exp(at(0.5 * alpha)), math::exp(at(1.0 - 0.5 * alpha)))
    });
    let spread = draws.map(|draws| {
        let mean = mean(&draws);
        let squares: f64 = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum();
        math::exp(place) * (squares / (draws.len() - 1) as f64).sqrt()
    });
    Ok(Growth { rate: math::exp(place), interval: ends, standard_error: spread, count })
}

/// The bends of the resamples, sorted; `None` if one has a mean that is not above 0.
fn resampled(window: &Window<'_>, fit: &Fit) -> Option<Vec<f64>> {
    let count = window.count();
    let mut times = vec![0.0; count];
    let mut draws = (0..RESAMPLES as u64)
        .map(|number| {
            times.fill(0.0);
            let mut stream = stream(draws::RESAMPLES, number);
            (0..count).for_each(|_| times[stream.index(count)] += 1.0);
            let sum = |row: &&[f64]| row.iter().zip(&times).map(|(x, n)| x * n).sum::<f64>();
            let sums: Vec<f64> = window.rows.iter().map(sum).collect();
            let positive = sums.iter().all(|&sum| sum > 0.0);
            positive.then(|| fit.place(&sums.into_iter().map(math::ln).collect::<Vec<_>>()))
        })
        .collect::<Option<Vec<f64>>>()?;
    draws.sort_by(f64::total_cmp);
    Some(draws)
}

/// For every place that is tried, an orthonormal basis of the two lines that meet there.
struct Fit {
    places: Vec<(f64, [Vec<f64>; 3])>,
}

impl Fit {
    fn new(x: &[f64]) -> Self {
        let (low, high) = (x[1], x[x.len() - 2]);
        let place = |i: usize| low + (high - low) * i as f64 / (PLACES - 1) as f64;
        Self { places: (0..PLACES).map(place).map(|at| (at, basis(x, at))).collect() }
    }

    /// The place with the least squares: the one whose lines take up most of the values.
    fn place(&self, values: &[f64]) -> f64 {
        let middle = mean(values);
        let taken = |basis: &[Vec<f64>; 3]| {
            let part = |column: &Vec<f64>| {
                let product: f64 =
                    column.iter().zip(values).map(|(q, value)| q * (value - middle)).sum();
                product * product
            };
            basis.iter().map(part).sum::<f64>()
        };
        let best = self.places.iter().fold((f64::NEG_INFINITY, 0.0), |best, (at, basis)| {
            let taken = taken(basis);
            if taken > best.0 { (taken, *at) } else { best }
        });
        best.1
    }
}

/// Gram and Schmidt on 1, min(x − at, 0) and max(x − at, 0).
fn basis(x: &[f64], at: f64) -> [Vec<f64>; 3] {
    let columns: [fn(f64) -> f64; 3] = [|_| 1.0, |u| u.min(0.0), |u| u.max(0.0)];
    let mut basis: [Vec<f64>; 3] = Default::default();
    for (index, column) in columns.into_iter().enumerate() {
        let mut values: Vec<f64> = x.iter().map(|x| column(x - at)).collect();
        for known in &basis[..index] {
            let product: f64 = known.iter().zip(&values).map(|(q, value)| q * value).sum();
            values.iter_mut().zip(known).for_each(|(value, q)| *value -= product * q);
        }
        let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        // A line that has no point of its own takes up nothing.
        let scale = if length > 1e-12 { 1.0 / length } else { 0.0 };
        values.iter_mut().for_each(|value| *value *= scale);
        basis[index] = values;
    }
    basis
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine points from 1 to 256: flat up to `bend`, then falling like 1/√x; with noise by
    /// replication.
    fn rows(bend: f64, noise: f64) -> Vec<(f64, Vec<f64>)> {
        let point = |i: i32| {
            let x = 2f64.powi(i);
            let level = if x <= bend { 100.0 } else { 100.0 * (bend / x).sqrt() };
            let value = |r: usize| {
                let wave = ((r * 7 + i as usize * 3) % 11) as f64 / 5.0 - 1.0;
                level * (1.0 + noise * wave)
            };
            (x, (0..22).map(value).collect())
        };
        (0..9).map(point).collect()
    }

    fn fitted(rows: &[(f64, Vec<f64>)]) -> Growth {
        let views = rows.iter().map(|(x, row)| (*x, row.as_slice())).collect();
        bend(&Window::new(views).expect("points"), Sampling::Fixed, 0.05).expect("fits")
    }

    #[test]
    fn a_bend_is_found_where_it_is() {
        // Places are 2^(k/40): within half a step without noise, wherever the bend lies.
        for place in [8.0, 20.0, 45.0] {
            let growth = fitted(&rows(place, 0.0));
            assert!((growth.rate / place).ln().abs() < 0.02, "{place}: {growth:?}");
            let growth = fitted(&rows(place, 0.05));
            let (low, high) = growth.interval.expect("an interval");
            assert!(low <= growth.rate && growth.rate <= high && low < place && place < high);
            assert!(high / low < 2.0, "{place}: {growth:?}");
        }
    }

    #[test]
    fn what_has_no_bend_is_refused() {
        let few = &rows(8.0, 0.1)[..4];
        let views = few.iter().map(|(x, row)| (*x, row.as_slice())).collect();
        let found = bend(&Window::new(views).expect("points"), Sampling::Fixed, 0.05);
        assert!(matches!(found, Err(GrowthError::TooFew { points: 4, .. })));
    }
}
