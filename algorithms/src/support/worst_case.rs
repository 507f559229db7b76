//! The least revenue of a set over a region of parameters that a log does not rule out.

use regret_engine::math;

use super::log_likelihood::Likelihood;
use super::spd::{Spd, dot};

/// The parameters whose l exceeds its minimum by at most a radius: a likelihood-ratio region, convex
/// because l is.
pub struct Region<'a> {
    likelihood: Likelihood<'a>,
    /// Where l is least.
    pub centre: Vec<f64>,
    /// The bound on l.
    bound: f64,
    radius: f64,
}

/// The worst case found for a set.
#[derive(Clone, Debug)]
pub struct Worst {
    /// The set's revenue there.
    pub value: f64,
    /// The parameter.
    pub theta: Vec<f64>,
    /// By how much its l exceeds the bound.
    pub violation: f64,
}

impl<'a> Region<'a> {
    /// The region of a log.
    pub fn new(likelihood: Likelihood<'a>, radius: f64) -> Self {
        let centre = likelihood.minimise();
        let bound = likelihood.value(&centre) + radius;
        Self { likelihood, centre, bound, radius }
    }

    /// The attraction of every item under a parameter; e^±700 at the most.
    pub fn attractions(&self, theta: &[f64]) -> Vec<f64> {
        let log = self.likelihood.log;
        let items = 0..log.revenues.len();
        items.map(|item| math::exp(dot(log.row(item), theta).clamp(-200.0, 200.0))).collect()
    }

    /// The least revenue of a set, from several starts: the centre, and the region's edge in
    /// directions that lower all utilities, raise that of the item of least revenue, lower that of
    /// the item of greatest revenue, and raise the set's revenue. With equal revenues every local
    /// minimum is global.
    pub fn worst(&self, set: &[usize]) -> Worst {
        let mut best = self.descend(set, self.centre.clone());
        if self.radius <= 0.0 {
            return best;
        }
        for direction in self.directions(set) {
            let start = self.pulled_back(&direction);
            let found = self.descend(set, start);
            if found.value < best.value {
                best = found;
            }
        }
        best
    }

    /// The worst case of a set from one start in the region: the centre's path alone.
    pub fn local_worst(&self, set: &[usize]) -> Worst {
        self.descend(set, self.centre.clone())
    }

    /// Points far outside, in the directions of the starts.
    fn directions(&self, set: &[usize]) -> Vec<Vec<f64>> {
        let log = self.likelihood.log;
        let slope = self.likelihood.slope(&self.centre);
        let mut factor = Spd::new(self.centre.len());
        if !factor.factorise(&slope.hessian) {
            return Vec::new();
        }
        let by_revenue = |&&a: &&usize, &&b: &&usize| log.revenues[a].total_cmp(&log.revenues[b]);
        let scaled = |row: &[f64], scale: f64| row.iter().map(|x| scale * x).collect::<Vec<f64>>();
        let mut all = vec![0.0; self.centre.len()];
        for &item in set {
            all.iter_mut().zip(log.row(item)).for_each(|(sum, x)| *sum -= x);
        }
        let mut gains = vec![all, self.revenue_and_gradient(set, &self.centre).1];
        gains.extend(set.iter().min_by(by_revenue).map(|&item| scaled(log.row(item), 1.0)));
        gains.extend(set.iter().max_by(by_revenue).map(|&item| scaled(log.row(item), -1.0)));
        let towards = |mut gain: Vec<f64>| {
            let norm = factor.norm(&gain, &mut vec![0.0; self.centre.len()]);
            factor.solve(&mut gain);
            let length = (2.0 * self.radius).sqrt() / norm.max(f64::MIN_POSITIVE);
            gain.iter().zip(&self.centre).map(|(g, c)| c + length * g).collect()
        };
        gains.into_iter().map(towards).collect()
    }

    /// The revenue of a set, and its gradient Σ p_i (r_i − R) x_i.
    fn revenue_and_gradient(&self, set: &[usize], theta: &[f64]) -> (f64, Vec<f64>) {
        let log = self.likelihood.log;
        let utilities: Vec<f64> = set.iter().map(|&item| dot(log.row(item), theta)).collect();
        let shift = utilities.iter().copied().fold(0.0, f64::max);
        let weights: Vec<f64> = utilities.iter().map(|u| math::exp(u - shift)).collect();
        let total = weights.iter().fold(math::exp(-shift), |sum, w| sum + w);
        let earned = set.iter().zip(&weights).map(|(&item, w)| log.revenues[item] * w);
        let revenue = earned.sum::<f64>() / total;
        let mut gradient = vec![0.0; theta.len()];
        for (&item, weight) in set.iter().zip(&weights) {
            let factor = weight / total * (log.revenues[item] - revenue);
            gradient.iter_mut().zip(log.row(item)).for_each(|(g, x)| *g += factor * x);
        }
        (revenue, gradient)
    }

    /// Descends from a point of the region: each step goes towards the least value of the linearised
    /// revenue on the ellipsoid that l's second-order model at the point makes of the region, pulled
    /// back into the region towards its centre. The region is convex, so the way there stays in it.
    fn descend(&self, set: &[usize], mut theta: Vec<f64>) -> Worst {
        let mut factor = Spd::new(theta.len());
        let (mut value, mut gradient) = self.revenue_and_gradient(set, &theta);
        for _ in 0..if self.radius > 0.0 { 200 } else { 0 } {
            let slope = self.likelihood.slope(&theta);
            let mut along = gradient.clone();
            let mut inward = slope.gradient.clone();
            if !factor.factorise(&slope.hessian) {
                break;
            }
            factor.solve(&mut along);
            factor.solve(&mut inward);
            let steepness = dot(&gradient, &along);
            let room = 2.0 * (self.bound - slope.value) + dot(&slope.gradient, &inward);
            if steepness <= 0.0 || room <= 0.0 {
                break;
            }
            let length = (room / steepness).sqrt();
            let steps = inward.iter().zip(&along);
            let target: Vec<f64> =
                theta.iter().zip(steps).map(|(x, (i, a))| x - i - length * a).collect();
            let target = self.pulled_back(&target);
            let Some(next) = self.line_search(set, &theta, &target, (value, &gradient)) else {
                break;
            };
            let (lower, steeper) = self.revenue_and_gradient(set, &next);
            let settled = value - lower <= 1e-13 * value.abs();
            (theta, value, gradient) = (next, lower, steeper);
            if settled {
                break;
            }
        }
        let violation = (self.likelihood.value(&theta) - self.bound).max(0.0);
        Worst { value, theta, violation }
    }

    /// A point on the way from `theta` to `target` with less revenue.
    fn line_search(
        &self,
        set: &[usize],
        theta: &[f64],
        target: &[f64],
        (value, gradient): (f64, &[f64]),
    ) -> Option<Vec<f64>> {
        let step: Vec<f64> = target.iter().zip(theta).map(|(t, x)| t - x).collect();
        let expected = dot(gradient, &step);
        if expected >= 0.0 {
            return None;
        }
        (0..50).map(|halvings| 0.5f64.powi(halvings)).find_map(|scale| {
            let next: Vec<f64> = theta.iter().zip(&step).map(|(x, s)| x + scale * s).collect();
            let (lower, _) = self.revenue_and_gradient(set, &next);
            (lower < value + 1e-4 * scale * expected).then_some(next)
        })
    }

    /// The point itself if it lies in the region, else where the way to it from the centre leaves
    /// the region: a root of a convex function that rises, by Newton's method from beyond.
    fn pulled_back(&self, point: &[f64]) -> Vec<f64> {
        let way: Vec<f64> = point.iter().zip(&self.centre).map(|(p, c)| p - c).collect();
        let at = |share: f64| -> Vec<f64> {
            self.centre.iter().zip(&way).map(|(c, w)| c + share * w).collect()
        };
        let mut share = 1.0;
        for _ in 0..200 {
            let here = at(share);
            let excess = self.likelihood.value(&here) - self.bound;
            if excess <= 1e-10 * (1.0 + self.radius) {
                break;
            }
            let next = share - excess / self.likelihood.rise(&here, &way);
            // Rounding may end the descent of shares before the excess is that small.
            if !(next > 0.0 && next < share) {
                break;
            }
            share = next;
        }
        at(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::log_likelihood::tests::log;
    use regret_engine::protocols::offline_assortment::Log;

    /// Two items alone: 40 of 100, 3 of 4.
    fn two() -> Log {
        log(&[1.0, 0.7], &[(&[0], 60.0, &[40.0]), (&[1], 1.0, &[3.0])])
    }

    fn region(log: &Log, radius: f64) -> Region<'_> {
        Region::new(Likelihood { log, ridge: 1e-9 }, radius)
    }

    #[test]
    fn worst_cases_in_closed_form() {
        // n KL(k/n ‖ p) = ρ for a set alone; {0, 1} splits ρ between the two.
        let log = two();
        let region = region(&log, 2.995_732_3);
        for (set, expected) in
            [(&[0][..], 0.285_749_2), (&[1], 0.130_517_4), (&[0, 1], 0.404_462_8)]
        {
            let worst = region.worst(set);
            assert!((worst.value - expected).abs() < 1e-6, "{set:?}: {worst:?}");
            assert!(worst.violation <= 1e-8, "{worst:?}");
        }
        let theta = region.worst(&[0, 1]).theta;
        assert!((theta[0] + 0.668_775).abs() < 1e-4 && (theta[1] + 1.090_169).abs() < 1e-4);
    }

    #[test]
    fn worse_with_the_radius_and_never_above_the_estimate() {
        let log = two();
        let mut last = f64::INFINITY;
        for radius in [0.0, 0.01, 0.5, 3.0, 20.0] {
            let value = region(&log, radius).worst(&[0, 1]).value;
            assert!(value < last + 1e-12);
            last = value;
            if radius == 0.0 {
                assert!((value - 0.592_857_142).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn a_doubled_log_is_half_the_radius() {
        let (once, twice) =
            (two(), log(&[1.0, 0.7], &[(&[0], 120.0, &[80.0]), (&[1], 2.0, &[6.0])]));
        let half = region(&once, 1.5).worst(&[0, 1]).value;
        assert!((half - region(&twice, 3.0).worst(&[0, 1]).value).abs() < 1e-8);
    }

    #[test]
    fn separable_items_have_a_worst_case() {
        // Item 1 sold 5 of 5: the worst p has 5 ln(1/p) = ρ.
        let log = log(&[1.0, 1.0], &[(&[0], 60.0, &[40.0]), (&[1], 0.0, &[5.0])]);
        let worst = Region::new(Likelihood { log: &log, ridge: 1e-6 }, 2.0).worst(&[1]);
        assert!((worst.value - (-0.4f64).exp()).abs() < 1e-3, "{worst:?}");
    }

    /// Revenues that differ: the least value over a fine grid of the region.
    #[test]
    fn no_point_of_a_grid_is_worse() {
        let log = log(
            &[1.0, 0.4],
            &[(&[0, 1], 5.0, &[9.0, 4.0]), (&[1], 3.0, &[5.0]), (&[0], 6.0, &[6.0])],
        );
        let region = region(&log, 1.2);
        for set in [&[0][..], &[1], &[0, 1]] {
            let worst = region.worst(set).value;
            let mut grid = f64::INFINITY;
            for i in -200..=200 {
                for j in -200..=200 {
                    let by = [f64::from(i) * 0.01, f64::from(j) * 0.01];
                    let theta = [region.centre[0] + by[0], region.centre[1] + by[1]];
                    if region.likelihood.value(&theta) <= region.bound {
                        grid = grid.min(region.revenue_and_gradient(set, &theta).0);
                    }
                }
            }
            assert!(worst <= grid + 1e-9 && worst > grid - 0.01, "{set:?}: {worst} {grid}");
        }
    }
}
