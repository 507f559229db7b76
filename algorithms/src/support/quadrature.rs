//! Gauss-Legendre quadrature.

use std::f64::consts::{FRAC_PI_2, PI};

use regret_engine::math;

/// Number of nodes: e^{−x²/2} over ±9 comes out to about 1e-9.
pub const NODES: usize = 32;

/// Nodes and weights on [−1, 1].
#[derive(Clone, Debug)]
pub struct GaussLegendre {
    /// The nodes, increasing in pairs around 0.
    pub nodes: [f64; NODES],
    /// Their weights.
    pub weights: [f64; NODES],
}

impl GaussLegendre {
    /// The roots of the Legendre polynomial of degree [`NODES`], by Newton's method.
    pub fn new() -> Self {
        let mut rule = Self { nodes: [0.0; NODES], weights: [0.0; NODES] };
        for i in 0..NODES {
            (rule.nodes[i], rule.weights[i]) = node(NODES, i);
        }
        rule
    }

    /// The integral of `f` from `low` to `high`.
    pub fn integrate(&self, low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let terms = self.nodes.iter().zip(&self.weights);
        half * terms.map(|(x, weight)| weight * f(middle + half * x)).sum::<f64>()
    }
}

impl Default for GaussLegendre {
    fn default() -> Self {
        Self::new()
    }
}

/// The `count` nodes and weights of the Gauss-Legendre rule for the mean over [0, 1]: the weights sum
/// to one.
pub fn mean_rule(count: usize) -> Vec<(f64, f64)> {
    let nodes = (0..count).map(|i| node(count, i));
    nodes.map(|(x, weight)| (0.5 * (1.0 + x), 0.5 * weight)).collect()
}

/// A root of the Legendre polynomial of that degree, by Newton's method, and its weight on [−1, 1].
fn node(degree: usize, i: usize) -> (f64, f64) {
    // cos of the usual first guess, by way of the sine.
    let mut x = math::sin(FRAC_PI_2 - PI * (i as f64 + 0.75) / (degree as f64 + 0.5));
    let mut slope = 0.0;
    for _ in 0..50 {
        let (value, derivative) = legendre(degree, x);
        slope = derivative;
        let step = value / derivative;
        x -= step;
        if step.abs() < 1e-15 {
            break;
        }
    }
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

/// The Legendre polynomial of that degree and its derivative.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut previous, mut value) = (1.0, x);
    for n in 1..degree {
        let n = n as f64;
        (previous, value) = (value, ((2.0 * n + 1.0) * x * value - n * previous) / (n + 1.0));
    }
    (value, degree as f64 * (x * value - previous) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_by_hand() {
        let rule = GaussLegendre::new();
        assert!((rule.weights.iter().sum::<f64>() - 2.0).abs() < 1e-13);
        assert!(
            (rule.integrate(1.0, 3.0, |x| x.powi(9)) - (3f64.powi(10) - 1.0) / 10.0).abs() < 1e-9
        );
        assert!(
            (rule.integrate(-9.0, 9.0, |x| (-0.5 * x * x).exp()) - (2.0 * PI).sqrt()).abs() < 1e-7
        );
        // Exact to degree 2 · 5 − 1.
        let mean: f64 = mean_rule(5).iter().map(|(x, weight)| weight * x.powi(9)).sum();
        assert!((mean - 0.1).abs() < 1e-14);
    }
}
