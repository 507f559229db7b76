//! `regret plot`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use regret_results::figure::Scale;
use regret_results::store::FinishedRun;

use super::Failure;
use super::display::{say, tell};
use super::finished::{notion_of, other};
use super::signals::Signals;
use crate::plot::{Coordinate, Kind, Order, plot as draw};

/// Arguments of `regret plot`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The run folder.
    folder: PathBuf,
    /// What is drawn: a quantity along the rounds; along --x; its scaling, with fitted exponents; boxes of its final
    /// values; the pulls of every arm; the share of optimal pulls.
    #[arg(value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::key)))]
    kind: String,
    /// The horizontal axis of a sweep or scaling: horizon, arms, gap, seed, or a path as in
    /// `sweep:`, such as learners.ucb1.alpha.
    #[arg(long, value_name = "PATH")]
    x: Option<String>,
    /// One small figure for each value: a path as for --x, or environment, or learner.
    #[arg(long, value_name = "PATH")]
    facet: Vec<String>,
    /// The quantity, such as switches; by default the first regret of each cell.
    #[arg(long)]
    notion: Option<String>,
    /// The round of the values, a checkpoint; by default the horizon.
    #[arg(long)]
    at: Option<u64>,
    /// Only these learners, by label or name.
    #[arg(long, value_name = "NAME")]
    learner: Vec<String>,
    /// Only these environments, by label or name.
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
    /// The axes: linear, log (both), or log-x; by default what suits what is drawn.
    #[arg(long, value_parser = ["linear", "log", "log-x"])]
    scale: Option<String>,
    /// The folder of the figures; by default plots in the run folder.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Arguments {
    fn order(&self) -> Result<Order, Failure> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.key() == self.kind);
        let coordinate = |text: &String| {
            Coordinate::read(text).ok_or_else(|| {
                other(format!(
                    "`{text}` is no axis: horizon, arms, gap, seed, learners.NAME.PARAMETER, \
                     environments.NAME.PARAMETER"
                ))
            })
        };
        let whole =
            |x: &Coordinate| matches!(x, Coordinate::AnyLearner | Coordinate::AnyEnvironment);
        let x = self.x.as_ref().map(coordinate).transpose()?;
        if x.as_ref().is_some_and(whole) {
            return Err(other("--x is a number; --facet can be learner or environment"));
        }
        Ok(Order {
            kind: kind.ok_or_else(|| other("there is no such figure"))?,
            x,
            facets: self.facet.iter().map(coordinate).collect::<Result<_, _>>()?,
            notion: self.notion.as_deref().map(notion_of).transpose()?,
            at: self.at,
            learners: self.learner.clone(),
            environments: self.environment.clone(),
            scale: self.scale.as_deref().map(|scale| match scale {
                "log" => Scale::LogLog,
                "log-x" => Scale::LogLinear,
                _ => Scale::Linear,
            }),
        })
    }
}

/// Draws a figure of a run.
pub(super) fn plot(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let order = arguments.order()?;
    let run = FinishedRun::open(&arguments.folder).map_err(other)?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.folder.join("plots"));
    Signals::catch()?.leave_at_once();
    let drawn = draw(&run, &order, &out).map_err(other)?;
    for note in &drawn.notes {
        tell(format_args!("left out: {note}"));
    }
    for (line, exponent) in &drawn.exponents {
        say(format_args!("exponent  {line}: {exponent}"))?;
    }
    for path in &drawn.files {
        say(format_args!("figure    {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
