//! The table of theory's bounds beside what was measured.

use super::number::with_margin;
use super::{escaped, in_order};

/// Most rows shown.
const MOST_ROWS: usize = 500;

/// A bound at the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundRow {
    /// The environment's label; rows are grouped by it.
    pub environment: String,
    /// The bound with its learner, such as `ucb1 ≤ Σ 8 ln t / Δ`.
    pub bound: String,
    /// Which regret.
    pub notion: String,
    /// Its value at the horizon.
    pub at_horizon: f64,
    /// The mean measured there.
    pub measured: Option<f64>,
    /// Source and conditions.
    pub source: String,
}

/// The section of the bounds, nothing if there are none.
pub(super) fn section(rows: &[BoundRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let mut html = String::from(
        "<h2>Bounds</h2>\n<div class=\"table\">\n<table>\n<thead>\n<tr>\
         <th scope=\"col\">Bound</th><th scope=\"col\">Regret</th>\
         <th scope=\"col\" class=\"number\">At the horizon</th>\
         <th scope=\"col\" class=\"number\">Measured</th>\
         <th scope=\"col\">Source and conditions</th></tr>\n</thead>\n",
    );
    for environment in in_order(shown.iter().map(|row| row.environment.as_str())) {
        let name = escaped(environment);
        html.push_str(&format!(
            "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"5\">{name}</th></tr>\n"
        ));
        for row in shown.iter().filter(|row| row.environment == environment) {
            html.push_str(&format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td>\
                 <td class=\"number\">{}</td><td>{}</td></tr>\n",
                escaped(&row.bound),
                escaped(&row.notion),
                with_margin(row.at_horizon, None),
                row.measured.map(|mean| with_margin(mean, None)).unwrap_or_default(),
                escaped(&row.source)
            ));
        }
        html.push_str("</tbody>\n");
    }
    html.push_str("</table>\n</div>\n");
    if shown.len() < rows.len() {
        let (few, all) = (shown.len(), rows.len());
        html.push_str(&format!("<p class=\"note\">The first {few} of {all} bounds.</p>\n"));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_shown_with_its_constant_and_source() {
        let row = BoundRow {
            environment: "easy".to_owned(),
            bound: "moss ≤ 49 √(K T)".to_owned(),
            notion: "pseudo-regret".to_owned(),
            at_horizon: 49_000.0,
            measured: Some(29.7),
            source: "A & B; always".to_owned(),
        };
        let html = section(&[row]);
        assert!(html.contains("moss ≤ 49 √(K T)") && html.contains("A &amp; B"));
        assert!(html.contains(">49000<") && html.contains(">29.70<"));
        assert_eq!(section(&[]), "");
    }
}
