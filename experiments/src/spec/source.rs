//! Where a spec's values come from, and what is reported about them.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

/// A text that values come from: the spec's file, or one `--set` of the command line.
pub type Source = Arc<NamedSource<String>>;

/// A place in a source.
#[derive(Clone, Debug)]
pub struct Span {
    source: Source,
    start: usize,
    end: usize,
}

impl Span {
    /// The bytes from `start` to `end` (exclusive).
    pub fn new(source: &Source, start: usize, end: usize) -> Self {
        let length = source.inner().len();
        let start = start.min(length);
        Self { source: source.clone(), start, end: end.clamp(start, length) }
    }

    /// The place from here to the end of `other`, for a node made of several.
    #[must_use]
    pub fn to(&self, other: &Self) -> Self {
        Self::new(&self.source, self.start, other.end)
    }

    /// The name of the source, with line and column (from 1, in characters) of the start.
    pub fn location(&self) -> (String, usize, usize) {
        let before = &self.source.inner()[..self.start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (self.source.name().to_owned(), line, column)
    }

    /// The longest of the line that the place begins on and those next to it, in bytes.
    pub fn widest_line(&self) -> usize {
        let text = self.source.inner();
        let line = text[..self.start].rfind('\n').map_or(0, |end| end + 1);
        let previous = text[..line.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
        text[previous..].split('\n').take(3).map(str::len).max().unwrap_or(0)
    }

    /// The name of the source and the first byte: what tells places apart.
    pub fn start(&self) -> (String, usize) {
        (self.source.name().to_owned(), self.start)
    }

    /// The place cut at the end of its first line: what is underlined.
    fn underlined(&self) -> SourceSpan {
        let text = &self.source.inner()[self.start..self.end];
        let line = text.lines().next().unwrap_or_default().trim_end();
        (self.start, line.len()).into()
    }
}

/// The longest message, in bytes.
const LONGEST_MESSAGE: usize = 1000;

/// Something wrong with a spec: what, where, and what would be right.
#[derive(Clone, Debug)]
pub struct Problem {
    message: String,
    help: Option<String>,
    span: Span,
}

impl Problem {
    /// A problem at a place. A message that quotes a very long value is shortened.
    pub fn new(span: &Span, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > LONGEST_MESSAGE {
            let half = |text: &str| text.chars().take(LONGEST_MESSAGE / 2).collect::<String>();
            let end: String = half(&message.chars().rev().collect::<String>());
            message = format!("{} … {}", half(&message), end.chars().rev().collect::<String>());
        }
        Self { message, help: None, span: span.clone() }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same problem with the advice to use the valid name nearest to `wrong`, or the list of
    /// them if none is near.
    #[must_use]
    pub fn nearest<'a>(self, wrong: &str, valid: impl IntoIterator<Item = &'a str>) -> Self {
        let valid: Vec<&str> = valid.into_iter().collect();
        match nearest(wrong, &valid) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if valid.is_empty() => self,
            None => self.help(format!("valid here: {}", valid.join(", "))),
        }
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would be right, if known.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Where.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Place, message and advice without the text around them.
    pub fn to_line(&self) -> String {
        let (name, line, column) = self.span.location();
        let help = self.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
        format!("{name}:{line}:{column}: {self}{help}")
    }
}

/// The name among `valid` that `wrong` was probably meant to be.
pub fn nearest<'a>(wrong: &str, valid: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 100;
    if wrong.len() > LONGEST {
        return None;
    }
    let wrong = wrong.to_lowercase();
    valid
        .iter()
        .map(|&name| (strsim::damerau_levenshtein(&wrong, name), name))
        .min()
        .filter(|(distance, name)| *distance <= 1.max(name.len() / 3))
        .map(|(_, name)| name)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.span.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.span.underlined());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with a spec; at least one problem.
#[derive(Clone, Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| writeln!(f, "{}", problem.to_line()))
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_are_near() {
        assert_eq!(nearest("ucb", &["ucb1", "exp3"]), Some("ucb1"));
        assert_eq!(nearest("Alhpa", &["alpha", "beta"]), Some("alpha"));
        assert_eq!(nearest("horizont", &["horizon", "record"]), Some("horizon"));
        assert_eq!(nearest("quantum", &["ucb1", "exp3"]), None);
    }

    #[test]
    fn locations_count_characters_from_one() {
        let source: Source = Arc::new(NamedSource::new("s.yaml", "é: 1\nñab: 2\n".to_owned()));
        let start = source.inner().find("ab").expect("there");
        assert_eq!(Span::new(&source, start, start + 2).location(), ("s.yaml".to_owned(), 2, 2));
    }
}
