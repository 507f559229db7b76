//! Markets: what every environment of the assortment protocol shares.
//!
//! A market is written as one replication sees it ([`Shop`]); [`Shops`] makes the environment of a
//! block of it. Every customer decides by one uniform number of her round: the interval [0, 1) is
//! divided into the probability of buying nothing and those of the items offered, in their order. So
//! every learner meets the same customers, and an epoch is a stretch of such numbers, found without
//! asking anybody: one word of noise for each customer.

use std::ops::RangeInclusive;

use regret_engine::environment::{Block, Environment, Quantity};
use regret_engine::ledgers::{AssortmentLedger, Offered};
use regret_engine::protocol::Buffers;
use regret_engine::protocol::{RunSums, Scalars};
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::{
    Market, Offers, Partition, Purchase, Sales, Sets, Stay,
};
use regret_engine::random::{Noise, noise_word, unit};
use regret_engine::registry::ParameterError;

/// What is shown of a round, to be written.
pub struct Display<'a> {
    /// The revenue of each item.
    pub revenues: &'a mut [f64],
    /// The features of each item, row-major.
    pub features: &'a mut [f64],
    /// Whether each item may be offered.
    pub available: &'a mut [bool],
}

/// The market of one replication.
pub trait Shop: Send + 'static {
    /// Goes on to round `t` and shows it. Called for every round in order, for some twice; for a
    /// market whose rounds are all the same, in round 1 only.
    fn open(&mut self, t: u64, display: Display<'_>);

    /// Writes the probabilities with which the items of a set are bought, in its order, and answers
    /// the set's expected revenue.
    fn choices(&mut self, set: &[usize], probabilities: &mut [f64]) -> f64;

    /// The greatest expected revenue of a feasible set in this round.
    fn best(&mut self) -> f64;

    /// The revenue of an item in this round.
    fn revenue(&self, item: usize) -> f64;
}

/// The environment of a block of markets.
pub struct Shops<S> {
    shops: Vec<S>,
    fixed: bool,
    keys: Vec<u64>,
    counters: Vec<Counter>,
    ledger: AssortmentLedger,
}

/// What is known of the set offered in a lane.
struct Counter {
    /// The best set's expected revenue; NaN before it was asked for in this round.
    best: f64,
    set: Vec<usize>,
    revenue: f64,
    /// The probability of buying nothing, then the running sums with each item's.
    sums: Vec<f64>,
    probabilities: Vec<f64>,
}

impl<S: Shop> Shops<S> {
    /// A block of markets of the given sizes, one for each replication.
    pub fn new(market: &Market, block: &Block, make: impl Fn(u64) -> S) -> Self {
        let counter = || Counter {
            best: f64::NAN,
            set: Vec::with_capacity(market.capacity),
            revenue: 0.0,
            sums: Vec::with_capacity(market.capacity + 1),
            probabilities: vec![0.0; market.capacity],
        };
        let replications = || block.replications.clone();
        Self {
            shops: replications().map(make).collect(),
            fixed: market.fixed,
            keys: replications().map(|r| Noise::new(block.seed, r).key()).collect(),
            counters: replications().map(|_| counter()).collect(),
            ledger: AssortmentLedger::new(market.items, market.capacity, block),
        }
    }

    /// Makes the counter of a lane that of `set`.
    #[inline]
    fn offer(&mut self, lane: usize, set: &[usize]) {
        let (counter, shop) = (&mut self.counters[lane], &mut self.shops[lane]);
        if counter.best.is_nan() {
            counter.best = shop.best();
        } else if self.fixed && counter.set == set {
            return;
        }
        counter.set.clear();
        counter.set.extend_from_slice(set);
        let probabilities = &mut counter.probabilities[..set.len()];
        counter.revenue = shop.choices(set, probabilities);
        let mut sum = 1.0 - probabilities.iter().sum::<f64>();
        counter.sums.clear();
        counter.sums.push(sum);
        for &p in probabilities.iter() {
            sum += p;
            counter.sums.push(sum);
        }
    }

    /// Enters rounds of the lane's set in the books.
    #[inline]
    fn enter(&mut self, lane: usize, rounds: u64) {
        let Counter { set, revenue, best, .. } = &self.counters[lane];
        let offered = Offered { set, revenue: *revenue, best: *best };
        self.ledger.offer(lane, offered, rounds);
    }

    /// What the customer of round `t` buys.
    #[inline(always)]
    fn serve(&mut self, lane: usize, t: u64) -> Option<Purchase> {
        let purchase = self.counters[lane].choice(unit(noise_word(self.keys[lane], t, 0)));
        if self.ledger.needs_sales()
            && let Some(Purchase { item, .. }) = purchase
        {
            self.ledger.sale(lane, self.shops[lane].revenue(item));
        }
        purchase
    }

    fn show(&mut self, lane: usize, t: u64, offers: &mut Offers) {
        let (revenues, features, available) = offers.parts(lane);
        self.shops[lane].open(t, Display { revenues, features, available });
        self.counters[lane].best = f64::NAN;
    }
}

impl Counter {
    /// The choice that a uniform number in [0, 1) makes.
    #[inline(always)]
    fn choice(&self, u: f64) -> Option<Purchase> {
        let (&nothing, items) = self.sums.split_first()?;
        if u < nothing {
            return None;
        }
        // The last sum is 1 but for rounding.
        let position = items.iter().position(|&sum| u < sum).unwrap_or(items.len() - 1);
        Some(Purchase { item: self.set[position], position })
    }
}

impl<S: Shop> Environment<Assortment> for Shops<S> {
    fn observe(&mut self, t: u64, offers: &mut Offers) {
        if t == 1 || !self.fixed {
            (0..self.shops.len()).for_each(|lane| self.show(lane, t, offers));
        }
    }

    fn respond(&mut self, t: u64, sets: &Sets, bought: &mut Scalars<Option<Purchase>>) {
        for lane in 0..self.shops.len() {
            self.offer(lane, sets.view(lane));
            self.enter(lane, 1);
            bought.0[lane] = self.serve(lane, t);
        }
    }

    fn run(
        &mut self,
        rounds: RangeInclusive<u64>,
        buffers: &mut Buffers<Assortment>,
        stay: &Stay,
        sales: &mut Sales,
    ) -> u64 {
        let (first, last) = rounds.into_inner();
        let Buffers { contexts, actions, feedbacks } = buffers;
        let mut t = first;
        loop {
            self.offer(0, actions.view(0));
            // Rounds that are entered together: all of them, or each by itself where they differ.
            let (from, until) = (t, if self.fixed { last } else { t });
            while t <= until && (t == from || sales.within(stay)) {
                feedbacks.0[0] = self.serve(0, t);
                sales.add(feedbacks.0[0]);
                t += 1;
            }
            self.enter(0, t - from);
            if t > last || !sales.within(stay) {
                return t - 1;
            }
            self.show(0, t, contexts);
            let available = contexts.view(0).available;
            if actions.view(0).iter().any(|&item| !available[item]) {
                return t - 1;
            }
        }
    }

    fn record(&mut self, _: u64, quantity: Quantity, values: &mut [f64]) {
        self.ledger.record(quantity, values);
    }
}

/// Checks a number of items and a capacity.
///
/// # Errors
/// The one that cannot be.
pub fn check_capacity(items: usize, capacity: usize) -> Result<(), ParameterError> {
    let rule = format!("must be from 1 to the number of items, which is {items}");
    ParameterError::unless((1..=items).contains(&capacity), "capacity", capacity, &rule)
}

/// Checks the limits of a partition of `items` items.
///
/// # Errors
/// The group or the limit that cannot be.
pub fn check_partition(partition: &Partition, items: usize) -> Result<(), ParameterError> {
    let Partition { groups, limits } = partition;
    let rule = format!("must have one entry for each of the {items} items");
    let entries = format!("{} entries", groups.len());
    ParameterError::unless(groups.len() == items, "groups", entries, &rule)?;
    let rule = format!("must be below the number of limits, which is {}", limits.len());
    for (item, &group) in groups.iter().enumerate() {
        ParameterError::unless(group < limits.len(), &format!("groups[{item}]"), group, &rule)?;
    }
    for (group, &limit) in limits.iter().enumerate() {
        let path = format!("limits[{group}]");
        ParameterError::unless(limit >= 1, &path, limit, "must be at least 1")?;
    }
    Ok(())
}

/// Checks revenues: one for each of `items` items, each a number from 0 to 10^9.
///
/// # Errors
/// The first that cannot be.
pub fn check_revenues(revenues: &[f64], items: usize) -> Result<(), ParameterError> {
    let rule = format!("must have one entry for each of the {items} items");
    let entries = format!("{} entries", revenues.len());
    ParameterError::unless(revenues.len() == items, "revenues", entries, &rule)?;
    each(revenues, "revenues", "must be from 0 to 1e9", |r| (0.0..=1e9).contains(&r))
}

/// Checks attractions: at least one, each from 10⁻¹² to 10^12.
///
/// # Errors
/// The first that cannot be.
pub fn check_attractions(attractions: &[f64], path: &str) -> Result<(), ParameterError> {
    ParameterError::unless(!attractions.is_empty(), path, "[]", "must have at least one item")?;
    each(attractions, path, ATTRACTION_RULE, is_attraction)
}

/// Checks a probability that an item is available.
///
/// # Errors
/// One that is not in (0, 1].
pub fn check_availability(availability: f64) -> Result<(), ParameterError> {
    let valid = availability > 0.0 && availability <= 1.0;
    let rule = "must be a probability above 0, at most 1";
    ParameterError::unless(valid, "availability", availability, rule)
}

/// The range of attractions.
pub const ATTRACTION_RULE: &str = "must be an attraction, from 1e-12 to 1e12";

/// Whether a number can be an attraction.
pub fn is_attraction(v: f64) -> bool {
    (1e-12..=1e12).contains(&v)
}

fn each(
    values: &[f64],
    path: &str,
    rule: &str,
    valid: impl Fn(f64) -> bool,
) -> Result<(), ParameterError> {
    for (index, &value) in values.iter().enumerate() {
        ParameterError::unless(valid(value), &format!("{path}[{index}]"), value, rule)?;
    }
    Ok(())
}

/// A problem of the assortment protocol: sizes, what theory is told, and the shop of a replication.
pub trait Shopping: Send + Sync + Clone + 'static {
    /// Its shop.
    type Shop: Shop;
    /// The sizes.
    fn market(&self) -> Market;
    /// What bounds are told.
    fn customers(&self) -> regret_engine::protocols::assortment::Customers;
    /// The shop of a replication of the experiment with this seed.
    fn shop(&self, seed: u64, replication: u64) -> Self::Shop;
}

/// A [`Shopping`] as the engine's problem.
#[derive(Clone)]
pub struct ShopProblem<M>(pub M);

impl<M: Shopping> regret_engine::environment::Problem<Assortment> for ShopProblem<M> {
    fn shape(&self) -> Market {
        self.0.market()
    }

    fn instance(&self, _: u64) -> regret_engine::protocols::assortment::Customers {
        self.0.customers()
    }

    fn notions(&self) -> Vec<regret_engine::notion::Notion> {
        AssortmentLedger::NOTIONS.to_vec()
    }

    fn components(&self, notion: regret_engine::notion::Notion) -> u32 {
        AssortmentLedger::components(notion, self.0.market().items)
    }

    fn build(&self, block: &Block) -> Box<dyn Environment<Assortment>> {
        let market = self.0.market();
        Box::new(Shops::new(&market, block, |replication| self.0.shop(block.seed, replication)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Probabilities and revenue of a set in round 1.
    pub(crate) fn offered(shop: &mut impl Shop, set: &[usize]) -> (Vec<f64>, f64) {
        let mut probabilities = vec![0.0; set.len()];
        let revenue = shop.choices(set, &mut probabilities);
        (probabilities, revenue)
    }

    #[test]
    fn uniform_numbers_choose_in_the_sets_order() {
        let counter = Counter {
            best: 1.0,
            set: vec![3, 8],
            revenue: 0.5,
            sums: vec![0.25, 0.5, 1.0 - 1e-16],
            probabilities: vec![0.25, 0.5],
        };
        let item = |u| counter.choice(u).map(|purchase| (purchase.item, purchase.position));
        assert_eq!([item(0.0), item(0.249)], [None, None]);
        assert_eq!([item(0.25), item(0.499)], [Some((3, 0)); 2]);
        assert_eq!([item(0.5), item(1.0 - f64::EPSILON / 2.0)], [Some((8, 1)); 2]);
    }
}
