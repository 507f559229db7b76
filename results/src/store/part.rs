//! One block of replications as a Parquet file, one row for each number.
//!
//! Columns: `environment`, `environment_parameters` (JSON), `learner`, `learner_parameters`
//! (JSON), `replication`, `t`, `notion`, `component` (null for plain numbers), `value`. Rows are
//! ordered by quantity, round, replication.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray,
    UInt32Array, UInt64Array,
};
use arrow::datatypes::{Field, Float64Type, UInt32Type, UInt64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use regret_engine::notion;
use regret_engine::record::{Record, Series};

use super::CellMeta;

/// Raised when the columns or their meaning change.
pub(super) const FORMAT: &str = "1";
const FORMAT_KEY: &str = "regretlab.format";
const CELL_KEY: &str = "regretlab.cell";

/// The columns that vary, and how many rows of them are read at a time.
const READ: [&str; 5] = ["replication", "t", "notion", "component", "value"];
const BATCH: usize = 1 << 16;

/// Why a file is no part of a cell.
pub(super) enum Misfit {
    /// Its format is another.
    Version(String),
    /// What it holds does not fit.
    Content(String),
}

impl From<String> for Misfit {
    fn from(problem: String) -> Self {
        Self::Content(problem)
    }
}

/// The file's bytes: the same for the same record.
pub(super) fn encode(cell: &CellMeta, record: &Record) -> Result<Vec<u8>, String> {
    let rows = Rows::of(record);
    let count = rows.values.len();
    let same = |text: &str| -> ArrayRef { text_column(vec![0; count], vec![text.to_owned()]) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("environment", same(&cell.environment.name)),
        ("environment_parameters", same(&cell.environment.parameters.to_string())),
        ("learner", same(&cell.learner.name)),
        ("learner_parameters", same(&cell.learner.parameters.to_string())),
        ("replication", Arc::new(UInt64Array::from(rows.replications))),
        ("t", Arc::new(UInt64Array::from(rows.rounds))),
        ("notion", text_column(rows.notions, rows.notion_keys)),
        ("component", Arc::new(UInt32Array::from(rows.components))),
        ("value", Arc::new(Float64Array::from(rows.values))),
    ];
    let nullable = columns.into_iter().map(|(name, array)| (name, array, name == "component"));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).map_err(text)?;
    let pair = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let properties = WriterProperties::builder()
        .set_created_by("regretlab".to_owned())
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(vec![pair(FORMAT_KEY, FORMAT), pair(CELL_KEY, &cell.id)]))
        .build();
    let options =
        ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new_with_options(&mut bytes, batch.schema(), options).map_err(text)?;
    writer.write(&batch).map_err(text)?;
    writer.close().map_err(text)?;
    Ok(bytes)
}

/// The record in a file's bytes, which are known to be as they were written.
pub(super) fn decode(
    cell: &CellMeta,
    replications: &Range<u64>,
    bytes: Vec<u8>,
) -> Result<Record, Misfit> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
        .map_err(|error| format!("this is no Parquet file: {error}"))?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let pairs = metadata.map(Vec::as_slice).unwrap_or_default();
        pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone())
    };
    match value(FORMAT_KEY).as_deref() {
        Some(FORMAT) => {}
        Some(other) => return Err(Misfit::Version(other.to_owned())),
        None => return Err(Misfit::Content("it is no part of a run".to_owned())),
    }
    match value(CELL_KEY) {
        Some(id) if id == cell.id => {}
        other => {
            let problem = format!("it belongs to cell {other:?}, not to {}", cell.id);
            return Err(Misfit::Content(problem));
        }
    }
    // The other columns are the same in every row, and known.
    let read = |column: &&Arc<Field>| READ.contains(&column.name().as_str());
    let schema = builder.parquet_schema();
    let columns = ProjectionMask::columns(schema, READ);
    let complete = builder.schema().fields().iter().filter(read).count() == READ.len();
    if !complete {
        return Err(Misfit::Content(format!("it has not all of the columns {}", READ.join(", "))));
    }
    let builder = builder.with_projection(columns).with_batch_size(BATCH);
    let mut rows = Rows::default();
    for batch in builder.build().map_err(text)? {
        rows.append(&batch.map_err(text)?)?;
    }
    Ok(rows.record(replications)?)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A column of few different strings.
fn text_column(keys: Vec<i32>, values: Vec<String>) -> ArrayRef {
    // Keys are indices of `values` by construction.
    let values = Arc::new(StringArray::from(values));
    Arc::new(DictionaryArray::new(Int32Array::from(keys), values))
}

/// The columns that vary.
#[derive(Default)]
struct Rows {
    replications: Vec<u64>,
    rounds: Vec<u64>,
    notion_keys: Vec<String>,
    /// Index into `notion_keys`.
    notions: Vec<i32>,
    components: Vec<Option<u32>>,
    values: Vec<f64>,
}

impl Rows {
    fn of(record: &Record) -> Self {
        let mut rows = Self::default();
        for series in &record.series {
            let notion = rows.notion(series.notion.key);
            let rounds = &record.checkpoints[series.first_checkpoint..];
            for (&t, values) in rounds.iter().zip(series.values.chunks(record.replication_count()))
            {
                for (replication, &value) in record.replications.clone().zip(values) {
                    rows.replications.push(replication);
                    rows.rounds.push(t);
                    rows.notions.push(notion);
                    rows.components.push(series.component);
                    rows.values.push(value);
                }
            }
        }
        rows
    }

    fn notion(&mut self, key: &str) -> i32 {
        let index = self.notion_keys.iter().position(|known| known == key);
        index.unwrap_or_else(|| {
            self.notion_keys.push(key.to_owned());
            self.notion_keys.len() - 1
        }) as i32
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| format!("the column `{name}` is missing"))
        };
        let wrong = |name: &str| format!("the column `{name}` has another type");
        let whole = |name: &str| -> Result<Vec<u64>, String> {
            let array =
                column(name)?.as_primitive_opt::<UInt64Type>().ok_or_else(|| wrong(name))?;
            Ok(array.values().to_vec())
        };
        self.replications.extend(whole("replication")?);
        self.rounds.extend(whole("t")?);
        let values = column("value")?.as_primitive_opt::<Float64Type>();
        self.values.extend(values.ok_or_else(|| wrong("value"))?.values());
        let components = column("component")?.as_primitive_opt::<UInt32Type>();
        self.components.extend(components.ok_or_else(|| wrong("component"))?.iter());
        let notions = column("notion")?;
        let notions = notions.as_string_opt::<i32>().ok_or_else(|| wrong("notion"))?;
        // Rows of one notion follow each other.
        let mut last = ("", 0);
        for index in 0..notions.len() {
            let text = notions.value(index);
            if text != last.0 || self.notions.is_empty() {
                last = (text, self.notion(text));
            }
            self.notions.push(last.1);
        }
        Ok(())
    }

    /// The record whose rows these are.
    fn record(&self, replications: &Range<u64>) -> Result<Record, String> {
        let lanes = (replications.end - replications.start) as usize;
        if lanes == 0 || !self.values.len().is_multiple_of(lanes) {
            return Err(format!(
                "{} rows are no whole curves of {lanes} replications",
                self.values.len()
            ));
        }
        let checkpoints = self.checkpoints(lanes);
        let mut series: Vec<Series> = Vec::new();
        let mut previous = None;
        for (row, values) in self.values.chunks(lanes).enumerate() {
            let first = row * lanes;
            if !self.replications[first..first + lanes].iter().copied().eq(replications.clone()) {
                return Err(format!("row {first}: the replications are not {replications:?}"));
            }
            let (notion, component) = (self.notions[first], self.components[first]);
            if previous != Some((notion, component)) {
                previous = Some((notion, component));
                let key = &self.notion_keys[notion as usize];
                let notion = notion::by_key(key)
                    .ok_or_else(|| format!("row {first}: there is no notion `{key}`"))?;
                let first_checkpoint = checkpoints.partition_point(|&t| t < self.rounds[first]);
                series.push(Series { notion, component, first_checkpoint, values: Vec::new() });
            }
            if let Some(series) = series.last_mut() {
                series.values.extend_from_slice(values);
            }
        }
        for one in &series {
            let rows = one.first_checkpoint + one.values.len() / lanes;
            if rows != checkpoints.len() {
                return Err(format!(
                    "`{}` has {rows} checkpoints of {}",
                    one.notion.key,
                    checkpoints.len()
                ));
            }
        }
        Ok(Record { replications: replications.clone(), checkpoints, series })
    }

    /// The rounds of the longest series, which has them all; `lanes` rows in turn are of one.
    fn checkpoints(&self, lanes: usize) -> Vec<u64> {
        let mut rounds: Vec<u64> = self.rounds.iter().step_by(lanes).copied().collect();
        rounds.sort_unstable();
        rounds.dedup();
        rounds
    }
}
