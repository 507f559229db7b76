//! `monotone`: the mean increases or decreases along a swept parameter.

use regret_results::claims::Direction;
use serde_json::json;

use super::fields::{Fields, level};
use super::keys::{AT, COMPONENT, NOTION, OF, P};
use super::order::Ordered;
use super::sweep::{Row, row_words, rows};
use super::{Claim, Key, Kind};
use crate::spec::source::Problem;

/// The kind.
pub(super) const MONOTONE: Kind = Kind {
    name: "monotone",
    summary: "the mean increases or decreases along a swept parameter, at every step",
    keys: &[
        OF,
        Key {
            name: "in",
            schema: || json!({"type": "string", "description": "a path that `sweep:` goes along"}),
            required: true,
        },
        Key {
            name: "direction",
            schema: || json!({"enum": ["increasing", "decreasing"]}),
            required: true,
        },
        NOTION,
        COMPONENT,
        AT,
        P,
    ],
    read,
};

fn read(fields: &Fields<'_, '_>) -> Result<Vec<Claim>, Problem> {
    let (p, quantity) = (fields.p()?, fields.quantity()?);
    let (direction, word) = direction(fields)?;
    let path = fields.text("in")?.unwrap_or_default();
    let claim = |row: Row| {
        let mut steps = Vec::new();
        for &(value, cell) in &row.points {
            steps.push((format!("{value}"), fields.measured(cell, quantity)?));
        }
        let cells: Vec<usize> = row.points.iter().map(|&(_, cell)| cell).collect();
        let (first, last) = (row.points[0].0, row.points[row.points.len() - 1].0);
        let what = fields.what(&steps[0].1);
        let (learner, environment) = row_words(fields, cells[0]);
        Ok(Claim::new(
            format!(
                "{what} of {learner} on {environment} {word} in {path} from {first} to {last} \
                 ({})",
                level(p)
            ),
            cells,
            Ordered { steps, direction, p },
        ))
    };
    rows(fields, "in", &fields.cells("of")?)?.into_iter().map(claim).collect()
}

fn direction(fields: &Fields<'_, '_>) -> Result<(Direction, &'static str), Problem> {
    let node = fields.need("direction")?;
    match node.as_str() {
        Some("increasing") => Ok((Direction::Increasing, "increasing")),
        Some("decreasing") => Ok((Direction::Decreasing, "decreasing")),
        _ => {
            let message = "`direction` must be `increasing` or `decreasing`";
            Err(Problem::new(&node.span, message))
        }
    }
}
