//! The cells that a figure shows, with the numbers that it needs.

use regret_engine::notion::{self, Notion, OPTIMAL_PULLS, PULLS};
use regret_engine::record::{Record, Series};
use regret_results::labels::in_words;
use regret_results::statistics::{Curve, Sampling, Summary};
use regret_results::store::{CellMeta, FinishedRun, Item};

use super::{Kind, Order, PlotError};

/// A cell with its numbers.
pub(super) struct Chosen {
    pub(super) meta: CellMeta,
    /// Its learner and environment in words.
    pub(super) learner: String,
    pub(super) environment: String,
    /// What the values are.
    pub(super) notion: Notion,
    /// One for each replication.
    pub(super) sample: Vec<f64>,
    /// Each arm's share of the pulls.
    pub(super) pulls: Vec<Share>,
    /// The curve along the rounds.
    pub(super) curve: Option<Curve>,
    /// Number of arms recorded.
    pub(super) components: usize,
}

/// A mean and the ends of its interval.
pub(super) type Share = (f64, Option<(f64, f64)>);

/// Whether an item is one of those asked for.
fn is_asked(wanted: &[String], item: &Item, words: &str) -> bool {
    let is = |name: &String| {
        item.label.as_ref() == Some(name) || item.name == *name || words == name.as_str()
    };
    wanted.is_empty() || wanted.iter().any(is)
}

/// The cells that an order asks for.
pub(super) fn select(
    run: &FinishedRun,
    order: &Order,
    notes: &mut Vec<String>,
) -> Result<Vec<Chosen>, PlotError> {
    let metas = || run.cells().iter().map(|listed| &listed.cell);
    let learners = in_words(metas().map(|meta| &meta.learner));
    let environments = in_words(metas().map(|meta| &meta.environment));
    for (what, wanted, names, items) in [
        ("learner", &order.learners, &learners, metas().map(|m| &m.learner).collect::<Vec<_>>()),
        (
            "environment",
            &order.environments,
            &environments,
            metas().map(|m| &m.environment).collect(),
        ),
    ] {
        let known = |name: &&String| {
            let name = std::slice::from_ref(*name);
            items.iter().zip(names).any(|(item, words)| is_asked(name, item, words))
        };
        if let Some(name) = wanted.iter().find(|name| !known(name)) {
            let mut known = names.clone();
            known.sort();
            known.dedup();
            let message = format!("this run has no {what} `{name}`; it has {}", known.join(", "));
            return Err(PlotError::Order(message));
        }
    }
    let mut chosen = Vec::new();
    for (index, listed) in run.cells().iter().enumerate() {
        let meta = listed.cell.clone();
        let (learner, environment) = (&learners[index], &environments[index]);
        if !is_asked(&order.learners, &meta.learner, learner)
            || !is_asked(&order.environments, &meta.environment, environment)
        {
            continue;
        }
        let words = format!("{learner} on {environment}, T = {}, seed {}", meta.horizon, meta.seed);
        let record = match &listed.fault {
            Some(fault) => {
                notes.push(format!("{words} stopped: {fault}"));
                continue;
            }
            None => run.record(&meta)?,
        };
        match record.map(|record| numbers(run, order, &meta, &record)) {
            None => notes.push(format!("{words}: not all replications are there")),
            Some(Err(PlotError::Order(why))) => notes.push(format!("{words}: {why}")),
            Some(Err(error)) => return Err(error),
            Some(Ok(numbers)) => chosen.push(Chosen {
                learner: learner.clone(),
                environment: environment.clone(),
                meta,
                ..numbers
            }),
        }
    }
    if chosen.is_empty() {
        let why =
            if notes.is_empty() { "there is no such cell".to_owned() } else { notes.join("; ") };
        return Err(PlotError::Order(format!("nothing to draw: {why}")));
    }
    Ok(chosen)
}

/// The numbers of a cell that an order asks for.
fn numbers(
    run: &FinishedRun,
    order: &Order,
    meta: &CellMeta,
    record: &Record,
) -> Result<Chosen, PlotError> {
    let count = record.replication_count();
    let components = record.series.iter().filter(|series| series.notion == PULLS).count();
    let mut chosen = Chosen {
        meta: meta.clone(),
        learner: String::new(),
        environment: String::new(),
        notion: notion::PSEUDO_REGRET,
        sample: Vec::new(),
        pulls: Vec::new(),
        curve: None,
        components,
    };
    match order.kind {
        Kind::Pulls => {
            chosen.notion = PULLS;
            chosen.pulls = pulls(record, meta.horizon as f64, run.manifest().sampling)?;
            if chosen.pulls.is_empty() {
                return Err(absent(PULLS));
            }
        }
        Kind::Optimal => {
            chosen.notion = OPTIMAL_PULLS;
            let series = record.series(OPTIMAL_PULLS, None).ok_or_else(|| absent(OPTIMAL_PULLS))?;
            chosen.curve = Some(Curve::of(series, &record.checkpoints, count)?);
        }
        Kind::Curve => {
            let series = quantity(order, record)?;
            chosen.notion = series.notion;
            chosen.curve = Some(Curve::of(series, &record.checkpoints, count)?);
        }
        Kind::Sweep | Kind::Scaling | Kind::Box => {
            let series = quantity(order, record)?;
            let t = order.at.unwrap_or(meta.horizon);
            let place = record.checkpoints.binary_search(&t).ok();
            let sample = place.and_then(|place| series.at(place, count));
            let no_checkpoint = || PlotError::Order(format!("round {t} is no checkpoint"));
            chosen.notion = series.notion;
            chosen.sample = sample.ok_or_else(no_checkpoint)?.to_vec();
        }
    }
    Ok(chosen)
}

/// The series of the quantity that is asked for, or of the first regret.
fn quantity<'r>(order: &Order, record: &'r Record) -> Result<&'r Series, PlotError> {
    let plain = || record.series.iter().filter(|series| series.component.is_none());
    match order.notion {
        Some(notion) => {
            plain().find(|series| series.notion == notion).ok_or_else(|| absent(notion))
        }
        None => plain()
            .find(|series| series.notion.is_regret)
            .or(plain().next())
            .ok_or_else(|| PlotError::Order("nothing was recorded".to_owned())),
    }
}

fn absent(notion: Notion) -> PlotError {
    PlotError::Order(format!("`{}` was not recorded: see `record:` in the spec", notion.key))
}

/// Each arm's share of the rounds, with the interval of its mean.
fn pulls(record: &Record, horizon: f64, sampling: Sampling) -> Result<Vec<Share>, PlotError> {
    let of_arms = record.series.iter().filter(|series| series.notion == PULLS);
    let last = record.checkpoints.len().saturating_sub(1);
    let share = |series: &Series| {
        let values = series.at(last, record.replication_count()).unwrap_or_default();
        let shares: Vec<f64> = values.iter().map(|pulls| pulls / horizon).collect();
        let summary = Summary::of(&shares)?;
        Ok((summary.mean, interval(&summary, sampling)))
    };
    of_arms.map(share).collect()
}

/// The 95 % interval of a mean.
pub(super) fn interval(summary: &Summary, sampling: Sampling) -> Option<(f64, f64)> {
    let alpha = 1.0 - regret_results::statistics::COVERAGE;
    let margin = summary.standard_error? * sampling.factor(summary.count, alpha)?;
    Some((summary.mean - margin, summary.mean + margin))
}
