//! The `regret` command: arguments in, diagnostics and exit status out.

mod bench;
mod catalogue;
mod claims;
mod display;
mod finished;
mod markdown;
mod merge;
mod plot;
mod profile;
mod progress;
mod reproduce;
mod run;
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::spec::occasion::{Occasion, Scale};
use crate::spec::source::Problems;
use crate::spec::text::read_text;
use crate::spec::{self, Experiment};

/// The spec of `regret run` without a file.
const QUICK_START: &str = include_str!("../../specs/quick-start.yaml");

/// Online-learning and bandit experiments: from a YAML spec to trusted regret curves.
#[derive(Debug, Parser)]
#[command(name = "regret", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a spec: simulate what is missing, then write tables, figures and a report.
    Run(run::Arguments),
    /// Put the shards of a run together, in the bytes of a run that was not split.
    Merge(merge::MergeArguments),
    /// Say what a run folder holds: what is done, running, failed, missing.
    Status(merge::StatusArguments),
    /// Recompute a random sample of a run's blocks, and compare every bit.
    Verify(finished::VerifyArguments),
    /// Write a run's numbers as CSV, JSON lines, NumPy arrays or TensorBoard event files.
    Export(finished::ExportArguments),
    /// Compare the learners of two or more runs, paired where they met the same luck.
    Compare(finished::CompareArguments),
    /// Draw a figure of a run with chosen axes.
    Plot(plot::Arguments),
    /// Check a spec, the data files it names included, without running it.
    Check(SpecArguments),
    /// Run the experiments of a paper and judge its claims; without a paper, list them.
    Reproduce(reproduce::Arguments),
    /// List the algorithms and environments.
    List {
        /// Only those of this protocol.
        #[arg(long)]
        protocol: Option<String>,
        /// As Markdown, with parameters and sources: the tables of the documents.
        #[arg(long)]
        markdown: bool,
    },
    /// Describe an algorithm or an environment: parameters, defaults, bounds, source.
    Describe {
        /// Its name, as `regret list` shows it.
        name: String,
    },
    /// Measure how fast algorithms are played on this machine.
    Bench(bench::Arguments),
    /// Print the JSON Schema of specs, for editors.
    Schema,
    /// Print a completion script.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// A spec and what is changed in it.
#[derive(Debug, Default, clap::Args)]
struct SpecArguments {
    /// The spec, a YAML file; without one, the built-in quick start.
    file: Option<PathBuf>,
    /// Change a value of the spec, for example --set horizon=1e5 or --set learners.ucb1.alpha=0.5.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    scale: ScaleArguments,
    /// The folder in which the files lie that the spec names under `data`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Which of a spec's scales.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[group(multiple = false)]
struct ScaleArguments {
    /// With the values that the spec has under `quick`.
    #[arg(long)]
    quick: bool,
    /// With the values that the spec has under `full`.
    #[arg(long)]
    full: bool,
}

impl ScaleArguments {
    fn chosen(self) -> Option<Scale> {
        match (self.quick, self.full) {
            (true, _) => Some(Scale::Quick),
            (_, true) => Some(Scale::Full),
            _ => None,
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What is wrong with a spec.
    #[error("{0}")]
    Spec(#[from] Problems),
    /// Anything else, said in full.
    #[error("{0}")]
    Other(String),
}

impl SpecArguments {
    fn read(&self) -> Result<Experiment, Failure> {
        self.read_at(self.scale.chosen())
    }

    fn read_at(&self, scale: Option<Scale>) -> Result<Experiment, Failure> {
        let occasion = Occasion { scale, data: self.data.as_deref(), settings: &self.set };
        let Some(path) = &self.file else {
            return Ok(spec::read_for("quick-start.yaml", "quick-start", QUICK_START, &occasion)?);
        };
        let text = read_text(path)
            .map_err(|problem| Failure::Other(format!("{}: {problem}", path.display())))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = spec::folder_name(&stem);
        Ok(spec::read_for(&path.display().to_string(), &name, &text, &occasion)?)
    }
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Status(arguments) => merge::print_status(&arguments),
        Command::Verify(arguments) => finished::verify(&arguments),
        Command::Export(arguments) => finished::export(&arguments),
        Command::Compare(arguments) => finished::compare(&arguments),
        Command::Plot(arguments) => plot::plot(&arguments),
        Command::Check(arguments) => check(&arguments),
        Command::Reproduce(arguments) => reproduce::reproduce(&arguments),
        Command::List { protocol, markdown } => catalogue::list(protocol.as_deref(), markdown),
        Command::Describe { name } => catalogue::describe(&name),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Schema => schema(),
        Command::Completions { shell } => completions(shell),
    };
    result.unwrap_or_else(|failure| {
        display::failure(&failure);
        ExitCode::FAILURE
    })
}

fn check(arguments: &SpecArguments) -> Result<ExitCode, Failure> {
    let experiment = arguments.read()?;
    let cells = display::counted(experiment.cells.len(), "cell");
    display::say(format_args!("{}: {cells}, no mistakes", experiment.name))?;
    if arguments.scale.chosen().is_none() {
        for &scale in &experiment.scales {
            let cells = display::counted(arguments.read_at(Some(scale))?.cells.len(), "cell");
            display::say(format_args!("with --{}: {cells}, no mistakes", scale.key()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn schema() -> Result<ExitCode, Failure> {
    let text = serde_json::to_string_pretty(&spec::schema::schema());
    display::say(text.map_err(|error| Failure::Other(error.to_string()))?)?;
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "regret", &mut script);
    display::say(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_quick_start_is_valid() {
        let experiment = SpecArguments::default().read();
        assert!(!experiment.expect("valid").cells.is_empty());
    }
}
