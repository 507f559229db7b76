//! `under_bound` and `above_bound`: a curve stays on the right side of theory's bounds.

use regret_engine::bound::{Bound, Side};
use regret_results::claims::{Judgement, bound};
use regret_results::statistics::Curve;
use serde_json::json;

use super::data::{Data, Measured, Trouble, series};
use super::fields::Fields;
use super::keys::{CONFIDENCE, NOTION, OF};
use super::{Claim, Key, Kind, Test};
use crate::spec::source::Problem;

const BOUND: Key = Key {
    name: "bound",
    schema: || {
        json!({
            "type": "string",
            "description": "part of the bound's statement or source; by default all that there are",
        })
    },
    required: false,
};
const KEYS: &[Key] = &[OF, BOUND, NOTION, CONFIDENCE];

/// The kinds.
pub(super) const UNDER: Kind = Kind {
    name: "under_bound",
    summary: "the mean stays under the learner's proven upper bound at every checkpoint",
    keys: KEYS,
    read: |fields| read(fields, Side::Upper, "stays under"),
};
pub(super) const ABOVE: Kind = Kind {
    name: "above_bound",
    summary: "the mean stays above the lower bound at every checkpoint",
    keys: KEYS,
    read: |fields| read(fields, Side::Lower, "stays above"),
};

struct Bounded {
    of: Measured,
    /// Index among the bounds of the cell's game.
    bound: usize,
    alpha: f64,
}

fn read(fields: &Fields<'_, '_>, side: Side, word: &str) -> Result<Vec<Claim>, Problem> {
    let (alpha, quantity) = (fields.alpha()?, fields.quantity()?);
    let wanted = fields.text("bound")?.unwrap_or_default();
    let (mut claims, mut others) = (Vec::new(), Vec::new());
    for cell in fields.cells("of")? {
        let of = fields.measured(cell, quantity)?;
        for (index, bound) in fields.world.cell(cell).game.bounds().iter().enumerate() {
            if bound.notion != of.notion || bound.side != side {
                continue;
            }
            if !(bound.statement.contains(wanted) || bound.source.contains(wanted)) {
                others.push(named(bound));
                continue;
            }
            claims.push(Claim::new(
                format!("{} {word} {}", fields.words(&of), bound.statement),
                vec![cell],
                Bounded { of, bound: index, alpha },
            ));
        }
    }
    if !claims.is_empty() {
        return Ok(claims);
    }
    let problem = fields.problem("no such bound is known for these cells and this notion");
    others.dedup();
    Err(if others.is_empty() {
        problem
    } else {
        problem.help(format!("there are {}", others.join("; ")))
    })
}

fn named(bound: &Bound) -> String {
    format!("{} ({})", bound.statement, bound.source)
}

impl Test for Bounded {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let record = data.record(self.of.cell)?;
        let series = series(&record, &self.of)?;
        let curve = Curve::of(series, &record.checkpoints, record.replication_count())?;
        let bounds = data.cell(self.of.cell).game.bounds();
        let absent = || Trouble::Missing("the bound is not there".to_owned());
        let theory = bounds.get(self.bound).ok_or_else(absent)?;
        Ok(bound(series, &curve, theory, data.confidence(self.alpha)))
    }
}
