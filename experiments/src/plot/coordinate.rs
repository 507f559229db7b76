//! What distinguishes cells: horizon, seed, number of arms, gap, a parameter.

use regret_results::store::{CellMeta, Item};
use serde_json::Value;

use crate::spec::select::at;
use crate::spec::tree::{Kind, Node};

/// Something that cells differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// The horizon T.
    Horizon,
    /// The seed.
    Seed,
    /// The number of arms or experts K.
    Arms,
    /// The gap Δ between the best mean and the next.
    Gap,
    /// A parameter of the learner, by dotted path.
    Learner(String),
    /// A parameter of the environment, by dotted path.
    Environment(String),
    /// The learner as a whole.
    AnyLearner,
    /// The environment as a whole.
    AnyEnvironment,
}

/// Parameters that give the number of arms.
const COUNTS: [&str; 2] = ["arms", "experts"];

impl Coordinate {
    /// Reads `horizon`, `seed`, `arms`, `gap`, `learner`, `environment`, or a path as in `sweep:`,
    /// such as `learners.ucb1.alpha`; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let path = text.replace('[', ".").replace(']', "");
        let steps: Vec<&str> = path.splitn(3, '.').collect();
        Some(match steps[..] {
            ["horizon"] => Self::Horizon,
            ["seed"] => Self::Seed,
            ["arms"] => Self::Arms,
            ["gap"] => Self::Gap,
            ["learner"] => Self::AnyLearner,
            ["environment"] => Self::AnyEnvironment,
            ["learners", _, rest] => Self::Learner(rest.to_owned()),
            ["environments", _, rest] => Self::Environment(rest.to_owned()),
            _ => return None,
        })
    }

    /// What it is called on an axis.
    pub fn title(&self) -> &str {
        match self {
            Self::Horizon => "horizon T",
            Self::Seed => "seed",
            Self::Arms => "arms K",
            Self::Gap => "gap Δ",
            Self::Learner(path) | Self::Environment(path) => path,
            Self::AnyLearner => "learner",
            Self::AnyEnvironment => "environment",
        }
    }

    /// Its part of a file's name.
    pub(super) fn slug(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name = match self {
            Self::Horizon => "horizon",
            Self::Arms => "arms",
            Self::Gap => "gap",
            other => other.title(),
        };
        name.chars().map(plain).take(40).collect()
    }

    /// Its value in a cell, if it is a number there; `components` is how many arms were recorded.
    pub(super) fn number(&self, meta: &CellMeta, components: usize) -> Option<f64> {
        let environment = &meta.environment.parameters;
        match self {
            Self::Horizon => Some(meta.horizon as f64),
            Self::Seed => Some(meta.seed as f64),
            Self::Arms => {
                let count = COUNTS.iter().find_map(|name| environment.get(name)?.as_f64());
                let means = || Some(means(environment)?.len() as f64);
                let recorded = || (components > 0).then_some(components as f64);
                count.or_else(means).or_else(recorded)
            }
            Self::Gap => {
                environment.get("gap").and_then(Value::as_f64).or_else(|| gap(&means(environment)?))
            }
            Self::Learner(path) => at(&meta.learner.parameters, path)?.as_f64(),
            Self::Environment(path) => at(environment, path)?.as_f64(),
            Self::AnyLearner | Self::AnyEnvironment => None,
        }
    }

    /// Its value in a cell in words, without the name.
    pub(super) fn words(&self, meta: &CellMeta, components: usize) -> Option<String> {
        match self {
            Self::Learner(path) => at(&meta.learner.parameters, path).map(Value::to_string),
            Self::Environment(path) => at(&meta.environment.parameters, path).map(Value::to_string),
            other => other.number(meta, components).map(|number| number.to_string()),
        }
    }

    /// Takes it out of the description of a cell, so that cells which differ in it alone are alike.
    pub(super) fn clear(&self, meta: &mut CellMeta) {
        let environment = &mut meta.environment;
        match self {
            Self::Horizon => meta.horizon = 0,
            Self::Seed => meta.seed = 0,
            Self::Arms => COUNTS.iter().chain(&["means"]).for_each(|path| clear(environment, path)),
            Self::Gap => ["gap", "means"].iter().for_each(|path| clear(environment, path)),
            Self::Learner(path) => clear(&mut meta.learner, path),
            Self::Environment(path) => clear(environment, path),
            Self::AnyLearner => meta.learner = nothing(),
            Self::AnyEnvironment => meta.environment = nothing(),
        }
    }

    /// Whether going along this one goes along `path` of a sweep.
    fn covers(&self, path: &Self) -> bool {
        let named = |names: &[&str]| match path {
            Self::Environment(path) => names.contains(&path.as_str()),
            _ => false,
        };
        match self {
            Self::Arms => named(&["arms", "experts", "means"]),
            Self::Gap => named(&["gap", "means"]),
            other => other == path,
        }
    }

    /// What a spec's sweep moves together with this: the other paths of its `zip`.
    pub(super) fn zipped(&self, spec: &Node) -> Vec<Self> {
        let zip = spec.get("sweep").and_then(|sweep| sweep.get("zip"));
        let groups: Vec<Vec<Self>> = match zip {
            None => Vec::new(),
            Some(node) => {
                let paths = |group: &Node| {
                    group.entries().iter().filter_map(|entry| Self::read(&entry.key)).collect()
                };
                match &node.kind {
                    Kind::List(groups) => groups.iter().map(paths).collect(),
                    _ => vec![paths(node)],
                }
            }
        };
        let of = |group: &Vec<Self>| group.iter().any(|path| self.covers(path));
        let others = groups.into_iter().find(of).unwrap_or_default();
        others.into_iter().filter(|path| !self.covers(path)).collect()
    }
}

fn nothing() -> Item {
    Item { name: String::new(), label: None, parameters: Value::Null }
}

/// The list of means, if the parameters have one of plain numbers.
fn means(parameters: &Value) -> Option<Vec<f64>> {
    let means = parameters.get("means")?.as_array()?;
    means.iter().map(Value::as_f64).collect()
}

/// The best minus the next that is below it.
fn gap(means: &[f64]) -> Option<f64> {
    let best = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let below = means.iter().copied().filter(|mean| *mean < best);
    let next = below.fold(f64::NEG_INFINITY, f64::max);
    (best - next).is_finite().then_some(best - next)
}

/// Replaces a parameter by nothing, and the label, which may stand for it.
fn clear(item: &mut Item, path: &str) {
    item.label = None;
    let mut here = Some(&mut item.parameters);
    for step in path.split('.') {
        here = match here {
            Some(Value::Object(fields)) => fields.get_mut(step),
            Some(Value::Array(items)) => {
                step.parse::<usize>().ok().and_then(|index| items.get_mut(index))
            }
            _ => None,
        };
    }
    if let Some(value) = here {
        *value = Value::Null;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(environment: Value) -> CellMeta {
        let item = |name: &str, parameters| Item { name: name.into(), label: None, parameters };
        CellMeta {
            id: "00".into(),
            protocol: "bandit".into(),
            environment: item("e", environment),
            learner: item("ucb1", json!({"alpha": 2.0, "prior": {"a": [1, 3]}})),
            seed: 4,
            horizon: 1000,
            replications: 5,
        }
    }

    #[test]
    fn numbers_are_found_where_they_stand() {
        let read = |text: &str| Coordinate::read(text).expect(text);
        let number = |text: &str, parameters| read(text).number(&meta(parameters), 7);
        assert_eq!(number("horizon", json!({})), Some(1000.0));
        assert_eq!(number("learners.ucb1.alpha", json!({})), Some(2.0));
        assert_eq!(number("learners.0.prior.a[1]", json!({})), Some(3.0));
        assert_eq!(number("environments.e.delay.fixed", json!({"delay": {"fixed": 3}})), Some(3.0));
        assert_eq!(number("arms", json!({"arms": 5})), Some(5.0));
        assert_eq!(number("arms", json!({"means": [0.1, 0.2]})), Some(2.0));
        assert_eq!(number("arms", json!({})), Some(7.0));
        assert_eq!(number("gap", json!({"gap": 0.25})), Some(0.25));
        assert_eq!(number("gap", json!({"means": [0.5, 0.75, 0.75, 0.25]})), Some(0.25));
        assert_eq!(number("gap", json!({"means": [0.5, 0.5]})), None);
        for wrong in ["alpha", "learners.ucb1", "", "means"] {
            assert_eq!(Coordinate::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_zipped_moves_together() {
        let text = "sweep:\n  zip:\n  - {horizon: [1, 2], learners.exp3.eta: [3, 4]}\n  \
                    - {environments.e.means: [5], seed: [6]}\n";
        let source = miette::NamedSource::new("x", text.to_owned());
        let tree = Node::parse(&std::sync::Arc::new(source)).expect("valid");
        let zipped = |text: &str| Coordinate::read(text).expect(text).zipped(&tree);
        assert_eq!(zipped("horizon"), [Coordinate::Learner("eta".into())]);
        assert_eq!(zipped("gap"), [Coordinate::Seed]);
        assert!(zipped("learners.ucb1.alpha").is_empty());
    }
}
