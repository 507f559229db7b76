//! Splitting a run: which blocks a shard plays, and what it has come to.
//!
//! Blocks are dealt to the shards by their rounds, the longest first, each to the shard that has
//! least so far; among equals their order is mixed, so that no shard gets all blocks of one learner.
//! The deal depends on the cells and the number of shards alone.
//!
//! While a run is not published, its folder has a *ticket* for every shard that was begun, with the
//! spec and the faults found; a run that is not split is shard 1 of 1. [`crate::merge`] puts shards
//! together.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use regret_engine::random::mix;
use regret_results::store::{Origin, Program, RunFolder, SCHEMA, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::adaptive;
use crate::cell::{Cell, NUMBERS_VERSION};
use crate::run::{self, Options, Outcome, Progress, StopReason, StoppedCell};
use crate::spec::source::Problems;
use crate::spec::{self, Experiment};

/// The most shards of a run.
const MOST: u64 = 100_000;

/// Where schedulers say which task of an array this is.
pub const ARRAY_INDICES: [(&str, &str); 5] = [
    ("SLURM_ARRAY_TASK_ID", "Slurm"),
    ("PBS_ARRAY_INDEX", "PBS Professional"),
    ("PBS_ARRAYID", "Torque"),
    ("SGE_TASK_ID", "Grid Engine"),
    ("LSB_JOBINDEX", "LSF"),
];

/// A shard of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

/// Why a text names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It has another form.
    #[error(
        "`{0}` is no shard: say i/n, the i-th of n from 1, or array/n for the index that a scheduler \
         has set, with n up to {MOST}"
    )]
    Form(String),
    /// There is no such shard.
    #[error("there is no shard {index} of {count}: shards count from 1 to {count}")]
    Index {
        /// Its index.
        index: String,
        /// The number of shards.
        count: u64,
    },
    /// No scheduler has set an index.
    #[error(
        "array/{count} is for tasks of a scheduler's array, but none of {} is set",
        ARRAY_INDICES.map(|(name, _)| name).join(", ")
    )]
    NoArray {
        /// The number of shards.
        count: u64,
    },
    /// Two schedulers have set different indices.
    #[error("{0} is {1}, but {2} is {3}: say which, as i/n")]
    Ambiguous(&'static str, String, &'static str, String),
}

impl Shard {
    /// A run that is not split.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Reads `i/n`, or `array/n` with the index that a scheduler has set in the environment.
    ///
    /// # Errors
    /// The text names no shard, or the environment no index.
    pub fn read(
        text: &str,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ShardError> {
        let form = || ShardError::Form(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(form)?;
        let count = count.parse().ok().filter(|count| (1..=MOST).contains(count));
        let count = count.ok_or_else(form)?;
        let index = match index {
            "array" => array_index(count, environment)?,
            index if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(form());
            }
            index => index.to_owned(),
        };
        match index.parse() {
            Ok(found) if (1..=count).contains(&found) => Ok(Self { index: found, count }),
            _ => Err(ShardError::Index { index, count }),
        }
    }

    /// Its index, from 1.
    pub fn index(self) -> u64 {
        self.index
    }

    /// The number of shards.
    pub fn count(self) -> u64 {
        self.count
    }

    /// All shards of as many.
    pub fn all(count: u64) -> impl Iterator<Item = Self> {
        (1..=count).map(move |index| Self { index, count })
    }

    /// Its name in the run folder.
    pub fn name(self) -> String {
        format!("{}-of-{}", self.index, self.count)
    }

    /// The blocks that it plays of these cells, each with the index of its cell, in the order of the
    /// cells.
    pub fn blocks(self, cells: &[Cell]) -> Vec<(usize, Range<u64>)> {
        let mine = self.index - 1;
        let dealt = deal(cells, self.count).into_iter();
        dealt.filter(|(_, shard)| *shard == mine).map(|(block, _)| block).collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

fn array_index(
    count: u64,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<String, ShardError> {
    let mut found: Option<(&'static str, String)> = None;
    for (name, _) in ARRAY_INDICES {
        let Some(value) = environment(name) else { continue };
        let value = value.to_string_lossy().into_owned();
        // So Grid Engine and LSF say that a job is no array.
        if value.is_empty() || value == "undefined" || (name == "LSB_JOBINDEX" && value == "0") {
            continue;
        }
        match found {
            Some((other, known)) if known != value => {
                return Err(ShardError::Ambiguous(other, known, name, value));
            }
            _ => found = Some((name, value)),
        }
    }
    found.map(|(_, value)| value).ok_or(ShardError::NoArray { count })
}

/// A block of the cell of that index.
pub type Block = (usize, Range<u64>);

/// Every block of these cells with the index, from 0, of its shard; in the order of the cells.
pub fn deal(cells: &[Cell], shards: u64) -> Vec<(Block, u64)> {
    let mut blocks: Vec<(u64, u64, Block)> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        // An identity is a hash in hexadecimal digits.
        let hash = u64::from_str_radix(cell.id.get(..16).unwrap_or_default(), 16).unwrap_or(0);
        for block in cell.blocks() {
            let rounds = cell.common.horizon.saturating_mul(block.end - block.start);
            blocks.push((rounds, mix(hash ^ mix(block.start)), (index, block)));
        }
    }
    blocks.sort_by_key(|(rounds, order, (index, block))| {
        (Reverse(*rounds), *order, *index, block.start)
    });
    let mut loads: BinaryHeap<Reverse<(u64, u64)>> =
        (0..shards).map(|shard| Reverse((0, shard))).collect();
    let mut dealt = Vec::with_capacity(blocks.len());
    for (rounds, _, block) in blocks {
        if let Some(Reverse((load, shard))) = loads.pop() {
            loads.push(Reverse((load.saturating_add(rounds), shard)));
            dealt.push((block, shard));
        }
    }
    dealt.sort_by_key(|((index, block), _)| (*index, block.start));
    dealt
}

/// How far a shard has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was begun; unless its process is there, it was killed.
    Begun,
    /// Everything was played.
    Done,
    /// It was interrupted and can go on.
    Interrupted,
    /// It could not go on.
    Failed,
}

/// A cell that stopped in a shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// The cell's identity.
    pub cell: String,
    /// The first replication with a fault.
    pub replication: u64,
    /// The fault in words.
    pub fault: String,
}

/// What a shard has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The form of the run folder.
    pub schema: u32,
    /// What plays it.
    pub program: Program,
    /// The experiment's name.
    pub name: String,
    /// What its cells were read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// A hash of the cells and their replications.
    pub plan: String,
    /// Its index, from 1.
    pub index: u64,
    /// The number of shards.
    pub count: u64,
    /// How far it has come.
    pub state: State,
    /// Why it could not go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The cells that stopped by a fault of their own.
    #[serde(default)]
    pub stopped: Vec<Stopped>,
    /// Seconds that it took.
    pub seconds: f64,
    /// Rounds that it played.
    pub rounds: u64,
}

impl Ticket {
    /// The ticket of a shard that begins.
    pub fn new(experiment: &Experiment, shard: Shard) -> Self {
        Self {
            schema: SCHEMA,
            program: program(),
            name: experiment.name.clone(),
            origin: experiment.origin.clone(),
            plan: plan(&experiment.cells),
            index: shard.index,
            count: shard.count,
            state: State::Begun,
            problem: None,
            stopped: Vec::new(),
            seconds: 0.0,
            rounds: 0,
        }
    }

    /// The shard.
    pub fn shard(&self) -> Shard {
        Shard { index: self.index, count: self.count }
    }

    /// Enters how the shard ended.
    pub fn end(&mut self, cells: &[Cell], outcome: &Result<Outcome, StoreError>, seconds: f64) {
        self.seconds = seconds;
        match outcome {
            Err(error) => (self.state, self.problem) = (State::Failed, Some(error.to_string())),
            Ok(outcome) => {
                self.state = if outcome.interrupted { State::Interrupted } else { State::Done };
                self.rounds = outcome.rounds;
                self.stopped = outcome.stopped.iter().map(|one| stopped(cells, one)).collect();
            }
        }
    }

    /// Writes it into the run folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, folder: &RunFolder) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        folder.write_shard(&self.shard().name(), &text)
    }

    /// The tickets of a run folder, by shard.
    ///
    /// # Errors
    /// One that is none, or what the system says.
    pub fn read(root: &Path) -> Result<Vec<Self>, StoreError> {
        let mut tickets: Vec<Self> = Vec::new();
        for (name, text) in RunFolder::read_shards(root)? {
            let foreign = |problem| StoreError::Foreign {
                path: root.join("shards").join(format!("{name}.json")),
                problem,
            };
            let fields: Value = serde_json::from_str(&text).unwrap_or_default();
            if fields["schema"].as_u64().is_some_and(|schema| schema > u64::from(SCHEMA)) {
                return Err(StoreError::Version {
                    path: root.join("shards").join(format!("{name}.json")),
                    found: fields["schema"].to_string(),
                    known: SCHEMA.to_string(),
                });
            }
            let ticket: Self = serde_json::from_value(fields)
                .map_err(|error| foreign(format!("this is no record of a shard: {error}")))?;
            let exists =
                (1..=MOST).contains(&ticket.count) && (1..=ticket.count).contains(&ticket.index);
            if ticket.shard().name() != name || !exists {
                return Err(foreign(format!("it is that of shard {}", ticket.shard())));
            }
            tickets.push(ticket);
        }
        tickets.sort_by_key(|ticket| (ticket.count, ticket.index));
        Ok(tickets)
    }

    /// The experiment that it plays; `data` is the folder of its data, if it is another than it was.
    ///
    /// # Errors
    /// What is wrong with it here, such as a data file that is missing.
    pub fn experiment(&self, data: Option<&Path>) -> Result<Experiment, Problems> {
        spec::read_again(&self.name, &self.origin.with_data(data))
    }

    /// Whether it and another are of one run.
    pub fn belongs_to(&self, other: &Self) -> bool {
        self.count == other.count && self.plan == other.plan && self.has_spec_of(other)
    }

    /// Whether it and another have one spec; files of data may lie elsewhere.
    pub fn has_spec_of(&self, other: &Self) -> bool {
        let anywhere = |ticket: &Self| Origin { data: None, ..ticket.origin.clone() };
        self.name == other.name && anywhere(self) == anywhere(other)
    }
}

/// Plays what is missing of a shard, or of the whole run, and keeps its ticket. Tickets of another
/// number of shards give way: their parts are kept, and are found when they are needed.
///
/// # Errors
/// As [`run::run`]; or shards of another number are running in the folder.
pub fn play(
    experiment: &mut Experiment,
    shard: Option<Shard>,
    folder: &RunFolder,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(Outcome, f64), StoreError> {
    let mut ticket = Ticket::new(experiment, shard.unwrap_or(Shard::WHOLE));
    for other in Ticket::read(folder.root())? {
        let name = other.shard().name();
        if other.count != ticket.count {
            if RunFolder::is_shard_open(folder.root(), &name)? {
                return Err(StoreError::Locked(folder.root().to_owned()));
            }
            folder.remove_shard(&name)?;
        }
    }
    ticket.write(folder)?;
    let start = Instant::now();
    let outcome = match shard {
        None => adaptive::run(experiment, folder, options, progress, stop),
        Some(shard) => {
            let blocks = shard.blocks(&experiment.cells);
            run::run_blocks(&experiment.cells, blocks, folder, options, progress, stop)
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    ticket.end(&experiment.cells, &outcome, seconds);
    let written = ticket.write(folder);
    // Where both failed, the first reason is the one to know.
    let outcome = outcome?;
    written?;
    Ok((outcome, seconds))
}

/// This program.
pub fn program() -> Program {
    Program {
        name: "regretlab".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        numbers: NUMBERS_VERSION,
    }
}

/// A hash of cells and their replications.
pub fn plan(cells: &[Cell]) -> String {
    let mut digest = Sha256::new();
    for cell in cells {
        digest.update(format!("{} {}\n", cell.id, cell.common.replications));
    }
    digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn stopped(cells: &[Cell], stopped: &StoppedCell) -> Stopped {
    Stopped {
        cell: cells[stopped.cell].id.clone(),
        replication: stopped.fault.replication(),
        fault: stopped.fault.to_string(),
    }
}

/// The cells that stopped in any of the shards: of each, the fault of the first replication.
pub fn stopped_cells(cells: &[Cell], tickets: &[Ticket]) -> Vec<StoppedCell> {
    let all = || tickets.iter().flat_map(|ticket| &ticket.stopped);
    let first = |(index, cell): (usize, &Cell)| {
        let found = all().filter(|stopped| stopped.cell == cell.id);
        let found = found.min_by_key(|stopped| stopped.replication)?;
        let (replication, text) = (found.replication, found.fault.clone());
        Some(StoppedCell { cell: index, fault: StopReason::Noted { replication, text } })
    };
    if all().next().is_none() {
        return Vec::new();
    }
    cells.iter().enumerate().filter_map(first).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn shard(text: &str, variables: &[(&str, &str)]) -> Result<(u64, u64), String> {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let shard = Shard::read(text, get).map_err(|error| error.to_string())?;
        Ok((shard.index, shard.count))
    }

    #[test]
    fn shards_are_named_or_come_from_a_scheduler() {
        assert_eq!(shard("3/8", &[]), Ok((3, 8)));
        for (name, _) in ARRAY_INDICES {
            assert_eq!(shard("array/8", &[(name, "5")]), Ok((5, 8)), "{name}");
            // What is said goes before what is set.
            assert_eq!(shard("3/8", &[(name, "5")]), Ok((3, 8)));
        }
        let slurm = ("SLURM_ARRAY_TASK_ID", "2");
        assert_eq!(shard("array/2", &[slurm, ("SGE_TASK_ID", "undefined")]), Ok((2, 2)));
        for (text, variables, words) in [
            ("0/8", &[][..], "shards count from 1 to 8"),
            ("9/8", &[], "there is no shard 9 of 8"),
            ("99999999999999999999/8", &[], "there is no shard"),
            ("3", &[], "is no shard: say i/n"),
            ("-1/8", &[], "is no shard"),
            ("1/0", &[], "is no shard"),
            ("1/100001", &[], "n up to 100000"),
            ("array/8", &[], "none of SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX"),
            ("array/8", &[("PBS_ARRAY_INDEX", "0")], "shards count from 1"),
            ("array/8", &[("SGE_TASK_ID", "undefined")], "none of"),
            (
                "array/8",
                &[slurm, ("PBS_ARRAYID", "3")],
                "SLURM_ARRAY_TASK_ID is 2, but PBS_ARRAYID is 3",
            ),
        ] {
            let error = shard(text, variables).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    const SPEC: &str = "horizon: 1000\nreplications: 200\n\
                        environments: [bernoulli: {means: [0.5, 0.6]}]\nlearners: [ucb1, moss]\n\
                        sweep: {horizon: [10, 100, 1000, 10000]}\n";

    #[test]
    fn every_block_is_dealt_once_and_the_load_evenly() {
        let experiment = spec::read("a", "a", SPEC, &[]).expect("valid");
        let cells = &experiment.cells;
        for count in [1, 2, 3, 7, 50] {
            let mut loads: BTreeMap<u64, u64> = BTreeMap::new();
            let (mut seen, mut largest) = (BTreeSet::new(), 0);
            for shard in Shard::all(count) {
                for (cell, block) in shard.blocks(cells) {
                    let rounds = cells[cell].common.horizon * (block.end - block.start);
                    *loads.entry(shard.index()).or_default() += rounds;
                    largest = largest.max(rounds);
                    assert!(seen.insert((cell, block.start)), "{cell} {block:?}");
                }
            }
            let blocks: usize = cells.iter().map(|cell| cell.blocks().count()).sum();
            assert_eq!(seen.len(), blocks);
            // Who is dealt a block has least then: no load is beyond the mean by a whole block.
            let total: u64 = loads.values().sum();
            assert!(loads.values().all(|load| *load <= total / count + largest), "{loads:?}");
        }
        // With two learners and two shards, no shard has all blocks of a learner.
        let first = Shard { index: 1, count: 2 }.blocks(cells);
        let learners: BTreeSet<&str> =
            first.iter().map(|(cell, _)| &*cells[*cell].learner.name).collect();
        assert_eq!(learners.len(), 2);
    }
}
