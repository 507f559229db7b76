//! Tables of numbers from CSV (plain or gzip-compressed) and Parquet files.

use std::fs::{self, File};
use std::io::{self, Read};

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use flate2::read::MultiGzDecoder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use regret_engine::registry::ParameterError;
use sha2::{Digest, Sha256};

/// A table of finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The values, row-major `[row][column]`.
    pub values: Vec<f64>,
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub fingerprint: String,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// Reads a file: `.csv`, `.csv.gz` or `.parquet`, by its name. CSV has a header.
    ///
    /// # Errors
    /// What the system says; a file that is too long, packed or unpacked; or the first place that is
    /// no finite number, with its row (from 1) and column.
    pub fn read(path: &str, columns: Option<&[String]>) -> Result<Self, ParameterError> {
        Self::read_within(path, columns, None, LONGEST)
    }

    /// The same for a table in which one column has dates: they must increase, and are not part of
    /// the table. Dates are compared as numbers where both are numbers, as texts otherwise.
    ///
    /// # Errors
    /// As [`Table::read`]; a date that does not come after the one before, with its row.
    pub fn read_dated(
        path: &str,
        columns: Option<&[String]>,
        dates: Option<&str>,
    ) -> Result<Self, ParameterError> {
        Self::read_within(path, columns, dates, LONGEST)
    }

    /// [`Table::read_dated`] with another limit of bytes, packed and unpacked.
    fn read_within(
        path: &str,
        columns: Option<&[String]>,
        dates: Option<&str>,
        longest: u64,
    ) -> Result<Self, ParameterError> {
        let name = path.to_ascii_lowercase();
        let ending = [".parquet", ".csv.gz", ".csv"].into_iter().find(|end| name.ends_with(end));
        let Some(ending) = ending else {
            let rule = "must end in .csv, .csv.gz or .parquet";
            return Err(ParameterError::new("path", path, rule));
        };
        let fault = |error: io::Error| at("path", format!("{path}: {error}"));
        // A device or a pipe may never end, and opening a pipe may never return.
        let metadata = fs::metadata(path).map_err(fault)?;
        if !metadata.is_file() {
            return Err(at("path", format!("{path}: this is no regular file")));
        }
        if metadata.len() > longest {
            return Err(too_long(path, longest));
        }
        let bytes = limited(path, File::open(path).map_err(fault)?, longest)?;
        let mut table = match ending {
            ".parquet" => parquet_table(path, bytes.clone(), dates, longest / 8)?,
            ".csv.gz" => {
                let unpacked = limited(path, MultiGzDecoder::new(&*bytes), longest)?;
                csv_table(path, &unpacked, dates)?
            }
            _ => csv_table(path, &bytes, dates)?,
        };
        table.fingerprint = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        let table = match columns {
            None => table,
            Some(columns) => table.select(path, columns)?,
        };
        table.check(path)?;
        Ok(table)
    }

    fn select(self, path: &str, columns: &[String]) -> Result<Self, ParameterError> {
        let mut indices = Vec::with_capacity(columns.len());
        for (place, name) in columns.iter().enumerate() {
            let index = self.columns.iter().position(|column| column == name);
            let missing = || {
                let known = self.columns.join(", ");
                let message = format!("`{name}`: {path} has no such column; it has {known}");
                at(format!("columns[{place}]"), message)
            };
            indices.push(index.ok_or_else(missing)?);
        }
        let rows = self.values.chunks_exact(self.columns.len());
        let values = rows.flat_map(|row| indices.iter().map(|&index| row[index])).collect();
        Ok(Self { columns: columns.to_vec(), values, ..self })
    }

    fn check(&self, path: &str) -> Result<(), ParameterError> {
        let empty = self.columns.is_empty() || self.values.is_empty();
        if empty {
            return Err(at("path", format!("{path}: the table is empty")));
        }
        match self.values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => {
                let (row, column) = (index / self.columns.len(), index % self.columns.len());
                Err(cell(path, row, &self.columns[column], &self.values[index].to_string()))
            }
        }
    }
}

/// The longest file, and the longest text or most numbers that one unpacks to, in bytes: few of the
/// former can become very many of the latter.
const LONGEST: u64 = 1 << 30;

/// All bytes of a reader, if they are not too many.
fn limited(path: &str, reader: impl Read, longest: u64) -> Result<Vec<u8>, ParameterError> {
    let mut bytes = Vec::new();
    let read = reader.take(longest + 1).read_to_end(&mut bytes);
    read.map_err(|error| at("path", format!("{path}: {error}")))?;
    if bytes.len() as u64 <= longest {
        return Ok(bytes);
    }
    Err(too_long(path, longest))
}

fn too_long(path: &str, longest: u64) -> ParameterError {
    at("path", format!("{path}: a table has at most {longest} bytes, unpacked as well"))
}

fn at(path: impl Into<String>, message: String) -> ParameterError {
    ParameterError { path: path.into(), message }
}

/// A cell that is no finite number; `row` counts from 0, without the header.
fn cell(path: &str, row: usize, column: &str, value: &str) -> ParameterError {
    let row = row + 1;
    at("path", format!("{path}: row {row}, column {column}: `{value}` is not a finite number"))
}

fn csv_table(path: &str, bytes: &[u8], dates: Option<&str>) -> Result<Table, ParameterError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let fault = |error: csv::Error| at("path", format!("{path}: {error}"));
    let mut columns: Vec<String> =
        reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
    let dated = place_of_dates(path, &columns, dates)?;
    let mut values = Vec::new();
    let mut last = None;
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        for (place, (text, column)) in record.iter().zip(&columns).enumerate() {
            if dated == Some(place) {
                last = Some(later(path, row, column, text, last)?);
                continue;
            }
            let value: f64 = text.parse().map_err(|_| cell(path, row, column, text))?;
            values.push(value);
        }
    }
    dated.map(|place| columns.remove(place));
    Ok(Table { columns, values, fingerprint: String::new() })
}

/// Which column has the dates.
fn place_of_dates(
    path: &str,
    columns: &[String],
    dates: Option<&str>,
) -> Result<Option<usize>, ParameterError> {
    let Some(name) = dates else { return Ok(None) };
    let place = columns.iter().position(|column| column == name);
    let missing = || {
        let known = columns.join(", ");
        at("dates", format!("`{name}`: {path} has no such column; it has {known}"))
    };
    place.map(Some).ok_or_else(missing)
}

/// The date `text`, if it comes after the last.
fn later(
    path: &str,
    row: usize,
    column: &str,
    text: &str,
    last: Option<String>,
) -> Result<String, ParameterError> {
    let after = |last: &String| match (last.parse::<f64>(), text.parse::<f64>()) {
        (Ok(last), Ok(now)) => now > last,
        _ => text > last.as_str(),
    };
    if let Some(last) = last.filter(|last| !after(last)) {
        let row = row + 1;
        let what = format!("`{text}` does not come after `{last}`, the date before");
        return Err(at("path", format!("{path}: row {row}, column {column}: {what}")));
    }
    Ok(text.to_owned())
}

fn parquet_table(
    path: &str,
    bytes: Vec<u8>,
    dates: Option<&str>,
    most: u64,
) -> Result<Table, ParameterError> {
    let fault = |error: &dyn std::fmt::Display| at("path", format!("{path}: {error}"));
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes));
    let builder = builder.map_err(|error| fault(&error))?;
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
    let numbers = rows.saturating_mul(builder.schema().fields().len() as u64);
    if numbers > most {
        let message = format!("{path}: {numbers} numbers; a table has at most {most}");
        return Err(at("path", message));
    }
    let mut columns: Vec<String> =
        builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let reader = builder.build().map_err(|error| fault(&error))?;
    let dated = place_of_dates(path, &columns, dates)?;
    let dates_column = dated.map(|place| columns.remove(place)).unwrap_or_default();
    let mut values = Vec::new();
    let mut last = None;
    let mut rows = 0;
    for batch in reader {
        let batch = batch.map_err(|error| fault(&error))?;
        let unfit = |name: &str, error| at("path", format!("{path}: column {name}: {error}"));
        if let Some(place) = dated {
            let texts = cast(batch.column(place), &DataType::Utf8)
                .map_err(|error| unfit(&dates_column, error))?;
            for (row, text) in texts.as_string::<i32>().iter().enumerate() {
                let text = text.unwrap_or_default();
                last = Some(later(path, rows + row, &dates_column, text, last)?);
            }
        }
        let arrays = batch.columns().iter().enumerate().filter(|(place, _)| dated != Some(*place));
        let mut numbers = Vec::with_capacity(columns.len());
        for ((_, array), name) in arrays.zip(&columns) {
            numbers.push(cast(array, &DataType::Float64).map_err(|error| unfit(name, error))?);
        }
        for row in 0..batch.num_rows() {
            for array in &numbers {
                // A missing value is NaN, which is reported with its place.
                let array = array.as_primitive::<Float64Type>();
                values.push(if array.is_null(row) { f64::NAN } else { array.value(row) });
            }
        }
        rows += batch.num_rows();
    }
    Ok(Table { columns, values, fingerprint: String::new() })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch};
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use parquet::arrow::ArrowWriter;

    use super::*;

    /// A file of that name, in a folder that lives as long as the first value.
    pub(crate) fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("writable");
        let path = path.to_string_lossy().into_owned();
        (folder, path)
    }

    const CSV: &[u8] = b"a,b,c\n1,0.5,-2\n3, 4e-1 ,7\n";

    fn assert_is_the_table(name: &str, bytes: &[u8]) {
        let (_folder, path) = file(name, bytes);
        let table = Table::read(&path, None).expect("readable");
        assert_eq!(table.columns, ["a", "b", "c"]);
        assert_eq!(
            (table.values.as_slice(), table.rows()),
            (&[1.0, 0.5, -2.0, 3.0, 0.4, 7.0][..], 2)
        );
        let columns = ["c".to_owned(), "a".to_owned()];
        let selected = Table::read(&path, Some(&columns)).expect("readable");
        assert_eq!(selected.values, [-2.0, 1.0, 7.0, 3.0]);
        assert_eq!(selected.fingerprint, table.fingerprint);
    }

    #[test]
    fn every_format_gives_the_table() {
        assert_is_the_table("x.csv", CSV);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(CSV).expect("writable");
        assert_is_the_table("x.csv.gz", &encoder.finish().expect("finishes"));
        let columns: [(&str, ArrayRef); 3] = [
            ("a", Arc::new(Int32Array::from(vec![1, 3]))),
            ("b", Arc::new(Float64Array::from(vec![0.5, 0.4]))),
            ("c", Arc::new(Float64Array::from(vec![-2.0, 7.0]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("writable");
        writer.close().expect("closes");
        assert_is_the_table("x.parquet", &bytes);
    }

    #[test]
    fn long_files_are_refused_packed_and_unpacked() {
        let packed = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).expect("writable");
            encoder.finish().expect("finishes")
        };
        // 100 000 bytes become 150 or so.
        let bomb = packed(&b"1\n".repeat(50_000));
        assert!(bomb.len() < 1000);
        for (name, bytes) in [("x.csv", "1\n".repeat(600).into_bytes()), ("x.csv.gz", bomb)] {
            let (_folder, path) = file(name, &bytes);
            let error = Table::read_within(&path, None, None, 1000).expect_err(name);
            assert!(error.message.contains("at most 1000 bytes, unpacked as well"), "{error}");
            assert!(Table::read_within(&path, None, None, 100_000).is_ok(), "{name}");
        }
        // A column of one value that is repeated is a few bytes, whatever its length.
        let column: ArrayRef = Arc::new(Int32Array::from(vec![1; 100_000]));
        let batch = RecordBatch::try_from_iter([("a", column)]).expect("a batch");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("writable");
        writer.close().expect("closes");
        let (_folder, path) = file("x.parquet", &bytes);
        let limit = 8 * 99_999;
        assert!(bytes.len() as u64 <= limit);
        let error = Table::read_within(&path, None, None, limit).expect_err("too many");
        assert!(error.message.contains("100000 numbers; a table has at most 99999"), "{error}");
        assert!(Table::read_within(&path, None, None, limit + 8).is_ok());
    }

    #[test]
    fn faults_say_where() {
        for (name, bytes, message) in [
            ("x.csv", &b"a,b\n1,2\n3,x\n"[..], "row 2, column b: `x` is not a finite number"),
            ("x.csv", b"a,b\n1,2\n3,NaN\n", "row 2, column b: `NaN` is not a finite number"),
            ("x.csv", b"a,b\n1\n", "1 field"),
            ("x.csv", b"a,b\n", "the table is empty"),
            ("x.csv.gz", b"this is no gzip file", "x.csv.gz"),
            ("x.parquet", b"no parquet", ""),
            ("x.txt", b"1", "must end in .csv, .csv.gz or .parquet"),
        ] {
            let (_folder, path) = file(name, bytes);
            let error = Table::read(&path, None).expect_err(name);
            assert_eq!(error.path, "path");
            assert!(error.message.contains(message), "{error}");
        }
        assert!(Table::read("/no/such/file.csv", None).is_err());
        let (_folder, path) = file("x.csv", CSV);
        let error = Table::read(&path, Some(&["a".to_owned(), "z".to_owned()])).expect_err("no z");
        assert_eq!(error.path, "columns[1]");
        assert!(error.message.contains("it has a, b, c"), "{error}");
    }
}
