//! Portfolio selection: put one's wealth on m assets, see by what each is multiplied.

use super::experts::check_distributions;
use crate::learner::Setting;
use crate::protocol::{ActionProblem, NoSums, Protocol, Scalars, Vectors};

/// In every round the learner, shown a state of side information, divides its wealth among m assets
/// and then sees their price relatives: what a unit of money in each has become.
///
/// Wealth is kept as its logarithm. Costs, if there are any, are the environment's to charge: they
/// depend on what the portfolio of the round before has become.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio;

/// The sizes of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketShape {
    /// The number of assets, m ≥ 1.
    pub assets: usize,
    /// The number of states of side information, at least 1; states count from 0.
    pub states: usize,
}

/// What theory's bounds depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarketFacts {
    /// A lower bound, over all rounds, on the least price relative by the greatest of the same
    /// round, if one is known and positive. Regret does not depend on the scale of a round.
    pub least_ratio: Option<f64>,
    /// Whether rebalancing costs something.
    pub costs: bool,
}

impl Protocol for Portfolio {
    const NAME: &'static str = "portfolio";
    const SUMMARY: &'static str = "divide one's wealth among m assets, see their price relatives";

    type Shape = MarketShape;
    type Instance = MarketFacts;
    /// The state of the side information.
    type Contexts = Scalars<usize>;
    /// The share of wealth in each asset.
    type Actions = Vectors;
    /// The price relatives, all positive.
    type Feedbacks = Vectors;
    type Sums = NoSums;

    fn contexts(_: &MarketShape, lanes: usize) -> Scalars<usize> {
        Scalars(vec![0; lanes])
    }

    fn actions(shape: &MarketShape, lanes: usize) -> Vectors {
        Vectors::new(shape.assets, lanes)
    }

    fn feedbacks(shape: &MarketShape, lanes: usize) -> Vectors {
        Vectors::new(shape.assets, lanes)
    }

    #[inline]
    fn check(
        _: &MarketShape,
        _: &Scalars<usize>,
        actions: &Vectors,
    ) -> Result<(), (usize, ActionProblem)> {
        check_distributions(actions)
    }
}

impl MarketShape {
    /// A market without side information.
    pub const fn new(assets: usize) -> Self {
        Self { assets, states: 1 }
    }
}

impl Setting<Portfolio> {
    /// The number of assets, m.
    pub fn assets(&self) -> usize {
        self.shape.assets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_portfolios_pass() {
        let check = |values: Vec<f64>| {
            let actions = Vectors { values, lanes: 1 };
            Portfolio::check(&MarketShape::new(2), &Scalars(vec![0]), &actions)
        };
        assert_eq!(check(vec![0.25, 0.75]), Ok(()));
        assert!(check(vec![1.25, -0.25]).is_err());
        assert!(check(vec![0.5, 0.4]).is_err());
    }
}
