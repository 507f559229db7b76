//! Panels: the cells that belong into one figure.

use regret_engine::bound::{Bound, Side};
use regret_engine::notion::Notion;

use super::{CellCurves, Entry};
use crate::figure::{BoundLine, Figure, Line, Scale};
use crate::labels::labels;
use crate::statistics::Curve;
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
    /// The figures of every regret recorded, on linear and on logarithmic axes.
    pub(crate) fn figures(&self, entries: &[Entry], cells: &[CellCurves]) -> Vec<NamedFigure> {
        let mut figures = Vec::new();
        for notion in regrets(cells) {
            let curves: Vec<(usize, &Curve)> = cells
                .iter()
                .filter_map(|cell| Some((cell.cell, of_notion(cell, notion)?)))
                .collect();
            let bounds = self.bounds(entries, notion, &curves);
            for (scale, suffix) in [(Scale::Linear, "linear"), (Scale::LogLog, "log")] {
                let lines = curves.iter().map(|&(cell, c)| Line::of(&*self.labels[cell], c));
                let figure = Figure {
                    title: format!("{}: {}", self.title, notion.title),
                    x_title: "round t".to_owned(),
                    y_title: notion.title.to_owned(),
                    lines: lines.collect(),
                    bounds: shown(&bounds, &curves, scale),
                    scale,
                };
                let name = format!("{}-{}-{suffix}", self.slug, notion.key.replace('_', "-"));
                figures.push(NamedFigure { name, figure });
            }
        }
        figures
    }

    /// The bounds of all cells on a notion; those that several cells share, once.
    fn bounds(
        &self,
        entries: &[Entry],
        notion: Notion,
        curves: &[(usize, &Curve)],
    ) -> Vec<(Side, BoundLine)> {
        let mut lines: Vec<(Side, BoundLine)> = Vec::new();
        for &(cell, curve) in curves {
            let bounds = entries[self.cells[cell]].bounds.iter();
            for bound in bounds.filter(|bound| bound.notion == notion) {
                let label = match bound.side {
                    Side::Upper => format!("{} ≤ {}", self.labels[cell], bound.statement),
                    Side::Lower if self.is_shared(entries, bound) => {
                        format!("all ≥ {}", bound.statement)
                    }
                    Side::Lower => format!("{} ≥ {}", self.labels[cell], bound.statement),
                    Side::AsymptoticLower => format!("slope ≥ {}", bound.statement),
                    // What is asymptotically optimal reaches the lower slope, which is drawn.
                    Side::AsymptoticUpper => continue,
                };
                if lines.iter().all(|(_, line)| line.label != label) {
                    let t = curve.checkpoints.clone();
                    let values = t.iter().map(|&t| bound.at(t)).collect();
                    lines.push((bound.side, BoundLine { label, t, values }));
                }
            }
        }
        lines
    }

    /// Whether every cell has this bound: it is the environment's.
    fn is_shared(&self, entries: &[Entry], bound: &Bound) -> bool {
        let same =
            |other: &Bound| other.statement == bound.statement && other.notion == bound.notion;
        self.cells.iter().all(|&index| entries[index].bounds.iter().any(same))
    }
}

/// On linear axes, upper bounds far above every curve say nothing and are left out.
fn shown(bounds: &[(Side, BoundLine)], curves: &[(usize, &Curve)], scale: Scale) -> Vec<BoundLine> {
    let ends = curves.iter().filter_map(|(_, curve)| curve.last()).map(|last| last.mean);
    let highest = ends.fold(0.0, f64::max);
    let near = |(side, line): &&(Side, BoundLine)| {
        let end = line.values.last().copied().unwrap_or_default();
        scale == Scale::LogLog || *side != Side::Upper || end <= 1.3 * highest
    };
    bounds.iter().filter(near).map(|(_, line)| line.clone()).collect()
}

/// The regrets of cells, in the order in which they first occur.
fn regrets(cells: &[CellCurves]) -> Vec<Notion> {
    let mut notions: Vec<Notion> = Vec::new();
    for (notion, _) in cells.iter().filter_map(|cell| cell.curves.as_ref().ok()).flatten() {
        if notion.is_regret && !notions.contains(notion) {
            notions.push(*notion);
        }
    }
    notions
}

fn of_notion(cell: &CellCurves, notion: Notion) -> Option<&Curve> {
    let curves = cell.curves.as_ref().ok()?;
    curves.iter().find(|(other, _)| *other == notion).map(|(_, curve)| curve)
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
