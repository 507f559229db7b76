//! The ledger of a contextual bandit.

use crate::environment::{Block, Quantity};
use crate::notion::{
    self, CONTEXTUAL_REGRET, LINEAR_REGRET, MINIMAL_GAP, Notion, OPTIMAL_PULLS, PSEUDO_REGRET,
    PULLS,
};

/// Keeps every regret of the contextual protocol for a block of lanes, round by round.
#[derive(Clone, Debug)]
pub struct ContextualLedger {
    arms: usize,
    keeps_arms: bool,
    keeps_gap: bool,
    lanes: Vec<Lane>,
}

/// The books of one replication.
#[derive(Clone, Debug)]
struct Lane {
    rounds: f64,
    /// Σ max μ − μ(A) and Σ μ(linear) − μ(A): sums of differences, so that playing the comparator
    /// gives 0 exactly.
    regret: f64,
    linear: f64,
    played: f64,
    optimal: f64,
    minimal_gap: f64,
    pulls: Vec<f64>,
    arm_means: Vec<f64>,
}

impl ContextualLedger {
    /// The notions that it keeps, the default first.
    pub const NOTIONS: [Notion; 6] =
        [CONTEXTUAL_REGRET, LINEAR_REGRET, PSEUDO_REGRET, OPTIMAL_PULLS, MINIMAL_GAP, PULLS];

    /// An empty ledger for `arms` arms.
    pub fn new(arms: usize, block: &Block) -> Self {
        let keeps_arms = block.records(PSEUDO_REGRET);
        let lane = Lane {
            rounds: 0.0,
            regret: 0.0,
            linear: 0.0,
            played: 0.0,
            optimal: 0.0,
            minimal_gap: f64::INFINITY,
            pulls: vec![0.0; arms],
            arm_means: vec![0.0; if keeps_arms { arms } else { 0 }],
        };
        let keeps_gap = block.records(MINIMAL_GAP);
        Self { arms, keeps_arms, keeps_gap, lanes: vec![lane; block.lanes()] }
    }

    /// Enters a lane's round: the means of the arms, the arm of the best linear predictor (any arm
    /// where [`LINEAR_REGRET`] is not recorded), and the arm played.
    #[inline]
    pub fn round(&mut self, lane: usize, means: &[f64], linear: usize, arm: usize) {
        let books = &mut self.lanes[lane];
        let best = means.iter().fold(f64::NEG_INFINITY, |best, &mean| best.max(mean));
        let mean = means[arm];
        books.rounds += 1.0;
        books.regret += best - mean;
        books.linear += means[linear] - mean;
        books.optimal += f64::from(u8::from(mean == best));
        books.pulls[arm] += 1.0;
        if self.keeps_arms {
            books.played += mean;
            for (sum, mean) in books.arm_means.iter_mut().zip(means) {
                *sum += mean;
            }
        }
        if self.keeps_gap {
            let below = means.iter().filter(|&&mean| mean < best);
            let gap = below.fold(f64::INFINITY, |gap, &mean| gap.min(best - mean));
            books.minimal_gap = books.minimal_gap.min(gap);
        }
    }

    /// Writes a quantity as it stands after the last round entered, one value for each lane.
    pub fn record(&self, quantity: Quantity, values: &mut [f64]) {
        let key = quantity.notion.key;
        let arm = quantity.component.unwrap_or_default() as usize;
        for (books, value) in self.lanes.iter().zip(values) {
            *value = if key == notion::CONTEXTUAL_REGRET.key {
                books.regret
            } else if key == notion::LINEAR_REGRET.key {
                books.linear
            } else if key == notion::PSEUDO_REGRET.key {
                books.arm_means.iter().copied().fold(f64::NEG_INFINITY, f64::max) - books.played
            } else if key == notion::OPTIMAL_PULLS.key {
                books.optimal
            } else if key == notion::MINIMAL_GAP.key {
                // Where all arms were equal in every round there is no gap.
                if books.minimal_gap.is_finite() { books.minimal_gap } else { 0.0 }
            } else {
                books.pulls[arm.min(self.arms - 1)]
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
            notions: ContextualLedger::NOTIONS.to_vec(),
        };
        let mut ledger = ContextualLedger::new(3, &block);
        // Means, the linear predictor's arm, the arm played. Lane 0 plays the best arms.
        let rounds = [([0.5, 0.25, 0.0], 0, 1), ([0.0, 1.0, 0.25], 2, 2), ([0.5, 0.5, 0.25], 2, 0)];
        for (means, linear, arm) in rounds {
            let best = if means[1] > means[0] { 1 } else { 0 };
            ledger.round(0, &means, linear, best);
            ledger.round(1, &means, linear, arm);
        }
        let value = |notion, component| {
            let mut values = [f64::NAN; 2];
            ledger.record(Quantity { notion, component }, &mut values);
            values
        };
        // Lane 1: gaps 0.25, 0.75, 0. Linear: 0.5 + 0.25 + 0.25 against 0.25 + 0.25 + 0.5.
        assert_eq!(value(CONTEXTUAL_REGRET, None), [0.0, 1.0]);
        assert_eq!(value(LINEAR_REGRET, None), [1.0 - 2.0, 0.0]);
        // Arm 1 is the best fixed one, with 1.75; played 2 and 1.
        assert_eq!(value(PSEUDO_REGRET, None), [-0.25, 0.75]);
        assert_eq!(value(OPTIMAL_PULLS, None), [3.0, 1.0]);
        assert_eq!(value(MINIMAL_GAP, None), [0.25, 0.25]);
        assert_eq!(value(PULLS, Some(0)), [2.0, 1.0]);
        assert_eq!(value(PULLS, Some(2)), [0.0, 1.0]);
    }
}
