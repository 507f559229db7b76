//! Inner loops over vectors and matrices in f64, compiled for every instruction set.
//!
//! Sums that run along a vector are kept in [`WIDTH`] parts, which are added in one fixed order, so
//! that every instruction set gives the same bits. Rows of matrices are padded with zeros to a
//! multiple of [`WIDTH`]; so are the vectors that meet them.

use regret_engine::vectorised;

/// The numbers of a part.
pub const WIDTH: usize = 8;

/// The length of a row for `d` numbers.
pub const fn padded(d: usize) -> usize {
    d.div_ceil(WIDTH) * WIDTH
}

/// The sum of the parts, in pairs.
#[inline(always)]
fn total(parts: [f64; WIDTH]) -> f64 {
    ((parts[0] + parts[4]) + (parts[2] + parts[6]))
        + ((parts[1] + parts[5]) + (parts[3] + parts[7]))
}

#[inline(always)]
fn dot_parts(a: &[f64], b: &[f64]) -> [f64; WIDTH] {
    let mut parts = [0.0; WIDTH];
    for (a, b) in a.as_chunks::<WIDTH>().0.iter().zip(b.as_chunks::<WIDTH>().0) {
        for i in 0..WIDTH {
            parts[i] += a[i] * b[i];
        }
    }
    parts
}

vectorised! {
    /// ⟨a, b⟩ of padded vectors.
    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        total(dot_parts(a, b))
    }
}

vectorised! {
    /// xᵀ A x for a square matrix with padded rows and a padded vector.
    pub fn quadratic(matrix: &[f64], x: &[f64]) -> f64 {
        let mut parts = [0.0; WIDTH];
        for (row, &weight) in matrix.chunks_exact(x.len()).zip(x) {
            let row = dot_parts(row, x);
            for i in 0..WIDTH {
                parts[i] += weight * row[i];
            }
        }
        total(parts)
    }
}

vectorised! {
    /// A x for a symmetric matrix: rows are added up, weighted by x.
    pub fn symmetric_product(matrix: &[f64], x: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        for (row, &weight) in matrix.chunks_exact(product.len()).zip(x) {
            for (sum, &entry) in product.iter_mut().zip(row) {
                *sum += weight * entry;
            }
        }
    }
}

vectorised! {
    /// A += scale · x xᵀ for the first rows of a matrix, as many as it has.
    pub fn rank_one(matrix: &mut [f64], x: &[f64], scale: f64) {
        for (row, &weight) in matrix.chunks_exact_mut(x.len()).zip(x) {
            let weight = scale * weight;
            for (entry, &x) in row.iter_mut().zip(x) {
                *entry += weight * x;
            }
        }
    }
}

vectorised! {
    /// y += scale · x.
    pub fn add_scaled(y: &mut [f64], x: &[f64], scale: f64) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += scale * x;
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::simd::{Level, limit};

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f64> {
        (0..count as u64)
            .map(|i| ((i * 7919 + seed * 104_729) % 1009) as f64 / 504.5 - 1.0)
            .collect()
    }

    /// A symmetric matrix with padded rows, and a padded vector.
    fn pair(d: usize) -> (Vec<f64>, Vec<f64>) {
        let width = padded(d);
        let (mut matrix, mut x) = (vec![0.0; d * width], vec![0.0; width]);
        x[..d].copy_from_slice(&numbers(d, 3));
        let entries = numbers(d * d, 5);
        for i in 0..d {
            for j in 0..d {
                matrix[i * width + j] = entries[i.max(j) * d + i.min(j)];
            }
        }
        (matrix, x)
    }

    #[test]
    fn products_are_those_of_plain_sums() {
        for d in [1, 3, 8, 13, 40] {
            let (mut matrix, x) = pair(d);
            let width = padded(d);
            let entry = |matrix: &[f64], i: usize, j: usize| matrix[i * width + j];
            let plain: Vec<f64> =
                (0..d).map(|i| (0..d).map(|j| entry(&matrix, i, j) * x[j]).sum()).collect();
            let mut product = vec![0.0; width];
            symmetric_product(&matrix, &x, &mut product);
            let form: f64 = plain.iter().zip(&x).map(|(p, x)| p * x).sum();
            assert!(product.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-12));
            assert!(product[d..].iter().all(|&zero| zero == 0.0));
            assert!((quadratic(&matrix, &x) - form).abs() < 1e-12 * d as f64);
            assert!((dot(&product, &x) - form).abs() < 1e-12 * d as f64);
            let before = entry(&matrix, d - 1, 0);
            rank_one(&mut matrix, &x, -2.0);
            assert!((entry(&matrix, d - 1, 0) - (before - 2.0 * x[d - 1] * x[0])).abs() < 1e-15);
        }
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let (matrix, x) = pair(37);
        let run = |level| {
            limit(level);
            let mut product = vec![0.0; x.len()];
            symmetric_product(&matrix, &x, &mut product);
            product.extend([dot(&matrix[..x.len()], &x), quadratic(&matrix, &x)]);
            product.into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        let plain = run(Level::Plain);
        assert_eq!(plain, run(Level::Avx2));
        assert_eq!(plain, run(Level::Avx512));
    }
}
