//! Cells along a swept parameter: those that differ in it alone, with its values.

use regret_results::store::CellMeta;
use serde_json::{Value, json};

use super::fields::Fields;
use crate::spec::select::at;
use crate::spec::source::{Problem, Span};
use crate::spec::tree::{Kind as Shape, Node};

/// Where a swept value stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Horizon,
    Seed,
    /// A parameter of the learner, by dotted path.
    Learner(String),
    /// A parameter of the environment, by dotted path.
    Environment(String),
}

/// A set of cells that differ in a swept parameter alone.
pub(super) struct Row {
    /// Values and cells, by value.
    pub(super) points: Vec<(f64, usize)>,
}

/// A row's learner and environment in words, by those of its first cell.
pub(super) fn row_words<'w>(fields: &'w Fields<'_, '_>, first: usize) -> (&'w str, &'w str) {
    (fields.world.learner(first), fields.world.environment(first))
}

/// The cells in sets, each along the parameter that the key `key` names by a path as in `sweep:`.
pub(super) fn rows(
    fields: &Fields<'_, '_>,
    key: &str,
    cells: &[usize],
) -> Result<Vec<Row>, Problem> {
    let node = fields.need(key)?;
    let path = node.as_str().unwrap_or_default();
    let place = place(path, &node.span)?;
    let beside = zipped(fields.tree, path, &node.span);
    let mut rows: Vec<(String, Row)> = Vec::new();
    for &cell in cells {
        let meta = fields.world.meta(cell);
        let Some(value) = value(meta, &place) else {
            let message = format!("`{path}` is no number on {}", fields.world.place(cell));
            return Err(Problem::new(&node.span, message).help(HELP));
        };
        let rest = rest(meta, [&place].into_iter().chain(&beside));
        match rows.iter_mut().find(|(known, _)| *known == rest) {
            Some((_, row)) => row.points.push((value, cell)),
            None => rows.push((rest, Row { points: vec![(value, cell)] })),
        }
    }
    for (_, row) in &mut rows {
        row.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if row.points.windows(2).any(|pair| pair[0].0 == pair[1].0) || row.points.len() < 2 {
            let message = format!("the chosen cells do not differ in `{path}` alone");
            return Err(Problem::new(&node.span, message).help(HELP));
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

const HELP: &str = "a path that `sweep:` goes along, such as horizon or learners.ucb1.alpha";

fn place(path: &str, span: &Span) -> Result<Place, Problem> {
    let path = path.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = path.splitn(3, '.').collect();
    match steps[..] {
        ["horizon"] => Ok(Place::Horizon),
        ["seed"] => Ok(Place::Seed),
        ["learners", _, rest] => Ok(Place::Learner(rest.to_owned())),
        ["environments", _, rest] => Ok(Place::Environment(rest.to_owned())),
        _ => Err(Problem::new(span, format!("`{path}` is no parameter")).help(HELP)),
    }
}

/// The places that a sweep moves together with this path.
fn zipped(tree: &Node, path: &str, span: &Span) -> Vec<Place> {
    let groups = match tree.get("sweep").and_then(|sweep| sweep.get("zip")) {
        Some(Node { kind: Shape::List(groups), .. }) => groups.iter().collect(),
        Some(group) => vec![group],
        None => Vec::new(),
    };
    let with = groups.into_iter().find(|group| group.get(path).is_some());
    let paths = with.map(Node::entries).unwrap_or_default().iter().map(|entry| &*entry.key);
    paths.filter(|other| *other != path).filter_map(|other| place(other, span).ok()).collect()
}

fn value(meta: &CellMeta, place: &Place) -> Option<f64> {
    match place {
        Place::Horizon => Some(meta.horizon as f64),
        Place::Seed => Some(meta.seed as f64),
        Place::Learner(path) => at(&meta.learner.parameters, path)?.as_f64(),
        Place::Environment(path) => at(&meta.environment.parameters, path)?.as_f64(),
    }
}

/// What describes a cell besides its values at these places.
fn rest<'p>(meta: &CellMeta, places: impl Iterator<Item = &'p Place>) -> String {
    let (mut learner, mut environment) =
        (meta.learner.parameters.clone(), meta.environment.parameters.clone());
    let (mut horizon, mut seed) = (Some(meta.horizon), Some(meta.seed));
    for place in places {
        match place {
            Place::Horizon => horizon = None,
            Place::Seed => seed = None,
            Place::Learner(path) => remove(&mut learner, path),
            Place::Environment(path) => remove(&mut environment, path),
        }
    }
    json!([
        meta.protocol,
        meta.learner.name,
        meta.learner.label,
        learner,
        meta.environment.name,
        meta.environment.label,
        environment,
        horizon,
        seed,
    ])
    .to_string()
}

/// Replaces the value at a dotted path by nothing.
fn remove(value: &mut Value, path: &str) {
    let mut here = value;
    for step in path.split('.') {
        let next = match here {
            Value::Object(fields) => fields.get_mut(step),
            Value::Array(items) => {
                step.parse::<usize>().ok().and_then(|index| items.get_mut(index))
            }
            _ => None,
        };
        let Some(next) = next else { return };
        here = next;
    }
    *here = Value::Null;
}
