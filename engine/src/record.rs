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

    /// The record of these replications and those of `next`, which follow them, of the same plan.
    #[must_use]
    pub fn beside(&self, next: &Self) -> Self {
        let (left, right) = (self.replication_count(), next.replication_count());
        let join = |(a, b): (&Series, &Series)| Series {
            values: (a.values.chunks(left).zip(b.values.chunks(right)))
                .flat_map(|(a, b)| a.iter().chain(b).copied())
                .collect(),
            ..a.clone()
        };
        Self {
            replications: self.replications.start..next.replications.end,
            checkpoints: self.checkpoints.clone(),
            series: self.series.iter().zip(&next.series).map(join).collect(),
        }
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
