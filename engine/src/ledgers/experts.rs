//! The ledger of prediction with expert advice.

use super::Means;
use crate::environment::{Block, Quantity};
use crate::notion::{
    DYNAMIC_REGRET, HINDSIGHT_REGRET, Notion, OPTIMAL_PULLS, PSEUDO_REGRET, PULLS, SWITCHES,
};
use crate::protocol::Vectors;

/// Keeps every regret of the experts protocol for a block of lanes. The learner pays the expected
/// loss `<p, l>`, so no sampling noise enters.
#[derive(Clone, Debug)]
pub struct ExpertsLedger {
    lanes: usize,
    keeps_means: bool,
    keeps_weights: bool,
    keeps_switches: bool,
    /// Expected losses of the play so far, `[lane]`, and losses of the experts, `[expert][lane]`.
    paid: Vec<f64>,
    losses: Vec<f64>,
    /// The same in the means.
    paid_means: Vec<f64>,
    mean_losses: Vec<f64>,
    best_means: Vec<f64>,
    optimal_weight: Vec<f64>,
    weights: Vec<f64>,
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
        Self {
            lanes,
            keeps_means: keeps(&[PSEUDO_REGRET, DYNAMIC_REGRET, OPTIMAL_PULLS]),
            keeps_weights: keeps(&[PULLS]),
            keeps_switches: keeps(&[SWITCHES]),
            paid: vec![0.0; lanes],
            losses: vec![0.0; experts * lanes],
            paid_means: vec![0.0; lanes],
            mean_losses: vec![0.0; experts * lanes],
            best_means: vec![0.0; lanes],
            optimal_weight: vec![0.0; lanes],
            weights: vec![0.0; experts * lanes],
            previous: Vec::with_capacity(experts * lanes),
            switches: vec![0.0; lanes],
        }
    }

    /// Enters a round: what was played and what the experts lost. `means` are expected *rewards*
    /// `1 − loss`, where the environment has them.
    pub fn round(&mut self, actions: &Vectors, losses: &Vectors, means: Option<&Means>) {
        accumulate_products(&mut self.paid, &actions.values, &losses.values);
        add(&mut self.losses, &losses.values);
        if self.keeps_weights {
            add(&mut self.weights, &actions.values);
        }
        if self.keeps_switches {
            self.switch(&actions.values);
        }
        if let Some(means) = means.filter(|_| self.keeps_means) {
            self.enter_means(&actions.values, means);
        }
    }

    fn switch(&mut self, actions: &[f64]) {
        for (row, previous) in
            actions.chunks_exact(self.lanes).zip(self.previous.chunks_exact(self.lanes))
        {
            for ((sum, p), q) in self.switches.iter_mut().zip(row).zip(previous) {
                *sum += 0.5 * (p - q).abs();
            }
        }
        self.previous.clear();
        self.previous.extend_from_slice(actions);
    }

    fn enter_means(&mut self, actions: &[f64], means: &Means) {
        for (expert, row) in means.values.chunks_exact(self.lanes).enumerate() {
            for (lane, &mean) in row.iter().enumerate() {
                let i = expert * self.lanes + lane;
                self.mean_losses[i] += 1.0 - mean;
                self.paid_means[lane] += actions[i] * (1.0 - mean);
                self.optimal_weight[lane] +=
                    if mean == means.best[lane] { actions[i] } else { 0.0 };
            }
        }
        for (sum, best) in self.best_means.iter_mut().zip(&means.best) {
            *sum += 1.0 - best;
        }
    }

    /// Writes a quantity, one value for each lane.
    pub fn record(&self, quantity: Quantity, values: &mut [f64]) {
        let least = |table: &[f64], lane: usize| {
            table.iter().skip(lane).step_by(self.lanes).copied().fold(f64::INFINITY, f64::min)
        };
        let expert = quantity.component.unwrap_or_default() as usize;
        let notion = quantity.notion;
        for (lane, value) in values.iter_mut().enumerate() {
            *value = if notion == HINDSIGHT_REGRET {
                self.paid[lane] - least(&self.losses, lane)
            } else if notion == PSEUDO_REGRET {
                self.paid_means[lane] - least(&self.mean_losses, lane)
            } else if notion == DYNAMIC_REGRET {
                self.paid_means[lane] - self.best_means[lane]
            } else if notion == OPTIMAL_PULLS {
                self.optimal_weight[lane]
            } else if notion == SWITCHES {
                self.switches[lane]
            } else {
                self.weights[expert * self.lanes + lane]
            };
        }
    }

    /// The cumulative losses, `[expert][lane]`: what an adaptive adversary may look at.
    pub fn cumulative_losses(&self) -> &[f64] {
        &self.losses
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// `sums[lane] += Σ_k p[k][lane] l[k][lane]`.
fn accumulate_products(sums: &mut [f64], p: &[f64], l: &[f64]) {
    let lanes = sums.len();
    for (row_p, row_l) in p.chunks_exact(lanes).zip(l.chunks_exact(lanes)) {
        for ((sum, p), l) in sums.iter_mut().zip(row_p).zip(row_l) {
            *sum += p * l;
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
            horizon: 2,
            notions: ExpertsLedger::notions(true),
        };
        let mut ledger = ExpertsLedger::new(2, &block);
        let means = Means::shared(&[0.75, 0.5], 1);
        let vectors = |a: f64, b: f64| Vectors { values: vec![a, b], lanes: 1 };
        ledger.round(&vectors(0.5, 0.5), &vectors(1.0, 0.0), Some(&means));
        ledger.round(&vectors(0.25, 0.75), &vectors(0.5, 0.25), Some(&means));
        let value = |notion, component| {
            let mut values = [f64::NAN];
            ledger.record(Quantity { notion, component }, &mut values);
            values[0]
        };
        // Paid 0.5 + 0.3125; the experts lost 1.5 and 0.25.
        assert_eq!(value(HINDSIGHT_REGRET, None), 0.8125 - 0.25);
        // Mean losses 0.25 and 0.5 a round; paid 0.375 + 0.4375.
        assert_eq!(value(PSEUDO_REGRET, None), 0.8125 - 0.5);
        assert_eq!(value(DYNAMIC_REGRET, None), 0.8125 - 0.5);
        assert_eq!(value(OPTIMAL_PULLS, None), 0.75);
        assert_eq!(value(SWITCHES, None), 0.25);
        assert_eq!(value(PULLS, Some(1)), 1.25);
    }
}
