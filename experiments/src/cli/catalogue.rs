//! `regret list` and `regret describe`.

use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use regret_engine::delay::Delay;
use regret_engine::registry::{AlgorithmEntry, EnvironmentEntry};
use serde_json::{Value, json};

use super::Failure;
use super::display::say;
use crate::cell::{Cell, Common, ReadyEnvironment, Recorded};
use crate::spec::source::nearest;

/// Prints the registries.
pub(super) fn list(protocol: Option<&str>, markdown: bool) -> Result<ExitCode, Failure> {
    let mut environments = regret_environments::registry();
    let mut algorithms = regret_algorithms::registry();
    if let Some(wanted) = protocol {
        check_protocol(wanted, &algorithms)?;
        environments.retain(|entry| entry.protocols.contains(&wanted));
        algorithms.retain(|entry| entry.protocol == wanted);
    }
    if markdown {
        print!("{}", super::markdown::tables(&environments, &algorithms));
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = table();
    table.set_header(["environment", "protocols", "what happens"]);
    for entry in environments {
        table.add_row([entry.name, &entry.protocols.join(", "), entry.summary]);
    }
    say(format_args!("{table}\n"))?;
    let mut table = self::table();
    table.set_header(["learner", "protocol", "how it decides"]);
    for entry in algorithms {
        table.add_row([entry.name, entry.protocol, entry.summary]);
    }
    say(table)?;
    Ok(ExitCode::SUCCESS)
}

fn check_protocol(wanted: &str, algorithms: &[AlgorithmEntry]) -> Result<(), Failure> {
    let mut protocols: Vec<&str> = algorithms.iter().map(|entry| entry.protocol).collect();
    protocols.dedup();
    if protocols.contains(&wanted) {
        return Ok(());
    }
    let known = protocols.join(", ");
    Err(Failure::Other(format!("there is no protocol `{wanted}`; there are {known}")))
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// Prints what is known of a name.
pub(super) fn describe(name: &str) -> Result<ExitCode, Failure> {
    if let Some(entry) = regret_algorithms::find(name) {
        describe_algorithm(&entry)?;
    } else if let Some(entry) = regret_environments::find(name) {
        describe_environment(&entry)?;
    } else {
        let names: Vec<&str> = (regret_algorithms::registry().iter().map(|entry| entry.name))
            .chain(regret_environments::registry().iter().map(|entry| entry.name))
            .collect();
        let hint = nearest(name, &names)
            .map_or("see `regret list`".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Failure::Other(format!("there is no learner or environment `{name}`; {hint}")));
    }
    Ok(ExitCode::SUCCESS)
}

fn describe_algorithm(entry: &AlgorithmEntry) -> Result<(), Failure> {
    let AlgorithmEntry { name, protocol, summary, source, .. } = entry;
    say(format_args!("{name} (learner, {protocol}): {summary}\n\nsource: {source}\n"))?;
    say(parameters(&(entry.schema)(), &(entry.defaults)()))?;
    say("\nlaws of its bounds, on 10 Bernoulli arms over 100_000 rounds, at its defaults:")?;
    let bounds = example_bounds(entry);
    if bounds.is_empty() {
        say("  none is known to this program")?;
    }
    bounds.iter().try_for_each(|bound| say(format_args!("  {bound}")))
}

/// The upper bounds that hold for the defaults on a stochastic instance.
fn example_bounds(entry: &AlgorithmEntry) -> Vec<String> {
    let horizon = 100_000;
    let mut means = vec![0.5; 9];
    means.push(0.6);
    let cell = || -> Option<Cell> {
        let environment = regret_environments::find("bernoulli")?;
        let model = (environment.parse)(json!({"means": means})).ok()?;
        let ready =
            ReadyEnvironment::new(model.as_ref(), environment.protocols, None, Delay::None).ok()?;
        let algorithm = (entry.parse)(json!({})).ok()?;
        let common = Common {
            seed: 1,
            horizon,
            replications: 1,
            checkpoints: regret_engine::checkpoints::Checkpoints::default(),
            record: Recorded::Default,
        };
        Cell::new(&ready, algorithm.as_ref(), None, &common).ok()
    };
    let bounds = cell().map(|cell| cell.game.bounds()).unwrap_or_default();
    let upper = bounds.iter().filter(|bound| bound.side == regret_engine::bound::Side::Upper);
    upper
        .map(|bound| {
            format!(
                "{} ≤ {} = {:.1} ({}; {})",
                bound.notion.title,
                bound.statement,
                bound.at(horizon),
                bound.source,
                bound.conditions
            )
        })
        .collect()
}

fn describe_environment(entry: &EnvironmentEntry) -> Result<(), Failure> {
    let EnvironmentEntry { name, summary, source, example, .. } = entry;
    let protocols = entry.protocols.join(", ");
    say(format_args!("{name} (environment, {protocols}): {summary}\n\nsource: {source}\n"))?;
    say(parameters(&(entry.schema)(), &json!({})))?;
    say(format_args!("\nexample:\n  - {name}: {example}"))?;
    say("\nbesides: label (text), delay (none, {fixed: d}, {geometric: mean}, \
         {uniform: [low, high]}, {batched: B})")
}

/// The table of parameters.
fn parameters(schema: &Value, defaults: &Value) -> String {
    let Some(properties) = schema["properties"].as_object().filter(|map| !map.is_empty()) else {
        return "no parameters".to_owned();
    };
    let mut table = table();
    table.set_header(["parameter", "default", "meaning"]);
    for (name, property) in properties {
        let meaning = property["description"].as_str().unwrap_or_default().replace('\n', " ");
        table.add_row([name.as_str(), &default(name, schema, defaults), &meaning]);
    }
    table.to_string()
}

/// The default of a parameter in words.
pub(super) fn default(name: &str, schema: &Value, defaults: &Value) -> String {
    let required = schema["required"].as_array().is_some_and(|keys| keys.iter().any(|k| k == name));
    match defaults.get(name).or_else(|| schema["properties"][name].get("default")) {
        Some(Value::Null) | None if required => "required".to_owned(),
        Some(Value::Null) | None => "none".to_owned(),
        Some(value) => value.to_string(),
    }
}
