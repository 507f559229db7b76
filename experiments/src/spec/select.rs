//! Choosing cells by what their learner and environment are called, with the parameters that a sweep
//! gave them.
//!
//! A choice is a label or name, or `{learner: …, with: {parameter: value}, on: …, horizon: …,
//! seed: …}`. A name means the items with that label; if there are none, those of that name without
//! label; if there are none, all of that name.

use std::collections::HashMap;

use regret_results::labels::labels;
use regret_results::store::{CellMeta, Item};
use serde_json::{Value, json};

use super::source::{Problem, Span};
use super::tree::{Entry, Kind, Node};
use crate::cell::Cell;

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

/// The cells of a spec, as they can be chosen and named.
pub struct World<'c> {
    cells: &'c [Cell],
    metas: Vec<CellMeta>,
    /// Each cell's learner in words.
    learners: Vec<String>,
    /// Each cell's environment in words.
    environments: Vec<String>,
    /// The same with horizon and seed where they vary.
    places: Vec<String>,
    complete: bool,
}

impl<'c> World<'c> {
    /// The world of these cells. `complete` says whether they are all that the spec means: if not,
    /// nothing can be said of names that are not found.
    pub fn new(cells: &'c [Cell], complete: bool) -> Self {
        let metas: Vec<CellMeta> = cells.iter().map(Cell::meta).collect();
        let learners = in_words(metas.iter().map(|meta| &meta.learner));
        let environments = in_words(metas.iter().map(|meta| &meta.environment));
        let mut places = environments.clone();
        let horizons = metas.iter().any(|meta| meta.horizon != metas[0].horizon);
        let seeds = metas.iter().any(|meta| meta.seed != metas[0].seed);
        for (place, meta) in places.iter_mut().zip(&metas) {
            if horizons {
                *place += &format!(", T = {}", meta.horizon);
            }
            if seeds {
                *place += &format!(", seed {}", meta.seed);
            }
        }
        Self { cells, metas, learners, environments, places, complete }
    }

    /// Whether the cells are all that the spec means.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// A cell.
    pub fn cell(&self, index: usize) -> &'c Cell {
        &self.cells[index]
    }

    /// How the results describe a cell.
    pub fn meta(&self, index: usize) -> &CellMeta {
        &self.metas[index]
    }

    /// A cell's learner in words.
    pub fn learner(&self, index: usize) -> &str {
        &self.learners[index]
    }

    /// A cell's environment in words.
    pub fn environment(&self, index: usize) -> &str {
        &self.environments[index]
    }

    /// A cell's environment in words, with horizon and seed where they vary.
    pub fn place(&self, index: usize) -> &str {
        &self.places[index]
    }

    /// The labels and names of all learners and environments.
    pub fn item_names(&self) -> Vec<&str> {
        names(self.metas.iter().flat_map(|meta| [&meta.learner, &meta.environment]))
    }

    /// The cells that a choice means, in order.
    ///
    /// # Errors
    /// A name or a parameter that no cell has, or that there is no such cell.
    pub fn select(&self, choice: &Choice) -> Result<Vec<usize>, Problem> {
        let learners = || self.metas.iter().map(|meta| &meta.learner);
        let environments = || self.metas.iter().map(|meta| &meta.environment);
        let learner = choice.learner.as_ref().map(|pick| (pick, pick.named_among(learners())));
        if let Some((pick, named)) = learner {
            found("learner", pick, named, learners())?;
        }
        let mut on = Vec::new();
        for pick in &choice.on {
            let named = pick.named_among(environments());
            found("environment", pick, named, environments())?;
            on.push((pick, named));
        }
        let chosen = |meta: &CellMeta| {
            learner.is_none_or(|(pick, named)| pick.means(&meta.learner, named))
                && (on.is_empty()
                    || on.iter().any(|(pick, named)| pick.means(&meta.environment, *named)))
                && choice.horizon.is_none_or(|horizon| horizon == meta.horizon)
                && choice.seed.is_none_or(|seed| seed == meta.seed)
        };
        let cells: Vec<usize> =
            (0..self.metas.len()).filter(|&index| chosen(&self.metas[index])).collect();
        if cells.is_empty() {
            let message = "there is no cell of this learner, environment, horizon and seed";
            return Err(Problem::new(&choice.span, message));
        }
        Ok(cells)
    }

    /// Whether two cells belong into one panel: they differ in their learners alone.
    pub fn same_panel(&self, a: usize, b: usize) -> bool {
        self.alike(a, b, [true; 3])
    }

    /// Whether a cell of `choice` is to be compared with cell `a`: it is of the same environment,
    /// horizon and seed, as far as the choice does not say itself which it means.
    pub fn meets(&self, a: usize, b: usize, choice: &Choice) -> bool {
        self.alike(a, b, [choice.on.is_empty(), choice.horizon.is_none(), choice.seed.is_none()])
    }

    /// Whether two cells are of the same protocol, and of the same environment, horizon and seed
    /// where these matter.
    fn alike(&self, a: usize, b: usize, [environment, horizon, seed]: [bool; 3]) -> bool {
        let (a, b) = (&self.metas[a], &self.metas[b]);
        a.protocol == b.protocol
            && (!environment || a.environment == b.environment)
            && (!horizon || a.horizon == b.horizon)
            && (!seed || a.seed == b.seed)
    }
}

/// Labels of items, one for each, equal items alike.
fn in_words<'i>(items: impl Iterator<Item = &'i Item> + Clone) -> Vec<String> {
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

/// The labels and names of items, each once.
fn names<'i>(items: impl Iterator<Item = &'i Item>) -> Vec<&'i str> {
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        for name in item.label.as_deref().into_iter().chain([&*item.name]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Says why a pick means none of the items.
fn found<'i>(
    what: &str,
    pick: &Pick,
    named: Named,
    items: impl Iterator<Item = &'i Item> + Clone,
) -> Result<(), Problem> {
    if named == Named::Nothing {
        let message = format!("this spec has no {what} `{}`", pick.name);
        return Err(Problem::new(&pick.span, message).nearest(&pick.name, names(items)));
    }
    let bare = Pick { with: Vec::new(), ..pick.clone() };
    let candidates = items.filter(|item| bare.means(item, named));
    for (key, wanted, span) in &pick.with {
        if candidates.clone().any(|item| has(&item.parameters, key, wanted)) {
            continue;
        }
        let mut values: Vec<String> = candidates
            .clone()
            .filter_map(|item| at(&item.parameters, key))
            .map(Value::to_string)
            .collect();
        values.dedup();
        values.truncate(10);
        let message = format!("no `{}` has {key} = {wanted}", pick.name);
        let problem = Problem::new(span, message);
        return Err(if values.is_empty() {
            problem.help(format!("it has no parameter `{key}`"))
        } else {
            problem.help(format!("there are {}", values.join(", ")))
        });
    }
    Ok(())
}
