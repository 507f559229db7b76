//! The best assortment by other routes than [`super::Solver`]: slower, independent of it and of each
//! other, with the same rule for ties.

use super::{TIE, revenue};

/// The best of all sets of 1 to `capacity` of `items` items under any value, or the empty set with
/// value 0 where no set is worth more. Sets are shown rising; there are [`sets`] of them.
pub fn by_enumeration(
    items: usize,
    capacity: usize,
    mut value: impl FnMut(&[usize]) -> f64,
) -> (f64, Vec<usize>) {
    let mut best = Best::default();
    // In order of size, and within a size as words in a dictionary: the first of equals wins.
    for size in 1..=capacity.min(items) {
        let mut set: Vec<usize> = (0..size).collect();
        loop {
            best.offer(value(&set), &set);
            if !advance(&mut set, items) {
                break;
            }
        }
    }
    (best.value, best.set)
}

/// How many sets of 1 to `capacity` of `items` items there are; `None` beyond 2^64.
pub fn sets(items: usize, capacity: usize) -> Option<u64> {
    let (mut total, mut of_size) = (0u64, 1u64);
    for size in 1..=capacity.min(items) as u64 {
        // C(n, k) = C(n, k − 1) (n − k + 1) / k, always whole.
        of_size = of_size.checked_mul(items as u64 - size + 1)? / size;
        total = total.checked_add(of_size)?;
    }
    Some(total)
}

/// The next set of the same size, if there is one.
fn advance(set: &mut [usize], items: usize) -> bool {
    let size = set.len();
    let Some(place) = (0..size).rev().find(|&place| set[place] < items - size + place) else {
        return false;
    };
    set[place] += 1;
    for later in place + 1..size {
        set[later] = set[later - 1] + 1;
    }
    true
}

/// The best set by following the crossings of the lines `z ↦ v_i (r_i − z)` with each other and with
/// the axis: between two neighbouring crossings the order of the scores stays, so the K greatest
/// positive ones are one set, and one of these O(N²) sets is optimal.
///
/// Source: Rusmevichientong, Shen, Shmoys, 2010, Section 2.1. Deviation: the scores are sorted anew
/// in every interval instead of exchanging two neighbours, which needs no care where several lines
/// cross in one point; O(N³ ln N) for N items.
pub fn by_line_crossing(
    revenues: &[f64],
    attractions: &[f64],
    capacity: usize,
) -> (f64, Vec<usize>) {
    let mut crossings = crossings(revenues, attractions);
    crossings.sort_by(f64::total_cmp);
    let midpoints = crossings.windows(2).map(|ends| 0.5 * (ends[0] + ends[1]));
    let worth = midpoints.map(|z| {
        let mut set = ranked(revenues, attractions, z);
        set.truncate(capacity);
        revenue(revenues, attractions, &set)
    });
    let best = worth.fold(0.0, f64::max);
    (best, first_of_equals(revenues, attractions, capacity, best))
}

/// Where two lines cross, or one the axis, between 0 and the greatest revenue; with both ends.
fn crossings(revenues: &[f64], attractions: &[f64]) -> Vec<f64> {
    let greatest = revenues.iter().copied().fold(0.0, f64::max);
    let mut crossings = vec![0.0, greatest];
    for (i, (&r, &v)) in revenues.iter().zip(attractions).enumerate() {
        let others = revenues[..i].iter().zip(&attractions[..i]);
        let pairs = others.map(|(&other, &w)| (v * r - w * other) / (v - w));
        crossings.extend(pairs.chain([r]).filter(|z| (0.0..=greatest).contains(z)));
    }
    crossings
}

/// The items of positive scores, the greatest first.
fn ranked(revenues: &[f64], attractions: &[f64], z: f64) -> Vec<usize> {
    let score = |item: usize| attractions[item] * (revenues[item] - z);
    let worthwhile = |&item: &usize| revenues[item] > z * (1.0 + TIE) && attractions[item] > 0.0;
    let mut order: Vec<usize> = (0..revenues.len()).filter(worthwhile).collect();
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    order
}

/// The optimal set for the optimal revenue `z`: of equal scores at the capacity the first items.
fn first_of_equals(revenues: &[f64], attractions: &[f64], capacity: usize, z: f64) -> Vec<usize> {
    let mut order = ranked(revenues, attractions, z);
    if let Some(&last) = order.get(capacity.wrapping_sub(1)) {
        let score = |item: usize| attractions[item] * (revenues[item] - z);
        let slack = |item: usize| TIE * attractions[item] * (revenues[item] + z);
        let is_tied = |item: usize| (score(item) - score(last)).abs() <= slack(item);
        // Stable: first those above, then the tied ones in their order.
        order.sort_unstable();
        order.retain(|&item| is_tied(item) || score(item) > score(last));
        order.sort_by_key(|&item| is_tied(item));
        order.truncate(capacity);
        order.sort_unstable();
    } else {
        order.sort_unstable();
    }
    order
}

/// The best set of any size: some optimal one holds the items of the greatest revenues (Talluri and
/// van Ryzin, Revenue management under a general discrete choice model of consumer behavior, 2004).
pub fn by_revenue_order(revenues: &[f64], attractions: &[f64]) -> (f64, Vec<usize>) {
    let mut order: Vec<usize> = (0..revenues.len()).collect();
    order.sort_by(|&a, &b| revenues[b].total_cmp(&revenues[a]));
    let (mut sum, mut weight, mut best, mut length) = (0.0, 1.0, 0.0, 0);
    for (index, &item) in order.iter().enumerate() {
        sum += revenues[item] * attractions[item];
        weight += attractions[item];
        if sum / weight > best * (1.0 + TIE) {
            (best, length) = (sum / weight, index + 1);
        }
    }
    order.truncate(length);
    order.sort_unstable();
    (best, order)
}

/// The best value met, and the first set that has it.
#[derive(Default)]
struct Best {
    value: f64,
    set: Vec<usize>,
}

impl Best {
    fn offer(&mut self, value: f64, set: &[usize]) {
        if value > self.value * (1.0 + TIE) {
            self.value = value;
            self.set.clear();
            self.set.extend_from_slice(set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_is_shown_once_in_order() {
        let mut shown = Vec::new();
        by_enumeration(4, 2, |set| {
            shown.push(set.to_vec());
            0.0
        });
        let expected: [&[usize]; 10] =
            [&[0], &[1], &[2], &[3], &[0, 1], &[0, 2], &[0, 3], &[1, 2], &[1, 3], &[2, 3]];
        assert_eq!(shown, expected);
        assert_eq!(sets(4, 2), Some(10));
        assert_eq!(sets(20, 4), Some(20 + 190 + 1140 + 4845));
        assert_eq!(sets(3, 9), Some(7));
        assert_eq!(sets(1000, 500), None);
    }
}
