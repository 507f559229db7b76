//! Correlated normal shocks of a market's assets.

use regret_engine::random::{Noise, normal};
use regret_engine::registry::ParameterError;

/// Standard normal numbers, one for each asset, any two of the same correlation ρ.
///
/// By the Cholesky factor of that matrix, whose rows have one number below the diagonal in each
/// column: negative correlations are possible, and an asset more changes no other asset's numbers.
#[derive(Clone, Debug)]
pub struct Shocks {
    /// The factor's diagonal, and the number below it in each column.
    diagonal: Vec<f64>,
    below: Vec<f64>,
    values: Vec<f64>,
}

impl Shocks {
    /// For so many assets and a correlation that [`correlation`] accepts.
    pub fn new(assets: usize, correlation: f64) -> Self {
        let (mut diagonal, mut below) = (Vec::new(), Vec::new());
        // The sum of squares of a row up to a column.
        let mut squares = 0.0f64;
        for _ in 0..assets {
            let rest = (1.0 - squares).max(0.0).sqrt();
            // A column of zeros where the assets before determine this one.
            let entry = if rest > 1e-9 { (correlation - squares) / rest } else { 0.0 };
            diagonal.push(rest);
            below.push(entry);
            squares += entry * entry;
        }
        Self { diagonal, below, values: vec![0.0; assets] }
    }

    /// The shocks of round `t` under a noise key.
    pub fn draw(&mut self, key: u64, t: u64) -> &[f64] {
        let noise = Noise::from_key(key);
        let mut sum = 0.0;
        for (asset, value) in self.values.iter_mut().enumerate() {
            let z = normal(&mut noise.stream(t, asset));
            *value = sum + self.diagonal[asset] * z;
            sum += self.below[asset] * z;
        }
        &self.values
    }
}

/// A correlation that so many assets can have pairwise.
///
/// # Errors
/// The number and its range.
pub fn correlation(correlation: f64, assets: usize) -> Result<(), ParameterError> {
    let least = if assets > 1 { -1.0 / (assets as f64 - 1.0) } else { -1.0 };
    let valid = (least..=1.0).contains(&correlation);
    let rule = format!("must be from {least} to 1");
    ParameterError::unless(valid, "correlation", correlation, &rule)
}

/// Drifts a round, below 1 in size.
///
/// # Errors
/// The first that is not.
pub fn drifts(values: &[f64], path: &str) -> Result<(), ParameterError> {
    crate::support::checks::each(values, path, "must be between −1 and 1", |x| x.abs() < 1.0)
}

/// Volatilities a round, from 0 to 1.
///
/// # Errors
/// The first that is not.
pub fn volatilities(values: &[f64], path: &str) -> Result<(), ParameterError> {
    crate::support::checks::each(values, path, "must be from 0 to 1", |x| (0.0..=1.0).contains(&x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_has_the_correlations() {
        for (assets, rho) in [(4, 0.5), (3, -0.5), (3, 0.0), (5, 1.0), (1, 0.7)] {
            let shocks = Shocks::new(assets, rho);
            let entry = |row: usize, column: usize| match row.cmp(&column) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => shocks.diagonal[row],
                std::cmp::Ordering::Greater => shocks.below[column],
            };
            for i in 0..assets {
                for j in 0..=i {
                    let product: f64 = (0..assets).map(|k| entry(i, k) * entry(j, k)).sum();
                    let known = if i == j { 1.0 } else { rho };
                    assert!((product - known).abs() < 1e-12, "{assets} {rho} {i} {j}: {product}");
                }
            }
            assert!(correlation(rho, assets).is_ok());
        }
        assert!(correlation(-0.51, 3).is_err());
    }
}
