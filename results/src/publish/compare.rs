//! The paired comparisons of a panel's learners.

use super::cell::{CellCurves, Quantity};
use super::panel::{Panel, of_notion, plotted};
use super::presentation::Presentation;
use super::table::Tables;
use super::{Entry, PublishError};
use crate::report;
use crate::statistics::{COVERAGE, Family};

/// Compares the cells of a panel at the horizon, for each regret; enters the comparisons into
/// their table and gives the rows of the report.
pub(crate) fn comparisons(
    panel: &Panel,
    entries: &[Entry],
    cells: &[CellCurves],
    presentation: &Presentation,
    tables: &mut Tables,
) -> Result<Vec<report::ComparisonRow>, PublishError> {
    let mut rows = Vec::new();
    for notion in plotted(cells).into_iter().filter(|notion| notion.is_regret) {
        let finished: Vec<(usize, &Quantity)> =
            cells.iter().filter_map(|cell| Some((cell.cell, of_notion(cell, notion)?))).collect();
        let samples: Vec<&[f64]> = finished.iter().map(|(_, q)| q.finals.as_slice()).collect();
        let baseline = finished
            .iter()
            .position(|(cell, _)| presentation.baselines.contains(&panel.cells[*cell]));
        if samples.len() < 2 {
            continue;
        }
        let family = Family::of(&samples, baseline, presentation.sampling, 1.0 - COVERAGE)
            .map_err(|error| PublishError::Comparison(panel.title.clone(), error))?;
        let reference = finished[family.baseline].0;
        for comparison in &family.comparisons {
            let cell = finished[comparison.sample].0;
            let compared = [cell, reference]
                .map(|cell| (&entries[panel.cells[cell]].meta, panel.labels[cell].as_str()));
            tables.comparisons.enter(&panel.title, compared, notion, &family, comparison);
            rows.push(report::ComparisonRow {
                environment: panel.title.clone(),
                learner: panel.labels[cell].clone(),
                baseline: panel.labels[reference].clone(),
                notion: notion.title.to_owned(),
                comparison: comparison.clone(),
            });
        }
    }
    Ok(rows)
}
