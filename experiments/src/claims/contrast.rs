//! `difference` and `ratio`: two means, paired by replication, differ by so much or are in such a
//! ratio.

use regret_results::claims::{Confidence, Judgement, Limits, difference, ratio};
use regret_results::statistics::StatisticsError;

use super::data::{Data, Measured, Trouble};
use super::fields::Fields;
use super::keys::{AT, AT_LEAST, AT_MOST, BETWEEN, COMPONENT, CONFIDENCE, NOTION, OF};
use super::{Claim, Key, Kind, Test, learner};
use crate::spec::source::Problem;

const TO: Key = Key { name: "to", schema: learner, required: true };
const KEYS: &[Key] = &[OF, TO, NOTION, COMPONENT, AT, AT_MOST, AT_LEAST, BETWEEN, CONFIDENCE];

/// The kinds.
pub(super) const DIFFERENCE: Kind = Kind {
    name: "difference",
    summary: "the mean of one learner minus that of another lies within limits",
    keys: KEYS,
    read: |fields| read(fields, "minus that of", difference),
};
pub(super) const RATIO: Kind = Kind {
    name: "ratio",
    summary: "the mean of one learner divided by that of another lies within limits",
    keys: KEYS,
    read: |fields| read(fields, "over that of", ratio),
};

type Judge = fn(&[f64], &[f64], Limits, Confidence) -> Result<Judgement, StatisticsError>;

struct Contrast {
    of: Measured,
    to: Measured,
    limits: Limits,
    alpha: f64,
    judge: Judge,
}

fn read(fields: &Fields<'_, '_>, between: &str, judge: Judge) -> Result<Vec<Claim>, Problem> {
    let (limits, alpha, quantity) = (fields.limits()?, fields.alpha()?, fields.quantity()?);
    let claim = |set: Vec<usize>| {
        let of = fields.measured(set[0], quantity)?;
        let to = fields.measured(set[1], quantity)?;
        Ok(Claim::new(
            format!("{} {between} {}: {limits}", fields.words(&of), fields.other(&of, &to)),
            set,
            Contrast { of, to, limits, alpha, judge },
        ))
    };
    fields.together(&[fields.need("of")?, fields.need("to")?])?.into_iter().map(claim).collect()
}

impl Test for Contrast {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let (of, to) = (data.sample(&self.of)?, data.sample(&self.to)?);
        Ok((self.judge)(&of, &to, self.limits, data.confidence(self.alpha))?)
    }
}
