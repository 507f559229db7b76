//! The report of a paper: what it states, where the experiments deviate from it, and for each of
//! them the verdicts and figures.

use super::{claims, escaped, head, plots, provenance, warnings};
use crate::claims::{Judged, Verdict};

/// What the report of a paper shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaperReport {
    /// The paper's title.
    pub title: String,
    /// Its authors.
    pub authors: Vec<String>,
    /// Where and when it was published.
    pub source: String,
    /// What it states.
    pub summary: String,
    /// Where the experiments deviate from it.
    pub deviations: Vec<String>,
    /// The experiments.
    pub sections: Vec<PaperSection>,
    /// Where the numbers come from: names and values.
    pub provenance: Vec<(String, String)>,
}

/// An experiment of a paper.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperSection {
    /// Its name.
    pub name: String,
    /// Which of the paper's results it is.
    pub about: String,
    /// What came of it.
    pub outcome: SectionOutcome,
}

/// What came of an experiment of a paper.
#[derive(Clone, Debug, PartialEq)]
pub enum SectionOutcome {
    /// It was not run, for this reason.
    Skipped(String),
    /// It was run.
    Run {
        /// What it should show, judged.
        claims: Vec<Judged>,
        /// What the reader should know before trusting the verdicts.
        warnings: Vec<String>,
        /// Figures: caption and SVG document.
        figures: Vec<(String, String)>,
    },
}

impl PaperReport {
    /// The report as an HTML document that needs nothing else. Everything but the figures is escaped.
    pub fn html(&self) -> String {
        let mut html = head(&self.title);
        let authors = escaped(&self.authors.join(", "));
        html.push_str(&format!("<p class=\"soft\">{authors}. {}.</p>\n", escaped(&self.source)));
        html.push_str(&format!("<p>{}</p>\n", escaped(&self.summary())));
        html.push_str(&format!("<h2>What the paper states</h2>\n{}", paragraphs(&self.summary)));
        html.push_str("<h2>Deviations</h2>\n");
        html.push_str(&match self.deviations.as_slice() {
            [] => "<p>None is known.</p>\n".to_owned(),
            deviations => {
                let item = |text: &String| format!("<li>{}</li>\n", escaped(text));
                format!("<ul>\n{}</ul>\n", deviations.iter().map(item).collect::<String>())
            }
        });
        html.extend(self.sections.iter().map(section));
        html.push_str(&provenance(&self.provenance));
        html.push_str("</main>\n</body>\n</html>\n");
        html
    }

    /// How many claims came out how, in a sentence.
    fn summary(&self) -> String {
        let claims = || {
            self.sections.iter().flat_map(|section| match &section.outcome {
                SectionOutcome::Run { claims, .. } => claims.as_slice(),
                SectionOutcome::Skipped(_) => &[],
            })
        };
        let count = |verdict| claims().filter(|one| one.judgement.verdict == verdict).count();
        let skipped =
            |section: &&PaperSection| matches!(section.outcome, SectionOutcome::Skipped(_));
        let skipped = match self.sections.iter().filter(skipped).count() {
            0 => String::new(),
            count => format!(" Experiments skipped: {count}."),
        };
        format!(
            "Of {} claims {} pass, {} fail, {} are undecided.{skipped}",
            claims().count(),
            count(Verdict::Pass),
            count(Verdict::Fail),
            count(Verdict::Undecided)
        )
    }
}

fn section(section: &PaperSection) -> String {
    let (name, about) = (escaped(&section.name), escaped(&section.about));
    let start = format!("<h2>{name}</h2>\n<p>{about}</p>\n");
    match &section.outcome {
        SectionOutcome::Skipped(reason) => {
            format!("{start}<p class=\"note\">Not run: {}.</p>\n", escaped(reason))
        }
        SectionOutcome::Run { claims, warnings: found, figures: drawn } => {
            let table = if claims.is_empty() { String::new() } else { claims::table(claims) };
            format!("{start}{}{table}{}", warnings(found), plots(drawn))
        }
    }
}

/// A text whose paragraphs are separated by blank lines.
fn paragraphs(text: &str) -> String {
    text.split("\n\n").map(|part| format!("<p>{}</p>\n", escaped(part.trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Confidence, Judgement};
    use crate::statistics::Sampling;

    #[test]
    fn everything_is_there_and_escaped() {
        let confidence = Confidence { sampling: Sampling::Fixed, alpha: 0.05 };
        let claim = Judged {
            claim: "<claim>".to_owned(),
            states: Some("it <holds>".to_owned()),
            source: None,
            cells: Vec::new(),
            judgement: Judgement::without_data("mean", confidence, "nothing was played"),
        };
        let run = SectionOutcome::Run {
            claims: vec![claim],
            warnings: vec!["a <warning>".to_owned()],
            figures: vec![("regret.svg".to_owned(), "<svg></svg>\n".to_owned())],
        };
        let part = |name: &str, outcome| PaperSection {
            name: name.to_owned(),
            about: format!("about <{name}>"),
            outcome,
        };
        let report = PaperReport {
            title: "On <bandits>".to_owned(),
            authors: vec!["A & B".to_owned(), "C".to_owned()],
            source: "nowhere, 1985".to_owned(),
            summary: "It states\nthis.\n\nAnd <that>.".to_owned(),
            sections: vec![
                part("one", run),
                part("two", SectionOutcome::Skipped("no <data>".to_owned())),
            ],
            ..PaperReport::default()
        };
        let html = report.html();
        for text in [
            "<h1>On &lt;bandits&gt;</h1>",
            "A &amp; B, C. nowhere, 1985.",
            "Of 1 claims 0 pass, 0 fail, 1 are undecided. Experiments skipped: 1.",
            "<p>It states\nthis.</p>\n<p>And &lt;that&gt;.</p>",
            "<p>None is known.</p>",
            "<p>about &lt;one&gt;</p>",
            "<td>it &lt;holds&gt;</td><th scope=\"row\">&lt;claim&gt;</th>",
            "<li>a &lt;warning&gt;</li>",
            "<svg></svg>",
            "Not run: no &lt;data&gt;.",
        ] {
            assert!(html.contains(text), "{text} is missing in\n{html}");
        }
        for forbidden in ["http", "src=", "href=", "url(", "@import", "<script"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}
