//! Labelled data from local files: numeric and nominal columns, one of which is the label.
//!
//! CSV (with a header), ARFF, libsvm, IDX and Parquet, each plain or gzip-compressed (`.gz`). A column whose
//! values are all numbers is numeric; any other is nominal and becomes one feature for each of its
//! values, in alphabetical order, 1 where it has that value.

mod arff;
mod csv_table;
mod idx;
mod libsvm;
mod parquet_table;

use std::fs;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use regret_engine::registry::ParameterError;
use sha2::{Digest, Sha256};

/// A column of a data set, with missing values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    name: String,
    values: Values,
}

/// The values of a column, one for each row.
#[derive(Clone, Debug, PartialEq)]
enum Values {
    /// Numbers; NaN where missing.
    Numeric(Vec<f64>),
    /// Places in the sorted list of values; `usize::MAX` where missing.
    Nominal(Vec<usize>, Vec<String>),
}

const MISSING: usize = usize::MAX;

/// Values of a nominal column, or of the label.
const MOST_VALUES: usize = 1000;

/// What is done with numeric values that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// They are errors.
    Refuse,
    /// They become the mean of their column.
    Mean,
    /// They become this number.
    Constant(i32),
}

/// Features and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Features, row-major `[row][feature]`.
    pub features: Vec<f64>,
    /// Number of features.
    pub width: usize,
    /// The class of each row.
    pub labels: Vec<usize>,
    /// The classes, in order: numbers by size, words alphabetically.
    pub classes: Vec<String>,
    /// SHA-256 of the bytes of the files, in hexadecimal digits.
    pub fingerprint: String,
}

impl Dataset {
    /// Reads `path`; the label is the column `target`, or the last (the first number of libsvm's
    /// lines, the file `labels` for IDX).
    ///
    /// # Errors
    /// What the system says, or the first place that is wrong.
    pub fn read(
        path: &str,
        labels: Option<&str>,
        target: Option<&str>,
        missing: Missing,
    ) -> Result<Self, ParameterError> {
        let (bytes, digest) = content("path", path)?;
        let name = path.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let mut fingerprint = digest;
        let idx = is_idx(name);
        if labels.is_some() != idx {
            let rule = "the file of the labels is needed for IDX files, and for these only";
            return Err(ParameterError::new("labels", labels.unwrap_or("none"), rule));
        }
        let columns = if name.ends_with(".csv") {
            csv_table::columns(path, &bytes)?
        } else if name.ends_with(".arff") {
            arff::columns(path, &bytes)?
        } else if name.ends_with(".libsvm") || name.ends_with(".svm") || name.ends_with(".svmlight")
        {
            libsvm::columns(path, &bytes)?
        } else if name.ends_with(".parquet") {
            parquet_table::columns(path, bytes)?
        } else if let (true, Some(labels)) = (idx, labels) {
            let (label_bytes, digest) = content("labels", labels)?;
            fingerprint += &digest;
            idx::columns((path, &bytes), (labels, &label_bytes))?
        } else {
            let rule = "must end in .csv, .arff, .libsvm, .svm, .svmlight, .parquet, .idx or \
                        -ubyte, or in one of these and .gz";
            return Err(ParameterError::new("path", path, rule));
        };
        let mut dataset = assemble(path, columns, target, missing)?;
        dataset.fingerprint = fingerprint;
        Ok(dataset)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }
}

fn is_idx(name: &str) -> bool {
    name.ends_with(".idx") || name.ends_with("-ubyte")
}

/// The bytes of a file, decompressed, and the digest of the file as it lies there.
fn content(parameter: &str, path: &str) -> Result<(Vec<u8>, String), ParameterError> {
    let fault = |error: std::io::Error| at(parameter, format!("{path}: {error}"));
    let bytes = fs::read(path).map_err(fault)?;
    let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if !path.to_ascii_lowercase().ends_with(".gz") {
        return Ok((bytes, digest));
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).map_err(fault)?;
    Ok((plain, digest))
}

fn at(parameter: &str, message: String) -> ParameterError {
    ParameterError { path: parameter.to_owned(), message }
}

fn wrong(path: &str, what: impl std::fmt::Display) -> ParameterError {
    at("path", format!("{path}: {what}"))
}

/// A column of words: numeric if every word that is there is a finite number.
fn column_of_words(name: &str, words: &[String]) -> Column {
    let missing = |word: &str| ["", "?", "NA", "NaN", "nan"].contains(&word);
    let numbers: Option<Vec<f64>> = words
        .iter()
        .map(|word| match word.as_str() {
            word if missing(word) => Some(f64::NAN),
            word => word.parse().ok().filter(|value: &f64| value.is_finite()),
        })
        .collect();
    let values = match numbers {
        Some(numbers) => Values::Numeric(numbers),
        None => {
            let mut names: Vec<String> =
                words.iter().filter(|word| !missing(word)).cloned().collect();
            names.sort_unstable();
            names.dedup();
            let place = |word: &String| names.binary_search(word).unwrap_or(MISSING);
            Values::Nominal(words.iter().map(place).collect(), names)
        }
    };
    Column { name: name.to_owned(), values }
}

/// Takes the label out of the columns and makes features of the others.
fn assemble(
    path: &str,
    mut columns: Vec<Column>,
    target: Option<&str>,
    missing: Missing,
) -> Result<Dataset, ParameterError> {
    let place = match target {
        None => columns.len().checked_sub(1),
        Some(name) => columns.iter().position(|column| column.name == name),
    };
    let Some(place) = place else {
        let known: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let rule = format!("{path} has no such column; it has {}", known.join(", "));
        return Err(ParameterError::new("target", target.unwrap_or("none"), &rule));
    };
    let (labels, classes) = classes(path, columns.remove(place))?;
    let rows = labels.len();
    let mut width = 0;
    for column in &columns {
        width += match &column.values {
            Values::Numeric(_) => 1,
            Values::Nominal(_, names) if names.len() > MOST_VALUES => {
                let what = format!(
                    "column {} has {} different values that are no numbers: at most {MOST_VALUES}",
                    column.name,
                    names.len()
                );
                return Err(wrong(path, what));
            }
            Values::Nominal(_, names) => names.len(),
        };
    }
    if width == 0 {
        return Err(wrong(path, "there is no column besides the label"));
    }
    if rows.saturating_mul(width) > 1 << 27 {
        let what =
            format!("{rows} rows of {width} features are more than 134217728 numbers (1 GiB)");
        return Err(wrong(path, what));
    }
    let mut features = vec![0.0; rows * width];
    let mut start = 0;
    for column in columns {
        start += fill(path, column, missing, &mut features, width, start)?;
    }
    Ok(Dataset { features, width, labels, classes, fingerprint: String::new() })
}

/// The class of every row, and the classes.
fn classes(path: &str, column: Column) -> Result<(Vec<usize>, Vec<String>), ParameterError> {
    let name = column.name;
    let unlabelled =
        |row: usize| wrong(path, format!("row {}, column {name}: the label is missing", row + 1));
    let (labels, classes) = match column.values {
        Values::Nominal(labels, names) => {
            if let Some(row) = labels.iter().position(|&label| label == MISSING) {
                return Err(unlabelled(row));
            }
            (labels, names)
        }
        Values::Numeric(values) => {
            if let Some(row) = values.iter().position(|value| value.is_nan()) {
                return Err(unlabelled(row));
            }
            let mut kinds = values.clone();
            kinds.sort_unstable_by(f64::total_cmp);
            kinds.dedup();
            let place = |value: &f64| kinds.partition_point(|kind| kind < value);
            (values.iter().map(place).collect(), kinds.iter().map(f64::to_string).collect())
        }
    };
    let count = classes.len();
    if !(2..=MOST_VALUES).contains(&count) {
        let what = format!("column {name} has {count} classes: 2 to {MOST_VALUES} make a bandit");
        return Err(wrong(path, what));
    }
    Ok((labels, classes))
}

/// Writes a column's features from place `start` of every row; answers how many.
fn fill(
    path: &str,
    column: Column,
    missing: Missing,
    features: &mut [f64],
    width: usize,
    start: usize,
) -> Result<usize, ParameterError> {
    let rows = features.chunks_exact_mut(width);
    match column.values {
        Values::Nominal(places, names) => {
            // A missing value has no 1.
            for (row, place) in rows.zip(places).filter(|&(_, place)| place != MISSING) {
                row[start + place] = 1.0;
            }
            Ok(names.len())
        }
        Values::Numeric(values) => {
            let known = || values.iter().filter(|value| !value.is_nan());
            let mean = known().sum::<f64>() / known().count().max(1) as f64;
            for (index, (row, &value)) in rows.zip(&values).enumerate() {
                row[start] = match missing {
                    _ if !value.is_nan() => value,
                    Missing::Mean => mean,
                    Missing::Constant(constant) => f64::from(constant),
                    Missing::Refuse => {
                        let place = format!("row {}, column {}", index + 1, column.name);
                        return Err(wrong(
                            path,
                            format!("{place}: the value is missing; `missing: mean` fills it in"),
                        ));
                    }
                };
            }
            Ok(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::support::table::tests::file;

    fn read(name: &str, bytes: &[u8]) -> Result<Dataset, ParameterError> {
        let (_folder, path) = file(name, bytes);
        Dataset::read(&path, None, None, Missing::Refuse)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("writable");
        encoder.finish().expect("finishes")
    }

    const ARFF: &[u8] = b"% a comment\n@RELATION r\n@attribute 'the size' NUMERIC\n\
        @attribute colour {red, 'dark green'}\n@attribute class {no,yes}\n\n@DATA\n\
        1.5,red,yes\n% another\n-2,'dark green',no\n0, red ,yes\n";

    #[test]
    fn every_format_gives_the_data() {
        let csv = b"size,colour,class\n1.5,red,yes\n-2, dark green,no\n0,red,yes\n";
        for (name, bytes) in [
            ("x.csv", csv.to_vec()),
            ("x.csv.gz", gzip(csv)),
            ("x.arff", ARFF.to_vec()),
            ("x.ARFF.gz", gzip(ARFF)),
        ] {
            let data = read(name, &bytes).expect(name);
            // Colours in alphabetical order.
            assert_eq!(data.features, [1.5, 0.0, 1.0, -2.0, 1.0, 0.0, 0.0, 0.0, 1.0], "{name}");
            assert_eq!((data.width, data.labels.as_slice()), (3, &[1, 0, 1][..]));
            assert_eq!(data.classes, ["no", "yes"]);
            assert_eq!(data.fingerprint.len(), 64);
        }
        let svm = read("x.svm", b"+1 1:0.5 3:-2 # good\n-1 2:1e1\n\n+1 1:0\n").expect("libsvm");
        assert_eq!(svm.features, [0.5, 0.0, -2.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!((svm.labels, svm.classes), (vec![1, 0, 1], vec!["-1".into(), "1".to_owned()]));
    }

    #[test]
    fn images_have_their_labels_in_a_file_of_their_own() {
        let images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 128, 255, 7, 8, 9];
        let labels = [0, 0, 8, 1, 0, 0, 0, 2, 5, 3];
        let (_folder, path) = file("images-idx3-ubyte.gz", &gzip(&images));
        let (_other, label_path) = file("labels-idx1-ubyte", &labels);
        let read = |labels| Dataset::read(&path, labels, None, Missing::Refuse);
        let data = read(Some(label_path.as_str())).expect("readable");
        assert_eq!((data.width, data.features), (3, vec![0.0, 128.0, 255.0, 7.0, 8.0, 9.0]));
        assert_eq!(data.labels, [1, 0]);
        assert_eq!(read(None).expect_err("no labels").path, "labels");
        let (_short, short) = file("labels.idx", &labels[..9]);
        assert!(read(Some(short.as_str())).expect_err("too short").message.contains("bytes"));
    }

    #[test]
    fn the_target_and_missing_values_as_asked() {
        let (_folder, path) = file("x.csv", b"c,a,b\n7,?,1\n5,2,1\n7,4,\n");
        let read = |missing| Dataset::read(&path, None, Some("c"), missing);
        let error = read(Missing::Refuse).expect_err("missing");
        assert!(error.message.contains("row 1, column a: the value is missing"), "{error}");
        assert_eq!(read(Missing::Mean).expect("fills in").features, [3.0, 1.0, 2.0, 1.0, 4.0, 1.0]);
        let data = read(Missing::Constant(-1)).expect("fills in");
        assert_eq!(data.features, [-1.0, 1.0, 2.0, 1.0, 4.0, -1.0]);
        assert_eq!((data.labels, data.classes), (vec![1, 0, 1], vec!["5".into(), "7".to_owned()]));
        let error = Dataset::read(&path, None, Some("z"), Missing::Mean).expect_err("no z");
        assert!(error.message.contains("no such column; it has c, a, b"), "{error}");
    }

    #[test]
    fn faults_say_where() {
        for (name, bytes, message) in [
            ("x.csv", &b"a,b\n1,2\n3,2\n"[..], "column b has 1 classes"),
            ("x.csv", b"b\n1\n2\n", "no column besides the label"),
            ("x.csv", b"a,b\n1,2\n3\n", "1 field"),
            ("x.csv", b"a,b\n1,2\n3,?\n", "row 2, column b: the label is missing"),
            ("x.csv", b"a,b\n", "0 classes"),
            ("x.arff", b"@attribute a numeric\n@data\n1,2\n", "line 3: 2 values, but 1 attributes"),
            ("x.arff", b"@attribute a numeric\n@data\n{0 1}\n", "line 3: sparse rows"),
            ("x.arff", b"@attribute a date\n@data\n", "line 1"),
            ("x.svm", b"1 1:2\n0 x:3\n", "line 2: `x:3`"),
            ("x.svm", b"1 0:2\n", "line 1: `0:2`"),
            ("x.parquet", b"no parquet", ""),
            ("x.csv.gz", b"no gzip", "x.csv.gz"),
            ("x.txt", b"1", "must end in .csv"),
        ] {
            let error = read(name, bytes).expect_err(name);
            assert!(error.message.contains(message), "{error}");
        }
    }
}
