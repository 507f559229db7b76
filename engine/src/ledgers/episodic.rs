//! The ledger of episodic Markov decision processes.

use std::sync::Arc;

use crate::environment::{Block, Quantity};
use crate::mdp::Transitions;
use crate::notion::{DYNAMIC_REGRET, HINDSIGHT_REGRET, Notion, PSEUDO_REGRET, REALISED_REGRET};
use crate::protocols::episodic::Tables;

/// Keeps every regret of the episodic protocols for a block of lanes. A policy is charged its
/// expected loss ⟨q^π, l⟩, so neither the walk nor the draw of actions adds noise; comparators are
/// computed by dynamic programming on the summed losses, when they are asked for.
#[derive(Clone, Debug)]
pub struct EpisodicLedger {
    transitions: Arc<Transitions>,
    keeps: Keeps,
    /// The policy whose occupancy is kept, for every lane; NaN before the first.
    policies: Tables,
    occupancies: Tables,
    marginals: Vec<f64>,
    /// Sums of the expected losses, of the means and of the losses as they fell.
    means: Account,
    losses: Account,
    /// Losses received on the way, `[lane]`.
    received: Vec<f64>,
    /// Sums over the episodes of the least expected loss of each, by table of the means, and the last.
    best_each: Vec<f64>,
    last_best: Vec<f64>,
    pair_values: Vec<f64>,
    state_values: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Keeps {
    means: bool,
    losses: bool,
    dynamic: bool,
}

/// What was paid, and the tables of the summed losses: one that all lanes share, or one for each.
#[derive(Clone, Debug)]
struct Account {
    paid: Vec<f64>,
    sums: Tables,
}

impl Account {
    fn new(pairs: usize, tables: usize, lanes: usize) -> Self {
        Self { paid: vec![0.0; lanes], sums: Tables::new(pairs, tables) }
    }

    /// The table of a lane.
    fn table(&self, lane: usize) -> usize {
        if self.sums.values.len() == self.sums.width { 0 } else { lane }
    }
}

impl EpisodicLedger {
    /// The notions that it keeps, the default first: the sum of value gaps where the means of the
    /// losses are the same in every episode, else the regret against the losses as they fell.
    pub fn notions(stochastic: bool) -> Vec<Notion> {
        if stochastic {
            vec![PSEUDO_REGRET, HINDSIGHT_REGRET, REALISED_REGRET, DYNAMIC_REGRET]
        } else {
            vec![HINDSIGHT_REGRET, PSEUDO_REGRET, REALISED_REGRET, DYNAMIC_REGRET]
        }
    }

    /// An empty ledger. `shared_means` says that the means of the losses are the same in all lanes,
    /// `shared_losses` that the losses are their means in all of them.
    pub fn new(
        transitions: Arc<Transitions>,
        block: &Block,
        shared_means: bool,
        shared_losses: bool,
    ) -> Self {
        let lanes = block.lanes();
        let (pairs, states) = (transitions.layout().pairs(), transitions.layout().states());
        let tables = |shared: bool| if shared { 1 } else { lanes };
        let keeps = |notions: &[Notion]| notions.iter().any(|&notion| block.records(notion));
        let mut policies = Tables::new(pairs, lanes);
        policies.values.fill(f64::NAN);
        Self {
            keeps: Keeps {
                means: keeps(&[PSEUDO_REGRET, REALISED_REGRET, DYNAMIC_REGRET]),
                losses: keeps(&[HINDSIGHT_REGRET]),
                dynamic: keeps(&[DYNAMIC_REGRET]),
            },
            policies,
            occupancies: Tables::new(pairs, lanes),
            marginals: vec![0.0; states],
            means: Account::new(pairs, tables(shared_means), lanes),
            losses: Account::new(pairs, tables(shared_losses), lanes),
            received: vec![0.0; lanes],
            best_each: vec![0.0; tables(shared_means)],
            last_best: vec![f64::NAN; tables(shared_means)],
            pair_values: vec![0.0; pairs],
            state_values: vec![0.0; states],
            transitions,
        }
    }

    /// Whether the losses of all pairs are asked for, and not only of those that were visited.
    pub fn needs_losses(&self) -> bool {
        self.keeps.losses
    }

    /// Enters the means of an episode's losses (a table over pairs) for all lanes, if they share
    /// them, or for one. `changed` says whether they differ from those of the episode before.
    pub fn means(&mut self, table: usize, means: &[f64], changed: bool) {
        if self.keeps.means {
            add(self.means.sums.lane_mut(table), means);
        }
        if self.keeps.dynamic {
            if changed || self.last_best[table].is_nan() {
                self.last_best[table] =
                    self.transitions.optimal(means, &mut self.pair_values, &mut self.state_values);
            }
            self.best_each[table] += self.last_best[table];
        }
    }

    /// Enters the losses of an episode as they fell, likewise.
    pub fn losses(&mut self, table: usize, losses: &[f64]) {
        if self.keeps.losses {
            add(self.losses.sums.lane_mut(table), losses);
        }
    }

    /// Enters a lane's episode: the policy played, the means of the losses, the losses as they fell
    /// (not looked at unless [`EpisodicLedger::needs_losses`]) and the sum of those received.
    pub fn episode(
        &mut self,
        lane: usize,
        policy: &[f64],
        means: &[f64],
        losses: &[f64],
        received: f64,
    ) {
        self.received[lane] += received;
        if !(self.keeps.means || self.keeps.losses) {
            return;
        }
        if self.policies.lane(lane) != policy {
            self.policies.lane_mut(lane).copy_from_slice(policy);
            let occupancy = self.occupancies.lane_mut(lane);
            self.transitions.occupancy(policy, &mut self.marginals, occupancy);
        }
        let occupancy = self.occupancies.lane(lane);
        if self.keeps.means {
            self.means.paid[lane] += dot(occupancy, means);
        }
        if self.keeps.losses {
            self.losses.paid[lane] += dot(occupancy, losses);
        }
    }

    /// Writes a quantity, one value for each lane.
    pub fn record(&mut self, quantity: Quantity, values: &mut [f64]) {
        let notion = quantity.notion;
        if notion == DYNAMIC_REGRET {
            for (lane, value) in values.iter_mut().enumerate() {
                *value = self.means.paid[lane] - self.best_each[self.means.table(lane)];
            }
            return;
        }
        let account = if notion == HINDSIGHT_REGRET { &self.losses } else { &self.means };
        let paid = if notion == REALISED_REGRET { &self.received } else { &account.paid };
        let mut best = f64::NAN;
        for (lane, value) in values.iter_mut().enumerate() {
            let table = account.table(lane);
            if lane == table {
                let sums = account.sums.lane(table);
                best =
                    self.transitions.optimal(sums, &mut self.pair_values, &mut self.state_values);
            }
            *value = paid[lane] - best;
        }
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The inner product, in four sums that are added at the end, so that additions need not wait for
/// each other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours_a, fours_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = fours_a.remainder().iter().zip(fours_b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in fours_a.zip(fours_b) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mdp::Layout;

    /// One state and then two; action 0 goes to state 0 surely, action 1 to either by halves.
    fn transitions() -> Arc<Transitions> {
        let layout = Layout::new(&[1, 2], 2).expect("valid");
        Arc::new(Transitions::new(layout, 0, vec![1.0, 0.0, 0.5, 0.5]).expect("valid"))
    }

    fn value(ledger: &mut EpisodicLedger, notion: Notion) -> Vec<f64> {
        let mut values = vec![0.0; ledger.received.len()];
        ledger.record(Quantity { notion, component: None }, &mut values);
        values
    }

    /// Two episodes, two lanes that play different policies. Means are shared, losses are not.
    #[test]
    fn every_notion_by_hand() {
        let notions = EpisodicLedger::notions(false);
        let block = Block { seed: 1, replications: 0..2, horizon: 2, notions };
        let mut ledger = EpisodicLedger::new(transitions(), &block, true, false);
        let policies = [[1.0, 0.0, 0.5, 0.5, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]];
        let means = [[0.5, 0.25, 0.5, 0.75, 0.25, 0.0], [0.0, 1.0, 0.5, 0.25, 0.5, 1.0]];
        let losses = [[1.0, 0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]];
        let received = [[2.0, 0.0], [0.0, 2.0]];
        for k in 0..2 {
            ledger.means(0, &means[k], true);
            for lane in 0..2 {
                ledger.losses(lane, &losses[k]);
                ledger.episode(lane, &policies[lane], &means[k], &losses[k], received[k][lane]);
            }
        }
        // Lane 0: q = (1, 0, ½, ½, 0, 0); lane 1: q = (0, 1, 0, ½, 0, ½).
        // Means: lane 0 pays 0.5 + 0.625 and 0 + 0.375; lane 1 0.25 + 0.375 and 1 + 0.625.
        // Summed means (0.5, 1.25, 1, 1, 0.75, 1): best 0.5 + 1 = 1.5.
        assert_eq!(value(&mut ledger, PSEUDO_REGRET), [0.0, 0.75]);
        // Best of each: min(0.5 + 0.5, 0.25 + ½·0.5 + ½·0) = 0.5; min(0 + 0.25, …) = 0.25.
        assert_eq!(value(&mut ledger, DYNAMIC_REGRET), [0.75, 1.5]);
        // Received 2 in either lane.
        assert_eq!(value(&mut ledger, REALISED_REGRET), [0.5, 0.5]);
        // Losses: lane 0 pays 1 + 1 and 0 + ½; lane 1 0 + ½ and 1 + ½. Summed
        // (1, 1, 2, 1, 0, 1): best min(1 + 1, 1 + ½·1 + ½·0) = 1.5.
        assert_eq!(value(&mut ledger, HINDSIGHT_REGRET), [1.0, 0.5]);
    }

    #[test]
    fn inner_products_of_any_length() {
        let a: Vec<f64> = (1..=7).map(f64::from).collect();
        assert_eq!(dot(&a, &a), 140.0);
        assert_eq!(dot(&a[..2], &a[1..3]), 8.0);
        assert_eq!(dot(&[], &[]), 0.0);
    }
}
