//! Short labels for learners and environments: the name, and of the parameters only those in which
//! items of the same name differ.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::store::Item;

/// Longest text of one parameter's value in a label, in characters.
const LONGEST_VALUE: usize = 24;

/// One parameter's values by dotted path, such as `arms.0.mean`.
type Flat = BTreeMap<String, String>;

/// One label for each item, all different: the user's, else the name with the parameters that
/// differ among the items of that name, such as `ucb1 (alpha=2)`; what is still the same gets
/// ` #2`, ` #3`, … in order.
pub fn labels(items: &[Item]) -> Vec<String> {
    // Items without a label of their own, by name.
    let mut alike: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate().filter(|(_, item)| item.label.is_none()) {
        alike.entry(&item.name).or_default().push(index);
    }
    let label = |item: &Item| item.label.clone().unwrap_or_else(|| item.name.clone());
    let mut wanted: Vec<String> = items.iter().map(label).collect();
    for (name, members) in alike {
        let flats: Vec<Flat> =
            members.iter().map(|&index| flatten(&items[index].parameters)).collect();
        let shown = differing(&flats);
        for (&index, flat) in members.iter().zip(&flats) {
            wanted[index] = described(name, flat, &shown);
        }
    }
    numbered(wanted)
}

/// A label for each item; equal items have the same.
pub fn in_words<'i>(items: impl Iterator<Item = &'i Item>) -> Vec<String> {
    let (mut distinct, mut known) = (Vec::new(), HashMap::new());
    let mut which = Vec::new();
    for item in items {
        let key = (&item.name, &item.label, item.parameters.to_string());
        let index = *known.entry(key).or_insert(distinct.len());
        if index == distinct.len() {
            distinct.push(item.clone());
        }
        which.push(index);
    }
    let labels = labels(&distinct);
    which.into_iter().map(|index| labels[index].clone()).collect()
}

/// The name with those of the parameters `shown` that it has.
fn described(name: &str, flat: &Flat, shown: &[String]) -> String {
    let shown = shown
        .iter()
        .filter_map(|path| flat.get(path).map(|value| format!("{path}={}", shortened(value))))
        .collect::<Vec<_>>();
    if shown.is_empty() {
        return name.to_owned();
    }
    format!("{name} ({})", shown.join(", "))
}

/// The paths that not all of these have with the same value.
fn differing(flats: &[Flat]) -> Vec<String> {
    let Some(first) = flats.first() else { return Vec::new() };
    let mut differing = BTreeSet::new();
    for flat in flats {
        let changed = flat.iter().filter(|(path, value)| first.get(*path) != Some(*value));
        let lacking = first.keys().filter(|path| !flat.contains_key(*path));
        differing.extend(changed.map(|(path, _)| path).chain(lacking).cloned());
    }
    differing.into_iter().collect()
}

/// The labels with a number after every repetition, avoiding numbers that the user took.
fn numbered(wanted: Vec<String>) -> Vec<String> {
    let reserved: HashSet<String> = wanted.iter().cloned().collect();
    let mut taken = HashSet::new();
    // Where to go on counting for each label.
    let mut next: HashMap<String, u64> = HashMap::new();
    let mut unique = |label: String| {
        if taken.insert(label.clone()) {
            return label;
        }
        let number = next.entry(label.clone()).or_insert(2);
        loop {
            let candidate = format!("{label} #{number}");
            *number += 1;
            if !reserved.contains(&candidate) && taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    };
    wanted.into_iter().map(&mut unique).collect()
}

/// The leaves of a JSON value by dotted path. A list of plain values is one leaf.
fn flatten(value: &Value) -> Flat {
    let mut flat = Flat::new();
    collect("", value, &mut flat);
    flat
}

/// Adds the leaves below `path`.
fn collect(path: &str, value: &Value, flat: &mut Flat) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                collect(&below(key), field, flat);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, item) in items.iter().enumerate() {
                collect(&below(&index.to_string()), item, flat);
            }
        }
        Value::Null if path.is_empty() => {}
        leaf if path.is_empty() => drop(flat.insert("value".to_owned(), text(leaf))),
        leaf => drop(flat.insert(path.to_owned(), text(leaf))),
    }
}

/// A leaf as text: strings without quotes, whole numbers without a decimal point.
fn text(leaf: &Value) -> String {
    match leaf {
        Value::String(string) => string.clone(),
        Value::Number(number) => number_text(number),
        Value::Array(items) => {
            let inner = items.iter().map(text).collect::<Vec<_>>().join(", ");
            format!("[{inner}]")
        }
        other => other.to_string(),
    }
}

/// A number as short as Rust prints it, so that 2.0 and 2 read alike.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.abs() < 1e15 && value.abs() >= 1e-4 => {
            value.to_string()
        }
        Some(value) if number.is_f64() && value == 0.0 => "0".to_owned(),
        _ => number.to_string(),
    }
}

/// The text, its middle replaced by an ellipsis if it is too long. Two long texts may become the
/// same; their labels are then numbered.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST_VALUE {
        return text.to_owned();
    }
    let tail = LONGEST_VALUE / 3;
    let head: String = text.chars().take(LONGEST_VALUE - tail - 1).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{head}…{end}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(name: &str, parameters: Value) -> Item {
        Item { name: name.into(), label: None, parameters }
    }

    fn labelled(name: &str, label: &str, parameters: Value) -> Item {
        Item { label: Some(label.into()), ..item(name, parameters) }
    }

    #[test]
    fn only_parameters_that_differ_are_shown() {
        let items = [
            item("ucb1", json!({"alpha": 2.0, "arms": 10})),
            item("ucb1", json!({"alpha": 0.5, "arms": 10})),
            item("exp3", json!({"eta": 0.1})),
        ];
        assert_eq!(labels(&items), ["ucb1 (alpha=2)", "ucb1 (alpha=0.5)", "exp3"]);
    }

    #[test]
    fn a_parameter_that_one_lacks_is_shown_where_it_is() {
        let items = [item("ucb1", json!({})), item("ucb1", json!({"alpha": 3}))];
        assert_eq!(labels(&items), ["ucb1", "ucb1 (alpha=3)"]);
    }

    #[test]
    fn nested_parameters_are_dotted_paths() {
        let items = [
            item("ts", json!({"prior": {"a": 1, "b": 1}, "arms": [{"mean": 0.5}]})),
            item("ts", json!({"prior": {"a": 2, "b": 1}, "arms": [{"mean": 0.7}]})),
        ];
        let expected = ["ts (arms.0.mean=0.5, prior.a=1)", "ts (arms.0.mean=0.7, prior.a=2)"];
        assert_eq!(labels(&items), expected);
    }

    #[test]
    fn the_users_label_wins_and_does_not_lengthen_others() {
        let items = [
            labelled("ucb1", "tuned", json!({"alpha": 0.1})),
            item("ucb1", json!({"alpha": 2})),
            labelled("exp3", "tuned", json!({})),
        ];
        assert_eq!(labels(&items), ["tuned", "ucb1", "tuned #2"]);
    }

    #[test]
    fn repetitions_are_numbered_around_labels_that_exist() {
        let items = [
            item("ucb1", json!({"alpha": 2})),
            item("ucb1", json!({"alpha": 2.0})),
            labelled("x", "ucb1 #2", Value::Null),
            item("ucb1", json!({"alpha": 2})),
        ];
        assert_eq!(labels(&items), ["ucb1", "ucb1 #3", "ucb1 #2", "ucb1 #4"]);
    }

    #[test]
    fn long_values_are_shortened_and_still_unique() {
        let means = |last: f64| {
            let mut means = vec![0.123; 20];
            means[10] = last;
            json!({"means": means})
        };
        let found = labels(&[item("bernoulli", means(0.5)), item("bernoulli", means(0.6))]);
        assert_eq!(found[0], "bernoulli (means=[0.123, 0.123, …, 0.123])");
        assert_eq!(found[1], format!("{} #2", found[0]));
    }

    #[test]
    fn values_read_naturally() {
        for (value, expected) in [
            (json!("epsilon"), "epsilon"),
            (json!(true), "true"),
            (json!(0.0), "0"),
            (json!(1e-9), "1e-9"),
            (json!(10_000_000_000_u64), "10000000000"),
            (json!([0.5, 0.25]), "[0.5, 0.25]"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn bare_values_and_no_items_are_fine() {
        assert!(labels(&[]).is_empty());
        assert_eq!(labels(&[item("a", json!(1)), item("a", json!(2))])[1], "a (value=2)");
    }
}
