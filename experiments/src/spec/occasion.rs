//! What a spec says for some occasions only: `quick:` and `full:`, the values of a smaller and of a
//! larger run, and `data:`, the values that are files of a folder named on the command line.
//!
//! Each is a mapping from [paths](super::path) to values, put into the tree before `--set`.

use std::path::{Component, Path as FilePath};

use serde_json::Value;

use super::path::Path;
use super::source::{Problem, Span};
use super::tree::{Entry, Kind, Node};

/// How large a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Seconds to minutes, to see that something holds at all.
    Quick,
    /// Up to hours, to see it as exactly as the spec's author wants.
    Full,
}

impl Scale {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Quick, Self::Full];

    /// The key in specs and the option of commands.
    pub fn key(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

/// The occasion that a spec is read for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occasion<'a> {
    /// The scale; without one, the spec is taken as it is written.
    pub scale: Option<Scale>,
    /// The folder of data.
    pub data: Option<&'a FilePath>,
    /// `path=value` arguments, which go before everything else.
    pub settings: &'a [String],
}

/// The key of the files of data.
const DATA: &str = "data";

/// The scales that a spec has values for.
pub(super) fn scales(tree: &Node) -> Vec<Scale> {
    Scale::ALL.into_iter().filter(|scale| tree.get(scale.key()).is_some()).collect()
}

/// Puts the values of the occasion into the tree. The paths of a scale that is not chosen are
/// followed as well, so that a mistake in them does not wait for its day.
///
/// # Errors
/// Everything that is wrong with the mappings; that the spec needs data and there is no folder.
pub(super) fn prepare(tree: &mut Node, occasion: &Occasion<'_>) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut chosen = tree.clone();
    for scale in Scale::ALL {
        let Some(node) = tree.get(scale.key()) else { continue };
        let mut copy = tree.clone();
        let into = if occasion.scale == Some(scale) { &mut chosen } else { &mut copy };
        match changes(node, scale.key()) {
            Ok(changes) => {
                let set = |(path, value): (Path, Node)| path.set(into, value).err();
                problems.extend(changes.into_iter().filter_map(set));
            }
            Err(found) => problems.extend(found),
        }
    }
    match files(tree) {
        Ok(files) => {
            for File { name, path, span } in files {
                let value = located(&name, &span, occasion.data);
                let set = value.and_then(|value| path.set(&mut chosen, value));
                problems.extend(set.err());
            }
        }
        Err(found) => problems.extend(found),
    }
    *tree = chosen;
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The changes that a mapping makes.
fn changes(node: &Node, key: &str) -> Result<Vec<(Path, Node)>, Vec<Problem>> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`{key}` must be a mapping, not {}", node.describe());
        let problem = Problem::new(&node.span, message);
        return Err(vec![
            problem.help(format!("{key}: {{path: value}}, such as {{horizon: 1e4}}")),
        ]);
    };
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    for Entry { key: text, span, value } in entries {
        match Path::new(text, span.clone()).and_then(|path| not_of_occasions(path, key)) {
            Ok(path) => changes.push((path, value.clone())),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(problems) }
}

/// The path, if it changes what a run is, not what other occasions are or what the run is called.
fn not_of_occasions(path: Path, key: &str) -> Result<Path, Problem> {
    match path.head() {
        head @ ("quick" | "full" | "data" | "name") => {
            Err(Problem::new(&path.span, format!("`{key}` cannot change `{head}`")))
        }
        _ => Ok(path),
    }
}

/// A file of data.
pub(super) struct File {
    /// Its name below the folder of data.
    pub(super) name: String,
    /// The value that it is.
    path: Path,
    span: Span,
}

/// The files of data that a spec needs.
///
/// # Errors
/// What is wrong with `data:`.
pub(super) fn files(tree: &Node) -> Result<Vec<File>, Vec<Problem>> {
    let Some(node) = tree.get(DATA) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for (path, value) in changes(node, DATA)? {
        match value.as_str().filter(|name| is_below(name)) {
            Some(name) => files.push(File { name: name.to_owned(), path, span: value.span }),
            None => {
                let problem = Problem::new(&value.span, "this is no file of the folder of data");
                problems.push(problem.help("a name such as prices.csv, or folder/prices.csv"));
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Whether a name leads to somewhere below the folder that it is looked up in.
fn is_below(name: &str) -> bool {
    let mut steps = FilePath::new(name).components().peekable();
    steps.peek().is_some() && steps.all(|step| matches!(step, Component::Normal(_)))
}

/// The path of a file as a value.
fn located(name: &str, span: &Span, data: Option<&FilePath>) -> Result<Node, Problem> {
    let Some(folder) = data else {
        let problem = Problem::new(span, format!("this spec needs the file `{name}`"));
        return Err(problem.help("say with --data in which folder it lies"));
    };
    let path =
        folder.join(name).into_os_string().into_string().map_err(|path| {
            Problem::new(span, format!("the path {} is not text", path.display()))
        })?;
    Ok(Node { span: span.clone(), kind: Kind::Scalar(Value::String(path)) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;
    use serde_json::json;

    use super::*;

    const SPEC: &str = "horizon: 10\nenvironments: [replay: {path: x}]\n\
                        quick: {horizon: 5, sweep: {horizon: [1, 2]}}\nfull: {seed: 3}\n";

    fn prepared(text: &str, occasion: &Occasion<'_>) -> Result<Value, Vec<Problem>> {
        let source = Arc::new(NamedSource::new("x", text.to_owned()));
        let mut tree = Node::parse(&source).expect("valid");
        prepare(&mut tree, occasion).map(|()| tree.to_json())
    }

    #[test]
    fn a_scale_changes_its_values_alone() {
        let plain = prepared(SPEC, &Occasion::default()).expect("valid");
        assert_eq!((&plain["horizon"], &plain["seed"]), (&json!(10), &Value::Null));
        let at = |scale| Occasion { scale: Some(scale), ..Occasion::default() };
        let quick = prepared(SPEC, &at(Scale::Quick)).expect("valid");
        assert_eq!((&quick["horizon"], &quick["seed"]), (&json!(5), &Value::Null));
        assert_eq!(quick["sweep"], json!({"horizon": [1, 2]}));
        let full = prepared(SPEC, &at(Scale::Full)).expect("valid");
        assert_eq!((&full["horizon"], &full["seed"]), (&json!(10), &json!(3)));
    }

    #[test]
    fn files_are_those_of_the_folder() {
        let spec = format!("{SPEC}data: {{environments.replay.path: a/b.csv}}\n");
        let folder = FilePath::new("somewhere");
        let found = prepared(&spec, &Occasion { data: Some(folder), ..Occasion::default() });
        let path = folder.join("a/b.csv");
        assert_eq!(found.expect("valid")["environments"][0]["replay"]["path"], json!(path));
        let problems = prepared(&spec, &Occasion::default()).expect_err("no folder");
        assert!(problems[0].message().contains("needs the file `a/b.csv`"), "{problems:?}");
        assert!(problems[0].advice().unwrap_or_default().contains("--data"));
    }

    #[test]
    fn mistakes_are_found_whatever_the_occasion() {
        for (line, message) in [
            ("quick: 3", "`quick` must be a mapping"),
            ("full: {learners.0.x: 3}", "no list `learners`"),
            ("full: {quick.horizon: 3}", "`full` cannot change `quick`"),
            ("quick: {name: x}", "`quick` cannot change `name`"),
            ("quick: {a..b: x}", "not a path"),
            ("data: [x]", "`data` must be a mapping"),
            ("data: {horizon: ../x}", "no file of the folder"),
            ("data: {horizon: /x}", "no file of the folder"),
            ("data: {horizon: ''}", "no file of the folder"),
            ("data: {horizon: 3}", "no file of the folder"),
        ] {
            let problems = prepared(&format!("horizon: 10\n{line}\n"), &Occasion::default());
            let problems = problems.expect_err(line);
            assert!(problems[0].message().contains(message), "{line}: {problems:?}");
        }
    }
}
