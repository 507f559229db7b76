//! `regret run --profile`: where a round's nanoseconds go.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use regret_engine::profile::Profile;

use super::Failure;
use super::display::{figure, say, tell};
use crate::cell::Cell;

/// How long a cell is profiled, at most.
const BUDGET: Duration = Duration::from_millis(300);

/// Plays some replications of every cell on one core with every call timed, and prints what a round
/// of one replication costs.
pub(super) fn print(cells: &[Cell]) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header([
        "learner",
        "environment",
        "asked in",
        "decision",
        "update",
        "environment",
        "recording",
        "rest",
        "ns a round",
    ]);
    for cell in cells {
        let name = |label: &Option<String>, name: &String| label.as_ref().unwrap_or(name).clone();
        let learner = name(&cell.learner.label, &cell.learner.name);
        let environment = name(&cell.environment.label, &cell.environment.name);
        match cell.game.profile(&cell.plan, BUDGET) {
            Ok(profile) => {
                table.add_row([learner, environment].into_iter().chain(costs(&profile)));
            }
            Err(fault) => tell(format_args!("`{learner}` on `{environment}`: {fault}")),
        }
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    say("nanoseconds that a round of one replication takes on one core, and where")?;
    say(table)
}

fn costs(profile: &Profile) -> Vec<String> {
    let rounds = profile.rounds.max(1) as f64;
    let asked = format!("{:.2} %", 100.0 * profile.decisions as f64 / rounds);
    let parts = [
        profile.decision,
        profile.update,
        profile.environment,
        profile.recording,
        profile.others,
        profile.total(),
    ];
    [asked].into_iter().chain(parts.map(|time| figure(time / rounds))).collect()
}
