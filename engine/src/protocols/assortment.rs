//! Assortment: offer a set of items to a customer, see what is bought, if anything.

use crate::learner::{Run, Setting};
use crate::protocol::{ActionProblem, LaneBuffer, Protocol, RunSums, Scalars};

/// In every round the learner offers a set of at most K of N items to one customer, who buys one of
/// them or nothing.
///
/// The revenue of each item, its features if there are any, and whether it is available are shown
/// before the set is chosen. Revenues are maximised.
#[derive(Clone, Copy, Debug)]
pub struct Assortment;

/// The sizes of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// The number of items, N ≥ 1.
    pub items: usize,
    /// The greatest number of items in a set, 1 ≤ K ≤ N.
    pub capacity: usize,
    /// The number of features of an item, d; 0 if none are shown.
    pub features: usize,
    /// Limits on parts of the set besides, if there are any.
    pub partition: Option<Partition>,
    /// Whether every round shows the same.
    pub fixed: bool,
}

/// A partition of the items, with a limit on each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The part of each item.
    pub groups: Vec<usize>,
    /// The greatest number of items of each part in a set.
    pub limits: Vec<usize>,
}

impl Protocol for Assortment {
    const NAME: &'static str = "assortment";
    const SUMMARY: &'static str = "offer a set of items, see which is bought, if any";

    type Shape = Market;
    type Instance = Customers;
    type Contexts = Offers;
    /// The set offered.
    type Actions = Sets;
    /// What was bought; `None` if nothing.
    type Feedbacks = Scalars<Option<Purchase>>;
    type Sums = Sales;

    fn contexts(market: &Market, lanes: usize) -> Offers {
        Offers::new(market, lanes)
    }

    fn actions(market: &Market, lanes: usize) -> Sets {
        Sets::new(market.capacity, lanes)
    }

    fn feedbacks(_: &Market, lanes: usize) -> Scalars<Option<Purchase>> {
        Scalars(vec![None; lanes])
    }

    #[inline]
    fn check(market: &Market, offers: &Offers, sets: &Sets) -> Result<(), (usize, ActionProblem)> {
        for lane in 0..sets.lengths.len() {
            sets.check(lane, market.items, market.capacity).map_err(|problem| (lane, problem))?;
            let (set, available) = (sets.view(lane), offers.view(lane).available);
            if let Some(item) = set.iter().find(|&&item| !available[item]) {
                let problem =
                    format!("it offered item {item}, which is not available in this round");
                return Err((lane, ActionProblem::Refused(problem)));
            }
            if let Some(parts) = &market.partition
                && let Some(group) = parts.exceeded(set)
            {
                let limit = parts.limits[group];
                let problem = format!(
                    "its set has more than {limit} items of group {group}, which is the limit"
                );
                return Err((lane, ActionProblem::Refused(problem)));
            }
        }
        Ok(())
    }
}

impl Partition {
    /// Whether a set of existing items keeps the limits.
    pub fn allows(&self, set: &[usize]) -> bool {
        self.exceeded(set).is_none()
    }

    /// The first part of which a set of existing items holds too many.
    fn exceeded(&self, set: &[usize]) -> Option<usize> {
        let of = |group| set.iter().filter(|&&item| self.groups[item] == group).count();
        (0..self.limits.len()).find(|&group| of(group) > self.limits[group])
    }
}

/// What is shown of a round: one lane's part of [`Offers`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer<'a> {
    /// The revenue of each item, ≥ 0.
    pub revenues: &'a [f64],
    /// The features of each item, row-major `[item][feature]`; empty if there are none.
    pub features: &'a [f64],
    /// Whether each item may be offered; at least one may.
    pub available: &'a [bool],
}

/// Offers of several lanes, one after the other, so that a lane's view is made of slices.
#[derive(Clone, Debug)]
pub struct Offers {
    items: usize,
    dimension: usize,
    revenues: Vec<f64>,
    features: Vec<f64>,
    available: Vec<bool>,
}

impl Offers {
    fn new(market: &Market, lanes: usize) -> Self {
        let Market { items, features: dimension, .. } = *market;
        Self {
            items,
            dimension,
            revenues: vec![0.0; lanes * items],
            features: vec![0.0; lanes * items * dimension],
            available: vec![true; lanes * items],
        }
    }

    /// What `lane` is shown.
    #[inline(always)]
    pub fn view(&self, lane: usize) -> Offer<'_> {
        let items = lane * self.items..(lane + 1) * self.items;
        let features = items.start * self.dimension..items.end * self.dimension;
        Offer {
            revenues: &self.revenues[items.clone()],
            features: &self.features[features],
            available: &self.available[items],
        }
    }

    /// What `lane` is shown, to be written: revenues, features, availability.
    #[inline(always)]
    pub fn parts(&mut self, lane: usize) -> (&mut [f64], &mut [f64], &mut [bool]) {
        let items = lane * self.items..(lane + 1) * self.items;
        let features = items.start * self.dimension..items.end * self.dimension;
        (
            &mut self.revenues[items.clone()],
            &mut self.features[features],
            &mut self.available[items],
        )
    }
}

impl LaneBuffer for Offers {
    type View<'a> = Offer<'a>;
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> Offer<'a> {
        self.view(lane)
    }

    fn write(&mut self, lane: usize, view: Offer<'_>) {
        let (revenues, features, available) = self.parts(lane);
        revenues.copy_from_slice(view.revenues);
        features.copy_from_slice(view.features);
        available.copy_from_slice(view.available);
    }
}

/// Sets of several lanes, rising item numbers from 0.
#[derive(Clone, Debug)]
pub struct Sets {
    capacity: usize,
    items: Vec<usize>,
    /// As given, so that a set that is too large can be refused; only `capacity` items are kept.
    lengths: Vec<usize>,
}

impl Sets {
    /// Empty sets of at most `capacity` items.
    pub fn new(capacity: usize, lanes: usize) -> Self {
        Self { capacity, items: vec![0; capacity * lanes], lengths: vec![0; lanes] }
    }

    /// The set of `lane`.
    #[inline(always)]
    pub fn view(&self, lane: usize) -> &[usize] {
        let first = lane * self.capacity;
        &self.items[first..first + self.lengths[lane].min(self.capacity)]
    }

    /// Checks that the set of `lane` is not empty, rises, and has at most `capacity` of the items
    /// below `items`.
    ///
    /// # Errors
    /// What is wrong with it.
    #[inline]
    pub fn check(&self, lane: usize, items: usize, capacity: usize) -> Result<(), ActionProblem> {
        let (set, length) = (self.view(lane), self.lengths[lane]);
        let (mut valid, mut next) = (length > 0 && length <= capacity, 0);
        for &item in set {
            valid &= item >= next && item < items;
            next = item.saturating_add(1);
        }
        if valid { Ok(()) } else { Err(refusal(set, length, items, capacity)) }
    }
}

/// Why a set cannot be offered.
#[cold]
fn refusal(set: &[usize], length: usize, items: usize, capacity: usize) -> ActionProblem {
    let missing = set.iter().find(|&&item| item >= items);
    let pair = set.windows(2).find(|pair| pair[0] >= pair[1]);
    ActionProblem::Refused(match (missing, pair) {
        _ if length == 0 => "its set is empty; at least one item must be offered".to_owned(),
        _ if length > capacity => {
            format!("its set has {length} items; at most {capacity} may be offered")
        }
        (Some(item), _) => format!("it offered item {item}, but items are 0 to {}", items - 1),
        (None, pair) => {
            let (first, second) = pair.map_or((0, 0), |pair| (pair[0], pair[1]));
            format!("its set has item {second} after {first}; a set's items must rise")
        }
    })
}

impl LaneBuffer for Sets {
    type View<'a> = &'a [usize];
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> &'a [usize] {
        self.view(lane)
    }

    #[inline(always)]
    fn write(&mut self, lane: usize, set: &[usize]) {
        let first = lane * self.capacity;
        self.lengths[lane] = set.len();
        for (slot, &item) in self.items[first..first + self.capacity].iter_mut().zip(set) {
            *slot = item;
        }
    }
}

/// An item bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The item.
    pub item: usize,
    /// Its place in the set offered, from 0.
    pub position: usize,
}

/// The largest sets whose sales can be summed over a run of rounds.
pub const LARGEST_RUN: usize = 64;

/// What a run of rounds with one set, of at most [`LARGEST_RUN`] items, has sold. A run's sums begin
/// at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sales {
    /// Customers who bought nothing.
    pub lost: u64,
    /// Customers who bought the item at each place of the set.
    pub bought: [u32; LARGEST_RUN],
}

impl Default for Sales {
    fn default() -> Self {
        Self { lost: 0, bought: [0; LARGEST_RUN] }
    }
}

/// For how long a set stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// For as long as the run lasts.
    Held,
    /// Until a customer buys nothing: an epoch of the MNL bandit.
    WhileBought,
}

impl RunSums<Assortment> for Sales {
    type Boundary = Stay;

    #[inline(always)]
    fn add(&mut self, bought: Option<Purchase>) {
        match bought {
            Some(Purchase { position, .. }) => self.bought[position] += 1,
            None => self.lost += 1,
        }
    }

    #[inline(always)]
    fn within(&self, stay: &Stay) -> bool {
        *stay == Stay::Held || self.lost == 0
    }
}

impl Run<Assortment> {
    /// As many rounds as are left.
    pub fn kept() -> Self {
        Self { boundary: Stay::Held, ..Self::epoch() }
    }

    /// An epoch: until a customer buys nothing.
    pub fn epoch() -> Self {
        Self { rounds: u64::MAX, boundary: Stay::WhileBought, sums: Sales::default() }
    }
}

impl Setting<Assortment> {
    /// The number of items, N.
    pub fn items(&self) -> usize {
        self.shape.items
    }

    /// Whether runs of rounds can be summed: see [`LARGEST_RUN`].
    pub fn sums_runs(&self) -> bool {
        self.shape.capacity <= LARGEST_RUN
    }
}

/// What theory's bounds are told of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Customers {
    /// Whether customers choose by a multinomial logit model.
    pub multinomial: bool,
    /// Revenues and attractions, when they are the same in every round and replication, every item
    /// is available and customers choose by a multinomial logit model.
    pub market: Option<(Vec<f64>, Vec<f64>)>,
    /// The greatest revenue that an item can have.
    pub greatest_revenue: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> Market {
        let partition = Some(Partition { groups: vec![0, 1, 0, 1, 1], limits: vec![2, 1] });
        Market { items: 5, capacity: 3, features: 2, partition, fixed: false }
    }

    fn problem(set: &[usize]) -> Option<String> {
        let market = market();
        let (mut offers, mut sets) = (Offers::new(&market, 2), Sets::new(3, 2));
        offers.parts(1).2[2] = false;
        sets.write(0, &[0, 3]);
        sets.write(1, set);
        match Assortment::check(&market, &offers, &sets) {
            Ok(()) => None,
            Err((lane, problem)) => {
                assert_eq!(lane, 1);
                Some(problem.to_string())
            }
        }
    }

    #[test]
    fn infeasible_sets_are_refused_with_the_rule() {
        assert_eq!(problem(&[0, 4]), None);
        for (set, message) in [
            (&[][..], "its set is empty; at least one item must be offered"),
            (&[0, 1, 3, 4], "its set has 4 items; at most 3 may be offered"),
            (&[0, 5], "it offered item 5, but items are 0 to 4"),
            (&[3, 1], "its set has item 1 after 3; a set's items must rise"),
            (&[1, 1], "its set has item 1 after 1; a set's items must rise"),
            (&[0, 2], "it offered item 2, which is not available in this round"),
            (&[0, 1, 4], "its set has more than 1 items of group 1, which is the limit"),
        ] {
            assert_eq!(problem(set).as_deref(), Some(message));
        }
        assert!(problem(&[usize::MAX]).is_some());
    }

    #[test]
    fn lanes_keep_their_own() {
        let market = market();
        let mut offers = Offers::new(&market, 3);
        let features: Vec<f64> = (0..10).map(f64::from).collect();
        let view = Offer {
            revenues: &[1.0, 2.0, 3.0, 4.0, 5.0],
            features: &features,
            available: &[true, false, true, true, true],
        };
        offers.write(1, view);
        assert_eq!(offers.read(1, &mut ()), view);
        assert_eq!(offers.read(2, &mut ()).revenues, [0.0; 5]);
    }

    #[test]
    fn an_epoch_ends_with_the_first_customer_who_buys_nothing() {
        let mut run = Run::epoch();
        for position in [1, 0, 1] {
            run.sums.add(Some(Purchase { item: 7, position }));
            assert!(run.sums.within(&run.boundary));
        }
        run.sums.add(None);
        assert!(!run.sums.within(&run.boundary) && run.sums.within(&Stay::Held));
        assert_eq!((run.sums.lost, &run.sums.bought[..3]), (1, &[1, 2, 0][..]));
    }
}
