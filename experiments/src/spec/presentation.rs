//! `bands:`, `figures:`, `bounds:`, `baseline:`: what is drawn, and what learners are compared with.

use regret_results::publish::{Presentation, ShownBounds, View};
use regret_results::statistics::{BandKind, Sampling};
use serde_json::Value;

use super::replications::Replications;
use super::select::{Choice, World};
use super::source::Problem;
use super::tree::{Kind, Node};

/// What the spec says of the presentation; problems are added to `problems`.
pub fn read(
    tree: &Node,
    world: &World<'_>,
    replications: Replications,
    problems: &mut Vec<Problem>,
) -> Presentation {
    let adaptive = matches!(replications, Replications::UntilSeparated { .. });
    let default = Presentation::default();
    let mut found = |result: Result<(), Problem>| problems.extend(result.err());
    let mut presentation = Presentation {
        bands: if adaptive { BandKind::Sequence } else { default.bands },
        sampling: if adaptive { Sampling::Sequential } else { default.sampling },
        ..default
    };
    if let Some(node) = tree.get("bands") {
        found(bands(node, adaptive).map(|bands| presentation.bands = bands));
    }
    if let Some(node) = tree.get("figures") {
        found(views(node).map(|views| presentation.views = views));
    }
    if let Some(node) = tree.get("bounds") {
        found(bounds(node, world).map(|bounds| presentation.bounds = bounds));
    }
    if let Some(node) = tree.get("baseline") {
        found(baselines(node, world).map(|cells| presentation.baselines = cells));
    }
    presentation
}

fn bands(node: &Node, adaptive: bool) -> Result<BandKind, Problem> {
    let keys = BandKind::ALL.map(BandKind::key);
    let text = node.as_str().unwrap_or_default();
    let Some(kind) = BandKind::ALL.into_iter().find(|kind| kind.key() == text) else {
        let message = format!("`bands` must be {}", keys.join(", "));
        return Err(Problem::new(&node.span, message).nearest(text, keys));
    };
    if adaptive && kind != BandKind::Sequence {
        let message =
            format!("{text} bands do not hold when the number of replications is found by looking");
        let help = "leave `bands` out, or say `bands: sequence`";
        return Err(Problem::new(&node.span, message).help(help));
    }
    Ok(kind)
}

fn views(node: &Node) -> Result<Vec<View>, Problem> {
    let keys = View::ALL.map(View::key);
    let Kind::List(items) = &node.kind else {
        let message = format!("`figures` must be a list of {}", keys.join(", "));
        return Err(Problem::new(&node.span, message));
    };
    let mut views = Vec::new();
    for item in items {
        let text = item.as_str().unwrap_or_default();
        match View::ALL.into_iter().find(|view| view.key() == text) {
            Some(view) if !views.contains(&view) => views.push(view),
            Some(_) => {
                return Err(Problem::new(&item.span, format!("`{text}` stands here twice")));
            }
            None => {
                let message = format!("there is no figure `{text}`");
                return Err(Problem::new(&item.span, message).nearest(text, keys));
            }
        }
    }
    Ok(views)
}

fn bounds(node: &Node, world: &World<'_>) -> Result<ShownBounds, Problem> {
    let help = "true, false, or a list of learners and environments, by label or name";
    match &node.kind {
        Kind::Scalar(Value::Bool(true)) => Ok(ShownBounds::All),
        Kind::Scalar(Value::Bool(false)) => Ok(ShownBounds::None),
        Kind::List(items) if !items.is_empty() => {
            let known = world.item_names();
            let mut names = Vec::new();
            for item in items {
                let name = item.as_str().unwrap_or_default();
                if world.is_complete() && !known.contains(&name) {
                    let message = format!("this spec has no learner or environment `{name}`");
                    return Err(Problem::new(&item.span, message).nearest(name, known));
                }
                names.push(name.to_owned());
            }
            Ok(ShownBounds::Of(names))
        }
        _ => {
            let message = "`bounds` says which bounds of theory are drawn";
            Err(Problem::new(&node.span, message).help(help))
        }
    }
}

/// The cells of the learner that others are compared with.
fn baselines(node: &Node, world: &World<'_>) -> Result<Vec<usize>, Problem> {
    if node.as_str() == Some("best") {
        return Ok(Vec::new());
    }
    let choice = Choice::read(node)?;
    if !world.is_complete() {
        return Ok(Vec::new());
    }
    let cells = world.select(&choice)?;
    let twice = cells
        .iter()
        .enumerate()
        .any(|(index, &cell)| cells[..index].iter().any(|&other| world.same_panel(cell, other)));
    if twice {
        let message = "several learners of an environment could be this baseline";
        let help = "say which: baseline: {learner: ucb1, with: {alpha: 2}}";
        return Err(Problem::new(&node.span, message).help(help));
    }
    Ok(cells)
}
