//! `regret run`.

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Instant;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use regret_results::publish::Row;
use regret_results::store::RunFolder;

use super::claims;
use super::display::{bytes, count, duration, figure, large, say, tell};
use super::signals::{FAILED, INTERRUPTED, STOPPED, stop_on_signal};
use super::{Failure, SpecArguments};
use super::{profile, progress};
use crate::adaptive;
use crate::estimate::estimate;
use crate::publish::{Published, publish};
use crate::run::{MOST_THREADS, Options, Outcome};
use crate::spec::Experiment;
use crate::spec::replications::Replications;

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
    let mut experiment = arguments.spec.read()?;
    if arguments.dry_run {
        dry_run(arguments, &experiment)?;
        return Ok(ExitCode::SUCCESS);
    }
    let root =
        arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&experiment.name));
    let folder = RunFolder::open(root).map_err(|error| Failure::Other(error.to_string()))?;
    let stop = stop_on_signal()?;
    let display = progress::Display::new(arguments.quiet);
    let options = Options { threads: arguments.threads, lanes: arguments.lanes };
    let start = Instant::now();
    let outcome = adaptive::run(&mut experiment, &folder, options, &display, &stop);
    display.end();
    let outcome = outcome.map_err(refused)?;
    let seconds = start.elapsed().as_secs_f64();
    if outcome.interrupted {
        tell("interrupted; what is finished is kept, the same command goes on from there");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let published = publish(&experiment, &folder, &outcome, seconds).map_err(refused)?;
    claims::warn_of_bounds(&published.exceeded);
    report_stopped(&experiment, &outcome);
    if !arguments.quiet {
        print(&outcome, &published, seconds)?;
    }
    if arguments.profile {
        profile::print(&experiment.cells)?;
    }
    Ok(if !outcome.stopped.is_empty() {
        ExitCode::from(STOPPED)
    } else if arguments.strict && claims::any_failed(&published.claims) {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Why a run could not go on, and what to do.
pub(super) fn refused(error: impl Display) -> Failure {
    let hint = "what is finished is kept; the same command goes on from there";
    Failure::Other(format!("{error}\n{hint}"))
}

fn dry_run(arguments: &Arguments, experiment: &Experiment) -> Result<(), Failure> {
    let threads = match arguments.threads {
        0 => available_parallelism().map_or(1, usize::from),
        threads => threads.min(MOST_THREADS),
    };
    let estimate = estimate(&experiment.cells, threads);
    for cell in &experiment.cells {
        say(format_args!(
            "{}  {} on {}: {} rounds × {} replications",
            cell.id,
            cell.learner.label.as_ref().unwrap_or(&cell.learner.name),
            cell.environment.label.as_ref().unwrap_or(&cell.environment.name),
            count(cell.common.horizon),
            count(cell.common.replications),
        ))?;
    }
    if matches!(experiment.replications, Replications::UntilSeparated { .. }) {
        say("these are the most replications; the comparisons may be decided earlier")?;
    }
    say(format_args!("cells      {}", count(estimate.cells as u64)))?;
    say(format_args!("rounds     {}", count(estimate.rounds)))?;
    say(format_args!("memory     {} for records", bytes(estimate.memory)))?;
    say(format_args!("time       about {} on {threads} threads", duration(estimate.seconds)))
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
