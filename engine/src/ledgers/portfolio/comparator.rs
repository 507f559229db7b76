//! The best constant rebalanced portfolios of a history, at any of its rounds.

use crate::notion::{BCRP_GAP, BCRP_WEIGHTS, LOG_WEALTH_REGRET, Notion, SIDE_REGRET};
use crate::simplex::BestConstant;

/// The history of a market, and the best portfolios for its prefixes: over all rounds, and over
/// those of each state of the side information.
#[derive(Clone, Debug)]
pub(super) struct Comparator {
    all: Search,
    by_state: Vec<Search>,
}

impl Comparator {
    pub(super) fn new(assets: usize, states: usize) -> Self {
        let by_state = if states > 1 { vec![Search::new(assets); states] } else { Vec::new() };
        Self { all: Search::new(assets), by_state }
    }

    /// Enters a round.
    pub(super) fn enter(&mut self, state: usize, relatives: &[f64]) {
        self.all.relatives.extend_from_slice(relatives);
        if let Some(search) = self.by_state.get_mut(state) {
            search.relatives.extend_from_slice(relatives);
        }
    }

    /// Makes ready what the notion needs.
    pub(super) fn solve(&mut self, notion: Notion) {
        if [LOG_WEALTH_REGRET, BCRP_WEIGHTS, BCRP_GAP].contains(&notion) {
            self.all.solve();
        } else if notion == SIDE_REGRET {
            self.by_state.iter_mut().for_each(Search::solve);
        }
    }

    /// A notion's value, once solved for, for a learner of that log-wealth.
    pub(super) fn value(&self, notion: Notion, asset: usize, log_wealth: f64) -> f64 {
        let best = &self.all.best;
        if notion == LOG_WEALTH_REGRET {
            best.value() - log_wealth
        } else if notion == SIDE_REGRET {
            self.by_state.iter().map(|search| search.best.value()).sum::<f64>() - log_wealth
        } else if notion == BCRP_WEIGHTS {
            best.weights()[asset]
        } else if notion == BCRP_GAP {
            best.gap()
        } else {
            f64::NAN
        }
    }
}

/// A history and the best portfolio for it.
///
/// A search starts from the answer for a prefix. Prefixes grow by a fifth from one to the next, and
/// depend on nothing else: what was asked before, and when, changes no bit of an answer.
#[derive(Clone, Debug)]
struct Search {
    assets: usize,
    /// `[round][asset]`.
    relatives: Vec<f64>,
    /// For the longest prefix so far, and its number of rounds.
    prefix: BestConstant,
    rounds: usize,
    best: BestConstant,
    /// The number of rounds that `best` is for.
    solved: usize,
}

impl Search {
    fn new(assets: usize) -> Self {
        let best = BestConstant::new(assets);
        let prefix = best.clone();
        Self { assets, relatives: Vec::new(), prefix, rounds: 0, best, solved: 0 }
    }

    /// Finds the best portfolio for the history as it is.
    fn solve(&mut self) {
        let rounds = self.relatives.len() / self.assets;
        if self.solved == rounds {
            return;
        }
        self.solved = rounds;
        loop {
            let next = self.rounds + 1 + self.rounds / 5;
            if next > rounds {
                break;
            }
            let prefix = &self.relatives[..next * self.assets];
            if self.rounds == 0 {
                self.prefix.solve(prefix, None);
            } else {
                self.prefix.improve(prefix, None);
            }
            self.rounds = next;
        }
        self.best.start_from(&self.prefix);
        if rounds > self.rounds {
            self.best.improve(&self.relatives, None);
        }
    }
}
