//! The keys of a claim, read with their places.

use regret_engine::notion;
use regret_results::claims::Limits;
use serde_json::Value;

use super::data::Measured;
use crate::spec::select::{Choice, World};
use crate::spec::source::{Problem, Span};
use crate::spec::tree::{Kind as Shape, Node};

/// A claim's keys, and what they speak of.
pub(super) struct Fields<'r, 'c> {
    node: &'r Node,
    /// Where the kind stands.
    span: &'r Span,
    /// The whole spec.
    pub(super) tree: &'r Node,
    /// The cells.
    pub(super) world: &'r World<'c>,
    place: Choice,
}

/// Which of a cell's numbers a claim speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quantity {
    notion: Option<notion::Notion>,
    component: Option<u32>,
    at: Option<u64>,
}

impl<'r, 'c> Fields<'r, 'c> {
    pub(super) fn new(
        node: &'r Node,
        span: &'r Span,
        tree: &'r Node,
        world: &'r World<'c>,
    ) -> Result<Self, Problem> {
        let mut place = Choice::all(span);
        place.place(node)?;
        Ok(Self { node, span, tree, world, place })
    }

    /// A problem of the claim as a whole.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.span, message)
    }

    /// The node of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'r Node> {
        self.node.get(key)
    }

    /// The node of a key that must be there.
    pub(super) fn need(&self, key: &str) -> Result<&'r Node, Problem> {
        self.get(key).ok_or_else(|| self.problem(format!("the key `{key}` is missing")))
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'r str>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let wrong = || Problem::new(&node.span, format!("`{key}` must be text"));
        node.as_str().map(Some).ok_or_else(wrong)
    }

    /// The learner chosen by a key, on the claim's environments unless it names its own.
    pub(super) fn choice(&self, key: &str) -> Result<Choice, Problem> {
        Ok(Choice::read(self.need(key)?)?.within(&self.place))
    }

    /// The cells of the learner chosen by a key.
    pub(super) fn cells(&self, key: &str) -> Result<Vec<usize>, Problem> {
        self.world.select(&self.choice(key)?)
    }

    /// Sets of cells, one for each of the learners chosen by `nodes`: all of one environment, horizon
    /// and seed, unless a choice names its own.
    pub(super) fn together(&self, nodes: &[&Node]) -> Result<Vec<Vec<usize>>, Problem> {
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let own = Choice::read(node)?;
            let cells = self.world.select(&own.within(&self.place))?;
            if index == 0 {
                sets = cells.into_iter().map(|cell| vec![cell]).collect();
                continue;
            }
            let mut longer = Vec::new();
            for set in &sets {
                let meets =
                    |&&cell: &&usize| self.world.meets(set[0], cell, &own) && !set.contains(&cell);
                longer.extend(cells.iter().filter(meets).map(|&cell| {
                    let mut set = set.clone();
                    set.push(cell);
                    set
                }));
                if longer.len() > super::MOST {
                    return Err(self.problem(format!("this makes over {} claims", super::MOST)));
                }
            }
            if longer.is_empty() {
                let message = "these learners never play on the same environment, horizon and seed";
                return Err(Problem::new(&node.span, message));
            }
            sets = longer;
        }
        Ok(sets)
    }

    /// A number.
    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        number(node)
            .map(Some)
            .ok_or_else(|| Problem::new(&node.span, format!("`{key}` must be a number")))
    }

    /// A whole number.
    pub(super) fn whole(&self, key: &str) -> Result<Option<u64>, Problem> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let value = match &node.kind {
            Shape::Scalar(value) => value.as_u64(),
            _ => None,
        };
        let wrong = || Problem::new(&node.span, format!("`{key}` must be a whole number"));
        value.map(Some).ok_or_else(wrong)
    }

    /// `at_most`, `at_least` or `between`.
    pub(super) fn limits(&self) -> Result<Limits, Problem> {
        let limits = Limits { low: self.number("at_least")?, high: self.number("at_most")? };
        let limits = match (self.get("between"), limits) {
            (None, limits) => limits,
            (Some(node), Limits { low: None, high: None }) => {
                let ends = match &node.kind {
                    Shape::List(ends) => ends.iter().map(number).collect::<Option<Vec<_>>>(),
                    _ => None,
                };
                match ends.as_deref() {
                    Some(&[low, high]) if low <= high => {
                        Limits { low: Some(low), high: Some(high) }
                    }
                    _ => {
                        let message = "`between` must be two numbers, the lower one first";
                        return Err(Problem::new(&node.span, message));
                    }
                }
            }
            (Some(node), _) => {
                let message = "`between` stands alone, without `at_least` and `at_most`";
                return Err(Problem::new(&node.span, message));
            }
        };
        match limits {
            Limits { low: None, high: None } => Err(self
                .problem("the claim says no limit")
                .help("at_most: x, at_least: x, or between: [x, y]")),
            Limits { low: Some(low), high: Some(high) } if low > high => {
                Err(self.problem(format!("nothing is at least {low} and at most {high}")))
            }
            limits => Ok(limits),
        }
    }

    /// The probability of a wrong verdict that the coverage of intervals leaves.
    pub(super) fn alpha(&self) -> Result<f64, Problem> {
        let confidence = self.number("confidence")?.unwrap_or(regret_results::statistics::COVERAGE);
        if confidence > 0.0 && confidence < 1.0 {
            return Ok(1.0 - confidence);
        }
        let span = self.get("confidence").map_or(self.span, |node| &node.span);
        Err(Problem::new(span, "`confidence` must lie between 0 and 1, such as 0.95"))
    }

    /// The p-value that a test must reach.
    pub(super) fn p(&self) -> Result<f64, Problem> {
        let p = self.number("p")?.unwrap_or(0.05);
        if p > 0.0 && p < 0.5 {
            return Ok(p);
        }
        let span = self.get("p").map_or(self.span, |node| &node.span);
        Err(Problem::new(span, "`p` must lie between 0 and 0.5, such as 0.05"))
    }

    /// `notion`, `component` and `at`.
    pub(super) fn quantity(&self) -> Result<Quantity, Problem> {
        let notion = match self.get("notion") {
            None => None,
            Some(node) => {
                let key = node.as_str().unwrap_or_default();
                let found = notion::by_key(key).ok_or_else(|| {
                    let keys = notion::ALL.iter().map(|notion| notion.key);
                    Problem::new(&node.span, format!("nothing called `{key}` can be recorded"))
                        .nearest(key, keys)
                })?;
                Some(found)
            }
        };
        let component = self.whole("component")?.map(u32::try_from);
        let component = component.transpose().map_err(|_| {
            let span = self.get("component").map_or(self.span, |node| &node.span);
            Problem::new(span, "there is no such component")
        })?;
        Ok(Quantity { notion, component, at: self.whole("at")? })
    }

    /// The numbers of a cell that a quantity means.
    pub(super) fn measured(&self, cell: usize, quantity: Quantity) -> Result<Measured, Problem> {
        let (of, place) = (self.world.cell(cell), self.world.place(cell));
        let span = |key: &str| self.get(key).map_or(self.span, |node| &node.span);
        let recorded = &of.plan.notions;
        let first = || recorded.iter().find(|notion| notion.is_regret).or(recorded.first());
        let notion = quantity
            .notion
            .or(first().copied())
            .ok_or_else(|| self.problem(format!("nothing is recorded on {place}")))?;
        if !recorded.contains(&notion) {
            let message = format!("`{}` is not recorded on {place}", notion.key);
            let names: Vec<&str> = recorded.iter().map(|notion| notion.key).collect();
            return Err(Problem::new(span("notion"), message)
                .help(format!("recorded are {}; `record:` chooses", names.join(", "))));
        }
        let components = of.game.components(notion);
        if components > 0 && quantity.component.is_none_or(|component| component >= components) {
            let message = format!(
                "`{}` has components: say `component` from 0 to {}",
                notion.key,
                components - 1
            );
            return Err(Problem::new(span("component"), message));
        }
        if let (0, Some(_)) = (components, quantity.component) {
            let message = format!("`{}` has no components", notion.key);
            return Err(Problem::new(span("component"), message));
        }
        let horizon = of.common.horizon;
        let t = quantity.at.unwrap_or(horizon);
        let recorded_at = if components > 0 { &[horizon][..] } else { &of.plan.checkpoints };
        if !recorded_at.contains(&t) {
            return Err(Problem::new(span("at"), format!("round {t} is no checkpoint on {place}"))
                .help(nearest_rounds(recorded_at, t)));
        }
        Ok(Measured { cell, notion, component: quantity.component, t })
    }

    /// What numbers of a cell are called: `pseudo-regret of ucb1 on easy at t = 100`.
    pub(super) fn words(&self, measured: &Measured) -> String {
        let (world, cell) = (self.world, measured.cell);
        format!("{} of {} on {}", self.what(measured), world.learner(cell), world.place(cell))
    }

    /// What the second of two is called beside the first: its learner, and its environment if that
    /// is another.
    pub(super) fn other(&self, first: &Measured, second: &Measured) -> String {
        let world = self.world;
        let learner = world.learner(second.cell);
        if world.place(first.cell) == world.place(second.cell) {
            return learner.to_owned();
        }
        format!("{learner} on {}", world.place(second.cell))
    }

    /// What is measured, without learner and environment.
    pub(super) fn what(&self, measured: &Measured) -> String {
        let mut what = measured.notion.title.to_owned();
        if let Some(component) = measured.component {
            what += &format!(" [{component}]");
        }
        if measured.t != self.world.cell(measured.cell).common.horizon {
            what += &format!(" at t = {}", measured.t);
        }
        what
    }
}

/// The number of a node, if it is one.
fn number(node: &Node) -> Option<f64> {
    match &node.kind {
        Shape::Scalar(Value::Number(number)) => number.as_f64(),
        _ => None,
    }
}

/// A p-value in a statement.
pub(super) fn level(p: f64) -> String {
    if p < 1e-4 { format!("p < {p:e}") } else { format!("p < {p}") }
}

/// The checkpoints around a round.
fn nearest_rounds(checkpoints: &[u64], t: u64) -> String {
    let above = checkpoints.partition_point(|&round| round < t);
    let near = &checkpoints[above.saturating_sub(1)..checkpoints.len().min(above + 1)];
    let near: Vec<String> = near.iter().map(u64::to_string).collect();
    format!("the nearest checkpoints are {}", near.join(" and "))
}
