//! Puts the shards of a run together: their parts in one folder, as if one process had played them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use regret_results::store::{CellMeta, Parts, RunFolder, StoreError};

use crate::cell::BLOCK;
use crate::run::Outcome;
use crate::shards::{Shard, State, Ticket, deal, plan, stopped_cells};
use crate::spec::Experiment;
use crate::spec::replications::Replications;
use crate::spec::source::Problems;

/// Why shards cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The spec cannot be read here.
    #[error(transparent)]
    Spec(#[from] Problems),
    /// A folder cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A folder without shards.
    #[error("{}: no shard was run here, or all are merged already (see `regret status`)", .0.display())]
    NoShards(PathBuf),
    /// Shards that do not belong together.
    #[error(
        "shard {} in {} and shard {} in {} are not of one run: {what} differ; run one of them again",
        first.1, first.0.display(), second.1, second.0.display()
    )]
    Different {
        /// What differs.
        what: &'static str,
        /// A shard and where it is.
        first: (PathBuf, Shard),
        /// Another.
        second: (PathBuf, Shard),
    },
    /// The spec means other cells here than where the shards were run.
    #[error(
        "the spec means other cells here than where the shards were run: this is another version of \
         the program, or a data file differs"
    )]
    Changed,
    /// A run that was not split, and cannot be.
    #[error(
        "this run looks at its results (`replications: {{until: separated}}`) and was not split: the \
         same `regret run` goes on with it"
    )]
    Adaptive,
    /// Shards that are not done, or whose parts are not there.
    #[error("{}", listed(.0))]
    Incomplete(Vec<(Shard, String)>),
}

fn listed(shards: &[(Shard, String)]) -> String {
    let mut text = String::from("nothing is merged:");
    for (shard, why) in shards {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  shard {shard} {why}");
    }
    let again: Vec<String> = shards.iter().map(|(shard, _)| format!("--shard {shard}")).collect();
    let _ = write!(text, "\nrun again, on any machine: {}", again.join(", "));
    text + "; what they have finished is not played again"
}

/// The shards of one run, all of them done.
pub struct Shards {
    sources: Vec<PathBuf>,
    tickets: Vec<Ticket>,
    /// What they play.
    pub experiment: Experiment,
}

impl Shards {
    /// Finds the shards in these folders; `data` is the folder of the spec's data, if it is another
    /// than where they were played.
    ///
    /// # Errors
    /// Shards that are missing, not done or of another run.
    pub fn read(sources: &[PathBuf], data: Option<&Path>) -> Result<Self, MergeError> {
        let mut found: Vec<(PathBuf, Ticket)> = Vec::new();
        for source in sources {
            let tickets = Ticket::read(source)?;
            if tickets.is_empty() {
                return Err(MergeError::NoShards(source.clone()));
            }
            found.extend(tickets.into_iter().map(|ticket| (source.clone(), ticket)));
        }
        for pair in found.windows(2) {
            let [(first, a), (second, b)] = pair else { continue };
            if let Some(what) = difference(a, b) {
                return Err(MergeError::Different {
                    what,
                    first: (first.clone(), a.shard()),
                    second: (second.clone(), b.shard()),
                });
            }
        }
        let count = found.first().map_or(1, |(_, ticket)| ticket.count);
        let (mut tickets, mut incomplete) = (Vec::new(), Vec::new());
        for shard in Shard::all(count) {
            let mine = || found.iter().filter(|(_, ticket)| ticket.shard() == shard);
            match mine().find(|(_, ticket)| ticket.state == State::Done) {
                Some((_, ticket)) => tickets.push(ticket.clone()),
                None => incomplete.push((shard, why(mine().next())?)),
            }
        }
        let Some(first) = tickets.first().filter(|_| incomplete.is_empty()) else {
            return Err(MergeError::Incomplete(incomplete));
        };
        let experiment = first.experiment(data)?;
        if matches!(experiment.replications, Replications::UntilSeparated { .. }) {
            return Err(MergeError::Adaptive);
        }
        if plan(&experiment.cells) != first.plan {
            return Err(MergeError::Changed);
        }
        Ok(Self { sources: sources.to_vec(), tickets, experiment })
    }

    /// Seconds that the shards took, together.
    pub fn seconds(&self) -> f64 {
        self.tickets.iter().map(|ticket| ticket.seconds).sum()
    }

    /// Brings all parts into `folder`, once all are known to be sound, and says how the run ended.
    ///
    /// # Errors
    /// Parts that are missing or damaged, with their shards.
    pub fn gather(&self, folder: &RunFolder) -> Result<Outcome, MergeError> {
        let cells = &self.experiment.cells;
        let stopped = stopped_cells(cells, &self.tickets);
        let metas: Vec<CellMeta> = cells.iter().map(crate::cell::Cell::meta).collect();
        // From the first block with a fault on, one run keeps nothing.
        let mut ends = vec![u64::MAX; cells.len()];
        for one in &stopped {
            ends[one.cell] = one.fault.replication() / BLOCK * BLOCK;
        }
        let count = self.tickets.len() as u64;
        let dealt = deal(cells, count);
        let wanted = dealt.par_iter().filter(|((cell, block), _)| block.start < ends[*cell]);
        let missing: Vec<(u64, String)> = wanted
            .map(|((cell, block), shard)| {
                Ok(self.bring(folder, &metas[*cell], block)?.map(|problem| (*shard, problem)))
            })
            .filter_map(Result::transpose)
            .collect::<Result<_, StoreError>>()?;
        if !missing.is_empty() {
            return Err(MergeError::Incomplete(by_shard(missing, count)));
        }
        for one in &stopped {
            let parts = folder.parts(&metas[one.cell])?;
            let mut beyond = cells[one.cell].blocks().filter(|block| block.start >= ends[one.cell]);
            beyond.try_for_each(|block| parts.remove(&block))?;
        }
        let rounds = self.tickets.iter().map(|ticket| ticket.rounds).sum();
        Ok(Outcome { stopped, interrupted: false, rounds })
    }

    /// Brings the part of a block into the folder, or says why there is none.
    fn bring(
        &self,
        folder: &RunFolder,
        meta: &CellMeta,
        block: &Range<u64>,
    ) -> Result<Option<String>, StoreError> {
        let mut problem = None;
        let own = Parts::of(folder.root(), meta)?;
        let others = self.sources.iter().map(|source| Parts::of(source, meta));
        for (index, parts) in std::iter::once(Ok(own)).chain(others).enumerate() {
            match parts?.bytes(block) {
                Ok(None) => {}
                Ok(Some(_)) if index == 0 => return Ok(None),
                Ok(Some((path, bytes))) => {
                    // Not `RunFolder::parts`: that removes what others are just writing.
                    let before = Parts::of(folder.root(), meta)?;
                    folder.adopt(meta, path, &bytes)?;
                    before
                        .superseded(block)
                        .filter(|old| old.file_name() != path.file_name())
                        .try_for_each(|old| folder.remove_part(old))?;
                    return Ok(None);
                }
                Err(error @ (StoreError::Damaged(_) | StoreError::Foreign { .. })) => {
                    problem = Some(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        let Range { start, end } = block;
        let absent = || {
            let (learner, environment) = (&meta.learner.name, &meta.environment.name);
            format!("replications {start} to {} of {learner} on {environment} are missing", end - 1)
        };
        Ok(Some(problem.unwrap_or_else(absent)))
    }
}

/// What two shards of one run may not differ in.
fn difference(a: &Ticket, b: &Ticket) -> Option<&'static str> {
    if a.count != b.count {
        Some("their numbers of shards")
    } else if !a.has_spec_of(b) {
        Some("their specs")
    } else if a.program.numbers != b.program.numbers {
        Some("the versions of their numbers")
    } else if a.plan != b.plan {
        Some("the data that their specs name")
    } else {
        None
    }
}

/// Why a shard is not done.
fn why(found: Option<&(PathBuf, Ticket)>) -> Result<String, StoreError> {
    let Some((source, ticket)) = found else { return Ok("is missing".to_owned()) };
    let place = source.display();
    Ok(match ticket.state {
        _ if is_running(source, ticket)? => format!("is still running in {place}"),
        State::Begun => format!("was killed in {place}, or runs where this is not seen"),
        State::Interrupted => format!("was interrupted in {place}"),
        State::Failed | State::Done => {
            format!("failed in {place}: {}", ticket.problem.as_deref().unwrap_or_default())
        }
    })
}

/// Whether a process plays a shard in this folder.
///
/// # Errors
/// What the system says.
pub fn is_running(root: &Path, ticket: &Ticket) -> Result<bool, StoreError> {
    match ticket.shard() {
        Shard::WHOLE => {
            Ok(RunFolder::is_open(root)? || RunFolder::is_shard_open(root, &Shard::WHOLE.name())?)
        }
        shard => RunFolder::is_shard_open(root, &shard.name()),
    }
}

/// One line for each shard, which names the first of its problems.
fn by_shard(missing: Vec<(u64, String)>, count: u64) -> Vec<(Shard, String)> {
    let mut problems: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for (shard, problem) in missing {
        problems.entry(shard).or_default().push(problem);
    }
    let line = |(index, shard): (u64, Shard)| {
        let problems = problems.get(&index)?;
        let more = match problems.len() {
            1 => String::new(),
            n => format!("; and {} more", n - 1),
        };
        Some((shard, format!("lacks a part: {}{more}", problems[0])))
    };
    (0..).zip(Shard::all(count)).filter_map(line).collect()
}
