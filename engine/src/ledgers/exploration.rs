//! The ledger of pure exploration.

use super::Means;
use crate::environment::{Block, Quantity};
use crate::notion::{ERROR, NOT_GOOD, Notion, PULLS, SIMPLE_REGRET};
use crate::protocols::exploration::Choice;

/// The ε of every component of [`NOT_GOOD`]: 1/2, 1/4, …, 1/1024.
pub const LEVELS: [f64; 10] = {
    let mut levels = [0.5; 10];
    let mut component = 1;
    while component < levels.len() {
        levels[component] = levels[component - 1] / 2.0;
        component += 1;
    }
    levels
};

/// Keeps what the recommendations of a block of lanes are worth, on arms whose means stay.
#[derive(Clone, Debug)]
pub struct ExplorationLedger {
    lanes: usize,
    /// The last recommendation, `[lane]`.
    recommended: Vec<usize>,
    /// Pulls, `[arm][lane]`; empty if they are not recorded.
    pulls: Vec<f64>,
}

impl ExplorationLedger {
    /// The notions that it keeps, the default first.
    pub const NOTIONS: [Notion; 4] = [SIMPLE_REGRET, ERROR, NOT_GOOD, PULLS];

    /// An empty ledger for `arms` arms.
    pub fn new(arms: usize, block: &Block) -> Self {
        let lanes = block.lanes();
        let pulls = if block.records(PULLS) { arms * lanes } else { 0 };
        Self { lanes, recommended: vec![0; lanes], pulls: vec![0.0; pulls] }
    }

    /// The number of components of a notion, 0 for a plain number.
    pub fn components(arms: usize, notion: Notion) -> u32 {
        if notion == PULLS {
            arms as u32
        } else if notion == NOT_GOOD {
            LEVELS.len() as u32
        } else {
            0
        }
    }

    /// Enters a round.
    #[inline]
    pub fn round(&mut self, choices: &[Choice]) {
        for (recommended, choice) in self.recommended.iter_mut().zip(choices) {
            *recommended = choice.recommend;
        }
        if !self.pulls.is_empty() {
            for (lane, choice) in choices.iter().enumerate() {
                self.pulls[choice.pull * self.lanes + lane] += 1.0;
            }
        }
    }

    /// Writes a quantity after the round entered last, one value for each lane.
    pub fn record(&self, means: &Means, quantity: Quantity, values: &mut [f64]) {
        let Quantity { notion, component } = quantity;
        let component = component.unwrap_or_default() as usize;
        for (lane, value) in values.iter_mut().enumerate() {
            let gap = means.best[lane] - means.values[self.recommended[lane] * self.lanes + lane];
            *value = if notion == SIMPLE_REGRET {
                gap
            } else if notion == ERROR {
                f64::from(u8::from(gap > 0.0))
            } else if notion == NOT_GOOD {
                f64::from(u8::from(gap > LEVELS[component]))
            } else {
                self.pulls[component * self.lanes + lane]
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notion_by_hand() {
        let block = Block {
            seed: 1,
            replications: 0..2,
            horizon: 3,
            notions: ExplorationLedger::NOTIONS.to_vec(),
        };
        let mut ledger = ExplorationLedger::new(3, &block);
        // Three arms in two lanes: the best are arm 1 with 0.75 and arm 0 with 1.
        let means = Means::new(vec![0.5, 1.0, 0.75, 0.25, 0.0, 0.875], 2);
        let choice = |pull, recommend| Choice { pull, recommend };
        ledger.round(&[choice(0, 2), choice(1, 1)]);
        ledger.round(&[choice(2, 1), choice(1, 2)]);
        let value = |ledger: &ExplorationLedger, notion, component| {
            let mut values = [f64::NAN; 2];
            ledger.record(&means, Quantity { notion, component }, &mut values);
            values
        };
        assert_eq!(value(&ledger, SIMPLE_REGRET, None), [0.0, 0.125]);
        assert_eq!(value(&ledger, ERROR, None), [0.0, 1.0]);
        // A gap of 1/8 is more than 1/16, and no more than 1/8.
        assert_eq!(value(&ledger, NOT_GOOD, Some(2)), [0.0, 0.0]);
        assert_eq!(value(&ledger, NOT_GOOD, Some(3)), [0.0, 1.0]);
        assert_eq!(value(&ledger, PULLS, Some(1)), [0.0, 2.0]);
        ledger.round(&[choice(2, 2), choice(0, 0)]);
        assert_eq!(value(&ledger, SIMPLE_REGRET, None), [0.75, 0.0]);
        assert_eq!(value(&ledger, NOT_GOOD, Some(0)), [1.0, 0.0]);
        assert_eq!(value(&ledger, PULLS, Some(2)), [2.0, 0.0]);
        assert_eq!(ExplorationLedger::components(3, PULLS), 3);
        assert_eq!(ExplorationLedger::components(3, ERROR), 0);
    }
}
