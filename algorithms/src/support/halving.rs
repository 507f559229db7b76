//! One run of sequential halving, on numbered places that stand for arms.
//!
//! Source: Karnin, Koren and Somekh, Almost optimal exploration in multi-armed bandits, 2013,
//! Algorithm 3: R = ⌈log₂ k⌉ rounds, in each of which every survivor is pulled ⌊n / (|S| R)⌋ times,
//! after which the better half (rounded up) survives.

use super::index::Tally;

/// A run. It is asked for a place and how often to pull it, and told of rewards in between.
#[derive(Clone, Debug)]
pub struct Halving {
    /// Whether rewards of earlier rounds count.
    keep: bool,
    /// The rewards that count, of every place.
    tallies: Vec<Tally>,
    /// The places still in, the best first by what was known when they were chosen.
    survivors: Vec<u32>,
    budget: u64,
    spend_leftover: bool,
    /// Index into `survivors` of the next to be pulled.
    next: usize,
}

/// Rounds of a run on that many places, at least 1.
pub fn rounds(places: usize) -> u64 {
    u64::from(places.next_power_of_two().trailing_zeros()).max(1)
}

/// Pulls of each of the survivors in a round, 0 if the budget is too small.
pub fn pulls(budget: u64, places: usize, survivors: usize) -> u64 {
    budget / (survivors as u64 * rounds(places))
}

/// Pulls of a whole run, at most its budget.
fn spent(budget: u64, places: usize) -> u64 {
    let mut survivors = places;
    let mut spent = 0;
    for _ in 0..rounds(places) {
        spent += survivors as u64 * pulls(budget, places, survivors);
        survivors = survivors.div_ceil(2);
    }
    spent
}

impl Halving {
    /// A run that has not begun. `keep` says whether rewards of earlier rounds count,
    /// `spend_leftover` whether the last round gets what rounding leaves of the budget.
    pub fn new(places: usize, keep: bool, spend_leftover: bool) -> Self {
        let mut halving = Self {
            keep,
            tallies: vec![Tally::default(); places],
            survivors: Vec::with_capacity(places),
            budget: 0,
            spend_leftover,
            next: 0,
        };
        halving.begin(0);
        halving
    }

    /// Begins a run with a budget of pulls.
    pub fn begin(&mut self, budget: u64) {
        self.tallies.fill(Tally::default());
        self.survivors.clear();
        self.survivors.extend(0..self.tallies.len() as u32);
        self.budget = budget;
        self.next = 0;
    }

    /// The next place to pull and how often; `None` once a single place is left. To be asked when the
    /// pulls that it answered before are done.
    pub fn block(&mut self) -> Option<(usize, u64)> {
        if self.next == self.survivors.len() {
            self.halve();
        }
        if self.is_over() {
            return None;
        }
        let place = self.survivors[self.next] as usize;
        self.next += 1;
        Some((place, self.pulls()))
    }

    /// Pulls of each survivor in this round.
    fn pulls(&self) -> u64 {
        let (places, survivors) = (self.tallies.len(), self.survivors.len());
        let planned = pulls(self.budget, places, survivors);
        if self.spend_leftover && survivors <= 2 {
            return planned + (self.budget - spent(self.budget, places)) / survivors as u64;
        }
        planned
    }

    /// Whether the last round is played and judged: `next` has no meaning any more.
    fn is_over(&self) -> bool {
        self.next == usize::MAX
    }

    /// The better half survives; ties go to the lower place.
    fn halve(&mut self) {
        let tallies = &self.tallies;
        let value = |place: u32| match &tallies[place as usize] {
            Tally { n: 0.0, .. } => f64::NEG_INFINITY,
            tally => tally.mean,
        };
        self.survivors.sort_unstable_by(|&a, &b| value(b).total_cmp(&value(a)).then(a.cmp(&b)));
        let was_last = self.survivors.len() <= 2;
        self.survivors.truncate(self.survivors.len().div_ceil(2));
        self.next = if was_last { usize::MAX } else { 0 };
        if !self.keep && !was_last {
            self.tallies.fill(Tally::default());
        }
    }

    /// Enters the reward of a place. One that comes after its round has ended counts for the round
    /// in which it comes.
    pub fn enter(&mut self, place: usize, reward: f64) {
        self.tallies[place].add(reward);
    }

    /// The best place by the last round that was judged; the first place before.
    pub fn best(&self) -> usize {
        self.survivors[0] as usize
    }

    /// The rewards that count, of a place.
    pub fn tally(&self, place: usize) -> &Tally {
        &self.tallies[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of a run in which place a pays `rewards[a]`.
    fn play(halving: &mut Halving, budget: u64, rewards: &[f64]) -> Vec<(usize, u64)> {
        let mut blocks = Vec::new();
        halving.begin(budget);
        while let Some((place, pulls)) = halving.block() {
            (0..pulls).for_each(|_| halving.enter(place, rewards[place]));
            blocks.push((place, pulls));
        }
        assert_eq!(halving.block(), None);
        blocks
    }

    #[test]
    fn the_schedule_is_the_published_one() {
        // Five arms, 100 pulls: (5 arms, 6 pulls), (3, 11), (2, 16).
        let mut halving = Halving::new(5, false, false);
        let blocks = play(&mut halving, 100, &[0.5, 0.1, 0.75, 0.2, 0.6]);
        let known =
            [(0, 6), (1, 6), (2, 6), (3, 6), (4, 6), (2, 11), (4, 11), (0, 11), (2, 16), (4, 16)];
        assert_eq!(blocks, known);
        assert_eq!(halving.best(), 2);
        assert_eq!(halving.tally(2).n, 16.0);
        assert_eq!(spent(100, 5), 30 + 33 + 32);
    }

    #[test]
    fn leftover_goes_to_the_last_round() {
        let mut halving = Halving::new(5, true, true);
        let blocks = play(&mut halving, 100, &[0.5, 0.1, 0.75, 0.2, 0.6]);
        // 5 pulls are left: two more for each of the two finalists.
        assert_eq!(blocks[8..], [(2, 18), (4, 18)]);
        // All rewards count: 6 + 11 + 18.
        assert_eq!(halving.tally(2).n, 35.0);
    }

    #[test]
    fn ties_go_to_the_lower_place_and_one_place_is_its_own_winner() {
        let mut halving = Halving::new(4, false, false);
        play(&mut halving, 16, &[0.0; 4]);
        assert_eq!(halving.best(), 0);
        let mut alone = Halving::new(1, false, false);
        assert_eq!(play(&mut alone, 7, &[0.0]), [(0, 7)]);
        assert_eq!((rounds(1), rounds(2), rounds(64), rounds(65)), (1, 1, 6, 7));
        assert_eq!((pulls(100, 5, 5), pulls(14, 5, 5)), (6, 0));
    }

    #[test]
    fn a_place_without_rewards_is_the_worst() {
        let mut halving = Halving::new(2, false, false);
        halving.begin(4);
        assert_eq!((halving.block(), halving.block()), (Some((0, 2)), Some((1, 2))));
        halving.enter(1, -3.0);
        assert_eq!(halving.block(), None);
        assert_eq!(halving.best(), 1);
    }
}
