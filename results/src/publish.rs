//! From the parts of a run to what people look at: `summary.csv`, `exponents.csv`,
//! `comparisons.csv`, figures, `report.html`.
//!
//! Cells are read one after the other; only their summaries stay in memory. Every file depends on
//! the parts alone, so that publishing again gives the same bytes.

mod bounds;
mod cell;
mod checks;
mod compare;
mod panel;
mod presentation;
mod rows;
mod table;

pub use presentation::{Presentation, ShownBounds, View};

use std::path::PathBuf;

use regret_engine::bound::{Bound, Side};
use regret_engine::record::Record;

use crate::claims::Judged;
use crate::figure::{Figure, FigureError, Scale};
use crate::report::Report;
use crate::statistics::growth::Growth;
use crate::statistics::{COVERAGE, StatisticsError, Summary};
use crate::store::{CellMeta, RunFolder, StoreError};
use cell::{CellCurves, exceeded_bounds, quantities};
use panel::Panel;
use rows::{final_rows, report_rows};
use table::Tables;

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
    /// What the spec claims, judged.
    pub claims: Vec<Judged>,
    /// What is drawn, and how means are compared.
    pub presentation: Presentation,
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
    /// Half the width of the mean's 95 % interval, valid for how the number of replications was
    /// chosen; `None` if the interval is the whole line.
    pub margin: Option<f64>,
    /// The exponent over the last half of the logarithmic axis, if it has one.
    pub exponent: Option<Growth>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// The first regret of every cell, in the order of panels, the best first.
    pub rows: Vec<Row>,
    /// The figures, SVG.
    pub figures: Vec<PathBuf>,
    /// Bounds that are exceeded beyond noise, in words.
    pub exceeded: Vec<String>,
    /// `summary.csv`.
    pub summary: PathBuf,
    /// `exponents.csv`.
    pub exponents: PathBuf,
    /// `comparisons.csv`.
    pub comparisons: PathBuf,
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
    /// The cells of a panel cannot be compared.
    #[error("{0}: {1}")]
    Comparison(String, StatisticsError),
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
    let mut written = Written::default();
    for panel in panel::panels(entries) {
        let cells = summarise(&panel, entries, &mut load, about, &mut written.tables)?;
        written.enter(folder, &panel, entries, &cells, about)?;
    }
    written.finish(folder, about)
}

/// What was made of the panels so far.
#[derive(Default)]
struct Written {
    tables: Tables,
    rows: Vec<Row>,
    figures: Vec<PathBuf>,
    exceeded: Vec<String>,
    report: Report,
}

impl Written {
    /// Draws a panel and enters its numbers.
    fn enter(
        &mut self,
        folder: &RunFolder,
        panel: &Panel,
        entries: &[Entry],
        cells: &[CellCurves],
        about: &About,
    ) -> Result<(), PublishError> {
        let presentation = &about.presentation;
        self.rows.extend(final_rows(panel, cells, presentation.sampling));
        self.exceeded.extend(exceeded_bounds(panel, entries, cells));
        let tables = &mut self.tables;
        let comparisons = compare::comparisons(panel, entries, cells, presentation, tables)?;
        self.report.comparisons.extend(comparisons);
        self.report.table.extend(report_rows(panel, entries, cells, presentation.sampling));
        if presentation.bounds.on_request() {
            self.report.bounds.extend(panel.bound_rows(entries, cells, &presentation.bounds));
        }
        for figure in panel.figures(entries, cells, presentation) {
            let (name, drawn) = (figure.name, figure.figure);
            let svg = drawn.svg()?;
            self.figures.push(folder.write_file(&format!("figures/{name}.svg"), svg.as_bytes())?);
            folder.write_file(&format!("figures/{name}.png"), &drawn.png()?)?;
            self.report.figures.push((caption(&drawn), svg));
        }
        Ok(())
    }

    /// Writes the tables and the report.
    fn finish(self, folder: &RunFolder, about: &About) -> Result<Publication, PublishError> {
        let warnings = about.warnings.iter().chain(&self.exceeded).cloned();
        let report = Report {
            title: about.title.clone(),
            provenance: about.provenance.clone(),
            spec: about.spec.clone(),
            warnings: warnings.collect(),
            claims: about.claims.clone(),
            sampling: about.presentation.sampling,
            ..self.report
        };
        let Tables { summary, exponents, comparisons } = self.tables;
        Ok(Publication {
            rows: self.rows,
            figures: self.figures,
            exceeded: self.exceeded,
            summary: folder.write_file("summary.csv", summary.text().as_bytes())?,
            exponents: folder.write_file("exponents.csv", exponents.text().as_bytes())?,
            comparisons: folder.write_file("comparisons.csv", comparisons.text().as_bytes())?,
            report: folder.write_file("report.html", report.html().as_bytes())?,
        })
    }
}

fn caption(figure: &Figure) -> String {
    let scale = match figure.scale {
        Scale::Linear => "linear axes",
        Scale::LogLog => "logarithmic axes",
        Scale::LogLinear => "rounds on a logarithmic axis",
    };
    let bands = figure.bands.map_or("", |kind| kind.title());
    format!("{}: mean over replications with bands ({bands}), {scale}", figure.title)
}

/// Summarises the cells of a panel, entering every number into the tables.
fn summarise(
    panel: &Panel,
    entries: &[Entry],
    load: &mut impl FnMut(usize) -> Result<Option<Record>, StoreError>,
    about: &About,
    tables: &mut Tables,
) -> Result<Vec<CellCurves>, PublishError> {
    let finite = |bound: &&Bound| matches!(bound.side, Side::Upper | Side::Lower);
    let checks = entries.iter().flat_map(|entry| &entry.bounds).filter(finite).count();
    // With 95 % no bound of the run is flagged by chance (Bonferroni).
    let chance = (1.0 - COVERAGE) / checks.max(1) as f64;
    let mut cells = Vec::new();
    for (cell, &index) in panel.cells.iter().enumerate() {
        let entry = &entries[index];
        let curves = match (&entry.fault, load(index)?) {
            (Some(fault), _) => Err(fault.clone()),
            (None, None) => Err("not all replications were played".to_owned()),
            (None, Some(record)) => {
                let label = &panel.labels[cell];
                quantities(entry, label, &record, &about.presentation, chance, tables)
                    .map_err(|error| error.to_string())
            }
        };
        cells.push(CellCurves { cell, curves });
    }
    Ok(cells)
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
            claims: Vec::new(),
            presentation: Presentation::default(),
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
