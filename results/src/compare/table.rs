//! `comparison.csv`.

use super::{Pairing, Row};

const HEADER: [&str; 18] = [
    "place",
    "notion",
    "compared",
    "compared_t",
    "compared_count",
    "compared_mean",
    "reference",
    "reference_t",
    "reference_count",
    "reference_mean",
    "difference",
    "low",
    "high",
    "p",
    "p_holm",
    "family",
    "variance_reduction",
    "pairing",
];

/// The bytes of the table.
pub(super) fn csv(rows: &[Row], family: usize) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let optional = |x: Option<f64>| x.map(|x| format!("{x:?}")).unwrap_or_default();
    let number = |x: f64| format!("{x:?}");
    let lines = rows.iter().map(|row| {
        let (low, high) = row.interval.unzip();
        [
            row.place.clone(),
            row.notion.key.to_owned(),
            row.compared.clone(),
            row.t[0].to_string(),
            row.counts[0].to_string(),
            number(row.means[0]),
            row.reference.clone(),
            row.t[1].to_string(),
            row.counts[1].to_string(),
            number(row.means[1]),
            number(row.difference),
            optional(low),
            optional(high),
            number(row.p),
            number(row.adjusted),
            family.to_string(),
            optional(row.variance_reduction),
            row.pairing.words(),
        ]
    });
    // Writing into memory cannot fail.
    let _ = writer.write_record(HEADER);
    for line in lines {
        let _ = writer.write_record(line);
    }
    writer.into_inner().unwrap_or_default()
}

impl Pairing {
    /// How, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Paired(None) => "paired".to_owned(),
            Self::Paired(Some(how)) => format!("paired {how}"),
            Self::Unpaired(why) => format!("not paired: {why}"),
        }
    }
}
