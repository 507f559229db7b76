//! Runs beside each other: their learners compared, paired where replications meet the same luck.
//!
//! Cells of one protocol, environment and horizon make a *place*; an environment that only one run
//! has is put beside the one of that label or name that only another has. In each place a cell is
//! compared with a reference. Two cells are paired replication by replication if seed, environment
//! and horizon are the same, on the replications that both have; otherwise they are independent
//! samples. Holm's correction is over all comparisons of a call.

mod places;
mod table;

use std::path::{Path, PathBuf};

use regret_engine::notion::Notion;

use crate::figure::{Figure, FigureError, Line, Scale};
use crate::files::{create_folder, write_atomically};
use crate::slugs::slugs;
use crate::statistics::{
    Band, BandKind, COVERAGE, Curve, Paired, Sampling, StatisticsError, Unpaired, holm,
};
use crate::store::{CellMeta, FinishedRun, StoreError};
use places::{Place, places};

/// What is compared, and with what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The quantity; by default the first regret of each cell.
    pub notion: Option<Notion>,
    /// The round; by default the horizon.
    pub at: Option<u64>,
    /// What cells are compared with.
    pub reference: Reference,
}

/// What the cells of a place are compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reference {
    /// Each with the same learner in the first run that has it; in places without such, the best.
    #[default]
    Same,
    /// The one of least mean.
    Best,
    /// The learner of that label or name, in the first run that has it.
    Learner(String),
}

/// A cell's sample and curve.
struct Member {
    /// Index of its run.
    run: usize,
    meta: CellMeta,
    /// Its learner in words.
    learner: String,
    notion: Notion,
    /// The round of the sample.
    t: u64,
    /// One value for each replication.
    sample: Vec<f64>,
    curve: Curve,
    band: Option<Band>,
}

/// How two samples were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Replication by replication; what there is to say of it.
    Paired(Option<String>),
    /// As independent samples, for this reason.
    Unpaired(String),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The environment.
    pub place: String,
    /// What is compared, with its run.
    pub compared: String,
    /// What it is compared with, with its run.
    pub reference: String,
    /// The quantity.
    pub notion: Notion,
    /// The rounds of the two samples.
    pub t: [u64; 2],
    /// The numbers of replications that were used.
    pub counts: [usize; 2],
    /// The means.
    pub means: [f64; 2],
    /// The first mean minus the second.
    pub difference: f64,
    /// Its 95 % interval; `None` if it is the whole line.
    pub interval: Option<(f64, f64)>,
    /// P-value of "the means are the same".
    pub p: f64,
    /// The same, corrected over the family.
    pub adjusted: f64,
    /// Paired or not.
    pub pairing: Pairing,
    /// How much pairing saves.
    pub variance_reduction: Option<f64>,
}

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// The comparisons, in the order of places.
    pub rows: Vec<Row>,
    /// Number of comparisons that the correction counts.
    pub family: usize,
    /// What is not compared, and why.
    pub notes: Vec<String>,
    /// `comparison.csv` and the figures.
    pub files: Vec<PathBuf>,
}

/// Why runs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A run cannot be read, or a file not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A figure cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A cell has no statistics.
    #[error("{0}: {1}")]
    Statistics(String, StatisticsError),
    /// No two cells can be compared.
    #[error("nothing to compare: {0}")]
    Nothing(String),
}

/// Compares runs, each with the name that it is called by, and writes table and figures below `out`.
///
/// # Errors
/// Runs that cannot be read or have nothing in common, files that cannot be written.
pub fn compare(
    runs: &[(String, FinishedRun)],
    question: &Question,
    out: &Path,
) -> Result<Compared, CompareError> {
    let mut compared = Compared::default();
    let members = members(runs, question, &mut compared.notes)?;
    let sequential = runs.iter().any(|(_, run)| run.manifest().sampling == Sampling::Sequential);
    let sampling = if sequential { Sampling::Sequential } else { Sampling::Fixed };
    let places = places(&members, &mut compared.notes);
    for place in &places {
        let (pairs, size) = pairs(place, &members, question, &mut compared.notes);
        compared.family += size;
        for [first, second] in pairs {
            compared.rows.push(row(runs, place, [&members[first], &members[second]], sampling)?);
        }
    }
    if compared.rows.is_empty() {
        let why = if compared.notes.is_empty() {
            "there are no two cells of one environment".to_owned()
        } else {
            compared.notes.join("; ")
        };
        return Err(CompareError::Nothing(why));
    }
    let p: Vec<f64> = compared.rows.iter().map(|row| row.p).collect();
    for (row, adjusted) in compared.rows.iter_mut().zip(holm(&p, compared.family)) {
        row.adjusted = adjusted;
    }
    create_folder(out).map_err(StoreError::io(out))?;
    let mut write = |name: String, bytes: &[u8]| -> Result<(), StoreError> {
        let path = out.join(name);
        write_atomically(&path, bytes).map_err(StoreError::io(&path))?;
        compared.files.push(path);
        Ok(())
    };
    write("comparison.csv".to_owned(), &table::csv(&compared.rows, compared.family))?;
    let names = slugs(&places.iter().map(|place| place.title.clone()).collect::<Vec<_>>());
    for (place, name) in places.iter().zip(names) {
        let figure = figure(runs, place, &members);
        write(format!("{name}.svg"), figure.svg()?.as_bytes())?;
        write(format!("{name}.png"), &figure.png()?)?;
    }
    Ok(compared)
}

/// The finished cells of all runs.
fn members(
    runs: &[(String, FinishedRun)],
    question: &Question,
    notes: &mut Vec<String>,
) -> Result<Vec<Member>, CompareError> {
    let listed = || {
        let of = |(index, (_, run)): (usize, &'_ (String, FinishedRun))| {
            run.cells().iter().map(move |cell| (index, cell.clone())).collect::<Vec<_>>()
        };
        runs.iter().enumerate().flat_map(of)
    };
    let items: Vec<_> = listed().map(|(_, cell)| cell.cell.learner).collect();
    let words = crate::labels::in_words(items.iter());
    let mut members = Vec::new();
    for ((run, listed), learner) in listed().zip(words) {
        let (name, folder) = &runs[run];
        let meta = listed.cell;
        let what = format!("{learner} on {} in {name}", meta.environment.name);
        let record = match &listed.fault {
            Some(fault) => {
                notes.push(format!("{what} is left out: it stopped: {fault}"));
                continue;
            }
            None => folder.record(&meta)?,
        };
        let Some(record) = record else {
            notes.push(format!("{what} is left out: not all replications are there"));
            continue;
        };
        let plain = || record.series.iter().filter(|series| series.component.is_none());
        let series = match question.notion {
            Some(notion) => plain().find(|series| series.notion == notion),
            None => plain().find(|series| series.notion.is_regret).or(plain().next()),
        };
        let Some(series) = series else {
            notes.push(format!("{what} is left out: the quantity is not recorded"));
            continue;
        };
        let t = question.at.unwrap_or(meta.horizon);
        let place = record.checkpoints.binary_search(&t).ok();
        let sample = place.and_then(|place| series.at(place, record.replication_count()));
        let Some(sample) = sample.map(<[f64]>::to_vec) else {
            notes.push(format!("{what} is left out: round {t} is no checkpoint"));
            continue;
        };
        let curve = Curve::of(series, &record.checkpoints, record.replication_count())
            .map_err(|error| CompareError::Statistics(what, error))?;
        let band = match folder.manifest().sampling {
            Sampling::Fixed => BandKind::Pointwise,
            Sampling::Sequential => BandKind::Sequence,
        };
        let band = Band::of(band, series, &curve);
        members.push(Member { run, learner, notion: series.notion, t, sample, curve, band, meta });
    }
    Ok(members)
}

/// The pairs of a place that are compared, by index, and the number of comparisons that they count
/// for.
fn pairs(
    place: &Place,
    members: &[Member],
    question: &Question,
    notes: &mut Vec<String>,
) -> (Vec<[usize; 2]>, usize) {
    let notion = members[place.members[0]].notion;
    let alike = |index: &&usize| members[**index].notion == notion;
    let of_notion: Vec<usize> = place.members.iter().filter(alike).copied().collect();
    // The same cell in several runs has the same numbers: it is there once.
    let mut distinct: Vec<usize> = Vec::new();
    for &index in &of_notion {
        let same = |other: &&usize| members[**other].meta.id == members[index].meta.id;
        match distinct.iter().find(same).copied() {
            None => distinct.push(index),
            Some(first) => {
                notes.push(same_cell(&members[first], &members[index], &place.title));
                // The one with more replications says more.
                if members[index].sample.len() > members[first].sample.len() {
                    distinct.retain(|other| *other != first);
                    distinct.push(index);
                }
            }
        }
    }
    distinct.sort_unstable();
    let against = |reference: usize| {
        let others = distinct.iter().copied().filter(move |&index| index != reference);
        others.map(move |index| [index, reference]).collect::<Vec<_>>()
    };
    let best = || {
        let mean = |index: &usize| mean(&members[*index].sample);
        let best = distinct.iter().copied().min_by(|a, b| mean(a).total_cmp(&mean(b)));
        // Chosen by the data: any pair might have been compared.
        let all = distinct.len() * distinct.len().saturating_sub(1) / 2;
        (best.map(against).unwrap_or_default(), all)
    };
    match &question.reference {
        Reference::Best => best(),
        Reference::Learner(name) => {
            let means = |index: &&usize| {
                let learner = &members[**index].meta.learner;
                learner.label.as_ref() == Some(name)
                    || learner.name == *name
                    || members[**index].learner == *name
            };
            match distinct.iter().find(means) {
                Some(reference) => {
                    let pairs = against(*reference);
                    let size = pairs.len();
                    (pairs, size)
                }
                None => {
                    notes.push(format!("{}: no learner `{name}` plays there", place.title));
                    (Vec::new(), 0)
                }
            }
        }
        Reference::Same => {
            let first = |&index: &usize| {
                let learner = places::learner(&members[index], members, place);
                let earlier = distinct.iter().find(|&&other| {
                    members[other].run < members[index].run
                        && places::learner(&members[other], members, place) == learner
                });
                earlier.map(|&other| [index, other])
            };
            let pairs: Vec<_> = distinct.iter().filter_map(first).collect();
            let runs = |pair: &usize| members[*pair].run;
            let several = distinct.iter().any(|index| runs(index) != runs(&distinct[0]));
            if pairs.is_empty() && several {
                return best();
            }
            let size = pairs.len();
            (pairs, size)
        }
    }
}

/// What there is to say of a cell that two runs have.
fn same_cell(a: &Member, b: &Member, place: &str) -> String {
    let common = a.sample.iter().zip(&b.sample);
    let equal = common.clone().all(|(a, b)| a.to_bits() == b.to_bits());
    let (learner, count) = (&a.learner, common.len());
    match equal {
        true => format!("{learner} on {place} is the same cell in two runs, with equal numbers"),
        false => format!(
            "{learner} on {place} is the same cell in two runs, but its numbers differ in the first \
             {count} replications: `regret verify` says which are right"
        ),
    }
}

fn mean(sample: &[f64]) -> f64 {
    sample.iter().sum::<f64>() / sample.len() as f64
}

fn row(
    runs: &[(String, FinishedRun)],
    place: &Place,
    [a, b]: [&Member; 2],
    sampling: Sampling,
) -> Result<Row, CompareError> {
    let pairing = places::pairing(a, b);
    let failed = |error| CompareError::Statistics(place.title.clone(), error);
    let alpha = 1.0 - COVERAGE;
    let words = |member: &Member| format!("{} in {}", member.learner, runs[member.run].0);
    let (first, second) = match &pairing {
        Pairing::Paired(_) => {
            let common = a.sample.len().min(b.sample.len());
            (&a.sample[..common], &b.sample[..common])
        }
        Pairing::Unpaired(_) => (&a.sample[..], &b.sample[..]),
    };
    let blank = Row {
        place: place.title.clone(),
        compared: words(a),
        reference: words(b),
        notion: a.notion,
        t: [a.t, b.t],
        counts: [first.len(), second.len()],
        means: [mean(first), mean(second)],
        difference: 0.0,
        interval: None,
        p: 1.0,
        adjusted: 1.0,
        pairing: pairing.clone(),
        variance_reduction: None,
    };
    Ok(match pairing {
        Pairing::Paired(_) => {
            let paired = Paired::of(first, second, sampling, alpha).map_err(failed)?;
            Row {
                difference: paired.difference.mean,
                interval: paired.interval,
                p: paired.p,
                variance_reduction: paired.variance_reduction,
                ..blank
            }
        }
        Pairing::Unpaired(_) => {
            let unpaired = Unpaired::of(first, second, sampling, alpha).map_err(failed)?;
            Row {
                difference: unpaired.difference,
                interval: unpaired.interval,
                p: unpaired.p,
                ..blank
            }
        }
    })
}

/// The curves of a place; those that several runs have, once.
fn figure(runs: &[(String, FinishedRun)], place: &Place, members: &[Member]) -> Figure {
    let notion = members[place.members[0]].notion;
    let mut seen = Vec::new();
    let mut lines = Vec::new();
    let mut bands = None;
    for &index in &place.members {
        let member = &members[index];
        if member.notion != notion || seen.contains(&&member.meta.id) {
            continue;
        }
        seen.push(&member.meta.id);
        bands = bands.or(member.band.as_ref().map(|band| band.kind));
        let label = format!("{} in {}", member.learner, runs[member.run].0);
        lines.push(Line::of(label, &member.curve, member.band.as_ref()));
    }
    Figure {
        title: format!("{}: {}", place.title, notion.title),
        x_title: "round t".to_owned(),
        y_title: notion.title.to_owned(),
        lines,
        bounds: Vec::new(),
        scale: Scale::Linear,
        bands,
        are_points: false,
    }
}
