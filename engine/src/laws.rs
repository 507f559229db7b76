//! The laws that every algorithm obeys, whatever it does: for the tests of one's own.
//!
//! [`uphold`] checks them all in one line; each can be called alone. They are run over the whole
//! registry, on every environment, so an algorithm that is registered is checked.
//!
//! That the probabilities of an action sum to one, and that an arm exists, is no law here: the
//! engine checks it in every round of every play.

use serde_json::Value;

use crate::checkpoints::Checkpoints;
use crate::delay::Delay;
use crate::notion::PULLS;
use crate::record::Record;
use crate::registry::{
    AlgorithmEntry, AnyAlgorithm, CellFault, Form, Match, ParameterError, PreparedEnvironment,
};
use crate::simulation::Plan;

/// A law that does not hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Broken {
    /// Parameters that are refused, or do not fit the environment.
    #[error("the parameters are refused: {0}")]
    Parameters(#[from] ParameterError),
    /// A play that stopped.
    #[error("{law}: {fault}")]
    Fault {
        /// What was being checked.
        law: &'static str,
        /// Why it stopped.
        fault: CellFault,
    },
    /// Two plays that should give the same numbers.
    #[error(
        "{law}: `{quantity}` of replication {replication} after round {t} is {found}, not {expected}"
    )]
    Differs {
        /// The law.
        law: &'static str,
        /// The notion's key, with its component if it has one.
        quantity: String,
        /// The replication.
        replication: u64,
        /// The round.
        t: u64,
        /// The number that the law is about.
        found: f64,
        /// What it should be.
        expected: f64,
    },
    /// Documentation that is missing or wrong.
    #[error("parameter `{parameter}`: {problem}")]
    Documentation {
        /// The parameter.
        parameter: String,
        /// What is wrong.
        problem: String,
    },
    /// The environment does not offer the algorithm's protocol.
    #[error("the environment does not offer {0}")]
    Protocol(&'static str),
}

/// Rounds and replications of the plays: uneven, with more replications than fit a block of eight.
const HORIZON: u64 = 131;
const REPLICATIONS: u64 = 11;

/// All laws of an algorithm with these parameters (a JSON object; missing ones take their
/// defaults) on an environment.
///
/// # Errors
/// The first law that is broken, and how.
pub fn uphold(
    entry: &AlgorithmEntry,
    parameters: &Value,
    environment: &PreparedEnvironment,
) -> Result<(), Broken> {
    documented(entry)?;
    parameters_round_trip(entry, parameters)?;
    let algorithm = (entry.parse)(parameters.clone())?;
    let horizon = horizon(algorithm.as_ref(), environment)?;
    let game = pair(algorithm.as_ref(), environment, horizon, Delay::None)?;
    repeatable(game.as_ref(), horizon)?;
    forms_agree(game.as_ref(), horizon)?;
    replications_stand_alone(game.as_ref(), horizon)?;
    recording_is_passive(game.as_ref(), horizon)?;
    delays_are_safe(algorithm.as_ref(), environment, horizon)
}

/// [`HORIZON`], or less where the environment is shorter.
fn horizon(algorithm: &dyn AnyAlgorithm, environment: &PreparedEnvironment) -> Result<u64, Broken> {
    let longest = pair(algorithm, environment, HORIZON, Delay::None)?.longest_horizon();
    Ok(longest.map_or(HORIZON, |longest| longest.min(HORIZON)))
}

fn pair(
    algorithm: &dyn AnyAlgorithm,
    environment: &PreparedEnvironment,
    horizon: u64,
    delay: Delay,
) -> Result<Box<dyn Match>, Broken> {
    let game = algorithm.pair(environment, horizon, delay);
    Ok(game.ok_or(Broken::Protocol(algorithm.protocol()))??)
}

/// A plan that records everything.
fn plan(game: &dyn Match, horizon: u64) -> Plan {
    Plan {
        seed: 20_261,
        horizon,
        replications: 3..3 + REPLICATIONS,
        checkpoints: Checkpoints::Log { count: 12 }.rounds(horizon),
        notions: game.notions(),
    }
}

fn play(law: &'static str, game: &dyn Match, plan: &Plan, form: Form) -> Result<Record, Broken> {
    game.play(plan, form).map_err(|fault| Broken::Fault { law, fault })
}

/// The same seed gives the same bytes.
///
/// # Errors
/// Where two plays differ.
pub fn repeatable(game: &dyn Match, horizon: u64) -> Result<(), Broken> {
    const LAW: &str = "playing again";
    let plan = plan(game, horizon);
    let first = play(LAW, game, &plan, Form::Suited)?;
    same(LAW, &play(LAW, game, &plan, Form::Suited)?, &first)
}

/// Lanes, runs and holds, and a learner that was reset, give what the learner of one replication
/// gives that is made anew and asked in every round.
///
/// # Errors
/// Where a form differs.
pub fn forms_agree(game: &dyn Match, horizon: u64) -> Result<(), Broken> {
    let plan = plan(game, horizon);
    let plain = play("asked in every round", game, &plan, Form::Plain)?;
    for (law, form) in [
        ("reset between replications", Form::Reset),
        ("one lane", Form::Lanes(1)),
        ("three lanes", Form::Lanes(3)),
        ("eight lanes", Form::Lanes(8)),
        ("sixty-four lanes", Form::Lanes(64)),
        ("the suited form", Form::Suited),
    ] {
        same(law, &play(law, game, &plan, form)?, &plain)?;
    }
    // Rewards that are not kept can be played by runs.
    let fewer = Plan { notions: plan.notions[..1].to_vec(), ..plan };
    let law = "the suited form, recording one notion";
    same(law, &play(law, game, &fewer, Form::Suited)?, &plain)
}

/// A replication's numbers do not depend on which others are played.
///
/// # Errors
/// Where they do.
pub fn replications_stand_alone(game: &dyn Match, horizon: u64) -> Result<(), Broken> {
    const LAW: &str = "without the other replications";
    let plan = plan(game, horizon);
    let all = play(LAW, game, &plan, Form::Suited)?;
    for replications in [3..4, 6..9] {
        let few = Plan { replications, ..plan.clone() };
        same(LAW, &play(LAW, game, &few, Form::Suited)?, &all)?;
    }
    Ok(())
}

/// What is recorded, and when, changes no number.
///
/// # Errors
/// Where it does.
pub fn recording_is_passive(game: &dyn Match, horizon: u64) -> Result<(), Broken> {
    let plan = plan(game, horizon);
    let sparse = play("recording", game, &plan, Form::Suited)?;
    let law = "recording every round";
    let every = Plan { checkpoints: Checkpoints::EveryRound.rounds(horizon), ..plan.clone() };
    same(law, &sparse, &play(law, game, &every, Form::Suited)?)?;
    let law = "recording one notion";
    for &notion in &plan.notions {
        let one = Plan { notions: vec![notion], ..plan.clone() };
        same(law, &play(law, game, &one, Form::Suited)?, &sparse)?;
    }
    Ok(())
}

/// Feedback may come late and in any order, or never; a delay of 0 is none.
///
/// # Errors
/// A fault, or a difference to undelayed feedback.
pub fn delays_are_safe(
    algorithm: &dyn AnyAlgorithm,
    environment: &PreparedEnvironment,
    horizon: u64,
) -> Result<(), Broken> {
    let law = "a delay of 0";
    let at_once = pair(algorithm, environment, horizon, Delay::None)?;
    let plan = plan(at_once.as_ref(), horizon);
    let expected = play(law, at_once.as_ref(), &plan, Form::Plain)?;
    let zero = pair(algorithm, environment, horizon, Delay::Fixed(0))?;
    same(law, &play(law, zero.as_ref(), &plan, Form::Suited)?, &expected)?;
    for delay in [
        Delay::Fixed(7),
        Delay::Fixed(horizon),
        Delay::Geometric(5.0),
        Delay::Uniform([0, 40]),
        Delay::Batched(17),
    ] {
        let law = "delayed feedback";
        let game = pair(algorithm, environment, horizon, delay)?;
        let plain = play(law, game.as_ref(), &plan, Form::Plain)?;
        same(law, &play(law, game.as_ref(), &plan, Form::Suited)?, &plain)?;
        same(law, &play(law, game.as_ref(), &plan, Form::Reset)?, &plain)?;
    }
    Ok(())
}

/// Parameters written down and read again are the same, and those not given are the defaults.
///
/// # Errors
/// The first parameter that is not.
pub fn parameters_round_trip(entry: &AlgorithmEntry, parameters: &Value) -> Result<(), Broken> {
    let written = (entry.parse)(parameters.clone())?.parameters();
    let again = (entry.parse)(written.clone())?.parameters();
    let defaults = (entry.parse)(Value::Object(Default::default()))?.parameters();
    for (expected, found, problem) in [
        (&written, &again, "changes when it is written and read"),
        (&(entry.defaults)(), &defaults, "is not its default when it is not given"),
    ] {
        let mut fields = expected.as_object().into_iter().flatten();
        if let Some((parameter, value)) = fields.find(|(key, value)| found.get(key) != Some(value))
        {
            let problem = format!("{value} {problem}");
            return Err(Broken::Documentation { parameter: parameter.clone(), problem });
        }
    }
    Ok(())
}

/// Every parameter has a description, and the schema's default is the one used.
///
/// # Errors
/// The first parameter that has not.
pub fn documented(entry: &AlgorithmEntry) -> Result<(), Broken> {
    let (schema, defaults) = ((entry.schema)(), (entry.defaults)());
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (parameter, property) in properties {
        let broken =
            |problem: String| Broken::Documentation { parameter: parameter.clone(), problem };
        if property["description"].as_str().is_none_or(str::is_empty) {
            return Err(broken("has no description".to_owned()));
        }
        let stated = property.get("default").unwrap_or(&Value::Null);
        if stated != defaults.get(parameter).unwrap_or(&Value::Null) {
            return Err(broken(format!("the schema says {stated} by default, wrongly")));
        }
    }
    Ok(())
}

/// The law of the actions is that of the arms, whatever their numbers are: `permuted` is `original`
/// with arm `permutation[a]` in place of arm a. Compares the mean number of pulls of every arm over
/// many replications, which must agree within five standard errors (of the difference, were the two
/// independent; a probability below 10⁻⁶ for each arm). Ties are broken by the arms' numbers, so
/// rewards should have none.
///
/// # Errors
/// The arm whose pulls differ most.
pub fn arms_are_exchangeable(
    original: &dyn Match,
    permuted: &dyn Match,
    permutation: &[usize],
    horizon: u64,
) -> Result<(), Broken> {
    const LAW: &str = "permuting the arms";
    const MANY: u64 = 600;
    let pulls = |game: &dyn Match, seed: u64| -> Result<Record, Broken> {
        let checkpoints = vec![horizon];
        let plan = Plan { seed, horizon, replications: 0..MANY, checkpoints, notions: vec![PULLS] };
        play(LAW, game, &plan, Form::Suited)
    };
    let (first, second) = (pulls(original, 1)?, pulls(permuted, 2)?);
    for (arm, &image) in permutation.iter().enumerate() {
        let sample = |record: &Record, arm: usize| {
            let series = record.series(PULLS, Some(arm as u32));
            mean_and_error(series.map_or(&[][..], |series| &series.values))
        };
        let ((found, error), (expected, other)) = (sample(&second, arm), sample(&first, image));
        // A NaN does not agree.
        let agrees = (found - expected).abs() <= 5.0 * error.hypot(other) + 1e-9;
        if !agrees {
            let quantity = format!("mean pulls[{arm}]");
            return Err(Broken::Differs {
                law: LAW,
                quantity,
                replication: 0,
                t: horizon,
                found,
                expected,
            });
        }
    }
    Ok(())
}

/// The mean of a sample and its standard error.
fn mean_and_error(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (squares / (n * (n - 1.0))).sqrt())
}

/// Whether `found`, which may have fewer replications, rounds and quantities, has the bits of
/// `expected`.
fn same(law: &'static str, found: &Record, expected: &Record) -> Result<(), Broken> {
    let record_start = expected.replications.start;
    let offset = (found.replications.start - record_start) as usize;
    let (few, many) = (found.replication_count(), expected.replication_count());
    for series in &found.series {
        let Some(other) = expected.series(series.notion, series.component) else { continue };
        for (index, &t) in found.checkpoints.iter().enumerate() {
            let Some(values) = series.at(index, few) else { continue };
            let place = expected.checkpoints.iter().position(|&round| round == t);
            let Some(others) = place.and_then(|place| other.at(place, many)) else { continue };
            for (lane, (&found, &expected)) in values.iter().zip(&others[offset..]).enumerate() {
                if found.to_bits() == expected.to_bits() {
                    continue;
                }
                let component = series.component.map(|c| format!("[{c}]")).unwrap_or_default();
                return Err(Broken::Differs {
                    law,
                    quantity: format!("{}{component}", series.notion.key),
                    replication: record_start + (offset + lane) as u64,
                    t,
                    found,
                    expected,
                });
            }
        }
    }
    Ok(())
}
