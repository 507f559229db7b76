//! The numbers of one cell: curves with bands, growth rates, exceeded bounds.

use regret_engine::bound::Side;
use regret_engine::notion::Notion;
use regret_engine::record::{Record, Series};

use super::checks::{Exceeded, exceeded};
use super::presentation::Presentation;
use super::table::CellTables;
use super::{Entry, panel::Panel};
use crate::report::number::with_margin;
use crate::statistics::growth::{Growth, GrowthError, Tail, Window, exponent, log_slope};
use crate::statistics::{Band, COVERAGE, Curve, StatisticsError};

/// What is known of a cell, or why nothing is.
pub(crate) struct CellCurves {
    /// Index into the panel's cells.
    pub(crate) cell: usize,
    /// One for each plain number recorded that is shown, in the order recorded; at least the first.
    pub(crate) curves: Result<Vec<Quantity>, String>,
}

/// One recorded quantity of a cell.
pub(crate) struct Quantity {
    pub(crate) notion: Notion,
    pub(crate) curve: Curve,
    pub(crate) band: Option<Band>,
    /// The values at the horizon, one for each replication.
    pub(crate) finals: Vec<f64>,
    /// How it grows, if it is a regret.
    pub(crate) growth: Option<Rates>,
    /// Bounds that it exceeds, by index into the entry's.
    pub(crate) exceeded: Vec<(usize, Exceeded)>,
}

/// Growth rates over the default window.
pub(crate) struct Rates {
    /// Begin and end of the window, and the number of points fitted.
    pub(crate) window: (f64, f64, usize),
    pub(crate) exponent: Result<Growth, GrowthError>,
    pub(crate) slope: Result<Growth, GrowthError>,
}

impl Quantity {
    /// The exponent, if it has one.
    pub(crate) fn exponent(&self) -> Option<&Growth> {
        self.growth.as_ref()?.exponent.as_ref().ok()
    }

    /// The first regret among a cell's quantities, or the first of them.
    pub(crate) fn main(quantities: &[Self]) -> Option<&Self> {
        quantities.iter().find(|quantity| quantity.notion.is_regret).or(quantities.first())
    }
}

/// Summarises the record of a cell, entering its numbers into the tables. `chance` is the
/// probability of flagging a bound by chance.
pub(crate) fn quantities(
    entry: &Entry,
    label: &str,
    record: &Record,
    presentation: &Presentation,
    chance: f64,
    tables: &mut CellTables,
) -> Result<Vec<Quantity>, StatisticsError> {
    let mut quantities = Vec::new();
    for series in &record.series {
        let curve = Curve::of(series, &record.checkpoints, record.replication_count())?;
        tables.summary.enter(&entry.meta, label, series, &curve, presentation.sampling);
        if series.component.is_none() {
            let quantity = quantity(entry, record, series, curve, presentation, chance);
            if let Some(rates) = &quantity.growth {
                tables.exponents.enter(&entry.meta, label, series.notion, rates);
            }
            // Of the others only the tables tell.
            if quantities.is_empty() || quantity.notion.is_plotted || quantity.notion.is_regret {
                quantities.push(quantity);
            }
        }
    }
    Ok(quantities)
}

fn quantity(
    entry: &Entry,
    record: &Record,
    series: &Series,
    curve: Curve,
    presentation: &Presentation,
    chance: f64,
) -> Quantity {
    let count = record.replication_count();
    let bounds = entry.bounds.iter().enumerate();
    let exceeded = |bound| exceeded(series, &curve, bound, presentation.sampling, chance);
    let exceeded = bounds
        .filter(|(_, bound)| bound.notion == series.notion)
        .filter_map(|(index, bound)| Some((index, exceeded(bound)?)));
    let finals = series.values.len().saturating_sub(count);
    Quantity {
        notion: series.notion,
        band: Band::of(presentation.bands, series, &curve).filter(|_| series.notion.is_plotted),
        finals: series.values[finals..].to_vec(),
        growth: series.notion.is_regret.then(|| rates(record, series, presentation)).flatten(),
        exceeded: exceeded.collect(),
        curve,
    }
}

/// The growth rates, `None` if the window has too few checkpoints.
fn rates(record: &Record, series: &Series, presentation: &Presentation) -> Option<Rates> {
    let count = record.replication_count();
    let window = Window::of(series, &record.checkpoints, count, Tail::default()).ok()?;
    let (sampling, alpha) = (presentation.sampling, 1.0 - COVERAGE);
    Some(Rates {
        window: (*window.x.first()?, *window.x.last()?, window.x.len()),
        exponent: exponent(&window, sampling, alpha),
        slope: log_slope(&window, sampling, alpha),
    })
}

/// What is exceeded in a panel, in words.
pub(crate) fn exceeded_bounds(
    panel: &Panel,
    entries: &[Entry],
    cells: &[CellCurves],
) -> Vec<String> {
    let mut found = Vec::new();
    for cell in cells {
        let entry = &entries[panel.cells[cell.cell]];
        for quantity in cell.curves.iter().flatten() {
            for (index, Exceeded { t, mean, margin, bound }) in &quantity.exceeded {
                let theory = &entry.bounds[*index];
                let side = if theory.side == Side::Upper { "upper" } else { "lower" };
                found.push(format!(
                    "{} on {}: the {} of {} at t = {t} is beyond the {side} bound {} = {} ({}; {})",
                    panel.labels[cell.cell],
                    panel.title,
                    quantity.notion.title,
                    with_margin(*mean, Some(*margin)),
                    theory.statement,
                    with_margin(*bound, None),
                    theory.source,
                    theory.conditions,
                ));
            }
        }
    }
    found
}
