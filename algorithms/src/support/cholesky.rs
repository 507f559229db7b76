//! The Cholesky factor of λI + Σ x xᵀ, kept along with the samples.
//!
//! A rank-one update by plane rotations costs O(d²) and, unlike that of an inverse, does not add up
//! rounding: the factor always has a positive diagonal.

/// R upper triangular with RᵀR = V.
#[derive(Clone, Debug)]
pub struct Factor {
    d: usize,
    lambda: f64,
    /// Rows of R, row-major, entries left of the diagonal 0.
    rows: Vec<f64>,
    x: Vec<f64>,
}

impl Factor {
    /// The factor of λI.
    pub fn new(d: usize, lambda: f64) -> Self {
        let mut factor = Self { d, lambda, rows: vec![0.0; d * d], x: vec![0.0; d] };
        factor.reset();
        factor
    }

    /// Back to λI.
    pub fn reset(&mut self) {
        self.rows.fill(0.0);
        for i in 0..self.d {
            self.rows[i * self.d + i] = self.lambda.sqrt();
        }
    }

    /// Adds x xᵀ.
    pub fn add(&mut self, x: &[f64]) {
        self.x.copy_from_slice(x);
        for k in 0..self.d {
            let row = &mut self.rows[k * self.d + k..][..self.d - k];
            let (diagonal, value) = (row[0], self.x[k]);
            let length = (diagonal * diagonal + value * value).sqrt();
            let (cosine, sine) = (diagonal / length, value / length);
            row[0] = length;
            for (entry, x) in row[1..].iter_mut().zip(&mut self.x[k + 1..]) {
                let turned = cosine * *entry + sine * *x;
                *x = cosine * *x - sine * *entry;
                *entry = turned;
            }
        }
    }

    /// Turns z into R⁻¹z, in place: standard normal numbers into numbers of covariance V⁻¹.
    pub fn solve(&self, z: &mut [f64]) {
        for k in (0..self.d).rev() {
            let row = &self.rows[k * self.d + k..][..self.d - k];
            let known: f64 = row[1..].iter().zip(&z[k + 1..]).map(|(a, b)| a * b).sum();
            z[k] = (z[k] - known) / row[0];
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Stream, normal};

    use super::*;

    #[test]
    fn two_samples_by_hand() {
        let mut factor = Factor::new(2, 1.0);
        factor.add(&[1.0, 0.0]);
        factor.add(&[0.6, 0.8]);
        // V = [[2.36, 0.48], [0.48, 1.64]].
        let [a, b, zero, c] = [0, 1, 2, 3].map(|i| factor.rows[i]);
        assert!((a * a - 2.36).abs() < 1e-15 && (a * b - 0.48).abs() < 1e-15 && zero == 0.0);
        assert!((b * b + c * c - 1.64).abs() < 1e-15);
        let mut z = [1.0, 2.0];
        factor.solve(&mut z);
        assert!((c * z[1] - 2.0).abs() < 1e-15 && (a * z[0] + b * z[1] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_factor_stays_a_factor() {
        let d = 6;
        let mut factor = Factor::new(d, 1e-3);
        let mut gram = vec![0.0; d * d];
        (0..d).for_each(|i| gram[i * d + i] = 1e-3);
        let mut rng = Stream::from_state(2);
        for _ in 0..20_000 {
            let x: Vec<f64> = (0..d).map(|i| 1.0 + 0.01 * i as f64 * normal(&mut rng)).collect();
            factor.add(&x);
            (0..d * d).for_each(|ij| gram[ij] += x[ij / d] * x[ij % d]);
        }
        for i in 0..d {
            for j in 0..d {
                let entry: f64 =
                    (0..d).map(|k| factor.rows[k * d + i] * factor.rows[k * d + j]).sum();
                let error = (entry - gram[i * d + j]).abs() / gram[i * d + j].abs();
                assert!(error < 1e-11, "{i} {j}: {error:e}");
            }
        }
        factor.reset();
        assert_eq!(factor.rows[d + 1], 1e-3f64.sqrt());
    }
}
