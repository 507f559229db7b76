//! The `regret` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    regret_experiments::cli::main()
}
