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
    /// Figures that are not shown, for want of room.
    pub more_figures: usize,
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

/// Most bytes of figures, and of the spec's text; most rows of the table, and most warnings: whole, a
/// report stays below 5 MB, and says what it leaves out.
const MOST_FIGURES: usize = 3_000_000;
const MOST_SPEC: usize = 200_000;
const MOST_ROWS: usize = 2000;
const MOST_WARNINGS: usize = 200;
const MOST_CLAIMS: usize = 1000;

impl Report {
    /// Adds a figure, or counts it if there is no room for it.
    pub fn add_figure(&mut self, caption: String, svg: String) {
        let bytes: usize = self.figures.iter().map(|(_, svg)| svg.len()).sum();
        if self.more_figures == 0 && bytes + svg.len() <= MOST_FIGURES {
            self.figures.push((caption, svg));
        } else {
            self.more_figures += 1;
        }
    }

    /// The report as an HTML document. Everything but the figures, which are documents already, is
    /// escaped.
    pub fn html(&self) -> String {
        let mut html = head(&self.title);
        html.push_str(&warnings(first(&self.warnings, MOST_WARNINGS)));
        html.push_str(&left_out(self.warnings.len(), MOST_WARNINGS, "warnings", "manifest.json"));
        html.push_str(&claims::section(first(&self.claims, MOST_CLAIMS)));
        html.push_str(&left_out(self.claims.len(), MOST_CLAIMS, "claims", "claims.json"));
        html.push_str(&table::section(first(&self.table, MOST_ROWS), self.sampling));
        html.push_str(&left_out(self.table.len(), MOST_ROWS, "rows", "summary.csv"));
        html.push_str(&comparisons::section(&self.comparisons));
        html.push_str(&bounds::section(&self.bounds));
        html.push_str(&figures(&self.figures));
        let shown = self.figures.len();
        html.push_str(&left_out(shown + self.more_figures, shown, "figures", "figures/"));
        html.push_str(&provenance(&self.provenance));
        if !self.spec.is_empty() {
            let end = self.spec.floor_char_boundary(MOST_SPEC);
            let spec = escaped(&self.spec[..end]);
            html.push_str(&format!("<h2>Spec</h2>\n<pre>{spec}</pre>\n"));
            html.push_str(&left_out(self.spec.len(), end, "bytes", "manifest.json"));
        }
        html.push_str("</main>\n</body>\n</html>\n");
        html
    }
}

fn first<T>(all: &[T], most: usize) -> &[T] {
    &all[..all.len().min(most)]
}

/// What is said of a list that is cut; nothing if it is not.
fn left_out(all: usize, most: usize, what: &str, place: &str) -> String {
    if all <= most {
        return String::new();
    }
    format!("<p class=\"note\">The first {most} of {all} {what}; all are in {place}.</p>\n")
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
    fn a_huge_report_stays_small_and_says_what_it_leaves_out() {
        let mut report = Report {
            table: (0..30_000).map(|i| row(&format!("e{}", i / 7), "ucb1", &[1.0, 2.0])).collect(),
            warnings: vec!["w".repeat(500); 5000],
            spec: "ö".repeat(10_000_000),
            ..report()
        };
        for index in 0..40 {
            report.add_figure(format!("figure {index}"), "<svg></svg>".repeat(9000));
        }
        let html = report.html();
        assert!(html.len() < 5_000_000, "{}", html.len());
        for text in [
            "The first 2000 of 30000 rows; all are in summary.csv.",
            "The first 200 of 5000 warnings; all are in manifest.json.",
            "The first 31 of 41 figures; all are in figures/.",
            "The first 200000 of 20000000 bytes; all are in manifest.json.",
        ] {
            place(&html, text);
        }
    }

    #[test]
    fn an_empty_report_has_only_its_title() {
        let empty = Report { title: "Nothing".into(), ..Report::default() };
        assert!(!empty.html().contains("<h2>"));
        assert_eq!(empty.html(), empty.html());
    }
}
