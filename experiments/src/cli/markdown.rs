//! The registries as Markdown: the tables of the documents.

use std::fmt::Write;

use regret_engine::registry::{AlgorithmEntry, EnvironmentEntry};
use serde_json::{Value, json};

use super::catalogue::default;

/// A table of environments and one of learners.
pub(super) fn tables(environments: &[EnvironmentEntry], algorithms: &[AlgorithmEntry]) -> String {
    let environments = environments.iter().map(|entry| {
        let parameters = parameters(&(entry.schema)(), &json!({}));
        [format!("`{}`", entry.name), escaped(entry.summary), parameters, escaped(entry.source)]
    });
    let learners = algorithms.iter().map(|entry| {
        let parameters = parameters(&(entry.schema)(), &(entry.defaults)());
        [format!("`{}`", entry.name), escaped(entry.summary), parameters, escaped(entry.source)]
    });
    let environments = table(["environment", "what happens"], environments);
    format!("{environments}\n{}", table(["learner", "how it decides"], learners))
}

fn table(first: [&str; 2], rows: impl Iterator<Item = [String; 4]>) -> String {
    let mut text = format!("| {} | parameters and defaults | source |\n", first.join(" | "));
    text += "|---|---|---|---|\n";
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

fn parameters(schema: &Value, defaults: &Value) -> String {
    let Some(properties) = schema["properties"].as_object().filter(|map| !map.is_empty()) else {
        return "–".to_owned();
    };
    let described = properties.keys().map(|name| match default(name, schema, defaults).as_str() {
        "required" => format!("**`{name}`**"),
        "none" => format!("`{name}`"),
        value => format!("`{name} = {}`", value.replace('|', "\\|")),
    });
    described.collect::<Vec<_>>().join(", ")
}

/// Plain text in a cell of a Markdown table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '*' | '_' | '<' | '`' | '\\' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_plain_text() {
        assert_eq!(escaped("a_b | <c> *d*"), "a\\_b \\| \\<c> \\*d\\*");
    }

    #[test]
    fn parameters_tell_what_is_required() {
        let schema = json!({
            "properties": {"means": {}, "arms": {"default": 2}, "eta": {}},
            "required": ["means"],
        });
        let text = parameters(&schema, &json!({"eta": null}));
        assert_eq!(text, "`arms = 2`, `eta`, **`means`**");
        assert_eq!(parameters(&json!({}), &json!({})), "–");
    }
}
