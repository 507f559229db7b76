//! Checks that many parameters share.

use regret_engine::registry::ParameterError;

/// Every value must satisfy `valid`, and there must be at least one.
///
/// # Errors
/// The first value that does not, with its place `path[index]` and the rule.
pub fn each(
    values: &[f64],
    path: &str,
    rule: &str,
    valid: impl Fn(f64) -> bool,
) -> Result<(), ParameterError> {
    ParameterError::unless(!values.is_empty(), path, "[]", "must have at least one arm")?;
    for (index, &value) in values.iter().enumerate() {
        ParameterError::unless(valid(value), &format!("{path}[{index}]"), value, rule)?;
    }
    Ok(())
}

/// Every value must be a probability.
///
/// # Errors
/// As [`each`].
pub fn probabilities(values: &[f64], path: &str) -> Result<(), ParameterError> {
    each(values, path, "must be a probability, from 0 to 1", |p| (0.0..=1.0).contains(&p))
}

/// Every value must be finite.
///
/// # Errors
/// As [`each`].
pub fn finite(values: &[f64], path: &str) -> Result<(), ParameterError> {
    each(values, path, "must be a finite number", f64::is_finite)
}

/// Every value must be positive and finite.
///
/// # Errors
/// As [`each`].
pub fn positive(values: &[f64], path: &str) -> Result<(), ParameterError> {
    each(values, path, "must be a positive number", |x| x > 0.0 && x.is_finite())
}

/// Two lists, one entry each for every arm, must be equally long.
///
/// # Errors
/// The second list, with both lengths.
pub fn same_length(first: &[f64], second: &[f64], path: &str) -> Result<(), ParameterError> {
    let rule = format!("must have one entry for each of the {} arms", first.len());
    let entries = format!("{} entries", second.len());
    ParameterError::unless(first.len() == second.len(), path, entries, &rule)
}

/// A number of arms: at least 1 and at most 2^20.
///
/// # Errors
/// The number and the rule.
pub fn arm_count(arms: usize, path: &str) -> Result<(), ParameterError> {
    let rule = "must be from 1 to 1048576";
    ParameterError::unless((1..=1 << 20).contains(&arms), path, arms, rule)
}
