//! Anticor: transfers from winners to losers that follow them.
//!
//! Source: Borodin, El-Yaniv, Gogan, "Can we learn to beat the best stock", 2004, with the
//! conventions of the OLPS toolbox. Guarantee: none.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::simplex::{dot, uniform};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Moves wealth from assets that did better in the last window to assets that were correlated with
/// them a window before, the more the less each is correlated with itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Anticor {
    /// The window w, from 2 to 1000 rounds; by default 5.
    pub window: usize,
    /// Whether transfers start from what the portfolio has become, as the paper has it, or from the
    /// portfolio as it was played, as the toolbox does; by default the latter (false).
    pub drift: bool,
}

impl Default for Anticor {
    fn default() -> Self {
        Self { window: 5, drift: false }
    }
}

impl Algorithm for Anticor {
    type Protocol = Portfolio;
    type Learner = AnticorLearner;

    const NAME: &'static str = "anticor";
    const SUMMARY: &'static str = "from winners to losers that were correlated with them";
    const SOURCE: &'static str = "Borodin, El-Yaniv, Gogan, Can we learn to beat the best stock, \
                                  2004";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (2..=1000).contains(&self.window);
        ParameterError::unless(valid, "window", self.window, "must be from 2 to 1000")
    }

    fn learner(&self, setting: &Setting<Portfolio>) -> Result<Self::Learner, ParameterError> {
        let assets = setting.assets();
        let window = || Window::new(assets, self.window);
        Ok(AnticorLearner {
            rule: self.clone(),
            logs: vec![0.0; 2 * self.window * assets],
            updates: 0,
            before: window(),
            last: window(),
            correlation: vec![0.0; assets * assets],
            claims: vec![0.0; assets],
            base: uniform(assets),
            weights: uniform(assets),
        })
    }
}

/// Anticor of one replication.
pub struct AnticorLearner {
    rule: Anticor,
    /// Logarithms of the last 2w relatives, the oldest first, `[round][asset]`.
    logs: Vec<f64>,
    updates: usize,
    before: Window,
    last: Window,
    /// `[asset before][asset last]`.
    correlation: Vec<f64>,
    claims: Vec<f64>,
    /// Where the transfers start.
    base: Vec<f64>,
    weights: Vec<f64>,
}

/// The rounds of a window: means, and differences from them by the deviation, 0 without one.
struct Window {
    means: Vec<f64>,
    squares: Vec<f64>,
    scaled: Vec<f64>,
}

impl Window {
    fn new(assets: usize, rounds: usize) -> Self {
        Self {
            means: vec![0.0; assets],
            squares: vec![0.0; assets],
            scaled: vec![0.0; assets * rounds],
        }
    }

    fn read(&mut self, logs: &[f64]) {
        let assets = self.means.len();
        let rounds = (logs.len() / assets) as f64;
        self.means.fill(0.0);
        self.squares.fill(0.0);
        for row in logs.chunks_exact(assets) {
            self.means.iter_mut().zip(row).for_each(|(mean, log)| *mean += log);
        }
        self.means.iter_mut().for_each(|mean| *mean /= rounds);
        for row in logs.chunks_exact(assets) {
            let differences = row.iter().zip(&self.means).map(|(log, mean)| log - mean);
            self.squares.iter_mut().zip(differences).for_each(|(sum, d)| *sum += d * d);
        }
        for square in &mut self.squares {
            let deviation = (*square / (rounds - 1.0)).sqrt();
            *square = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
        }
        for (row, out) in logs.chunks_exact(assets).zip(self.scaled.chunks_exact_mut(assets)) {
            for i in 0..assets {
                out[i] = (row[i] - self.means[i]) * self.squares[i];
            }
        }
    }
}

vectorised! {
    /// `out[i][j] = Σ_k a[k][i] b[k][j] scale`.
    fn correlate(out: &mut [f64], a: &[f64], b: &[f64], scale: f64) {
        let assets = (out.len() as f64).sqrt() as usize;
        out.fill(0.0);
        for (row_a, row_b) in a.chunks_exact(assets).zip(b.chunks_exact(assets)) {
            for (line, a) in out.chunks_exact_mut(assets).zip(row_a) {
                let factor = a * scale;
                for (sum, b) in line.iter_mut().zip(row_b) {
                    *sum += factor * b;
                }
            }
        }
    }
}

impl AnticorLearner {
    fn transfer(&mut self) {
        let assets = self.weights.len();
        self.weights.copy_from_slice(&self.base);
        let own: f64 = 0.0;
        for i in 0..assets {
            let line = &self.correlation[i * assets..][..assets];
            let burden = own.max(-line[i]);
            let mut total = 0.0;
            for j in 0..assets {
                let claims = self.last.means[i] >= self.last.means[j] && line[j] > 0.0;
                let other = own.max(-self.correlation[j * assets + j]);
                self.claims[j] = if claims { line[j] + burden + other } else { 0.0 };
                total += self.claims[j];
            }
            if total > 0.0 {
                let share = self.base[i] / total;
                self.weights[i] -= self.base[i];
                for j in 0..assets {
                    self.weights[j] += share * self.claims[j];
                }
            }
        }
        // What is taken away and given back may leave a rounding below 0.
        self.weights.iter_mut().for_each(|weight| *weight = weight.max(0.0));
        let sum: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}

impl Learner<Portfolio> for AnticorLearner {
    fn act(&mut self, _: Round<'_, Portfolio>) -> &[f64] {
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Portfolio>) {
        let (assets, window) = (self.weights.len(), self.rule.window);
        self.updates += 1;
        self.logs.copy_within(assets.., 0);
        let newest = (2 * window - 1) * assets;
        let logs = self.logs[newest..].iter_mut().zip(outcome.feedback);
        logs.for_each(|(log, x)| *log = math::ln(*x));
        self.base.copy_from_slice(&self.weights);
        if self.rule.drift {
            let growth = dot(&self.weights, outcome.feedback);
            self.base.iter_mut().zip(outcome.feedback).for_each(|(b, x)| *b *= x / growth);
            self.weights.copy_from_slice(&self.base);
        }
        if self.updates < 2 * window {
            return;
        }
        let (before, last) = self.logs.split_at(window * assets);
        self.before.read(before);
        self.last.read(last);
        let scale = 1.0 / (window as f64 - 1.0);
        correlate(&mut self.correlation, &self.before.scaled, &self.last.scaled, scale);
        self.transfer();
    }

    fn reset(&mut self) {
        self.updates = 0;
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
        assert_log_wealth(&Anticor::default(), &market_a(250), 2.697_883_289);
        assert!(Anticor { window: 1, ..Anticor::default() }.check().is_err());
    }
}
