//! The weights of the last m rounds in a tally.

use regret_engine::registry::ParameterError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weights 1 = w_0 ≥ w_1 ≥ … ≥ w_{m−1} ≥ 0 of the present play and of those 1, 2, … rounds ago.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Weights {
    /// All 1: the tally counts plays.
    #[default]
    Unweighted,
    /// w_j = ratio^j, the ratio in (0, 1].
    Geometric(f64),
    /// The m weights themselves.
    List(Vec<f64>),
    /// The m weights of every arm.
    PerArm(Vec<Vec<f64>>),
}

impl Weights {
    /// Checks them for `arms` arms and memory `m`.
    ///
    /// # Errors
    /// The first weight that cannot be, or a list of another length.
    pub fn check(&self, arms: usize, memory: u64) -> Result<(), ParameterError> {
        match self {
            Self::Unweighted => Ok(()),
            Self::Geometric(ratio) => {
                let valid = *ratio > 0.0 && *ratio <= 1.0;
                let rule = "must be above 0 and at most 1";
                ParameterError::unless(valid, "weights.geometric", ratio, rule)
            }
            Self::List(weights) => check_list(weights, memory, "weights.list"),
            Self::PerArm(rows) => {
                let entries = format!("{} lists", rows.len());
                let rule = format!("must have one list for each of the {arms} arms");
                let path = "weights.per_arm";
                ParameterError::unless(rows.len() == arms, path, entries, &rule)?;
                let check = |(arm, weights): (usize, &Vec<f64>)| {
                    check_list(weights, memory, &format!("{path}[{arm}]"))
                };
                rows.iter().enumerate().try_for_each(check)
            }
        }
    }

    /// The weights of an arm, m of them.
    pub fn of(&self, arm: usize, memory: usize) -> Vec<f64> {
        match self {
            Self::Unweighted => vec![1.0; memory],
            Self::Geometric(ratio) => {
                std::iter::successors(Some(1.0), |w| Some(w * ratio)).take(memory).collect()
            }
            Self::List(weights) => weights.clone(),
            Self::PerArm(rows) => rows[arm].clone(),
        }
    }
}

fn check_list(weights: &[f64], memory: u64, path: &str) -> Result<(), ParameterError> {
    let entries = format!("{} weights", weights.len());
    let rule = format!("must have one weight for each of the {memory} rounds of memory");
    ParameterError::unless(weights.len() as u64 == memory, path, entries, &rule)?;
    let mut last = 1.0;
    for (index, &weight) in weights.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if index == 0 {
            let rule = "the first weight, of the present play, must be 1";
            ParameterError::unless(weight == 1.0, &path, weight, rule)?;
        }
        let rule = format!("must be from 0 to {last}: weights do not increase");
        ParameterError::unless((0.0..=last).contains(&weight), &path, weight, &rule)?;
        last = weight;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_weights_are_refused() {
        let path = |weights: Weights| weights.check(2, 3).unwrap_err().path;
        assert_eq!(path(Weights::Geometric(0.0)), "weights.geometric");
        assert_eq!(path(Weights::List(vec![1.0, 0.5])), "weights.list");
        assert_eq!(path(Weights::List(vec![0.9, 0.5, 0.1])), "weights.list[0]");
        assert_eq!(path(Weights::List(vec![1.0, 0.5, 0.6])), "weights.list[2]");
        assert_eq!(path(Weights::List(vec![1.0, 0.5, -0.1])), "weights.list[2]");
        let rows = vec![vec![1.0; 3], vec![1.0, f64::NAN, 0.0]];
        assert_eq!(path(Weights::PerArm(rows)), "weights.per_arm[1][1]");
        assert_eq!(path(Weights::PerArm(vec![vec![1.0; 3]])), "weights.per_arm");
        assert!(Weights::Geometric(1.0).check(2, 3).is_ok());
    }

    #[test]
    fn weights_by_hand() {
        assert_eq!(Weights::Geometric(0.5).of(0, 4), [1.0, 0.5, 0.25, 0.125]);
        assert_eq!(Weights::Unweighted.of(1, 2), [1.0, 1.0]);
    }
}
