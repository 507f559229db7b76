//! Plays an experiment whose number of replications is found by looking at the results.
//!
//! Blocks of replications are the looks: after each, the learners of a panel (one environment,
//! horizon and seed) are compared by their first regret at the horizon, paired by replication, with
//! the baseline or the best. A panel is decided when all of its comparisons are, by confidence
//! sequences with Holm's correction; these hold at all looks at once, so that stopping by them costs
//! no validity. All learners of a panel stop together. What is decided depends on the numbers alone:
//! a run that is interrupted, or split over other threads, ends with the same replications.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use regret_engine::notion::Notion;
use regret_results::statistics::{COVERAGE, Family, Sampling};
use regret_results::store::{RunFolder, StoreError};
use serde_json::json;

use crate::cell::{BLOCK, Cell};
use crate::run::{self, Options, Outcome, Progress};
use crate::spec::Experiment;
use crate::spec::replications::Replications;

/// Plays what is missing of an experiment. A number of replications found by looking is entered into
/// its cells.
///
/// # Errors
/// As [`run::run`].
pub fn run(
    experiment: &mut Experiment,
    folder: &RunFolder,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Outcome, StoreError> {
    let Replications::UntilSeparated { at_most } = experiment.replications else {
        return run::run(&experiment.cells, folder, options, progress, stop);
    };
    let cells = &experiment.cells;
    let mut panels = panels(cells, &experiment.presentation.baselines);
    let mut outcome = Outcome::default();
    let mut first = 0;
    while first < at_most && panels.iter().any(|panel| !panel.decided) && !outcome.interrupted {
        let block = first..at_most.min(first + BLOCK);
        let open = || panels.iter().filter(|panel| !panel.decided).flat_map(|panel| &panel.members);
        let blocks = open().filter(|member| !outcome.has_stopped(member.cell));
        let blocks = blocks.map(|member| (member.cell, block.clone())).collect();
        let look = Look { progress, is_first: first == 0 };
        outcome.append(run::run_blocks(cells, blocks, folder, options, &look, stop)?);
        if !outcome.interrupted {
            for panel in panels.iter_mut().filter(|panel| !panel.decided) {
                panel.look(cells, &block, folder, &outcome)?;
            }
        }
        first = block.end;
    }
    for panel in &panels {
        for member in &panel.members {
            experiment.cells[member.cell].set_replications(panel.played.max(1));
        }
    }
    Ok(outcome)
}

/// The learners that are compared with each other.
struct Panel {
    members: Vec<Member>,
    /// Index of the cell that the others are compared with; the best if there is none.
    baseline: Option<usize>,
    played: u64,
    decided: bool,
}

/// A learner of a panel with its values so far.
struct Member {
    cell: usize,
    notion: Option<Notion>,
    values: Vec<f64>,
}

fn panels(cells: &[Cell], baselines: &[usize]) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (cell, of) in cells.iter().enumerate() {
        let notions = &of.plan.notions;
        let notion = notions.iter().find(|notion| notion.is_regret).or(notions.first()).copied();
        let member = Member { cell, notion, values: Vec::new() };
        let meta = of.meta();
        let place = json!([meta.protocol, meta.environment, meta.horizon, meta.seed]);
        let panel = *known.entry(place.to_string()).or_insert(panels.len());
        if panel == panels.len() {
            panels.push(Panel { members: Vec::new(), baseline: None, played: 0, decided: false });
        }
        panels[panel].members.push(member);
    }
    for panel in &mut panels {
        let known = panel.members.iter().map(|member| member.cell);
        panel.baseline = known.into_iter().find(|cell| baselines.contains(cell));
    }
    panels
}

impl Panel {
    /// Reads a finished block and decides whether another is needed. Cells that have stopped are
    /// left out, and so are those that record another notion than the first.
    fn look(
        &mut self,
        cells: &[Cell],
        block: &Range<u64>,
        folder: &RunFolder,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        for member in self.members.iter_mut().filter(|member| !outcome.has_stopped(member.cell)) {
            member.read(&cells[member.cell], block, folder)?;
        }
        self.played = block.end;
        let notion = self.members[0].notion;
        let compared: Vec<&Member> = self
            .members
            .iter()
            .filter(|member| !outcome.has_stopped(member.cell) && member.notion == notion)
            .collect();
        let samples: Vec<&[f64]> = compared.iter().map(|member| &*member.values).collect();
        let baseline = self
            .baseline
            .and_then(|baseline| compared.iter().position(|member| member.cell == baseline));
        let alpha = 1.0 - COVERAGE;
        let family = Family::of(&samples, baseline, Sampling::Sequential, alpha);
        // Values that cannot be compared will not become comparable by playing on.
        self.decided = family.map_or(true, |family| family.is_separated(alpha));
        Ok(())
    }
}

impl Member {
    /// Adds the values of a block at the horizon.
    fn read(
        &mut self,
        cell: &Cell,
        block: &Range<u64>,
        folder: &RunFolder,
    ) -> Result<(), StoreError> {
        let record = folder.parts(&cell.meta())?.read(block)?;
        let values = record.as_ref().and_then(|record| {
            let series = record.series(self.notion?, None)?;
            series.at(record.checkpoints.len().checked_sub(1)?, record.replication_count())
        });
        self.values.extend(values.unwrap_or_default());
        Ok(())
    }
}

/// Watches one look; blocks found finished are told of at the first.
struct Look<'a> {
    progress: &'a dyn Progress,
    is_first: bool,
}

impl Progress for Look<'_> {
    fn begin(&self, blocks: usize, rounds: u64, found: usize) {
        self.progress.begin(blocks, rounds, if self.is_first { found } else { 0 });
    }

    fn played(&self, rounds: u64) {
        self.progress.played(rounds);
    }

    fn finished(&self, cell: &Cell, replications: &Range<u64>) {
        self.progress.finished(cell, replications);
    }

    fn warn(&self, message: &str) {
        self.progress.warn(message);
    }
}
