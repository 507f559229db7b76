//! Momentum: equal shares of the assets that grew most lately.
//!
//! Source: Jegadeesh, Titman, "Returns to buying winners and selling losers", 1993 (long side only).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::uniform;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::recent::Recent;

/// Equal shares of the assets that grew most over the last rounds; all of them until a window is
/// full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Momentum {
    /// The window's rounds, from 1 to 100000; by default 20.
    pub window: usize,
    /// How many assets are held, at least 1 (all, if there are fewer); by default 1.
    pub top: usize,
}

impl Default for Momentum {
    fn default() -> Self {
        Self { window: 20, top: 1 }
    }
}

impl Algorithm for Momentum {
    type Protocol = Portfolio;
    type Learner = MomentumLearner;

    const NAME: &'static str = "momentum";
    const SUMMARY: &'static str = "equal shares of the assets that grew most lately";
    const SOURCE: &'static str = "Jegadeesh, Titman, Returns to buying winners and selling losers, \
                                  1993 (long side)";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (1..=100_000).contains(&self.window);
        ParameterError::unless(valid, "window", self.window, "must be from 1 to 100000")?;
        ParameterError::unless(self.top >= 1, "top", self.top, "must be at least 1")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        Ok(MomentumLearner {
            top: self.top.min(assets),
            recent: Recent::new(assets, self.window),
            logs: vec![0.0; assets],
            growth: vec![0.0; assets],
            order: Vec::with_capacity(assets),
            weights: uniform(assets),
        })
    }
}

/// Momentum of one replication.
pub struct MomentumLearner {
    top: usize,
    /// Logarithms of relatives.
    recent: Recent,
    logs: Vec<f64>,
    growth: Vec<f64>,
    order: Vec<usize>,
    weights: Vec<f64>,
}

impl Learner<Portfolio> for MomentumLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        self.logs.iter_mut().zip(outcome.feedback).for_each(|(log, x)| *log = math::ln(*x));
        self.recent.push(&self.logs);
        if !self.recent.is_full() {
            return;
        }
        self.growth.fill(0.0);
        for back in 0..self.recent.len() {
            let row = self.recent.back(back);
            self.growth.iter_mut().zip(row).for_each(|(sum, log)| *sum += log);
        }
        self.order.clear();
        self.order.extend(0..self.weights.len());
        let growth = &self.growth;
        // The index breaks ties.
        self.order.sort_unstable_by(|&a, &b| growth[b].total_cmp(&growth[a]).then(a.cmp(&b)));
        self.weights.fill(0.0);
        for &asset in &self.order[..self.top] {
            self.weights[asset] = 1.0 / self.top as f64;
        }
    }

    fn reset(&mut self) {
        self.recent.clear();
        let equal = 1.0 / self.weights.len() as f64;
        self.weights.fill(equal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::tests::portfolios;

    #[test]
    fn winners_of_the_window_are_held() {
        let rows =
            [vec![4.0, 1.0, 1.0], vec![1.0, 2.0, 1.0], vec![0.5, 0.75, 1.0], vec![1.0, 1.0, 1.0]];
        let played = portfolios(&Momentum { window: 2, top: 2 }, &rows);
        assert_eq!(played[1], [1.0 / 3.0; 3]);
        // Growth 4, 2, 1; then ½, 3/2, 1.
        assert_eq!(played[2..], [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]);
    }
}
