//! From the parts of a run to what people look at: `summary.csv`, `exponents.csv`,
//! `comparisons.csv`, figures, `report.html`.
//!
//! Few cells are read at a time; only their summaries stay in memory. Every file depends on
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

use rayon::prelude::*;
use regret_engine::bound::{Bound, Side};
use regret_engine::record::Record;

use crate::claims::Judged;
use crate::figure::{Figure, FigureError, Scale};
use crate::report::Report;
use crate::statistics::growth::Growth;
use crate::statistics::{COVERAGE, StatisticsError, Summary};
use crate::store::{CellMeta, RunFolder, StoreError};
use cell::{CellCurves, exceeded_bounds, quantities};
use panel::{NamedFigure, Panel};
use rows::{final_rows, report_rows};
use table::{CellTables, Tables};

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

/// Cells that are summarised at the same time: enough for all cores, few enough for the memory.
const AT_ONCE: usize = 128;

/// Publishes cells, on all cores. `load` gives the record of all replications of the cell of that
/// index, `None` if it is not whole.
///
/// # Errors
/// A part that cannot be read, a file that cannot be written.
pub fn publish(
    folder: &RunFolder,
    entries: &[Entry],
    load: impl Fn(usize) -> Result<Option<Record>, StoreError> + Sync,
    about: &About,
) -> Result<Publication, PublishError> {
    publish_drawing(folder, entries, load, about, MOST_DRAWN)
}

/// [`publish`], with so many panels drawn at most.
fn publish_drawing(
    folder: &RunFolder,
    entries: &[Entry],
    load: impl Fn(usize) -> Result<Option<Record>, StoreError> + Sync,
    about: &About,
    most_drawn: usize,
) -> Result<Publication, PublishError> {
    let panels = panel::panels(entries);
    let mut written = Written::begin(folder, most_drawn)?;
    let chance = chance(entries);
    let places: Vec<(&Panel, usize)> =
        panels.iter().flat_map(|panel| (0..panel.cells.len()).map(move |c| (panel, c))).collect();
    let mut cells = Vec::new();
    for some in places.chunks(AT_ONCE) {
        let summarised: Vec<(CellCurves, CellTables)> = some
            .par_iter()
            .map(|&(panel, cell)| summarise(panel, cell, entries, &load, about, chance))
            .collect::<Result<_, PublishError>>()?;
        for (&(panel, _), (curves, tables)) in some.iter().zip(summarised) {
            written.tables.append(&tables)?;
            cells.push(curves);
            if cells.len() == panel.cells.len() {
                written.enter(folder, panel, entries, &cells, about)?;
                cells.clear();
            }
        }
    }
    written.finish(folder, about)
}

/// The probability with which each bound may be flagged by chance, so that with 95 % none of the run
/// is (Bonferroni).
fn chance(entries: &[Entry]) -> f64 {
    let finite = |bound: &&Bound| matches!(bound.side, Side::Upper | Side::Lower);
    let checks = entries.iter().flat_map(|entry| &entry.bounds).filter(finite).count();
    (1.0 - COVERAGE) / checks.max(1) as f64
}

/// Most panels that are drawn, each in several views; `regret plot` draws others.
const MOST_DRAWN: usize = 40;

/// What was made of the panels so far.
struct Written {
    tables: Tables,
    rows: Vec<Row>,
    figures: Vec<PathBuf>,
    exceeded: Vec<String>,
    report: Report,
    most_drawn: usize,
    panels: usize,
}

impl Written {
    fn begin(folder: &RunFolder, most_drawn: usize) -> Result<Self, PublishError> {
        Ok(Self {
            tables: Tables::begin(folder)?,
            rows: Vec::new(),
            figures: Vec::new(),
            exceeded: Vec::new(),
            report: Report::default(),
            most_drawn,
            panels: 0,
        })
    }

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
        self.panels += 1;
        if self.panels > self.most_drawn {
            return Ok(());
        }
        self.draw(folder, panel.figures(entries, cells, presentation))
    }

    fn draw(&mut self, folder: &RunFolder, figures: Vec<NamedFigure>) -> Result<(), PublishError> {
        let drawn: Vec<(PathBuf, String)> = figures
            .par_iter()
            .map(|NamedFigure { name, figure }| {
                let svg = figure.svg()?;
                let path = folder.write_file(&format!("figures/{name}.svg"), svg.as_bytes())?;
                folder.write_file(&format!("figures/{name}.png"), &figure.png()?)?;
                Ok((path, svg))
            })
            .collect::<Result<_, PublishError>>()?;
        for (NamedFigure { figure, .. }, (path, svg)) in figures.iter().zip(drawn) {
            self.figures.push(path);
            self.report.add_figure(caption(figure), svg);
        }
        Ok(())
    }

    /// Writes the tables and the report.
    fn finish(self, folder: &RunFolder, about: &About) -> Result<Publication, PublishError> {
        let (drawn, panels) = (self.most_drawn, self.panels);
        let undrawn = (panels > drawn).then(|| {
            format!(
                "Figures show the first {drawn} of {panels} panels; `regret plot` draws others."
            )
        });
        let warnings = about.warnings.iter().chain(&self.exceeded).cloned();
        let report = Report {
            title: about.title.clone(),
            provenance: about.provenance.clone(),
            spec: about.spec.clone(),
            warnings: warnings.chain(undrawn).collect(),
            claims: about.claims.clone(),
            sampling: about.presentation.sampling,
            ..self.report
        };
        let [summary, exponents, comparisons] = self.tables.finish(folder)?;
        Ok(Publication {
            rows: self.rows,
            figures: self.figures,
            exceeded: self.exceeded,
            summary,
            exponents,
            comparisons,
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

/// Summarises a cell of a panel, with its lines of the tables.
fn summarise(
    panel: &Panel,
    cell: usize,
    entries: &[Entry],
    load: &(impl Fn(usize) -> Result<Option<Record>, StoreError> + Sync),
    about: &About,
    chance: f64,
) -> Result<(CellCurves, CellTables), PublishError> {
    let mut tables = CellTables::default();
    let index = panel.cells[cell];
    let entry = &entries[index];
    let curves = match (&entry.fault, load(index)?) {
        (Some(fault), _) => Err(fault.clone()),
        (None, None) => Err("not all replications were played".to_owned()),
        (None, Some(record)) => {
            let label = &panel.labels[cell];
            quantities(entry, label, &record, &about.presentation, chance, &mut tables)
                .map_err(|error| error.to_string())
        }
    };
    Ok((CellCurves { cell, curves }, tables))
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

    #[test]
    fn of_many_panels_and_curves_some_are_drawn_and_all_are_in_the_tables() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::open(temporary.path()).expect("opens");
        let learner = |index: usize| serde_json::json!({ "alpha": index });
        let mut entries: Vec<Entry> =
            (0..70).map(|index| entry(|meta| meta.learner.parameters = learner(index))).collect();
        entries.extend([20, 30].map(|horizon| entry(|meta| meta.horizon = horizon)));
        // The higher the index, the lower the regret.
        let load = |index: usize| {
            let mut record = record();
            for value in &mut record.series[0].values {
                *value = (100 - index) as f64;
            }
            Ok(Some(record))
        };
        let published = publish_drawing(&folder, &entries, load, &about(), 1).expect("publishes");
        assert_eq!((published.rows.len(), published.figures.len()), (72, 2));
        let svg = std::fs::read_to_string(&published.figures[0]).expect("written");
        assert!(svg.contains("(the least 60 of 70)\n"));
        assert!(svg.contains("ucb1 (alpha=69)") && !svg.contains("ucb1 (alpha=9)"));
        let html = std::fs::read_to_string(&published.report).expect("written");
        assert!(html.contains("Figures show the first 1 of 3 panels; `regret plot` draws others."));
        let csv = std::fs::read_to_string(&published.summary).expect("written");
        assert_eq!(csv.lines().count(), 1 + 72 * 4);
        let mut cells = csv.lines().skip(1).map(|line| line.contains("\"\"alpha\"\":0}"));
        assert!(cells.next() == Some(true), "in the order of the cells");
    }
}
