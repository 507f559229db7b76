//! Exponential weights of a bandit, in one replication: a weight e^{−η (L_a − base)} for every arm.
//!
//! Only the weight of the arm whose estimate changes is computed anew. The losses are kept, so a
//! weight that has vanished beside the others comes back, exactly, when they fall: all weights are
//! computed anew, from the losses, whenever their sum has become small.

use regret_engine::math;
use regret_engine::protocols::bandit::NO_ARM;

/// The sum of weights below which they are computed anew.
pub const SMALL: f64 = 1e-60;

/// Exponential weights on cumulative loss estimates.
#[derive(Clone, Debug)]
pub struct ExponentialWeights {
    eta: f64,
    /// Cumulative loss estimates.
    losses: Vec<f64>,
    weights: Vec<f64>,
    base: f64,
}

impl ExponentialWeights {
    /// Equal weights for `arms` arms at the learning rate η > 0.
    pub fn new(eta: f64, arms: usize) -> Self {
        Self { eta, losses: vec![0.0; arms], weights: vec![1.0; arms], base: 0.0 }
    }

    /// The arm in which a uniform number `u` in [0, 1) falls, and its probability; [`NO_ARM`] if
    /// the weights are not numbers.
    #[inline]
    pub fn sample(&self, u: f64) -> (usize, f64) {
        let total = self.weights.iter().fold(0.0, |sum, weight| sum + weight);
        if !(total > 0.0 && total < f64::INFINITY) {
            return (NO_ARM, f64::NAN);
        }
        let mut cumulative = 0.0;
        let place = u * total;
        let below = |weight: &&f64| {
            cumulative += **weight;
            cumulative <= place
        };
        // `place` is below the total, so there is such an arm, and its weight is positive.
        let arm = self.weights.iter().take_while(below).count();
        (arm, self.weights[arm] / total)
    }

    /// The probabilities of the arms.
    pub fn probabilities(&self, out: &mut [f64]) {
        let total = self.weights.iter().fold(0.0, |sum, weight| sum + weight);
        for (p, weight) in out.iter_mut().zip(&self.weights) {
            *p = weight / total;
        }
    }

    /// Adds an estimate to the loss of an arm.
    #[inline]
    pub fn add(&mut self, arm: usize, loss: f64) {
        self.losses[arm] += loss;
        self.weights[arm] = math::exp(self.eta * (self.base - self.losses[arm]));
        let total = self.weights.iter().fold(0.0, |sum, weight| sum + weight);
        if total < SMALL {
            self.renew();
        }
    }

    /// Computes all weights from the losses, the largest being 1.
    fn renew(&mut self) {
        self.base = self.losses.iter().copied().fold(f64::INFINITY, f64::min);
        for (weight, loss) in self.weights.iter_mut().zip(&self.losses) {
            *weight = math::exp(self.eta * (self.base - loss));
        }
    }

    /// Equal weights again.
    pub fn reset(&mut self) {
        self.losses.fill(0.0);
        self.weights.fill(1.0);
        self.base = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_by_hand() {
        let mut weights = ExponentialWeights::new(0.5, 3);
        weights.add(1, 1.0);
        weights.add(2, 2.0);
        let mut p = [0.0; 3];
        weights.probabilities(&mut p);
        for (p, known) in p.into_iter().zip([0.506_480, 0.307_196, 0.186_324]) {
            assert!((p - known).abs() < 1e-6);
        }
        assert_eq!(weights.sample(0.506).0, 0);
        assert_eq!(weights.sample(0.507).0, 1);
        assert_eq!(weights.sample(0.9999), (2, p[2]));
    }

    #[test]
    fn a_vanished_weight_comes_back() {
        let mut weights = ExponentialWeights::new(1.0, 2);
        weights.add(0, 5000.0);
        assert_eq!(weights.sample(0.0).0, 1);
        weights.add(1, 5000.0);
        let mut p = [0.0; 2];
        weights.probabilities(&mut p);
        assert_eq!(p, [0.5, 0.5]);
        weights.add(0, f64::NAN);
        assert_eq!(weights.sample(0.3).0, NO_ARM);
    }
}
