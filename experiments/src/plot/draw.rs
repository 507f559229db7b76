//! From chosen cells to figures, facet by facet.

use std::collections::HashMap;
use std::sync::Arc;

use miette::NamedSource;
use regret_results::figure::{Categories, Facet, Facets, Figure, Line, Mark, Marks, Scale};
use regret_results::labels::in_words;
use regret_results::statistics::growth::{Window, exponent};
use regret_results::statistics::{BandKind, COVERAGE, Sampling, Summary};
use regret_results::store::{CellMeta, FinishedRun, Item};
use serde_json::json;

use super::selection::{Chosen, Share, interval};
use super::{Coordinate, Kind, Order, PlotError};
use crate::spec::{path, tree::Node};

/// Most facets of a page, and most arms of a histogram.
const MOST_FACETS: usize = 24;
const MOST_ARMS: usize = 64;

/// What is drawn.
pub(super) struct Drawing {
    pub(super) facets: Facets,
    /// Lines with their exponents.
    pub(super) exponents: Vec<(String, String)>,
}

/// The figures of all facets.
pub(super) fn facets(
    run: &FinishedRun,
    order: &Order,
    cells: &[Chosen],
) -> Result<Drawing, PlotError> {
    let groups = groups(order, cells)?;
    if groups.len() > MOST_FACETS {
        return Err(PlotError::Order(format!(
            "{} facets; at most {MOST_FACETS} are drawn: choose with --learner and --environment",
            groups.len()
        )));
    }
    let sampling = run.manifest().sampling;
    let mut exponents = Vec::new();
    let facets = match order.kind {
        Kind::Sweep | Kind::Scaling => {
            let along = Along::new(run, order)?;
            let mut figures = Vec::new();
            for (title, group) in &groups {
                figures.push(along.figure(title, group, sampling, &mut exponents)?);
            }
            Facet::Curves(figures)
        }
        Kind::Curve | Kind::Optimal => Facet::Curves(
            groups.iter().map(|(title, group)| curves(order, title, group, sampling)).collect(),
        ),
        Kind::Box => Facet::Categories(
            groups.iter().map(|(title, group)| boxes(order, title, group)).collect(),
        ),
        Kind::Pulls => {
            let arms = cells.iter().map(|cell| cell.pulls.len()).max().unwrap_or(0);
            if arms > MOST_ARMS {
                let message = format!("{arms} arms; at most {MOST_ARMS} are drawn");
                return Err(PlotError::Order(message));
            }
            let histogram = |(title, group): &(String, Vec<&Chosen>)| pulls(title, group);
            Facet::Categories(groups.iter().map(histogram).collect())
        }
    };
    Ok(Drawing { facets: Facets(facets), exponents })
}

/// The cells of each facet with its title, in the order in which they first occur. Curves and pulls
/// are those of one environment, horizon and seed.
fn groups<'c>(
    order: &Order,
    cells: &'c [Chosen],
) -> Result<Vec<(String, Vec<&'c Chosen>)>, PlotError> {
    let by_place = matches!(order.kind, Kind::Curve | Kind::Pulls | Kind::Optimal);
    let horizons = cells.iter().any(|cell| cell.meta.horizon != cells[0].meta.horizon);
    let seeds = cells.iter().any(|cell| cell.meta.seed != cells[0].meta.seed);
    let mut groups: Vec<(String, Vec<&Chosen>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for cell in cells {
        let mut words = Vec::new();
        for facet in &order.facets {
            words.push(match facet {
                Coordinate::AnyLearner => cell.learner.clone(),
                Coordinate::AnyEnvironment => cell.environment.clone(),
                other => {
                    // What a cell does not have is a facet of its own.
                    let value = other.words(&cell.meta, cell.components);
                    format!("{} = {}", other.title(), value.unwrap_or_else(|| "–".to_owned()))
                }
            });
        }
        if by_place && !order.facets.contains(&Coordinate::AnyEnvironment) {
            words.push(cell.environment.clone());
        }
        if by_place && horizons && !order.facets.contains(&Coordinate::Horizon) {
            words.push(format!("T = {}", cell.meta.horizon));
        }
        if by_place && seeds && !order.facets.contains(&Coordinate::Seed) {
            words.push(format!("seed {}", cell.meta.seed));
        }
        let title = words.join(", ");
        let group = *known.entry(title.clone()).or_insert(groups.len());
        if group == groups.len() {
            groups.push((title, Vec::new()));
        }
        groups[group].1.push(cell);
    }
    Ok(groups)
}

/// A title with what it is of.
fn titled(what: &str, of: &str) -> String {
    if of.is_empty() { what.to_owned() } else { format!("{of}: {what}") }
}

/// Lines along a parameter.
struct Along<'a> {
    order: &'a Order,
    x: &'a Coordinate,
    /// What moves together with it.
    beside: Vec<Coordinate>,
}

impl<'a> Along<'a> {
    fn new(run: &FinishedRun, order: &'a Order) -> Result<Self, PlotError> {
        let Some(x) = &order.x else {
            let message = format!(
                "`{}` needs --x: horizon, arms, gap, seed, or a path as in `sweep:`",
                order.kind.key()
            );
            return Err(PlotError::Order(message));
        };
        let manifest = run.manifest();
        let source = |text: &str| Arc::new(NamedSource::new("the run's spec", text.to_owned()));
        // A spec that was run can be read; were it not, nothing would be known to move together.
        let beside = Node::parse(&source(&manifest.origin.spec)).map(|mut tree| {
            for setting in &manifest.origin.set {
                let _ = path::set_argument(&mut tree, &source(setting));
            }
            x.zipped(&tree)
        });
        Ok(Self { order, x, beside: beside.unwrap_or_default() })
    }

    /// The description of a cell without the parameter.
    fn rest(&self, meta: &CellMeta) -> CellMeta {
        let mut rest = CellMeta { id: String::new(), replications: 0, ..meta.clone() };
        for coordinate in std::iter::once(self.x).chain(&self.beside) {
            coordinate.clear(&mut rest);
        }
        rest
    }

    fn figure(
        &self,
        title: &str,
        cells: &[&Chosen],
        sampling: Sampling,
        exponents: &mut Vec<(String, String)>,
    ) -> Result<Figure, PlotError> {
        let rests: Vec<CellMeta> = cells.iter().map(|cell| self.rest(&cell.meta)).collect();
        let learners = in_words(rests.iter().map(|rest| &rest.learner));
        let environments = in_words(rests.iter().map(|rest| &rest.environment));
        let several = environments.iter().any(|name| *name != environments[0]);
        let horizons = rests.iter().any(|rest| rest.horizon != rests[0].horizon);
        let seeds = rests.iter().any(|rest| rest.seed != rests[0].seed);
        // The index of the first cell of each line, and its points.
        let mut lines: Vec<(usize, Vec<(f64, &Chosen)>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (index, (cell, rest)) in cells.iter().zip(&rests).enumerate() {
            let x = self.x.number(&cell.meta, cell.components).ok_or_else(|| {
                PlotError::Order(format!(
                    "{} on {} has no number for --x {}; its environment's parameters are {}, its \
                     learner's {}",
                    cell.learner,
                    cell.environment,
                    self.x.title(),
                    cell.meta.environment.parameters,
                    cell.meta.learner.parameters
                ))
            })?;
            let key = json!(rest).to_string();
            let line = *known.entry(key).or_insert(lines.len());
            if line == lines.len() {
                lines.push((index, Vec::new()));
            }
            lines[line].1.push((x, cell));
        }
        if lines.iter().all(|(_, points)| points.len() < 2) {
            let message = format!("no two of these cells differ in {} alone", self.x.title());
            return Err(PlotError::Order(message));
        }
        let mut drawn = Vec::new();
        for (first, points) in &mut lines {
            let mut label = shared(points, |meta| &meta.learner, &learners[*first]);
            if several {
                label += " on ";
                label += &shared(points, |meta| &meta.environment, &environments[*first]);
            }
            if horizons {
                label += &format!(", T = {}", rests[*first].horizon);
            }
            if seeds {
                label += &format!(", seed {}", rests[*first].seed);
            }
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(PlotError::Order(format!(
                    "{label}: two cells have {} = {}; --facet can tell them apart",
                    self.x.title(),
                    pair[0].0
                )));
            }
            if self.order.kind == Kind::Scaling {
                let fitted = self.exponent(points, sampling);
                exponents.push((titled(&label, title), fitted.clone()));
                label = format!("{label}: {fitted}");
            }
            drawn.push(line(label, points, sampling)?);
        }
        let notion = cells[0].notion;
        let default = if self.order.kind == Kind::Scaling { Scale::LogLog } else { Scale::Linear };
        let at = self.order.at.map_or_else(String::new, |t| format!(" at t = {t}"));
        Ok(Figure {
            title: titled(&format!("{}{at} by {}", notion.title, self.x.title()), title),
            x_title: self.x.title().to_owned(),
            y_title: notion.title.to_owned(),
            lines: drawn,
            bounds: Vec::new(),
            scale: self.order.scale.unwrap_or(default),
            bands: Some(band(sampling)),
            are_points: true,
        })
    }

    /// The exponent of a line in words, or why it has none.
    fn exponent(&self, points: &[(f64, &Chosen)], sampling: Sampling) -> String {
        let points = points.iter().map(|(x, cell)| (*x, cell.sample.as_slice())).collect();
        let fitted =
            Window::new(points).and_then(|window| exponent(&window, sampling, 1.0 - COVERAGE));
        match fitted {
            Ok(growth) => {
                let interval = growth.interval.map(|(low, high)| format!(" [{low:.3}, {high:.3}]"));
                format!("{:.3}{}", growth.rate, interval.unwrap_or_default())
            }
            Err(error) => format!("no exponent ({error})"),
        }
    }
}

/// The label that an item has in all cells of a line, else its description.
fn shared(points: &[(f64, &Chosen)], item: fn(&CellMeta) -> &Item, words: &str) -> String {
    let label = |point: &(f64, &Chosen)| item(&point.1.meta).label.clone();
    let first = points.first().and_then(label);
    let is_shared = points.iter().all(|point| label(point) == first);
    first.filter(|_| is_shared).unwrap_or_else(|| words.to_owned())
}

fn band(sampling: Sampling) -> BandKind {
    match sampling {
        Sampling::Fixed => BandKind::Pointwise,
        Sampling::Sequential => BandKind::Sequence,
    }
}

/// A line through the means of samples.
fn line(label: String, points: &[(f64, &Chosen)], sampling: Sampling) -> Result<Line, PlotError> {
    let mut line =
        Line { label, x: Vec::new(), mean: Vec::new(), low: Vec::new(), high: Vec::new() };
    for (x, cell) in points {
        let summary = Summary::of(&cell.sample)?;
        let (low, high) = interval(&summary, sampling).unwrap_or((summary.mean, summary.mean));
        line.x.push(*x);
        line.mean.push(summary.mean);
        line.low.push(low);
        line.high.push(high);
    }
    Ok(line)
}

/// A quantity along the rounds, or the share of optimal pulls.
fn curves(order: &Order, title: &str, cells: &[&Chosen], sampling: Sampling) -> Figure {
    let mut lines = Vec::new();
    for cell in cells {
        let Some(curve) = &cell.curve else { continue };
        let mut line = Line::of(&*cell.learner, curve, None);
        let ends = curve
            .points
            .iter()
            .map(|point| interval(point, sampling).unwrap_or((point.mean, point.mean)));
        (line.low, line.high) = ends.unzip();
        lines.push(if order.kind == Kind::Optimal { line.over(|t| t) } else { line });
    }
    let (what, y_title, scale) = match order.kind {
        Kind::Optimal => ("share of optimal pulls", "optimal pulls / t", Scale::LogLinear),
        _ => (cells[0].notion.title, cells[0].notion.title, Scale::Linear),
    };
    Figure {
        title: titled(what, title),
        x_title: "round t".to_owned(),
        y_title: y_title.to_owned(),
        lines,
        bounds: Vec::new(),
        scale: order.scale.unwrap_or(scale),
        bands: Some(band(sampling)),
        are_points: false,
    }
}

/// Boxes of the values of all replications, by environment, horizon and seed.
fn boxes(order: &Order, title: &str, cells: &[&Chosen]) -> Categories {
    let horizons = cells.iter().any(|cell| cell.meta.horizon != cells[0].meta.horizon);
    let seeds = cells.iter().any(|cell| cell.meta.seed != cells[0].meta.seed);
    let place = |cell: &Chosen| {
        let mut place = cell.environment.clone();
        if horizons {
            place += &format!(", T = {}", cell.meta.horizon);
        }
        if seeds {
            place += &format!(", seed {}", cell.meta.seed);
        }
        place
    };
    let mark = |cell: &Chosen| Mark::of_sample(&cell.sample);
    let (names, series) = table(cells, place, mark);
    let notion = cells[0].notion;
    let at = order.at.map_or_else(|| "at the horizon".to_owned(), |t| format!("at t = {t}"));
    Categories {
        title: titled(&format!("{} {at}", notion.title), title),
        x_title: String::new(),
        y_title: notion.title.to_owned(),
        names,
        series,
        is_logarithmic: order.scale == Some(Scale::LogLog),
        note: "quartiles, 1.5 × their distance; dot: mean".to_owned(),
    }
}

/// Marks in a table of categories and learners.
fn table(
    cells: &[&Chosen],
    category: impl Fn(&Chosen) -> String,
    mark: impl Fn(&Chosen) -> Option<Mark>,
) -> (Vec<String>, Vec<Marks>) {
    let mut names: Vec<String> = Vec::new();
    let mut series: Vec<Marks> = Vec::new();
    for cell in cells {
        let name = category(cell);
        let column = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        let row = series.iter().position(|known| known.label == cell.learner);
        let row = row.unwrap_or_else(|| {
            series.push(Marks { label: cell.learner.clone(), marks: Vec::new() });
            series.len() - 1
        });
        let marks = &mut series[row].marks;
        marks.resize(marks.len().max(column + 1), None);
        marks[column] = mark(cell);
    }
    series.iter_mut().for_each(|series| series.marks.resize(names.len(), None));
    (names, series)
}

/// The share of the rounds in which each arm was played.
fn pulls(title: &str, cells: &[&Chosen]) -> Categories {
    let arms = cells.iter().map(|cell| cell.pulls.len()).max().unwrap_or(0);
    let bar = |&(value, interval): &Share| Some(Mark::Bar { value, interval });
    let series = cells.iter().map(|cell| {
        let mut marks: Vec<Option<Mark>> = cell.pulls.iter().map(bar).collect();
        marks.resize(arms, None);
        Marks { label: cell.learner.clone(), marks }
    });
    Categories {
        title: titled("pulls of every arm", title),
        x_title: "arm".to_owned(),
        y_title: "pulls / T".to_owned(),
        names: (0..arms).map(|arm| arm.to_string()).collect(),
        series: series.collect(),
        is_logarithmic: false,
        note: "mean over replications, 95 %".to_owned(),
    }
}
