//! `regret bench`: how fast every algorithm is played on this machine.

use std::process::ExitCode;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use comfy_table::{CellAlignment, Table, presets};
use regret_engine::checkpoints::Checkpoints;
use regret_engine::delay::Delay;
use regret_engine::registry::{AlgorithmEntry, Form};
use serde_json::{Value, json};

use super::Failure;
use super::display::{figure, large, say, tell};
use crate::cell::{Cell, Common, ReadyEnvironment, Recorded};
use crate::pace::nanoseconds_per_round;
use crate::spec::source::nearest;

/// Arguments of `regret bench`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The algorithms; by default all of them.
    names: Vec<String>,
    /// Numbers of arms (or experts), for the protocols that have some.
    #[arg(long, value_delimiter = ',', default_values_t = [2, 10, 100, 1000])]
    #[arg(value_parser = RangedU64ValueParser::<usize>::new().range(2..=1 << 20))]
    arms: Vec<usize>,
    /// The number of rounds.
    #[arg(long, default_value_t = 100_000)]
    #[arg(value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    horizon: u64,
    /// Seconds spent on every measurement, about.
    #[arg(long, default_value_t = 0.2)]
    seconds: f64,
    /// As Markdown: the tables of the documents.
    #[arg(long)]
    markdown: bool,
}

const HEADER: [&str; 7] =
    ["algorithm", "K", "ns a round", "rounds a second", "asked in", "plain", "ratio"];

/// Measures on one core and prints a row for each algorithm and number of arms.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let budget = Duration::try_from_secs_f64(arguments.seconds)
        .map_err(|error| Failure::Other(format!("--seconds {}: {error}", arguments.seconds)))?;
    let mut rows = Vec::new();
    for entry in chosen(&arguments.names)? {
        for arms in sizes(&entry, &arguments.arms) {
            match measured(&entry, arms, arguments.horizon, budget) {
                Ok(row) => rows.push(row),
                Err(reason) => tell(format_args!("{}: {reason}", entry.name)),
            }
        }
    }
    let level = regret_engine::simd::level();
    let rounds = super::display::count(arguments.horizon);
    say(format_args!(
        "one core, {level:?}, {rounds} rounds; plain: one replication at a time, asked in every round"
    ))?;
    if arguments.markdown {
        print_markdown(&rows)?
    } else {
        say(table(&rows))?
    }
    Ok(ExitCode::SUCCESS)
}

/// The algorithms of those names, or all.
fn chosen(names: &[String]) -> Result<Vec<AlgorithmEntry>, Failure> {
    if names.is_empty() {
        return Ok(regret_algorithms::registry());
    }
    let find = |name: &String| {
        regret_algorithms::find(name).ok_or_else(|| {
            let all = regret_algorithms::registry();
            let known: Vec<&str> = all.iter().map(|entry| entry.name).collect();
            let hint = nearest(name, &known)
                .map_or("see `regret list`".to_owned(), |near| format!("did you mean `{near}`?"));
            Failure::Other(format!("there is no learner `{name}`; {hint}"))
        })
    };
    names.iter().map(find).collect()
}

/// The numbers of arms that are measured; `None` for a protocol without Bernoulli arms.
fn sizes(entry: &AlgorithmEntry, arms: &[usize]) -> Vec<Option<usize>> {
    let bernoulli = regret_environments::find("bernoulli");
    match bernoulli.is_some_and(|arms| arms.protocols.contains(&entry.protocol)) {
        true => arms.iter().copied().map(Some).collect(),
        false => vec![None],
    }
}

/// Bernoulli arms of evenly spaced means, the best in the middle; of another protocol, the first environment that offers it, by its example.
fn environment(protocol: &str, arms: Option<usize>) -> Result<ReadyEnvironment, String> {
    let missing = || format!("no environment offers {protocol}");
    let (entry, parameters) = match arms {
        Some(arms) => {
            let spaced =
                |a: usize| 0.2 + 0.6 * ((a + arms / 2 + 1) % arms) as f64 / (arms - 1) as f64;
            let means: Vec<f64> = (0..arms).map(spaced).collect();
            (regret_environments::find("bernoulli").ok_or_else(missing)?, json!({"means": means}))
        }
        None => {
            let all = regret_environments::registry();
            let offers = all.into_iter().find(|entry| entry.protocols.contains(&protocol));
            let entry = offers.ok_or_else(missing)?;
            let example: Value =
                serde_json::from_str(entry.example).map_err(|error| error.to_string())?;
            (entry, example)
        }
    };
    let model = (entry.parse)(parameters).map_err(|error| error.to_string())?;
    ReadyEnvironment::new(model.as_ref(), entry.protocols, None, Delay::None)
        .map_err(|error| error.to_string())
}

/// A row of the table.
fn measured(
    entry: &AlgorithmEntry,
    arms: Option<usize>,
    horizon: u64,
    budget: Duration,
) -> Result<[String; 7], String> {
    let environment = environment(entry.protocol, arms)?;
    let algorithm = (entry.parse)(json!({})).map_err(|error| error.to_string())?;
    let common = Common {
        seed: 1,
        horizon,
        replications: 64,
        checkpoints: Checkpoints::default(),
        record: Recorded::Default,
    };
    let cell = Cell::new(&environment, algorithm.as_ref(), None, &common)
        .map_err(|error| error.to_string())?;
    let plan = cell.plan.clone();
    let time = |form| {
        nanoseconds_per_round(cell.game.as_ref(), &plan, form, budget)
            .map_err(|fault| fault.to_string())
    };
    // The first turn of each warms up.
    for form in [Form::Suited, Form::Plain] {
        nanoseconds_per_round(cell.game.as_ref(), &plan, form, Duration::ZERO)
            .map_err(|fault| fault.to_string())?;
    }
    let (engine, plain) = (time(Form::Suited)?, time(Form::Plain)?);
    let profile = cell.game.profile(&plan, budget / 2).map_err(|fault| fault.to_string())?;
    let asked = 100.0 * profile.decisions as f64 / profile.rounds.max(1) as f64;
    Ok([
        entry.name.to_owned(),
        arms.map_or("–".to_owned(), |arms| arms.to_string()),
        figure(engine),
        large(1e9 / engine).trim_end().to_owned(),
        format!("{asked:.2} %"),
        figure(plain),
        format!("{:.2}", plain / engine),
    ])
}

fn table(rows: &[[String; 7]]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(HEADER);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn print_markdown(rows: &[[String; 7]]) -> Result<(), Failure> {
    say(format_args!("\n| {} |\n|---|--:|--:|--:|--:|--:|--:|", HEADER.join(" | ")))?;
    rows.iter().try_for_each(|row| say(format_args!("| {} |", row.join(" | "))))
}
