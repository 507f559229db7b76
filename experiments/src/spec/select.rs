//! Choosing cells by what their learner and environment are called, with the parameters that a sweep
//! gave them.
//!
//! A choice is a label or name, or `{learner: …, with: {parameter: value}, on: …, horizon: …,
//! seed: …}`. A name means the items with that label; if there are none, those of that name without
//! label; if there are none, all of that name.

mod world;

pub use world::World;

use regret_results::store::Item;
use serde_json::{Value, json};

use super::source::{Problem, Span};
use super::tree::{Entry, Kind, Node};

/// What a choice of cells says.
#[derive(Clone, Debug)]
pub struct Choice {
    learner: Option<Pick>,
    /// Any of these; empty for all.
    on: Vec<Pick>,
    horizon: Option<u64>,
    seed: Option<u64>,
    span: Span,
}

/// An item by label or name, and what its parameters must be.
#[derive(Clone, Debug)]
struct Pick {
    name: String,
    with: Vec<(String, Value, Span)>,
    span: Span,
}

impl Choice {
    /// Keys of a choice written out.
    pub const KEYS: [&'static str; 5] = ["learner", "with", "on", "horizon", "seed"];

    /// Every cell.
    pub fn all(span: &Span) -> Self {
        Self { learner: None, on: Vec::new(), horizon: None, seed: None, span: span.clone() }
    }

    /// Reads a choice of a learner.
    ///
    /// # Errors
    /// What is wrong with it in itself.
    pub fn read(node: &Node) -> Result<Self, Problem> {
        let mut choice = Self::all(&node.span);
        if let Some(name) = node.as_str() {
            choice.learner = Some(Pick::named(name, &node.span));
            return Ok(choice);
        }
        let Kind::Map(entries) = &node.kind else {
            let message =
                format!("a learner is chosen by label or name, not by {}", node.describe());
            return Err(Problem::new(&node.span, message)
                .help("its label or name, or {learner: name, with: {parameter: value}, on: …}"));
        };
        known_keys(entries, &Self::KEYS)?;
        let Some(learner) = node.get("learner") else {
            return Err(Problem::new(&node.span, "the key `learner` is missing"));
        };
        let name = learner.as_str().ok_or_else(|| {
            Problem::new(&learner.span, "a learner is chosen by its label or name")
        })?;
        choice.learner = Some(Pick { with: with(node)?, ..Pick::named(name, &learner.span) });
        choice.place(node)?;
        Ok(choice)
    }

    /// Reads the keys `on`, `horizon` and `seed` of a mapping into this choice.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn place(&mut self, node: &Node) -> Result<(), Problem> {
        if let Some(on) = node.get("on") {
            self.on = match &on.kind {
                Kind::List(items) if items.is_empty() => {
                    return Err(Problem::new(&on.span, "`on` names no environment"));
                }
                Kind::List(items) => items.iter().map(environment).collect::<Result<_, _>>()?,
                _ => vec![environment(on)?],
            };
        }
        self.horizon = whole(node, "horizon")?.or(self.horizon);
        self.seed = whole(node, "seed")?.or(self.seed);
        Ok(())
    }

    /// This choice where it says something, else `outer`'s place.
    #[must_use]
    pub fn within(&self, outer: &Self) -> Self {
        let on = if self.on.is_empty() { &outer.on } else { &self.on };
        Self {
            on: on.clone(),
            horizon: self.horizon.or(outer.horizon),
            seed: self.seed.or(outer.seed),
            ..self.clone()
        }
    }

    /// Where it stands.
    pub fn span(&self) -> &Span {
        &self.span
    }
}

impl Pick {
    fn named(name: &str, span: &Span) -> Self {
        Self { name: name.to_owned(), with: Vec::new(), span: span.clone() }
    }

    /// Which of these items it means by its name.
    fn named_among<'i>(&self, items: impl Iterator<Item = &'i Item> + Clone) -> Named {
        let labelled = |item: &Item| item.label.as_ref() == Some(&self.name);
        if items.clone().any(labelled) {
            return Named::Label;
        }
        let plain = |item: &Item| item.label.is_none() && item.name == self.name;
        match (items.clone().any(plain), items.clone().any(|item| item.name == self.name)) {
            (true, _) => Named::Plain,
            (false, true) => Named::Name,
            (false, false) => Named::Nothing,
        }
    }

    /// Whether it means that item.
    fn means(&self, item: &Item, named: Named) -> bool {
        let by_name = match named {
            Named::Label => item.label.as_ref() == Some(&self.name),
            Named::Plain => item.label.is_none() && item.name == self.name,
            Named::Name => item.name == self.name,
            Named::Nothing => false,
        };
        by_name && self.with.iter().all(|(key, value, _)| has(&item.parameters, key, value))
    }
}

/// How a name is understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Label,
    Plain,
    Name,
    Nothing,
}

/// An environment: a label or name, or `{environment: name, with: {parameter: value}}`.
fn environment(node: &Node) -> Result<Pick, Problem> {
    if let Some(name) = node.as_str() {
        return Ok(Pick::named(name, &node.span));
    }
    let help = "its label or name, or {environment: name, with: {parameter: value}}";
    let name = node.get("environment");
    let Some((name, span)) = name.and_then(|name| Some((name.as_str()?, &name.span))) else {
        let message = "an environment is chosen by its label or name";
        return Err(Problem::new(&node.span, message).help(help));
    };
    known_keys(node.entries(), &["environment", "with"])?;
    Ok(Pick { with: with(node)?, ..Pick::named(name, span) })
}

fn with(node: &Node) -> Result<Vec<(String, Value, Span)>, Problem> {
    let Some(with) = node.get("with") else { return Ok(Vec::new()) };
    let Kind::Map(entries) = &with.kind else {
        let message = format!("`with` must be a mapping of parameters, not {}", with.describe());
        return Err(Problem::new(&with.span, message));
    };
    let parameter =
        |entry: &Entry| (entry.key.clone(), entry.value.to_json(), entry.value.span.clone());
    Ok(entries.iter().map(parameter).collect())
}

/// Refuses keys that are not among `known`.
///
/// # Errors
/// The first unknown key, with the nearest known one.
pub fn known_keys(entries: &[Entry], known: &[&str]) -> Result<(), Problem> {
    match entries.iter().find(|entry| !known.contains(&&*entry.key)) {
        None => Ok(()),
        Some(entry) => {
            let problem = Problem::new(&entry.span, format!("unknown key `{}`", entry.key));
            Err(problem.nearest(&entry.key, known.iter().copied()))
        }
    }
}

fn whole(node: &Node, key: &str) -> Result<Option<u64>, Problem> {
    let Some(value) = node.get(key) else { return Ok(None) };
    match &value.kind {
        Kind::Scalar(Value::Number(number)) if number.is_u64() => Ok(number.as_u64()),
        _ => Err(Problem::new(&value.span, format!("`{key}` must be a whole number"))),
    }
}

/// Whether the parameter at a dotted path is `wanted`; a mapping, in the keys that `wanted` has. A
/// delay that is not there is `none`.
fn has(parameters: &Value, path: &str, wanted: &Value) -> bool {
    match at(parameters, path) {
        Some(value) => alike(value, wanted),
        None => path == "delay" && alike(wanted, &json!("none")),
    }
}

/// The value at a dotted path.
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn alike(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Object(fields), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| fields.get(key).is_some_and(|value| alike(value, wanted))),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        _ => value == wanted,
    }
}
