//! Dotted paths into a spec: `horizon`, `learners.ucb1.alpha`, `environments.0.means[2]`.
//!
//! Below `environments` and `learners`, the next step picks an item by its label, its name or its
//! index (from 0); the steps after it are the item's parameters.

use super::source::{Problem, Source, Span};
use super::tree::{Entry, Kind, Node};

/// A path and where it was written.
#[derive(Clone, Debug)]
pub struct Path {
    steps: Vec<String>,
    /// Where it was written.
    pub span: Span,
}

/// Applies one `--set path=value`.
///
/// # Errors
/// A missing `=`, a value that is no YAML, or a path that leads nowhere.
pub fn set_argument(tree: &mut Node, source: &Source) -> Result<(), Problem> {
    let text = source.inner();
    let Some((path, value)) = text.split_once('=') else {
        let whole = Span::new(source, 0, text.len());
        return Err(
            Problem::new(&whole, "`--set` needs path=value").help("for example --set horizon=1e5")
        );
    };
    let value = Node::parse_from(source, text.len() - value.len())?;
    let path = Path::new(path, Span::new(source, 0, path.len()))?;
    path.set(tree, value)
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// An empty step.
    pub fn new(text: &str, span: Span) -> Result<Self, Problem> {
        let steps: Vec<String> =
            text.trim().replace('[', ".").replace(']', "").split('.').map(str::to_owned).collect();
        if steps.iter().any(String::is_empty) {
            let problem = Problem::new(&span, format!("`{text}` is not a path"));
            return Err(problem.help("a path is names joined by dots, as in learners.ucb1.alpha"));
        }
        Ok(Self { steps, span })
    }

    /// The first step.
    pub fn head(&self) -> &str {
        &self.steps[0]
    }

    /// Puts a value there. Keys that are not there yet are added, so that parameters with defaults
    /// can be set.
    ///
    /// # Errors
    /// A step that leads nowhere.
    pub fn set(&self, tree: &mut Node, value: Node) -> Result<(), Problem> {
        let (head, rest) = (&self.steps[0], &self.steps[1..]);
        if !matches!(head.as_str(), "environments" | "learners") || rest.is_empty() {
            return self.assign(tree, &self.steps, value);
        }
        let list = entry(tree, head).map(|entry| &mut entry.value);
        let Some(Node { kind: Kind::List(items), .. }) = list else {
            return Err(Problem::new(&self.span, format!("the spec has no list `{head}`")));
        };
        let index = self.pick(items, &rest[0])?;
        match &rest[1..] {
            [] => {
                items[index] = value;
                Ok(())
            }
            steps => match parameters(&mut items[index]) {
                Some(node) => self.assign(node, steps, value),
                None => Err(Problem::new(&self.span, format!("`{}` has no parameters", rest[0]))),
            },
        }
    }

    /// The item that a step means: by label, else by name, else by index.
    fn pick(&self, items: &[Node], step: &str) -> Result<usize, Problem> {
        let labels =
            |item: &Node| item.entries().first()?.value.get("label")?.as_str().map(str::to_owned);
        let name = |item: &Node| match &item.kind {
            Kind::Map(entries) => entries.first().map(|entry| entry.key.clone()),
            _ => item.as_str().map(str::to_owned),
        };
        let matching = |of: &dyn Fn(&Node) -> Option<String>| -> Vec<usize> {
            (0..items.len()).filter(|&i| of(&items[i]).as_deref() == Some(step)).collect()
        };
        let by_label = matching(&labels);
        let found = if by_label.is_empty() { matching(&name) } else { by_label };
        match (found.as_slice(), step.parse::<usize>()) {
            ([index], _) => Ok(*index),
            ([], Ok(index)) if index < items.len() => Ok(index),
            ([], _) => {
                let names: Vec<String> =
                    items.iter().filter_map(|item| labels(item).or_else(|| name(item))).collect();
                Err(Problem::new(&self.span, format!("`{}` has no item `{step}`", self.steps[0]))
                    .nearest(step, names.iter().map(String::as_str)))
            }
            (several, _) => {
                let message = format!("`{step}` could be any of {} items", several.len());
                let indices: Vec<String> =
                    several.iter().map(|i| format!("{}.{i}", self.steps[0])).collect();
                Err(Problem::new(&self.span, message)
                    .help(format!("give them labels, or say {}", indices.join(" or "))))
            }
        }
    }

    fn assign(&self, node: &mut Node, steps: &[String], value: Node) -> Result<(), Problem> {
        let Some((step, rest)) = steps.split_first() else {
            *node = value;
            return Ok(());
        };
        if let Kind::Scalar(_) = node.kind {
            node.kind = Kind::Map(Vec::new());
        }
        match &mut node.kind {
            Kind::List(items) => {
                let count = items.len();
                let item = step.parse().ok().and_then(|index: usize| items.get_mut(index));
                let item = item.ok_or_else(|| {
                    Problem::new(&self.span, format!("`{step}` is no index of a list of {count}"))
                })?;
                self.assign(item, rest, value)
            }
            Kind::Map(entries) => self.assign(self.entry_or_new(entries, step), rest, value),
            Kind::Scalar(_) => Ok(()),
        }
    }

    /// The value of a key of a mapping, added if it is not there.
    fn entry_or_new<'n>(&self, entries: &'n mut Vec<Entry>, key: &str) -> &'n mut Node {
        let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            let value = Node { span: self.span.clone(), kind: Kind::Scalar(().into()) };
            entries.push(Entry { key: key.to_owned(), span: self.span.clone(), value });
            entries.len() - 1
        });
        &mut entries[index].value
    }
}

fn entry<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Entry> {
    match &mut node.kind {
        Kind::Map(entries) => entries.iter_mut().find(|entry| entry.key == key),
        _ => None,
    }
}

/// The parameters of an item, if it is a name or a mapping; a bare name gets empty ones.
fn parameters(item: &mut Node) -> Option<&mut Node> {
    if let Some(name) = item.as_str().map(str::to_owned) {
        let value = Node { span: item.span.clone(), kind: Kind::Map(Vec::new()) };
        item.kind = Kind::Map(vec![Entry { key: name, span: item.span.clone(), value }]);
    }
    match &mut item.kind {
        Kind::Map(entries) => entries.first_mut().map(|entry| &mut entry.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;
    use serde_json::json;

    use super::*;

    const SPEC: &str = "horizon: 10\nlearners:\n- ucb1\n- exp3: {label: wide}\n- ucb1: {alpha: 1}\n\
                        - hedge: {rate: {fixed: 1}, list: [1, 2]}\n";

    fn set(argument: &str) -> Result<serde_json::Value, Problem> {
        let source = |text: &str| -> Source { Arc::new(NamedSource::new("x", text.to_owned())) };
        let mut tree = Node::parse(&source(SPEC)).expect("valid");
        set_argument(&mut tree, &source(argument))?;
        Ok(tree.to_json())
    }

    #[test]
    fn values_land_where_the_path_says() {
        assert_eq!(set("horizon=1e3").unwrap()["horizon"], 1000);
        assert_eq!(set("seed=7").unwrap()["seed"], 7);
        assert_eq!(set("learners.wide.eta=0.5").unwrap()["learners"][1]["exp3"]["eta"], 0.5);
        assert_eq!(
            set("learners.0.alpha=3").unwrap()["learners"][0],
            json!({"ucb1": {"alpha": 3}})
        );
        assert_eq!(
            set("learners.hedge.rate.fixed=2").unwrap()["learners"][3]["hedge"]["rate"],
            json!({"fixed": 2})
        );
        assert_eq!(
            set("learners.hedge.list[1]=9").unwrap()["learners"][3]["hedge"]["list"],
            json!([1, 9])
        );
        assert_eq!(set("learners.1=imed").unwrap()["learners"][1], "imed");
        assert_eq!(set("checkpoints={grid: linear, count: 3}").unwrap()["checkpoints"]["count"], 3);
    }

    #[test]
    fn paths_that_lead_nowhere_say_why() {
        for (argument, message, help) in [
            ("horizon", "needs path=value", "horizon=1e5"),
            ("learners.ucb1.alpha=2", "any of 2 items", "learners.0 or learners.2"),
            ("learners.hegde.rate=2", "no item `hegde`", "`hedge`"),
            ("learners..x=2", "not a path", "joined by dots"),
            ("learners.hedge.list.7=1", "no index of a list of 2", ""),
        ] {
            let problem = set(argument).expect_err(argument);
            assert!(problem.message().contains(message), "{problem}");
            assert!(problem.advice().unwrap_or_default().contains(help), "{:?}", problem.advice());
        }
        assert_eq!(set("seed=[1").expect_err("no YAML").span().location().2, 8);
    }
}
