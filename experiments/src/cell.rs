//! Cells: one environment, one learner, everything that determines their numbers.

use std::collections::BTreeMap;
use std::ops::Range;

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion::Notion;
use regret_engine::registry::{
    AnyAlgorithm, AnyEnvironment, Match, ParameterError, PreparedEnvironment,
};
use regret_engine::simulation::Plan;
use regret_results::store::{CellMeta, Item};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Raised when the numbers of some cell change, so that older results are not taken for new ones.
pub const NUMBERS_VERSION: u32 = 3;

/// Replications in a block: what is stored, resumed and distributed as one piece. Fixed, so that
/// the same replications always make the same blocks.
pub const BLOCK: u64 = 64;

/// What the cells of one point of a sweep have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// The experiment's seed.
    pub seed: u64,
    /// The number of rounds.
    pub horizon: u64,
    /// The number of replications.
    pub replications: u64,
    /// Where quantities are recorded.
    pub checkpoints: Checkpoints,
    /// What is recorded.
    pub record: Recorded,
}

/// What the spec asks to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The environment's first regret, and what is no regret: switches, pulls.
    Default,
    /// Everything that the environment keeps.
    All,
    /// These, all of which it must keep.
    These(Vec<Notion>),
}

/// An environment or a learner as the spec names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The name in the registry.
    pub name: String,
    /// The user's label, if any.
    pub label: Option<String>,
    /// All parameters, defaults filled in.
    pub parameters: Value,
}

/// One environment, one learner, and all that determines their numbers.
pub struct Cell {
    /// A hash of everything that determines the numbers but the replications.
    pub id: String,
    /// The protocol's name.
    pub protocol: &'static str,
    /// The environment.
    pub environment: Named,
    /// The delay of its feedback.
    pub delay: Delay,
    /// The learner.
    pub learner: Named,
    /// Seed, horizon, replications and the like.
    pub common: Common,
    /// What is simulated and recorded.
    pub plan: Plan,
    /// What identifies the environment's outside data.
    pub fingerprint: Option<String>,
    /// The pairing, ready to be played.
    pub game: Box<dyn Match>,
}

/// Why an environment and a learner make no cell.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CellError {
    /// The environment does not offer the learner's protocol.
    #[error("`{learner}` plays {wanted}, but `{environment}` offers {}", offered.join(", "))]
    Protocol {
        /// The learner's name.
        learner: String,
        /// The protocol that it plays.
        wanted: &'static str,
        /// The environment's name.
        environment: String,
        /// The protocols that the environment offers.
        offered: Vec<&'static str>,
    },
    /// A parameter of the learner does not fit the environment.
    #[error("learner `{learner}` on `{environment}`: {error}")]
    Learner {
        /// The learner's name.
        learner: String,
        /// The environment's name.
        environment: String,
        /// Where and why.
        error: ParameterError,
    },
    /// The horizon is longer than the environment can be played.
    #[error("horizon = {horizon}: `{environment}` can be played for at most {longest} rounds")]
    Horizon {
        /// The horizon asked for.
        horizon: u64,
        /// The longest that there is.
        longest: u64,
        /// The environment's name.
        environment: String,
    },
    /// The environment's referee does not keep a notion.
    #[error("`{environment}` as {protocol} cannot record `{notion}`; it keeps {}", kept.join(", "))]
    Notion {
        /// The key asked for.
        notion: &'static str,
        /// The environment's name.
        environment: String,
        /// The protocol's name.
        protocol: &'static str,
        /// The keys that can be recorded.
        kept: Vec<&'static str>,
    },
}

/// An environment, read and ready, with how the spec names it.
pub struct ReadyEnvironment {
    /// How the spec names it.
    pub named: Named,
    /// The protocols that it offers.
    pub protocols: &'static [&'static str],
    /// The delay of its feedback.
    pub delay: Delay,
    /// Its problems.
    pub prepared: PreparedEnvironment,
}

impl ReadyEnvironment {
    /// Reads the environment's files.
    ///
    /// # Errors
    /// What is wrong with a file, or with parameters in its light.
    pub fn new(
        environment: &dyn AnyEnvironment,
        protocols: &'static [&'static str],
        label: Option<String>,
        delay: Delay,
    ) -> Result<Self, ParameterError> {
        let named = Named {
            name: environment.name().to_owned(),
            label,
            parameters: environment.parameters(),
        };
        Ok(Self { named, protocols, delay, prepared: environment.prepare()? })
    }
}

impl Cell {
    /// Pairs a learner with an environment.
    ///
    /// # Errors
    /// Why they do not fit, or cannot be played as `common` says.
    pub fn new(
        environment: &ReadyEnvironment,
        algorithm: &dyn AnyAlgorithm,
        label: Option<String>,
        common: &Common,
    ) -> Result<Self, CellError> {
        let name = algorithm.name().to_owned();
        let Some(game) = algorithm.pair(&environment.prepared, common.horizon, environment.delay)
        else {
            return Err(CellError::Protocol {
                learner: name,
                wanted: algorithm.protocol(),
                environment: environment.named.name.clone(),
                offered: environment.protocols.to_vec(),
            });
        };
        let game = game.map_err(|error| CellError::Learner {
            learner: name.clone(),
            environment: environment.named.name.clone(),
            error,
        })?;
        check_horizon(game.as_ref(), environment, common.horizon)?;
        let notions = notions(game.as_ref(), environment, algorithm.protocol(), common)?;
        let learner = Named { name, label, parameters: algorithm.parameters() };
        let plan = Plan {
            seed: common.seed,
            horizon: common.horizon,
            replications: 0..common.replications,
            checkpoints: common.checkpoints.rounds(common.horizon),
            notions,
        };
        Ok(Self {
            id: identity(environment, &learner, algorithm.protocol(), &plan),
            protocol: algorithm.protocol(),
            environment: environment.named.clone(),
            delay: environment.delay,
            learner,
            common: common.clone(),
            plan,
            fingerprint: environment.prepared.fingerprint().map(str::to_owned),
            game,
        })
    }

    /// Sets the number of replications, which does not change the identity.
    pub fn set_replications(&mut self, replications: u64) {
        self.common.replications = replications;
        self.plan.replications = 0..replications;
    }

    /// The replications of every block.
    pub fn blocks(&self) -> impl Iterator<Item = Range<u64>> + use<> {
        let replications = self.common.replications;
        (0..replications.div_ceil(BLOCK)).map(move |block| {
            let first = block * BLOCK;
            first..replications.min(first + BLOCK)
        })
    }

    /// How the results describe it. A delay counts as a parameter of the environment.
    pub fn meta(&self) -> CellMeta {
        let item = |named: &Named| Item {
            name: named.name.clone(),
            label: named.label.clone(),
            parameters: named.parameters.clone(),
        };
        let mut environment = item(&self.environment);
        if self.delay != Delay::None {
            environment.parameters["delay"] = json!(self.delay);
        }
        CellMeta {
            id: self.id.clone(),
            protocol: self.protocol.to_owned(),
            environment,
            learner: item(&self.learner),
            seed: self.common.seed,
            horizon: self.common.horizon,
            replications: self.common.replications,
        }
    }

    /// Rounds of all replications.
    pub fn rounds(&self) -> u64 {
        self.common.horizon.saturating_mul(self.common.replications)
    }
}

fn check_horizon(
    game: &dyn Match,
    environment: &ReadyEnvironment,
    horizon: u64,
) -> Result<(), CellError> {
    match game.longest_horizon() {
        Some(longest) if horizon > longest => Err(CellError::Horizon {
            horizon,
            longest,
            environment: environment.named.name.clone(),
        }),
        _ => Ok(()),
    }
}

/// The notions to record.
fn notions(
    game: &dyn Match,
    environment: &ReadyEnvironment,
    protocol: &'static str,
    common: &Common,
) -> Result<Vec<Notion>, CellError> {
    let kept = game.notions();
    let wanted = match &common.record {
        Recorded::Default => {
            let default = kept.first().copied();
            let besides = kept.iter().copied().filter(|notion| !notion.is_regret);
            return Ok(default.into_iter().chain(besides).collect());
        }
        Recorded::All => return Ok(kept),
        Recorded::These(wanted) => wanted,
    };
    match wanted.iter().find(|notion| !kept.contains(notion)) {
        None => Ok(wanted.clone()),
        Some(notion) => Err(CellError::Notion {
            notion: notion.key,
            environment: environment.named.name.clone(),
            protocol,
            kept: kept.iter().map(|notion| notion.key).collect(),
        }),
    }
}

/// The hash of everything that determines a cell's numbers but the replications.
fn identity(
    environment: &ReadyEnvironment,
    learner: &Named,
    protocol: &str,
    plan: &Plan,
) -> String {
    let mut parameters = environment.named.parameters.clone();
    if let (Some(_), Some(own)) = (environment.prepared.fingerprint(), parameters.as_object_mut()) {
        // Where the data lie does not matter, only what they are.
        own.remove("path");
    }
    let determinants = json!({
        "numbers": NUMBERS_VERSION,
        "protocol": protocol,
        "environment": environment.named.name,
        "environment_parameters": parameters,
        "data": environment.prepared.fingerprint(),
        "delay": environment.delay,
        "learner": learner.name,
        "learner_parameters": learner.parameters,
        "seed": plan.seed,
        "horizon": plan.horizon,
        "checkpoints": plan.checkpoints,
        "notions": plan.notions.iter().map(|notion| notion.key).collect::<Vec<_>>(),
    });
    let digest = Sha256::digest(canonical(&determinants).as_bytes());
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// JSON with the keys of every object in order, whatever order the value keeps them in.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            let fields: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(delay: Delay) -> ReadyEnvironment {
        let entry = regret_environments::find("bernoulli").expect("registered");
        let model = (entry.parse)(json!({"means": [0.5, 0.6]})).expect("valid");
        ReadyEnvironment::new(model.as_ref(), entry.protocols, None, delay).expect("no files")
    }

    fn cell(delay: Delay, alpha: f64, common: &Common) -> Result<Cell, CellError> {
        let entry = regret_algorithms::find("ucb1").expect("registered");
        let algorithm = (entry.parse)(json!({"alpha": alpha})).expect("valid");
        Cell::new(&environment(delay), algorithm.as_ref(), None, common)
    }

    fn common() -> Common {
        Common {
            seed: 1,
            horizon: 100,
            replications: 130,
            checkpoints: Checkpoints::Linear { count: 2 },
            record: Recorded::Default,
        }
    }

    #[test]
    fn identity_covers_what_determines_the_numbers_and_nothing_else() {
        let id = |delay, alpha, common: &Common| cell(delay, alpha, common).expect("fits").id;
        let base = id(Delay::None, 2.0, &common());
        assert_eq!(base, id(Delay::None, 2.0, &Common { replications: 7, ..common() }));
        assert_ne!(base, id(Delay::Fixed(1), 2.0, &common()));
        assert_ne!(base, id(Delay::None, 1.0, &common()));
        for other in [
            Common { seed: 2, ..common() },
            Common { horizon: 101, ..common() },
            Common { checkpoints: Checkpoints::Linear { count: 4 }, ..common() },
            Common {
                record: Recorded::These(vec![regret_engine::notion::PSEUDO_REGRET]),
                ..common()
            },
        ] {
            assert_ne!(base, id(Delay::None, 2.0, &other), "{other:?}");
        }
    }

    #[test]
    fn blocks_cover_the_replications_once() {
        let cell = cell(Delay::None, 2.0, &common()).expect("fits");
        assert_eq!(cell.blocks().collect::<Vec<_>>(), [0..64, 64..128, 128..130]);
    }

    #[test]
    fn canonical_json_sorts_keys() {
        let value: Value =
            serde_json::from_str(r#"{"b": [1, {"d": 2, "c": "x\""}], "a": null}"#).expect("valid");
        assert_eq!(canonical(&value), r#"{"a":null,"b":[1,{"c":"x\"","d":2}]}"#);
    }
}
