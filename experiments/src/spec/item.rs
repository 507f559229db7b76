//! The items below `environments:` and `learners:`: a name, or `name: {parameters}`.

use regret_engine::registry::ParameterError;
use serde_json::Value;

use super::source::{Problem, Span};
use super::tree::{Entry, Kind, Node};

/// A list of items at the top of a spec.
pub struct List {
    key: &'static str,
    /// What one of them is called.
    singular: &'static str,
    /// Keys beside an item's parameters that are not the item's own.
    reserved: &'static [&'static str],
    names: fn() -> Vec<&'static str>,
    schema: fn(&str) -> Option<Value>,
}

/// `environments:`.
pub const ENVIRONMENTS: List = List {
    key: "environments",
    singular: "environment",
    reserved: &["label", "delay"],
    names: || regret_environments::registry().iter().map(|entry| entry.name).collect(),
    schema: |name| regret_environments::find(name).map(|entry| (entry.schema)()),
};

/// `learners:`.
pub const LEARNERS: List = List {
    key: "learners",
    singular: "learner",
    reserved: &["label", "on"],
    names: || regret_algorithms::registry().iter().map(|entry| entry.name).collect(),
    schema: |name| regret_algorithms::find(name).map(|entry| (entry.schema)()),
};

/// An environment or a learner of a spec.
pub struct Item<'t> {
    /// The name in the registry, which has it.
    pub name: &'t str,
    /// The user's label.
    pub label: Option<String>,
    /// Where the item stands.
    pub span: &'t Span,
    entries: &'t [Entry],
    node: &'t Node,
    reserved: &'static [&'static str],
    on: Vec<&'t str>,
}

impl List {
    /// The items of a spec, and what is wrong with them. Items that are wrong are left out.
    pub fn read<'t>(&self, tree: &'t Node) -> (Vec<Item<'t>>, Vec<Problem>) {
        let Some(list) = tree.get(self.key) else {
            let message = format!("the key `{}` is missing", self.key);
            return (Vec::new(), vec![Problem::new(&tree.span, message)]);
        };
        let nodes = match &list.kind {
            Kind::List(nodes) if !nodes.is_empty() => nodes,
            _ => {
                let message =
                    format!("`{}` must be a list of at least one {}", self.key, self.singular);
                return (Vec::new(), vec![Problem::new(&list.span, message)]);
            }
        };
        let mut problems = Vec::new();
        let mut items = Vec::new();
        for node in nodes {
            match self.item(node, tree) {
                Ok(item) => items.push(item),
                Err(found) => problems.extend(found),
            }
        }
        (items, problems)
    }

    fn item<'t>(&self, node: &'t Node, tree: &'t Node) -> Result<Item<'t>, Vec<Problem>> {
        let (name, span, parameters) = self.parts(node).map_err(|problem| vec![problem])?;
        let names = (self.names)();
        if !names.contains(&name) {
            let problem = Problem::new(span, format!("there is no {} `{name}`", self.singular));
            return Err(vec![problem.nearest(name, names)]);
        }
        let entries = parameters.entries();
        let mut problems = self.unknown_keys(name, entries);
        let label = label(parameters).map_err(|problem| problems.push(problem)).unwrap_or_default();
        let on =
            self.on(parameters, tree).map_err(|found| problems.extend(found)).unwrap_or_default();
        let item =
            Item { name, label, span, entries, node: parameters, reserved: self.reserved, on };
        if problems.is_empty() { Ok(item) } else { Err(problems) }
    }

    /// Name, its place and the node of the parameters.
    fn parts<'t>(&self, node: &'t Node) -> Result<(&'t str, &'t Span, &'t Node), Problem> {
        match &node.kind {
            Kind::Scalar(Value::String(name)) => Ok((name, &node.span, node)),
            Kind::Map(entries) => match entries.as_slice() {
                [Entry { key, span, value }] => match &value.kind {
                    Kind::Map(_) | Kind::Scalar(Value::Null) => Ok((key, span, value)),
                    _ => Err(Problem::new(
                        &value.span,
                        format!("the parameters of `{key}` must be a mapping"),
                    )
                    .help(format!("{key}: {{name: value, …}}"))),
                },
                _ => Err(Problem::new(&node.span, "an item has one name")
                    .help("indent parameters below the name, or write name: {parameter: value}")),
            },
            _ => {
                let message = format!("a {} is a name, or name: {{parameters}}", self.singular);
                Err(Problem::new(&node.span, message))
            }
        }
    }

    fn unknown_keys(&self, name: &str, entries: &[Entry]) -> Vec<Problem> {
        let schema = (self.schema)(name).unwrap_or_default();
        let parameters = match &schema["properties"] {
            Value::Object(properties) => properties.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let known: Vec<&str> = parameters.iter().chain(self.reserved).copied().collect();
        let unknown = entries.iter().filter(|entry| !known.contains(&&*entry.key));
        unknown
            .map(|entry| {
                let message = format!("`{name}` has no parameter `{}`", entry.key);
                Problem::new(&entry.span, message).nearest(&entry.key, known.iter().copied())
            })
            .collect()
    }

    /// The environments that a learner is confined to, by label or name; empty: all.
    fn on<'t>(&self, parameters: &'t Node, tree: &'t Node) -> Result<Vec<&'t str>, Vec<Problem>> {
        let Some(node) = parameters.get("on").filter(|_| self.reserved.contains(&"on")) else {
            return Ok(Vec::new());
        };
        let Kind::List(items) = &node.kind else {
            let message = "`on` must be a list of environments, by label or name";
            return Err(vec![Problem::new(&node.span, message)]);
        };
        let known = environment_names(tree);
        let unknown = |item: &Node| {
            let name = item.as_str().unwrap_or_default();
            let problem =
                Problem::new(&item.span, format!("this spec has no environment `{name}`"));
            problem.nearest(name, known.iter().copied())
        };
        let wrong =
            items.iter().filter(|item| item.as_str().is_none_or(|name| !known.contains(&name)));
        let problems: Vec<Problem> = wrong.map(unknown).collect();
        if !problems.is_empty() || items.is_empty() {
            let empty = || Problem::new(&node.span, "`on` names no environment");
            return Err(if problems.is_empty() { vec![empty()] } else { problems });
        }
        Ok(items.iter().filter_map(Node::as_str).collect())
    }
}

/// The labels and names of the environments of a spec.
fn environment_names(tree: &Node) -> Vec<&str> {
    let Some(Node { kind: Kind::List(items), .. }) = tree.get("environments") else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for item in items {
        names.extend(item.as_str());
        for entry in item.entries() {
            names.push(&*entry.key);
            names.extend(entry.value.get("label").and_then(Node::as_str));
        }
    }
    names
}

/// The longest label, in characters: what a legend has room for.
pub(crate) const LONGEST_LABEL: usize = 200;

fn label(parameters: &Node) -> Result<Option<String>, Problem> {
    parameters.get("label").map(|node| words(node, "a label", LONGEST_LABEL)).transpose()
}

/// What a user says of something for figures, tables and terminals, in so many characters at most;
/// `what` is `a label` or the like.
pub(crate) fn words(node: &Node, what: &str, most: usize) -> Result<String, Problem> {
    let text = match &node.kind {
        Kind::Scalar(Value::String(text)) if !text.trim().is_empty() => text.clone(),
        Kind::Scalar(Value::Number(number)) => number.to_string(),
        _ => {
            let message = format!("{what} is text, not {}", node.describe());
            return Err(Problem::new(&node.span, message));
        }
    };
    if text.chars().any(char::is_control) {
        let message = format!("{what} is one line, without control characters");
        return Err(Problem::new(&node.span, message));
    }
    if text.chars().count() > most {
        let message = format!("{what} has at most {most} characters");
        return Err(Problem::new(&node.span, message));
    }
    Ok(text)
}

impl<'t> Item<'t> {
    /// The item's own parameters.
    pub fn parameters(&self) -> Value {
        let own = self.entries.iter().filter(|entry| !self.reserved.contains(&&*entry.key));
        Value::Object(own.map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
    }

    /// The value of a reserved key.
    pub fn reserved(&self, key: &str) -> Option<&'t Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Whether this learner plays on that environment.
    pub fn plays_on(&self, environment: &Item<'_>) -> bool {
        let label = environment.label.as_deref();
        self.on.is_empty()
            || self.on.iter().any(|&name| name == environment.name || Some(name) == label)
    }

    /// The place of a parameter; the item's if the path is empty.
    pub fn place(&self, path: &str) -> &'t Span {
        let first = path.split(['.', '[']).next().unwrap_or_default();
        if self.node.get(first).is_some() { self.node.place(path) } else { self.span }
    }

    /// An error in the parameters, at its place.
    pub fn problem(&self, error: &ParameterError) -> Problem {
        let message = if error.path.is_empty() || error.message.starts_with(&error.path) {
            format!("`{}`: {error}", self.name)
        } else {
            format!("`{}`: {}: {error}", self.name, error.path)
        };
        Problem::new(self.place(&error.path), message)
    }
}
