//! Replications block by block.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::pairing::CellFault;
use crate::record::Record;
use crate::simulation::Plan;

/// At most `width` replications from the front of those left.
pub(super) fn front(left: &Range<u64>, width: u64) -> Range<u64> {
    left.start..left.end.min(left.start.saturating_add(width))
}

/// Plays block after block and puts their records side by side. `block` is given the replications
/// that are left, and plays some from their front.
pub(super) fn in_blocks(
    plan: &Plan,
    mut block: impl FnMut(Range<u64>) -> Result<Record, CellFault>,
) -> Result<Record, CellFault> {
    let Range { mut start, end } = plan.replications;
    let mut pieces = Vec::new();
    while start < end {
        let piece = block(start..end)?;
        start = piece.replications.end;
        pieces.push(piece);
    }
    Ok(Record::joined(&pieces).unwrap_or_else(|| Record {
        replications: plan.replications.clone(),
        checkpoints: plan.checkpoints.clone(),
        series: Vec::new(),
    }))
}

/// Turns a panic into a fault of these replications.
pub(super) fn guarded<T>(
    replications: &Range<u64>,
    play: impl FnOnce() -> Result<T, CellFault>,
) -> Result<T, CellFault> {
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
        let (replications, message) = (replications.clone(), message(&*panic));
        Err(CellFault::Panic { replications, message })
    })
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
