//! Cholesky's factorisation of small symmetric positive definite matrices, row-major.

/// Replaces a matrix by its factor L, in the lower triangle. A pivot that rounding made vanish is
/// replaced by a share of its diagonal entry.
pub fn factor(matrix: &mut [f64], n: usize) {
    for j in 0..n {
        let own = matrix[j * n + j];
        for k in 0..j {
            let factor = matrix[j * n + k];
            for i in j..n {
                matrix[i * n + j] -= factor * matrix[i * n + k];
            }
        }
        let floor = (own.abs() * 1e-13).max(f64::MIN_POSITIVE);
        let pivot = matrix[j * n + j].max(floor).sqrt();
        for i in j..n {
            matrix[i * n + j] /= pivot;
        }
        matrix[j * n + j] = pivot;
    }
}

/// x ← L⁻¹ x.
pub fn forwards(factor: &[f64], n: usize, x: &mut [f64]) {
    for i in 0..n {
        let sum: f64 = factor[i * n..i * n + i].iter().zip(&x[..i]).map(|(l, x)| l * x).sum();
        x[i] = (x[i] - sum) / factor[i * n + i];
    }
}

/// X ← L⁻¹ X for a matrix of n rows.
pub fn forwards_rows(factor: &[f64], n: usize, x: &mut [f64], columns: usize) {
    if columns == 0 {
        return;
    }
    for i in 0..n {
        let (done, rest) = x.split_at_mut(i * columns);
        let row = &mut rest[..columns];
        for (earlier, l) in done.chunks_exact(columns).zip(&factor[i * n..]) {
            row.iter_mut().zip(earlier).for_each(|(value, other)| *value -= l * other);
        }
        row.iter_mut().for_each(|value| *value /= factor[i * n + i]);
    }
}

/// x ← L⁻ᵀ x.
pub fn backwards(factor: &[f64], n: usize, x: &mut [f64]) {
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|j| factor[j * n + i] * x[j]).sum();
        x[i] = (x[i] - sum) / factor[i * n + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        // L = [[2, 0], [1, 3]], so L Lᵀ = [[4, 2], [2, 10]].
        let mut matrix = [4.0, 2.0, 2.0, 10.0];
        factor(&mut matrix, 2);
        assert_eq!([matrix[0], matrix[2], matrix[3]], [2.0, 1.0, 3.0]);
        let mut x = [8.0, 22.0];
        forwards(&matrix, 2, &mut x);
        assert_eq!(x, [4.0, 6.0]);
        backwards(&matrix, 2, &mut x);
        assert_eq!(x, [1.0, 2.0]);
        let mut rows = [8.0, 4.0, 22.0, 2.0];
        forwards_rows(&matrix, 2, &mut rows, 2);
        assert_eq!(rows, [4.0, 2.0, 6.0, 0.0]);
    }
}
