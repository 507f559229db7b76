//! Theory's bounds of a panel: which are drawn, what they are called, their table.

use regret_engine::bound::{Bound, Side};
use regret_engine::notion::Notion;

use super::Entry;
use super::cell::{CellCurves, Quantity};
use super::panel::{Panel, of_notion};
use super::presentation::{ShownBounds, View};
use crate::figure::{BoundLine, Scale};
use crate::report;

impl Panel {
    /// The bounds of all cells on a notion; those that several cells share, once.
    pub(crate) fn bounds(
        &self,
        entries: &[Entry],
        notion: Notion,
        curves: &[(usize, &Quantity)],
        shown: &ShownBounds,
    ) -> Vec<(Side, BoundLine)> {
        let mut lines: Vec<(Side, BoundLine)> = Vec::new();
        for &(cell, quantity) in curves {
            let bounds = entries[self.cells[cell]].bounds.iter();
            for bound in bounds.filter(|bound| bound.notion == notion) {
                // What is asymptotically optimal reaches the lower slope, which is drawn.
                if bound.side == Side::AsymptoticUpper || !self.shows(entries, cell, bound, shown) {
                    continue;
                }
                let label = self.bound_label(entries, cell, bound);
                if lines.iter().all(|(_, line)| line.label != label) {
                    let rounds = &quantity.curve.checkpoints;
                    let values = rounds.iter().map(|&t| bound.at(t)).collect();
                    let x = rounds.iter().map(|&t| t as f64).collect();
                    lines.push((bound.side, BoundLine { label, x, values }));
                }
            }
        }
        lines
    }

    /// Whether a bound of a cell was asked for: an upper one by its learner's name, a lower one by
    /// its environment's or, where only some learners have it, by theirs.
    fn shows(&self, entries: &[Entry], cell: usize, bound: &Bound, asked: &ShownBounds) -> bool {
        let meta = &entries[self.cells[cell]].meta;
        match bound.side {
            Side::Upper | Side::AsymptoticUpper => asked.shows(&meta.learner),
            Side::Lower | Side::AsymptoticLower => {
                asked.shows(&meta.environment)
                    || !self.is_shared(entries, bound) && asked.shows(&meta.learner)
            }
        }
    }

    /// What a bound is called in the legend.
    fn bound_label(&self, entries: &[Entry], cell: usize, bound: &Bound) -> String {
        let (learner, statement) = (&self.labels[cell], &bound.statement);
        match bound.side {
            Side::Upper => format!("{learner} ≤ {statement}"),
            Side::Lower if self.is_shared(entries, bound) => format!("all ≥ {statement}"),
            Side::Lower => format!("{learner} ≥ {statement}"),
            Side::AsymptoticLower => format!("slope ≥ {statement}"),
            Side::AsymptoticUpper => format!("{learner}: slope ≤ {statement}"),
        }
    }

    /// The table of the bounds asked for, with their values at the horizon; those that several
    /// cells share, once.
    pub(crate) fn bound_rows(
        &self,
        entries: &[Entry],
        cells: &[CellCurves],
        shown: &ShownBounds,
    ) -> Vec<report::BoundRow> {
        let mut rows: Vec<report::BoundRow> = Vec::new();
        for cell in cells {
            let entry = &entries[self.cells[cell.cell]];
            for bound in &entry.bounds {
                let Some(quantity) = of_notion(cell, bound.notion) else { continue };
                let label = self.bound_label(entries, cell.cell, bound);
                let known =
                    |row: &report::BoundRow| row.bound == label && row.notion == bound.notion.title;
                if !self.shows(entries, cell.cell, bound, shown) || rows.iter().any(known) {
                    continue;
                }
                rows.push(report::BoundRow {
                    environment: self.title.clone(),
                    bound: label,
                    notion: bound.notion.title.to_owned(),
                    at_horizon: bound.at(entry.meta.horizon),
                    measured: quantity.curve.last().map(|last| last.mean),
                    source: format!("{}; {}", bound.source, bound.conditions),
                });
            }
        }
        rows
    }

    /// Whether every cell has this bound: it is the environment's.
    fn is_shared(&self, entries: &[Entry], bound: &Bound) -> bool {
        let same =
            |other: &Bound| other.statement == bound.statement && other.notion == bound.notion;
        self.cells.iter().all(|&index| entries[index].bounds.iter().any(same))
    }
}

/// Unless bounds were asked for, upper ones far above every curve are left out where the axis is
/// linear: they say nothing.
pub(crate) fn shown(
    bounds: &[(Side, BoundLine)],
    curves: &[(usize, &Quantity)],
    view: View,
    asked: &ShownBounds,
) -> Vec<BoundLine> {
    let ends = curves.iter().filter_map(|(_, quantity)| quantity.curve.last());
    let highest = ends.map(|last| last.mean).fold(0.0, f64::max);
    let near = |(side, line): &&(Side, BoundLine)| {
        let end = line.values.last().copied().unwrap_or_default();
        asked.on_request()
            || view.scale() == Scale::LogLog
            || *side != Side::Upper
            || end <= 1.3 * highest
    };
    bounds.iter().filter(near).map(|(_, line)| line.clone()).collect()
}
