//! Convex quadratic programmes on the simplex.

use super::dot;

/// Minimises `½ w'Aw − c'w` over the simplex, for symmetric positive definite `A`, by a primal
/// active-set method that starts from the support of the last answer.
///
/// On a support S the equality-constrained optimum is `w_S = A_SS⁻¹ (c_S + ν 1)`; a coordinate that
/// it makes negative is met on the way and dropped, and where it is feasible the asset whose
/// multiplier is most negative enters. Source: Nocedal, Wright, "Numerical optimization", 2006,
/// Algorithm 16.3.
#[derive(Clone, Debug)]
pub struct Quadratic {
    size: usize,
    support: Vec<usize>,
    /// The lower triangle of the Cholesky factor of `A_SS`, rows of length `size`.
    factor: Vec<f64>,
    /// `A_SS⁻¹ 1` and `A_SS⁻¹ c_S`, then the equality-constrained optimum, by place in the support.
    ones: Vec<f64>,
    linear: Vec<f64>,
}

/// A multiplier this far below 0, relative to the size of the gradient, is taken for 0.
const TOLERANCE: f64 = 1e-12;

impl Quadratic {
    /// Room for programmes in `size` variables.
    pub fn new(size: usize) -> Self {
        Self {
            size,
            support: Vec::with_capacity(size),
            factor: vec![0.0; size * size],
            ones: vec![0.0; size],
            linear: vec![0.0; size],
        }
    }

    /// Replaces `weights`, a point of the simplex, by the minimiser for `a` (row-major) and `c`.
    /// Numbers that are not finite give NaN. Stops after 20 changes of the support for each variable
    /// in any case: [`violation`](Self::violation) tells how good an answer is.
    pub fn minimise(&mut self, a: &[f64], c: &[f64], weights: &mut [f64]) {
        self.support.clear();
        self.support.extend((0..self.size).filter(|&i| weights[i] > 0.0));
        for _ in 0..20 * self.size + 20 {
            let Some(level) = self.optimum_on_support(a, c) else {
                weights.fill(f64::NAN);
                return;
            };
            if self.walk(weights) {
                continue;
            }
            match self.entering(a, c, weights, level) {
                Some(asset) => self.support.push(asset),
                None => break,
            }
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
    }

    /// Puts the optimum on the support into `linear`; answers `(Aw − c)_i`, the same for all i in it.
    fn optimum_on_support(&mut self, a: &[f64], c: &[f64]) -> Option<f64> {
        let count = self.support.len();
        self.factorise(a);
        for (place, &asset) in self.support.iter().enumerate() {
            self.ones[place] = 1.0;
            self.linear[place] = c[asset];
        }
        for right in [&mut self.ones, &mut self.linear] {
            solve(&self.factor, self.size, &mut right[..count]);
        }
        let (ones, linear) = (&self.ones[..count], &mut self.linear[..count]);
        let level = (1.0 - linear.iter().sum::<f64>()) / ones.iter().sum::<f64>();
        linear.iter_mut().zip(ones).for_each(|(w, one)| *w += level * one);
        (level.is_finite() && linear.iter().all(|w| w.is_finite())).then_some(level)
    }

    fn factorise(&mut self, a: &[f64]) {
        let size = self.size;
        for (row, &i) in self.support.iter().enumerate() {
            for (column, &j) in self.support[..=row].iter().enumerate() {
                let (above, current) = self.factor.split_at_mut(row * size);
                let other = if column < row { &above[column * size..] } else { &current[..] };
                let rest = a[i * size + j] - dot(&current[..column], &other[..column]);
                current[column] =
                    if column < row { rest / other[column] } else { rest.max(0.0).sqrt() };
            }
        }
    }

    /// Goes from `weights` towards the optimum on the support; true if a coordinate was dropped.
    fn walk(&mut self, weights: &mut [f64]) -> bool {
        let mut step = 1.0;
        let mut dropped = None;
        for (place, &asset) in self.support.iter().enumerate() {
            let (from, to) = (weights[asset], self.linear[place]);
            if to < 0.0 && from <= step * (from - to) {
                step = from / (from - to);
                dropped = Some(place);
            }
        }
        for (place, &asset) in self.support.iter().enumerate() {
            let moved = weights[asset] + step * (self.linear[place] - weights[asset]);
            weights[asset] = if step == 1.0 { self.linear[place] } else { moved.max(0.0) };
        }
        if let Some(place) = dropped.filter(|_| self.support.len() > 1) {
            weights[self.support[place]] = 0.0;
            self.support.remove(place);
        }
        dropped.is_some()
    }

    /// The variable off the support whose multiplier is most negative.
    fn entering(&self, a: &[f64], c: &[f64], weights: &[f64], level: f64) -> Option<usize> {
        let mut lowest = -TOLERANCE * self.scale(a, c, weights);
        let mut entering = None;
        for i in (0..self.size).filter(|i| !self.support.contains(i)) {
            let multiplier = dot(&a[i * self.size..][..self.size], weights) - c[i] - level;
            if multiplier < lowest {
                (lowest, entering) = (multiplier, Some(i));
            }
        }
        entering
    }

    /// The greatest number that enters a gradient.
    fn scale(&self, a: &[f64], c: &[f64], weights: &[f64]) -> f64 {
        let rows = a.chunks_exact(self.size).zip(weights);
        let greatest = |row: &[f64]| row.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let quadratic = rows.map(|(row, weight)| weight * greatest(row)).sum::<f64>();
        greatest(c).max(quadratic).max(f64::MIN_POSITIVE)
    }

    /// By how much `weights` fails the conditions of Karush, Kuhn and Tucker, relative to the
    /// gradient's numbers: 0 at the exact minimiser. It is the certificate of an answer.
    pub fn violation(&self, a: &[f64], c: &[f64], weights: &[f64]) -> f64 {
        let gradient = |i: usize| dot(&a[i * self.size..][..self.size], weights) - c[i];
        let level: f64 = (0..self.size).map(|i| weights[i] * gradient(i)).sum();
        let worst = (0..self.size).fold(0.0f64, |worst, i| {
            let slack = gradient(i) - level;
            worst.max(if weights[i] > 0.0 { slack.abs() } else { -slack })
        });
        let sum_error = (weights.iter().sum::<f64>() - 1.0).abs();
        let below = weights.iter().fold(0.0f64, |below, weight| below.max(-weight));
        (worst / self.scale(a, c, weights)).max(sum_error).max(below)
    }
}

/// Solves `L L' x = right` in place, for the lower triangle `factor` with rows of length `stride`.
fn solve(factor: &[f64], stride: usize, right: &mut [f64]) {
    let count = right.len();
    for row in 0..count {
        let line = &factor[row * stride..][..row + 1];
        let rest = right[row] - dot(&line[..row], &right[..row]);
        right[row] = rest / line[row];
    }
    for row in (0..count).rev() {
        let value = right[row] / factor[row * stride + row];
        right[row] = value;
        for column in 0..row {
            right[column] -= value * factor[row * stride + column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Stream, normal};
    use crate::simplex::{project, uniform};

    /// A random positive definite matrix: identity times `ridge` and a few outer products.
    fn matrix(size: usize, ridge: f64, products: usize, stream: &mut Stream) -> Vec<f64> {
        let mut a = vec![0.0; size * size];
        (0..size).for_each(|i| a[i * size + i] = ridge);
        for _ in 0..products {
            let g: Vec<f64> = (0..size).map(|_| normal(stream)).collect();
            for i in 0..size {
                (0..size).for_each(|j| a[i * size + j] += g[i] * g[j]);
            }
        }
        a
    }

    #[test]
    fn random_programmes_meet_their_conditions() {
        let mut stream = Stream::new(9, 0, Role::Learner);
        for round in 0..600 {
            let size = 1 + round % 24;
            let ridge = [1.0, 1e-3, 1e-6][round % 3];
            let a = matrix(size, ridge, round % 40, &mut stream);
            let spread = [0.1, 10.0, 1000.0][round / 3 % 3];
            let c: Vec<f64> = (0..size).map(|_| spread * normal(&mut stream)).collect();
            let mut quadratic = Quadratic::new(size);
            let mut weights = uniform(size);
            quadratic.minimise(&a, &c, &mut weights);
            let violation = quadratic.violation(&a, &c, &weights);
            // Solving loses as many digits as the condition of A has: at most its trace by the ridge.
            let trace: f64 = (0..size).map(|i| a[i * size + i]).sum();
            let tolerance = 1e-12 + 1e-15 * trace / ridge;
            assert!(violation < tolerance, "{round}: {violation}");
            // From any other start, such as a vertex, as good a point.
            let mut other = vec![0.0; size];
            other[round % size] = 1.0;
            quadratic.minimise(&a, &c, &mut other);
            let value = |w: &[f64]| -> f64 {
                (0..size).map(|i| w[i] * (0.5 * dot(&a[i * size..][..size], w) - c[i])).sum()
            };
            let apart = (value(&weights) - value(&other)).abs();
            assert!(apart < 10.0 * tolerance * (trace + 10.0 * spread), "{round}: {apart}");
        }
    }

    #[test]
    fn with_the_identity_it_is_the_projection() {
        let mut stream = Stream::new(10, 0, Role::Learner);
        let (size, mut sorted) = (7, Vec::new());
        let a = matrix(size, 1.0, 0, &mut stream);
        for _ in 0..200 {
            let c: Vec<f64> = (0..size).map(|_| normal(&mut stream)).collect();
            let (mut weights, mut projected) = (uniform(size), c.clone());
            Quadratic::new(size).minimise(&a, &c, &mut weights);
            project(&mut projected, &mut sorted);
            assert!(weights.iter().zip(&projected).all(|(w, p)| (w - p).abs() < 1e-12));
        }
    }

    #[test]
    fn a_wrong_answer_has_a_large_violation() {
        let a = [2.0, 0.0, 0.0, 2.0];
        let quadratic = Quadratic::new(2);
        assert!(quadratic.violation(&a, &[1.0, 0.0], &[0.5, 0.5]) > 0.1);
        assert!(quadratic.violation(&a, &[1.0, 0.0], &[0.75, 0.25]) < 1e-15);
        let mut weights = [0.5, 0.5];
        Quadratic::new(2).minimise(&a, &[f64::NAN, 0.0], &mut weights);
        assert!(weights[0].is_nan());
    }
}
