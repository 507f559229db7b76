//! The table of paired comparisons.

use super::number::{p_value, with_interval};
use super::{escaped, in_order};
use crate::statistics::Comparison;

/// Most rows shown; the rest is in `comparisons.csv` only.
const MOST_ROWS: usize = 500;

/// One learner compared with another.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRow {
    /// The environment's label; rows are grouped by it.
    pub environment: String,
    /// The learner's label.
    pub learner: String,
    /// The label of the learner that it is compared with.
    pub baseline: String,
    /// Which regret.
    pub notion: String,
    /// The numbers.
    pub comparison: Comparison,
}

/// The section of the comparisons, nothing if there are none.
pub(super) fn section(rows: &[ComparisonRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let mut html = String::from(
        "<h2>Paired comparisons</h2>\n<div class=\"table\">\n<table>\n<thead>\n<tr>\
         <th scope=\"col\">Learner</th><th scope=\"col\">Against</th>\
         <th scope=\"col\">Regret</th>\
         <th scope=\"col\" class=\"number\">Difference [95 %]</th>\
         <th scope=\"col\" class=\"number\">p (Holm)</th>\
         <th scope=\"col\" class=\"number\">Variance reduction</th></tr>\n</thead>\n",
    );
    for environment in in_order(shown.iter().map(|row| row.environment.as_str())) {
        let name = escaped(environment);
        html.push_str(&format!(
            "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"6\">{name}</th></tr>\n"
        ));
        let mut rows: Vec<_> = shown.iter().filter(|row| row.environment == environment).collect();
        rows.sort_by(|a, b| {
            let mean = |row: &ComparisonRow| row.comparison.paired.difference.mean;
            a.notion.cmp(&b.notion).then(mean(a).total_cmp(&mean(b)))
        });
        rows.into_iter().for_each(|row| html.push_str(&self::row(row)));
        html.push_str("</tbody>\n");
    }
    html.push_str("</table>\n</div>\n");
    if shown.len() < rows.len() {
        html.push_str(&format!(
            "<p class=\"note\">The first {} of {} comparisons; all are in comparisons.csv.</p>\n",
            shown.len(),
            rows.len()
        ));
    }
    html.push_str(
        "<p class=\"soft\">Differences at the horizon, paired by replication; p-values corrected by \
         Holm within an environment and regret, for all pairs where the best is the reference. \
         Variance reduction: that of two independent runs over the paired one's.</p>\n",
    );
    html
}

fn row(row: &ComparisonRow) -> String {
    let paired = &row.comparison.paired;
    let reduction = paired.variance_reduction.map(|ratio| format!("{ratio:.1} ×"));
    let cells = [
        with_interval(paired.difference.mean, paired.interval),
        p_value(row.comparison.adjusted),
        reduction.unwrap_or_default(),
    ];
    let numbers: String =
        cells.iter().map(|cell| format!("<td class=\"number\">{}</td>", escaped(cell))).collect();
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>{numbers}</tr>\n",
        escaped(&row.learner),
        escaped(&row.baseline),
        escaped(&row.notion)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Family, Sampling};

    fn row(learner: &str) -> ComparisonRow {
        let samples: [&[f64]; 2] = [&[5.0, 6.0, 7.5, 8.0], &[1.0, 2.5, 3.0, 4.0]];
        let family = Family::of(&samples, None, Sampling::Fixed, 0.05).expect("samples");
        ComparisonRow {
            environment: "easy".to_owned(),
            learner: learner.to_owned(),
            baseline: "b".to_owned(),
            notion: "pseudo-regret".to_owned(),
            comparison: family.comparisons[0].clone(),
        }
    }

    #[test]
    fn a_row_has_difference_p_and_saving() {
        let html = section(&[row("<x>")]);
        // Differences 4, 3.5, 4.5, 4: mean 4, deviation 0.408, t interval ± 0.65; variances 1.896
        // and 1.563 over 1/6.
        assert!(html.contains("<th scope=\"row\">&lt;x&gt;</th><td>b</td><td>pseudo-regret</td>"));
        assert!(html.contains(">4.0 [3.4, 4.6]<"), "{html}");
        assert!(html.contains(">20.8 ×<"), "{html}");
    }

    #[test]
    fn long_tables_are_cut_and_say_so() {
        let html = section(&vec![row("x"); MOST_ROWS + 1]);
        assert_eq!(html.matches("<th scope=\"row\">").count(), MOST_ROWS);
        assert!(html.contains("The first 500 of 501 comparisons"));
    }
}
