//! The JSON Schema of specs, held against specs by a small validator of the keywords it uses.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use miette::NamedSource;
use regret_experiments::spec::tree::Node;
use serde_json::{Value, json};

use crate::support::{assert_succeeds, printed, regret};

fn schema() -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = regret(folder.path()).arg("schema").output().expect("runs");
    assert_succeeds(&output);
    serde_json::from_str(&printed(&output)).expect("the schema is JSON")
}

/// The first thing in `value` that the schema does not allow. Panics on a keyword it does not know.
fn violation(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let keywords = match schema {
        Value::Bool(true) => return None,
        Value::Bool(false) => return Some(format!("{path}: nothing is allowed")),
        schema => schema.as_object().expect("a schema"),
    };
    let valid = |schema: &Value| violation(schema, value, path).is_none();
    let schemas = |value: &Value| value.as_array().expect("a list of schemas").clone();
    let holds = |(keyword, rule): (&String, &Value)| match keyword.as_str() {
        "type" => match rule {
            Value::Array(types) => types.iter().any(|name| is_of_type(value, name)),
            name => is_of_type(value, name),
        },
        "const" => value == rule,
        "enum" => rule.as_array().expect("a list").contains(value),
        "anyOf" => schemas(rule).iter().any(valid),
        "oneOf" => schemas(rule).iter().filter(|schema| valid(schema)).count() == 1,
        "allOf" => schemas(rule).iter().all(valid),
        "required" => value.as_object().is_none_or(|fields| {
            rule.as_array().expect("names").iter().all(|key| fields.contains_key(str(key)))
        }),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().expect("a number")),
        "exclusiveMinimum" => {
            value.as_f64().is_none_or(|number| number > rule.as_f64().expect("a number"))
        }
        "exclusiveMaximum" => {
            value.as_f64().is_none_or(|number| number < rule.as_f64().expect("a number"))
        }
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= whole(rule)),
        "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= whole(rule)),
        "minProperties" => value.as_object().is_none_or(|map| map.len() as u64 >= whole(rule)),
        "maxProperties" => value.as_object().is_none_or(|map| map.len() as u64 <= whole(rule)),
        "propertyNames" => value.as_object().is_none_or(|map| {
            map.keys().all(|key| violation(rule, &Value::from(key.as_str()), path).is_none())
        }),
        "properties" | "additionalProperties" | "items" | "prefixItems" => true,
        "$schema" | "title" | "description" | "default" | "format" | "examples" => true,
        unknown => panic!("{path}: the keyword `{unknown}`"),
    };
    if let Some((keyword, rule)) = keywords.iter().find(|&keyword| !holds(keyword)) {
        return Some(format!("{path}: {value} against {keyword}: {rule}"));
    }
    below(schema, value, path)
}

/// [`violation`] in the fields of an object or the items of a list.
fn below(schema: &Value, value: &Value, path: &str) -> Option<String> {
    let others = &schema["additionalProperties"];
    match value {
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            let path = format!("{path}.{key}");
            match (&schema["properties"][key], others) {
                (Value::Null, Value::Null) => None,
                (Value::Null, others) => violation(others, field, &path),
                (own, _) => violation(own, field, &path),
            }
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            match (&schema["prefixItems"][index], &schema["items"]) {
                (Value::Null, Value::Null) => None,
                (Value::Null, rest) => violation(rest, item, &format!("{path}[{index}]")),
                (own, _) => violation(own, item, &format!("{path}[{index}]")),
            }
        }),
        _ => None,
    }
}

fn str(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn whole(value: &Value) -> u64 {
    value.as_u64().expect("a whole number")
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match str(name) {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type `{other}`"),
    }
}

fn from_yaml(yaml: &str) -> Value {
    let source = Arc::new(NamedSource::new("spec.yaml", yaml.to_owned()));
    Node::parse(&source).expect("YAML").to_json()
}

/// The specs below a folder.
fn specs(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(specs(&path));
        } else if path.extension().is_some_and(|ending| ending == "yaml")
            && path.file_name().is_none_or(|name| name != "paper.yaml")
        {
            let text = fs::read_to_string(&path).expect("readable");
            found.push((path.display().to_string(), from_yaml(&text)));
        }
    }
    found
}

#[test]
fn it_accepts_every_spec_of_the_project() {
    let schema = schema();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs: Vec<_> =
        ["specs", "papers"].iter().flat_map(|folder| specs(&root.join(folder))).collect();
    assert!(specs.iter().any(|(name, _)| name.contains("quick-start")), "{specs:?}");
    for (name, spec) in specs {
        assert_eq!(violation(&schema, &spec, &name), None);
    }
    assert_eq!(
        violation(&schema, &from_yaml(crate::support::SPEC), "the spec of these tests"),
        None
    );
}

#[test]
fn it_accepts_every_example_and_every_default() {
    let schema = schema();
    for entry in regret_environments::registry() {
        let example: Value = serde_json::from_str(entry.example).expect("JSON");
        let spec = pair(entry.name, example, "uniform", json!({}));
        assert_eq!(violation(&schema, &spec, entry.name), None);
    }
    for entry in regret_algorithms::registry() {
        let spec = pair("bernoulli", json!({"means": [0.5]}), entry.name, (entry.defaults)());
        assert_eq!(violation(&schema, &spec, entry.name), None);
    }
}

/// A spec of one environment and one learner.
fn pair(environment: &str, parameters: Value, learner: &str, learner_parameters: Value) -> Value {
    json!({
        "horizon": 10,
        "environments": [{environment: parameters}],
        "learners": [{learner: learner_parameters}],
    })
}

#[test]
fn it_refuses_what_the_command_refuses() {
    let schema = schema();
    let valid = "horizon: 10\nenvironments: [bernoulli: {means: [0.5], delay: {fixed: 3}}]\n\
                 learners: [ucb1, exp3: {label: x, on: [bernoulli]}]\n";
    assert_eq!(violation(&schema, &from_yaml(valid), "spec"), None);
    for (part, wrong) in [
        ("horizon: 10", "horizon: 0"),
        ("horizon: 10", "horizon: ten"),
        ("horizon: 10", "horizont: 10"),
        ("horizon: 10", "horizon: 10\nseed: -1"),
        ("horizon: 10", "horizon: 10\nrecord: [pseudo_regert]"),
        ("horizon: 10", "horizon: 10\ncheckpoints: {grid: logg}"),
        ("bernoulli: {", "bernouli: {"),
        ("means", "meens"),
        ("means: [0.5]", "means: 0.5"),
        ("means: [0.5], ", ""),
        ("fixed: 3", "fixed: x"),
        ("fixed: 3", "fixd: 3"),
        ("ucb1", "ubc1"),
        ("ucb1", "ucb1: {alpha: x}"),
        ("ucb1", "ucb1: {beta: 1}"),
        ("label: x", "label: [x]"),
        ("on: [bernoulli]", "on: bernoulli"),
        ("learners: [ucb1, ", "learners: [[ucb1], "),
    ] {
        assert!(valid.contains(part), "{part}");
        let spec = from_yaml(&valid.replacen(part, wrong, 1));
        assert!(violation(&schema, &spec, "spec").is_some(), "{wrong}");
    }
}
