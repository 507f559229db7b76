//! On-line moving average reversion (OLMAR).
//!
//! Source: Li, Hoi, "On-line portfolio selection with moving average reversion", 2012. Guarantee: none.
//! As in the authors' toolbox, OLMAR-1 predicts the last relatives until more rounds than a window
//! are known.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::recent::Recent;
use crate::support::reversion::seek;

/// Predicts that prices return to their moving average, and moves to where that gains ε.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Olmar {
    /// The growth aimed at, ε > 0; by default 10.
    pub epsilon: f64,
    /// The average: `{window: W}` with W from 2 to 100000 rounds (OLMAR-1) or `{decay: α}` with α
    /// between 0 and 1 (OLMAR-2, exponential). By default `{window: 5}`.
    pub average: Average,
}

/// The moving average of [`Olmar`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    /// Of the last W closes.
    Window(usize),
    /// Exponential: α of the present, 1 − α of the past.
    Decay(f64),
}

impl Default for Olmar {
    fn default() -> Self {
        Self { epsilon: 10.0, average: Average::Window(5) }
    }
}

impl Algorithm for Olmar {
    type Protocol = Portfolio;
    type Learner = OlmarLearner;

    const NAME: &'static str = "olmar";
    const SUMMARY: &'static str = "reversion of prices to a moving average";
    const SOURCE: &'static str = "Li, Hoi, On-line portfolio selection with moving average \
                                  reversion, 2012";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.epsilon > 0.0 && self.epsilon.is_finite();
        ParameterError::unless(valid, "epsilon", self.epsilon, "must be a positive number")?;
        match self.average {
            Average::Window(window) => {
                let valid = (2..=100_000).contains(&window);
                ParameterError::unless(valid, "average.window", window, "must be from 2 to 100000")
            }
            Average::Decay(alpha) => {
                let valid = alpha > 0.0 && alpha < 1.0;
                ParameterError::unless(valid, "average.decay", alpha, "must be between 0 and 1")
            }
        }
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let rows = match self.average {
            Average::Window(window) => window,
            Average::Decay(_) => 1,
        };
        let mut learner = OlmarLearner {
            rule: self.clone(),
            recent: Recent::new(assets, rows),
            updates: 0,
            prediction: vec![1.0; assets],
            close: vec![1.0; assets],
            weights: uniform(assets),
            sorted: Vec::with_capacity(assets),
        };
        learner.reset();
        Ok(learner)
    }
}

/// OLMAR of one replication.
pub struct OlmarLearner {
    rule: Olmar,
    recent: Recent,
    updates: usize,
    prediction: Vec<f64>,
    /// A past close by the present one.
    close: Vec<f64>,
    weights: Vec<f64>,
    sorted: Vec<f64>,
}

impl OlmarLearner {
    /// The mean of the last W closes by the last one: Σ_{i<W} 1/(x_t … x_{t−i+1}) / W.
    fn average(&mut self, window: usize, relatives: &[f64]) {
        self.recent.push(relatives);
        if self.updates <= window {
            self.prediction.copy_from_slice(relatives);
            return;
        }
        self.prediction.fill(1.0);
        self.close.fill(1.0);
        for back in 0..window - 1 {
            let row = self.recent.back(back);
            let closes = self.close.iter_mut().zip(row).zip(&mut self.prediction);
            for ((close, x), sum) in closes {
                *close /= x;
                *sum += *close;
            }
        }
        let share = 1.0 / window as f64;
        self.prediction.iter_mut().for_each(|y| *y *= share);
    }
}

impl Learner<Portfolio> for OlmarLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        self.updates += 1;
        match self.rule.average {
            Average::Window(window) => self.average(window, outcome.feedback),
            Average::Decay(alpha) => {
                for (y, x) in self.prediction.iter_mut().zip(outcome.feedback) {
                    *y = alpha + (1.0 - alpha) * *y / x;
                }
            }
        }
        seek(&mut self.weights, &self.prediction, self.rule.epsilon, &mut self.sorted);
    }

    fn reset(&mut self) {
        self.recent.clear();
        self.updates = 0;
        self.prediction.fill(1.0);
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::{assert_log_wealth, market_a};

    #[test]
    fn market_a_is_reproduced() {
        assert_log_wealth(&Olmar::default(), &market_a(250), 1.026_066_564);
        let exponential = Olmar { average: Average::Decay(0.5), ..Olmar::default() };
        assert_log_wealth(&exponential, &market_a(250), -0.857_835_030);
        assert!(Olmar { average: Average::Window(1), ..Olmar::default() }.check().is_err());
        assert!(Olmar { average: Average::Decay(1.0), ..Olmar::default() }.check().is_err());
    }
}
