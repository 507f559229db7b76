//! The final numbers of a panel, for the terminal and for the report.

use super::cell::{CellCurves, Quantity};
use super::panel::Panel;
use super::{Entry, Row};
use crate::report::{self, Outcome};
use crate::statistics::{COVERAGE, Sampling, Summary};

/// The first regret of every finished cell, the best first.
pub(super) fn final_rows(panel: &Panel, cells: &[CellCurves], sampling: Sampling) -> Vec<Row> {
    let row = |cell: &CellCurves| {
        let quantity = Quantity::main(cell.curves.as_ref().ok()?)?;
        let summary = quantity.curve.last()?.clone();
        Some(Row {
            panel: panel.title.clone(),
            learner: panel.labels[cell.cell].clone(),
            notion: quantity.notion.title.to_owned(),
            margin: margin(&summary, sampling),
            summary,
            exponent: quantity.exponent().cloned(),
        })
    };
    let mut rows: Vec<Row> = cells.iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.summary.mean.total_cmp(&b.summary.mean));
    rows
}

/// Half the width of the 95 % interval of a mean.
fn margin(summary: &Summary, sampling: Sampling) -> Option<f64> {
    Some(summary.standard_error? * sampling.factor(summary.count, 1.0 - COVERAGE)?)
}

/// Every regret of every cell, as the report lists them.
pub(super) fn report_rows(
    panel: &Panel,
    entries: &[Entry],
    cells: &[CellCurves],
    sampling: Sampling,
) -> Vec<report::Row> {
    let mut rows = Vec::new();
    for cell in cells {
        let row = |notion: &str, outcome| report::Row {
            environment: panel.title.clone(),
            learner: panel.labels[cell.cell].clone(),
            notion: notion.to_owned(),
            outcome,
        };
        match &cell.curves {
            Err(reason) => rows.push(row(
                &entries[panel.cells[cell.cell]].meta.protocol,
                Outcome::Failed(reason.clone()),
            )),
            Ok(curves) => rows.extend(curves.iter().filter_map(|quantity| {
                let summary = quantity.curve.last().filter(|_| quantity.notion.is_plotted)?;
                let finished = report::Finished {
                    margin: margin(summary, sampling),
                    summary: summary.clone(),
                    exponent: quantity.exponent().cloned(),
                };
                Some(row(quantity.notion.title, Outcome::Finished(finished)))
            })),
        }
    }
    rows
}
