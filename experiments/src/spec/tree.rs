//! YAML as a tree in which every key and value knows its place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Value;

use super::scalar;
use super::source::{Problem, Source, Span};

/// How deep values may nest, and how many there may be once aliases are written out: far above
/// any spec, low enough that no text can exhaust stack or memory.
const DEEPEST: usize = 64;
const LARGEST: usize = 1_000_000;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A string, number, truth value or null.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A mapping; keys are unique.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The only document of a YAML text.
    ///
    /// # Errors
    /// The first place where it is no YAML, nests too deep, repeats a key or has a key that is no
    /// scalar.
    pub fn parse(source: &Source) -> Result<Self, Problem> {
        Self::parse_from(source, 0)
    }

    /// The only document of a YAML text that begins at a byte of the source.
    ///
    /// # Errors
    /// As [`Node::parse`].
    pub fn parse_from(source: &Source, start: usize) -> Result<Self, Problem> {
        Builder::new(source, start).build()
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries, none if this is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value without places.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => {
                entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect()
            }
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, in words.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(Value::Null) => "nothing",
            Kind::Scalar(Value::Bool(_)) => "a truth value",
            Kind::Scalar(Value::Number(_)) => "a number",
            Kind::Scalar(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The span of the value at a path such as `means[2]` or `delay.fixed` below this one, as
    /// exactly as the path can be followed.
    pub fn place(&self, path: &str) -> &Span {
        let mut node = self;
        let mut span = &self.span;
        for step in path.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
            let next = match &node.kind {
                Kind::Map(entries) => entries.iter().find(|e| e.key == step).map(|e| &e.value),
                Kind::List(items) => step.parse().ok().and_then(|i: usize| items.get(i)),
                Kind::Scalar(_) => None,
            };
            let Some(next) = next else { break };
            node = next;
            span = &next.span;
        }
        span
    }

    fn size(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar(_) => 0,
            Kind::List(items) => items.iter().map(Self::size).sum(),
            Kind::Map(entries) => entries.iter().map(|e| 1 + e.value.size()).sum(),
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar(_) => 0,
            Kind::List(items) => items.iter().map(Self::depth).max().unwrap_or(0),
            Kind::Map(entries) => entries.iter().map(|e| e.value.depth()).max().unwrap_or(0),
        }
    }
}

/// A list or mapping that is still being read.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Span)>,
    /// The keys so far.
    keys: HashSet<String>,
}

struct Builder<'a> {
    source: &'a Source,
    /// The source from `start` on, behind blanks, so that offsets are those of the source.
    text: String,
    start: usize,
    /// Byte offset of every character, for texts that are not ASCII.
    offsets: Option<Vec<usize>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    size: usize,
    root: Option<Node>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source, start: usize) -> Self {
        let text = format!("{}{}", " ".repeat(start), &source.inner()[start..]);
        let offsets = (!text.is_ascii())
            .then(|| text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect());
        let (open, anchors) = (Vec::new(), HashMap::new());
        Self { source, text, start, offsets, open, anchors, size: 0, root: None }
    }

    fn build(mut self) -> Result<Node, Problem> {
        let text = std::mem::take(&mut self.text);
        for event in Parser::new_from_str(&text) {
            let (event, span) = event.map_err(|error| {
                let at = self.offset(error.marker().index());
                let place = Span::new(self.source, at, at + 1);
                Problem::new(&place, format!("this is not YAML: {}", error.info()))
            })?;
            let span = Span::new(
                self.source,
                self.offset(span.start.index()),
                self.offset(span.end.index()),
            );
            self.event(event, span)?;
        }
        let nothing = Span::new(self.source, self.start, self.start);
        self.root.ok_or_else(|| Problem::new(&nothing, "there is nothing in it"))
    }

    fn offset(&self, character: usize) -> usize {
        match &self.offsets {
            None => character,
            Some(offsets) => offsets[character.min(offsets.len() - 1)],
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar_value(text, style, tag.as_deref(), &span)?;
                self.finish(Node { span, kind: Kind::Scalar(value) }, anchor, 1)
            }
            Event::SequenceStart(anchor, _) => self.begin(span, Kind::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(span, Kind::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { mut node, anchor, .. }) => {
                    node.span = node.span.to(&span);
                    self.finish(node, anchor, 1)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Problem::new(&span, "this alias refers to itself"));
        };
        let (size, depth) = (node.size(), node.depth());
        if depth + self.open.len() > DEEPEST || self.size + size > LARGEST {
            return Err(Problem::new(&span, "aliases make this spec too large"));
        }
        let node = Node { span, ..node.clone() };
        self.finish(node, 0, size)
    }

    fn begin(&mut self, span: Span, kind: Kind, anchor: usize) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(Problem::new(&span, format!("values nest deeper than {DEEPEST} levels")));
        }
        self.open.push(Open { node: Node { span, kind }, anchor, key: None, keys: HashSet::new() });
        Ok(())
    }

    /// Puts a whole value, which adds `grown` values to the tree, where it belongs.
    fn finish(&mut self, node: Node, anchor: usize, grown: usize) -> Result<(), Problem> {
        self.size += grown;
        if self.size > LARGEST {
            let message = format!("a spec has at most {LARGEST} values");
            return Err(Problem::new(&node.span, message)
                .help("tables belong into files of their own: see `regret describe replay`"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            if self.root.is_some() {
                return Err(Problem::new(&node.span, "a second document: a spec is only one"));
            }
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                None => open.key = Some(key(node, &mut open.keys)?),
                Some((key, span)) => entries.push(Entry { key, span, value: node }),
            },
            Kind::Scalar(_) => {}
        }
        Ok(())
    }
}

/// A node as a key that the mapping does not have yet.
fn key(node: Node, keys: &mut HashSet<String>) -> Result<(String, Span), Problem> {
    let name = match &node.kind {
        Kind::Scalar(Value::String(text)) => text.clone(),
        Kind::Scalar(value) => value.to_string(),
        _ => return Err(Problem::new(&node.span, "a key must be a name")),
    };
    if !keys.insert(name.clone()) {
        return Err(Problem::new(&node.span, format!("the key `{name}` stands here twice")));
    }
    Ok((name, node.span))
}

fn scalar_value(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: &Span,
) -> Result<Value, Problem> {
    if style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str") {
        return Ok(Value::String(text.into_owned()));
    }
    scalar::resolve(&text).map_err(|_| Problem::new(span, format!("{text} is not a finite number")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn source(text: &str) -> Source {
        Arc::new(NamedSource::new("spec.yaml", text.to_owned()))
    }

    fn parse(text: &str) -> Result<Node, Problem> {
        Node::parse(&source(text))
    }

    #[test]
    fn values_know_their_places() {
        let tree = parse("a: [1, 'x', {é: 2e3}]\nb: {c: ~}\n").expect("valid");
        assert_eq!(tree.to_json(), json!({"a": [1, "x", {"é": 2000}], "b": {"c": null}}));
        assert_eq!(tree.place("a[2].é").location(), ("spec.yaml".to_owned(), 1, 17));
        assert_eq!(tree.place("b.c").location(), ("spec.yaml".to_owned(), 2, 8));
        assert_eq!(tree.place("b.missing").location().1, 2);
    }

    #[test]
    fn aliases_are_written_out() {
        let tree = parse("a: &x [1, 2]\nb: *x\n").expect("valid");
        assert_eq!(tree.to_json(), json!({"a": [1, 2], "b": [1, 2]}));
    }

    #[test]
    fn faults_are_located() {
        for (text, place, message) in [
            ("a: 1\na: 2\n", (2, 1), "the key `a` stands here twice"),
            ("a: [1\nb: 2\n", (2, 2), "this is not YAML"),
            ("a: .nan\n", (1, 4), ".nan is not a finite number"),
            ("a: 1\n---\nb: 2\n", (3, 1), "a second document"),
            ("? [1]\n: 2\n", (1, 3), "a key must be a name"),
            ("a: &x [*x]\n", (1, 8), "this alias refers to itself"),
            ("", (1, 1), "there is nothing in it"),
        ] {
            let problem = parse(text).expect_err(text);
            let (_, line, column) = problem.span().location();
            assert_eq!((line, column), place, "{text:?}: {problem}");
            assert!(problem.message().contains(message), "{text:?}: {problem}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            laughs += &format!("a{level}: &a{level} [{list}]\n");
        }
        let problem = parse(&laughs).expect_err("a billion laughs");
        assert!(problem.message().contains("too large"), "{problem}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-\\[\\]{}:,&*?|>'\"#!%@a-c0-9 \n\té]{0,120}") {
            let _ = parse(&text);
        }
    }
}
