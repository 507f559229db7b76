//! Inner loops of networks in f32, compiled for every instruction set.
//!
//! As in [`super::kernels`], sums along a vector are kept in parts and added in one fixed order, and
//! nothing is fused, so that every instruction set gives the same bits.

use regret_engine::vectorised;

/// The numbers of a part.
const WIDTH: usize = 16;
/// Outputs that are summed up in registers at a time.
const BLOCK: usize = 64;

vectorised! {
    /// b + Σ x_j W_j for the rows W_j of a matrix `[input][output]`.
    pub fn affine(x: &[f32], weights: &[f32], bias: &[f32], output: &mut [f32]) {
        let outputs = output.len();
        for (start, chunk) in (0..outputs).step_by(BLOCK).zip(output.chunks_mut(BLOCK)) {
            if let Ok(chunk) = <&mut [f32; BLOCK]>::try_from(&mut *chunk) {
                let mut sums = [0.0; BLOCK];
                sums.copy_from_slice(&bias[start..start + BLOCK]);
                for (&x, row) in x.iter().zip(weights.chunks_exact(outputs)) {
                    let row = &row[start..start + BLOCK];
                    for i in 0..BLOCK {
                        sums[i] += x * row[i];
                    }
                }
                *chunk = sums;
            } else {
                let end = start + chunk.len();
                chunk.copy_from_slice(&bias[start..end]);
                for (&x, row) in x.iter().zip(weights.chunks_exact(outputs)) {
                    for (sum, &weight) in chunk.iter_mut().zip(&row[start..end]) {
                        *sum += x * weight;
                    }
                }
            }
        }
    }
}

vectorised! {
    /// ⟨a, b⟩.
    pub fn dot(a: &[f32], b: &[f32]) -> f32 {
        let mut parts = [0.0f32; WIDTH];
        let (a, rest_a) = a.as_chunks::<WIDTH>();
        let (b, rest_b) = b.as_chunks::<WIDTH>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..WIDTH {
                parts[i] += a[i] * b[i];
            }
        }
        for ((part, a), b) in parts.iter_mut().zip(rest_a).zip(rest_b) {
            *part += a * b;
        }
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                parts[i] += parts[i + half];
            }
        }
        parts[0]
    }
}

vectorised! {
    /// W_j += scale · x_j · δ for the rows of a matrix.
    pub fn add_outer(weights: &mut [f32], x: &[f32], delta: &[f32], scale: f32) {
        for (row, &x) in weights.chunks_exact_mut(delta.len()).zip(x) {
            let scale = scale * x;
            for (weight, &delta) in row.iter_mut().zip(delta) {
                *weight += scale * delta;
            }
        }
    }
}

vectorised! {
    /// y += scale · x.
    pub fn add_scaled(y: &mut [f32], x: &[f32], scale: f32) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y += scale * x;
        }
    }
}

vectorised! {
    /// y −= share · (y − x): y moves towards x.
    pub fn move_towards(y: &mut [f32], x: &[f32], share: f32) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y -= share * (*y - x);
        }
    }
}

vectorised! {
    /// Σ (a − b)², in f64.
    pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
        let mut parts = [0.0f64; WIDTH];
        let (a, rest_a) = a.as_chunks::<WIDTH>();
        let (b, rest_b) = b.as_chunks::<WIDTH>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..WIDTH {
                let difference = f64::from(a[i] - b[i]);
                parts[i] += difference * difference;
            }
        }
        for ((part, a), b) in parts.iter_mut().zip(rest_a).zip(rest_b) {
            let difference = f64::from(a - b);
            *part += difference * difference;
        }
        parts.iter().sum()
    }
}

vectorised! {
    /// Σ_j x_j² Σ_k δ_k² V_jk for the rows of a matrix in f64: the squared length of the gradient x δᵀ,
    /// weighted by V. `squares` has the δ_k².
    pub fn weighted_square(weights: &[f64], x: &[f32], squares: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (row, &x) in weights.chunks_exact(squares.len()).zip(x) {
            let mut parts = [0.0f64; WIDTH];
            let (row, rest) = row.as_chunks::<WIDTH>();
            let (squares, rest_squares) = squares.as_chunks::<WIDTH>();
            for (row, squares) in row.iter().zip(squares) {
                for i in 0..WIDTH {
                    parts[i] += row[i] * squares[i];
                }
            }
            for ((part, v), square) in parts.iter_mut().zip(rest).zip(rest_squares) {
                *part += v * square;
            }
            for half in [8, 4, 2, 1] {
                for i in 0..half {
                    parts[i] += parts[i + half];
                }
            }
            sum += f64::from(x) * f64::from(x) * parts[0];
        }
        sum
    }
}

vectorised! {
    /// V_jk becomes V_jk / (1 + x_j² δ_k² V_jk): the inverse of a diagonal to which squares are added.
    pub fn add_square_to_inverse(weights: &mut [f64], x: &[f32], squares: &[f64]) {
        for (row, &x) in weights.chunks_exact_mut(squares.len()).zip(x) {
            let square = f64::from(x) * f64::from(x);
            for (v, &delta) in row.iter_mut().zip(squares) {
                *v /= 1.0 + square * delta * *v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::simd::{Level, limit};

    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0).collect()
    }

    #[test]
    fn products_are_those_of_plain_sums() {
        for (inputs, outputs) in [(1, 1), (3, 5), (20, 100), (7, 64), (2, 129)] {
            let (x, weights, bias) =
                (numbers(inputs, 1), numbers(inputs * outputs, 2), numbers(outputs, 3));
            let mut output = vec![0.0; outputs];
            affine(&x, &weights, &bias, &mut output);
            for (k, found) in output.iter().enumerate() {
                let sum: f32 = (0..inputs).map(|j| x[j] * weights[j * outputs + k]).sum();
                assert!((found - (bias[k] + sum)).abs() < 1e-5);
            }
            let plain: f32 = bias.iter().zip(&output).map(|(a, b)| a * b).sum();
            assert!((dot(&bias, &output) - plain).abs() < 1e-4 * outputs as f32);
            let squares: Vec<f64> = bias.iter().map(|b| f64::from(b * b)).collect();
            let mut v: Vec<f64> = weights.iter().map(|w| f64::from(*w) + 1.5).collect();
            let square = |j: usize, k: usize| f64::from(x[j]) * f64::from(x[j]) * squares[k];
            let each = || (0..inputs).flat_map(|j| (0..outputs).map(move |k| (j, k)));
            let plain: f64 = each().map(|(j, k)| square(j, k) * v[j * outputs + k]).sum();
            assert!((weighted_square(&v, &x, &squares) - plain).abs() < 1e-9 * (1.0 + plain));
            let before = v.clone();
            add_square_to_inverse(&mut v, &x, &squares);
            for (j, k) in each() {
                let expected = 1.0 / (1.0 / before[j * outputs + k] + square(j, k));
                assert!((v[j * outputs + k] - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let (x, weights, bias) = (numbers(21, 1), numbers(21 * 101, 2), numbers(101, 3));
        let run = |level| {
            limit(level);
            let (mut output, mut moved) = (vec![0.0; 101], weights.clone());
            affine(&x, &weights, &bias, &mut output);
            add_outer(&mut moved, &x, &output, -0.3);
            move_towards(&mut moved, &weights, 0.1);
            let squares: Vec<f64> = output.iter().map(|b| f64::from(b * b)).collect();
            let v: Vec<f64> = weights.iter().map(|w| f64::from(*w) + 1.5).collect();
            let mut bits: Vec<u64> =
                output.iter().chain(&moved).map(|x| u64::from(x.to_bits())).collect();
            bits.push(u64::from(dot(&output, &bias).to_bits()));
            bits.push(squared_distance(&moved, &weights).to_bits());
            bits.push(weighted_square(&v, &x, &squares).to_bits());
            bits
        };
        let plain = run(Level::Plain);
        assert_eq!(plain, run(Level::Avx2));
        assert_eq!(plain, run(Level::Avx512));
    }
}
