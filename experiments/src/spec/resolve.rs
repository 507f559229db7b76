//! From the tree of one point of the sweep to its cells.

use std::collections::{BTreeMap, HashSet};

use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::notion;
use regret_engine::registry::ParameterError;
use regret_environments as environments;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::item::{Item, List};
use super::replications::Replications;
use super::source::Problem;
use super::sweep::Points;
use super::tree::{Kind, Node};
use crate::cell::{Cell, CellError, Common, ReadyEnvironment, Recorded};

/// The keys at the top of a spec.
pub const KEYS: [&str; 17] = [
    "name",
    "seed",
    "horizon",
    "replications",
    "checkpoints",
    "record",
    "environments",
    "learners",
    "sweep",
    "bands",
    "figures",
    "bounds",
    "baseline",
    "claims",
    "quick",
    "full",
    "data",
];

/// Keys that say something of the spec as a whole, not of one point of its sweep.
pub const NOT_SWEPT: [&str; 12] = [
    "name",
    "replications",
    "record",
    "sweep",
    "bands",
    "figures",
    "bounds",
    "baseline",
    "claims",
    "quick",
    "full",
    "data",
];

/// The longest horizon: noise has words of its own up to there.
const LONGEST_HORIZON: u64 = 1 << 40;
/// Decisions that await feedback are kept in memory for every lane.
const MOST_PENDING: usize = 1 << 20;
/// Checkpoints are kept in memory for every replication of a block.
const MOST_CHECKPOINTS: u64 = 10_000_000;

/// Cells are kept in memory with all that describes them.
const MOST_CELLS: usize = 200_000;

/// Resolves trees, one for each point; environments that several points share are read once, and
/// cells that several points share are made once.
pub struct Resolver {
    most_cells: usize,
    environments: BTreeMap<String, Result<ReadyEnvironment, ParameterError>>,
    seen: HashSet<String>,
    reported: HashSet<((String, usize), String)>,
    cells: Vec<Cell>,
    problems: Vec<Problem>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self {
            most_cells: MOST_CELLS,
            environments: BTreeMap::new(),
            seen: HashSet::new(),
            reported: HashSet::new(),
            cells: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// What is said of a spec with too many cells.
fn too_many(point: &Node, points: usize, limit: usize) -> Problem {
    let [environments, learners] =
        ["environments", "learners"].map(|key| match point.get(key).map(|node| &node.kind) {
            Some(Kind::List(items)) => items.len(),
            _ => 1,
        });
    let pairs = environments.saturating_mul(learners);
    let most = points.saturating_mul(pairs);
    let message = format!(
        "this spec has more than {limit} cells, which is the limit: up to {most}, {pairs} pairs of \
         environment and learner at {points} points of its sweep"
    );
    let place = point.get("learners").map_or(&point.span, |node| &node.span);
    Problem::new(place, message).help("split it into several specs")
}

impl Resolver {
    /// Adds the cells of a point.
    pub fn point(&mut self, tree: &Node) {
        let Kind::Map(entries) = &tree.kind else {
            let message = format!("a spec is a mapping, not {}", tree.describe());
            return self.report(Problem::new(&tree.span, message));
        };
        for entry in entries.iter().filter(|entry| !KEYS.contains(&&*entry.key)) {
            let problem = Problem::new(&entry.span, format!("unknown key `{}`", entry.key));
            self.report(problem.nearest(&entry.key, KEYS));
        }
        let common = self.common(tree);
        let environments = self.items(tree, &super::item::ENVIRONMENTS);
        let learners = self.items(tree, &super::item::LEARNERS);
        if let Some(common) = common {
            for environment in &environments {
                for learner in learners.iter().filter(|learner| learner.plays_on(environment)) {
                    self.cell(tree, &common, environment, learner);
                }
            }
        }
    }

    /// Adds the cells of all points. A spec of too many cells is refused as soon as it is known to be.
    pub fn points(&mut self, points: Points) {
        let count = points.count_all();
        for point in points {
            let point = match point {
                Ok(point) => point,
                Err(problem) => return self.report(problem),
            };
            self.point(&point);
            if self.cells.len() > self.most_cells {
                return self.report(too_many(&point, count, self.most_cells));
            }
        }
    }

    /// The cells, in the order of the spec, and what is wrong, each problem once.
    pub fn resolved(self) -> (Vec<Cell>, Vec<Problem>) {
        (self.cells, self.problems)
    }

    /// Reports a problem, unless it was reported before (by another point).
    pub fn report(&mut self, problem: Problem) {
        let place = problem.span().start();
        if self.reported.insert((place, problem.message().to_owned())) {
            self.problems.push(problem);
        }
    }

    fn common(&mut self, tree: &Node) -> Option<Common> {
        let seed = self.whole(tree, "seed", Some(1), 0, u64::MAX);
        let horizon = self.whole(tree, "horizon", None, 1, LONGEST_HORIZON);
        let replications = Replications::read(tree).map(Replications::most);
        let replications = replications.map_err(|problem| self.report(problem)).ok();
        let checkpoints = self.checkpoints(tree, horizon.unwrap_or(1));
        let record = self.record(tree);
        Some(Common {
            seed: seed?,
            horizon: horizon?,
            replications: replications?,
            checkpoints: checkpoints?,
            record: record?,
        })
    }

    /// A whole number at the top of the spec.
    fn whole(
        &mut self,
        tree: &Node,
        key: &str,
        default: Option<u64>,
        least: u64,
        most: u64,
    ) -> Option<u64> {
        let Some(node) = tree.get(key) else {
            if default.is_none() {
                self.report(Problem::new(&tree.span, format!("the key `{key}` is missing")));
            }
            return default;
        };
        let value = match &node.kind {
            Kind::Scalar(value) => value.as_u64().filter(|n| (least..=most).contains(n)),
            _ => None,
        };
        if value.is_none() {
            let message = format!("`{key}` must be a whole number from {least} to {most}");
            self.report(Problem::new(&node.span, message));
        }
        value
    }

    fn checkpoints(&mut self, tree: &Node, horizon: u64) -> Option<Checkpoints> {
        let Some(node) = tree.get("checkpoints") else { return Some(Checkpoints::default()) };
        let parsed = match &node.kind {
            Kind::Scalar(Value::Number(count)) => count
                .as_u64()
                .and_then(|count| u32::try_from(count).ok())
                .map(|count| Checkpoints::Log { count })
                .ok_or_else(|| "a number of checkpoints is a whole number".to_owned()),
            Kind::Scalar(Value::String(grid)) => from_value(serde_json::json!({ "grid": grid })),
            _ => from_value(node.to_json()),
        };
        let rule = "a number, `every_round`, or {grid: log or linear, count: n}";
        let points = |grid| match grid {
            Checkpoints::Log { count } | Checkpoints::Linear { count } => u64::from(count),
            Checkpoints::EveryRound => horizon,
        };
        let problem = match parsed {
            Ok(grid) if points(grid) == 0 => "there must be at least one checkpoint".to_owned(),
            Ok(grid) if points(grid) > MOST_CHECKPOINTS => {
                format!("{} checkpoints: at most {MOST_CHECKPOINTS} are kept", points(grid))
            }
            Ok(grid) => return Some(grid),
            Err(message) => message,
        };
        self.report(Problem::new(&node.span, format!("`checkpoints`: {problem}")).help(rule));
        None
    }

    fn record(&mut self, tree: &Node) -> Option<Recorded> {
        let Some(node) = tree.get("record") else { return Some(Recorded::Default) };
        let items = match &node.kind {
            Kind::Scalar(Value::String(all)) if all == "all" => return Some(Recorded::All),
            Kind::List(items) if !items.is_empty() => items,
            _ => {
                let problem = Problem::new(&node.span, "`record` must be `all` or a list of names");
                self.report(problem.nearest("", notion::ALL.iter().map(|notion| notion.key)));
                return None;
            }
        };
        let mut notions = Vec::new();
        for item in items {
            let key = item.as_str().unwrap_or_default();
            match notion::by_key(key) {
                Some(notion) if !notions.contains(&notion) => notions.push(notion),
                Some(_) => {
                    self.report(Problem::new(&item.span, format!("`{key}` stands here twice")))
                }
                None => self.report(
                    Problem::new(&item.span, format!("nothing called `{key}` can be recorded"))
                        .nearest(key, notion::ALL.iter().map(|notion| notion.key)),
                ),
            }
        }
        (notions.len() == items.len()).then_some(Recorded::These(notions))
    }

    fn items<'t>(&mut self, tree: &'t Node, list: &List) -> Vec<Item<'t>> {
        let (items, problems) = list.read(tree);
        problems.into_iter().for_each(|problem| self.report(problem));
        items
    }

    fn cell(&mut self, tree: &Node, common: &Common, environment: &Item<'_>, learner: &Item<'_>) {
        let Some(delay) = self.delay(environment, common.horizon) else { return };
        let Some(entry) = environments::find(environment.name) else { return };
        let key =
            format!("{}{}{delay:?}{:?}", entry.name, environment.parameters(), environment.label);
        let ready = self.environments.entry(key).or_insert_with(|| {
            let model = (entry.parse)(environment.parameters())?;
            ReadyEnvironment::new(model.as_ref(), entry.protocols, environment.label.clone(), delay)
        });
        let ready = match ready {
            Ok(ready) => ready,
            Err(error) => {
                let problem = environment.problem(error);
                return self.report(problem);
            }
        };
        let Some(entry) = regret_algorithms::find(learner.name) else { return };
        let made = (entry.parse)(learner.parameters()).map_err(|error| learner.problem(&error));
        let made = made.and_then(|algorithm| {
            Cell::new(ready, algorithm.as_ref(), learner.label.clone(), common)
                .map_err(|error| located(&error, tree, learner))
        });
        match made {
            Ok(cell) => {
                if self.seen.insert(cell.id.clone()) {
                    self.cells.push(cell);
                }
            }
            Err(problem) => self.report(problem),
        }
    }

    fn delay(&mut self, environment: &Item<'_>, horizon: u64) -> Option<Delay> {
        let Some(node) = environment.reserved("delay") else { return Some(Delay::None) };
        let delay = from_value::<Delay>(node.to_json()).and_then(|delay| {
            delay.check().map_err(|error| error.to_string())?;
            match delay.pending(horizon) {
                pending if pending > MOST_PENDING => Err(format!(
                    "{pending} decisions can await their feedback at once, which is more than \
                     {MOST_PENDING}"
                )),
                _ => Ok(delay),
            }
        });
        delay.map_or_else(
            |message| {
                let rule =
                    "none, {fixed: d}, {geometric: mean}, {uniform: [low, high]} or {batched: B}";
                self.report(Problem::new(&node.span, format!("`delay`: {message}")).help(rule));
                None
            },
            Some,
        )
    }
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// Why a pairing fails, at the place that can be mended.
fn located(error: &CellError, tree: &Node, learner: &Item<'_>) -> Problem {
    let at_key = |key: &str| tree.get(key).map_or(&tree.span, |node| &node.span);
    let message = error.to_string();
    match error {
        CellError::Protocol { wanted, offered, .. } => {
            let fits = environments::registry();
            let fits = fits.iter().filter(|entry| entry.protocols.contains(wanted));
            let fits: Vec<&str> = fits.map(|entry| entry.name).collect();
            let learners = regret_algorithms::registry();
            let learners = learners.iter().filter(|entry| offered.contains(&entry.protocol));
            let learners: Vec<&str> = learners.map(|entry| entry.name).collect();
            Problem::new(learner.span, message).help(format!(
                "environments for {wanted}: {}; learners for {}: {}; or say in `on:` where this \
                 learner plays",
                fits.join(", "),
                offered.join(" or "),
                learners.join(", ")
            ))
        }
        CellError::Learner { error, .. } => Problem::new(learner.place(&error.path), message),
        CellError::Horizon { .. } => Problem::new(at_key("horizon"), message),
        CellError::Notion { notion, .. } => {
            let record = tree.get("record").map_or(&[][..], |node| match &node.kind {
                Kind::List(items) => items,
                _ => &[],
            });
            let item = record.iter().find(|item| item.as_str() == Some(notion));
            Problem::new(item.map_or(at_key("record"), |item| &item.span), message)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;

    use super::*;
    use crate::spec::sweep;

    #[test]
    fn too_many_cells_are_counted_and_refused() {
        let text = "horizon: 9\nenvironments:\n- bernoulli: {means: [0, 1]}\n\
                    learners: [ucb1, moss, imed]\nsweep: {seed: [1, 2, 3, 4]}\n";
        let tree = Node::parse(&Arc::new(NamedSource::new("x", text.to_owned()))).expect("valid");
        let resolve = |most_cells| {
            let mut resolver = Resolver { most_cells, ..Resolver::default() };
            resolver.points(sweep::points(tree.clone()).expect("a sweep"));
            resolver.resolved()
        };
        let (cells, problems) = resolve(12);
        assert_eq!((cells.len(), problems.len()), (12, 0));
        let (cells, problems) = resolve(5);
        // It stops at the point at which there are too many.
        assert_eq!((cells.len(), problems.len()), (6, 1));
        assert_eq!(
            problems[0].message(),
            "this spec has more than 5 cells, which is the limit: up to 12, 3 pairs of environment \
             and learner at 4 points of its sweep"
        );
    }
}
