//! Claims: what an experiment should show, judged by what it measured.
//!
//! Each kind of claim is a function from data (values of all replications) to a [`Judgement`].
//! [`Verdict::Pass`] and [`Verdict::Fail`] are both statements with the confidence asked for;
//! whatever lies between is [`Verdict::Undecided`], with the number of replications that would
//! decide if means and deviations stay as they are.

mod bound;
mod limits;
mod mean;
mod order;
mod ratio;

pub use bound::bound;
pub use limits::{Estimate, Limits};
pub use mean::{difference, value};
pub use order::{Direction, below, ordering};
pub use ratio::ratio;

use serde::{Deserialize, Serialize};

use crate::statistics::Sampling;
use crate::statistics::growth::Growth;

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// It holds, with the confidence asked for.
    Pass,
    /// It does not hold, with the confidence asked for.
    Fail,
    /// The data do not tell.
    Undecided,
}

impl Verdict {
    /// The word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Undecided => "UNDECIDED",
        }
    }
}

/// How sure a verdict must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// How the number of replications was chosen.
    pub sampling: Sampling,
    /// Probability of a wrong verdict, in (0, 1): intervals have coverage 1 − alpha.
    pub alpha: f64,
}

impl Confidence {
    /// The coverage of intervals.
    pub fn coverage(self) -> f64 {
        1.0 - self.alpha
    }
}

/// A claim's verdict with the figures behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What was measured, such as "mean" or "exponent".
    pub quantity: String,
    /// The figure measured; `None` if there is none.
    pub measured: Option<f64>,
    /// Its interval; `None` if it is the whole line.
    pub interval: Option<(f64, f64)>,
    /// The interval's coverage.
    pub coverage: f64,
    /// The p-value, for claims that have one.
    pub p: Option<f64>,
    /// Number of replications.
    pub replications: usize,
    /// About how many replications would decide, if it is undecided and some number would.
    pub needed: Option<u64>,
    /// What else the reader should know.
    pub note: Option<String>,
}

impl Judgement {
    /// Undecided for want of data.
    pub fn without_data(quantity: &str, confidence: Confidence, why: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Undecided,
            quantity: quantity.to_owned(),
            measured: None,
            interval: None,
            coverage: confidence.coverage(),
            p: None,
            replications: 0,
            needed: None,
            note: Some(why.into()),
        }
    }
}

/// A claim with its judgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The claim in words.
    pub claim: String,
    /// What somebody states that it puts to the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<String>,
    /// Where that is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The hashes of the cells that it speaks of.
    pub cells: Vec<String>,
    /// What came of it.
    #[serde(flatten)]
    pub judgement: Judgement,
}

impl Judged {
    /// What is stated and where, such as `regret grows like ln T (Theorem 1)`.
    pub fn stated(&self) -> Option<String> {
        match (&self.states, &self.source) {
            (Some(states), Some(source)) => Some(format!("{states} ({source})")),
            (states, source) => states.clone().or_else(|| source.clone()),
        }
    }
}

/// Judges a growth rate, called `quantity`, by limits.
pub fn growth(
    quantity: &str,
    growth: &Growth,
    limits: Limits,
    confidence: Confidence,
) -> Judgement {
    let deviation = growth.standard_error.map(|error| error * (growth.count as f64).sqrt());
    let estimate = Estimate {
        quantity,
        measured: growth.rate,
        interval: growth.interval,
        deviation,
        count: growth.count,
    };
    estimate.judge(limits, confidence)
}
