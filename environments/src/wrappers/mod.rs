//! Environments made of another environment.

mod observation_budget;
mod switching_costs;

pub use observation_budget::ObservationBudget;
pub use switching_costs::SwitchingCosts;

use std::collections::BTreeMap;

use regret_engine::registry::{AnyEnvironment, ParameterError};
use serde_json::Value;

/// The environment inside: its name and its parameters, as in `{"bernoulli": {"means": [0.5, 0.6]}}`.
type Inner = BTreeMap<String, Value>;

/// Reads the environment inside.
///
/// # Errors
/// Not one name, a name that does not exist, or a parameter that cannot be, with its place.
fn inner(of: &Inner) -> Result<Box<dyn AnyEnvironment>, ParameterError> {
    let mut entries = of.iter();
    let (Some((name, parameters)), None) = (entries.next(), entries.next()) else {
        let rule = "must name one environment, as in {bernoulli: {means: [0.5, 0.6]}}";
        return Err(ParameterError::new("of", format!("{} names", of.len()), rule));
    };
    let Some(entry) = crate::find(name) else {
        let rule = "there is no environment of that name (`regret list` shows them)";
        return Err(ParameterError::new("of", name, rule));
    };
    (entry.parse)(parameters.clone()).map_err(|error| within(name, error))
}

/// An error of the environment inside, placed in the one around it.
fn within(name: &str, error: ParameterError) -> ParameterError {
    let ParameterError { path, message } = error;
    let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
    ParameterError { path: format!("of.{name}{dot}{path}"), message }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mistakes_inside_have_their_place() {
        let error = |of: Value| {
            let of: Inner = serde_json::from_value(of).expect("a map");
            inner(&of).err().expect("refused")
        };
        assert_eq!(
            error(json!({"bernoulli": {"means": [0.5, 1.5]}})).path,
            "of.bernoulli.means[1]"
        );
        assert_eq!(error(json!({"bernouli": {}})).path, "of");
        assert_eq!(error(json!({})).path, "of");
        let unknown = error(json!({"bernoulli": {"mean": [0.5]}}));
        assert!(unknown.path.starts_with("of.bernoulli"), "{unknown:?}");
    }
}
