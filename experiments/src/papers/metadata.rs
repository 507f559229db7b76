//! `paper.yaml`: what a paper is and states, and where its specs deviate from it.

use std::sync::Arc;

use miette::NamedSource;
use serde_json::Value;

use crate::spec::source::{Problem, Problems};
use crate::spec::tree::{Kind, Node};

/// What a `paper.yaml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// The title.
    pub title: String,
    /// The authors, at least one.
    pub authors: Vec<String>,
    /// The year of publication.
    pub year: u64,
    /// Where it was published.
    pub source: String,
    /// What it states, as far as the specs put it to the test.
    pub summary: String,
    /// Where the specs, or the algorithms that they use, deviate from it.
    pub deviations: Vec<String>,
    /// The specs by the names of their files without ending, in the order in which they are run, and
    /// which of the paper's results each is.
    pub specs: Vec<(String, String)>,
}

const KEYS: [&str; 7] = ["title", "authors", "year", "source", "summary", "deviations", "specs"];

impl Metadata {
    /// Reads the text of a `paper.yaml`, which diagnostics call `file`; its tree goes along, for the
    /// places of what is wrong besides.
    ///
    /// # Errors
    /// Everything that is missing, unknown or of another kind than it must be.
    pub fn read(file: &str, text: &str) -> Result<(Self, Node), Problems> {
        let source = Arc::new(NamedSource::new(file, text.to_owned()).with_language("yaml"));
        let tree = Node::parse(&source)?;
        let mut reader = Reader { tree: &tree, problems: Vec::new() };
        reader.known_keys();
        let metadata = Self {
            title: reader.text("title"),
            authors: reader.texts("authors", 1),
            year: reader.year("year"),
            source: reader.text("source"),
            summary: reader.text("summary"),
            deviations: reader.texts("deviations", 0),
            specs: reader.named_texts("specs"),
        };
        let problems = reader.problems;
        if problems.is_empty() { Ok((metadata, tree)) } else { Err(Problems(problems)) }
    }
}

/// Reads keys, and keeps what is wrong.
struct Reader<'t> {
    tree: &'t Node,
    problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    fn known_keys(&mut self) {
        let unknown = self.tree.entries().iter().filter(|entry| !KEYS.contains(&&*entry.key));
        self.problems.extend(unknown.map(|entry| {
            let message = format!("unknown key `{}`", entry.key);
            Problem::new(&entry.span, message).nearest(&entry.key, KEYS)
        }));
    }

    fn need(&mut self, key: &str) -> Option<&'t Node> {
        let node = self.tree.get(key);
        if node.is_none() {
            self.problems
                .push(Problem::new(&self.tree.span, format!("the key `{key}` is missing")));
        }
        node
    }

    fn text(&mut self, key: &str) -> String {
        let Some(node) = self.need(key) else { return String::new() };
        self.text_of(node, key)
    }

    /// The text of a node, which is not empty.
    fn text_of(&mut self, node: &Node, what: &str) -> String {
        match node.as_str().map(str::trim) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                let message = format!("`{what}` must be text, not {}", node.describe());
                self.problems.push(Problem::new(&node.span, message));
                String::new()
            }
        }
    }

    fn texts(&mut self, key: &str, least: usize) -> Vec<String> {
        let Some(node) = self.need(key) else { return Vec::new() };
        match &node.kind {
            Kind::List(items) if items.len() >= least => {
                items.iter().map(|item| self.text_of(item, key)).collect()
            }
            _ => {
                let message = format!("`{key}` must be a list of at least {least} texts");
                self.problems.push(Problem::new(&node.span, message));
                Vec::new()
            }
        }
    }

    fn year(&mut self, key: &str) -> u64 {
        let Some(node) = self.need(key) else { return 0 };
        let year = match &node.kind {
            Kind::Scalar(Value::Number(number)) => number.as_u64(),
            _ => None,
        };
        year.filter(|year| (1600..=2200).contains(year)).unwrap_or_else(|| {
            self.problems.push(Problem::new(&node.span, format!("`{key}` must be a year")));
            0
        })
    }

    fn named_texts(&mut self, key: &str) -> Vec<(String, String)> {
        let Some(node) = self.need(key) else { return Vec::new() };
        if node.entries().is_empty() {
            let message = format!("`{key}` must map at least one name to a text");
            self.problems.push(Problem::new(&node.span, message));
        }
        let entries = node.entries().iter();
        entries.map(|entry| (entry.key.clone(), self.text_of(&entry.value, &entry.key))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title: A\nauthors: [B, C]\nyear: 1985\nsource: a journal\nsummary: |\n  s\n\
                        deviations: []\nspecs: {one: the first}\n";

    #[test]
    fn everything_is_read() {
        let (metadata, _) = Metadata::read("paper.yaml", TEXT).expect("complete");
        assert_eq!(metadata.authors, ["B", "C"]);
        assert_eq!((metadata.year, &*metadata.summary), (1985, "s"));
        assert_eq!(metadata.specs, [("one".to_owned(), "the first".to_owned())]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_with_its_place() {
        for (from, to, place, message) in [
            ("title: A\n", "", (1, 1), "`title` is missing"),
            ("title: A", "title: ''", (1, 8), "`title` must be text"),
            ("title: A", "titel: A", (1, 1), "unknown key `titel`"),
            ("[B, C]", "[]", (2, 10), "at least 1 texts"),
            ("[B, C]", "[B, 3]", (2, 14), "`authors` must be text, not a number"),
            ("1985", "soon", (3, 7), "must be a year"),
            ("deviations: []", "deviations: none", (7, 13), "must be a list"),
            ("{one: the first}", "[one]", (8, 8), "must map at least one name"),
            ("{one: the first}", "{one: }", (8, 12), "`one` must be text, not nothing"),
        ] {
            let text = TEXT.replace(from, to);
            let Problems(problems) = Metadata::read("paper.yaml", &text).expect_err(&text);
            let (_, line, column) = problems[0].span().location();
            assert!(problems[0].message().contains(message), "{to}: {problems:?}");
            assert_eq!((line, column), place, "{to}: {problems:?}");
        }
    }
}
