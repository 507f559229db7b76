//! `value`: the mean of a quantity lies within limits.

use regret_results::claims::{Judgement, Limits, value};
use regret_results::statistics::sequence::known_range;

use super::data::{Data, Measured, Trouble};
use super::fields::Fields;
use super::keys::{AT, AT_LEAST, AT_MOST, BETWEEN, COMPONENT, CONFIDENCE, NOTION, OF};
use super::{Claim, Kind, Test};
use crate::spec::source::Problem;

/// The kind.
pub(super) const VALUE: Kind = Kind {
    name: "value",
    summary: "the mean of a recorded quantity lies within limits",
    keys: &[OF, NOTION, COMPONENT, AT, AT_MOST, AT_LEAST, BETWEEN, CONFIDENCE],
    read,
};

struct Value {
    of: Measured,
    limits: Limits,
    alpha: f64,
}

fn read(fields: &Fields<'_, '_>) -> Result<Vec<Claim>, Problem> {
    let (limits, alpha, quantity) = (fields.limits()?, fields.alpha()?, fields.quantity()?);
    let claim = |cell| {
        let of = fields.measured(cell, quantity)?;
        Ok(Claim::new(
            format!("{}: {limits}", fields.words(&of)),
            vec![cell],
            Value { of, limits, alpha },
        ))
    };
    fields.cells("of")?.into_iter().map(claim).collect()
}

impl Test for Value {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let sample = data.sample(&self.of)?;
        let range = known_range(self.of.notion, self.of.t);
        Ok(value(&sample, range, self.limits, data.confidence(self.alpha))?)
    }
}
