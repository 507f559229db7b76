//! What makes an algorithm or an environment usable by name: one file, one registry line.
//!
//! An [`Algorithm`] is a struct of parameters, an [`EnvironmentModel`] likewise. [`algorithm`] and
//! [`environment`] turn such a type into an entry of a registry: name, schema, documentation and a
//! way from parameters to something that can be played. Learner and environment are paired by
//! protocol; the pairing is static inside, so nothing is dispatched per lane.

mod algorithm;
mod blocks;
mod environment;
mod game;
mod pairing;

pub use algorithm::{Algorithm, AlgorithmEntry, AnyAlgorithm, algorithm, boxed_runs};
pub use environment::{
    AnyEnvironment, EnvironmentEntry, EnvironmentModel, Faces, PreparedEnvironment, environment,
};
pub use game::{Game, play};
pub use pairing::{CellFault, Form, Match, Suit};

use serde::de::DeserializeOwned;

/// A parameter that cannot be: where, the value, the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParameterError {
    /// The parameter's path within the parameters, such as `means[2]`; empty for the whole.
    pub path: String,
    /// The value and the rule that it breaks.
    pub message: String,
}

impl ParameterError {
    /// `value` at `path` breaks `rule` ("must be …").
    pub fn new(path: impl Into<String>, value: impl std::fmt::Display, rule: &str) -> Self {
        let path = path.into();
        Self { message: format!("{path} = {value}: {rule}"), path }
    }

    /// Passes when `holds`, else the value and the rule.
    ///
    /// # Errors
    /// The error of [`ParameterError::new`].
    pub fn unless(
        holds: bool,
        path: &str,
        value: impl std::fmt::Display,
        rule: &str,
    ) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self::new(path, value, rule)) }
    }
}

/// Reads parameters into their struct; an error names the path of the offending value.
fn parse<T: DeserializeOwned>(parameters: serde_json::Value) -> Result<T, ParameterError> {
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        ParameterError { path, message: error.into_inner().to_string() }
    })
}

/// The parameters as a JSON object, defaults filled in.
fn to_json<T: serde::Serialize>(parameters: &T) -> serde_json::Value {
    serde_json::to_value(parameters).unwrap_or_default()
}
