//! The ledger of an assortment.

use crate::environment::{Block, Quantity};
use crate::mnl::TIE;
use crate::notion::{
    self, Notion, OFFERS, OPTIMAL_OFFERS, REALISED_REVENUE_REGRET, REVENUE_REGRET, SWITCHES,
};

/// What was offered in a round, and what it is worth.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// The set.
    pub set: &'a [usize],
    /// Its expected revenue.
    pub revenue: f64,
    /// The greatest expected revenue of a feasible set.
    pub best: f64,
}

/// Keeps every regret of the assortment protocol for a block of lanes.
///
/// Rounds are entered one by one or by runs in which the set and its worth stay; the numbers are
/// the same, because rounds of one gap are counted and multiplied.
#[derive(Clone, Debug)]
pub struct AssortmentLedger {
    keeps_sets: bool,
    keeps_sales: bool,
    gaps: Vec<Steady>,
    best: Vec<Steady>,
    received: Vec<f64>,
    optimal: Vec<f64>,
    switches: Vec<f64>,
    /// Rounds in which each item was offered, `[lane][item]`.
    offers: Vec<f64>,
    items: usize,
    previous: Vec<Vec<usize>>,
}

/// A sum of numbers of which long stretches are equal.
#[derive(Clone, Copy, Debug, Default)]
struct Steady {
    settled: f64,
    value: f64,
    count: f64,
}

impl Steady {
    #[inline]
    fn add(&mut self, value: f64, count: f64) {
        if value.to_bits() == self.value.to_bits() {
            self.count += count;
        } else {
            *self = Self { settled: self.sum(), value, count };
        }
    }

    fn sum(&self) -> f64 {
        self.settled + self.value * self.count
    }
}

impl AssortmentLedger {
    /// The notions that it keeps, the default first.
    pub const NOTIONS: [Notion; 5] =
        [REVENUE_REGRET, REALISED_REVENUE_REGRET, OPTIMAL_OFFERS, SWITCHES, OFFERS];

    /// An empty ledger for sets of at most `capacity` of `items` items.
    pub fn new(items: usize, capacity: usize, block: &Block) -> Self {
        let lanes = block.lanes();
        let keeps_sets = block.records(SWITCHES) || block.records(OFFERS);
        Self {
            keeps_sets,
            keeps_sales: block.records(REALISED_REVENUE_REGRET),
            gaps: vec![Steady::default(); lanes],
            best: vec![Steady::default(); lanes],
            received: vec![0.0; lanes],
            optimal: vec![0.0; lanes],
            switches: vec![0.0; lanes],
            offers: vec![0.0; if keeps_sets { lanes * items } else { 0 }],
            items,
            previous: vec![Vec::with_capacity(capacity); lanes],
        }
    }

    /// Number of components of a notion: one for each item in [`OFFERS`].
    pub fn components(notion: Notion, items: usize) -> u32 {
        if notion == OFFERS { items as u32 } else { 0 }
    }

    /// Whether [`AssortmentLedger::sale`] must be called for every sale.
    pub fn needs_sales(&self) -> bool {
        self.keeps_sales
    }

    /// Enters `rounds` rounds of a lane in which one set was offered and was worth the same.
    #[inline]
    pub fn offer(&mut self, lane: usize, offered: Offered<'_>, rounds: u64) {
        let Offered { set, revenue, best } = offered;
        let rounds = rounds as f64;
        // No set is better than the best one; what is left is rounding.
        self.gaps[lane].add((best - revenue).max(0.0), rounds);
        self.best[lane].add(best, rounds);
        if revenue >= best * (1.0 - TIE) {
            self.optimal[lane] += rounds;
        }
        if self.keeps_sets {
            for &item in set {
                self.offers[lane * self.items + item] += rounds;
            }
            let previous = &mut self.previous[lane];
            if previous != set {
                self.switches[lane] += f64::from(u8::from(!previous.is_empty()));
                previous.clear();
                previous.extend_from_slice(set);
            }
        }
    }

    /// Enters the revenue of an item that was bought.
    #[inline]
    pub fn sale(&mut self, lane: usize, revenue: f64) {
        self.received[lane] += revenue;
    }

    /// Writes a quantity, one value for each lane.
    pub fn record(&self, quantity: Quantity, values: &mut [f64]) {
        let key = quantity.notion.key;
        let item = quantity.component.unwrap_or_default() as usize;
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if key == REVENUE_REGRET.key {
                self.gaps[lane].sum()
            } else if key == REALISED_REVENUE_REGRET.key {
                self.best[lane].sum() - self.received[lane]
            } else if key == OPTIMAL_OFFERS.key {
                self.optimal[lane]
            } else if key == notion::SWITCHES.key {
                self.switches[lane]
            } else {
                self.offers[lane * self.items + item]
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notion_by_hand() {
        let notions = AssortmentLedger::NOTIONS.to_vec();
        let block = Block { seed: 1, replications: 0..2, horizon: 9, notions };
        let mut ledger = AssortmentLedger::new(3, 2, &block);
        // Lane 1: {0} twice and {0, 2} thrice for a best revenue of 0.5, then {0, 2} for 0.75.
        ledger.offer(1, Offered { set: &[0], revenue: 0.25, best: 0.5 }, 2);
        ledger.sale(1, 0.5);
        ledger.offer(1, Offered { set: &[0, 2], revenue: 0.5, best: 0.5 }, 1);
        ledger.offer(1, Offered { set: &[0, 2], revenue: 0.5, best: 0.5 }, 2);
        ledger.sale(1, 0.75);
        ledger.offer(1, Offered { set: &[0, 2], revenue: 0.625, best: 0.75 }, 1);
        let value = |notion, component| {
            let mut values = [f64::NAN; 2];
            ledger.record(Quantity { notion, component }, &mut values);
            assert_eq!(values[0], 0.0);
            values[1]
        };
        assert_eq!(value(REVENUE_REGRET, None), 0.625);
        assert_eq!(value(REALISED_REVENUE_REGRET, None), 5.0 * 0.5 + 0.75 - 1.25);
        assert_eq!(value(OPTIMAL_OFFERS, None), 3.0);
        assert_eq!(value(SWITCHES, None), 1.0);
        assert_eq!(value(OFFERS, Some(0)), 6.0);
        assert_eq!(value(OFFERS, Some(1)), 0.0);
        assert_eq!(value(OFFERS, Some(2)), 4.0);
    }
}
