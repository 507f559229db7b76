//! Symmetric positive definite matrices, factorised anew when they change.

/// The Cholesky factor L of a d × d matrix A = LLᵀ.
#[derive(Clone, Debug)]
pub struct Spd {
    d: usize,
    /// Row-major; what is right of the diagonal means nothing.
    lower: Vec<f64>,
}

impl Spd {
    /// The factor of the identity.
    pub fn new(d: usize) -> Self {
        let mut spd = Self { d, lower: vec![0.0; d * d] };
        (0..d).for_each(|i| spd.lower[i * d + i] = 1.0);
        spd
    }

    /// Factorises `matrix` (row-major, of which the part left of the diagonal is read). False, and
    /// a factor that means nothing, if it is not positive definite.
    pub fn factorise(&mut self, matrix: &[f64]) -> bool {
        let d = self.d;
        self.lower.copy_from_slice(matrix);
        for j in 0..d {
            for i in j..d {
                let (above, rest) = self.lower.split_at_mut(i * d);
                let row_j = if i == j { &rest[..j] } else { &above[j * d..j * d + j] };
                let known: f64 = row_j.iter().zip(&rest[..j]).map(|(a, b)| a * b).sum();
                let value = rest[j] - known;
                if i > j {
                    rest[j] = value / above[j * d + j];
                } else if value > 0.0 && value.is_finite() {
                    rest[j] = value.sqrt();
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// Turns x into L⁻¹x, whose squared length is xᵀA⁻¹x.
    pub fn forward(&self, x: &mut [f64]) {
        for i in 0..self.d {
            let row = &self.lower[i * self.d..][..=i];
            let known: f64 = row[..i].iter().zip(&*x).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - known) / row[i];
        }
    }

    /// Turns z into L⁻ᵀz: standard normal numbers into numbers of covariance A⁻¹.
    pub fn backward(&self, z: &mut [f64]) {
        for i in (0..self.d).rev() {
            z[i] /= self.lower[i * self.d + i];
            for j in 0..i {
                z[j] -= self.lower[i * self.d + j] * z[i];
            }
        }
    }

    /// Turns x into A⁻¹x.
    pub fn solve(&self, x: &mut [f64]) {
        self.forward(x);
        self.backward(x);
    }

    /// √(xᵀA⁻¹x); `scratch` is as long as x.
    pub fn norm(&self, x: &[f64], scratch: &mut [f64]) -> f64 {
        scratch.copy_from_slice(x);
        self.forward(scratch);
        dot(scratch, scratch).sqrt()
    }
}

/// The inner product.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Adds `scale` x xᵀ to a matrix, whole.
pub fn add_outer(matrix: &mut [f64], x: &[f64], scale: f64) {
    for (row, &a) in matrix.chunks_exact_mut(x.len()).zip(x) {
        for (entry, &b) in row.iter_mut().zip(x) {
            *entry += scale * a * b;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_by_three_by_hand() {
        // L = [[2, 0, 0], [1, 3, 0], [-1, 2, 1]].
        let matrix = [4.0, 2.0, -2.0, 2.0, 10.0, 5.0, -2.0, 5.0, 6.0];
        let mut spd = Spd::new(3);
        assert!(spd.factorise(&matrix));
        let mut x = [2.0, 13.0, 11.0];
        spd.forward(&mut x);
        assert_eq!(x, [1.0, 4.0, 4.0]);
        let mut x = [2.0, 13.0, 11.0];
        spd.solve(&mut x);
        for (row, expected) in matrix.chunks(3).zip([2.0, 13.0, 11.0]) {
            assert!((dot(row, &x) - expected).abs() < 1e-12);
        }
        assert!((spd.norm(&[2.0, 13.0, 11.0], &mut [0.0; 3]) - 33f64.sqrt()).abs() < 1e-14);
        assert!(!spd.factorise(&[1.0, 2.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]));
        assert!(!spd.factorise(&[f64::NAN; 9]));
    }

    #[test]
    fn outer_products_add_up() {
        let mut matrix = [0.0; 4];
        add_outer(&mut matrix, &[1.0, -2.0], 0.5);
        assert_eq!(matrix, [0.5, -1.0, -1.0, 2.0]);
    }
}
