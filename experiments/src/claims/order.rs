//! `below` and `ordering`: one mean is below another, or several are in order.

use regret_results::claims::{Direction, Judgement, below, ordering};
use serde_json::json;

use super::data::{Data, Measured, Trouble};
use super::fields::{Fields, level};
use super::keys::{AT, COMPONENT, NOTION, OF, P};
use super::{Claim, Key, Kind, Test, learner};
use crate::spec::source::Problem;
use crate::spec::tree::{Kind as Shape, Node};

/// The kinds.
pub(super) const BELOW: Kind = Kind {
    name: "below",
    summary: "the mean of one learner is below that of another",
    keys: &[OF, Key { name: "than", schema: learner, required: true }, NOTION, COMPONENT, AT, P],
    read: read_below,
};
pub(super) const ORDERING: Kind = Kind {
    name: "ordering",
    summary: "the means of the learners of a list increase along it",
    keys: &[
        Key {
            name: "of",
            schema: || json!({"type": "array", "minItems": 2, "items": learner()}),
            required: true,
        },
        NOTION,
        COMPONENT,
        AT,
        P,
    ],
    read: read_ordering,
};

struct Below {
    of: Measured,
    than: Measured,
    p: f64,
}

fn read_below(fields: &Fields<'_, '_>) -> Result<Vec<Claim>, Problem> {
    let (p, quantity) = (fields.p()?, fields.quantity()?);
    let claim = |set: Vec<usize>| {
        let of = fields.measured(set[0], quantity)?;
        let than = fields.measured(set[1], quantity)?;
        let (first, second) = (fields.words(&of), fields.other(&of, &than));
        Ok(Claim::new(
            format!("{first} below that of {second} ({})", level(p)),
            set,
            Below { of, than, p },
        ))
    };
    fields.together(&[fields.need("of")?, fields.need("than")?])?.into_iter().map(claim).collect()
}

impl Test for Below {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let (of, than) = (data.sample(&self.of)?, data.sample(&self.than)?);
        Ok(below(&of, &than, self.p, data.sampling())?)
    }
}

/// Means that go in a direction along a list of cells, each with a name.
pub(super) struct Ordered {
    pub(super) steps: Vec<(String, Measured)>,
    pub(super) direction: Direction,
    pub(super) p: f64,
}

fn read_ordering(fields: &Fields<'_, '_>) -> Result<Vec<Claim>, Problem> {
    let (p, quantity) = (fields.p()?, fields.quantity()?);
    let list = fields.need("of")?;
    let items: Vec<&Node> = match &list.kind {
        Shape::List(items) if items.len() >= 2 => items.iter().collect(),
        _ => {
            let message = "`of` must be a list of at least two learners";
            return Err(Problem::new(&list.span, message));
        }
    };
    let claim = |set: Vec<usize>| {
        let named = |&cell: &usize| {
            let measured = fields.measured(cell, quantity)?;
            Ok((fields.world.learner(cell).to_owned(), measured))
        };
        let steps = set.iter().map(named).collect::<Result<Vec<_>, Problem>>()?;
        let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
        let (what, place) = (fields.what(&steps[0].1), fields.world.place(set[0]));
        Ok(Claim::new(
            format!("{what} on {place}: {} ({})", names.join(" < "), level(p)),
            set,
            Ordered { steps, direction: Direction::Increasing, p },
        ))
    };
    fields.together(&items)?.into_iter().map(claim).collect()
}

impl Test for Ordered {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let mut samples = Vec::new();
        for (name, measured) in &self.steps {
            samples.push((name.clone(), data.sample(measured)?));
        }
        let views: Vec<(String, &[f64])> =
            samples.iter().map(|(name, sample)| (name.clone(), sample.as_slice())).collect();
        Ok(ordering(&views, self.direction, self.p, data.sampling())?)
    }
}
