//! Epochs of the MNL bandit: offer a set until a customer buys nothing.
//!
//! Whatever else is offered, an item is bought per customer lost `v_i` times in expectation (the
//! count in an epoch is geometric), so `W_i/n_i` estimates its attraction, where `n_i` counts the
//! customers lost while item i was offered (its epochs) and `W_i` its purchases. An algorithm that
//! works in epochs is an [`Estimator`]: what it takes the attractions for when an epoch begins.
//!
//! Where offers change, a set that is no longer available ends its epoch early: its purchases count,
//! a lost customer does not.

use regret_engine::learner::{Learner, Outcome, Round, Run, RunLearner, Setting};
use regret_engine::mnl::Solver;
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::{Market, Offer, Sales};
use regret_engine::random::Stream;

/// What was seen of each item, and how many epochs have ended.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Customers lost while the item was offered, n; whole numbers.
    pub lost: Vec<f64>,
    /// Purchases of the item, W; whole numbers.
    pub bought: Vec<f64>,
    /// Customers lost, ℓ.
    pub epochs: f64,
}

impl Seen {
    fn new(items: usize) -> Self {
        Self { lost: vec![0.0; items], bought: vec![0.0; items], epochs: 0.0 }
    }

    fn reset(&mut self) {
        self.lost.fill(0.0);
        self.bought.fill(0.0);
        self.epochs = 0.0;
    }

    /// The share W/n; `untried` for an item with n = 0.
    #[inline(always)]
    pub fn ratio(&self, item: usize, untried: f64) -> f64 {
        if self.lost[item] > 0.0 { self.bought[item] / self.lost[item] } else { untried }
    }
}

/// What an algorithm decides when an epoch begins.
pub trait Estimator: Send + 'static {
    /// Writes a value for every item (an attraction from −∞ to 10^100; what is not positive is not
    /// offered), and says what they are to choose.
    fn estimate(
        &mut self,
        seen: &Seen,
        offer: Offer<'_>,
        rng: &mut Stream,
        values: &mut [f64],
    ) -> Next;

    /// Forgets everything.
    fn reset(&mut self) {}
}

/// What is offered next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The best set for the values written.
    Best,
    /// The same, for as long as it is available: the algorithm has made up its mind.
    BestForGood,
    /// Any set of greatest sum of the values written (which are above 0 for what may be offered).
    Greatest,
}

/// A learner that decides when an epoch begins.
pub struct EpochLearner<E> {
    estimator: E,
    seen: Seen,
    values: Vec<f64>,
    ones: Vec<f64>,
    chooser: Chooser,
    /// Whether the set must be chosen anew.
    over: bool,
    for_good: bool,
}

impl<E: Estimator> EpochLearner<E> {
    /// The learner for a market.
    pub fn new(estimator: E, setting: &Setting<Assortment>) -> Self {
        let items = setting.items();
        Self {
            estimator,
            seen: Seen::new(items),
            values: vec![0.0; items],
            ones: vec![1.0; items],
            chooser: Chooser::new(&setting.shape),
            over: true,
            for_good: false,
        }
    }
}

impl<E: Estimator> Learner<Assortment> for EpochLearner<E> {
    fn act(&mut self, round: Round<'_, Assortment>) -> &[usize] {
        let offer = round.context;
        let Self { estimator, seen, values, ones, chooser, .. } = self;
        if self.over || chooser.set.iter().any(|&item| !offer.available[item]) {
            self.over = false;
            let next = estimator.estimate(seen, offer, round.rng, values);
            self.for_good = next == Next::BestForGood;
            match next {
                Next::Best | Next::BestForGood => chooser.choose(offer.revenues, offer, values),
                // With equal revenues the best set has the greatest attractions.
                Next::Greatest => chooser.choose(ones, offer, values),
            }
        }
        &self.chooser.set
    }

    fn update(&mut self, outcome: Outcome<'_, Assortment>) {
        match outcome.feedback {
            Some(purchase) => self.seen.bought[purchase.item] += 1.0,
            None => {
                outcome.action.iter().for_each(|&item| self.seen.lost[item] += 1.0);
                self.seen.epochs += 1.0;
                self.over = !self.for_good;
            }
        }
    }

    fn reset(&mut self) {
        self.estimator.reset();
        self.seen.reset();
        self.chooser.set.clear();
        self.over = true;
        self.for_good = false;
    }
}

impl<E: Estimator> RunLearner<Assortment> for EpochLearner<E> {
    fn run(&mut self, _: u64) -> Run<Assortment> {
        if self.for_good { Run::kept() } else { Run::epoch() }
    }

    fn absorb(&mut self, _: u64, sales: &Sales) {
        let lost = sales.lost as f64;
        for (&item, &bought) in self.chooser.set.iter().zip(&sales.bought) {
            self.seen.bought[item] += f64::from(bought);
            self.seen.lost[item] += lost;
        }
        self.seen.epochs += lost;
        self.over |= sales.lost > 0 && !self.for_good;
    }
}

/// Chooses the best set of what is available.
#[derive(Clone, Debug)]
pub struct Chooser {
    solver: Solver,
    /// The set chosen last.
    pub set: Vec<usize>,
}

impl Chooser {
    /// A chooser for a market.
    pub fn new(market: &Market) -> Self {
        let solver = Solver::new(market.items, market.capacity);
        let solver = match &market.partition {
            Some(parts) => solver.with_groups(&parts.groups, &parts.limits),
            None => solver,
        };
        Self { solver, set: Vec::with_capacity(market.capacity) }
    }

    /// Chooses the best set for these revenues and attractions, of which those of items that are not
    /// available become 0. Where no set is worth anything, the first item that is available.
    pub fn choose(&mut self, revenues: &[f64], offer: Offer<'_>, attractions: &mut [f64]) {
        for (value, &available) in attractions.iter_mut().zip(offer.available) {
            *value = if available { *value } else { 0.0 };
        }
        self.solver.solve(revenues, attractions);
        self.set.clear();
        self.set.extend_from_slice(self.solver.set());
        if self.set.is_empty() {
            self.set.extend(offer.available.iter().position(|&available| available));
        }
    }
}
