//! Logistic regression online, with a diagonal Gaussian posterior.
//!
//! Source: Chapelle, Li, "An empirical evaluation of Thompson sampling", NIPS 2011, Algorithm 3: after each
//! sample the weights minimise ½ Σ q_i (w_i − m_i)² + loss, and q_i += x_i² p (1 − p). With one sample the
//! minimum lies on the line m + a x/q, where a = y − σ(⟨w, x⟩): one equation in one unknown, solved to
//! rounding.

use regret_engine::math;

/// A diagonal Gaussian posterior of logistic weights.
#[derive(Clone, Debug)]
pub struct DiagonalLogistic {
    precision: f64,
    /// m and q.
    means: Vec<f64>,
    precisions: Vec<f64>,
}

/// 1 / (1 + e^−z).
#[inline]
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + math::exp(-z))
}

impl DiagonalLogistic {
    /// The prior N(0, I/precision) of `features` weights.
    pub fn new(features: usize, precision: f64) -> Self {
        Self { precision, means: vec![0.0; features], precisions: vec![precision; features] }
    }

    /// Back to the prior.
    pub fn reset(&mut self) {
        self.means.fill(0.0);
        self.precisions.fill(self.precision);
    }

    /// The weights' means.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The weights' precisions.
    pub fn precisions(&self) -> &[f64] {
        &self.precisions
    }

    /// ⟨m, x⟩.
    pub fn score(&self, x: &[f64]) -> f64 {
        self.means.iter().zip(x).map(|(m, x)| m * x).sum()
    }

    /// Σ x_i² / q_i: the variance of ⟨w, x⟩.
    pub fn variance(&self, x: &[f64]) -> f64 {
        self.precisions.iter().zip(x).map(|(q, x)| x * x / q).sum()
    }

    /// Learns a label, 0 or 1 or a number between.
    pub fn learn(&mut self, x: &[f64], y: f64) {
        let (score, variance) = (self.score(x), self.variance(x));
        let step = root(score, variance, y);
        let p = sigmoid(score + step * variance);
        for ((m, q), &x) in self.means.iter_mut().zip(&mut self.precisions).zip(x) {
            *m += step * x / *q;
            *q += x * x * p * (1.0 - p);
        }
    }
}

/// The a in [y − 1, y] with a + σ(s + a v) = y, by bisection and Newton steps.
fn root(score: f64, variance: f64, y: f64) -> f64 {
    let (mut low, mut high) = (y - 1.0, y);
    let mut a = y - sigmoid(score);
    for _ in 0..100 {
        let p = sigmoid(score + a * variance);
        let value = a + p - y;
        if value > 0.0 {
            high = a
        } else {
            low = a
        }
        let newton = a - value / (1.0 + variance * p * (1.0 - p));
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - a).abs() <= 1e-15 {
            return next;
        }
        a = next;
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_moves_to_the_minimum() {
        let mut model = DiagonalLogistic::new(2, 2.0);
        model.learn(&[1.0, 0.0], 1.0);
        // m = a/2 with a = 1 − σ(a/2)
        let a = 2.0 * model.means()[0];
        assert!((a + sigmoid(0.5 * a) - 1.0).abs() < 1e-15 && model.means()[1] == 0.0);
        let p = sigmoid(0.5 * a);
        assert!((model.precisions()[0] - (2.0 + p * (1.0 - p))).abs() < 1e-15);
        // The gradient of ½ Σ q (w − m)² + loss is 0 at the weights after the next sample.
        let (before, q) = (model.means().to_vec(), model.precisions().to_vec());
        let x = [0.3, -4.0];
        model.learn(&x, 0.0);
        let p = sigmoid(model.score(&x));
        for i in 0..2 {
            let gradient = q[i] * (model.means()[i] - before[i]) + p * x[i];
            assert!(gradient.abs() < 1e-14, "{gradient}");
        }
        model.reset();
        assert_eq!((model.score(&x), model.precisions()), (0.0, &[2.0, 2.0][..]));
    }

    #[test]
    fn extreme_samples_stay_finite() {
        let mut model = DiagonalLogistic::new(1, 1e-6);
        for n in 0..1000 {
            model.learn(&[1e3], f64::from(n % 7 == 0));
        }
        assert!(model.means()[0].is_finite() && model.precisions()[0].is_finite());
    }
}
