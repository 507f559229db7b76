//! The ledger of a bandit.

use super::Means;
use crate::environment::{Block, Quantity};
use crate::notion::{
    self, DYNAMIC_REGRET, HINDSIGHT_REGRET, Notion, OPTIMAL_PULLS, PSEUDO_REGRET, PULLS,
    REALISED_REGRET, SWITCHES,
};

/// Keeps every regret of the bandit protocol for a block of lanes.
///
/// While the means stay, only pulls are counted; the regrets of the means follow from the counts
/// exactly, whenever they are asked for.
#[derive(Clone, Debug)]
pub struct BanditLedger {
    lanes: usize,
    keeps_rewards: bool,
    keeps_switches: bool,
    keeps_hindsight: bool,
    /// Pulls since the means last changed, `[arm][lane]`; whole numbers.
    pulls: Vec<f64>,
    /// Rounds up to the last change of the means, `[lane]`.
    settled: Vec<u64>,
    /// Totals up to that round: pulls and expected reward of every arm, `[arm][lane]`; of the play
    /// and of each round's best, `[lane]`.
    settled_pulls: Vec<f64>,
    arm_means: Vec<f64>,
    played_means: Vec<f64>,
    best_means: Vec<f64>,
    optimal_pulls: Vec<f64>,
    /// Rewards received, `[lane]`, and of every arm, `[arm][lane]`.
    received: Vec<f64>,
    arm_rewards: Vec<f64>,
    previous: Vec<usize>,
    switches: Vec<f64>,
}

impl BanditLedger {
    /// The notions that it keeps, the default first.
    pub const NOTIONS: [Notion; 7] = [
        PSEUDO_REGRET,
        REALISED_REGRET,
        HINDSIGHT_REGRET,
        DYNAMIC_REGRET,
        SWITCHES,
        OPTIMAL_PULLS,
        PULLS,
    ];

    /// An empty ledger for `arms` arms.
    pub fn new(arms: usize, block: &Block) -> Self {
        let lanes = block.lanes();
        let keeps_hindsight = block.records(HINDSIGHT_REGRET);
        Self {
            lanes,
            keeps_rewards: keeps_hindsight || block.records(REALISED_REGRET),
            keeps_switches: block.records(SWITCHES),
            keeps_hindsight,
            pulls: vec![0.0; arms * lanes],
            settled: vec![0; lanes],
            settled_pulls: vec![0.0; arms * lanes],
            arm_means: vec![0.0; arms * lanes],
            played_means: vec![0.0; lanes],
            best_means: vec![0.0; lanes],
            optimal_pulls: vec![0.0; lanes],
            received: vec![0.0; lanes],
            arm_rewards: vec![0.0; if keeps_hindsight { arms * lanes } else { 0 }],
            previous: Vec::with_capacity(lanes),
            switches: vec![0.0; lanes],
        }
    }

    /// Whether [`BanditLedger::all_rewards`] must be called in every round.
    pub fn needs_all_rewards(&self) -> bool {
        self.keeps_hindsight
    }

    /// Whether every round must be entered by itself, because rewards are kept; pulls and switches
    /// can be entered by runs.
    pub fn needs_rounds(&self) -> bool {
        self.keeps_rewards
    }

    /// Enters a run of `pulls` rounds in which the one lane played an arm.
    pub fn run(&mut self, arm: usize, pulls: f64) {
        self.pulls[arm] += pulls;
        if self.keeps_switches {
            let switched = self.previous.first().is_some_and(|&previous| previous != arm);
            self.switches[0] += f64::from(u8::from(switched));
            self.previous.clear();
            self.previous.push(arm);
        }
    }

    /// Enters a round: the arms played and the rewards received, one for each lane.
    #[inline]
    pub fn round(&mut self, arms: &[usize], rewards: &[f64]) {
        for (lane, &arm) in arms.iter().enumerate() {
            self.pulls[arm * self.lanes + lane] += 1.0;
        }
        if self.keeps_rewards {
            for (sum, reward) in self.received.iter_mut().zip(rewards) {
                *sum += reward;
            }
        }
        if self.keeps_switches {
            for ((count, arm), previous) in self.switches.iter_mut().zip(arms).zip(&self.previous) {
                *count += f64::from(u8::from(arm != previous));
            }
            self.previous.clear();
            self.previous.extend_from_slice(arms);
        }
    }

    /// Enters what every arm would have paid in the round, `[arm][lane]`.
    pub fn all_rewards(&mut self, rewards: &[f64]) {
        for (sum, reward) in self.arm_rewards.iter_mut().zip(rewards) {
            *sum += reward;
        }
    }

    /// Settles the rounds of a lane up to `t`, in which the means were `means`: to be called after
    /// the last round before they change in that lane, and then only, so that a lane's sums do not
    /// depend on its company.
    pub fn settle(&mut self, t: u64, means: &Means, lane: usize) {
        let rounds = (t - self.settled[lane]) as f64;
        self.settled[lane] = t;
        for (i, &mean) in means.values.iter().enumerate().skip(lane).step_by(self.lanes) {
            let pulls = std::mem::take(&mut self.pulls[i]);
            self.settled_pulls[i] += pulls;
            self.arm_means[i] += rounds * mean;
            self.played_means[lane] += pulls * mean;
            self.optimal_pulls[lane] += if mean == means.best[lane] { pulls } else { 0.0 };
        }
        self.best_means[lane] += rounds * means.best[lane];
    }

    /// Writes a quantity after round `t`, in which the means were `means`, one value for each lane.
    pub fn record(&self, t: u64, means: &Means, quantity: Quantity, values: &mut [f64]) {
        let key = quantity.notion.key;
        let arm = quantity.component.unwrap_or_default() as usize;
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if key == notion::PSEUDO_REGRET.key {
                self.pseudo(t, means, lane)
            } else if key == notion::DYNAMIC_REGRET.key {
                self.dynamic(means, lane)
            } else if key == notion::REALISED_REGRET.key {
                self.best_fixed(t, means, lane) - self.received[lane]
            } else if key == notion::HINDSIGHT_REGRET.key {
                self.column(&self.arm_rewards, lane).fold(f64::NEG_INFINITY, f64::max)
                    - self.received[lane]
            } else if key == notion::SWITCHES.key {
                self.switches[lane]
            } else if key == notion::OPTIMAL_PULLS.key {
                self.optimal_pulls[lane] + self.pending_optimal(means, lane)
            } else {
                let i = arm * self.lanes + lane;
                self.settled_pulls[i] + self.pulls[i]
            };
        }
    }

    fn column<'a>(&self, table: &'a [f64], lane: usize) -> impl Iterator<Item = f64> + 'a {
        table.iter().skip(lane).step_by(self.lanes).copied()
    }

    /// Pulls since the means changed, with the gap to the best mean.
    fn dynamic(&self, means: &Means, lane: usize) -> f64 {
        let pending: f64 = self
            .column(&self.pulls, lane)
            .zip(self.column(&means.values, lane))
            .map(|(pulls, mean)| pulls * (means.best[lane] - mean))
            .sum();
        (self.best_means[lane] - self.played_means[lane]) + pending
    }

    /// Without a change of the means this is the dynamic regret, which is exact in the counts.
    fn pseudo(&self, t: u64, means: &Means, lane: usize) -> f64 {
        if self.settled[lane] == 0 {
            return self.dynamic(means, lane);
        }
        let pending: f64 = self
            .column(&self.pulls, lane)
            .zip(self.column(&means.values, lane))
            .map(|(pulls, mean)| pulls * mean)
            .sum();
        self.best_fixed(t, means, lane) - (self.played_means[lane] + pending)
    }

    fn best_fixed(&self, t: u64, means: &Means, lane: usize) -> f64 {
        let rounds = (t - self.settled[lane]) as f64;
        self.column(&self.arm_means, lane)
            .zip(self.column(&means.values, lane))
            .map(|(settled, mean)| settled + rounds * mean)
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn pending_optimal(&self, means: &Means, lane: usize) -> f64 {
        self.column(&self.pulls, lane)
            .zip(self.column(&means.values, lane))
            .filter(|&(_, mean)| mean == means.best[lane])
            .map(|(pulls, _)| pulls)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lanes: u64) -> Block {
        Block {
            seed: 1,
            replications: 0..lanes,
            horizon: 10,
            notions: BanditLedger::NOTIONS.to_vec(),
        }
    }

    fn value(ledger: &BanditLedger, t: u64, means: &Means, notion: Notion) -> Vec<f64> {
        let mut values = vec![0.0; ledger.lanes];
        ledger.record(t, means, Quantity { notion, component: None }, &mut values);
        values
    }

    #[test]
    fn every_notion_by_hand() {
        // Two arms, one lane. Means (0.5, 0.25) for rounds 1-2, then (0, 0.75) for rounds 3-4.
        let mut ledger = BanditLedger::new(2, &block(1));
        let before = Means::shared(&[0.5, 0.25], 1);
        let after = Means::shared(&[0.0, 0.75], 1);
        let play = [(1usize, 1.0), (0, 0.0), (0, 0.0), (1, 1.0)];
        let all = [[0.0, 1.0], [0.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
        for (index, ((arm, reward), rewards)) in play.into_iter().zip(all).enumerate() {
            ledger.round(&[arm], &[reward]);
            ledger.all_rewards(&rewards);
            if index == 1 {
                // Best fixed arm so far: arm 0 with 2·0.5; played 0.25 + 0.5.
                assert_eq!(value(&ledger, 2, &before, PSEUDO_REGRET), [0.25]);
                ledger.settle(2, &before, 0);
            }
        }
        // Arm totals: 1.0 and 0.5 + 1.5 = 2.0; played 0.25 + 0.5 + 0 + 0.75 = 1.5.
        assert_eq!(value(&ledger, 4, &after, PSEUDO_REGRET), [0.5]);
        // Best of each round: 0.5 + 0.5 + 0.75 + 0.75 = 2.5.
        assert_eq!(value(&ledger, 4, &after, DYNAMIC_REGRET), [1.0]);
        assert_eq!(value(&ledger, 4, &after, REALISED_REGRET), [0.0]);
        // Realised totals of the arms: 1 and 3; received 2.
        assert_eq!(value(&ledger, 4, &after, HINDSIGHT_REGRET), [1.0]);
        assert_eq!(value(&ledger, 4, &after, SWITCHES), [2.0]);
        assert_eq!(value(&ledger, 4, &after, OPTIMAL_PULLS), [2.0]);
        let mut pulls = [0.0];
        ledger.record(4, &after, Quantity { notion: PULLS, component: Some(1) }, &mut pulls);
        assert_eq!(pulls, [2.0]);
    }
}
