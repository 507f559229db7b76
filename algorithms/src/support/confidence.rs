//! Transitions estimated in doubling epochs, with an interval for every probability.
//!
//! Source: Jin, Jin, Luo, Sra, Yu, "Learning adversarial Markov decision processes with bandit
//! feedback and unknown transition", 2020, Sections 3 and 4, and Algorithm 3 (COMP-UOB).

use regret_engine::math;
use regret_engine::mdp::Layout;

/// Counts of transitions, and intervals [lo, up] for their probabilities, renewed whenever some pair
/// was visited in the epoch as often as before it (at least once).
pub struct ConfidenceSet {
    layout: Layout,
    start: usize,
    /// ln(K S A/δ), and what the widths are multiplied by.
    log_term: f64,
    scale: f64,
    /// Visits of pairs before the epoch and in it; transitions of all time, a table over entries.
    before: Vec<u64>,
    within: Vec<u64>,
    counts: Vec<u64>,
    /// The intervals, tables over entries.
    lower: Vec<f64>,
    upper: Vec<f64>,
    epochs: u64,
    /// A step's next states by value, and values of two steps.
    order: Vec<usize>,
    values: Vec<f64>,
}

impl ConfidenceSet {
    /// No visit yet: every interval is [0, 1]. `delta` is the probability of failing, `episodes` K;
    /// the widths of the theorem are multiplied by `scale`.
    pub fn new(layout: &Layout, start: usize, episodes: u64, delta: f64, scale: f64) -> Self {
        let entries = layout.entries();
        let pairs = layout.pairs();
        let mut set = Self {
            log_term: math::ln(episodes as f64 * pairs as f64 / delta),
            scale,
            before: vec![0; pairs],
            within: vec![0; pairs],
            counts: vec![0; entries],
            lower: vec![0.0; entries],
            upper: vec![1.0; entries],
            epochs: 1,
            order: Vec::with_capacity(layout.states()),
            values: vec![0.0; layout.states()],
            layout: layout.clone(),
            start,
        };
        set.forget();
        set
    }

    /// Forgets every visit.
    pub fn forget(&mut self) {
        self.before.fill(0);
        self.within.fill(0);
        self.counts.fill(0);
        self.lower.fill(0.0);
        self.upper.fill(1.0);
        self.epochs = 1;
    }

    /// The number of the epoch, from 1.
    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// Enters an episode; answers whether a new epoch begins, with other intervals.
    pub fn enter(&mut self, states: &[usize], actions: &[usize]) -> bool {
        let mut full = false;
        for (h, (&s, &a)) in states.iter().zip(actions).enumerate() {
            let pair = self.layout.pair(h, s, a);
            self.within[pair] += 1;
            full |= self.within[pair] >= self.before[pair].max(1);
            if let Some(&next) = states.get(h + 1) {
                self.counts[self.layout.successors(h, s, a).start + next] += 1;
            }
        }
        if full {
            self.renew();
        }
        full
    }

    fn renew(&mut self) {
        self.epochs += 1;
        for (before, within) in self.before.iter_mut().zip(&mut self.within) {
            *before += std::mem::take(within);
        }
        for h in 0..self.layout.steps() {
            for s in 0..self.layout.width(h) {
                for a in 0..self.layout.actions() {
                    let visits = self.before[self.layout.pair(h, s, a)];
                    if visits == 0 {
                        continue;
                    }
                    for entry in self.layout.successors(h, s, a) {
                        let share = self.counts[entry] as f64 / visits as f64;
                        let width = self.scale * width(share, visits, self.log_term);
                        self.lower[entry] = (share - width).max(0.0);
                        self.upper[entry] = (share + width).min(1.0);
                    }
                }
            }
        }
    }

    /// All lower and all upper ends, tables over entries.
    pub fn intervals(&self) -> (&[f64], &[f64]) {
        (&self.lower, &self.upper)
    }

    /// The intervals of the successors of (h, s, a).
    pub fn interval(&self, h: usize, s: usize, a: usize) -> (&[f64], &[f64]) {
        let entries = self.layout.successors(h, s, a);
        (&self.lower[entries.clone()], &self.upper[entries])
    }

    /// Writes, for every state, the greatest and the least probability that a policy visits it under
    /// transitions of the set (tables over states).
    pub fn reach(&mut self, policy: &[f64], greatest: &mut [f64], least: &mut [f64]) {
        for h in 0..self.layout.steps() {
            for s in 0..self.layout.width(h) {
                let state = self.layout.state(h, s);
                greatest[state] = self.reach_one(policy, h, s, true);
                least[state] = self.reach_one(policy, h, s, false);
            }
        }
    }

    /// Backwards from the indicator of the target.
    fn reach_one(&mut self, policy: &[f64], h: usize, s: usize, most: bool) -> f64 {
        let mut values = std::mem::take(&mut self.values);
        values[self.layout.states_of(h)].fill(0.0);
        values[self.layout.state(h, s)] = 1.0;
        for step in (0..h).rev() {
            let (here, after) = values.split_at_mut(self.layout.states_of(step + 1).start);
            let next = &after[..self.layout.width(step + 1)];
            self.sort(next, most);
            for state in 0..self.layout.width(step) {
                let row = self.layout.row(step, state);
                let mut value = 0.0;
                for (a, &p) in policy[row].iter().enumerate() {
                    if p > 0.0 {
                        value += p * self.extreme(step, state, a, next);
                    }
                }
                here[self.layout.state(step, state)] = value;
            }
        }
        let reached = values[self.start];
        self.values = values;
        reached
    }

    /// Orders the states of a step by value: the greatest first, or the least.
    pub fn sort(&mut self, values: &[f64], greatest_first: bool) {
        self.order.clear();
        self.order.extend(0..values.len());
        let by = |a: &usize, b: &usize| values[*a].total_cmp(&values[*b]).then(a.cmp(b));
        if greatest_first {
            self.order.sort_unstable_by(|a, b| by(b, a));
        } else {
            self.order.sort_unstable_by(by);
        }
    }

    /// The extreme of Σ P(s′) values(s′) over the rows of (h, s, a) in the set, in the direction in
    /// which the values were [sorted](Self::sort): everyone gets the lower end, what is left goes to
    /// the first, up to the upper end.
    pub fn extreme(&self, h: usize, s: usize, a: usize, values: &[f64]) -> f64 {
        let (lower, upper) = self.interval(h, s, a);
        let mut left = 1.0 - lower.iter().sum::<f64>();
        let mut sum = 0.0;
        for &next in &self.order {
            let more = left.min(upper[next] - lower[next]).max(0.0);
            sum += (lower[next] + more) * values[next];
            left -= more;
        }
        sum
    }
}

/// The width of a probability's interval: 2 √(P̄ c/max(1, N − 1)) + 14 c/(3 max(1, N − 1)).
fn width(share: f64, visits: u64, log_term: f64) -> f64 {
    let n = visits.saturating_sub(1).max(1) as f64;
    2.0 * (share * log_term / n).sqrt() + 14.0 * log_term / (3.0 * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_by_hand() {
        // K S A/δ = 280000, N = 101, P̄ = ¼.
        assert!((width(0.25, 101, 280_000f64.ln()) - 0.939_473).abs() < 1e-6);
    }

    /// One state and two successors, P̄(0) = 0.6 and 0.3, width 0.1, both actions by halves.
    #[test]
    fn reach_by_hand() {
        let layout = Layout::new(&[1, 2], 2).expect("valid");
        let mut set = ConfidenceSet::new(&layout, 0, 10, 0.05, 1.0);
        set.lower = vec![0.5, 0.3, 0.2, 0.6];
        set.upper = vec![0.7, 0.5, 0.4, 0.8];
        let policy = [0.5, 0.5, 1.0, 0.0, 1.0, 0.0];
        let (mut greatest, mut least) = ([0.0; 3], [0.0; 3]);
        set.reach(&policy, &mut greatest, &mut least);
        let close = |found: [f64; 3], known: [f64; 3]| {
            assert!(found.iter().zip(known).all(|(f, k)| (f - k).abs() < 1e-15), "{found:?}");
        };
        close(greatest, [1.0, 0.55, 0.65]);
        close(least, [1.0, 0.35, 0.45]);
    }

    #[test]
    fn epochs_double() {
        let layout = Layout::new(&[1, 2], 1).expect("valid");
        let mut set = ConfidenceSet::new(&layout, 0, 1000, 0.05, 0.0);
        let renewals: Vec<usize> =
            (1..=40).filter(|k| set.enter(&[0, usize::from(k % 4 == 0)], &[0, 0])).collect();
        // The first pair has 1, 2, 4, … visits before an epoch, and so have those of step 1: state 0
        // is visited in three of four episodes, state 1 in the fourth.
        assert_eq!(renewals[0], 1);
        assert!(renewals.len() < 20, "{renewals:?}");
        // With no width the intervals are the shares at the last renewal.
        let last = *renewals.last().expect("some");
        let (lower, upper) = set.interval(0, 0, 0);
        let share = (last / 4) as f64 / last as f64;
        assert_eq!((lower[1], upper[1]), (share, share));
    }

    #[test]
    fn everything_is_possible_before_the_first_visit() {
        let layout = Layout::new(&[1, 3], 2).expect("valid");
        let mut set = ConfidenceSet::new(&layout, 0, 10, 0.05, 1.0);
        let mut policy = vec![0.0; layout.pairs()];
        layout.write_uniform(&mut policy);
        let (mut greatest, mut least) = ([9.0; 4], [9.0; 4]);
        set.reach(&policy, &mut greatest, &mut least);
        assert_eq!((greatest, least), ([1.0; 4], [1.0, 0.0, 0.0, 0.0]));
    }
}
