//! The ledger of portfolio selection.

mod account;
mod comparator;
mod costs;

pub use costs::{Convention, Costs};

use account::Account;
use comparator::Comparator;

use crate::environment::{Block, Quantity};
use crate::math;
use crate::notion::{
    ANNUALISED_RETURN, BCRP_GAP, BCRP_WEIGHTS, BEST_ASSET_REGRET, CALMAR_RATIO, DRAWDOWN,
    LOG_WEALTH, LOG_WEALTH_REGRET, MAX_DRAWDOWN, Notion, SHARPE_RATIO, SHARPE_RATIO_OLPS,
    SIDE_REGRET, SORTINO_RATIO, TURNOVER, VOLATILITY, WEALTH, WEIGHTS,
};
use crate::protocol::{Scalars, Vectors};
use crate::protocols::portfolio::MarketShape;

/// Keeps wealth and every regret of the portfolio protocol for a block of lanes.
///
/// The history of price relatives is kept whole, once for all lanes if they see the same market,
/// and only if a comparator is recorded: 8 m bytes a round.
#[derive(Clone, Debug)]
pub struct PortfolioLedger {
    lanes: usize,
    costs: Costs,
    keeps_holdings: bool,
    accounts: Vec<Account>,
    /// One for all lanes, or one for each; none if nothing is compared.
    comparators: Vec<Comparator>,
    /// Σ ln x, `[asset][lane]`.
    assets: Vec<f64>,
    keeps_assets: bool,
    played: Vectors,
    /// Room for one lane's portfolio and price relatives.
    portfolio: Vec<f64>,
    relatives: Vec<f64>,
}

impl PortfolioLedger {
    /// The notions that it keeps, the default first; that of side information where there is any.
    pub fn notions(states: usize) -> Vec<Notion> {
        let mut notions = vec![LOG_WEALTH_REGRET];
        if states > 1 {
            notions.push(SIDE_REGRET);
        }
        notions.extend([
            BEST_ASSET_REGRET,
            LOG_WEALTH,
            WEALTH,
            ANNUALISED_RETURN,
            VOLATILITY,
            SHARPE_RATIO,
            SHARPE_RATIO_OLPS,
            SORTINO_RATIO,
            CALMAR_RATIO,
            DRAWDOWN,
            MAX_DRAWDOWN,
            TURNOVER,
            WEIGHTS,
            BCRP_WEIGHTS,
            BCRP_GAP,
        ]);
        notions
    }

    /// The components of a notion that it keeps.
    pub fn components(assets: usize, notion: Notion) -> u32 {
        if [WEIGHTS, BCRP_WEIGHTS].contains(&notion) { assets as u32 } else { 0 }
    }

    /// An empty ledger; `shared` if every lane sees the same market.
    pub fn new(shape: MarketShape, block: &Block, costs: Costs, shared: bool) -> Self {
        let (assets, lanes) = (shape.assets, block.lanes());
        let keeps = |notions: &[Notion]| notions.iter().any(|&notion| block.records(notion));
        let compares = keeps(&[LOG_WEALTH_REGRET, SIDE_REGRET, BCRP_WEIGHTS, BCRP_GAP]);
        let states = if keeps(&[SIDE_REGRET]) { shape.states } else { 1 };
        let comparators = if !compares {
            0
        } else if shared {
            1
        } else {
            lanes
        };
        Self {
            lanes,
            costs,
            keeps_holdings: costs.rate > 0.0 || keeps(&[TURNOVER]),
            accounts: vec![Account::new(assets); lanes],
            comparators: vec![Comparator::new(assets, states); comparators],
            assets: vec![0.0; assets * lanes],
            keeps_assets: keeps(&[BEST_ASSET_REGRET]),
            played: Vectors::new(assets, lanes),
            portfolio: vec![0.0; assets],
            relatives: vec![0.0; assets],
        }
    }

    /// Enters a round: the side information shown, what was played, the price relatives.
    pub fn round(&mut self, states: &Scalars<usize>, actions: &Vectors, relatives: &Vectors) {
        self.played.values.copy_from_slice(&actions.values);
        if self.keeps_assets {
            for (sum, x) in self.assets.iter_mut().zip(&relatives.values) {
                *sum += math::ln(*x);
            }
        }
        for lane in 0..self.lanes {
            gather(actions, lane, &mut self.portfolio);
            gather(relatives, lane, &mut self.relatives);
            let account = &mut self.accounts[lane];
            account.round(&self.portfolio, &self.relatives, self.costs, self.keeps_holdings);
            if let Some(comparator) = self.comparators.get_mut(lane) {
                comparator.enter(states.0[lane], &self.relatives);
            }
        }
    }

    /// Writes a quantity after round `t`, one value for each lane.
    pub fn record(&mut self, t: u64, quantity: Quantity, values: &mut [f64]) {
        let notion = quantity.notion;
        let asset = quantity.component.unwrap_or_default() as usize;
        self.comparators.iter_mut().for_each(|comparator| comparator.solve(notion));
        for (lane, value) in values.iter_mut().enumerate() {
            let account = &self.accounts[lane];
            let comparator = self.comparators.get(lane.min(self.comparators.len().max(1) - 1));
            *value = if notion == WEIGHTS {
                self.played.values[asset * self.lanes + lane]
            } else if notion == BEST_ASSET_REGRET {
                let sums = self.assets.iter().skip(lane).step_by(self.lanes);
                sums.copied().fold(f64::NEG_INFINITY, f64::max) - account.log_wealth()
            } else if let Some(value) = account.value(t, notion) {
                value
            } else {
                comparator.map_or(f64::NAN, |comparator| {
                    comparator.value(notion, asset, account.log_wealth())
                })
            };
        }
    }
}

/// One lane's vector.
#[inline]
fn gather(vectors: &Vectors, lane: usize, out: &mut [f64]) {
    if vectors.lanes == 1 {
        out.copy_from_slice(&vectors.values);
    } else {
        let values = vectors.values.iter().skip(lane).step_by(vectors.lanes);
        out.iter_mut().zip(values).for_each(|(out, value)| *out = *value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lanes: u64) -> Block {
        let notions = PortfolioLedger::notions(2);
        Block { seed: 1, replications: 0..lanes, horizon: 4, notions }
    }

    fn value(ledger: &mut PortfolioLedger, t: u64, notion: Notion, component: Option<u32>) -> f64 {
        let mut values = vec![f64::NAN; ledger.lanes];
        ledger.record(t, Quantity { notion, component }, &mut values);
        *values.last().expect("a lane")
    }

    fn close(found: f64, known: f64) {
        assert!((found - known).abs() < 1e-9, "{found} is not {known}");
    }

    /// Two rounds of halves on (1, 2), (1, ½): factors 3/2 and 3/4.
    #[test]
    fn every_notion_by_hand() {
        for lanes in [1, 3] {
            let shape = MarketShape { assets: 2, states: 2 };
            let mut ledger =
                PortfolioLedger::new(shape, &block(lanes as u64), Costs::default(), true);
            let vectors = |a: f64, b: f64| Vectors {
                values: [vec![a; lanes], vec![b; lanes]].concat(),
                lanes,
            };
            ledger.round(&Scalars(vec![0; lanes]), &vectors(0.5, 0.5), &vectors(1.0, 2.0));
            ledger.round(&Scalars(vec![1; lanes]), &vectors(0.5, 0.5), &vectors(1.0, 0.5));
            let mut known = |notion, number| close(value(&mut ledger, 2, notion, None), number);
            known(LOG_WEALTH, 1.125f64.ln());
            known(WEALTH, 1.125);
            known(LOG_WEALTH_REGRET, 0.0);
            known(BCRP_GAP, 0.0);
            known(BEST_ASSET_REGRET, -1.125f64.ln());
            // By state: all on the second, then all on the first.
            known(SIDE_REGRET, 2f64.ln() - 1.125f64.ln());
            // Returns ½ and −¼: mean 1/8, deviation 3/(4√2); downside √(1/32).
            let deviation = 0.75 / 2f64.sqrt();
            known(VOLATILITY, deviation * 252f64.sqrt());
            known(SHARPE_RATIO, 0.125 / deviation * 252f64.sqrt());
            known(SHARPE_RATIO_OLPS, (0.125 - 0.04) / (deviation * 252f64.sqrt()));
            known(SORTINO_RATIO, 0.125 / (1.0 / 32f64).sqrt() * 252f64.sqrt());
            known(DRAWDOWN, 0.25);
            known(MAX_DRAWDOWN, 0.25);
            let year = (126.0 * 1.125f64.ln()).exp() - 1.0;
            close(value(&mut ledger, 2, ANNUALISED_RETURN, None) / year, 1.0);
            close(value(&mut ledger, 2, CALMAR_RATIO, None) / (4.0 * year), 1.0);
            // Halves had become (1/3, 2/3).
            close(value(&mut ledger, 2, TURNOVER, None), 1.0 / 6.0);
            close(value(&mut ledger, 2, WEIGHTS, Some(1)), 0.5);
            close(value(&mut ledger, 2, BCRP_WEIGHTS, Some(0)), 0.5);
        }
    }

    #[test]
    fn a_comparator_does_not_depend_on_what_was_recorded_before() {
        let shape = MarketShape::new(3);
        let market = |t: u64, i: u64| 0.9 + 0.01 * ((t * 7 + i * i * 5 + t * t * i) % 21) as f64;
        let play = |every: bool| {
            let mut ledger = PortfolioLedger::new(shape, &block(1), Costs::default(), false);
            let actions = Vectors { values: vec![0.2, 0.3, 0.5], lanes: 1 };
            for t in 1..=90 {
                let values = (0..3).map(|i| market(t, i)).collect();
                ledger.round(&Scalars(vec![0]), &actions, &Vectors { values, lanes: 1 });
                if every {
                    value(&mut ledger, t, LOG_WEALTH_REGRET, None);
                }
            }
            assert!(value(&mut ledger, 90, BCRP_GAP, None) <= 1e-10);
            value(&mut ledger, 90, LOG_WEALTH_REGRET, None).to_bits()
        };
        assert_eq!(play(true), play(false));
    }
}
