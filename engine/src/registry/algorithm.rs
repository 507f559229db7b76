//! Algorithms by name.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::environment::PreparedEnvironment;
use super::game::Game;
use super::pairing::Match;
use super::{ParameterError, parse, to_json};
use crate::bound::Bound;
use crate::delay::Delay;
use crate::learner::{LaneLearner, Learner, RunLearner, Setting};
use crate::protocol::Protocol;

/// An algorithm: the struct of its parameters, all with documented defaults.
pub trait Algorithm:
    Serialize + DeserializeOwned + JsonSchema + Default + Clone + Send + Sync + 'static
{
    /// What it plays.
    type Protocol: Protocol;
    /// The learner of one replication.
    type Learner: Learner<Self::Protocol> + 'static;

    /// The name in specs: lower-case words joined by `_`.
    const NAME: &'static str;
    /// One sentence on how it decides.
    const SUMMARY: &'static str;
    /// Authors, title, year; number of the algorithm or equation.
    const SOURCE: &'static str;

    /// Checks the parameters on their own.
    ///
    /// # Errors
    /// The first parameter out of its range, with the rule.
    fn check(&self) -> Result<(), ParameterError> {
        Ok(())
    }

    /// The learner for a setting, allocated whole, before round 1.
    ///
    /// # Errors
    /// A parameter that does not fit the setting, such as an arm that does not exist.
    fn learner(&self, setting: &Setting<Self::Protocol>) -> Result<Self::Learner, ParameterError>;

    /// The same algorithm for many lanes abreast, if it has such a form. It is made only for a
    /// setting that [`Algorithm::learner`] accepted.
    fn lanes(
        &self,
        setting: &Setting<Self::Protocol>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Self::Protocol>>> {
        let _ = (setting, lanes);
        None
    }

    /// The same algorithm as a learner that is asked only when something needs deciding, if it can
    /// say for how long its actions stay. It is made only for a setting that
    /// [`Algorithm::learner`] accepted.
    fn runs(
        &self,
        setting: &Setting<Self::Protocol>,
    ) -> Option<Box<dyn RunLearner<Self::Protocol>>> {
        let _ = setting;
        None
    }

    /// The proven bounds whose conditions hold for these parameters on this environment, without
    /// delays.
    fn bounds(
        &self,
        setting: &Setting<Self::Protocol>,
        instance: &<Self::Protocol as Protocol>::Instance,
    ) -> Vec<Bound> {
        let _ = (setting, instance);
        Vec::new()
    }

    /// What the algorithm supposes with these parameters and does not find here, in a sentence: it
    /// plays all the same, and the user is told once.
    fn caution(
        &self,
        setting: &Setting<Self::Protocol>,
        instance: &<Self::Protocol as Protocol>::Instance,
    ) -> Option<String> {
        let _ = (setting, instance);
        None
    }
}

/// What [`Algorithm::runs`] answers for an algorithm whose learner of one replication is a
/// [`RunLearner`] itself.
pub fn boxed_runs<A>(
    algorithm: &A,
    setting: &Setting<A::Protocol>,
) -> Option<Box<dyn RunLearner<A::Protocol>>>
where
    A: Algorithm<Learner: RunLearner<A::Protocol>>,
{
    let learner = algorithm.learner(setting).ok()?;
    Some(Box::new(learner))
}

/// A registered algorithm.
pub struct AlgorithmEntry {
    /// [`Algorithm::NAME`].
    pub name: &'static str,
    /// The protocol's name.
    pub protocol: &'static str,
    /// [`Algorithm::SUMMARY`].
    pub summary: &'static str,
    /// [`Algorithm::SOURCE`].
    pub source: &'static str,
    /// JSON Schema of the parameters, with their documentation.
    pub schema: fn() -> Value,
    /// The default parameters.
    pub defaults: fn() -> Value,
    /// Reads parameters (a JSON object; missing ones take their defaults) and checks them.
    pub parse: fn(Value) -> Result<Box<dyn AnyAlgorithm>, ParameterError>,
}

/// The registry entry of an algorithm.
pub fn algorithm<A: Algorithm>() -> AlgorithmEntry {
    AlgorithmEntry {
        name: A::NAME,
        protocol: A::Protocol::NAME,
        summary: A::SUMMARY,
        source: A::SOURCE,
        schema: || schemars::schema_for!(A).to_value(),
        defaults: || to_json(&A::default()),
        parse: |parameters| {
            let algorithm: A = parse(parameters)?;
            algorithm.check()?;
            Ok(Box::new(algorithm))
        },
    }
}

/// An algorithm of any protocol, with its parameters.
pub trait AnyAlgorithm: Send + Sync {
    /// The name in specs.
    fn name(&self) -> &'static str;
    /// The protocol's name.
    fn protocol(&self) -> &'static str;
    /// All parameters, defaults filled in.
    fn parameters(&self) -> Value;
    /// Pairs it with an environment; `None` if the environment has no face for its protocol.
    ///
    /// # Errors
    /// Parameters that do not fit the environment's shape or the horizon.
    fn pair(
        &self,
        environment: &PreparedEnvironment,
        horizon: u64,
        delay: Delay,
    ) -> Option<Result<Box<dyn Match>, ParameterError>>;
}

impl<A: Algorithm> AnyAlgorithm for A {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn protocol(&self) -> &'static str {
        A::Protocol::NAME
    }

    fn parameters(&self) -> Value {
        to_json(self)
    }

    fn pair(
        &self,
        environment: &PreparedEnvironment,
        horizon: u64,
        delay: Delay,
    ) -> Option<Result<Box<dyn Match>, ParameterError>> {
        let problem = environment.face::<A::Protocol>()?;
        let game = Game::new(problem, self.clone(), horizon, delay);
        Some(game.map(|game| Box::new(game) as Box<dyn Match>))
    }
}
