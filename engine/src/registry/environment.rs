//! Environments by name.

use std::any::{Any, TypeId};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ParameterError, parse, to_json};
use crate::environment::Problem;
use crate::protocol::Protocol;

/// An environment: the struct of its parameters.
pub trait EnvironmentModel:
    Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static
{
    /// The name in specs: lower-case words joined by `_`.
    const NAME: &'static str;
    /// One sentence on what happens in it.
    const SUMMARY: &'static str;
    /// Authors, title, year, or "folklore".
    const SOURCE: &'static str;
    /// Parameters for a small instance, as YAML's JSON subset: shown by `describe` and used by the
    /// generic tests.
    const EXAMPLE: &'static str;
    /// The names of the protocols it offers, in the order of [`Faces`].
    const PROTOCOLS: &'static [&'static str];

    /// Checks the parameters on their own, without touching files.
    ///
    /// # Errors
    /// The first parameter out of its range, with the rule.
    fn check(&self) -> Result<(), ParameterError> {
        Ok(())
    }

    /// The environment in every protocol that it offers. Reads the files that it needs.
    ///
    /// # Errors
    /// What is wrong with a file, or with parameters in its light.
    fn faces(&self) -> Result<Faces, ParameterError>;

    /// The environment in protocol `P`: for programs that make environments in Rust, not by name.
    ///
    /// # Errors
    /// A parameter out of its range, what is wrong with a file, or that it does not offer `P`.
    fn problem<P: Protocol>(&self) -> Result<Arc<dyn Problem<P>>, ParameterError> {
        self.check()?;
        let missing = || ParameterError {
            path: String::new(),
            message: format!(
                "`{}` offers {}, not {}",
                Self::NAME,
                Self::PROTOCOLS.join(", "),
                P::NAME
            ),
        };
        PreparedEnvironment(self.faces()?).face().ok_or_else(missing)
    }
}

/// An environment's problems, at most one for each protocol.
#[derive(Default)]
pub struct Faces {
    faces: Vec<(TypeId, Box<dyn Any + Send + Sync>)>,
    fingerprint: Option<String>,
}

impl Faces {
    /// No face yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the face for protocol `P`.
    #[must_use]
    pub fn with<P: Protocol>(mut self, problem: impl Problem<P> + 'static) -> Self {
        let problem: Arc<dyn Problem<P>> = Arc::new(problem);
        self.faces.push((TypeId::of::<P>(), Box::new(problem)));
        self
    }

    /// Adds what identifies outside data (a hash of a file's content), so that results computed
    /// from other data are not taken for these. It stands for the parameter `path`, which says
    /// only where they lie.
    #[must_use]
    pub fn fingerprint(mut self, fingerprint: impl Into<String>) -> Self {
        self.fingerprint = Some(fingerprint.into());
        self
    }
}

/// A registered environment.
pub struct EnvironmentEntry {
    /// [`EnvironmentModel::NAME`].
    pub name: &'static str,
    /// [`EnvironmentModel::SUMMARY`].
    pub summary: &'static str,
    /// [`EnvironmentModel::SOURCE`].
    pub source: &'static str,
    /// [`EnvironmentModel::EXAMPLE`].
    pub example: &'static str,
    /// [`EnvironmentModel::PROTOCOLS`].
    pub protocols: &'static [&'static str],
    /// JSON Schema of the parameters, with their documentation.
    pub schema: fn() -> Value,
    /// Reads parameters (a JSON object) and checks them.
    pub parse: fn(Value) -> Result<Box<dyn AnyEnvironment>, ParameterError>,
}

/// The registry entry of an environment.
pub fn environment<E: EnvironmentModel>() -> EnvironmentEntry {
    EnvironmentEntry {
        name: E::NAME,
        summary: E::SUMMARY,
        source: E::SOURCE,
        example: E::EXAMPLE,
        protocols: E::PROTOCOLS,
        schema: || schemars::schema_for!(E).to_value(),
        parse: |parameters| {
            let model: E = parse(parameters)?;
            model.check()?;
            Ok(Box::new(model))
        },
    }
}

/// An environment of any kind, with its parameters.
pub trait AnyEnvironment: Send + Sync {
    /// The name in specs.
    fn name(&self) -> &'static str;
    /// All parameters, defaults filled in.
    fn parameters(&self) -> Value;
    /// Reads its files and makes it playable.
    ///
    /// # Errors
    /// What is wrong with a file, or with parameters in its light.
    fn prepare(&self) -> Result<PreparedEnvironment, ParameterError>;
}

impl<E: EnvironmentModel> AnyEnvironment for E {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn parameters(&self) -> Value {
        to_json(self)
    }

    fn prepare(&self) -> Result<PreparedEnvironment, ParameterError> {
        self.faces().map(PreparedEnvironment)
    }
}

/// An environment ready to be paired.
pub struct PreparedEnvironment(Faces);

impl PreparedEnvironment {
    /// Its problem in protocol `P`, if it offers that.
    pub fn face<P: Protocol>(&self) -> Option<Arc<dyn Problem<P>>> {
        let wanted = TypeId::of::<P>();
        let (_, face) = self.0.faces.iter().find(|(id, _)| *id == wanted)?;
        face.downcast_ref::<Arc<dyn Problem<P>>>().cloned()
    }

    /// What identifies the outside data that it was made from.
    pub fn fingerprint(&self) -> Option<&str> {
        self.0.fingerprint.as_deref()
    }
}
