//! Theory's bounds as data, so that figures draw them and tests hold algorithms to them.

use std::fmt;

use crate::notion::Notion;

/// A bound on a regret as a function of the round.
pub struct Bound {
    /// Which regret it bounds, in expectation unless [`Bound::conditions`] says otherwise.
    pub notion: Notion,
    /// The formula, in the words of the field, such as `√(2 T K ln K)`.
    pub statement: String,
    /// Paper and number of the theorem.
    pub source: &'static str,
    /// When it holds, such as "rewards in [0, 1], oblivious adversary".
    pub conditions: &'static str,
    /// Whether regret lies above it (a lower bound) or below.
    pub side: Side,
    /// Its value at round `t`.
    pub curve: Box<dyn Fn(f64) -> f64 + Send + Sync>,
}

/// On which side of a bound the regret lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The regret is at most the bound in every round.
    Upper,
    /// The regret is at least the bound in every round.
    Lower,
    /// The regret's slope in `ln t` is eventually at least the bound's: curves may lie below it at
    /// finite t.
    AsymptoticLower,
    /// The regret's slope in `ln t` is eventually at most the bound's: curves may lie above it at
    /// finite t.
    AsymptoticUpper,
}

impl Bound {
    /// An upper bound.
    pub fn upper(
        notion: Notion,
        statement: impl Into<String>,
        source: &'static str,
        conditions: &'static str,
        curve: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let statement = statement.into();
        Self { notion, statement, source, conditions, side: Side::Upper, curve: Box::new(curve) }
    }

    /// The same bound as a lower one.
    #[must_use]
    pub fn on(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// Its value at round `t`.
    pub fn at(&self, t: u64) -> f64 {
        (self.curve)(t as f64)
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("notion", &self.notion.key)
            .field("statement", &self.statement)
            .field("source", &self.source)
            .field("side", &self.side)
            .finish_non_exhaustive()
    }
}
