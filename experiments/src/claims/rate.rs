//! `exponent`, `log_slope` and `bend`: how fast a regret grows, with the rounds or along a swept
//! parameter, and where that changes.

use regret_results::claims::{Judgement, Limits, growth};
use regret_results::statistics::Sampling;
use regret_results::statistics::growth::{
    Growth, GrowthError, Tail, Window, bend, exponent, log_slope,
};
use serde_json::json;

use super::data::{Data, Measured, Trouble, series};
use super::fields::Fields;
use super::keys::{AT, AT_LEAST, AT_MOST, BETWEEN, CONFIDENCE, NOTION, OF};
use super::sweep::{Row, row_words, rows};
use super::{Claim, Key, Kind, Test};
use crate::spec::source::Problem;

const FROM: Key = Key {
    name: "from",
    schema: || json!({"type": "integer", "description": "first round of the fit; by default √T"}),
    required: false,
};
const TO: Key = Key {
    name: "to",
    schema: || json!({"type": "integer", "description": "last round of the fit; by default T"}),
    required: false,
};
const OVER: Key = Key {
    name: "over",
    schema: || {
        json!({
            "type": "string",
            "description": "a path that `sweep:` goes along, such as horizon; by default the rounds",
        })
    },
    required: false,
};
const KEYS: &[Key] = &[OF, NOTION, OVER, FROM, TO, AT, AT_MOST, AT_LEAST, BETWEEN, CONFIDENCE];

/// The kinds.
pub(super) const EXPONENT: Kind = Kind {
    name: "exponent",
    summary: "the slope of ln (mean) against ln t, or against the logarithm of a swept parameter",
    keys: KEYS,
    read: |fields| read(fields, "exponent", exponent),
};
pub(super) const LOG_SLOPE: Kind = Kind {
    name: "log_slope",
    summary: "the slope of the mean against ln t, or against the logarithm of a swept parameter",
    keys: KEYS,
    read: |fields| read(fields, "logarithmic slope", log_slope),
};

/// The kind.
pub(super) const BEND: Kind = Kind {
    name: "bend",
    summary: "where the slope of ln (mean) against ln t, or a swept parameter's logarithm, changes",
    keys: KEYS,
    read: |fields| read(fields, "bend", bend),
};

type Fit = fn(&Window<'_>, Sampling, f64) -> Result<Growth, GrowthError>;

struct Rate {
    points: Points,
    quantity: String,
    fit: Fit,
    limits: Limits,
    alpha: f64,
}

/// What the rate is fitted to.
enum Points {
    Rounds(Measured, Tail),
    Cells(Vec<(f64, Measured)>),
}

fn read(fields: &Fields<'_, '_>, word: &'static str, fit: Fit) -> Result<Vec<Claim>, Problem> {
    let (limits, alpha) = (fields.limits()?, fields.alpha()?);
    let make = |points, cells, of: String| {
        Claim::new(
            format!("{word} {of}: {limits}"),
            cells,
            Rate { points, quantity: word.to_owned(), fit, limits, alpha },
        )
    };
    let (cells, quantity) = (fields.cells("of")?, fields.quantity()?);
    let Some(path) = fields.text("over")? else {
        let tail = tail(fields)?;
        let claim = |cell| {
            let of = fields.measured(cell, quantity)?;
            let checkpoints = &fields.world.cell(cell).plan.checkpoints;
            check_window(fields, checkpoints, tail)?;
            let words = format!("in t of the {}", fields.words(&of));
            Ok(make(Points::Rounds(of, tail), vec![cell], words))
        };
        return cells.into_iter().map(claim).collect();
    };
    if let Some(node) = fields.get("from").or(fields.get("to")) {
        let message = "`from` and `to` are rounds: they do not go with `over`";
        return Err(Problem::new(&node.span, message));
    }
    let claim = |row: Row| {
        if row.points[0].0 <= 0.0 {
            return Err(fields.problem(format!("`{path}` must be above 0 for a logarithm")));
        }
        let point = |&(x, cell): &(f64, usize)| Ok((x, fields.measured(cell, quantity)?));
        let points = row.points.iter().map(point).collect::<Result<Vec<_>, Problem>>()?;
        let cells = row.points.iter().map(|&(_, cell)| cell).collect();
        let (learner, environment) = row_words(fields, points[0].1.cell);
        let (first, last) = (points[0].0, points[points.len() - 1].0);
        let what = fields.what(&points[0].1);
        let words =
            format!("in {path} ({first} to {last}) of the {what} of {learner} on {environment}");
        Ok(make(Points::Cells(points), cells, words))
    };
    rows(fields, "over", &cells)?.into_iter().map(claim).collect()
}

fn tail(fields: &Fields<'_, '_>) -> Result<Tail, Problem> {
    if let Some(node) = fields.get("at") {
        return Err(Problem::new(&node.span, "`at` goes with `over`; rounds have `from` and `to`"));
    }
    Ok(Tail { from: fields.whole("from")?, to: fields.whole("to")? })
}

/// Refuses a window with fewer than two checkpoints.
fn check_window(fields: &Fields<'_, '_>, checkpoints: &[u64], tail: Tail) -> Result<(), Problem> {
    let horizon = checkpoints.last().copied().unwrap_or(0);
    let from = tail.from.map_or((horizon as f64).sqrt(), |from| from as f64);
    let to = tail.to.unwrap_or(horizon);
    let inside = checkpoints.iter().filter(|&&t| from <= t as f64 && t <= to).count();
    if inside >= 2 {
        return Ok(());
    }
    let message = format!("{inside} checkpoints lie between rounds {from} and {to}; a fit needs 2");
    Err(fields.problem(message).help("widen `from` and `to`, or raise `checkpoints`"))
}

impl Test for Rate {
    fn judge(&self, data: &mut Data<'_>) -> Result<Judgement, Trouble> {
        let rate = match &self.points {
            Points::Rounds(of, tail) => {
                let record = data.record(of.cell)?;
                let (series, count) = (series(&record, of)?, record.replication_count());
                let window = Window::of(series, &record.checkpoints, count, *tail)?;
                (self.fit)(&window, data.sampling(), self.alpha)?
            }
            Points::Cells(points) => {
                let mut samples = Vec::new();
                for (x, measured) in points {
                    samples.push((*x, data.sample(measured)?));
                }
                let views = samples.iter().map(|(x, sample)| (*x, sample.as_slice())).collect();
                (self.fit)(&Window::new(views)?, data.sampling(), self.alpha)?
            }
        };
        Ok(growth(&self.quantity, &rate, self.limits, data.confidence(self.alpha)))
    }
}
