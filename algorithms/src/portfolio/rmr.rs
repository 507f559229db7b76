//! Robust median reversion (RMR).
//!
//! Source: Huang, Zhou, Li, Hoi, Zhou, "Robust median reversion strategy for on-line portfolio
//! selection", 2013. Guarantee: none.
//! As in the OLPS toolbox, closes start at 1 after the first round, whatever it was, and the last
//! relatives are the prediction until more rounds than a window are known.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::recent::Recent;
use crate::support::reversion::seek;

/// Predicts that prices return to the L1-median of the last closes, and moves to where that gains ε.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rmr {
    /// The window W, from 2 to 1000 rounds; by default 5.
    pub window: usize,
    /// The growth aimed at, ε > 0; by default 5.
    pub epsilon: f64,
}

impl Default for Rmr {
    fn default() -> Self {
        Self { window: 5, epsilon: 5.0 }
    }
}

impl Algorithm for Rmr {
    type Protocol = Portfolio;
    type Learner = RmrLearner;

    const NAME: &'static str = "rmr";
    const SUMMARY: &'static str = "reversion of prices to the L1-median of the last closes";
    const SOURCE: &'static str = "Huang, Zhou, Li, Hoi, Zhou, Robust median reversion strategy for \
                                  on-line portfolio selection, 2013";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (2..=1000).contains(&self.window);
        ParameterError::unless(valid, "window", self.window, "must be from 2 to 1000")?;
        let valid = self.epsilon > 0.0 && self.epsilon.is_finite();
        ParameterError::unless(valid, "epsilon", self.epsilon, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        Ok(RmrLearner {
            rule: self.clone(),
            closes: Recent::new(assets, self.window),
            close: vec![1.0; assets],
            updates: 0,
            median: Median::new(assets, self.window),
            prediction: vec![0.0; assets],
            weights: uniform(assets),
            sorted: Vec::with_capacity(assets),
        })
    }
}

/// RMR of one replication.
pub struct RmrLearner {
    rule: Rmr,
    closes: Recent,
    close: Vec<f64>,
    updates: usize,
    median: Median,
    prediction: Vec<f64>,
    weights: Vec<f64>,
    sorted: Vec<f64>,
}

impl Learner<Portfolio> for RmrLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        self.updates += 1;
        if self.updates > 1 {
            // Closes at the ends of what numbers hold stay there.
            let grown = self.close.iter_mut().zip(outcome.feedback);
            grown.for_each(|(close, x)| *close = (*close * x).clamp(1e-100, 1e100));
        }
        self.closes.push(&self.close);
        if self.updates <= self.rule.window {
            self.prediction.copy_from_slice(outcome.feedback);
        } else {
            self.median.find(&self.closes);
            let median = self.median.point.iter().zip(&self.close);
            let prediction = self.prediction.iter_mut().zip(median);
            prediction.for_each(|(y, (median, close))| *y = median / close);
        }
        seek(&mut self.weights, &self.prediction, self.rule.epsilon, &mut self.sorted);
    }

    fn reset(&mut self) {
        self.closes.clear();
        self.close.fill(1.0);
        self.updates = 0;
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
    }
}

/// The L1-median (geometric median) of a few points: Vardi, Zhang, "The multivariate L1-median and
/// associated data depth", 2000, from the median of each coordinate.
struct Median {
    point: Vec<f64>,
    mean: Vec<f64>,
    pull: Vec<f64>,
    coordinate: Vec<f64>,
}

/// Steps at most, and the relative change at which they end, as in the toolbox.
const STEPS: usize = 200;
const CHANGE: f64 = 1e-9;
/// A point nearer than this is the present one.
const NEAR: f64 = 1e-15;

impl Median {
    fn new(dimension: usize, points: usize) -> Self {
        let row = vec![0.0; dimension];
        let coordinate = Vec::with_capacity(points);
        Self { point: row.clone(), mean: row.clone(), pull: row, coordinate }
    }

    fn start(&mut self, points: &Recent) {
        for (i, value) in self.point.iter_mut().enumerate() {
            self.coordinate.clear();
            self.coordinate.extend((0..points.len()).map(|back| points.back(back)[i]));
            self.coordinate.sort_unstable_by(f64::total_cmp);
            let middle = self.coordinate.len() / 2;
            *value = if self.coordinate.len() % 2 == 1 {
                self.coordinate[middle]
            } else {
                0.5 * (self.coordinate[middle - 1] + self.coordinate[middle])
            };
        }
    }

    fn find(&mut self, points: &Recent) {
        self.start(points);
        for _ in 0..STEPS {
            if !self.step(points) {
                return;
            }
        }
    }

    /// One step; whether it moved the point more than is enough.
    fn step(&mut self, points: &Recent) -> bool {
        self.mean.fill(0.0);
        self.pull.fill(0.0);
        let (mut total, mut at_point) = (0.0, 0.0);
        for back in 0..points.len() {
            let other = points.back(back);
            let squares = other.iter().zip(&self.point).map(|(a, b)| (a - b) * (a - b));
            let distance = squares.sum::<f64>().sqrt();
            if distance < NEAR {
                at_point += 1.0;
                continue;
            }
            total += 1.0 / distance;
            for (i, value) in other.iter().enumerate() {
                self.mean[i] += value / distance;
                self.pull[i] += (value - self.point[i]) / distance;
            }
        }
        if total == 0.0 {
            return false;
        }
        let force = self.pull.iter().map(|r| r * r).sum::<f64>().sqrt();
        // The share of the present point, where it is one of the points.
        let stay =
            if force > 0.0 { (at_point / force).min(1.0) } else { f64::from(at_point > 0.0) };
        let (mut moved, mut size) = (0.0, 0.0);
        for (value, mean) in self.point.iter_mut().zip(&self.mean) {
            let next = (1.0 - stay) * mean / total + stay * *value;
            moved += (next - *value).abs();
            size += next.abs();
            *value = next;
        }
        moved > CHANGE * size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        assert_log_wealth(&Rmr::default(), &market_a(250), 0.155_134_928);
        assert!(Rmr { window: 1, ..Rmr::default() }.check().is_err());
    }

    #[test]
    fn medians_by_hand() {
        let median = |points: &[[f64; 2]]| {
            let mut recent = Recent::new(2, points.len());
            points.iter().for_each(|point| recent.push(point));
            let mut median = Median::new(2, points.len());
            median.find(&recent);
            median.point
        };
        // The centre of a square; a point that outweighs the others; the Fermat point of a triangle
        // with corners (0, 0), (1, 0), (½, √3/2), which is its centroid.
        let near = |found: Vec<f64>, known: [f64; 2]| {
            let apart = (found[0] - known[0]).abs() + (found[1] - known[1]).abs();
            assert!(apart < 1e-7, "{found:?} is not {known:?}");
        };
        near(median(&[[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]]), [1.0, 1.0]);
        near(median(&[[5.0, 5.0], [5.0, 5.0], [9.0, 1.0]]), [5.0, 5.0]);
        let height = 0.75f64.sqrt();
        near(median(&[[0.0, 0.0], [1.0, 0.0], [0.5, height]]), [0.5, height / 3.0]);
    }
}
