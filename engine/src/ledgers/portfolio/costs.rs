//! Proportional transaction costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registry::ParameterError;

/// What rebalancing costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// The share of what is bought and of what is sold that is lost, g, from 0 to below 0.5; by
    /// default 0.
    pub rate: f64,
    /// How the costs are reckoned; by default `exact`.
    pub convention: Convention,
}

/// How costs are reckoned; h is what the portfolio of the round before has become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// Wealth is multiplied by the w that pays for the trades that it leaves possible,
    /// w = 1 − g Σ |w b_i − h_i|, and then by b·x. Buying the first portfolio is free.
    #[default]
    Exact,
    /// As the OLPS toolbox does it, which published numbers need: wealth is multiplied by
    /// (b·x)(1 − g/2 Σ |b_i − h_i|), h being divided by the last factor *after* costs, so that it
    /// sums above 1; buying the first portfolio costs.
    Olps,
}

impl Costs {
    /// Checks the rate.
    ///
    /// # Errors
    /// The rate and its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..0.5).contains(&self.rate);
        ParameterError::unless(valid, "costs.rate", self.rate, "must be from 0 to below 0.5")
    }

    /// By what trading from the holdings (all 0 before the first round) to the portfolio multiplies
    /// wealth: 1 without costs.
    pub(super) fn factor(self, portfolio: &[f64], holdings: &[f64], first: bool) -> f64 {
        if self.rate == 0.0 {
            return 1.0;
        }
        match self.convention {
            Convention::Olps => {
                let moved = portfolio.iter().zip(holdings).map(|(b, h)| (b - h).abs());
                1.0 - 0.5 * self.rate * moved.sum::<f64>()
            }
            Convention::Exact if first => 1.0,
            Convention::Exact => paid(self.rate, portfolio, holdings),
        }
    }
}

/// The root of `w − 1 + g Σ |w b_i − h_i|`, which is convex, increasing and not negative at 1: by
/// Newton's method from 1, which comes down to it in at most one step for each asset, and one.
fn paid(rate: f64, portfolio: &[f64], holdings: &[f64]) -> f64 {
    let mut w = 1.0;
    for _ in 0..=portfolio.len() {
        let (mut value, mut slope) = (w - 1.0, 1.0);
        for (b, h) in portfolio.iter().zip(holdings) {
            let trade = w * b - h;
            value += rate * trade.abs();
            slope += rate * if trade >= 0.0 { *b } else { -b };
        }
        let next = w - value / slope;
        if next >= w {
            break;
        }
        w = next;
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Stream};

    #[test]
    fn the_exact_factor_pays_for_its_trades() {
        let mut stream = Stream::new(3, 0, Role::Learner);
        for round in 0..500 {
            let mut draw = || {
                let raw: Vec<f64> = (0..1 + round % 7).map(|_| stream.uniform()).collect();
                let sum: f64 = raw.iter().sum();
                raw.iter().map(|x| x / sum).collect::<Vec<f64>>()
            };
            let (b, h) = (draw(), draw());
            let rate = [0.001, 0.02, 0.4][round % 3];
            let w = Costs { rate, convention: Convention::Exact }.factor(&b, &h, false);
            let traded: f64 = b.iter().zip(&h).map(|(b, h)| (w * b - h).abs()).sum();
            assert!((w - 1.0 + rate * traded).abs() < 1e-14 && w > 0.0 && w <= 1.0);
        }
    }

    #[test]
    fn factors_by_hand() {
        let olps = Costs { rate: 0.01, convention: Convention::Olps };
        assert_eq!(olps.factor(&[0.5, 0.5], &[0.0, 0.0], true), 0.995);
        assert!((olps.factor(&[1.0, 0.0], &[0.5, 0.5], false) - 0.995).abs() < 1e-15);
        // Selling ½, of which g is lost, buys ½ (1 − g)/(1 + g).
        let exact = Costs { rate: 0.01, convention: Convention::Exact };
        let bought = 0.5 + 0.5 * 0.99 / 1.01;
        assert!((exact.factor(&[1.0, 0.0], &[0.5, 0.5], false) - bought).abs() < 1e-15);
        assert_eq!(exact.factor(&[1.0, 0.0], &[0.0, 0.0], true), 1.0);
        assert!(Costs { rate: 0.5, ..exact }.check().is_err());
        assert!(Costs { rate: f64::NAN, ..exact }.check().is_err());
    }
}
