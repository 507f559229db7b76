//! `regret reproduce`.

use std::path::PathBuf;
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use regret_results::claims::Judged;

use super::display::{counted, duration, say, tell};
use super::run::{refused, report_stopped};
use super::signals::{FAILED, INTERRUPTED, STOPPED, Signals};
use super::{Failure, ScaleArguments, claims, progress};
use crate::papers::state::State;
use crate::papers::{
    Paper, ReproduceError, Reproduction, SpecOutcome, Wanted, library, reproduce as reproduce_paper,
};
use crate::run::Options;
use crate::spec::occasion::Scale;
use crate::spec::source::nearest;

/// Arguments of `regret reproduce`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The paper, as `regret reproduce` lists it; `all` for all of them, one after the other.
    paper: Option<String>,
    #[command(flatten)]
    scale: ScaleArguments,
    /// The folder of the files of real data that some papers need; without it, these are skipped.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A folder of papers, or of one, instead of those that are part of this program.
    #[arg(long, value_name = "DIR")]
    papers: Option<PathBuf>,
    /// The folder of the runs and reports. What is finished in it is not played again.
    #[arg(long, default_value = "runs/papers")]
    out: PathBuf,
    /// Number of threads; by default one for each core. Never changes a number.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Print errors and warnings only.
    #[arg(long, short)]
    quiet: bool,
}

/// Reproduces papers, or lists them.
pub(super) fn reproduce(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folders = match &arguments.papers {
        None => library::built_in(),
        Some(folder) => {
            library::in_directory(folder).map_err(|error| Failure::Other(error.to_string()))?
        }
    };
    let read = |folder| Paper::read(folder).map_err(Failure::from);
    let papers = folders.iter().map(read).collect::<Result<Vec<Paper>, Failure>>()?;
    let Some(wanted) = arguments.paper.as_deref() else { return list(arguments, &papers) };
    let chosen: Vec<&Paper> =
        papers.iter().filter(|paper| wanted == "all" || paper.slug == wanted).collect();
    if chosen.is_empty() {
        return Err(unknown(wanted, &papers));
    }
    let signals = Signals::catch()?;
    let mut worst = 0;
    for paper in chosen {
        let scale = arguments.scale.chosen().unwrap_or(Scale::Quick);
        let wanted = Wanted {
            scale,
            data: arguments.data.as_deref(),
            out: &arguments.out,
            options: Options { threads: arguments.threads, lanes: 0 },
        };
        let watch = |spec: &crate::papers::SpecText| {
            if !arguments.quiet {
                tell(format_args!("{}: {}", spec.file, spec.about));
            }
            progress::Display::new(arguments.quiet)
        };
        let done = reproduce_paper(paper, wanted, watch, signals.stop()).map_err(failed)?;
        let status = told(paper, scale, &done, arguments.quiet)?;
        if status == INTERRUPTED {
            return Ok(ExitCode::from(status));
        }
        // A fault goes before a failed claim.
        worst = match (worst, status) {
            (STOPPED, _) | (_, STOPPED) => STOPPED,
            (worst, status) => worst.max(status),
        };
    }
    Ok(ExitCode::from(worst))
}

fn failed(error: ReproduceError) -> Failure {
    match error {
        ReproduceError::Spec(problems) => Failure::Spec(problems),
        error => refused(error),
    }
}

fn unknown(wanted: &str, papers: &[Paper]) -> Failure {
    let names: Vec<&str> = papers.iter().map(|paper| &*paper.slug).collect();
    let hint = nearest(wanted, &names).map_or_else(
        || format!("there are {}", names.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Failure::Other(format!("there is no paper `{wanted}`; {hint}"))
}

/// Prints the papers and what was made of them.
fn list(arguments: &Arguments, papers: &[Paper]) -> Result<ExitCode, Failure> {
    let mut table = table();
    table.set_header(["paper", "title", "--quick", "--full"]);
    for paper in papers {
        let state = |scale| match State::read(&arguments.out, &paper.slug, scale) {
            Ok(Some(state)) => state.words(paper),
            Ok(None) => "never run".to_owned(),
            Err(error) => format!("unreadable: {error}"),
        };
        let [quick, full] = Scale::ALL.map(state);
        table.add_row([paper.slug.clone(), paper.metadata.title.clone(), quick, full]);
    }
    say(table)?;
    Ok(ExitCode::SUCCESS)
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// Prints what came of a paper; the exit status that it means.
fn told(paper: &Paper, scale: Scale, done: &Reproduction, quiet: bool) -> Result<u8, Failure> {
    let (mut stopped, mut failed) = (false, false);
    if !quiet {
        say(format_args!("{} ({}), --{}", paper.metadata.title, paper.slug, scale.key()))?;
    }
    for (spec, outcome) in &done.specs {
        match outcome {
            SpecOutcome::Skipped(reason) => {
                tell(format_args!("skipped: {}: {reason}", spec.file));
            }
            SpecOutcome::Finished(finished) => {
                claims::warn_of_bounds(&finished.published.exceeded);
                report_stopped(&finished.experiment, &finished.outcome);
                stopped |= !finished.outcome.stopped.is_empty();
                failed |= claims::any_failed(finished.claims());
                if !quiet {
                    let (seconds, cells) =
                        (duration(finished.seconds), finished.experiment.cells.len());
                    let cells = counted(cells, "cell");
                    say(format_args!("\n{}: {} ({cells}, {seconds})", spec.name, spec.about))?;
                    say(claims_table(finished.claims()))?;
                    say(format_args!("run     {}", finished.folder.display()))?;
                }
            }
        }
    }
    if done.interrupted {
        tell("interrupted; what is finished is kept, the same command goes on from there");
        return Ok(INTERRUPTED);
    }
    if !quiet {
        say(format_args!("report  {}", done.report.display()))?;
    }
    Ok(if stopped {
        STOPPED
    } else if failed {
        FAILED
    } else {
        0
    })
}

/// Claims beside what the paper states.
fn claims_table(claims: &[Judged]) -> Table {
    let mut table = table();
    table.set_header(["verdict", "the paper states", "claim", "measured", "remark"]);
    for judged in claims {
        let judgement = &judged.judgement;
        table.add_row([
            judgement.verdict.word().to_owned(),
            judged.stated().unwrap_or_default(),
            judged.claim.clone(),
            judgement.figure(),
            judgement.remark(),
        ]);
    }
    table
}
