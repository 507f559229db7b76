//! Panels: the cells that belong into one figure.

use std::collections::HashMap;

use regret_engine::bound::Side;
use regret_engine::notion::Notion;
use serde_json::json;

use super::Entry;
use super::bounds::shown;
use super::cell::{CellCurves, Quantity};
use super::presentation::{Presentation, View};
use crate::figure::{BoundLine, Figure, Line};
use crate::labels::{in_words, labels};
use crate::slugs::slugs;
use crate::store::{CellMeta, Item};

/// Cells that differ in their learners only.
pub(crate) struct Panel {
    /// The environment's label, with what else distinguishes this panel from others.
    pub(crate) title: String,
    /// The beginning of its figures' file names.
    slug: String,
    /// Indices of its cells.
    pub(crate) cells: Vec<usize>,
    /// The label of every cell's learner.
    pub(crate) labels: Vec<String>,
}

/// A figure with its file name, without ending.
pub(crate) struct NamedFigure {
    pub(crate) name: String,
    pub(crate) figure: Figure,
}

/// The panels of cells, in the order in which they first occur.
pub(crate) fn panels(entries: &[Entry]) -> Vec<Panel> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, Entry { meta, .. }) in entries.iter().enumerate() {
        let place = json!([meta.protocol, meta.environment, meta.horizon, meta.seed]);
        let group = *known.entry(place.to_string()).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(index);
    }
    let first: Vec<&CellMeta> = groups.iter().map(|group| &entries[group[0]].meta).collect();
    let titles = titles(&first);
    let slugs = slugs(&titles);
    (groups.into_iter().zip(titles).zip(slugs))
        .map(|((cells, title), slug)| {
            let learners: Vec<Item> =
                cells.iter().map(|&index| entries[index].meta.learner.clone()).collect();
            Panel { title, slug, labels: labels(&learners), cells }
        })
        .collect()
}

/// The environment's label; protocol, horizon and seed where they vary.
fn titles(metas: &[&CellMeta]) -> Vec<String> {
    let names = in_words(metas.iter().map(|meta| &meta.environment));
    let protocols = metas.iter().any(|meta| meta.protocol != metas[0].protocol);
    let horizons = metas.iter().any(|meta| meta.horizon != metas[0].horizon);
    let seeds = metas.iter().any(|meta| meta.seed != metas[0].seed);
    let title = |(meta, mut title): (&&CellMeta, String)| {
        if protocols {
            title += &format!(" as {}", meta.protocol);
        }
        if horizons {
            title += &format!(", T = {}", meta.horizon);
        }
        if seeds {
            title += &format!(", seed {}", meta.seed);
        }
        title
    };
    metas.iter().zip(names).map(title).collect()
}

impl Panel {
    /// The figures of every plotted notion recorded, in the views asked for.
    pub(crate) fn figures(
        &self,
        entries: &[Entry],
        cells: &[CellCurves],
        presentation: &Presentation,
    ) -> Vec<NamedFigure> {
        let mut figures = Vec::new();
        for notion in plotted(cells) {
            let curves: Vec<(usize, &Quantity)> = cells
                .iter()
                .filter_map(|cell| Some((cell.cell, of_notion(cell, notion)?)))
                .collect();
            let curves = best(curves);
            let bounds = self.bounds(entries, notion, &curves, &presentation.bounds);
            for &view in &presentation.views {
                figures.push(self.figure(notion, &curves, &bounds, view, presentation));
            }
        }
        figures
    }

    fn figure(
        &self,
        notion: Notion,
        curves: &[(usize, &Quantity)],
        bounds: &[(Side, BoundLine)],
        view: View,
        presentation: &Presentation,
    ) -> NamedFigure {
        let is_banded = curves.len() <= MOST_BANDS;
        let lines = curves.iter().map(|&(cell, quantity)| {
            let band = quantity.band.as_ref().filter(|_| is_banded);
            Line::of(&*self.labels[cell], &quantity.curve, band)
        });
        let bounds = shown(bounds, curves, view, &presentation.bounds);
        let banded = is_banded && curves.iter().any(|(_, quantity)| quantity.band.is_some());
        let (lines, bounds, unit) = match view.divisor() {
            None => (lines.collect(), bounds, ""),
            Some((scale, unit)) => (
                lines.map(|line| line.over(scale)).collect(),
                bounds.into_iter().map(|bound| bound.over(scale)).collect(),
                unit,
            ),
        };
        let finished = self.cells.len();
        let cut = match curves.len() {
            MOST_LINES if finished > MOST_LINES => {
                format!(" (the least {MOST_LINES} of {finished})")
            }
            _ => String::new(),
        };
        let figure = Figure {
            title: format!("{}: {}{unit}{cut}", self.title, notion.title),
            x_title: "round t".to_owned(),
            y_title: format!("{}{unit}", notion.title),
            lines,
            bounds,
            scale: view.scale(),
            bands: banded.then_some(presentation.bands),
            are_points: false,
        };
        let (key, suffix) = (notion.key.replace('_', "-"), view.suffix());
        NamedFigure { name: format!("{}-{key}-{suffix}", self.slug), figure }
    }
}

/// Most lines of a figure, and most of them with bands: beyond, nobody tells them apart.
const MOST_LINES: usize = 60;
const MOST_BANDS: usize = 20;

/// Those of least final mean, in their order, if there are too many.
fn best(mut curves: Vec<(usize, &Quantity)>) -> Vec<(usize, &Quantity)> {
    if curves.len() > MOST_LINES {
        let mean = |quantity: &Quantity| quantity.curve.last().map_or(f64::MAX, |last| last.mean);
        curves.sort_by(|a, b| mean(a.1).total_cmp(&mean(b.1)).then(a.0.cmp(&b.0)));
        curves.truncate(MOST_LINES);
        curves.sort_by_key(|(cell, _)| *cell);
    }
    curves
}

/// What is drawn of cells, in the order in which they first occur.
pub(crate) fn plotted(cells: &[CellCurves]) -> Vec<Notion> {
    let mut notions: Vec<Notion> = Vec::new();
    for quantity in cells.iter().filter_map(|cell| cell.curves.as_ref().ok()).flatten() {
        if quantity.notion.is_plotted && !notions.contains(&quantity.notion) {
            notions.push(quantity.notion);
        }
    }
    notions
}

pub(crate) fn of_notion(cell: &CellCurves, notion: Notion) -> Option<&Quantity> {
    let quantities = cell.curves.as_ref().ok()?;
    quantities.iter().find(|quantity| quantity.notion == notion)
}
