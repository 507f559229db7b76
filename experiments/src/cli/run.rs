//! `regret run`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::Instant;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use regret_results::publish::Row;
use regret_results::store::RunFolder;

use super::claims;
use super::display::{bytes, count, duration, figure, large};
use super::progress::Display;
use super::{Failure, SpecArguments};
use crate::adaptive;
use crate::estimate::estimate;
use crate::publish::{Published, publish};
use crate::run::{Options, Outcome};
use crate::spec::Experiment;

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
    /// Exit with status 4 if a claim of the spec fails.
    #[arg(long)]
    strict: bool,
    /// Print errors and warnings only.
    #[arg(long, short)]
    quiet: bool,
}

/// Exit status when a cell stopped by a fault of its own, when a claim failed that must not
/// (`--strict`), and when the run was interrupted.
const STOPPED: u8 = 3;
const FAILED: u8 = 4;
const INTERRUPTED: u8 = 130;

/// Runs a spec.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut experiment = arguments.spec.read()?;
    if arguments.dry_run {
        dry_run(arguments, &experiment);
        return Ok(ExitCode::SUCCESS);
    }
    let root =
        arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&experiment.name));
    let folder = RunFolder::open(root).map_err(|error| Failure::Other(error.to_string()))?;
    let stop = stop_on_signal()?;
    let display = Display::new(arguments.quiet);
    let options = Options { threads: arguments.threads, lanes: arguments.lanes };
    let start = Instant::now();
    let outcome = adaptive::run(&mut experiment, &folder, options, &display, &stop);
    display.end();
    let outcome = outcome.map_err(|error| {
        let hint = "what is finished is kept; the same command goes on from there";
        Failure::Other(format!("{error}\n{hint}"))
    })?;
    let seconds = start.elapsed().as_secs_f64();
    if outcome.interrupted {
        eprintln!("interrupted; what is finished is kept, the same command goes on from there");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let published = publish(&experiment, &folder, &outcome, seconds)
        .map_err(|error| Failure::Other(error.to_string()))?;
    if !arguments.quiet {
        print(&outcome, &published, seconds);
    }
    claims::warn_of_bounds(&published.exceeded);
    report_stopped(&experiment, &outcome);
    Ok(if !outcome.stopped.is_empty() {
        ExitCode::from(STOPPED)
    } else if arguments.strict && claims::any_failed(&published.claims) {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

fn dry_run(arguments: &Arguments, experiment: &Experiment) {
    let threads = match arguments.threads {
        0 => available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let estimate = estimate(&experiment.cells, threads);
    for cell in &experiment.cells {
        println!(
            "{}  {} on {}: {} rounds × {} replications",
            cell.id,
            cell.learner.label.as_ref().unwrap_or(&cell.learner.name),
            cell.environment.label.as_ref().unwrap_or(&cell.environment.name),
            count(cell.common.horizon),
            count(cell.common.replications),
        );
    }
    println!("cells      {}", count(estimate.cells as u64));
    println!("rounds     {}", count(estimate.rounds));
    println!("memory     {} for records", bytes(estimate.memory));
    println!("time       about {} on {threads} threads", duration(estimate.seconds));
}

/// A flag that Ctrl-C and a termination request raise; a second one ends the process at once.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        eprintln!("stopping …");
    })
    .map_err(|error| Failure::Other(format!("signals cannot be caught: {error}")))?;
    Ok(stop)
}

fn print(outcome: &Outcome, published: &Published, seconds: f64) {
    let mut previous = String::new();
    let mut rows: Vec<&Row> = Vec::new();
    for row in &published.rows {
        if row.panel != previous && !rows.is_empty() {
            print_panel(&previous, &rows);
            rows.clear();
        }
        previous.clone_from(&row.panel);
        rows.push(row);
    }
    if !rows.is_empty() {
        print_panel(&previous, &rows);
    }
    if outcome.rounds > 0 {
        let rate = large(outcome.rounds as f64 / seconds);
        println!(
            "played {} rounds in {} ({rate}rounds/s)",
            count(outcome.rounds),
            duration(seconds)
        );
    }
    claims::print(&published.claims);
    for path in &published.figures {
        println!("figure  {}", path.display());
    }
    println!("table   {}", published.summary.display());
    println!("report  {}", published.report.display());
}

fn print_panel(panel: &str, rows: &[&Row]) {
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
    println!("{panel}\n{table}");
}

fn report_stopped(experiment: &Experiment, outcome: &Outcome) {
    for stopped in &outcome.stopped {
        let cell = &experiment.cells[stopped.cell];
        let learner = cell.learner.label.as_ref().unwrap_or(&cell.learner.name);
        let environment = cell.environment.label.as_ref().unwrap_or(&cell.environment.name);
        eprintln!("stopped: learner `{learner}` on `{environment}`: {}", stopped.fault);
    }
}
