//! The verdicts on the spec's claims.

use super::escaped;
use super::number::{p_value, with_interval};
use crate::claims::{Judged, Judgement, Verdict};

/// The section of the claims, nothing if there are none.
pub(super) fn section(claims: &[Judged]) -> String {
    if claims.is_empty() {
        return String::new();
    }
    format!("<h2>Claims</h2>\n{}", table(claims))
}

/// The table of claims, with what is stated if anything is.
pub(super) fn table(claims: &[Judged]) -> String {
    let stated = claims.iter().any(|judged| judged.stated().is_some());
    let rows = claims.iter().map(|judged| row(judged, stated)).collect::<String>();
    let stated = if stated { "<th scope=\"col\">Stated</th>" } else { "" };
    format!(
        "<div class=\"table\">\n<table>\n<thead>\n<tr>\
         <th scope=\"col\">Verdict</th>{stated}<th scope=\"col\">Claim</th>\
         <th scope=\"col\" class=\"number\">Measured</th>\
         <th scope=\"col\" class=\"number\">p</th><th scope=\"col\">Remark</th></tr>\n</thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

fn row(judged: &Judged, stated: bool) -> String {
    let verdict = judged.judgement.verdict;
    let class = match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Undecided => "undecided",
    };
    let stated = match stated {
        true => format!("<td>{}</td>", escaped(&judged.stated().unwrap_or_default())),
        false => String::new(),
    };
    format!(
        "<tr><td class=\"{class}\">{}</td>{stated}<th scope=\"row\">{}</th>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
        verdict.word(),
        escaped(&judged.claim),
        escaped(&judged.judgement.figure()),
        judged.judgement.p.map(|p| escaped(&p_value(p))).unwrap_or_default(),
        escaped(&judged.judgement.remark()),
    )
}

impl Judgement {
    /// The figure measured with its interval, such as `exponent 0.512 [0.480, 0.541]`.
    pub fn figure(&self) -> String {
        let figure =
            |measured| format!("{} {}", self.quantity, with_interval(measured, self.interval));
        self.measured.map(figure).unwrap_or_default()
    }

    /// What there is to say besides: how many replications would decide, notes.
    pub fn remark(&self) -> String {
        let needed = match (self.verdict, self.needed) {
            (Verdict::Undecided, Some(needed)) => {
                Some(format!("about {needed} replications would decide"))
            }
            (Verdict::Undecided, None) if self.measured.is_some() => {
                Some("no number of replications is likely to decide".to_owned())
            }
            _ => None,
        };
        needed.into_iter().chain(self.note.clone()).collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Confidence, Estimate, Limits};
    use crate::statistics::Sampling;

    #[test]
    fn claims_are_shown_with_verdict_figure_and_what_would_decide() {
        let estimate = Estimate {
            quantity: "exponent",
            measured: 0.5,
            interval: Some((0.45, 0.55)),
            deviation: Some(0.25),
            count: 100,
        };
        let confidence = Confidence { sampling: Sampling::Fixed, alpha: 0.05 };
        let judged = |high| Judged {
            claim: "exponent of <a> at most".to_owned(),
            states: None,
            source: None,
            cells: Vec::new(),
            judgement: estimate.judge(Limits { low: None, high: Some(high) }, confidence),
        };
        let html = section(&[judged(0.6), judged(0.51)]);
        assert!(html.contains("<td class=\"pass\">PASS</td>"));
        assert!(html.contains("exponent of &lt;a&gt; at most"));
        assert!(html.contains("exponent 0.50 [0.45, 0.55]"));
        // (1.96 · 0.25/0.01)² = 2401.
        assert!(html.contains("about 2404 replications would decide"), "{html}");
        assert_eq!(section(&[]), "");
        assert!(!html.contains("Stated"));
        let (states, source) = (Some("R ≤ √<T>".to_owned()), Some("Theorem 1".to_owned()));
        let html = section(&[judged(0.6), Judged { states, source, ..judged(0.51) }]);
        assert!(html.contains("<td>R ≤ √&lt;T&gt; (Theorem 1)</td>"), "{html}");
        assert!(html.contains("<th scope=\"col\">Stated</th>") && html.contains("<td></td><th"));
        let nothing = Judgement::without_data("ratio", confidence, "it stopped");
        assert_eq!((nothing.figure(), nothing.remark()), (String::new(), "it stopped".to_owned()));
    }
}
