//! The tables that are written as CSV: every number, summarised over replications
//! (`summary.csv`), how regret grows (`exponents.csv`), paired comparisons (`comparisons.csv`).

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use regret_engine::notion::Notion;
use regret_engine::record::Series;

use super::cell::Rates;
use crate::files::AtomicFile;
use crate::statistics::growth::{Growth, GrowthError};
use crate::statistics::{COVERAGE, Comparison, Curve, Family, Sampling};
use crate::store::{CellMeta, RunFolder, StoreError};

/// The tables of a run, those with lines for every cell written as they come.
pub(crate) struct Tables {
    summary: Streamed,
    exponents: Streamed,
    pub(crate) comparisons: ComparisonTable,
}

/// A file that is written piece by piece.
struct Streamed {
    path: PathBuf,
    file: AtomicFile,
}

impl Streamed {
    fn begin(folder: &RunFolder, name: &str, columns: &str) -> Result<Self, StoreError> {
        let path = folder.root().join(name);
        let file = AtomicFile::create(&path).map_err(StoreError::io(&path))?;
        let mut table = Self { path, file };
        table.write(&format!("{CELL},{columns}\n"))?;
        Ok(table)
    }

    fn write(&mut self, text: &str) -> Result<(), StoreError> {
        io::Write::write_all(&mut self.file, text.as_bytes()).map_err(StoreError::io(&self.path))
    }

    fn finish(self) -> Result<PathBuf, StoreError> {
        self.file.commit().map_err(StoreError::io(&self.path))?;
        Ok(self.path)
    }
}

impl Tables {
    /// Begins the tables in a run folder.
    pub(crate) fn begin(folder: &RunFolder) -> Result<Self, StoreError> {
        let summary = "component,t,count,mean,deviation,standard_error,low,high,median,q05,q95";
        let exponents = "from,to,points,exponent,exponent_low,exponent_high,log_slope,\
                         log_slope_low,log_slope_high,problem";
        Ok(Self {
            summary: Streamed::begin(folder, "summary.csv", summary)?,
            exponents: Streamed::begin(folder, "exponents.csv", exponents)?,
            comparisons: ComparisonTable::default(),
        })
    }

    /// Adds the lines of a cell.
    pub(crate) fn append(&mut self, cell: &CellTables) -> Result<(), StoreError> {
        self.summary.write(&cell.summary.0)?;
        self.exponents.write(&cell.exponents.0)
    }

    /// Ends the tables: the paths of summary, exponents and comparisons.
    pub(crate) fn finish(self, folder: &RunFolder) -> Result<[PathBuf; 3], StoreError> {
        let comparisons = self.comparisons.text();
        Ok([
            self.summary.finish()?,
            self.exponents.finish()?,
            folder.write_file("comparisons.csv", comparisons.as_bytes())?,
        ])
    }
}

/// The lines of one cell.
#[derive(Default)]
pub(crate) struct CellTables {
    pub(crate) summary: SummaryLines,
    pub(crate) exponents: ExponentLines,
}

/// Lines of `summary.csv`.
#[derive(Default)]
pub(crate) struct SummaryLines(String);

/// Lines of `exponents.csv`.
#[derive(Default)]
pub(crate) struct ExponentLines(String);

/// `comparisons.csv`.
pub(crate) struct ComparisonTable(String);

/// The columns that say what a cell is.
const CELL: &str = "cell,protocol,environment,environment_parameters,learner,label,\
                    learner_parameters,seed,horizon,notion";

impl SummaryLines {
    /// One line for each checkpoint of a quantity.
    pub(crate) fn enter(
        &mut self,
        meta: &CellMeta,
        label: &str,
        series: &Series,
        curve: &Curve,
        sampling: Sampling,
    ) {
        let cell = cell(meta, label, series.notion);
        let count = curve.last().map_or(0, |last| last.count);
        let factor = sampling.factor(count, 1.0 - COVERAGE);
        let component = series.component.map(|component| component.to_string());
        let component = component.unwrap_or_default();
        for (t, s) in curve.checkpoints.iter().zip(&curve.points) {
            let margin = s.standard_error.zip(factor).map(|(error, factor)| error * factor);
            // Writing to a string cannot fail.
            let _ = writeln!(
                self.0,
                "{cell},{component},{t},{},{},{},{},{},{},{},{},{}",
                s.count,
                s.mean,
                optional(s.deviation),
                optional(s.standard_error),
                optional(margin.map(|margin| s.mean - margin)),
                optional(margin.map(|margin| s.mean + margin)),
                s.median,
                s.q05,
                s.q95
            );
        }
    }
}

impl ExponentLines {
    /// The growth rates of a cell's regret.
    pub(crate) fn enter(&mut self, meta: &CellMeta, label: &str, notion: Notion, rates: &Rates) {
        let (from, to, points) = rates.window;
        let columns = |growth: &Result<Growth, GrowthError>| match growth {
            Ok(growth) => {
                let (low, high) = growth.interval.unzip();
                format!("{},{},{}", growth.rate, optional(low), optional(high))
            }
            Err(_) => ",,".to_owned(),
        };
        let problem = rates.exponent.as_ref().err().or(rates.slope.as_ref().err());
        let problem = problem.map(|error| quoted(&error.to_string())).unwrap_or_default();
        let _ = writeln!(
            self.0,
            "{},{from},{to},{points},{},{},{problem}",
            cell(meta, label, notion),
            columns(&rates.exponent),
            columns(&rates.slope)
        );
    }
}

impl Default for ComparisonTable {
    fn default() -> Self {
        let columns = "panel,notion,t,cell,label,baseline_cell,baseline_label,count,difference,\
                       standard_error,low,high,p,p_holm,family,variance_reduction";
        Self(format!("{columns}\n"))
    }
}

impl ComparisonTable {
    /// One comparison of a family, of two cells with their labels.
    pub(crate) fn enter(
        &mut self,
        panel: &str,
        [compared, baseline]: [(&CellMeta, &str); 2],
        notion: Notion,
        family: &Family,
        comparison: &Comparison,
    ) {
        let (difference, paired) = (&comparison.paired.difference, &comparison.paired);
        let (low, high) = paired.interval.unzip();
        let _ = writeln!(
            self.0,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            quoted(panel),
            notion.key,
            compared.0.horizon,
            compared.0.id,
            quoted(compared.1),
            baseline.0.id,
            quoted(baseline.1),
            difference.count,
            difference.mean,
            optional(difference.standard_error),
            optional(low),
            optional(high),
            exact(paired.p),
            exact(comparison.adjusted),
            family.size,
            optional(paired.variance_reduction)
        );
    }

    /// The whole table.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// The fields of [`CELL`].
fn cell(meta: &CellMeta, label: &str, notion: Notion) -> String {
    let parameters = |value: &serde_json::Value| quoted(&value.to_string());
    [
        meta.id.clone(),
        meta.protocol.clone(),
        meta.environment.name.clone(),
        parameters(&meta.environment.parameters),
        meta.learner.name.clone(),
        quoted(label),
        parameters(&meta.learner.parameters),
        meta.seed.to_string(),
        meta.horizon.to_string(),
        notion.key.to_owned(),
    ]
    .join(",")
}

/// A number in full, small ones with an exponent.
fn exact(x: f64) -> String {
    if x != 0.0 && x.abs() < 1e-5 { format!("{x:e}") } else { x.to_string() }
}

fn optional(x: Option<f64>) -> String {
    x.map(|x| x.to_string()).unwrap_or_default()
}

/// A field as RFC 4180 wants it.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
