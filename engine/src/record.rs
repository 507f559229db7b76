//! The record of a simulation: every recorded quantity, at every checkpoint, for every replication.

use std::ops::Range;

use crate::notion::Notion;

/// Curves of a contiguous range of replications of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The replications recorded, counted from 0 within the experiment.
    pub replications: Range<u64>,
    /// The rounds at which quantities were recorded, strictly increasing, the last the horizon.
    pub checkpoints: Vec<u64>,
    /// One entry for each recorded quantity, in the order of the plan.
    pub series: Vec<Series>,
}

/// One quantity's values.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What was recorded.
    pub notion: Notion,
    /// Which component of it (for [`crate::notion::PULLS`], the arm, from 0), if it has several.
    pub component: Option<u32>,
    /// Index into [`Record::checkpoints`] of the first checkpoint recorded; from there on every
    /// one is. A quantity kept at the horizon only has the last index here.
    pub first_checkpoint: usize,
    /// Values, row-major `[checkpoint − first_checkpoint][replication − replications.start]`.
    pub values: Vec<f64>,
}

impl Record {
    /// Number of replications recorded.
    pub fn replication_count(&self) -> usize {
        (self.replications.end - self.replications.start) as usize
    }

    /// The record of all replications of `pieces`, which follow each other; `None` if there are none,
    /// or they did not record the same.
    pub fn joined(pieces: &[Self]) -> Option<Self> {
        let (first, last) = (pieces.first()?, pieces.last()?);
        let mut whole = first.clone();
        whole.replications.end = last.replications.end;
        for (index, series) in whole.series.iter_mut().enumerate() {
            let checkpoints = series.first_checkpoint..first.checkpoints.len();
            series.values.clear();
            for checkpoint in checkpoints {
                for piece in pieces {
                    let values =
                        piece.series.get(index)?.at(checkpoint, piece.replication_count())?;
                    series.values.extend_from_slice(values);
                }
            }
        }
        Some(whole)
    }

    /// The series of `notion` and `component`, if it was recorded.
    pub fn series(&self, notion: Notion, component: Option<u32>) -> Option<&Series> {
        self.series.iter().find(|s| s.notion == notion && s.component == component)
    }

    /// The values of `notion` at the horizon, one for each replication; none if it was not
    /// recorded.
    pub fn at_horizon(&self, notion: Notion) -> &[f64] {
        let last = self.checkpoints.len().saturating_sub(1);
        let series = self.series(notion, None);
        series.and_then(|series| series.at(last, self.replication_count())).unwrap_or_default()
    }
}

impl Series {
    /// The values at checkpoint number `checkpoint`, one for each of `replications` replications;
    /// `None` when nothing was recorded there.
    pub fn at(&self, checkpoint: usize, replications: usize) -> Option<&[f64]> {
        let row = checkpoint.checked_sub(self.first_checkpoint)?;
        self.values.get(row * replications..(row + 1) * replications)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notion::{PSEUDO_REGRET, PULLS};

    fn piece(replications: Range<u64>, regrets: &[f64], pulls: &[f64]) -> Record {
        let series = |notion, component, first_checkpoint, values: &[f64]| Series {
            notion,
            component,
            first_checkpoint,
            values: values.to_vec(),
        };
        Record {
            replications,
            checkpoints: vec![5, 10],
            series: vec![series(PSEUDO_REGRET, None, 0, regrets), series(PULLS, Some(0), 1, pulls)],
        }
    }

    #[test]
    fn pieces_are_put_side_by_side_at_every_checkpoint() {
        let pieces =
            [piece(3..5, &[1.0, 2.0, 10.0, 20.0], &[7.0, 8.0]), piece(5..6, &[3.0, 30.0], &[9.0])];
        let whole = piece(3..6, &[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], &[7.0, 8.0, 9.0]);
        assert_eq!(Record::joined(&pieces), Some(whole));
        assert_eq!(Record::joined(&pieces[1..]), Some(pieces[1].clone()));
        assert_eq!(Record::joined(&[]), None);
        let [first, mut other] = pieces;
        other.series.pop();
        assert_eq!(Record::joined(&[first, other]), None);
    }
}
