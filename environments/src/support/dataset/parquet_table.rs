//! Parquet: numeric columns as they are, others as words.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use regret_engine::registry::ParameterError;

use super::{Column, column_of_words, wrong};

pub(super) fn columns(path: &str, bytes: Vec<u8>) -> Result<Vec<Column>, ParameterError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| wrong(path, error))?;
    let mut names: Vec<String> = Vec::new();
    let mut words: Vec<Vec<String>> = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| wrong(path, error))?;
        names = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        words.resize(names.len(), Vec::new());
        for ((array, name), words) in batch.columns().iter().zip(&names).zip(&mut words) {
            let unfit = |error| wrong(path, format!("column {name}: {error}"));
            if array.data_type().is_numeric() || *array.data_type() == DataType::Boolean {
                let numbers = cast(array, &DataType::Float64).map_err(unfit)?;
                let numbers = numbers.as_primitive::<Float64Type>();
                words.extend(numbers.iter().map(|n| n.map_or(String::new(), |n| n.to_string())));
            } else {
                let strings = cast(array, &DataType::Utf8).map_err(unfit)?;
                let strings = strings.as_string::<i32>();
                words.extend(strings.iter().map(|word| word.unwrap_or_default().to_owned()));
            }
        }
    }
    Ok(names.iter().zip(&words).map(|(name, words)| column_of_words(name, words)).collect())
}
