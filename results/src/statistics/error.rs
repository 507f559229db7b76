//! Why numbers have no statistics.

use thiserror::Error;

/// Why a sample or a series has no statistics.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatisticsError {
    /// There is nothing to summarise.
    #[error("a sample without values has no statistics")]
    Empty,
    /// A value is not a number or infinite.
    #[error("value {value} of replication {index} is not finite")]
    NotFinite {
        /// Which value, counted from 0 in the sample.
        index: usize,
        /// The value as text (so that the error can be compared).
        value: String,
    },
    /// Samples of different sizes.
    #[error("{first} replications cannot be paired with {second}")]
    Unpaired {
        /// Size of the first sample.
        first: usize,
        /// Size of the second.
        second: usize,
    },
    /// The values of a series don't fill the checkpoints.
    #[error(
        "series {notion} has {values} values, but {checkpoints} checkpoints of {replications} \
         replications"
    )]
    Shape {
        /// Key of the series' notion.
        notion: &'static str,
        /// Number of values found.
        values: usize,
        /// Number of checkpoints recorded.
        checkpoints: usize,
        /// Number of replications.
        replications: usize,
    },
    /// A checkpoint of a series can't be summarised.
    #[error("series {notion} at round {checkpoint}: {cause}")]
    At {
        /// Key of the series' notion.
        notion: &'static str,
        /// The round.
        checkpoint: u64,
        /// What is wrong there.
        cause: Box<StatisticsError>,
    },
}
