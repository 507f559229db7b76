//! Panels: the cells that belong into one figure.

use regret_engine::bound::Side;
use regret_engine::notion::Notion;

use super::Entry;
use super::bounds::shown;
use super::cell::{CellCurves, Quantity};
use super::presentation::{Presentation, View};
use crate::figure::{BoundLine, Figure, Line};
use crate::labels::labels;
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
    for (index, entry) in entries.iter().enumerate() {
        let same = |group: &&mut Vec<usize>| together(&entries[group[0]].meta, &entry.meta);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
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

fn together(a: &CellMeta, b: &CellMeta) -> bool {
    a.environment == b.environment
        && a.protocol == b.protocol
        && a.horizon == b.horizon
        && a.seed == b.seed
}

/// The environment's label; protocol, horizon and seed where they vary.
fn titles(metas: &[&CellMeta]) -> Vec<String> {
    let mut distinct: Vec<Item> = Vec::new();
    for meta in metas {
        if !distinct.contains(&meta.environment) {
            distinct.push(meta.environment.clone());
        }
    }
    let names = labels(&distinct);
    let vary = |of: &dyn Fn(&CellMeta) -> String| metas.iter().any(|m| of(m) != of(metas[0]));
    let protocols = vary(&|meta| meta.protocol.clone());
    let horizons = vary(&|meta| meta.horizon.to_string());
    let seeds = vary(&|meta| meta.seed.to_string());
    let title = |meta: &&CellMeta| {
        let place = distinct.iter().position(|item| *item == meta.environment);
        let mut title = place.map_or_else(String::new, |place| names[place].clone());
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
    metas.iter().map(title).collect()
}

/// Titles as parts of file names, all different.
fn slugs(titles: &[String]) -> Vec<String> {
    const LONGEST: usize = 60;
    let mut slugs: Vec<String> = Vec::new();
    for title in titles {
        let mut slug = String::new();
        for c in title.chars().take(LONGEST) {
            match c {
                c if c.is_ascii_alphanumeric() || c == '.' => slug.push(c.to_ascii_lowercase()),
                _ if slug.ends_with('-') || slug.is_empty() => {}
                _ => slug.push('-'),
            }
        }
        let slug = slug.trim_matches(['-', '.']).to_owned();
        let base = if slug.is_empty() { "panel".to_owned() } else { slug };
        let mut name = base.clone();
        let mut number = 1;
        while slugs.contains(&name) {
            number += 1;
            name = format!("{base}-{number}");
        }
        slugs.push(name);
    }
    slugs
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
        let lines = curves.iter().map(|&(cell, quantity)| {
            Line::of(&*self.labels[cell], &quantity.curve, quantity.band.as_ref())
        });
        let bounds = shown(bounds, curves, view, &presentation.bounds);
        let banded = curves.iter().any(|(_, quantity)| quantity.band.is_some());
        let (lines, bounds, unit) = match view.divisor() {
            None => (lines.collect(), bounds, ""),
            Some((scale, unit)) => (
                lines.map(|line| line.over(scale)).collect(),
                bounds.into_iter().map(|bound| bound.over(scale)).collect(),
                unit,
            ),
        };
        let figure = Figure {
            title: format!("{}: {}{unit}", self.title, notion.title),
            x_title: "round t".to_owned(),
            y_title: format!("{}{unit}", notion.title),
            lines,
            bounds,
            scale: view.scale(),
            bands: banded.then_some(presentation.bands),
        };
        let (key, suffix) = (notion.key.replace('_', "-"), view.suffix());
        NamedFigure { name: format!("{}-{key}-{suffix}", self.slug), figure }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain_and_different() {
        let titles = ["bernoulli (means=[0.5, 0.6])", "Bernoulli: means 0.5 0.6!", "π"];
        let slugs = slugs(&titles.map(str::to_owned));
        assert_eq!(slugs, ["bernoulli-means-0.5-0.6", "bernoulli-means-0.5-0.6-2", "panel"]);
    }
}
