//! The cells of a spec, and those that a choice means.

use regret_results::labels::in_words;
use regret_results::store::{CellMeta, Item};
use serde_json::Value;

use super::{Choice, Named, Pick, at, has};
use crate::cell::Cell;
use crate::spec::source::Problem;

/// The cells of a spec, as they can be chosen and named.
pub struct World<'c> {
    cells: &'c [Cell],
    metas: Vec<CellMeta>,
    /// Each cell's learner in words.
    learners: Vec<String>,
    /// Each cell's environment in words.
    environments: Vec<String>,
    /// The same with horizon and seed where they vary.
    places: Vec<String>,
    complete: bool,
}

impl<'c> World<'c> {
    /// The world of these cells. `complete` says whether they are all that the spec means: if not,
    /// nothing can be said of names that are not found.
    pub fn new(cells: &'c [Cell], complete: bool) -> Self {
        let metas: Vec<CellMeta> = cells.iter().map(Cell::meta).collect();
        let learners = in_words(metas.iter().map(|meta| &meta.learner));
        let environments = in_words(metas.iter().map(|meta| &meta.environment));
        let mut places = environments.clone();
        let horizons = metas.iter().any(|meta| meta.horizon != metas[0].horizon);
        let seeds = metas.iter().any(|meta| meta.seed != metas[0].seed);
        for (place, meta) in places.iter_mut().zip(&metas) {
            if horizons {
                *place += &format!(", T = {}", meta.horizon);
            }
            if seeds {
                *place += &format!(", seed {}", meta.seed);
            }
        }
        Self { cells, metas, learners, environments, places, complete }
    }

    /// Whether the cells are all that the spec means.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// A cell.
    pub fn cell(&self, index: usize) -> &'c Cell {
        &self.cells[index]
    }

    /// How the results describe a cell.
    pub fn meta(&self, index: usize) -> &CellMeta {
        &self.metas[index]
    }

    /// A cell's learner in words.
    pub fn learner(&self, index: usize) -> &str {
        &self.learners[index]
    }

    /// A cell's environment in words.
    pub fn environment(&self, index: usize) -> &str {
        &self.environments[index]
    }

    /// A cell's environment in words, with horizon and seed where they vary.
    pub fn place(&self, index: usize) -> &str {
        &self.places[index]
    }

    /// The labels and names of all learners and environments.
    pub fn item_names(&self) -> Vec<&str> {
        names(self.metas.iter().flat_map(|meta| [&meta.learner, &meta.environment]))
    }

    /// The cells that a choice means, in order.
    ///
    /// # Errors
    /// A name or a parameter that no cell has, or that there is no such cell.
    pub fn select(&self, choice: &Choice) -> Result<Vec<usize>, Problem> {
        let learners = || self.metas.iter().map(|meta| &meta.learner);
        let environments = || self.metas.iter().map(|meta| &meta.environment);
        let learner = choice.learner.as_ref().map(|pick| (pick, pick.named_among(learners())));
        if let Some((pick, named)) = learner {
            found("learner", pick, named, learners())?;
        }
        let mut on = Vec::new();
        for pick in &choice.on {
            let named = pick.named_among(environments());
            found("environment", pick, named, environments())?;
            on.push((pick, named));
        }
        let chosen = |meta: &CellMeta| {
            learner.is_none_or(|(pick, named)| pick.means(&meta.learner, named))
                && (on.is_empty()
                    || on.iter().any(|(pick, named)| pick.means(&meta.environment, *named)))
                && choice.horizon.is_none_or(|horizon| horizon == meta.horizon)
                && choice.seed.is_none_or(|seed| seed == meta.seed)
        };
        let cells: Vec<usize> =
            (0..self.metas.len()).filter(|&index| chosen(&self.metas[index])).collect();
        if cells.is_empty() {
            let message = "there is no cell of this learner, environment, horizon and seed";
            return Err(Problem::new(&choice.span, message));
        }
        Ok(cells)
    }

    /// Whether two cells belong into one panel: they differ in their learners alone.
    pub fn same_panel(&self, a: usize, b: usize) -> bool {
        self.alike(a, b, [true; 3])
    }

    /// Whether a cell of `choice` is to be compared with cell `a`: it is of the same environment,
    /// horizon and seed, as far as the choice does not say itself which it means.
    pub fn meets(&self, a: usize, b: usize, choice: &Choice) -> bool {
        self.alike(a, b, [choice.on.is_empty(), choice.horizon.is_none(), choice.seed.is_none()])
    }

    /// Whether two cells are of the same protocol, and of the same environment, horizon and seed
    /// where these matter.
    fn alike(&self, a: usize, b: usize, [environment, horizon, seed]: [bool; 3]) -> bool {
        let (a, b) = (&self.metas[a], &self.metas[b]);
        a.protocol == b.protocol
            && (!environment || a.environment == b.environment)
            && (!horizon || a.horizon == b.horizon)
            && (!seed || a.seed == b.seed)
    }
}

/// The labels and names of items, each once.
fn names<'i>(items: impl Iterator<Item = &'i Item>) -> Vec<&'i str> {
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        for name in item.label.as_deref().into_iter().chain([&*item.name]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Says why a pick means none of the items.
fn found<'i>(
    what: &str,
    pick: &Pick,
    named: Named,
    items: impl Iterator<Item = &'i Item> + Clone,
) -> Result<(), Problem> {
    if named == Named::Nothing {
        let message = format!("this spec has no {what} `{}`", pick.name);
        return Err(Problem::new(&pick.span, message).nearest(&pick.name, names(items)));
    }
    let bare = Pick { with: Vec::new(), ..pick.clone() };
    let candidates = items.filter(|item| bare.means(item, named));
    for (key, wanted, span) in &pick.with {
        if candidates.clone().any(|item| has(&item.parameters, key, wanted)) {
            continue;
        }
        let mut values: Vec<String> = candidates
            .clone()
            .filter_map(|item| at(&item.parameters, key))
            .map(Value::to_string)
            .collect();
        values.dedup();
        values.truncate(10);
        let message = format!("no `{}` has {key} = {wanted}", pick.name);
        let problem = Problem::new(span, message);
        return Err(if values.is_empty() {
            problem.help(format!("it has no parameter `{key}`"))
        } else {
            problem.help(format!("there are {}", values.join(", ")))
        });
    }
    Ok(())
}
