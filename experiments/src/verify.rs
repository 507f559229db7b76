//! Recomputes some of a run's numbers and compares their bits.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use regret_engine::random::{Role, Stream};
use regret_engine::record::{Record, Series};
use regret_engine::registry::Form;
use regret_engine::simulation::Plan;
use regret_results::store::{FinishedRun, Manifest, Parts, StoreError};

use crate::cell::{Cell, NUMBERS_VERSION};
use crate::spec::select::World;
use crate::spec::source::Problems;
use crate::spec::{self, Experiment};

/// What was recomputed, and what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Blocks of the run.
    pub blocks: usize,
    /// Blocks that were recomputed.
    pub sample: usize,
    /// Blocks that are not what is computed now, in the order of the cells.
    pub differences: Vec<Difference>,
}

/// A block that is not what is computed now.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The cell's identity.
    pub cell: String,
    /// Its learner and environment in words.
    pub words: String,
    /// The block.
    pub replications: Range<u64>,
    /// What differs.
    pub what: String,
}

/// Why a run cannot be recomputed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Its spec cannot be read here.
    #[error(transparent)]
    Spec(#[from] Problems),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its numbers are of another version.
    #[error(
        "its numbers are of version {0}, those of this program of version {NUMBERS_VERSION}: they \
         may differ (see CHANGELOG.md)"
    )]
    Numbers(u32),
    /// The spec means other cells here.
    #[error(
        "the spec means other cells here than in the manifest: {0} of {1} are not found; a data \
         file that it names differs, or the manifest was changed"
    )]
    Cells(usize, usize),
}

/// Recomputes `sample` blocks of a run, chosen by `seed` (all, if there are no more), and compares
/// every bit with the parts. `data` is the folder of its spec's data, if it is another than it was.
///
/// # Errors
/// The run cannot be read or recomputed here. What differs is no error.
pub fn verify(
    root: &Path,
    sample: usize,
    seed: u64,
    data: Option<&Path>,
) -> Result<Verified, VerifyError> {
    let run = FinishedRun::open(root)?;
    let experiment = experiment(run.manifest(), data)?;
    let cells = &experiment.cells;
    let blocks = blocks(&run, cells)?;
    let chosen = chosen(blocks.len(), sample, seed);
    let world = World::new(cells, true);
    let words = |cell: usize| format!("{} on {}", world.learner(cell), world.place(cell));
    let look = |index: &usize| -> Result<Option<Difference>, VerifyError> {
        let (cell, block) = &blocks[*index];
        let what = difference(root, &cells[*cell], block)?;
        Ok(what.map(|what| Difference {
            cell: cells[*cell].id.clone(),
            words: words(*cell),
            replications: block.clone(),
            what,
        }))
    };
    let differences: Vec<Option<Difference>> =
        chosen.par_iter().map(look).collect::<Result<_, VerifyError>>()?;
    let differences = differences.into_iter().flatten().collect();
    Ok(Verified { blocks: blocks.len(), sample: chosen.len(), differences })
}

/// The experiment of a manifest, with the replications that were played.
fn experiment(manifest: &Manifest, data: Option<&Path>) -> Result<Experiment, VerifyError> {
    if manifest.program.numbers != NUMBERS_VERSION {
        return Err(VerifyError::Numbers(manifest.program.numbers));
    }
    let origin = manifest.origin.with_data(data);
    let mut experiment = spec::read_again(&manifest.name, &origin)?;
    let mut unknown = 0;
    // Both are in the order of the spec.
    let mut listed = manifest.cells.iter().map(|listed| &listed.cell);
    for cell in &mut experiment.cells {
        match listed.next().filter(|listed| listed.id == cell.id) {
            Some(listed) => cell.set_replications(listed.replications.max(1)),
            None => unknown += 1,
        }
    }
    unknown += listed.count();
    if unknown > 0 {
        return Err(VerifyError::Cells(unknown, manifest.cells.len()));
    }
    Ok(experiment)
}

/// The blocks that should be there: of cells that stopped, those that are.
fn blocks(run: &FinishedRun, cells: &[Cell]) -> Result<Vec<(usize, Range<u64>)>, StoreError> {
    let mut blocks = Vec::new();
    for (index, (cell, listed)) in cells.iter().zip(run.cells()).enumerate() {
        let parts = match listed.fault {
            Some(_) => Some(Parts::of(run.root(), &listed.cell)?),
            None => None,
        };
        let there = |block: &Range<u64>| parts.as_ref().is_none_or(|parts| parts.has(block));
        blocks.extend(cell.blocks().filter(there).map(|block| (index, block)));
    }
    Ok(blocks)
}

/// Indices below `count`, as many as `sample`, in order: every set of them with the same probability.
fn chosen(count: usize, sample: usize, seed: u64) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    let mut draws = Stream::new(seed, 0, Role::Environment);
    let sample = sample.min(count);
    for place in 0..sample {
        let other = place + draws.index(count - place);
        indices.swap(place, other);
    }
    indices.truncate(sample);
    indices.sort_unstable();
    indices
}

/// What differs in a block, `None` if nothing does.
fn difference(root: &Path, cell: &Cell, block: &Range<u64>) -> Result<Option<String>, VerifyError> {
    let meta = cell.meta();
    let found = match Parts::of(root, &meta)?.read(block) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Some("its part is missing".to_owned())),
        Err(error @ (StoreError::Damaged(_) | StoreError::Foreign { .. })) => {
            return Ok(Some(error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    let plan = Plan { replications: block.clone(), ..cell.plan.clone() };
    Ok(match cell.game.play(&plan, Form::Suited) {
        Ok(computed) => differs(&found, &computed),
        Err(fault) => Some(format!("it stops now: {fault}")),
    })
}

/// How two records differ in any bit.
fn differs(found: &Record, computed: &Record) -> Option<String> {
    let shape = |record: &Record| {
        let of = |series: &Series| {
            (series.notion.key, series.component, series.first_checkpoint, series.values.len())
        };
        let series = record.series.iter().map(of).collect::<Vec<_>>();
        (record.checkpoints.clone(), record.replications.clone(), series)
    };
    if shape(found) != shape(computed) {
        return Some("it holds other quantities, rounds or replications".to_owned());
    }
    let lanes = found.replication_count();
    let (mut first, mut count, mut all) = (None, 0_usize, 0_usize);
    for (series, other) in found.series.iter().zip(&computed.series) {
        all += series.values.len();
        for (index, (value, other)) in series.values.iter().zip(&other.values).enumerate() {
            if value.to_bits() != other.to_bits() {
                count += 1;
                first.get_or_insert((series, index, *value, *other));
            }
        }
    }
    let (series, index, value, other) = first?;
    let t = found.checkpoints[series.first_checkpoint + index / lanes];
    let replication = found.replications.start + (index % lanes) as u64;
    let component = series.component.map(|component| format!(" [{component}]")).unwrap_or_default();
    Some(format!(
        "{count} of {all} numbers differ, first the {}{component} of replication {replication} at \
         t = {t}: {value:?} in the part, {other:?} computed",
        series.notion.title
    ))
}

#[cfg(test)]
mod tests {
    use regret_engine::notion::{PSEUDO_REGRET, PULLS};

    use super::*;

    #[test]
    fn samples_are_sets_of_blocks_all_alike() {
        assert_eq!(chosen(5, 9, 1), [0, 1, 2, 3, 4]);
        assert!(chosen(0, 3, 1).is_empty());
        let mut counts = [0; 6];
        for seed in 0..3000 {
            let found = chosen(6, 2, seed);
            assert!(found.len() == 2 && found[0] < found[1] && found[1] < 6);
            found.iter().for_each(|&index| counts[index] += 1);
        }
        // Each with probability 1/3: 1000 with a standard deviation of 26; five of them.
        assert!(counts.iter().all(|count| (870..=1130).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_single_bit_is_named() {
        let series = |notion, component, first_checkpoint, values: &[f64]| Series {
            notion,
            component,
            first_checkpoint,
            values: values.to_vec(),
        };
        let record = Record {
            replications: 64..66,
            checkpoints: vec![5, 10],
            series: vec![
                series(PSEUDO_REGRET, None, 0, &[0.0, 1.0, 0.5, 1.5]),
                series(PULLS, Some(1), 1, &[7.0, 8.0]),
            ],
        };
        assert_eq!(differs(&record, &record), None);
        let mut other = record.clone();
        other.series[0].values[0] = -0.0;
        other.series[1].values[1] = 9.0;
        let what = differs(&record, &other).expect("a sign");
        assert!(what.starts_with("2 of 6 numbers differ, first the pseudo-regret of"), "{what}");
        assert!(
            what.ends_with("replication 64 at t = 5: 0.0 in the part, -0.0 computed"),
            "{what}"
        );
        other.series.pop();
        assert!(differs(&record, &other).expect("a series").contains("other quantities"));
    }
}
