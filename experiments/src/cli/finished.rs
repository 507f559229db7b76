//! `regret verify`, `regret export`, `regret compare`: what is done with finished runs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use regret_engine::notion::{self, Notion};
use regret_results::compare::{Compared, Pairing, Question, Reference, compare as compare_runs};
use regret_results::export::{Format, export as export_run};
use regret_results::store::FinishedRun;

use super::Failure;
use super::display::{count, counted, figure, say, tell};
use super::signals::Signals;
use crate::spec::folder_name;
use crate::verify::{VerifyError, verify as verify_run};

/// Exit status of `regret verify` when something differs.
const DIFFERS: u8 = 5;

/// Arguments of `regret verify`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArguments {
    /// The run folder.
    folder: PathBuf,
    /// Blocks of replications that are recomputed; all, if there are no more.
    #[arg(long, default_value_t = 20)]
    sample: usize,
    /// Which of them: another seed chooses others.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of the spec's data, if it is another than it was.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Recomputes some of a run.
pub(super) fn verify(arguments: &VerifyArguments) -> Result<ExitCode, Failure> {
    Signals::catch()?.leave_at_once();
    let root = arguments.folder.display();
    let verified =
        verify_run(&arguments.folder, arguments.sample, arguments.seed, arguments.data.as_deref());
    let verified = verified.map_err(|error| match error {
        VerifyError::Spec(problems) => Failure::Spec(problems),
        other => Failure::Other(format!("{root}: {other}")),
    })?;
    for difference in &verified.differences {
        let (first, last) = (difference.replications.start, difference.replications.end - 1);
        let (words, cell, what) = (&difference.words, &difference.cell, &difference.what);
        tell(format_args!(
            "differs: {words} (cell {cell}), replications {first} to {last}: {what}"
        ));
    }
    let (sample, blocks) = (verified.sample, verified.blocks);
    match verified.differences.len() {
        0 => {
            say(format_args!("{sample} of {blocks} blocks recomputed: every bit is the same"))?;
            Ok(ExitCode::SUCCESS)
        }
        differing => {
            say(format_args!("{sample} of {blocks} blocks recomputed: {differing} differ"))?;
            Ok(ExitCode::from(DIFFERS))
        }
    }
}

/// Arguments of `regret export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    /// The run folder.
    folder: PathBuf,
    /// The format.
    #[arg(long, value_parser = PossibleValuesParser::new(Format::ALL.map(Format::key)))]
    format: String,
    /// The folder that is written to; by default export/<format> in the run folder.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Writes a run's numbers in another format.
pub(super) fn export(arguments: &ExportArguments) -> Result<ExitCode, Failure> {
    let format = Format::ALL.into_iter().find(|format| format.key() == arguments.format);
    let format = format.ok_or_else(|| other("there is no such format"))?;
    let run = FinishedRun::open(&arguments.folder).map_err(other)?;
    let default = || arguments.folder.join("export").join(format.key());
    let out = arguments.out.clone().unwrap_or_else(default);
    Signals::catch()?.leave_at_once();
    let exported = export_run(&run, &out, format).map_err(other)?;
    for left_out in &exported.left_out {
        tell(format_args!("not exported: {left_out}"));
    }
    say(format_args!("{} in {}", counted(exported.files.len(), "file"), out.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Arguments of `regret compare`.
#[derive(Debug, clap::Args)]
pub(super) struct CompareArguments {
    /// The run folders, two or more.
    #[arg(required = true, num_args = 2..)]
    folders: Vec<PathBuf>,
    /// What is compared, such as pseudo_regret; by default the first regret of each cell.
    #[arg(long)]
    notion: Option<String>,
    /// The round, a checkpoint; by default the horizon.
    #[arg(long)]
    at: Option<u64>,
    /// With what: `same` (the same learner in the first run that has it), `best`, or a learner.
    #[arg(long, default_value = "same")]
    baseline: String,
    /// The folder of table and figures; by default runs/<first>-vs-<second>….
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Compares runs.
pub(super) fn compare(arguments: &CompareArguments) -> Result<ExitCode, Failure> {
    let question = Question {
        notion: arguments.notion.as_deref().map(notion_of).transpose()?,
        at: arguments.at,
        reference: match &*arguments.baseline {
            "same" => Reference::Same,
            "best" => Reference::Best,
            learner => Reference::Learner(learner.to_owned()),
        },
    };
    let mut runs: Vec<(String, FinishedRun)> = Vec::new();
    for folder in &arguments.folders {
        let run = FinishedRun::open(folder).map_err(other)?;
        let stem = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut name = stem.unwrap_or_else(|| folder.display().to_string());
        // Folders of one name are told apart by their paths.
        if runs.iter().any(|(known, _)| *known == name) {
            name = folder.display().to_string();
        }
        runs.push((name, run));
    }
    let names: Vec<&str> = runs.iter().map(|(name, _)| name.as_str()).collect();
    let default = || PathBuf::from("runs").join(folder_name(&names.join("-vs-")));
    let out = arguments.out.clone().unwrap_or_else(default);
    Signals::catch()?.leave_at_once();
    let compared = compare_runs(&runs, &question, &out).map_err(other)?;
    print(&compared)?;
    Ok(ExitCode::SUCCESS)
}

fn print(compared: &Compared) -> Result<(), Failure> {
    for rows in compared.rows.chunk_by(|a, b| a.place == b.place) {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header([
            "compared",
            "with",
            "notion",
            "mean",
            "mean",
            "difference [95 %]",
            "p (Holm)",
            "paired",
        ]);
        for row in rows {
            let interval =
                row.interval.map(|(low, high)| format!(" [{}, {}]", figure(low), figure(high)));
            let p = if row.adjusted < 1e-4 {
                "< 0.0001".to_owned()
            } else {
                format!("{:.4}", row.adjusted)
            };
            let paired = match (&row.pairing, row.variance_reduction) {
                (Pairing::Paired(None), Some(ratio)) => format!("yes, variance / {ratio:.1}"),
                (Pairing::Paired(None), None) => "yes".to_owned(),
                (pairing, _) => pairing.words(),
            };
            table.add_row([
                row.compared.clone(),
                row.reference.clone(),
                row.notion.title.to_owned(),
                figure(row.means[0]),
                figure(row.means[1]),
                figure(row.difference) + &interval.unwrap_or_default(),
                p,
                paired,
            ]);
        }
        for column in table.column_iter_mut().skip(3).take(4) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        say(format_args!("{}\n{table}", rows[0].place))?;
    }
    for note in &compared.notes {
        tell(format_args!("note: {note}"));
    }
    let family = count(compared.family as u64);
    say(format_args!("p-values are corrected for {family} comparisons"))?;
    for path in compared.files.iter().filter(|path| path.extension().is_some_and(|e| e != "png")) {
        let kind = if path.extension().is_some_and(|e| e == "csv") { "table " } else { "figure" };
        say(format_args!("{kind}  {}", path.display()))?;
    }
    Ok(())
}

/// The notion of a key.
pub(super) fn notion_of(key: &str) -> Result<Notion, Failure> {
    notion::by_key(key).ok_or_else(|| {
        let known: Vec<&str> = notion::ALL.iter().map(|notion| notion.key).collect();
        other(format!("nothing called `{key}` is recorded; there are {}", known.join(", ")))
    })
}

/// A failure in words.
pub(super) fn other(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}
