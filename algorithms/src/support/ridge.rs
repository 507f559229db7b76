//! Ridge regression, sample by sample.
//!
//! With V = λI + Σ x xᵀ and b = Σ y x, keeps V, V⁻¹, θ = V⁻¹ b and ln det(V/λ). A sample costs
//! O(d²): V⁻¹ by Sherman and Morrison's formula, θ by θ += V⁻¹x (y − ⟨x, θ⟩) / (1 + xᵀV⁻¹x). Rounding
//! adds up in such updates, so every [`Ridge::SCHEDULE`] samples V⁻¹ and θ are computed anew from V and b by
//! Cholesky's factor. Between two such computations the greatest entry of V⁻¹V − I stays below 5·10⁻⁸
//! for features of norm at most 1 and λ ≥ 10⁻³ (tested over 10⁵ samples).

use regret_engine::math;

use super::kernels::{add_scaled, dot, padded, quadratic, rank_one, symmetric_product};

/// A ridge regression of one target.
#[derive(Clone, Debug)]
pub struct Ridge {
    d: usize,
    lambda: f64,
    /// V and V⁻¹, rows padded.
    gram: Vec<f64>,
    inverse: Vec<f64>,
    /// b and θ, padded.
    moments: Vec<f64>,
    theta: Vec<f64>,
    log_determinant: f64,
    samples: u64,
    /// The features, padded, and V⁻¹ x.
    x: Vec<f64>,
    direction: Vec<f64>,
    factor: Vec<f64>,
}

impl Ridge {
    /// After this many samples, or d if that is more, V⁻¹ is computed anew.
    pub const SCHEDULE: u64 = 1000;

    /// No sample yet; λ > 0.
    pub fn new(d: usize, lambda: f64) -> Self {
        let width = padded(d);
        let mut ridge = Self {
            d,
            lambda,
            gram: vec![0.0; d * width],
            inverse: vec![0.0; d * width],
            moments: vec![0.0; width],
            theta: vec![0.0; width],
            log_determinant: 0.0,
            samples: 0,
            x: vec![0.0; width],
            direction: vec![0.0; width],
            factor: vec![0.0; d * d],
        };
        ridge.reset();
        ridge
    }

    /// How many numbers a regression of d features keeps.
    pub const fn numbers(d: usize) -> usize {
        2 * d * padded(d) + d * d + 4 * padded(d)
    }

    /// Forgets every sample.
    pub fn reset(&mut self) {
        for vector in [&mut self.gram, &mut self.inverse, &mut self.moments, &mut self.theta] {
            vector.fill(0.0);
        }
        let width = padded(self.d);
        for i in 0..self.d {
            self.gram[i * width + i] = self.lambda;
            self.inverse[i * width + i] = 1.0 / self.lambda;
        }
        (self.log_determinant, self.samples) = (0.0, 0);
    }

    /// θ.
    pub fn theta(&self) -> &[f64] {
        &self.theta[..self.d]
    }

    /// ln det V − d ln λ.
    pub fn log_determinant(&self) -> f64 {
        self.log_determinant
    }

    /// Number of samples.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// V⁻¹, row-major with rows of [`padded`] length.
    pub fn inverse(&self) -> &[f64] {
        &self.inverse
    }

    /// ⟨x, θ⟩.
    #[inline]
    pub fn predict(&mut self, x: &[f64]) -> f64 {
        self.x[..self.d].copy_from_slice(x);
        dot(&self.theta, &self.x)
    }

    /// ⟨x, θ⟩ and xᵀ V⁻¹ x, which is not negative.
    #[inline]
    pub fn predict_with_width(&mut self, x: &[f64]) -> (f64, f64) {
        self.x[..self.d].copy_from_slice(x);
        (dot(&self.theta, &self.x), quadratic(&self.inverse, &self.x).max(0.0))
    }

    /// Adds a sample.
    pub fn add(&mut self, x: &[f64], y: f64) -> Step<'_> {
        self.x[..self.d].copy_from_slice(x);
        symmetric_product(&self.inverse, &self.x, &mut self.direction);
        let width = dot(&self.direction, &self.x).max(0.0);
        let surprise = y - dot(&self.theta, &self.x);
        rank_one(&mut self.gram, &self.x, 1.0);
        rank_one(&mut self.inverse, &self.direction, -1.0 / (1.0 + width));
        add_scaled(&mut self.moments, &self.x, y);
        add_scaled(&mut self.theta, &self.direction, surprise / (1.0 + width));
        self.log_determinant += math::ln_1p(width);
        self.samples += 1;
        let renewed = self.samples.is_multiple_of(Self::SCHEDULE.max(self.d as u64));
        if renewed {
            self.refactorise();
        }
        Step { direction: &self.direction, surprise, width, renewed }
    }

    /// Computes V⁻¹, θ and the determinant from V and b.
    fn refactorise(&mut self) {
        let (d, width) = (self.d, padded(self.d));
        for i in 0..d {
            for j in 0..=i {
                let (row_i, row_j) = (&self.factor[i * d..][..j], &self.factor[j * d..][..j]);
                let known: f64 = row_i.iter().zip(row_j).map(|(a, b)| a * b).sum();
                let value = self.gram[i * width + j] - known;
                // V ≥ λI, so pivots are positive but for rounding.
                self.factor[i * d + j] = if i == j {
                    value.max(0.5 * self.lambda).sqrt()
                } else {
                    value / self.factor[j * d + j]
                };
            }
        }
        let half: f64 = (0..d).map(|i| math::ln(self.factor[i * d + i])).sum();
        self.log_determinant = 2.0 * half - d as f64 * math::ln(self.lambda);
        for column in 0..d {
            // Column by column: L L ᵀ v = e.
            self.direction.fill(0.0);
            self.direction[column] = 1.0;
            self.solve(column);
            for (i, value) in self.direction[..d].iter().enumerate() {
                self.inverse[i * width + column] = *value;
            }
        }
        // The same bits on both sides of the diagonal.
        for i in 0..d {
            for j in 0..i {
                self.inverse[i * width + j] = self.inverse[j * width + i];
            }
        }
        symmetric_product(&self.inverse, &self.moments, &mut self.theta);
    }

    /// Solves L Lᵀ v = `direction` in place, whose entries before `first` are 0.
    fn solve(&mut self, first: usize) {
        let (d, v) = (self.d, &mut self.direction);
        for i in first..d {
            let row = &self.factor[i * d..][..i];
            let known: f64 = row[first..].iter().zip(&v[first..i]).map(|(a, b)| a * b).sum();
            v[i] = (v[i] - known) / self.factor[i * d + i];
        }
        for i in (0..d).rev() {
            v[i] /= self.factor[i * d + i];
            let value = v[i];
            let row = &self.factor[i * d..][..i];
            for (entry, factor) in v[..i].iter_mut().zip(row) {
                *entry -= value * factor;
            }
        }
    }
}

/// What a sample changed.
pub struct Step<'a> {
    /// V⁻¹x before the sample, padded.
    pub direction: &'a [f64],
    /// y − ⟨x, θ⟩ before the sample.
    pub surprise: f64,
    /// xᵀV⁻¹x before the sample.
    pub width: f64,
    /// Whether V⁻¹ was computed anew, and `direction` is used up.
    pub renewed: bool,
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Stream, normal};

    use super::*;

    /// The samples of the page on misspecified linear bandits.
    pub(crate) const SAMPLES: [([f64; 2], f64); 4] =
        [([1.0, 0.0], 1.0), ([0.6, 0.8], 0.5), ([1.0, 0.0], 0.0), ([0.0, 1.0], 1.0)];

    #[test]
    fn four_samples_by_hand() {
        let mut ridge = Ridge::new(2, 1.0);
        for (x, y) in SAMPLES {
            ridge.add(&x, y);
        }
        // V = [[3.36, 0.48], [0.48, 2.64]], det 8.64; b = (1.3, 1.4).
        assert!((ridge.log_determinant() - 8.64f64.ln()).abs() < 1e-14);
        assert!((ridge.theta()[0] - (2.64 * 1.3 - 0.48 * 1.4) / 8.64).abs() < 1e-15);
        assert!((ridge.theta()[1] - (3.36 * 1.4 - 0.48 * 1.3) / 8.64).abs() < 1e-15);
        let widths = [([1.0, 0.0], 0.552_771), ([0.0, 1.0], 0.623_609), ([0.6, 0.8], 0.552_771)];
        for (x, width) in widths.into_iter().chain([([-0.6, 0.8], 0.642_045)]) {
            assert!((ridge.predict_with_width(&x).1.sqrt() - width).abs() < 1e-6, "{x:?}");
        }
        ridge.reset();
        assert_eq!((ridge.theta(), ridge.log_determinant()), (&[0.0, 0.0][..], 0.0));
        assert_eq!(ridge.predict_with_width(&[0.6, 0.8]), (0.0, 1.0));
    }

    /// The greatest entry of V⁻¹V − I.
    fn drift(ridge: &Ridge) -> f64 {
        let (d, width) = (ridge.d, padded(ridge.d));
        let entry = |i: usize, j: usize| -> f64 {
            let terms = (0..d).map(|k| ridge.inverse[i * width + k] * ridge.gram[k * width + j]);
            terms.sum::<f64>() - if i == j { 1.0 } else { 0.0 }
        };
        (0..d * d).fold(0.0, |worst: f64, ij| worst.max(entry(ij / d, ij % d).abs()))
    }

    /// Nearly collinear features and a small λ, where rounding hurts most.
    #[test]
    fn drift_stays_below_the_bound() {
        let d = 12;
        let mut ridge = Ridge::new(d, 1e-3);
        let mut rng = Stream::from_state(11);
        let mut worst: f64 = 0.0;
        for n in 1..=100_000u32 {
            let mut x: Vec<f64> =
                (0..d).map(|i| 1.0 + 1e-3 * i as f64 * normal(&mut rng)).collect();
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            x.iter_mut().for_each(|x| *x /= norm);
            ridge.add(&x, normal(&mut rng));
            if n % 999 == 0 {
                worst = worst.max(drift(&ridge));
            }
        }
        assert!(worst < 5e-8, "{worst:e}");
    }

    /// Refactorising changes nothing but rounding.
    #[test]
    fn the_schedule_is_not_seen() {
        let mut ridge = Ridge::new(5, 0.5);
        let mut rng = Stream::from_state(4);
        let mut draw = || -> [f64; 5] { std::array::from_fn(|_| normal(&mut rng)) };
        for _ in 0..Ridge::SCHEDULE - 1 {
            let x = draw();
            ridge.add(&x, x[0] - 2.0 * x[3]);
        }
        let (theta, determinant) = (ridge.theta().to_vec(), ridge.log_determinant());
        let mut fresh = ridge.clone();
        fresh.refactorise();
        assert!((fresh.log_determinant() - determinant).abs() < 1e-10);
        assert!(fresh.theta().iter().zip(&theta).all(|(a, b)| (a - b).abs() < 1e-12));
        let x = draw();
        assert!(ridge.add(&x, 1.0).renewed);
    }
}
