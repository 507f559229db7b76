//! Markets: price relatives for each (replication, round, asset), whatever is played.

use regret_engine::environment::{Block, Environment, Problem, Quantity};
use regret_engine::ledgers::{Costs, PortfolioLedger};
use regret_engine::notion::Notion;
use regret_engine::protocol::{Scalars, Vectors};
use regret_engine::protocols::Portfolio;
use regret_engine::protocols::portfolio::{MarketFacts, MarketShape};
use regret_engine::registry::{Faces, ParameterError};

/// The protocols that a market offers.
pub const PROTOCOLS: &[&str] = &["portfolio"];

/// A market, validated.
pub trait MarketModel: Clone + Send + Sync + 'static {
    /// What plays it.
    type Process: MarketProcess + 'static;

    /// The number of assets and of states of side information.
    fn shape(&self) -> MarketShape;

    /// A lower bound on the least by the greatest relative of a round, as in [`MarketFacts`].
    fn least_ratio(&self) -> Option<f64> {
        None
    }

    /// Whether every replication sees the same.
    fn is_shared(&self) -> bool {
        false
    }

    /// The longest horizon that can be played, if there is one.
    fn longest_horizon(&self) -> Option<u64> {
        None
    }

    /// The market of a block of lanes, before round 1.
    fn process(&self, block: &Block) -> Self::Process;
}

/// A market in play. Calls come once for every round, in order.
pub trait MarketProcess: Send {
    /// The states of side information of round `t`, `[lane]`; all 0 by default.
    fn states(&mut self, t: u64, states: &mut [usize]) {
        let _ = (t, states);
    }

    /// The price relatives of round `t`, all positive, `[asset][lane]`.
    fn relatives(&mut self, t: u64, relatives: &mut [f64]);
}

/// The market as an environment of the portfolio protocol.
pub fn faces(model: impl MarketModel, costs: Costs) -> Faces {
    Faces::new().with::<Portfolio>(Market { model, costs })
}

/// A number of assets: at least 1 and at most 4096.
///
/// # Errors
/// The number and the rule.
pub fn asset_count(assets: usize, path: &str) -> Result<(), ParameterError> {
    ParameterError::unless((1..=4096).contains(&assets), path, assets, "must be from 1 to 4096")
}

struct Market<M> {
    model: M,
    costs: Costs,
}

impl<M: MarketModel> Problem<Portfolio> for Market<M> {
    fn shape(&self) -> MarketShape {
        self.model.shape()
    }

    fn instance(&self, _: u64) -> MarketFacts {
        MarketFacts { least_ratio: self.model.least_ratio(), costs: self.costs.rate > 0.0 }
    }

    fn notions(&self) -> Vec<Notion> {
        PortfolioLedger::notions(self.model.shape().states)
    }

    fn components(&self, notion: Notion) -> u32 {
        PortfolioLedger::components(self.model.shape().assets, notion)
    }

    fn longest_horizon(&self) -> Option<u64> {
        self.model.longest_horizon()
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Portfolio>> {
        let shape = self.model.shape();
        Box::new(Played {
            process: self.model.process(block),
            states: Scalars(vec![0; block.lanes()]),
            ledger: PortfolioLedger::new(shape, block, self.costs, self.model.is_shared()),
        })
    }
}

struct Played<X> {
    process: X,
    /// The states shown in the round.
    states: Scalars<usize>,
    ledger: PortfolioLedger,
}

impl<X: MarketProcess> Environment<Portfolio> for Played<X> {
    fn observe(&mut self, t: u64, contexts: &mut Scalars<usize>) {
        self.process.states(t, &mut self.states.0);
        contexts.0.copy_from_slice(&self.states.0);
    }

    fn respond(&mut self, t: u64, actions: &Vectors, feedbacks: &mut Vectors) {
        self.process.relatives(t, &mut feedbacks.values);
        self.ledger.round(&self.states, actions, feedbacks);
    }

    fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(t, quantity, values);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The first rounds of a market in some lanes, `[round][asset][lane]`; they are positive, and a
    /// lane alone sees what it sees in company.
    pub(crate) fn assert_market(model: &impl MarketModel, rounds: u64) -> Vec<Vec<f64>> {
        let assets = model.shape().assets;
        let block =
            |replications| Block { seed: 5, replications, horizon: rounds, notions: vec![] };
        let (mut all, mut alone) = (model.process(&block(0..3)), model.process(&block(2..3)));
        let play = |t| {
            let (mut relatives, mut last) = (vec![f64::NAN; 3 * assets], vec![f64::NAN; assets]);
            all.relatives(t, &mut relatives);
            alone.relatives(t, &mut last);
            assert!(relatives.iter().all(|x| *x > 0.0 && x.is_finite()), "{relatives:?}");
            assert!(last.iter().zip(relatives.iter().skip(2).step_by(3)).all(|(a, b)| a == b));
            relatives
        };
        (1..=rounds).map(play).collect()
    }
}
