//! The `regret` command: arguments in, diagnostics and exit status out.

mod catalogue;
mod claims;
mod display;
mod progress;
mod run;

use std::fs;
use std::io;
use std::path::PathBuf;
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
    /// Check a spec, the data files it names included, without running it.
    Check(SpecArguments),
    /// List the algorithms and environments.
    List {
        /// Only those of this protocol.
        #[arg(long)]
        protocol: Option<String>,
    },
    /// Describe an algorithm or an environment: parameters, defaults, bounds, source.
    Describe {
        /// Its name, as `regret list` shows it.
        name: String,
    },
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
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(spec::read(&path.display().to_string(), &stem, &text, &self.set)?)
    }
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check(&arguments),
        Command::List { protocol } => catalogue::list(protocol.as_deref()),
        Command::Describe { name } => catalogue::describe(&name),
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
    println!("{}: {} cells, no mistakes", experiment.name, experiment.cells.len());
    Ok(ExitCode::SUCCESS)
}

fn schema() -> Result<ExitCode, Failure> {
    let text = serde_json::to_string_pretty(&spec::schema::schema());
    println!("{}", text.map_err(|error| Failure::Other(error.to_string()))?);
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    clap_complete::generate(shell, &mut Arguments::command(), "regret", &mut io::stdout());
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
