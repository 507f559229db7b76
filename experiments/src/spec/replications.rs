//! `replications:`: a number, or how to find it by looking at the results.

use serde_json::Value;

use super::source::Problem;
use super::tree::{Kind, Node};

/// Replications when the spec does not say.
pub const DEFAULT: u64 = 100;
/// Most replications.
pub const MOST: u64 = 1 << 32;

/// How many replications are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replications {
    /// This many.
    Fixed(u64),
    /// Blocks of them until the comparisons of each panel are decided, at most this many.
    UntilSeparated {
        /// The most.
        at_most: u64,
    },
}

impl Replications {
    /// What a spec's tree says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(tree: &Node) -> Result<Self, Problem> {
        let Some(node) = tree.get("replications") else { return Ok(Self::Fixed(DEFAULT)) };
        match &node.kind {
            Kind::Scalar(_) => whole(node, "`replications`").map(Self::Fixed),
            Kind::Map(_) => until(node),
            Kind::List(_) => Err(Problem::new(&node.span, "`replications` is no list").help(HELP)),
        }
    }

    /// The most that are played.
    pub fn most(self) -> u64 {
        match self {
            Self::Fixed(count) => count,
            Self::UntilSeparated { at_most } => at_most,
        }
    }
}

const HELP: &str = "a number, or {until: separated, at_most: 10000}";

fn until(node: &Node) -> Result<Replications, Problem> {
    const KEYS: [&str; 2] = ["until", "at_most"];
    if let Some(entry) = node.entries().iter().find(|entry| !KEYS.contains(&&*entry.key)) {
        let problem = Problem::new(&entry.span, format!("unknown key `{}`", entry.key));
        return Err(problem.nearest(&entry.key, KEYS));
    }
    match node.get("until") {
        Some(until) if until.as_str() == Some("separated") => {}
        Some(until) => {
            return Err(Problem::new(&until.span, "`until` must be `separated`").help(HELP));
        }
        None => return Err(Problem::new(&node.span, "the key `until` is missing").help(HELP)),
    }
    let Some(most) = node.get("at_most") else {
        return Err(Problem::new(&node.span, "the key `at_most` is missing").help(HELP));
    };
    whole(most, "`at_most`").map(|at_most| Replications::UntilSeparated { at_most })
}

fn whole(node: &Node, name: &str) -> Result<u64, Problem> {
    let value = match &node.kind {
        Kind::Scalar(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    value.filter(|count| (1..=MOST).contains(count)).ok_or_else(|| {
        let message = format!("{name} must be a whole number from 1 to {MOST}");
        Problem::new(&node.span, message).help(HELP)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use miette::NamedSource;

    use super::*;

    fn read(text: &str) -> Result<Replications, Problem> {
        let text = format!("replications: {text}\n");
        let tree = Node::parse(&Arc::new(NamedSource::new("x", text))).expect("valid");
        Replications::read(&tree)
    }

    #[test]
    fn numbers_and_rules() {
        assert_eq!(read("1e3").expect("valid"), Replications::Fixed(1000));
        let until = read("{until: separated, at_most: 1e4}").expect("valid");
        assert_eq!(until, Replications::UntilSeparated { at_most: 10_000 });
        for (text, message) in [
            ("0", "whole number from 1"),
            ("1.5", "whole number from 1"),
            ("ten", "whole number from 1"),
            ("[1]", "is no list"),
            ("{until: bored, at_most: 9}", "`until` must be `separated`"),
            ("{until: separated}", "`at_most` is missing"),
            ("{at_most: 9}", "`until` is missing"),
            ("{until: separated, at_most: 0}", "`at_most` must be a whole number"),
            ("{until: separated, atmost: 9}", "unknown key `atmost`"),
        ] {
            let problem = read(text).expect_err(text);
            assert!(problem.message().contains(message), "{text}: {problem}");
        }
    }
}
