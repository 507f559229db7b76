//! The JSON Schema of specs, for editors that complete and check while one types.

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion;
use serde_json::{Map, Value, json};

use regret_results::publish::View;
use regret_results::statistics::BandKind;

use super::replications;
use crate::claims;

/// The schema of a spec, with every algorithm and environment of the registries.
pub fn schema() -> Value {
    let learners = regret_algorithms::registry();
    let learners = learners.iter().map(|entry| {
        let on = json!({
            "type": "array", "items": {"type": "string"}, "minItems": 1,
            "description": "the environments, by label or name, on which this learner plays",
        });
        item(entry.name, entry.summary, (entry.schema)(), "on", on)
    });
    let environments = regret_environments::registry();
    let environments = environments
        .iter()
        .map(|entry| item(entry.name, entry.summary, (entry.schema)(), "delay", plain::<Delay>()));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Regretlab spec",
        "type": "object",
        "additionalProperties": false,
        "required": ["horizon", "environments", "learners"],
        "properties": {
            "name": {"type": "string", "description": "the run folder's name"},
            "seed": {"type": "integer", "minimum": 0, "default": 1},
            "horizon": {"type": "integer", "minimum": 1, "description": "number of rounds"},
            "replications": {
                "description": "how many, or blocks of them until the comparisons are decided",
                "anyOf": [
                    {"type": "integer", "minimum": 1, "default": replications::DEFAULT},
                    {
                        "type": "object", "additionalProperties": false,
                        "required": ["until", "at_most"],
                        "properties": {
                            "until": {"const": "separated"},
                            "at_most": {"type": "integer", "minimum": 1},
                        },
                    },
                ],
            },
            "checkpoints": {
                "description": "the rounds at which regret is recorded",
                "anyOf": [{"type": "integer", "minimum": 1}, {"const": "every_round"}, plain::<Checkpoints>()],
            },
            "record": {
                "description": "what is recorded; by default the environment's first regret, switches and pulls",
                "anyOf": [{"const": "all"}, {"type": "array", "minItems": 1, "items": {"enum": keys()}}],
            },
            "environments": {"type": "array", "minItems": 1, "items": {"anyOf": environments.collect::<Vec<_>>()}},
            "learners": {"type": "array", "minItems": 1, "items": {"anyOf": learners.collect::<Vec<_>>()}},
            "bands": {
                "enum": BandKind::ALL.map(BandKind::key), "default": BandKind::default().key(),
                "description": "what the bands around curves promise",
            },
            "figures": {
                "type": "array", "items": {"enum": View::ALL.map(View::key)},
                "default": ["linear", "log"],
                "description": "the figures of every regret",
            },
            "bounds": {
                "description": "which bounds of theory are drawn: all, none, or those of these learners and environments; by default those near the curves",
                "anyOf": [{"type": "boolean"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
            },
            "baseline": {
                "description": "the learner that others are compared with; by default the best",
                "anyOf": [{"const": "best"}, claims::learner()],
            },
            "claims": claims::schema(),
            "sweep": {
                "type": "object",
                "description": "paths and their values: a list, {range: [a, b], count: n}, {range: [a, b], step: s} or {log: [a, b], count: n}; paths below zip move together",
            },
            "quick": changes("the values of a run with --quick, by path"),
            "full": changes("the values of a run with --full, by path"),
            "data": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "values, by path, that are files of the folder said with --data",
            },
        },
    })
}

fn changes(description: &str) -> Value {
    json!({"type": "object", "description": description})
}

fn keys() -> Vec<&'static str> {
    notion::ALL.iter().map(|notion| notion.key).collect()
}

/// A bare name, if all parameters have defaults, or a name with parameters.
fn item(name: &str, summary: &str, mut parameters: Value, reserved: &str, value: Value) -> Value {
    let needed = parameters["required"].as_array().is_some_and(|keys| !keys.is_empty());
    if let Some(properties) = parameters.as_object_mut() {
        properties.remove("$schema");
        properties.remove("title");
        let own = properties.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        own["label"] =
            json!({"type": "string", "description": "the name on figures and in tables"});
        own[reserved] = value;
    }
    lift_definitions(&mut parameters);
    let with = json!({
        "type": "object", "additionalProperties": false, "required": [name],
        "description": summary, "properties": {name: parameters},
    });
    let bare = json!({"const": name, "description": summary});
    if needed { with } else { json!({"anyOf": [bare, with]}) }
}

fn plain<T: schemars::JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
    }
    lift_definitions(&mut schema);
    schema
}

/// Writes definitions out where they are used, so that schemas can be nested in each other.
fn lift_definitions(schema: &mut Value) {
    let definitions = schema.as_object_mut().and_then(|fields| fields.remove("$defs"));
    if let Some(definitions) = definitions {
        write_out(schema, &definitions, 0);
    }
}

fn write_out(schema: &mut Value, definitions: &Value, depth: usize) {
    /// Parameters of algorithms are never recursive; this ends the walk if one is.
    const DEEPEST: usize = 32;
    if depth > DEEPEST {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        let mut target = definitions[name].clone();
        if let (Some(target), Some(beside)) = (target.as_object_mut(), schema.as_object()) {
            target.extend(
                beside
                    .iter()
                    .filter(|(key, _)| *key != "$ref")
                    .map(|(k, v)| (k.clone(), v.clone())),
            );
        }
        *schema = target;
    }
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| write_out(value, definitions, depth + 1));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|value| write_out(value, definitions, depth + 1));
        }
        _ => {}
    }
}
