//! Statistics along the checkpoints of a series.

use regret_engine::record::Series;
use serde::{Deserialize, Serialize};

use super::error::StatisticsError;
use super::sample::check;
use super::student::student_factor;
use super::summary::Summary;

/// Summaries along the checkpoints of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The rounds, strictly increasing.
    pub checkpoints: Vec<u64>,
    /// One summary for each checkpoint.
    pub points: Vec<Summary>,
}

impl Curve {
    /// The curve of `series`, recorded at `checkpoints` (of the whole record) for `replications`
    /// replications.
    pub fn of(
        series: &Series,
        checkpoints: &[u64],
        replications: usize,
    ) -> Result<Self, StatisticsError> {
        let rounds = checkpoints.get(series.first_checkpoint..).unwrap_or(&[]);
        check_shape(series, rounds.len(), replications)?;
        let factor = student_factor(replications);
        let summarise = |(row, &round): (&[f64], &u64)| match check(row) {
            Ok(()) => Ok(Summary::with_factor(row, factor)),
            Err(cause) => Err(StatisticsError::At {
                notion: series.notion.key,
                checkpoint: round,
                cause: Box::new(cause),
            }),
        };
        let points = series.values.chunks(replications).zip(rounds).map(summarise);
        Ok(Self { points: points.collect::<Result<_, _>>()?, checkpoints: rounds.to_vec() })
    }

    /// The summary at the last checkpoint.
    pub fn last(&self) -> Option<&Summary> {
        self.points.last()
    }
}

/// Refuses a series whose values aren't one for each checkpoint and replication.
fn check_shape(
    series: &Series,
    checkpoints: usize,
    replications: usize,
) -> Result<(), StatisticsError> {
    let values = series.values.len();
    if replications == 0 {
        return Err(StatisticsError::Empty);
    }
    if checkpoints.checked_mul(replications) == Some(values) {
        return Ok(());
    }
    Err(StatisticsError::Shape { notion: series.notion.key, values, checkpoints, replications })
}

#[cfg(test)]
mod tests {
    use regret_engine::notion;

    use super::*;

    fn series(first_checkpoint: usize, values: Vec<f64>) -> Series {
        Series { notion: notion::PSEUDO_REGRET, component: None, first_checkpoint, values }
    }

    #[test]
    fn a_curve_summarises_each_checkpoint() {
        let curve = Curve::of(&series(1, vec![1.0, 3.0, 2.0, 6.0]), &[1, 10, 100], 2).unwrap();
        assert_eq!(curve.checkpoints, [10, 100]);
        assert_eq!(curve.points.iter().map(|p| p.mean).collect::<Vec<_>>(), [2.0, 4.0]);
        assert_eq!(curve.last().unwrap(), &Summary::of(&[2.0, 6.0]).unwrap());
    }

    #[test]
    fn a_misshapen_series_is_refused() {
        let error = Curve::of(&series(0, vec![1.0; 5]), &[1, 10], 2).unwrap_err();
        let text = "series pseudo_regret has 5 values, but 2 checkpoints of 2 replications";
        assert_eq!(error.to_string(), text);
        let error = Curve::of(&series(0, vec![1.0, f64::INFINITY]), &[8], 2).unwrap_err();
        let text = "series pseudo_regret at round 8: value inf of replication 1 is not finite";
        assert_eq!(error.to_string(), text);
        assert_eq!(Curve::of(&series(0, vec![]), &[], 0), Err(StatisticsError::Empty));
    }
}
