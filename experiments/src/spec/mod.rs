//! From a YAML text to cells.
//!
//! A text becomes a tree in which every value knows its place ([`tree`]); the occasion
//! ([`occasion`]) and `--set` change values by dotted path ([`path`]); `sweep:` makes one tree for
//! each point of its grid ([`sweep`]);
//! trees are resolved against the registries into cells ([`resolve`]). Every mistake is a
//! [`source::Problem`] with its place, and all of them are reported, before any round is played.

pub mod item;
pub mod occasion;
pub mod path;
pub mod presentation;
pub mod replications;
pub mod resolve;
pub mod scalar;
pub mod schema;
pub mod select;
pub mod source;
pub mod sweep;
pub mod text;
pub mod tree;

use std::sync::Arc;

use miette::NamedSource;

use crate::cell::Cell;
use crate::claims::{self, Claim};
use occasion::{Occasion, Scale};
use regret_results::publish::Presentation;
use regret_results::store::Origin;
use replications::Replications;
use source::{Problem, Problems, Source};
use tree::{Kind, Node};

/// A spec, checked and resolved: what a run needs.
pub struct Experiment {
    /// The spec's `name`, or the one given to [`read`].
    pub name: String,
    /// What it was read from.
    pub origin: Origin,
    /// The scales that it has values for.
    pub scales: Vec<Scale>,
    /// Every combination, in the order of the spec; each once.
    pub cells: Vec<Cell>,
    /// How many replications are played; of a number found by looking, cells have the most.
    pub replications: Replications,
    /// What it should show.
    pub claims: Vec<Claim>,
    /// What is drawn, and how learners are compared.
    pub presentation: Presentation,
}

/// Reads a spec as it is written.
///
/// `file` names the text in diagnostics, `name` is the experiment's if the text has none, and each
/// of `settings` is a `path=value` applied to the text's tree, before the sweep.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn read(
    file: &str,
    name: &str,
    text: &str,
    settings: &[String],
) -> Result<Experiment, Problems> {
    read_for(file, name, text, &Occasion { settings, ..Occasion::default() })
}

/// [`read`], from what an experiment was read from before.
///
/// # Errors
/// What is wrong with it by now, such as a data file that is missing.
pub fn read_again(name: &str, origin: &Origin) -> Result<Experiment, Problems> {
    let scale = Scale::ALL.into_iter().find(|scale| Some(scale.key()) == origin.scale.as_deref());
    let occasion = Occasion { scale, data: origin.data.as_deref(), settings: &origin.set };
    read_for("the run's spec", name, &origin.spec, &occasion)
}

/// The files that a spec needs, by their names below the folder of data.
///
/// # Errors
/// That the text is no YAML, or what is wrong with its `data:`.
pub fn files_of_data(file: &str, text: &str) -> Result<Vec<String>, Problems> {
    let tree = Node::parse(&named(file, text))?;
    let files = occasion::files(&tree).map_err(Problems)?;
    Ok(files.into_iter().map(|file| file.name).collect())
}

/// [`read`], for an occasion.
///
/// # Errors
/// As [`read`]; that the spec needs data and the occasion has no folder of it.
pub fn read_for(
    file: &str,
    name: &str,
    text: &str,
    occasion: &Occasion<'_>,
) -> Result<Experiment, Problems> {
    let mut tree = Node::parse(&named(file, text))?;
    let scales = occasion::scales(&tree);
    occasion::prepare(&mut tree, occasion).map_err(Problems)?;
    let failed: Vec<Problem> = occasion
        .settings
        .iter()
        .filter_map(|setting| path::set_argument(&mut tree, &named("--set", setting)).err())
        .collect();
    if !failed.is_empty() {
        return Err(Problems(failed));
    }
    let mut resolver = resolve::Resolver::default();
    let name = match tree.get("name").map(|node| (&node.kind, node)) {
        None => name.to_owned(),
        Some((Kind::Scalar(serde_json::Value::String(name)), _)) if is_folder_name(name) => {
            name.clone()
        }
        Some((_, node)) => {
            let rule = format!(
                "a name is at most {LONGEST_NAME} letters, digits, `-`, `_` and `.`, and does not \
                 begin with `.`"
            );
            resolver.report(Problem::new(&node.span, "this cannot be a run's name").help(rule));
            String::new()
        }
    };
    resolver.points(sweep::points(tree.clone()).map_err(Problems)?);
    let (cells, mut problems) = resolver.resolved();
    // What is wrong with them was reported by resolving the points.
    let replications =
        Replications::read(&tree).unwrap_or(Replications::Fixed(replications::DEFAULT));
    let world = select::World::new(&cells, problems.is_empty());
    let presentation = presentation::read(&tree, &world, replications, &mut problems);
    let claims = claims::read(&tree, &world, &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let origin = Origin {
        spec: text.to_owned(),
        scale: occasion.scale.map(|scale| scale.key().to_owned()),
        data: occasion.data.map(Into::into),
        set: occasion.settings.to_vec(),
    };
    Ok(Experiment { name, origin, scales, cells, replications, claims, presentation })
}

fn named(name: &str, text: &str) -> Source {
    Arc::new(NamedSource::new(name, text.to_owned()).with_language("yaml"))
}

/// The longest name of a run, in characters.
const LONGEST_NAME: usize = 60;

fn is_in_folder_names(c: char) -> bool {
    c.is_alphanumeric() || "-_.".contains(c)
}

fn is_folder_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=LONGEST_NAME).contains(&length)
        && !name.starts_with('.')
        && name.chars().all(is_in_folder_names)
}

/// The name of a run after any text, such as the name of a file.
pub fn folder_name(text: &str) -> String {
    let plain = |c| if is_in_folder_names(c) { c } else { '-' };
    let name: String =
        text.chars().map(plain).skip_while(|&c| c == '.').take(LONGEST_NAME).collect();
    if name.is_empty() { "spec".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regret_engine::delay::Delay;

    use super::*;

    const SPEC: &str = "\
horizon: 1e3
replications: 1_0
checkpoints: {grid: linear, count: 5}
record: [pseudo_regret, switches]
environments:
- bernoulli: {means: [0.5, 0.25], label: easy}
- bernoulli:
    means: [0.5, 0.45, 0.3]
    delay: {geometric: 3}
learners:
- ucb1
- ucb1: {alpha: 0.5, label: bold, on: [easy]}
sweep:
  learners.0.alpha: [2, 1, 0.5]
";

    fn problems(text: &str) -> Vec<(usize, usize, String, String)> {
        let Err(Problems(problems)) = read("spec.yaml", "x", text, &[]) else { return Vec::new() };
        let all = problems.into_iter().map(|problem| {
            let (_, line, column) = problem.span().location();
            let advice = problem.advice().unwrap_or_default().to_owned();
            (line, column, problem.message().to_owned(), advice)
        });
        all.collect()
    }

    #[test]
    fn cells_are_the_combinations_each_once() {
        let experiment = read("spec.yaml", "mine", SPEC, &["seed=7".to_owned()]).expect("valid");
        assert_eq!(experiment.name, "mine");
        let cells: Vec<_> = experiment
            .cells
            .iter()
            .map(|cell| {
                let alpha = cell.learner.parameters["alpha"].as_f64().expect("a number");
                (cell.environment.label.as_deref(), alpha, cell.delay)
            })
            .collect();
        let easy = Some("easy");
        // α = 0.5 is swept to, and besides given as `bold`: the same cell.
        assert_eq!(
            cells,
            [
                (easy, 2.0, Delay::None),
                (easy, 0.5, Delay::None),
                (None, 2.0, Delay::Geometric(3.0)),
                (easy, 1.0, Delay::None),
                (None, 1.0, Delay::Geometric(3.0)),
                (None, 0.5, Delay::Geometric(3.0)),
            ]
        );
        assert_eq!(experiment.cells[0].common.seed, 7);
        assert_eq!(experiment.cells[0].plan.checkpoints, [200, 400, 600, 800, 1000]);
    }

    #[test]
    fn every_mistake_is_reported_where_it_stands() {
        let text = "\
horizont: 10
horizon: ten
record: [pseudo_regert]
environments:
- bernoulli: {means: [0.5, 1.2]}
- bernouli
- bernoulli: {delay: {fixed: -1}, means: [1]}
learners:
- ucb1: {alhpa: 1}
- ucb1: {alpha: [1]}
- ucb1: {alpha: -1, label: [x]}
- {ucb1: {}, exp3: {}}
- ucb1: {on: [hard]}
";
        let found = problems(text);
        let places: Vec<(usize, usize)> = found.iter().map(|p| (p.0, p.1)).collect();
        for (place, message, advice) in [
            ((1, 1), "unknown key `horizont`", "`horizon`"),
            ((2, 10), "`horizon` must be a whole number", ""),
            ((3, 10), "nothing called `pseudo_regert`", "`pseudo_regret`"),
            ((6, 3), "no environment `bernouli`", "`bernoulli`"),
            ((9, 10), "no parameter `alhpa`", "`alpha`"),
            ((11, 28), "a label is text", ""),
            ((12, 3), "an item has one name", ""),
            ((13, 15), "no environment `hard`", "bernoulli"),
        ] {
            let index = places.iter().position(|&at| at == place);
            let (_, _, said, help) =
                &found[index.unwrap_or_else(|| panic!("{place:?}: {found:?}"))];
            assert!(said.contains(message), "{said}");
            assert!(help.contains(advice), "{help}");
        }
    }

    #[test]
    fn parameters_are_checked_where_they_stand() {
        let head = "horizon: 10\n";
        for (text, place, message) in [
            (
                "environments: [bernoulli: {means: [0.5, 1.2]}]\nlearners: [ucb1]\n",
                (2, 41),
                "means[1] = 1.2",
            ),
            ("environments: [bernoulli]\nlearners: [ucb1]\n", (2, 16), "missing field `means`"),
            (
                "environments: [bernoulli: {means: [1], delay: {fixed: -1}}]\nlearners: [ucb1]\n",
                (2, 47),
                "`delay`",
            ),
            (
                "environments: [bernoulli: {means: [1]}]\nlearners: [ucb1: {alpha: no}]\n",
                (3, 26),
                "alpha: invalid type",
            ),
            (
                "environments: [bernoulli: {means: [1]}]\nlearners: [ucb1: {alpha: -1}]\n",
                (3, 26),
                "alpha = -1",
            ),
        ] {
            let found = problems(&format!("{head}{text}"));
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0, found[0].1), place, "{found:?}");
            assert!(found[0].2.contains(message), "{found:?}");
        }
    }

    #[test]
    fn the_schema_has_no_dangling_reference() {
        let schema = schema::schema().to_string();
        assert!(schema.contains("\"ucb1\"") && schema.contains("\"alpha\""));
        assert!(!schema.contains("$ref"), "{schema}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Any bytes put in place of any part of a spec: a result or problems, never a panic.
        #[test]
        fn mutated_specs_never_panic(
            at in 0usize..400,
            length in 0usize..12,
            text in "[-\\[\\]{}:,&*.0-9eE_a-z'\" \n]{0,8}",
        ) {
            let start = at.min(SPEC.len());
            let end = (start + length).min(SPEC.len());
            let mutated = format!("{}{text}{}", &SPEC[..start], &SPEC[end..]);
            if let Err(Problems(problems)) = read("spec.yaml", "x", &mutated, &[]) {
                prop_assert!(!problems.is_empty());
            }
        }
    }
}
