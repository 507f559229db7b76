//! The empirical model of an episodic process: visits, mean rewards, shares of successors.

use regret_engine::mdp::Layout;
use regret_engine::protocols::episodic::Episode;
use regret_engine::vectorised;

/// Counts for every step, or for all steps together where the process is stationary.
///
/// *Places* are pairs within a step, s A + a. Rewards are 1 − loss.
pub struct EmpiricalModel {
    layout: Layout,
    stationary: bool,
    /// N(h, s, a) and the sums of rewards, tables over pairs (of step 0 only if stationary).
    visits: Vec<f64>,
    rewards: Vec<f64>,
    means: Vec<f64>,
    /// Counts of successors and, of those counts, shares: in every step `[s′][place]`.
    counts: Vec<f64>,
    shares: Vec<f64>,
    /// Visits of pairs that had a successor.
    followed: Vec<f64>,
}

impl EmpiricalModel {
    /// No visit yet.
    pub fn new(layout: &Layout, stationary: bool) -> Self {
        let pairs = if stationary { layout.pairs_of(0).len() } else { layout.pairs() };
        let entries = if stationary { layout.entries_of(0).len() } else { layout.entries() };
        Self {
            layout: layout.clone(),
            stationary,
            visits: vec![0.0; pairs],
            rewards: vec![0.0; pairs],
            means: vec![0.0; pairs],
            counts: vec![0.0; entries],
            shares: vec![0.0; entries],
            followed: vec![0.0; pairs],
        }
    }

    /// Forgets every visit.
    pub fn forget(&mut self) {
        for table in [
            &mut self.visits,
            &mut self.rewards,
            &mut self.means,
            &mut self.counts,
            &mut self.shares,
            &mut self.followed,
        ] {
            table.fill(0.0);
        }
    }

    /// The step whose tables step `h` uses.
    fn table(&self, h: usize) -> usize {
        if self.stationary { 0 } else { h }
    }

    /// Enters an episode with the losses of the visited pairs.
    pub fn enter(&mut self, episode: Episode<'_>) {
        let steps = episode.states.iter().zip(episode.actions).zip(episode.losses);
        for (h, ((&s, &a), loss)) in steps.enumerate() {
            let table = self.table(h);
            let pair = self.layout.pair(table, s, a);
            self.visits[pair] += 1.0;
            self.rewards[pair] += 1.0 - loss;
            self.means[pair] = self.rewards[pair] / self.visits[pair];
            let Some(&next) = episode.states.get(h + 1) else { continue };
            let first = self.layout.entries_of(table).start;
            let places = self.layout.pairs_of(table).len();
            let place = s * self.layout.actions() + a;
            self.followed[pair] += 1.0;
            self.counts[first + next * places + place] += 1.0;
            let total = self.followed[pair];
            for y in 0..self.layout.width(h + 1) {
                let entry = first + y * places + place;
                self.shares[entry] = self.counts[entry] / total;
            }
        }
    }

    /// N of a place of step `h`.
    #[inline]
    pub fn visits(&self, h: usize, place: usize) -> f64 {
        self.visits[self.layout.pairs_of(self.table(h)).start + place]
    }

    /// The sum of N over the actions of a state.
    pub fn state_visits(&self, h: usize, s: usize) -> f64 {
        self.visits[self.layout.row(self.table(h), s)].iter().sum()
    }

    /// The mean reward of a place of step `h`; 0 before its first visit.
    #[inline]
    pub fn reward(&self, h: usize, place: usize) -> f64 {
        self.means[self.layout.pairs_of(self.table(h)).start + place]
    }

    /// How often successor `next` of a place of step `h` was seen.
    #[inline]
    pub fn count(&self, h: usize, place: usize, next: usize) -> f64 {
        let table = self.table(h);
        let places = self.layout.pairs_of(table).len();
        self.counts[self.layout.entries_of(table).start + next * places + place]
    }

    /// Writes Σ P̂(s′ | place) values(s′) for the places of step `h`; 0 in the last step.
    pub fn expect(&self, h: usize, values: &[f64], means: &mut [f64]) {
        let places = self.layout.pairs_of(h).len();
        let means = &mut means[..places];
        means.fill(0.0);
        if values.is_empty() {
            return;
        }
        let entries = self.layout.entries_of(self.table(h));
        add_expectations(&self.shares[entries], values, means);
    }
}

vectorised! {
    /// `sums[place] += Σ_s′ P[s′][place] values[s′]`.
    fn add_expectations(transposed: &[f64], values: &[f64], sums: &mut [f64]) {
        for (row, &value) in transposed.chunks_exact(sums.len()).zip(values) {
            for (sum, p) in sums.iter_mut().zip(row) {
                *sum += p * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_means_by_hand() {
        for stationary in [false, true] {
            let layout = Layout::new(&[2, 2, 2], 2).expect("valid");
            let mut model = EmpiricalModel::new(&layout, stationary);
            let seen = [
                ([0, 1, 1], [1, 0, 0], [0.25, 1.0, 0.5]),
                ([0, 0, 1], [1, 0, 1], [0.75, 0.0, 0.5]),
            ];
            for (states, actions, losses) in &seen {
                model.enter(Episode { states, actions, losses });
            }
            // (0, 1) of step 0: twice, to 1 and to 0.
            assert_eq!((model.visits(0, 1), model.reward(0, 1)), (2.0, 0.5));
            let mut means = [9.0; 4];
            model.expect(0, &[2.0, 6.0], &mut means);
            assert_eq!(means[1], 4.0);
            // (1, 0): at step 1 once, to 1; at step 2 once more, without a successor.
            let shared = model.visits(1, 2);
            assert_eq!(shared, if stationary { 2.0 } else { 1.0 });
            model.expect(1, &[2.0, 6.0], &mut means);
            assert_eq!(means[2], 6.0);
            assert_eq!(model.state_visits(1, 0), if stationary { 3.0 } else { 1.0 });
            model.expect(2, &[], &mut means);
            assert_eq!(means, [0.0; 4]);
        }
    }
}
