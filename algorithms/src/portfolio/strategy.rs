//! Every strategy by name: for the registry, and for strategies that are made of others.

use regret_engine::learner::{Learner, Setting};
use regret_engine::protocols::Portfolio;
use regret_engine::registry::{Algorithm, AlgorithmEntry, ParameterError, algorithm};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::*;

/// From one list of the strategies: [`registry`], [`Strategy`].
macro_rules! strategies {
    ($($kind:ident),* $(,)?) => {
        /// The registry's entries, in the order in which they are listed to users.
        pub fn registry() -> Vec<AlgorithmEntry> {
            vec![$(algorithm::<$kind>()),*]
        }

        /// A strategy with its parameters, in a spec its name or `{name: {parameters}}`.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each is documented where it is defined")]
        pub enum Strategy {
            $($kind($kind)),*
        }

        impl Strategy {
            /// The names of all.
            pub const NAMES: &[&str] = &[$($kind::NAME),*];

            fn parse(name: &str, parameters: Value) -> Result<Self, String> {
                $(if name == $kind::NAME {
                    let read = serde_json::from_value::<$kind>(parameters);
                    return read.map(Self::$kind).map_err(|error| format!("{name}: {error}"));
                })*
                Err(format!("there is no strategy `{name}`; there are {}", Self::NAMES.join(", ")))
            }

            fn name_and_parameters(&self) -> (&'static str, Value) {
                match self {
                    $(Self::$kind(strategy) => {
                        ($kind::NAME, serde_json::to_value(strategy).unwrap_or_default())
                    })*
                }
            }

            /// Checks the parameters on their own.
            ///
            /// # Errors
            /// The first parameter out of its range.
            pub fn check(&self) -> Result<(), ParameterError> {
                match self { $(Self::$kind(strategy) => strategy.check()),* }
            }

            /// The learner for a setting.
            ///
            /// # Errors
            /// A parameter that does not fit the setting.
            pub fn learner(
                &self,
                setting: &Setting<Portfolio>,
            ) -> Result<Box<dyn Learner<Portfolio>>, ParameterError> {
                match self {
                    $(Self::$kind(strategy) => Ok(Box::new(strategy.learner(setting)?))),*
                }
            }
        }

        $(impl From<$kind> for Strategy {
            fn from(strategy: $kind) -> Self {
                Self::$kind(strategy)
            }
        })*
    };
}

strategies! {
    ConstantRebalanced,
    BuyAndHold,
    FixedFraction,
    Kelly,
    Universal,
    ExponentiatedGradient,
    OnlineNewtonStep,
    SoftBayes,
    FollowBestAsset,
    FollowBestConstant,
    LogBarrierFtrl,
    Momentum,
    Anticor,
    AnticorMixture,
    Pamr,
    Cwmr,
    Olmar,
    Rmr,
    PerState,
    Ensemble,
    FollowLeadingHistory,
}

/// An error of a part, with the part's place.
pub(super) fn within(place: &str, error: ParameterError) -> ParameterError {
    let dot = if error.path.is_empty() { "" } else { "." };
    ParameterError { path: format!("{place}{dot}{}", error.path), ..error }
}

impl Serialize for Strategy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, parameters) = self.name_and_parameters();
        Map::from_iter([(name.to_owned(), parameters)]).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Strategy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (name, parameters) = match Value::deserialize(deserializer)? {
            Value::String(name) => (name, Value::Object(Map::new())),
            Value::Object(fields) if fields.len() == 1 => {
                fields.into_iter().next().ok_or_else(|| {
                    de::Error::custom("a strategy is a name, or a name with its parameters")
                })?
            }
            other => {
                let what = "a strategy is a name, or {name: {parameters}}, not";
                return Err(de::Error::custom(format!("{what} {other}")));
            }
        };
        let parameters = if parameters.is_null() { Value::Object(Map::new()) } else { parameters };
        Self::parse(&name, parameters).map_err(de::Error::custom)
    }
}

impl JsonSchema for Strategy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Strategy".into()
    }

    /// The names only: a strategy can be made of others, and schemas are written out where they are
    /// used.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"enum": Self::NAMES},
                {
                    "type": "object", "minProperties": 1, "maxProperties": 1,
                    "propertyNames": {"enum": Self::NAMES},
                },
            ],
        })
    }
}
