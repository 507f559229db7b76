//! The `regret` command: arguments in, diagnostics and exit status out.

mod bench;
mod catalogue;
mod claims;
mod display;
mod markdown;
mod merge;
mod profile;
mod progress;
mod run;
mod signals;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::spec::source::Problems;
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
    Status {
        /// The run folder.
        folder: PathBuf,
    },
    /// Check a spec, the data files it names included, without running it.
    Check(SpecArguments),
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
#[derive(Debug, clap::Args)]
struct SpecArguments {
    /// The spec, a YAML file; without one, the built-in quick start.
    file: Option<PathBuf>,
    /// Change a value of the spec, for example --set horizon=1e5 or --set learners.ucb1.alpha=0.5.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
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
        let Some(path) = &self.file else {
            return Ok(spec::read("quick-start.yaml", "quick-start", QUICK_START, &self.set)?);
        };
        let text = read_text(path)
            .map_err(|problem| Failure::Other(format!("{}: {problem}", path.display())))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = spec::folder_name(&stem);
        Ok(spec::read(&path.display().to_string(), &name, &text, &self.set)?)
    }
}

/// The text of a file, which is not read further than a spec can be long.
fn read_text(path: &Path) -> Result<String, String> {
    const LONGEST: u64 = 16 << 20;
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err("longer than 16 MiB, which no spec is; tables belong into files of their own \
                    (see `regret describe replay`)"
            .to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("not text: line {line} is no UTF-8")
    })
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Status { folder } => merge::print_status(&folder),
        Command::Check(arguments) => check(&arguments),
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
        let experiment = SpecArguments { file: None, set: Vec::new() }.read();
        assert!(!experiment.expect("valid").cells.is_empty());
    }
}
