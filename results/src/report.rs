//! The report of an experiment: one HTML file that needs nothing else, with the verdicts on claims,
//! tables of the final regrets, their comparisons and bounds, figures, the spec and where the
//! numbers come from.

mod bounds;
mod claims;
mod comparisons;
pub(crate) mod number;
mod paper;
mod table;

pub use bounds::BoundRow;
pub use comparisons::ComparisonRow;
pub use paper::{PaperReport, PaperSection, SectionOutcome};

use crate::claims::Judged;
use crate::statistics::growth::Growth;
use crate::statistics::{Sampling, Summary};

/// The style sheet, part of every report.
const STYLE: &str = include_str!("report/style.css");

/// What a report shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The experiment's title.
    pub title: String,
    /// Figures in order: caption and SVG document, as [`crate::figure::Figure::svg`] makes it.
    pub figures: Vec<(String, String)>,
    /// Rows of the table, in any order.
    pub table: Vec<Row>,
    /// Where the numbers come from: names and values, such as the version and the seed.
    pub provenance: Vec<(String, String)>,
    /// The spec, as it was run.
    pub spec: String,
    /// What the reader should know before trusting the numbers.
    pub warnings: Vec<String>,
    /// Claims with what came of them.
    pub claims: Vec<Judged>,
    /// Paired comparisons, grouped like the table.
    pub comparisons: Vec<ComparisonRow>,
    /// Bounds of theory beside what was measured.
    pub bounds: Vec<BoundRow>,
    /// How the number of replications was chosen, which decides what the intervals are.
    pub sampling: Sampling,
}

/// The final regret of one learner in one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The environment's label; rows are grouped by it, in the order in which they first occur.
    pub environment: String,
    /// The learner's label.
    pub learner: String,
    /// Which regret, such as "pseudo-regret".
    pub notion: String,
    /// The statistics at the horizon, or why there are none.
    pub outcome: Outcome,
}

/// What came of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was simulated.
    Finished(Finished),
    /// It failed, for this reason.
    Failed(String),
}

/// The numbers of a cell that was simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Statistics over replications.
    pub summary: Summary,
    /// Half the width of the mean's 95 % interval; `None` if it is the whole line.
    pub margin: Option<f64>,
    /// The exponent, if it has one.
    pub exponent: Option<Growth>,
}

impl Report {
    /// The report as an HTML document. Everything but the figures, which are documents already, is
    /// escaped.
    pub fn html(&self) -> String {
        let mut html = head(&self.title);
        html.push_str(&warnings(&self.warnings));
        html.push_str(&claims::section(&self.claims));
        html.push_str(&table::section(&self.table, self.sampling));
        html.push_str(&comparisons::section(&self.comparisons));
        html.push_str(&bounds::section(&self.bounds));
        html.push_str(&figures(&self.figures));
        html.push_str(&provenance(&self.provenance));
        if !self.spec.is_empty() {
            html.push_str(&format!("<h2>Spec</h2>\n<pre>{}</pre>\n", escaped(&self.spec)));
        }
        html.push_str("</main>\n</body>\n</html>\n");
        html
    }
}

/// The document up to the main title.
fn head(title: &str) -> String {
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n"
    )
}

/// The list of warnings, nothing if there are none.
fn warnings(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let items = warnings.iter().map(|warning| format!("<li>{}</li>\n", escaped(warning)));
    format!("<ul class=\"warnings\">\n{}</ul>\n", items.collect::<String>())
}

/// The distinct texts in the order of their first occurrence.
fn in_order<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

/// The section of the figures, nothing if there are none.
fn figures(figures: &[(String, String)]) -> String {
    if figures.is_empty() { String::new() } else { format!("<h2>Figures</h2>\n{}", plots(figures)) }
}

/// The figures with their captions.
fn plots(figures: &[(String, String)]) -> String {
    let figure = |(caption, svg): &(String, String)| {
        let caption = escaped(caption);
        let start =
            format!("<figure>\n<div class=\"plot\" role=\"img\" aria-label=\"{caption}\">\n");
        format!("{start}{svg}</div>\n<figcaption>{caption}</figcaption>\n</figure>\n")
    };
    figures.iter().map(figure).collect()
}

/// The list of where the numbers come from.
fn provenance(provenance: &[(String, String)]) -> String {
    if provenance.is_empty() {
        return String::new();
    }
    let entry = |(name, value): &(String, String)| {
        format!("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value))
    };
    let entries = provenance.iter().map(entry).collect::<String>();
    format!("<h2>Provenance</h2>\n<dl>\n{entries}</dl>\n")
}

/// The text with HTML's special characters as entities and without control characters, which HTML
/// doesn't allow.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(environment: &str, learner: &str, values: &[f64]) -> Row {
        let outcome = match Summary::of(values) {
            Ok(summary) => {
                Outcome::Finished(Finished { margin: summary.margin(), exponent: None, summary })
            }
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let notion = "pseudo-regret".into();
        Row { environment: environment.into(), learner: learner.into(), notion, outcome }
    }

    fn report() -> Report {
        Report {
            title: "Bandits <1 & 2>".into(),
            figures: vec![("A \"figure\"".into(), "<svg></svg>\n".into())],
            table: vec![
                row("easy", "exp3 & co", &[100.0, 140.0]),
                row("hard", "ucb1", &[300.0]),
                row("easy", "broken", &[]),
                row("easy", "ucb1", &[10.0, 12.0, 14.0]),
            ],
            provenance: vec![("seed".into(), "42".into())],
            spec: "title: <x>\nhorizon: 10\n".into(),
            warnings: vec!["1 cell of 4 failed".into()],
            ..Report::default()
        }
    }

    /// Where the text is in the page.
    fn place(html: &str, text: &str) -> usize {
        html.find(text).unwrap_or_else(|| panic!("{text:?} is missing"))
    }

    #[test]
    fn everything_is_there_and_escaped() {
        let html = report().html();
        for text in [
            "<title>Bandits &lt;1 &amp; 2&gt;</title>",
            "exp3 &amp; co",
            "<svg></svg>",
            "<figcaption>A &quot;figure&quot;</figcaption>",
            "<dt>seed</dt><dd>42</dd>",
            "title: &lt;x&gt;\nhorizon: 10",
            "<li>1 cell of 4 failed</li>",
        ] {
            place(&html, text);
        }
    }

    #[test]
    fn rows_are_grouped_by_environment_and_sorted_by_mean_with_failures_last() {
        let html = report().html();
        let order = [">easy<", ">ucb1<", ">exp3 &amp; co<", ">broken<", ">hard<"];
        let places: Vec<usize> = order.iter().map(|text| place(&html, text)).collect();
        assert!(places.is_sorted(), "{places:?}");
        place(&html, "failed: a sample without values has no statistics");
    }

    #[test]
    fn statistics_have_sensible_digits() {
        let html = report().html();
        place(&html, "<td class=\"number\">12.0 ± 5.0</td>");
        place(&html, "<td class=\"number\">300</td><td class=\"number\">300</td>");
        assert!(!html.contains("NaN"));
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = report().html();
        for forbidden in ["http", "src=", "href=", "url(", "@import", "<script"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn an_empty_report_has_only_its_title() {
        let empty = Report { title: "Nothing".into(), ..Report::default() };
        assert!(!empty.html().contains("<h2>"));
        assert_eq!(empty.html(), empty.html());
    }
}
