//! The table of final regrets.

use super::number::{spread, with_interval, with_margin};
use super::{Finished, Outcome, Row, escaped, in_order};
use crate::statistics::Sampling;

/// The table of final regrets, one group for each environment, the least mean first.
pub(super) fn section(rows: &[Row], sampling: Sampling) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<h2>Final regret</h2>\n<div class=\"table\">\n<table>\n<thead>\n<tr>\
         <th scope=\"col\">Learner</th><th scope=\"col\">Regret</th>\
         <th scope=\"col\" class=\"number\">Mean ± 95 %</th>\
         <th scope=\"col\" class=\"number\">Median</th>\
         <th scope=\"col\" class=\"number\">5 % – 95 % quantiles</th>\
         <th scope=\"col\" class=\"number\">Exponent</th>\
         <th scope=\"col\" class=\"number\">Replications</th></tr>\n</thead>\n",
    );
    for environment in in_order(rows.iter().map(|row| row.environment.as_str())) {
        let name = escaped(environment);
        html.push_str(&format!(
            "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"7\">{name}</th></tr>\n"
        ));
        for row in sorted(rows, environment) {
            html.push_str(&table_row(row));
        }
        html.push_str("</tbody>\n");
    }
    html.push_str("</table>\n</div>\n");
    let interval = match sampling {
        Sampling::Fixed => "95 % Student-t interval over replications",
        Sampling::Sequential => "95 % confidence sequence, which allows for stopping by looking",
    };
    html.push_str(&format!(
        "<p class=\"soft\">Mean ± half the width of its {interval}. Exponent: slope of ln (mean) \
         against ln t from √T on, with its 95 % interval.</p>\n"
    ));
    html
}

/// The environment's rows: by notion in the order given, then by mean, failures last.
fn sorted<'a>(rows: &'a [Row], environment: &str) -> Vec<&'a Row> {
    let notions = in_order(rows.iter().map(|row| row.notion.as_str()));
    let notion = |row: &Row| notions.iter().position(|notion| *notion == row.notion);
    let mean = |row: &Row| match &row.outcome {
        Outcome::Finished(finished) => finished.summary.mean,
        Outcome::Failed(_) => f64::INFINITY,
    };
    let mut found: Vec<&Row> = rows.iter().filter(|row| row.environment == environment).collect();
    found.sort_by(|a, b| notion(a).cmp(&notion(b)).then(mean(a).total_cmp(&mean(b))));
    found
}

/// One row of the table.
fn table_row(row: &Row) -> String {
    let (learner, notion) = (escaped(&row.learner), escaped(&row.notion));
    let start = format!("<tr><th scope=\"row\">{learner}</th><td>{notion}</td>");
    match &row.outcome {
        Outcome::Failed(reason) => {
            let reason = escaped(reason);
            format!("{start}<td colspan=\"5\" class=\"note\">failed: {reason}</td></tr>\n")
        }
        Outcome::Finished(finished) => format!("{start}{}</tr>\n", statistics(finished)),
    }
}

/// The cells of a row's statistics.
fn statistics(Finished { summary, margin, exponent }: &Finished) -> String {
    let exponent = exponent.as_ref().map(|growth| with_interval(growth.rate, growth.interval));
    let cells = [
        with_margin(summary.mean, *margin),
        with_margin(summary.median, None),
        spread(summary.q05, summary.q95),
        exponent.unwrap_or_default(),
        summary.count.to_string(),
    ];
    cells.iter().map(|cell| format!("<td class=\"number\">{cell}</td>")).collect()
}
