//! From the parts of a run to what people look at: `summary.csv`, figures, `report.html`.
//!
//! Cells are read one after the other; only their summaries stay in memory. Every file depends on
//! the parts alone, so that publishing again gives the same bytes.

mod panel;
mod table;

use std::path::PathBuf;

use regret_engine::bound::Bound;
use regret_engine::notion::Notion;
use regret_engine::record::Record;

use crate::figure::{Figure, FigureError, Scale};
use crate::report::{self, Outcome, Report};
use crate::statistics::{Curve, StatisticsError, Summary};
use crate::store::{CellMeta, RunFolder, StoreError};
use panel::Panel;
use table::Csv;

/// A cell to publish.
pub struct Entry {
    /// What it is.
    pub meta: CellMeta,
    /// Why it stopped before its end, if it did.
    pub fault: Option<String>,
    /// Bounds of theory that hold for it.
    pub bounds: Vec<Bound>,
}

/// What a run's report says besides its numbers.
pub struct About {
    /// The experiment's name.
    pub title: String,
    /// The spec, as it was run.
    pub spec: String,
    /// Where the numbers come from: names and values.
    pub provenance: Vec<(String, String)>,
    /// What the reader should know before trusting them.
    pub warnings: Vec<String>,
}

/// A final number of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The environment (and what else its cells have in common).
    pub panel: String,
    /// The learner's label.
    pub learner: String,
    /// The notion's title.
    pub notion: String,
    /// Its statistics over replications, at the horizon.
    pub summary: Summary,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// The first regret of every cell, in the order of panels, the best first.
    pub rows: Vec<Row>,
    /// The figures, SVG.
    pub figures: Vec<PathBuf>,
    /// `summary.csv`.
    pub summary: PathBuf,
    /// `report.html`.
    pub report: PathBuf,
}

/// Why a run cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A part cannot be read, or a file not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A figure cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
}

/// Publishes cells. `load` gives the record of all replications of the cell of that index, `None` if
/// it is not whole.
///
/// # Errors
/// A part that cannot be read, a file that cannot be written.
pub fn publish(
    folder: &RunFolder,
    entries: &[Entry],
    mut load: impl FnMut(usize) -> Result<Option<Record>, StoreError>,
    about: &About,
) -> Result<Publication, PublishError> {
    let mut csv = Csv::new();
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    let mut table = Vec::new();
    let mut embedded = Vec::new();
    for panel in panel::panels(entries) {
        let cells = summarise(&panel, entries, &mut load, &mut csv)?;
        table.extend(report_rows(&panel, entries, &cells));
        rows.extend(final_rows(&panel, &cells));
        for figure in panel.figures(entries, &cells) {
            let (name, drawn) = (figure.name, figure.figure);
            let svg = drawn.svg()?;
            figures.push(folder.write_file(&format!("figures/{name}.svg"), svg.as_bytes())?);
            folder.write_file(&format!("figures/{name}.png"), &drawn.png()?)?;
            embedded.push((caption(&drawn), svg));
        }
    }
    let report = Report {
        title: about.title.clone(),
        figures: embedded,
        table,
        provenance: about.provenance.clone(),
        spec: about.spec.clone(),
        warnings: about.warnings.clone(),
    };
    Ok(Publication {
        rows,
        figures,
        summary: folder.write_file("summary.csv", csv.text().as_bytes())?,
        report: folder.write_file("report.html", report.html().as_bytes())?,
    })
}

fn caption(figure: &Figure) -> String {
    let scale = match figure.scale {
        Scale::Linear => "linear axes",
        Scale::LogLog => "logarithmic axes",
    };
    format!("{}: mean over replications with pointwise 95 % Student-t bands, {scale}", figure.title)
}

/// The curves of a cell, the regrets among them first, or why there are none.
pub(crate) struct CellCurves {
    /// Index into the panel's cells.
    pub(crate) cell: usize,
    pub(crate) curves: Result<Vec<(Notion, Curve)>, String>,
}

/// Summarises the cells of a panel, entering every number into the CSV.
fn summarise(
    panel: &Panel,
    entries: &[Entry],
    load: &mut impl FnMut(usize) -> Result<Option<Record>, StoreError>,
    csv: &mut Csv,
) -> Result<Vec<CellCurves>, PublishError> {
    let mut cells = Vec::new();
    for (cell, &index) in panel.cells.iter().enumerate() {
        let entry = &entries[index];
        let curves = match (&entry.fault, load(index)?) {
            (Some(fault), _) => Err(fault.clone()),
            (None, None) => Err("not all replications were played".to_owned()),
            (None, Some(record)) => {
                curves(entry, &panel.labels[cell], &record, csv).map_err(|error| error.to_string())
            }
        };
        cells.push(CellCurves { cell, curves });
    }
    Ok(cells)
}

fn curves(
    entry: &Entry,
    label: &str,
    record: &Record,
    csv: &mut Csv,
) -> Result<Vec<(Notion, Curve)>, StatisticsError> {
    let mut curves = Vec::new();
    for series in &record.series {
        let curve = Curve::of(series, &record.checkpoints, record.replication_count())?;
        csv.enter(&entry.meta, label, series, &curve);
        if series.component.is_none() {
            curves.push((series.notion, curve));
        }
    }
    Ok(curves)
}

/// The first regret of every finished cell, the best first.
fn final_rows(panel: &Panel, cells: &[CellCurves]) -> Vec<Row> {
    let row = |cell: &CellCurves| {
        let curves = cell.curves.as_ref().ok()?;
        let (notion, curve) =
            curves.iter().find(|(notion, _)| notion.is_regret).or(curves.first())?;
        Some(Row {
            panel: panel.title.clone(),
            learner: panel.labels[cell.cell].clone(),
            notion: notion.title.to_owned(),
            summary: curve.last()?.clone(),
        })
    };
    let mut rows: Vec<Row> = cells.iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.summary.mean.total_cmp(&b.summary.mean));
    rows
}

/// Every regret of every cell, as the report lists them.
fn report_rows(panel: &Panel, entries: &[Entry], cells: &[CellCurves]) -> Vec<report::Row> {
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
            Ok(curves) => rows.extend(curves.iter().filter_map(|(notion, curve)| {
                let last = curve.last().filter(|_| notion.is_regret)?;
                Some(row(notion.title, Outcome::Finished(last.clone())))
            })),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::PSEUDO_REGRET;

    use super::*;
    use crate::store::tests::{meta, record};

    fn entry(change: impl Fn(&mut CellMeta)) -> Entry {
        let mut meta = meta();
        change(&mut meta);
        let bound = Bound::upper(PSEUDO_REGRET, "2 t <&>", "nobody", "never", |t| 2.0 * t);
        Entry { meta, fault: None, bounds: vec![bound] }
    }

    fn about() -> About {
        About {
            title: "a <title>".to_owned(),
            spec: "horizon: 10".to_owned(),
            provenance: vec![("version".to_owned(), "0".to_owned())],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn everything_is_written_and_the_same_again() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::open(temporary.path()).expect("opens");
        let stopped =
            Entry { fault: Some("it <stopped>".to_owned()), ..entry(|m| m.id = "3".into()) };
        let entries = [
            entry(|_| {}),
            entry(|meta| meta.learner.parameters = serde_json::json!({"alpha": 1.0})),
            stopped,
            entry(|meta| meta.horizon = 100),
        ];
        let mut values = record();
        for series in &mut values.series {
            series.values.iter_mut().for_each(|value| *value = value.min(1e6));
        }
        let load = |_: usize| Ok(Some(values.clone()));
        let published = publish(&folder, &entries, load, &about()).expect("publishes");
        assert_eq!(published.rows.len(), 3);
        assert_eq!(published.rows[0].learner, "ucb1 (alpha=2)");
        assert!(published.rows[2].panel.contains("T = 100"), "{:?}", published.rows[2]);
        // Two panels, one regret, two scales.
        assert_eq!(published.figures.len(), 4);
        let csv = std::fs::read_to_string(&published.summary).expect("written");
        // A header; for each of three finished cells 2 checkpoints and 2 components.
        assert_eq!(csv.lines().count(), 1 + 3 * 4);
        let html = std::fs::read_to_string(&published.report).expect("written");
        assert!(html.contains("it &lt;stopped&gt;") && !html.contains("<title>a <title>"));
        let before = std::fs::read(&published.figures[0]).expect("written");
        publish(&folder, &entries, load, &about()).expect("publishes");
        assert_eq!(std::fs::read(&published.figures[0]).expect("written"), before);
        assert_eq!(std::fs::read_to_string(&published.report).expect("written"), html);
    }
}
