//! `regret run`.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use regret_results::publish::Row;
use regret_results::store::RunFolder;

use super::claims;
use super::display::{bytes, count, counted, duration, figure, large, say, tell};
use super::signals::{FAILED, INTERRUPTED, INTERRUPTED_WORDS, STOPPED, Signals};
use super::{Failure, SpecArguments};
use super::{profile, progress};
use crate::estimate::estimate;
use crate::publish::{Published, publish};
use crate::run::{MOST_THREADS, Options, Outcome};
use crate::shards::{self, Shard};
use crate::spec::Experiment;
use crate::spec::replications::Replications;
use crate::spec::select::World;

/// Arguments of `regret run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,
    /// The run folder; by default runs/<name of the spec>. What is finished in it is not played
    /// again.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Say what would be played, and how long it will take, and stop.
    #[arg(long)]
    dry_run: bool,
    /// Play only the i-th of n parts of the run, i/n with i from 1; array/n takes i from the
    /// environment of a scheduler's array (Slurm, PBS, Grid Engine, LSF). `regret merge` puts them
    /// together.
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// Number of threads; by default one for each core. Never changes a number.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Replications simulated abreast; by default what suits each learner. Never changes a number.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    lanes: usize,
    /// Besides, print where a round's nanoseconds go, cell by cell.
    #[arg(long)]
    profile: bool,
    /// Exit with status 4 if a claim of the spec fails.
    #[arg(long)]
    strict: bool,
    /// Print errors and warnings only.
    #[arg(long, short)]
    quiet: bool,
}

/// Runs a spec.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let shard = arguments.shard.as_deref().map(|text| Shard::read(text, |name| env::var_os(name)));
    let shard = shard.transpose().map_err(|error| Failure::Other(error.to_string()))?;
    let mut experiment = arguments.spec.read()?;
    let adaptive = matches!(experiment.replications, Replications::UntilSeparated { .. });
    if adaptive && shard.is_some() {
        return Err(Failure::Other(
            "a run with `replications: {until: separated}` cannot be split: how many replications \
             it needs is seen from all of its learners together; run it whole, or say a number"
                .to_owned(),
        ));
    }
    if arguments.dry_run {
        dry_run(arguments, &experiment, shard)?;
        return Ok(ExitCode::SUCCESS);
    }
    let root = arguments.out.clone().unwrap_or_else(|| default_root(&experiment));
    let folder = match shard {
        None => RunFolder::open(root),
        Some(shard) => RunFolder::open_shard(root, &shard.name()),
    };
    let folder = folder.map_err(|error| Failure::Other(error.to_string()))?;
    tell_cautions(&experiment);
    let signals = Signals::catch()?;
    let display = progress::Display::new(arguments.quiet);
    let options = Options { threads: arguments.threads, lanes: arguments.lanes };
    let played = shards::play(&mut experiment, shard, &folder, options, &display, signals.stop());
    display.end();
    let (outcome, seconds) = played.map_err(refused)?;
    if outcome.interrupted {
        tell(INTERRUPTED_WORDS);
        return Ok(ExitCode::from(INTERRUPTED));
    }
    signals.leave_at_once();
    let status = match shard {
        None => arguments.ending().present(&experiment, &folder, &outcome, seconds),
        Some(shard) => shard_ended(arguments, &experiment, &folder, &outcome, shard),
    }?;
    if arguments.profile {
        profile::print(&experiment.cells)?;
    }
    Ok(status)
}

/// Where a run is kept unless the user says so.
pub(super) fn default_root(experiment: &Experiment) -> PathBuf {
    PathBuf::from("runs").join(&experiment.name)
}

impl Arguments {
    fn ending(&self) -> Ending {
        Ending { strict: self.strict, quiet: self.quiet }
    }
}

/// What is said and answered when a run is complete.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    /// Whether a failed claim is a failure.
    pub(super) strict: bool,
    /// Whether only errors and warnings are printed.
    pub(super) quiet: bool,
}

impl Ending {
    /// Publishes a complete run and prints what came of it.
    pub(super) fn present(
        self,
        experiment: &Experiment,
        folder: &RunFolder,
        outcome: &Outcome,
        seconds: f64,
    ) -> Result<ExitCode, Failure> {
        let published = publish(experiment, folder, outcome, seconds).map_err(refused)?;
        claims::warn_of_bounds(&published.exceeded);
        report_stopped(experiment, outcome);
        if !self.quiet {
            print(outcome, &published, seconds)?;
        }
        Ok(if !outcome.stopped.is_empty() {
            ExitCode::from(STOPPED)
        } else if self.strict && claims::any_failed(&published.claims) {
            ExitCode::from(FAILED)
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// What is said of a shard that has ended.
fn shard_ended(
    arguments: &Arguments,
    experiment: &Experiment,
    folder: &RunFolder,
    outcome: &Outcome,
    shard: Shard,
) -> Result<ExitCode, Failure> {
    report_stopped(experiment, outcome);
    if !arguments.quiet {
        let root = folder.root().display();
        say(format_args!("shard {shard} of {} is done", experiment.name))?;
        say(format_args!("when all {} are: regret merge {root}", shard.count()))?;
    }
    Ok(ExitCode::from(if outcome.stopped.is_empty() { 0 } else { STOPPED }))
}

/// Why a run could not go on, and what to do.
pub(super) fn refused(error: impl Display) -> Failure {
    let hint = "what is finished is kept; the same command goes on from there";
    Failure::Other(format!("{error}\n{hint}"))
}

fn dry_run(
    arguments: &Arguments,
    experiment: &Experiment,
    shard: Option<Shard>,
) -> Result<(), Failure> {
    let threads = match arguments.threads {
        0 => available_parallelism().map_or(1, usize::from),
        threads => threads.min(MOST_THREADS),
    };
    let estimate = estimate(&experiment.cells, threads);
    let world = World::new(&experiment.cells, true);
    let rounds = match shard {
        None => estimate.rounds,
        Some(shard) => {
            let blocks = shard.blocks(&experiment.cells);
            say(format_args!("shard {shard} plays {}", counted(blocks.len(), "block")))?;
            blocks
                .iter()
                .map(|(cell, block)| {
                    experiment.cells[*cell].common.horizon.saturating_mul(block.end - block.start)
                })
                .fold(0, u64::saturating_add)
        }
    };
    let share = rounds as f64 / estimate.rounds.max(1) as f64;
    for (index, cell) in experiment.cells.iter().enumerate() {
        say(format_args!(
            "{}  {} on {}: {} rounds × {} replications",
            cell.id,
            world.learner(index),
            world.place(index),
            count(cell.common.horizon),
            count(cell.common.replications),
        ))?;
    }
    if matches!(experiment.replications, Replications::UntilSeparated { .. }) {
        say("these are the most replications; the comparisons may be decided earlier")?;
    }
    say(format_args!("cells      {}", count(estimate.cells as u64)))?;
    say(format_args!("rounds     {}", count(rounds)))?;
    say(format_args!("memory     {} for records", bytes(estimate.memory)))?;
    say(format_args!(
        "time       about {} on {threads} threads",
        duration(share * estimate.seconds)
    ))
}

fn print(outcome: &Outcome, published: &Published, seconds: f64) -> Result<(), Failure> {
    for rows in published.rows.chunk_by(|a, b| a.panel == b.panel) {
        say(format_args!("{}\n{}", rows[0].panel, table(rows)))?;
    }
    if outcome.rounds > 0 {
        let rate = large(outcome.rounds as f64 / seconds);
        let (rounds, time) = (count(outcome.rounds), duration(seconds));
        say(format_args!("played {rounds} rounds in {time} ({rate}rounds/s)"))?;
    }
    claims::print(&published.claims)?;
    for path in &published.figures {
        say(format_args!("figure  {}", path.display()))?;
    }
    say(format_args!("table   {}", published.summary.display()))?;
    say(format_args!("report  {}", published.report.display()))
}

/// The rows of a panel.
fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "learner", "notion", "mean", "± 95 %", "median", "5 %", "95 %", "exponent", "n",
    ]);
    for row in rows {
        let s = &row.summary;
        let half = row.margin.map_or_else(|| "–".to_owned(), figure);
        let exponent = row.exponent.as_ref().map_or("–".to_owned(), |fit| figure(fit.rate));
        table.add_row([
            row.learner.clone(),
            row.notion.clone(),
            figure(s.mean),
            half,
            figure(s.median),
            figure(s.q05),
            figure(s.q95),
            exponent,
            s.count.to_string(),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Says once what learners suppose and environments do not keep.
fn tell_cautions(experiment: &Experiment) {
    let mut told = BTreeSet::new();
    for cell in &experiment.cells {
        let Some(caution) = cell.game.caution() else { continue };
        let learner = cell.learner.label.as_ref().unwrap_or(&cell.learner.name);
        let environment = cell.environment.label.as_ref().unwrap_or(&cell.environment.name);
        let warning = format!("warning: learner `{learner}` on `{environment}`: {caution}");
        if told.insert(warning.clone()) {
            tell(warning);
        }
    }
}

/// Says which cells stopped, and why.
pub(super) fn report_stopped(experiment: &Experiment, outcome: &Outcome) {
    for stopped in &outcome.stopped {
        let cell = &experiment.cells[stopped.cell];
        let learner = cell.learner.label.as_ref().unwrap_or(&cell.learner.name);
        let environment = cell.environment.label.as_ref().unwrap_or(&cell.environment.name);
        let reason = &stopped.fault;
        tell(format_args!("stopped: learner `{learner}` on `{environment}`: {reason}"));
    }
}
