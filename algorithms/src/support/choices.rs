//! Multinomial logit models with features: likelihood, its derivatives, its maximum.
//!
//! Of a set whose items have features x_1, …, x_m, item i is bought with probability
//! `e^{<x_i,θ>} / (1 + Σ_j e^{<x_j,θ>})`.

use regret_engine::learner::Setting;
use regret_engine::math;
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Offer;
use regret_engine::registry::ParameterError;

use super::spd::{Spd, add_outer, dot};

/// Features of a market: those shown, or the unit vectors where none are (d = N then, so that every
/// item has a utility of its own).
#[derive(Clone, Debug)]
pub struct Features {
    /// The dimension, d.
    pub dimension: usize,
    /// The unit vectors, or nothing.
    units: Vec<f64>,
}

/// The most items that are told apart by unit vectors.
const MOST_UNITS: usize = 512;

impl Features {
    /// The features of a market.
    ///
    /// # Errors
    /// A market with too many items and no features.
    pub fn new(setting: &Setting<Assortment>) -> Result<Self, ParameterError> {
        let items = setting.items();
        if setting.shape.features > 0 {
            return Ok(Self { dimension: setting.shape.features, units: Vec::new() });
        }
        if items > MOST_UNITS {
            let message = format!(
                "it learns from features, of which this market shows none; it tells at most \
                 {MOST_UNITS} items apart without, and there are {items}"
            );
            return Err(ParameterError { path: String::new(), message });
        }
        let units = (0..items * items).map(|i| f64::from(u8::from(i % (items + 1) == 0)));
        Ok(Self { dimension: items, units: units.collect() })
    }

    /// The features of a round, row-major `[item][feature]`.
    pub fn of<'a>(&'a self, offer: Offer<'a>) -> &'a [f64] {
        if self.units.is_empty() { offer.features } else { &self.units }
    }
}

/// The derivatives of `−ln p` of one choice, at a parameter.
#[derive(Clone, Debug)]
pub struct Derivatives {
    /// The gradient, d.
    pub gradient: Vec<f64>,
    /// The Hessian, d × d.
    pub hessian: Vec<f64>,
    mean: Vec<f64>,
    shares: Vec<f64>,
}

impl Derivatives {
    /// Zeros, for sets of at most `capacity` items.
    pub fn new(dimension: usize, capacity: usize) -> Self {
        Self {
            gradient: vec![0.0; dimension],
            hessian: vec![0.0; dimension * dimension],
            mean: vec![0.0; dimension],
            shares: Vec::with_capacity(capacity),
        }
    }

    /// Back to zeros.
    pub fn clear(&mut self) {
        self.gradient.fill(0.0);
        self.hessian.fill(0.0);
    }

    /// Adds `weight` times the derivatives of `−ln p` for a choice out of the rows of features in
    /// `set` (row-major), of which row `bought` was bought; answers `−ln p`.
    pub fn add(&mut self, set: &[f64], bought: Option<usize>, theta: &[f64], weight: f64) -> f64 {
        let d = theta.len();
        self.mean.fill(0.0);
        let value = shares(set, bought, theta, &mut self.shares);
        for (row, &p) in set.chunks_exact(d).zip(&self.shares) {
            for (mean, &x) in self.mean.iter_mut().zip(row) {
                *mean += p * x;
            }
            add_outer(&mut self.hessian, row, weight * p);
        }
        add_outer(&mut self.hessian, &self.mean, -weight);
        for (slot, &mean) in self.gradient.iter_mut().zip(&self.mean) {
            *slot += weight * mean;
        }
        if let Some(bought) = bought {
            for (slot, &x) in self.gradient.iter_mut().zip(&set[bought * d..(bought + 1) * d]) {
                *slot -= weight * x;
            }
        }
        weight * value
    }
}

/// Writes the probabilities of the rows in `set`; answers `−ln p` of what was bought. Utilities are
/// taken relative to the greatest, or to that of buying nothing, so that nothing overflows.
fn shares(set: &[f64], bought: Option<usize>, theta: &[f64], shares: &mut Vec<f64>) -> f64 {
    shares.clear();
    shares.extend(set.chunks_exact(theta.len()).map(|row| dot(row, theta)));
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    let utility = bought.map_or(0.0, |bought| shares[bought]);
    let mut total = math::exp(-greatest);
    for share in shares.iter_mut() {
        *share = math::exp(*share - greatest);
        total += *share;
    }
    shares.iter_mut().for_each(|share| *share /= total);
    math::ln(total) + greatest - utility
}

/// Every choice seen, and the parameter of greatest likelihood less λ|θ|²/2.
#[derive(Clone, Debug)]
pub struct History {
    dimension: usize,
    lambda: f64,
    /// Features of all sets, one after the other.
    rows: Vec<f64>,
    /// Items of each set, and the row of it that was bought.
    choices: Vec<(u32, Option<u32>)>,
    theta: Vec<f64>,
    trial: Vec<f64>,
    step: Vec<f64>,
    derivatives: Derivatives,
    factor: Spd,
    shares: Vec<f64>,
}

/// The most numbers that a history keeps: 2 GB.
const MOST_NUMBERS: u64 = 1 << 28;

impl History {
    /// An empty history for a whole play.
    ///
    /// # Errors
    /// A play that is too long to be remembered.
    pub fn new(
        setting: &Setting<Assortment>,
        dimension: usize,
        lambda: f64,
    ) -> Result<Self, ParameterError> {
        let (horizon, capacity) = (setting.horizon, setting.shape.capacity);
        let numbers = horizon.saturating_mul((capacity * dimension) as u64);
        if numbers > MOST_NUMBERS {
            let message = format!(
                "it keeps the features of every set offered, {horizon} × {capacity} × {dimension} \
                 numbers; it can keep {MOST_NUMBERS}"
            );
            return Err(ParameterError { path: String::new(), message });
        }
        Ok(Self {
            dimension,
            lambda,
            rows: Vec::with_capacity(numbers as usize),
            choices: Vec::with_capacity(horizon as usize),
            theta: vec![0.0; dimension],
            trial: vec![0.0; dimension],
            step: vec![0.0; dimension],
            derivatives: Derivatives::new(dimension, capacity),
            factor: Spd::new(dimension),
            shares: Vec::with_capacity(capacity),
        })
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.rows.clear();
        self.choices.clear();
        self.theta.fill(0.0);
    }

    /// Adds a choice: the items of `set` have the features `features[item]`.
    pub fn add(&mut self, features: &[f64], set: &[usize], bought: Option<usize>) {
        let d = self.dimension;
        for &item in set {
            self.rows.extend_from_slice(&features[item * d..(item + 1) * d]);
        }
        self.choices.push((set.len() as u32, bought.map(|position| position as u32)));
    }

    /// The estimate, as [`History::maximise`] left it.
    pub fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// Finds the estimate by Newton's method from the last one, halving steps that do not help; the
    /// objective is strictly convex.
    pub fn maximise(&mut self) {
        for _ in 0..50 {
            let value = self.differentiate();
            if !self.factor.factorise(&self.derivatives.hessian) {
                return;
            }
            self.step.copy_from_slice(&self.derivatives.gradient);
            self.factor.solve(&mut self.step);
            let decrease = dot(&self.step, &self.derivatives.gradient);
            if decrease <= 1e-16 * (1.0 + value.abs()) || !self.descend(value, decrease) {
                return;
            }
        }
    }

    /// Sets the derivatives at the estimate; answers the objective.
    fn differentiate(&mut self) -> f64 {
        let (d, lambda) = (self.dimension, self.lambda);
        self.derivatives.clear();
        let mut value = 0.5 * lambda * dot(&self.theta, &self.theta);
        let mut first = 0;
        for &(size, bought) in &self.choices {
            let last = first + size as usize * d;
            let bought = bought.map(|row| row as usize);
            value += self.derivatives.add(&self.rows[first..last], bought, &self.theta, 1.0);
            first = last;
        }
        for i in 0..d {
            self.derivatives.gradient[i] += lambda * self.theta[i];
            self.derivatives.hessian[i * d + i] += lambda;
        }
        value
    }

    /// Takes the step, or a half, a quarter … of it; false if none makes the objective less.
    fn descend(&mut self, value: f64, decrease: f64) -> bool {
        let mut scale = 1.0;
        for _ in 0..40 {
            for ((trial, theta), step) in self.trial.iter_mut().zip(&self.theta).zip(&self.step) {
                *trial = theta - scale * step;
            }
            if self.objective() <= value - 1e-4 * scale * decrease {
                std::mem::swap(&mut self.trial, &mut self.theta);
                return true;
            }
            scale *= 0.5;
        }
        false
    }

    /// The objective at the trial point.
    fn objective(&mut self) -> f64 {
        let mut value = 0.5 * self.lambda * dot(&self.trial, &self.trial);
        let mut first = 0;
        for &(size, bought) in &self.choices {
            let last = first + size as usize * self.dimension;
            let bought = bought.map(|row| row as usize);
            value += shares(&self.rows[first..last], bought, &self.trial, &mut self.shares);
            first = last;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::market;

    const ROWS: [f64; 6] = [0.5, -1.0, 0.25, 2.0, -0.75, 0.125];

    fn value(theta: &[f64], bought: Option<usize>) -> f64 {
        shares(&ROWS, bought, theta, &mut Vec::new())
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let theta = [0.3, -0.4];
        for bought in [None, Some(0), Some(2)] {
            let mut exact = Derivatives::new(2, 3);
            assert!((exact.add(&ROWS, bought, &theta, 1.0) - value(&theta, bought)).abs() < 1e-15);
            let h = 1e-5;
            for i in 0..2 {
                let moved = |by: f64| {
                    let mut theta = theta;
                    theta[i] += by;
                    theta
                };
                let slope = (value(&moved(h), bought) - value(&moved(-h), bought)) / (2.0 * h);
                assert!((slope - exact.gradient[i]).abs() < 1e-9);
                let gradient = |by| {
                    let mut at = Derivatives::new(2, 3);
                    at.add(&ROWS, bought, &moved(by), 1.0);
                    at.gradient
                };
                let (up, down) = (gradient(h), gradient(-h));
                for j in 0..2 {
                    let second = (up[j] - down[j]) / (2.0 * h);
                    assert!((second - exact.hessian[i * 2 + j]).abs() < 1e-8);
                }
            }
        }
    }

    #[test]
    fn great_utilities_are_safe() {
        assert!((value(&[0.0, 1000.0], Some(0)) - 3000.0).abs() < 1e-9);
        assert!(value(&[0.0, 1000.0], Some(1)).abs() < 1e-9);
        assert!((value(&[0.0, -1000.0], None) - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn the_estimate_of_one_item() {
        // Bought 7 times of 10: ln(7/3) without a penalty; with λ = 1, 10 σ(θ) + θ = 7.
        let estimate = |lambda: f64| {
            let mut history =
                History::new(&Setting::new(market(1, 1), 10), 1, lambda).expect("short");
            (0..10).for_each(|t| history.add(&[1.0], &[0], (t < 7).then_some(0)));
            history.maximise();
            history.theta()[0]
        };
        assert!((estimate(1e-12) - 0.847_298).abs() < 1e-6);
        assert!((estimate(1.0) - 0.582_826).abs() < 1e-6);
    }

    #[test]
    fn a_market_without_features_has_unit_vectors() {
        let features = Features::new(&Setting::new(market(3, 1), 10)).expect("few");
        let offers = crate::assortment::tests::offers(&market(3, 1));
        assert_eq!(features.of(offers.view(0)), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        assert!(Features::new(&Setting::new(market(513, 1), 10)).is_err());
    }
}
