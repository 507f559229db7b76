//! libsvm's format: a label, then `index:value` for the features that are not 0; indices from 1.

use regret_engine::registry::ParameterError;

use super::{Column, Values, column_of_words, wrong};

/// The greatest index.
const MOST_FEATURES: usize = 1 << 16;

pub(super) fn columns(path: &str, bytes: &[u8]) -> Result<Vec<Column>, ParameterError> {
    let text = String::from_utf8_lossy(bytes);
    let mut labels = Vec::new();
    let mut entries = Vec::new();
    let mut width = 0;
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(label) = words.next() else { continue };
        for word in words {
            let parsed = word.split_once(':').and_then(|(index, value)| {
                let index: usize = index.parse().ok()?;
                let value: f64 = value.parse().ok()?;
                let valid = (1..=MOST_FEATURES).contains(&index) && value.is_finite();
                valid.then_some((index, value))
            });
            let fault = || {
                let rule = format!("is no index (1 to {MOST_FEATURES}) with a finite number");
                wrong(path, format!("line {}: `{word}` {rule}", number + 1))
            };
            let (index, value) = parsed.ok_or_else(fault)?;
            width = width.max(index);
            entries.push((labels.len(), index - 1, value));
        }
        labels.push(label.trim_start_matches('+').to_owned());
    }
    if labels.len().saturating_mul(width) > 1 << 27 {
        return Err(wrong(path, format!("{} rows of {width} features exceed 1 GiB", labels.len())));
    }
    let mut values = vec![vec![0.0; labels.len()]; width];
    for (row, feature, value) in entries {
        values[feature][row] = value;
    }
    let features = values.into_iter().enumerate().map(|(index, values)| Column {
        name: (index + 1).to_string(),
        values: Values::Numeric(values),
    });
    Ok(features.chain([column_of_words("label", &labels)]).collect())
}
