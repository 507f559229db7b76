//! `sweep:`: the grid of values that a spec is run for.
//!
//! A mapping from paths to values: a list, `{range: [a, b], count: n}` or `{range: [a, b], step: s}`,
//! `{log: [a, b], count: n}` (each with `round: true` for whole numbers). Paths are crossed; those
//! below a `zip:` (a mapping, or a list of them) move together.

use super::path::Path;
use super::resolve::NOT_SWEPT;
use super::source::Problem;
use super::tree::{Entry, Kind, Node};
use regret_engine::math;
use serde_json::{Number, Value};

/// How many points a grid may have.
const MOST_POINTS: usize = 100_000;

/// What moves together: paths, and for every position one value for each of them.
struct Axis {
    paths: Vec<Path>,
    positions: Vec<Vec<Node>>,
}

/// The points of a grid, each a tree of its own; the last path varies fastest.
pub struct Points {
    /// The spec without its sweep.
    tree: Node,
    axes: Vec<Axis>,
    next: usize,
    count: usize,
}

/// The points of a tree's sweep, the sweep itself taken out; one if it has none.
///
/// # Errors
/// What is wrong with the sweep.
pub fn points(mut tree: Node) -> Result<Points, Vec<Problem>> {
    let Some(sweep) = take(&mut tree, "sweep") else {
        return Ok(Points { tree, axes: Vec::new(), next: 0, count: 1 });
    };
    let axes = axes(&sweep)?;
    let count = axes.iter().try_fold(1usize, |n, axis| n.checked_mul(axis.positions.len()));
    match count.filter(|&count| count <= MOST_POINTS) {
        Some(count) => Ok(Points { tree, axes, next: 0, count }),
        None => {
            let message = format!("this grid has more than {MOST_POINTS} points");
            Err(vec![Problem::new(&sweep.span, message)])
        }
    }
}

impl Points {
    /// The number of points.
    pub fn count_all(&self) -> usize {
        self.count
    }

    fn at(&self, index: usize) -> Result<Node, Problem> {
        let mut tree = self.tree.clone();
        // How many points a step of each axis is, from the first axis on.
        let mut stride = self.count;
        for axis in &self.axes {
            stride /= axis.positions.len();
            let position = &axis.positions[index / stride % axis.positions.len()];
            move_to(&mut tree, &axis.paths, position)?;
        }
        Ok(tree)
    }
}

impl Iterator for Points {
    type Item = Result<Node, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        self.next += 1;
        (index < self.count).then(|| self.at(index))
    }
}

fn move_to(tree: &mut Node, paths: &[Path], values: &[Node]) -> Result<(), Problem> {
    let mut steps = paths.iter().zip(values);
    steps.try_for_each(|(path, value)| path.set(tree, value.clone()))
}

/// Takes a key out of a mapping.
fn take(tree: &mut Node, key: &str) -> Option<Node> {
    let Kind::Map(entries) = &mut tree.kind else { return None };
    let index = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(index).value)
}

fn axes(sweep: &Node) -> Result<Vec<Axis>, Vec<Problem>> {
    let Kind::Map(entries) = &sweep.kind else {
        let message =
            format!("`sweep` must be a mapping from paths to values, not {}", sweep.describe());
        return Err(vec![Problem::new(&sweep.span, message)]);
    };
    let mut axes = Vec::new();
    let mut problems = Vec::new();
    for entry in entries {
        let groups: Vec<&[Entry]> = match (&*entry.key, &entry.value.kind) {
            ("zip", Kind::List(items)) => items.iter().map(Node::entries).collect(),
            ("zip", _) => vec![entry.value.entries()],
            _ => vec![std::slice::from_ref(entry)],
        };
        for group in groups {
            axis(group, entry)
                .map_or_else(|problem| problems.push(problem), |axis| axes.push(axis));
        }
    }
    if problems.is_empty() { Ok(axes) } else { Err(problems) }
}

/// The axis of paths that move together.
fn axis(group: &[Entry], around: &Entry) -> Result<Axis, Problem> {
    let mut axis = Axis { paths: Vec::new(), positions: Vec::new() };
    for entry in group {
        let path = Path::new(&entry.key, entry.span.clone())?;
        if NOT_SWEPT.contains(&path.head()) {
            let message = format!("`{}` cannot be swept", path.head());
            return Err(Problem::new(&entry.span, message));
        }
        let values = values(&entry.value)?;
        if axis.paths.is_empty() {
            axis.positions = vec![Vec::new(); values.len()];
        }
        if axis.positions.len() != values.len() {
            let message =
                format!("{} values, but {} for the first path", values.len(), axis.positions.len());
            return Err(Problem::new(&entry.value.span, message)
                .help("what is zipped must have the same number of values"));
        }
        axis.paths.push(path);
        axis.positions.iter_mut().zip(values).for_each(|(position, value)| position.push(value));
    }
    if axis.paths.is_empty() {
        return Err(Problem::new(
            &around.value.span,
            "`zip` must be a mapping from paths to values",
        ));
    }
    Ok(axis)
}

fn values(node: &Node) -> Result<Vec<Node>, Problem> {
    let values = match &node.kind {
        Kind::List(items) => items.clone(),
        Kind::Map(entries) => generated(node, entries)?,
        Kind::Scalar(_) => {
            let message = format!("the values must be a list, not {}", node.describe());
            return Err(Problem::new(&node.span, message)
                .help("a list, {range: [a, b], count: n}, or {log: [a, b], count: n}"));
        }
    };
    if values.is_empty() {
        return Err(Problem::new(&node.span, "there must be at least one value"));
    }
    Ok(values)
}

/// The values of `{range: …}` or `{log: …}`.
fn generated(node: &Node, entries: &[Entry]) -> Result<Vec<Node>, Problem> {
    const KEYS: [&str; 5] = ["range", "log", "count", "step", "round"];
    if let Some(entry) = entries.iter().find(|entry| !KEYS.contains(&&*entry.key)) {
        let problem = Problem::new(&entry.span, format!("unknown key `{}`", entry.key));
        return Err(problem.nearest(&entry.key, KEYS));
    }
    let numbers = match (node.get("range"), node.get("log"), node.get("count"), node.get("step")) {
        (Some(ends), None, Some(count), None) => {
            let (ends, count) = (self::ends(ends)?, self::count(count)?);
            spaced(ends, count, |share, (a, b)| a + share * (b - a))
        }
        (Some(ends), None, None, Some(step)) => stepped(self::ends(ends)?, step)?,
        (None, Some(ends), Some(count), None) => {
            let ((a, b), count) = (self::ends(ends)?, self::count(count)?);
            if !(a > 0.0 && b > 0.0) {
                return Err(Problem::new(&ends.span, "the ends of a log range must be above 0"));
            }
            spaced((a, b), count, |share, (a, b)| a * math::exp(share * math::ln(b / a)))
        }
        _ => {
            return Err(Problem::new(&node.span, "these values are not said completely").help(
                "{range: [a, b], count: n}, {range: [a, b], step: s} or {log: [a, b], count: n}",
            ));
        }
    };
    let round = node
        .get("round")
        .is_some_and(|round| matches!(round.kind, Kind::Scalar(Value::Bool(true))));
    Ok(numbers.into_iter().map(|value| number(node, value, round)).collect())
}

fn ends(node: &Node) -> Result<(f64, f64), Problem> {
    match &node.kind {
        Kind::List(items) => {
            match items.iter().map(as_f64).collect::<Option<Vec<_>>>().as_deref() {
                Some(&[a, b]) => Ok((a, b)),
                _ => Err(Problem::new(&node.span, "a range has two ends, both numbers: [a, b]")),
            }
        }
        _ => Err(Problem::new(&node.span, "a range has two ends, both numbers: [a, b]")),
    }
}

fn count(node: &Node) -> Result<usize, Problem> {
    let count = as_f64(node).filter(|&n| n >= 1.0 && n <= MOST_POINTS as f64 && n.fract() == 0.0);
    let rule = || format!("`count` must be a whole number from 1 to {MOST_POINTS}");
    count.map(|count| count as usize).ok_or_else(|| Problem::new(&node.span, rule()))
}

fn as_f64(node: &Node) -> Option<f64> {
    match &node.kind {
        Kind::Scalar(value) => value.as_f64(),
        _ => None,
    }
}

/// `count` values from one end to the other; the ends are exact.
fn spaced(ends: (f64, f64), count: usize, place: impl Fn(f64, (f64, f64)) -> f64) -> Vec<f64> {
    (0..count)
        .map(|i| match i {
            0 => ends.0,
            i if i == count - 1 => ends.1,
            i => place(i as f64 / (count - 1) as f64, ends),
        })
        .collect()
}

/// From the first end in steps, up to the second, which is included if a step falls on it but for
/// rounding.
fn stepped((a, b): (f64, f64), step: &Node) -> Result<Vec<f64>, Problem> {
    let size = as_f64(step).filter(|&size| size != 0.0 && (b - a) / size >= 0.0);
    let steps = size.map(|size| ((b - a) / size + 1e-9).floor());
    match (size, steps) {
        (Some(size), Some(steps)) if steps < MOST_POINTS as f64 => {
            Ok((0..=steps as usize).map(|i| a + i as f64 * size).collect())
        }
        _ => Err(Problem::new(&step.span, "`step` must lead from the first end to the second")
            .help(format!("in at most {MOST_POINTS} steps"))),
    }
}

/// A number as a node; one within 1e-9 of a whole number is that number.
fn number(around: &Node, value: f64, round: bool) -> Node {
    let whole = value.round();
    let value = if round || (value - whole).abs() <= 1e-9 * whole.abs() { whole } else { value };
    let number = if value.fract() == 0.0 && value.abs() < 9e15 {
        Some(Number::from(value as i64))
    } else {
        Number::from_f64(value)
    };
    let value = number.map_or(Value::Null, Value::Number);
    Node { span: around.span.clone(), kind: Kind::Scalar(value) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;
    use serde_json::json;

    use super::*;

    fn swept(sweep: &str) -> Result<Vec<Value>, Vec<Problem>> {
        let text = format!("seed: 1\nhorizon: 1\nlearners: [ucb1]\n{sweep}");
        let tree = Node::parse(&Arc::new(NamedSource::new("x", text))).expect("valid");
        let json = |point: Result<Node, Problem>| point.map(|tree| tree.to_json());
        points(tree)?.map(json).collect::<Result<_, _>>().map_err(|problem| vec![problem])
    }

    fn horizons(values: &str) -> Vec<Value> {
        let trees = swept(&format!("sweep: {{horizon: {values}}}\n")).expect("valid");
        trees.into_iter().map(|tree| tree["horizon"].clone()).collect()
    }

    #[test]
    fn values_by_list_range_and_log() {
        assert_eq!(horizons("[1, 5, 2]"), [1, 5, 2]);
        assert_eq!(horizons("{range: [0, 1], count: 3}"), [json!(0), json!(0.5), json!(1)]);
        assert_eq!(horizons("{range: [0, 0.3], step: 0.1}").len(), 4);
        assert_eq!(horizons("{range: [5, 1], step: -2}"), [5, 3, 1]);
        assert_eq!(horizons("{log: [1e3, 1e6], count: 4}"), [1000, 10_000, 100_000, 1_000_000]);
        assert_eq!(horizons("{log: [100, 1e3], count: 3, round: true}"), [100, 316, 1000]);
    }

    #[test]
    fn paths_are_crossed_and_zips_move_together() {
        let trees = swept(
            "sweep:\n  seed: [1, 2]\n  zip: {horizon: [10, 20, 30], learners.ucb1.alpha: [1, 2, 3]}\n",
        );
        let trees = trees.expect("valid");
        let seen: Vec<_> = trees
            .iter()
            .map(|tree| {
                json!([tree["seed"], tree["horizon"], tree["learners"][0]["ucb1"]["alpha"]])
            })
            .collect();
        let expected =
            json!([[1, 10, 1], [1, 20, 2], [1, 30, 3], [2, 10, 1], [2, 20, 2], [2, 30, 3]]);
        assert_eq!(json!(seen), expected);
    }

    #[test]
    fn bad_sweeps_say_why() {
        for (sweep, message) in [
            ("sweep: [1]\n", "must be a mapping"),
            ("sweep: {horizon: 3}\n", "must be a list"),
            ("sweep: {horizon: []}\n", "at least one value"),
            ("sweep: {horizon: {range: [1, 2]}}\n", "not said completely"),
            ("sweep: {horizon: {rnge: [1, 2]}}\n", "unknown key `rnge`"),
            ("sweep: {horizon: {log: [0, 2], count: 3}}\n", "above 0"),
            ("sweep: {horizon: {range: [1, 2], step: -1}}\n", "must lead"),
            ("sweep: {horizon: {range: [1, 2], count: 1.5}}\n", "whole number"),
            ("sweep: {zip: {horizon: [1, 2], seed: [1]}}\n", "1 values, but 2"),
            ("sweep: {zip: [3]}\n", "`zip` must be a mapping"),
            ("sweep: {name: [a]}\n", "`name` cannot be swept"),
            ("sweep: {claims: [[]]}\n", "`claims` cannot be swept"),
            ("sweep: {horizon: {range: [1, 9], count: 9e4}, seed: [1, 2]}\n", "more than"),
            ("sweep: {learners.exp3.eta: [1]}\n", "no item `exp3`"),
        ] {
            let problems = swept(sweep).expect_err(sweep);
            assert!(problems[0].message().contains(message), "{sweep}: {}", problems[0]);
        }
    }
}
