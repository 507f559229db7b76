//! Comma-separated values with a header.

use regret_engine::registry::ParameterError;

use super::{Column, column_of_words, wrong};

pub(super) fn columns(path: &str, bytes: &[u8]) -> Result<Vec<Column>, ParameterError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let headers = reader.headers().map_err(|error| wrong(path, error))?.clone();
    let mut words = vec![Vec::new(); headers.len()];
    for record in reader.records() {
        let record = record.map_err(|error| wrong(path, error))?;
        for (column, word) in words.iter_mut().zip(&record) {
            column.push(word.to_owned());
        }
    }
    Ok(headers.iter().zip(&words).map(|(name, words)| column_of_words(name, words)).collect())
}
