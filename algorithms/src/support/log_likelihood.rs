//! The likelihood of a log of multinomial logit choices, compressed to counts.

use regret_engine::math;
use regret_engine::protocols::offline_assortment::{Log, Logged};

use super::spd::{Spd, add_outer, dot};

/// `l(θ) = −Σ ln p + λ|θ|²/2` of a log. With λ > 0 it has a minimum whatever was bought: the
/// likelihood alone has none where an item was always, or never, bought.
pub struct Likelihood<'a> {
    /// The log.
    pub log: &'a Log,
    /// λ > 0.
    pub ridge: f64,
}

/// Derivatives at a point.
#[derive(Clone, Debug)]
pub struct Slope {
    /// l.
    pub value: f64,
    /// ∇l, d.
    pub gradient: Vec<f64>,
    /// ∇²l, d × d.
    pub hessian: Vec<f64>,
}

impl Likelihood<'_> {
    /// l at a point.
    pub fn value(&self, theta: &[f64]) -> f64 {
        let mut choices = Choices::new(self.log, theta);
        let mut value = 0.5 * self.ridge * dot(theta, theta);
        for set in &self.log.sets {
            value += set.offers() * choices.look(set);
            for (&item, &count) in set.items.iter().zip(&set.bought) {
                value -= count * choices.utilities[item];
            }
        }
        value
    }

    /// The derivative of l at a point, along a way.
    pub fn rise(&self, theta: &[f64], way: &[f64]) -> f64 {
        let mut choices = Choices::new(self.log, theta);
        let along: Vec<f64> =
            (0..self.log.revenues.len()).map(|item| dot(self.log.row(item), way)).collect();
        let mut rise = self.ridge * dot(theta, way);
        for set in &self.log.sets {
            choices.look(set);
            let offers = set.offers();
            for ((&item, &count), &p) in set.items.iter().zip(&set.bought).zip(&choices.shares) {
                rise += (offers * p - count) * along[item];
            }
        }
        rise
    }

    /// l and its derivatives at a point.
    pub fn slope(&self, theta: &[f64]) -> Slope {
        let d = self.log.dimension;
        let mut choices = Choices::new(self.log, theta);
        let mut value = 0.5 * self.ridge * dot(theta, theta);
        let mut gradient: Vec<f64> = theta.iter().map(|x| self.ridge * x).collect();
        let mut hessian = vec![0.0; d * d];
        (0..d).for_each(|i| hessian[i * d + i] = self.ridge);
        // Σ offers p, and Σ (offers p − count), of each item: what does not depend on its company.
        let mut weights = vec![(0.0, 0.0); self.log.revenues.len()];
        let mut mean = vec![0.0; d];
        for set in &self.log.sets {
            let offers = set.offers();
            value += offers * choices.look(set);
            mean.fill(0.0);
            for ((&item, &count), &p) in set.items.iter().zip(&set.bought).zip(&choices.shares) {
                value -= count * choices.utilities[item];
                weights[item].0 += offers * p;
                weights[item].1 += offers * p - count;
                mean.iter_mut().zip(self.log.row(item)).for_each(|(m, x)| *m += p * x);
            }
            add_outer(&mut hessian, &mean, -offers);
        }
        for (item, &(share, excess)) in weights.iter().enumerate() {
            let row = self.log.row(item);
            add_outer(&mut hessian, row, share);
            gradient.iter_mut().zip(row).for_each(|(slot, x)| *slot += excess * x);
        }
        Slope { value, gradient, hessian }
    }

    /// The minimum of l, by Newton's method with steps that are halved until they help.
    pub fn minimise(&self) -> Vec<f64> {
        let d = self.log.dimension;
        let (mut theta, mut factor) = (vec![0.0; d], Spd::new(d));
        for _ in 0..200 {
            let slope = self.slope(&theta);
            if !factor.factorise(&slope.hessian) {
                break;
            }
            let mut step = slope.gradient.clone();
            factor.solve(&mut step);
            let decrease = dot(&step, &slope.gradient);
            if decrease <= 1e-18 * (1.0 + slope.value.abs()) {
                break;
            }
            let trial = |scale: f64| -> Vec<f64> {
                theta.iter().zip(&step).map(|(x, s)| x - scale * s).collect()
            };
            let scales = (0..60).map(|halvings| 0.5f64.powi(halvings));
            let helps =
                |scale: &f64| self.value(&trial(*scale)) <= slope.value - 1e-4 * scale * decrease;
            match scales.into_iter().find(helps) {
                Some(scale) => theta = trial(scale),
                None => break,
            }
        }
        theta
    }
}

/// The probabilities of choices at a parameter.
struct Choices {
    /// Of every item.
    utilities: Vec<f64>,
    /// Their exponentials, if none is too great.
    attractions: Option<Vec<f64>>,
    /// The probability of each item of the set looked at.
    shares: Vec<f64>,
}

impl Choices {
    fn new(log: &Log, theta: &[f64]) -> Self {
        let items = 0..log.revenues.len();
        let utilities: Vec<f64> = items.map(|item| dot(log.row(item), theta)).collect();
        let safe = utilities.iter().all(|&u| u < 600.0);
        let attractions = safe.then(|| utilities.iter().map(|&u| math::exp(u)).collect());
        Self { utilities, attractions, shares: Vec::new() }
    }

    /// Sets the shares of a set; answers `ln (1 + Σ e^u)`.
    fn look(&mut self, set: &Logged) -> f64 {
        self.shares.clear();
        let (shift, outside) = match &self.attractions {
            Some(attractions) => {
                self.shares.extend(set.items.iter().map(|&item| attractions[item]));
                (0.0, 1.0)
            }
            None => {
                let utilities = set.items.iter().map(|&item| self.utilities[item]);
                let shift = utilities.clone().fold(0.0, f64::max);
                self.shares.extend(utilities.map(|u| math::exp(u - shift)));
                (shift, math::exp(-shift))
            }
        };
        let weight = self.shares.iter().fold(outside, |sum, share| sum + share);
        self.shares.iter_mut().for_each(|share| *share /= weight);
        math::ln(weight) + shift
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A log of items that have nothing in common.
    pub(crate) fn log(revenues: &[f64], entries: &[(&[usize], f64, &[f64])]) -> Log {
        let items = revenues.len();
        let mut log = Log::new(items, items);
        log.revenues.copy_from_slice(revenues);
        (0..items).for_each(|item| log.features[item * (items + 1)] = 1.0);
        for &(set, nothing, bought) in entries {
            log.enter(set, None, nothing);
            for (place, &count) in bought.iter().enumerate() {
                log.enter(set, Some(place), count);
            }
        }
        log
    }

    #[test]
    fn estimates_by_hand() {
        // {0}: 60 of 100 buy nothing, {1}: 1 of 4.
        let log = log(&[1.0, 0.7], &[(&[0], 60.0, &[40.0]), (&[1], 1.0, &[3.0])]);
        let theta = Likelihood { log: &log, ridge: 1e-9 }.minimise();
        assert!((theta[0] - (40.0f64 / 60.0).ln()).abs() < 1e-8);
        assert!((theta[1] - 3f64.ln()).abs() < 1e-8);
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let mut log =
            log(&[1.0; 3], &[(&[0, 2], 3.0, &[2.0, 1.0]), (&[0, 1, 2], 1.0, &[0.0, 4.0, 2.0])]);
        log.features = vec![0.5, -1.0, 0.25, 2.0, 0.0, -0.75, 1.0, 0.125, 0.3];
        let likelihood = Likelihood { log: &log, ridge: 0.1 };
        let theta = [0.3, -0.4, 0.7];
        let exact = likelihood.slope(&theta);
        let h = 1e-5;
        for i in 0..3 {
            let moved = |by: f64| {
                let mut theta = theta;
                theta[i] += by;
                theta
            };
            let first = (likelihood.value(&moved(h)) - likelihood.value(&moved(-h))) / (2.0 * h);
            assert!((first - exact.gradient[i]).abs() < 1e-7, "{first} {}", exact.gradient[i]);
            let way: Vec<f64> = (0..3).map(|k| if k == i { 2.0 } else { 0.0 }).collect();
            assert!((likelihood.rise(&theta, &way) - 2.0 * exact.gradient[i]).abs() < 1e-12);
            let (up, down) = (likelihood.slope(&moved(h)), likelihood.slope(&moved(-h)));
            for j in 0..3 {
                let second = (up.gradient[j] - down.gradient[j]) / (2.0 * h);
                assert!((second - exact.hessian[i * 3 + j]).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn separable_and_empty_logs_have_an_estimate() {
        // Item 0 is always bought, item 1 never: 5 (1 − σ(θ)) = λθ.
        let separable = log(&[1.0, 1.0], &[(&[0], 0.0, &[5.0]), (&[1], 5.0, &[0.0])]);
        let theta = Likelihood { log: &separable, ridge: 1e-6 }.minimise();
        assert!(theta[0] > 10.0 && theta[0] < 20.0 && (theta[0] + theta[1]).abs() < 1e-4);
        let empty = log(&[1.0, 1.0], &[]);
        assert_eq!(Likelihood { log: &empty, ridge: 1e-6 }.minimise(), [0.0, 0.0]);
        let value = Likelihood { log: &separable, ridge: 1e-6 }.value(&[-2000.0, 2000.0]);
        assert!((value - 20_004.0).abs() < 1e-6, "{value}");
    }
}
