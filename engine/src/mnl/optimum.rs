//! The best assortment under a capacity, exactly.

use std::cmp::Ordering;

use super::{TIE, revenue};
use crate::vectorised;

/// Finds the set of at most K items with the greatest expected revenue.
///
/// `R(S) ≥ z` if and only if `Σ_S v_i (r_i − z) ≥ z`, so the optimal revenue is the root of
/// `F(z) = max_{|S|≤K} Σ_S v_i (r_i − z) − z`, which is convex, falls strictly and is linear between
/// finitely many points. For a given z the best set holds the K greatest positive scores
/// `v_i (r_i − z)`. Dinkelbach's iteration `z ← R(best set for z)` is Newton's method on F and ends
/// after finitely many steps, two to five in practice, each one pass over the items.
///
/// Source: W. Dinkelbach, On nonlinear fractional programming, 1967; for assortments
/// Rusmevichientong, Shen, Shmoys, Dynamic assortment optimization with a multinomial logit choice
/// model and capacity constraint, 2010, Section 2.
///
/// Under a partition, items whose scores differ by rounding alone are taken as they come.
///
/// A solver keeps its workspace: after it was made, solving does not allocate.
#[derive(Clone, Debug)]
pub struct Solver {
    capacity: usize,
    groups: Option<Groups>,
    /// Scores and items that are among the best so far; at most twice the capacity.
    top: Vec<(f64, usize)>,
    set: Vec<usize>,
    /// The set of the step before.
    previous: Vec<usize>,
}

/// A partition of the items, with a capacity for each part.
#[derive(Clone, Debug)]
struct Groups {
    of: Vec<usize>,
    limits: Vec<usize>,
    used: Vec<usize>,
}

impl Solver {
    /// A solver for at most `items` items, of which at most `capacity` (at least 1) are offered.
    pub fn new(items: usize, capacity: usize) -> Self {
        let capacity = capacity.clamp(1, items.max(1));
        Self {
            capacity,
            groups: None,
            top: Vec::with_capacity(2 * capacity),
            set: Vec::with_capacity(capacity),
            previous: Vec::with_capacity(capacity),
        }
    }

    /// The same under a partition besides: at most `limits[g]` items with `groups[item] == g`. The
    /// feasible sets form a laminar matroid, so that taking items by falling score, where a place is
    /// left, still gives the best set for every z.
    #[must_use]
    pub fn with_groups(self, groups: &[usize], limits: &[usize]) -> Self {
        let used = vec![0; limits.len()];
        let parts = Groups { of: groups.to_vec(), limits: limits.to_vec(), used };
        let top = Vec::with_capacity(groups.len());
        Self { groups: Some(parts), top, ..self }
    }

    /// Solves for these revenues (≥ 0) and attractions (from 0 to 10^100; 0 for an item that cannot
    /// be offered) and answers the greatest expected revenue; the set is [`Solver::set`]. An item
    /// whose numbers are NaN is not offered.
    pub fn solve(&mut self, revenues: &[f64], attractions: &[f64]) -> f64 {
        self.set.clear();
        // What the first items alone are worth: a bound from below that saves passes over them all.
        if self.groups.is_none() && revenues.len() >= WORTH_SAMPLING {
            let sample = revenues.len() / SAMPLED_SHARE;
            self.improve(&revenues[..sample], &attractions[..sample]);
        }
        self.improve(revenues, attractions)
    }

    /// The set found last, rising.
    pub fn set(&self) -> &[usize] {
        &self.set
    }

    /// Dinkelbach's iteration from the present set on.
    fn improve(&mut self, revenues: &[f64], attractions: &[f64]) -> f64 {
        let mut z = revenue(revenues, attractions, &self.set);
        loop {
            self.previous.clone_from(&self.set);
            match self.groups {
                None => self.select(revenues, attractions, z),
                Some(_) => self.select_by_groups(revenues, attractions, z),
            }
            let better = revenue(revenues, attractions, &self.set);
            if better > z * (1.0 + TIE) {
                z = better;
                continue;
            }
            // Beside an attraction near 1/TIE, a revenue near z is no reason to leave an item out.
            if better < z * (1.0 - ROUNDING) {
                self.set.clone_from(&self.previous);
                return z;
            }
            self.settle_ties(revenues, attractions, z);
            return revenue(revenues, attractions, &self.set);
        }
    }

    /// Replaces the items that share the least score of a full set by the first of all that have it.
    fn settle_ties(&mut self, revenues: &[f64], attractions: &[f64], z: f64) {
        if self.groups.is_some() || self.set.len() < self.capacity {
            return;
        }
        let scores = self.set.iter().map(|&i| score(revenues[i], attractions[i], z));
        let least = scores.fold(f64::INFINITY, f64::min);
        if count_reaching(revenues, attractions, z, least) == self.capacity as u64 {
            return;
        }
        let numbers = || revenues.iter().zip(attractions).enumerate();
        let gap = |r: f64, v: f64| (score(r, v, z) - least, slack(r, v, z));
        self.set.clear();
        let above = numbers().filter(|&(_, (&r, &v))| {
            let (gap, slack) = gap(r, v);
            gap > slack
        });
        self.set.extend(above.map(|(item, _)| item));
        let places = self.capacity - self.set.len().min(self.capacity);
        let tied = numbers().filter(|&(_, (&r, &v))| {
            let (gap, slack) = gap(r, v);
            gap.abs() <= slack && score(r, v, z) > 0.0
        });
        self.set.extend(tied.take(places).map(|(item, _)| item));
        self.set.sort_unstable();
    }

    /// The items of the greatest scores that count as positive; of equal ones the first.
    fn select(&mut self, revenues: &[f64], attractions: &[f64], z: f64) {
        let mut bar = self.first_bar(revenues, attractions, z);
        self.top.clear();
        let mut next = 0;
        loop {
            let block = next_block(revenues, attractions, z, bar, next);
            let end = revenues.len().min(block + BLOCK);
            for item in block..end {
                let score = score(revenues[item], attractions[item], z);
                if score > bar {
                    self.top.push((score, item));
                    if self.top.len() == 2 * self.capacity {
                        bar = self.keep_best();
                    }
                }
            }
            next = block + BLOCK;
            if next >= revenues.len() {
                break;
            }
        }
        if self.top.len() > self.capacity {
            self.keep_best();
        }
        self.take_top();
    }

    /// What a score must exceed to be among the best: as many as fit reach the least score of a full
    /// set.
    fn first_bar(&self, revenues: &[f64], attractions: &[f64], z: f64) -> f64 {
        if self.set.len() < self.capacity {
            return 0.0;
        }
        let scores = self.set.iter().map(|&i| score(revenues[i], attractions[i], z));
        let least = scores.fold(f64::INFINITY, f64::min);
        if least > 0.0 { least.next_down() } else { 0.0 }
    }

    /// Drops all but the best candidates; answers the least score kept, which a later item must
    /// exceed.
    fn keep_best(&mut self) -> f64 {
        let (_, &mut (least, _), _) = self.top.select_nth_unstable_by(self.capacity - 1, by_score);
        self.top.truncate(self.capacity);
        least
    }

    fn select_by_groups(&mut self, revenues: &[f64], attractions: &[f64], z: f64) {
        let Some(groups) = &mut self.groups else { return };
        self.top.clear();
        let scores = revenues.iter().zip(attractions).map(|(&r, &v)| score(r, v, z));
        self.top.extend(scores.enumerate().filter(|&(_, s)| s > 0.0).map(|(i, s)| (s, i)));
        self.top.sort_unstable_by(by_score);
        groups.used.fill(0);
        let mut places = self.capacity;
        self.top.retain(|&(_, item)| {
            let group = groups.of[item];
            let fits = places > 0 && groups.used[group] < groups.limits[group];
            if fits {
                groups.used[group] += 1;
                places -= 1;
            }
            fits
        });
        self.take_top();
    }

    fn take_top(&mut self) {
        self.set.clear();
        self.set.extend(self.top.iter().map(|&(_, item)| item));
        self.set.sort_unstable();
    }
}

/// What leaving out an item of revenue z may change of a set's revenue, relatively.
const ROUNDING: f64 = 1e-11;

/// Items from which on solving for a share of them first is faster, and the share.
const WORTH_SAMPLING: usize = 4096;
const SAMPLED_SHARE: usize = 16;

/// Items whose scores are compared with the bar together.
const BLOCK: usize = 32;

/// Falling scores; of equal ones the lower index first.
fn by_score(a: &(f64, usize), b: &(f64, usize)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

/// `v (r − z)`, with 0 for a revenue that counts as equal to z.
#[inline(always)]
fn score(r: f64, v: f64, z: f64) -> f64 {
    let gain = r - z;
    if gain > TIE * z { v * gain } else { 0.0 }
}

/// What the rounding of a score may amount to: scores closer than this are equal.
#[inline(always)]
fn slack(r: f64, v: f64, z: f64) -> f64 {
    TIE * v * (r + z)
}

vectorised! {
    /// How many items have a score of at least `least`, or equal to it.
    fn count_reaching(revenues: &[f64], attractions: &[f64], z: f64, least: f64) -> u64 {
        let tie = TIE * z;
        let mut count = 0;
        for (&r, &v) in revenues.iter().zip(attractions) {
            let reaches = v * (r - z) >= least - slack(r, v, z);
            count += u64::from(reaches) & u64::from(r - z > tie);
        }
        count
    }
}

vectorised! {
    /// The first block of items from `next` (a multiple of the block's size) on with a score above
    /// the bar; the number of items if there is none.
    fn next_block(revenues: &[f64], attractions: &[f64], z: f64, bar: f64, next: usize) -> usize {
        let tie = TIE * z;
        let r = revenues[next.min(revenues.len())..].chunks(BLOCK);
        let v = attractions[next.min(revenues.len())..].chunks(BLOCK);
        for (index, (r, v)) in r.zip(v).enumerate() {
            let mut above = 0u64;
            for (&r, &v) in r.iter().zip(v) {
                let gain = r - z;
                above |= u64::from(v * gain > bar) & u64::from(gain > tie);
            }
            if above != 0 {
                return next + index * BLOCK;
            }
        }
        revenues.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes;
    use super::*;
    use crate::random::{Role, Stream};

    const REVENUES: [f64; 4] = [0.9, 0.4, 0.8, 0.7];
    const ATTRACTIONS: [f64; 4] = [0.1, 2.0, 0.5, 0.5];

    fn solved(capacity: usize) -> (f64, Vec<usize>) {
        let mut solver = Solver::new(4, capacity);
        (solver.solve(&REVENUES, &ATTRACTIONS), solver.set().to_vec())
    }

    #[test]
    fn small_cases_by_hand() {
        // {3, 4}: (0.8 + 0.7)/2 / 2; no set chosen by revenue, attraction or their product has it.
        assert_eq!(solved(2), (0.375, vec![2, 3]));
        // {3, 4} with item 1: (0.09 + 0.4 + 0.35) / 2.1 = 0.4, the revenue of item 2: a tie.
        let (revenue, set) = solved(4);
        assert!((revenue - 0.4).abs() < 1e-15);
        assert_eq!(set, [0, 2, 3]);
        // One item: 0.09/1.1, 0.8/3, 0.4/1.5, 0.35/1.5: items 2 and 3 tie at 4/15.
        assert_eq!(solved(1).1, [1]);
    }

    #[test]
    fn nothing_to_gain_is_the_empty_set() {
        let mut solver = Solver::new(3, 2);
        assert_eq!(solver.solve(&[0.0; 3], &[1.0, 2.0, 0.5]), 0.0);
        assert!(solver.set().is_empty());
        assert_eq!(solver.solve(&[1.0; 3], &[0.0; 3]), 0.0);
        // An item that is not a number is left out; one that outweighs everything is worth its revenue.
        assert_eq!(solver.solve(&[1.0, 1.0, 0.5], &[f64::NAN, 1.0, 1e100]), 0.5);
        assert_eq!(solver.set(), [1]);
        assert_eq!(solver.solve(&[1.0, 1.0, 0.75], &[f64::NAN, 1.0, 1e100]), 0.75);
        assert_eq!(solver.set(), [1, 2]);
    }

    #[test]
    fn equal_items_are_taken_in_their_order() {
        let mut solver = Solver::new(100, 3);
        let revenue = solver.solve(&[1.0; 100], &[0.5; 100]);
        assert_eq!((revenue, solver.set()), (0.6, &[0, 1, 2][..]));
        // A solver that is used again starts anew.
        let mut attractions = [0.5; 100];
        attractions[98] = 0.75;
        solver.solve(&[1.0; 100], &attractions);
        assert_eq!(solver.set(), [0, 1, 98]);
    }

    /// Instances with many equal numbers, so that ties are common.
    fn coarse(stream: &mut Stream, items: usize) -> (Vec<f64>, Vec<f64>) {
        let revenues = (0..items).map(|_| stream.index(5) as f64 / 4.0).collect();
        let attractions = (0..items).map(|_| (1 + stream.index(4)) as f64 / 4.0).collect();
        (revenues, attractions)
    }

    #[test]
    fn agrees_with_enumeration_and_line_crossing() {
        let mut stream = Stream::new(1, 0, Role::Learner);
        for case in 0..600 {
            let items = 1 + stream.index(8);
            let (revenues, attractions) = if case % 3 == 0 {
                coarse(&mut stream, items)
            } else {
                let mut draw = || (0..items).map(|_| stream.uniform()).collect::<Vec<f64>>();
                (draw(), draw().into_iter().map(|u| 3.0 * u * u).collect())
            };
            for capacity in 1..=items {
                let mut solver = Solver::new(items, capacity);
                let found = solver.solve(&revenues, &attractions);
                let value = |set: &[usize]| revenue(&revenues, &attractions, set);
                let (best, set) = routes::by_enumeration(items, capacity, value);
                assert!((found - best).abs() <= 1e-13, "{revenues:?} {attractions:?} {capacity}");
                assert_eq!(solver.set(), set, "{revenues:?} {attractions:?} {capacity}");
                let (best, set) = routes::by_line_crossing(&revenues, &attractions, capacity);
                assert!((found - best).abs() <= 1e-13);
                assert_eq!(solver.set(), set, "{revenues:?} {attractions:?} {capacity}");
            }
        }
    }

    #[test]
    fn without_a_capacity_the_set_is_ordered_by_revenue() {
        let mut stream = Stream::new(2, 0, Role::Learner);
        for items in [1, 7, 40, 300, 5000] {
            let revenues: Vec<f64> = (0..items).map(|_| stream.uniform()).collect();
            let attractions: Vec<f64> = (0..items).map(|_| stream.uniform()).collect();
            let mut solver = Solver::new(items, items);
            let found = solver.solve(&revenues, &attractions);
            let better: Vec<usize> = (0..items).filter(|&i| revenues[i] > found).collect();
            assert_eq!(solver.set(), better);
            let (best, set) = routes::by_revenue_order(&revenues, &attractions);
            assert!((best - found).abs() < 1e-13);
            assert_eq!(solver.set(), set);
        }
    }

    #[test]
    fn many_items_agree_with_selection_by_sorting() {
        let mut stream = Stream::new(3, 0, Role::Learner);
        for (items, capacity) in [(1000, 10), (5000, 1), (9999, 33), (70_001, 500)] {
            let revenues: Vec<f64> = (0..items).map(|_| stream.uniform()).collect();
            let attractions: Vec<f64> = (0..items).map(|_| stream.uniform()).collect();
            let mut solver = Solver::new(items, capacity);
            let found = solver.solve(&revenues, &attractions);
            // At the root of F, the set of the greatest scores is the one found, and F vanishes.
            let mut order: Vec<usize> = (0..items).filter(|&i| revenues[i] > found).collect();
            order.sort_by(|&a, &b| {
                let score = |i: usize| attractions[i] * (revenues[i] - found);
                score(b).total_cmp(&score(a))
            });
            order.truncate(capacity);
            let total: f64 = order.iter().map(|&i| attractions[i] * (revenues[i] - found)).sum();
            assert!((total - found).abs() < 1e-9, "{total} {found}");
            order.sort_unstable();
            assert_eq!(solver.set(), order);
        }
    }

    #[test]
    fn groups_agree_with_enumeration() {
        let mut stream = Stream::new(4, 0, Role::Learner);
        let groups = [0, 1, 0, 2, 1, 0, 1];
        let limits = [1, 2, 1];
        for _ in 0..200 {
            let revenues: Vec<f64> = (0..7).map(|_| stream.uniform()).collect();
            let attractions: Vec<f64> = (0..7).map(|_| 2.0 * stream.uniform()).collect();
            for capacity in 1..=7 {
                let mut solver = Solver::new(7, capacity).with_groups(&groups, &limits);
                let found = solver.solve(&revenues, &attractions);
                let (best, set) = routes::by_enumeration(7, capacity, |set| {
                    let within = |g| set.iter().filter(|&&i| groups[i] == g).count() <= limits[g];
                    if (0..3).all(within) { revenue(&revenues, &attractions, set) } else { -1.0 }
                });
                assert!((found - best).abs() <= 1e-13);
                assert_eq!(solver.set(), set);
            }
        }
    }
}
