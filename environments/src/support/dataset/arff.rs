//! ARFF, the attribute-relation file format: numeric and nominal attributes, dense rows.

use regret_engine::registry::ParameterError;

use super::{Column, Values, column_of_words, wrong};

pub(super) fn columns(path: &str, bytes: &[u8]) -> Result<Vec<Column>, ParameterError> {
    let text = String::from_utf8_lossy(bytes);
    let mut attributes: Vec<(String, bool)> = Vec::new();
    let mut words: Vec<Vec<String>> = Vec::new();
    let mut in_data = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let fault = |what: String| wrong(path, format!("line {}: {what}", number + 1));
        if line.is_empty() || line.starts_with('%') {
            continue;
        }
        if in_data {
            if line.starts_with('{') {
                return Err(fault("sparse rows are not read".to_owned()));
            }
            let row = split(line);
            if row.len() != attributes.len() {
                let (found, wanted) = (row.len(), attributes.len());
                return Err(fault(format!("{found} values, but {wanted} attributes")));
            }
            words.iter_mut().zip(row).for_each(|(column, word)| column.push(word));
            continue;
        }
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match keyword.to_ascii_lowercase().as_str() {
            "@relation" => {}
            "@attribute" => {
                let parsed = attribute(rest.trim());
                let unread = || fault(format!("`{line}` is no numeric or nominal attribute"));
                attributes.push(parsed.ok_or_else(unread)?);
                words.push(Vec::new());
            }
            "@data" => in_data = true,
            _ => return Err(fault(format!("`{keyword}` is not known"))),
        }
    }
    let columns = attributes.iter().zip(words).map(|((name, nominal), words)| {
        let column = column_of_words(name, &words);
        match column.values {
            // Numbers that name values.
            Values::Numeric(_) if *nominal => nominal_column(name, &words),
            _ => column,
        }
    });
    Ok(columns.collect())
}

fn nominal_column(name: &str, words: &[String]) -> Column {
    let mut names: Vec<String> = words.iter().filter(|word| *word != "?").cloned().collect();
    // By size, as numbers are: "10" after "9".
    names.sort_unstable_by(|a, b| {
        let number = |word: &str| word.parse::<f64>().unwrap_or(f64::NAN);
        number(a).total_cmp(&number(b)).then_with(|| a.cmp(b))
    });
    names.dedup();
    let place =
        |word: &String| names.iter().position(|name| name == word).unwrap_or(super::MISSING);
    Column {
        name: name.to_owned(),
        values: Values::Nominal(words.iter().map(place).collect(), names),
    }
}

/// The name of an attribute, and whether it is nominal.
fn attribute(text: &str) -> Option<(String, bool)> {
    let quote = text.chars().next().filter(|first| ['\'', '"'].contains(first));
    let (name, kind) = match quote {
        Some(quote) => text[1..].split_once(quote)?,
        None => match text.find(|c: char| c.is_whitespace() || c == '{') {
            Some(end) => text.split_at(end),
            None => return None,
        },
    };
    let kind = kind.trim().to_ascii_lowercase();
    let numeric = ["numeric", "real", "integer"].iter().any(|known| kind.starts_with(known));
    (numeric || kind.starts_with('{')).then(|| (name.to_owned(), !numeric))
}

/// The values of a row; quotes are taken off.
fn split(line: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ',' => values.push(String::new()),
            _ => {
                if let Some(value) = values.last_mut() {
                    value.push(c);
                }
            }
        }
    }
    values.iter().map(|value| value.trim().to_owned()).collect()
}
