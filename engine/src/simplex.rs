//! The probability simplex: projection, quadratic programmes, the best constant rebalanced
//! portfolio, each with what certifies its answer.

mod best_constant;
mod projection;
mod quadratic;

pub use best_constant::BestConstant;
pub use projection::project;
pub use quadratic::Quadratic;

/// `Σ a_i b_i` in four interleaved sums, an order that compilers vectorise and that is the same on
/// every machine.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (quads_a, quads_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = quads_a.remainder().iter().zip(quads_b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in quads_a.zip(quads_b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The portfolio that holds as much of each of `assets` assets.
pub fn uniform(assets: usize) -> Vec<f64> {
    vec![1.0 / assets as f64; assets]
}
