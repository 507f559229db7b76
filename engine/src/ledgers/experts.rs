//! The ledger of prediction with expert advice.

use super::Means;
use crate::environment::{Block, Quantity};
use crate::notion::{
    DYNAMIC_REGRET, HINDSIGHT_REGRET, Notion, OPTIMAL_PULLS, PSEUDO_REGRET, PULLS, SWITCHES,
};
use crate::protocol::Vectors;
use crate::vectorised;

/// Keeps every regret of the experts protocol for a block of lanes. The learner pays the expected
/// loss `<p, l>`, so no sampling noise enters.
///
/// While the means stay, only the weights are summed; the regrets of the means follow from the sums,
/// whenever they are asked for.
#[derive(Clone, Debug)]
pub struct ExpertsLedger {
    lanes: usize,
    keeps_weights: bool,
    keeps_switches: bool,
    /// Expected losses of the play so far, `[lane]`, and losses of the experts, `[expert][lane]`.
    paid: Vec<f64>,
    losses: Vec<f64>,
    /// Sums of the weights since the means last changed, `[expert][lane]`.
    weights: Vec<f64>,
    /// Rounds up to the last change of the means, `[lane]`.
    settled: Vec<u64>,
    /// Totals up to that round: weights and expected reward of every expert, `[expert][lane]`; of
    /// the play and of each round's best, `[lane]`.
    settled_weights: Vec<f64>,
    expert_means: Vec<f64>,
    played_means: Vec<f64>,
    best_means: Vec<f64>,
    optimal_weight: Vec<f64>,
    previous: Vec<f64>,
    switches: Vec<f64>,
}

impl ExpertsLedger {
    /// The notions that it keeps, the default first; those of the means only where there are means.
    pub fn notions(has_means: bool) -> Vec<Notion> {
        let mut notions = vec![HINDSIGHT_REGRET];
        if has_means {
            notions.extend([PSEUDO_REGRET, DYNAMIC_REGRET, OPTIMAL_PULLS]);
        }
        notions.extend([SWITCHES, PULLS]);
        notions
    }

    /// An empty ledger for `experts` experts.
    pub fn new(experts: usize, block: &Block) -> Self {
        let lanes = block.lanes();
        let keeps = |notions: &[Notion]| notions.iter().any(|&notion| block.records(notion));
        let table = vec![0.0; experts * lanes];
        let row = vec![0.0; lanes];
        Self {
            lanes,
            keeps_weights: keeps(&[PSEUDO_REGRET, DYNAMIC_REGRET, OPTIMAL_PULLS, PULLS]),
            keeps_switches: keeps(&[SWITCHES]),
            paid: row.clone(),
            losses: table.clone(),
            weights: table.clone(),
            settled: vec![0; lanes],
            settled_weights: table.clone(),
            expert_means: table,
            played_means: row.clone(),
            best_means: row.clone(),
            optimal_weight: row.clone(),
            previous: Vec::with_capacity(experts * lanes),
            switches: row,
        }
    }

    /// Enters a round: what was played and what the experts lost.
    pub fn round(&mut self, actions: &Vectors, losses: &Vectors) {
        accumulate_products(&mut self.paid, &actions.values, &losses.values);
        add(&mut self.losses, &losses.values);
        if self.keeps_weights {
            add(&mut self.weights, &actions.values);
        }
        if self.keeps_switches {
            self.switch(&actions.values);
        }
    }

    fn switch(&mut self, actions: &[f64]) {
        if self.previous.len() == actions.len() {
            add_distances(&mut self.switches, actions, &self.previous);
        }
        self.previous.clear();
        self.previous.extend_from_slice(actions);
    }

    /// Settles the rounds of a lane up to `t`, in which the means (expected *rewards*, 1 − loss) were
    /// `means`: to be called after the last round before they change in that lane, and then only, so
    /// that a lane's sums do not depend on its company.
    pub fn settle(&mut self, t: u64, means: &Means, lane: usize) {
        let rounds = (t - self.settled[lane]) as f64;
        self.settled[lane] = t;
        if !self.keeps_weights {
            return;
        }
        for (i, &mean) in means.values.iter().enumerate().skip(lane).step_by(self.lanes) {
            let weight = std::mem::take(&mut self.weights[i]);
            self.settled_weights[i] += weight;
            self.expert_means[i] += rounds * mean;
            self.played_means[lane] += weight * mean;
            self.optimal_weight[lane] += if mean == means.best[lane] { weight } else { 0.0 };
        }
        self.best_means[lane] += rounds * means.best[lane];
    }

    /// Writes a quantity after round `t`, one value for each lane; `means` are those of the round,
    /// needed for the notions of the means only.
    pub fn record(&self, t: u64, means: Option<&Means>, quantity: Quantity, values: &mut [f64]) {
        let notion = quantity.notion;
        let expert = quantity.component.unwrap_or_default() as usize;
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if notion == HINDSIGHT_REGRET {
                self.paid[lane] - self.column(&self.losses, lane).fold(f64::INFINITY, f64::min)
            } else if notion == SWITCHES {
                self.switches[lane]
            } else if notion == PULLS {
                let i = expert * self.lanes + lane;
                self.settled_weights[i] + self.weights[i]
            } else if let Some(means) = means {
                self.of_means(t, means, notion, lane)
            } else {
                f64::NAN
            };
        }
    }

    fn column<'a>(&self, table: &'a [f64], lane: usize) -> impl Iterator<Item = f64> + 'a {
        table.iter().skip(lane).step_by(self.lanes).copied()
    }

    fn of_means(&self, t: u64, means: &Means, notion: Notion, lane: usize) -> f64 {
        let rounds = (t - self.settled[lane]) as f64;
        let best = means.best[lane];
        let pending = || self.column(&self.weights, lane).zip(self.column(&means.values, lane));
        if notion == OPTIMAL_PULLS {
            let optimal = pending().filter(|&(_, mean)| mean == best);
            return self.optimal_weight[lane] + optimal.map(|(weight, _)| weight).sum::<f64>();
        }
        // Against each round's best, by gaps: exact where they are 0.
        let gaps: f64 = pending().map(|(weight, mean)| weight * (best - mean)).sum();
        let dynamic = (self.best_means[lane] - self.played_means[lane]) + gaps;
        if notion == DYNAMIC_REGRET || self.settled[lane] == 0 {
            return dynamic;
        }
        let each_best = self.best_means[lane] + rounds * best;
        let totals = self.column(&self.expert_means, lane).zip(self.column(&means.values, lane));
        let best_fixed = totals.map(|(settled, mean)| settled + rounds * mean);
        dynamic - (each_best - best_fixed.fold(f64::NEG_INFINITY, f64::max))
    }

    /// The cumulative losses, `[expert][lane]`: what an adaptive adversary may look at.
    pub fn cumulative_losses(&self) -> &[f64] {
        &self.losses
    }
}

vectorised! {
    fn add(sums: &mut [f64], values: &[f64]) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
}

vectorised! {
    /// `sums[lane] += Σ_k p[k][lane] l[k][lane]`.
    fn accumulate_products(sums: &mut [f64], p: &[f64], l: &[f64]) {
        let lanes = sums.len();
        for (row_p, row_l) in p.chunks_exact(lanes).zip(l.chunks_exact(lanes)) {
            for ((sum, p), l) in sums.iter_mut().zip(row_p).zip(row_l) {
                *sum += p * l;
            }
        }
    }
}

vectorised! {
    /// `sums[lane] += ½ Σ_k |p[k][lane] − q[k][lane]|`.
    fn add_distances(sums: &mut [f64], p: &[f64], q: &[f64]) {
        let lanes = sums.len();
        for (row_p, row_q) in p.chunks_exact(lanes).zip(q.chunks_exact(lanes)) {
            for ((sum, p), q) in sums.iter_mut().zip(row_p).zip(row_q) {
                *sum += 0.5 * (p - q).abs();
            }
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
            replications: 0..1,
            horizon: 3,
            notions: ExpertsLedger::notions(true),
        };
        let mut ledger = ExpertsLedger::new(2, &block);
        let before = Means::shared(&[0.75, 0.5], 1);
        let after = Means::shared(&[0.25, 1.0], 1);
        let vectors = |a: f64, b: f64| Vectors { values: vec![a, b], lanes: 1 };
        let value = |ledger: &ExpertsLedger, t, means, notion, component| {
            let mut values = [f64::NAN];
            ledger.record(t, Some(means), Quantity { notion, component }, &mut values);
            values[0]
        };
        ledger.round(&vectors(0.5, 0.5), &vectors(1.0, 0.0));
        ledger.round(&vectors(0.25, 0.75), &vectors(0.5, 0.25));
        // Paid 0.5 + 0.3125; the experts lost 1.5 and 0.25.
        assert_eq!(value(&ledger, 2, &before, HINDSIGHT_REGRET, None), 0.8125 - 0.25);
        // Gap 0.25 on weights 0.5 + 0.75.
        assert_eq!(value(&ledger, 2, &before, PSEUDO_REGRET, None), 0.3125);
        assert_eq!(value(&ledger, 2, &before, OPTIMAL_PULLS, None), 0.75);
        assert_eq!(value(&ledger, 2, &before, SWITCHES, None), 0.25);
        ledger.settle(2, &before, 0);
        ledger.round(&vectors(1.0, 0.0), &vectors(1.0, 0.0));
        // Totals of the experts: 1.75 and 2; played 1.1875 + 0.25; each round's best 2.5.
        assert_eq!(value(&ledger, 3, &after, PSEUDO_REGRET, None), 2.0 - 1.4375);
        assert_eq!(value(&ledger, 3, &after, DYNAMIC_REGRET, None), 2.5 - 1.4375);
        assert_eq!(value(&ledger, 3, &after, OPTIMAL_PULLS, None), 0.75);
        assert_eq!(value(&ledger, 3, &after, PULLS, Some(0)), 1.75);
        assert_eq!(value(&ledger, 3, &after, SWITCHES, None), 1.0);
    }
}
