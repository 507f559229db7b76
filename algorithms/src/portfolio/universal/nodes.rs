//! The portfolios over which the universal portfolio integrates.

use std::f64::consts::PI;

use regret_engine::math;
use regret_engine::random::{Stream, exponential, gamma};
use regret_engine::registry::ParameterError;

use super::{Integral, MOST, PortfolioPrior};
use crate::support::quadrature::mean_rule;

/// Portfolios and their weights, which sum to one.
pub(super) struct Nodes {
    assets: usize,
    prior: PortfolioPrior,
    sampled: bool,
    /// `[asset][node]`.
    portfolios: Vec<f64>,
    weights: Vec<f64>,
}

impl Nodes {
    /// For the prior and the kind of integral; samples are still to be drawn.
    pub(super) fn new(
        assets: usize,
        prior: PortfolioPrior,
        integral: Integral,
    ) -> Result<Self, ParameterError> {
        let (path, per_axis) = match integral {
            Integral::Auto => ("integral", 1),
            Integral::Quadrature(count) => ("integral.quadrature", count),
            Integral::Grid(count) => ("integral.grid", count + 1),
            Integral::Sampled(count) => return Ok(Self::samples(assets, prior, count)),
        };
        let rule = format!("is for up to 3 assets, but there are {assets}: say `sampled`");
        ParameterError::unless(assets <= 3, path, per_axis, &rule)?;
        let rule = format!("makes more than {MOST} portfolios of {assets} assets");
        let count = per_axis.checked_pow(assets as u32 - 1).filter(|count| *count <= MOST);
        ParameterError::unless(count.is_some(), path, per_axis, &rule)?;
        let points = match integral {
            Integral::Grid(steps) => grid(assets, steps),
            _ => quadrature(assets, prior, per_axis),
        };
        let portfolios = (0..assets).flat_map(|i| points.iter().map(move |(b, _)| b[i])).collect();
        let weights = points.iter().map(|(_, weight)| *weight).collect();
        Ok(Self { assets, prior, sampled: false, portfolios, weights })
    }

    fn samples(assets: usize, prior: PortfolioPrior, count: usize) -> Self {
        let weights = vec![1.0 / count as f64; count];
        Self { assets, prior, sampled: true, portfolios: vec![1.0; assets * count], weights }
    }

    /// Draws the samples, if that is what the portfolios are.
    pub(super) fn draw(&mut self, rng: &mut Stream) {
        if !self.sampled {
            return;
        }
        let count = self.weights.len();
        for node in 0..count {
            let mut total = 0.0;
            for asset in 0..self.assets {
                let share = match self.prior {
                    PortfolioPrior::Uniform => exponential(rng),
                    PortfolioPrior::Jeffreys => gamma(0.5, rng),
                };
                self.portfolios[asset * count + node] = share;
                total += share;
            }
            (0..self.assets).for_each(|asset| self.portfolios[asset * count + node] /= total);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.weights.len()
    }

    pub(super) fn portfolios(&self) -> &[f64] {
        &self.portfolios
    }

    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }
}

/// A portfolio of up to three assets, with its weight.
type Point = ([f64; 3], f64);

/// All portfolios whose shares are multiples of 1/steps.
fn grid(assets: usize, steps: usize) -> Vec<Point> {
    let share = |count: usize| count as f64 / steps as f64;
    let mut points = Vec::new();
    match assets {
        1 => points.push(([1.0, 0.0, 0.0], 1.0)),
        2 => points.extend((0..=steps).map(|i| ([share(steps - i), share(i), 0.0], 1.0))),
        _ => {
            for i in 0..=steps {
                let rest = steps - i;
                points.extend((0..=rest).map(|j| ([share(i), share(j), share(rest - j)], 1.0)));
            }
        }
    }
    let weight = 1.0 / points.len() as f64;
    points.iter_mut().for_each(|point| point.1 = weight);
    points
}

/// Nodes of a product rule that integrates polynomials exactly.
///
/// Uniform: Gauss-Legendre; for three assets over (s, v) with b = (1 − s, s v, s (1 − v)), of density
/// 2 s (Duffy). Dirichlet(½): for two assets b = (1 + cos φ)/2 with φ uniform (Gauss-Chebyshev); for
/// three b_1 = u² with u uniform, and the rest divided as between two.
fn quadrature(assets: usize, prior: PortfolioPrior, count: usize) -> Vec<Point> {
    let legendre = mean_rule(count);
    let chebyshev = || -> Vec<(f64, f64)> {
        // cos φ by way of the sine.
        let angle = |k: usize| PI * (k as f64 + 0.5) / count as f64;
        let node = |k| 0.5 * (1.0 + math::sin(0.5 * PI - angle(k)));
        (0..count).map(|k| (node(k), 1.0 / count as f64)).collect()
    };
    let pairs = match prior {
        PortfolioPrior::Uniform => legendre.clone(),
        PortfolioPrior::Jeffreys => chebyshev(),
    };
    match assets {
        1 => vec![([1.0, 0.0, 0.0], 1.0)],
        2 => pairs.iter().map(|&(b, weight)| ([1.0 - b, b, 0.0], weight)).collect(),
        _ => {
            let product = |&(u, weight): &(f64, f64)| {
                let (first, scale) = match prior {
                    PortfolioPrior::Uniform => (1.0 - u, weight * 2.0 * u),
                    PortfolioPrior::Jeffreys => (u * u, weight),
                };
                let rest = 1.0 - first;
                pairs
                    .iter()
                    .map(|&(v, other)| ([first, rest * v, rest * (1.0 - v)], scale * other))
                    .collect::<Vec<Point>>()
            };
            legendre.iter().flat_map(product).collect()
        }
    }
}
