//! `claims:`: what an experiment should show, read from the spec and judged from the run folder.
//!
//! A claim is `kind: {…}`; each kind is one file and one line of [`KINDS`]. It names cells by
//! learner and environment ([`crate::spec::select`]); where a sweep makes several of them, the
//! claim is made, and judged, for each. The statistics are those of [`regret_results::claims`].

mod bound;
mod contrast;
mod data;
mod fields;
mod judge;
mod keys;
mod mean;
mod monotone;
mod order;
mod rate;
mod sweep;

pub use data::{Data, Trouble};
pub use judge::judge;

use regret_results::claims::Judgement;
use serde_json::{Map, Value, json};

use crate::spec::item::{LONGEST_LABEL, words};
use crate::spec::select::{World, known_keys};
use crate::spec::source::{Problem, Span};
use crate::spec::tree::{Entry, Kind as Shape, Node};
use fields::Fields;

/// A claim about certain cells.
pub struct Claim {
    /// The claim in words.
    pub statement: String,
    /// What somebody states that the claim puts to the test, such as a theorem.
    pub states: Option<String>,
    /// Where it is stated.
    pub source: Option<String>,
    /// The cells that it speaks of, by index.
    pub cells: Vec<usize>,
    /// What judges it.
    pub test: Box<dyn Test>,
}

impl Claim {
    /// A claim that nobody states.
    fn new(statement: String, cells: Vec<usize>, test: impl Test + 'static) -> Self {
        Self { statement, states: None, source: None, cells, test: Box::new(test) }
    }
}

/// Judges a claim from the data.
pub trait Test: Send + Sync {
    /// What came of it.
    ///
    /// # Errors
    /// Why the data say nothing, or cannot be read.
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble>;
}

/// A kind of claim.
pub struct Kind {
    /// Its name in specs.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub summary: &'static str,
    /// The keys that it has besides those of every claim.
    pub keys: &'static [Key],
    /// Makes the claims of one item of the list: one for each set of cells that it speaks of.
    read: fn(&Fields<'_, '_>) -> Result<Vec<Claim>, Problem>,
}

/// A key of a claim.
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its JSON Schema, with a description.
    pub schema: fn() -> Value,
    /// Whether it must be there.
    pub required: bool,
}

/// Every kind of claim.
pub const KINDS: [Kind; 11] = [
    rate::EXPONENT,
    rate::LOG_SLOPE,
    rate::BEND,
    mean::VALUE,
    contrast::DIFFERENCE,
    contrast::RATIO,
    order::BELOW,
    order::ORDERING,
    monotone::MONOTONE,
    bound::UNDER,
    bound::ABOVE,
];

/// Keys of every claim.
const COMMON: [Key; 6] = [
    Key {
        name: "states",
        schema: || json!({"type": "string", "description": "what is stated, in words, that the claim puts to the test"}),
        required: false,
    },
    Key {
        name: "source",
        schema: || json!({"type": "string", "description": "where it is stated: a theorem, figure or table"}),
        required: false,
    },
    Key {
        name: "name",
        schema: || json!({"type": "string", "description": "what the claim is called in tables"}),
        required: false,
    },
    Key {
        name: "on",
        schema: || {
            json!({
                "anyOf": [environment(), {"type": "array", "minItems": 1, "items": environment()}],
                "description": "the environments, by label or name; by default all",
            })
        },
        required: false,
    },
    Key {
        name: "horizon",
        schema: || json!({"type": "integer", "description": "only cells of this horizon"}),
        required: false,
    },
    Key {
        name: "seed",
        schema: || json!({"type": "integer", "description": "only cells of this seed"}),
        required: false,
    },
];

/// Most claims that one item of the list may make.
const MOST: usize = 10_000;

/// The claims of a spec's tree. With an incomplete world only their form is checked.
pub fn read(tree: &Node, world: &World<'_>, problems: &mut Vec<Problem>) -> Vec<Claim> {
    let Some(node) = tree.get("claims") else { return Vec::new() };
    let Shape::List(items) = &node.kind else {
        let message = format!("`claims` must be a list, not {}", node.describe());
        problems.push(Problem::new(&node.span, message));
        return Vec::new();
    };
    let mut claims = Vec::new();
    for item in items {
        match one(item, tree, world) {
            Ok(found) => claims.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    claims
}

fn one(item: &Node, tree: &Node, world: &World<'_>) -> Result<Vec<Claim>, Problem> {
    let names = || KINDS.iter().map(|kind| kind.name);
    let [Entry { key, span, value }] = item.entries() else {
        let problem = Problem::new(&item.span, "a claim is `kind: {…}`, with one kind");
        return Err(problem.nearest("", names()));
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == key) else {
        let problem = Problem::new(span, format!("there is no claim `{key}`"));
        return Err(problem.nearest(key, names()));
    };
    let Shape::Map(entries) = &value.kind else {
        let message = format!("`{key}` must be a mapping, not {}", value.describe());
        return Err(Problem::new(&value.span, message));
    };
    let keys: Vec<&str> = kind.keys.iter().chain(&COMMON).map(|key| key.name).collect();
    known_keys(entries, &keys)?;
    if let Some(key) = kind.keys.iter().find(|key| key.required && value.get(key.name).is_none()) {
        let message = format!("`{}` needs the key `{}`", kind.name, key.name);
        return Err(Problem::new(span, message));
    }
    let text = |key: &str, what: &str, most: usize| {
        value.get(key).map(|node| words(node, what, most)).transpose()
    };
    let said = Said {
        name: text("name", "a claim's name", LONGEST_LABEL)?,
        states: text("states", "what is stated", LONGEST_STATEMENT)?,
        source: text("source", "a source", LONGEST_STATEMENT)?,
    };
    let fields = Fields::new(value, span, tree, world)?;
    if !world.is_complete() {
        return Ok(Vec::new());
    }
    let claims = (kind.read)(&fields)?;
    several(claims, &said, span)
}

/// The longest text of what is stated, and where, in characters.
const LONGEST_STATEMENT: usize = 1000;

/// What an item of the list says of all of its claims.
struct Said {
    name: Option<String>,
    states: Option<String>,
    source: Option<String>,
}

/// The claims of an item with what it says of all of them, if there are not too many.
fn several(claims: Vec<Claim>, said: &Said, span: &Span) -> Result<Vec<Claim>, Problem> {
    if claims.len() > MOST {
        let message = format!("this makes {} claims; at most {MOST} are judged", claims.len());
        return Err(Problem::new(span, message).help("say `on`, `horizon` or `with` more narrowly"));
    }
    let named = |claim: Claim| {
        let Said { name, states, source } = said;
        let statement = match name {
            Some(name) => format!("{name}: {}", claim.statement),
            None => claim.statement,
        };
        Claim { statement, states: states.clone(), source: source.clone(), ..claim }
    };
    Ok(claims.into_iter().map(named).collect())
}

/// The JSON Schema of `claims:`.
pub fn schema() -> Value {
    let kinds = KINDS.iter().map(|kind| {
        let keys = || kind.keys.iter().chain(&COMMON);
        let properties: Map<String, Value> =
            keys().map(|key| (key.name.to_owned(), (key.schema)())).collect();
        let required: Vec<&str> = keys().filter(|key| key.required).map(|key| key.name).collect();
        json!({
            "type": "object", "additionalProperties": false, "required": [kind.name],
            "description": kind.summary,
            "properties": {kind.name: {
                "type": "object", "additionalProperties": false,
                "properties": properties, "required": required,
            }},
        })
    });
    json!({
        "type": "array",
        "description": "what the experiment should show; each claim passes, fails or stays undecided",
        "items": {"anyOf": kinds.collect::<Vec<_>>()},
    })
}

/// The schema of a choice of a learner.
pub(crate) fn learner() -> Value {
    json!({
        "anyOf": [
            {"type": "string"},
            {
                "type": "object", "additionalProperties": false, "required": ["learner"],
                "properties": {
                    "learner": {"type": "string"},
                    "with": {"type": "object"},
                    "on": environment(),
                    "horizon": {"type": "integer"},
                    "seed": {"type": "integer"},
                },
            },
        ],
        "description": "a learner, by label or name, or with parameters and place of its own",
    })
}

fn environment() -> Value {
    json!({"anyOf": [
        {"type": "string"},
        {
            "type": "object", "additionalProperties": false, "required": ["environment"],
            "properties": {"environment": {"type": "string"}, "with": {"type": "object"}},
        },
    ]})
}

#[cfg(test)]
mod tests;
