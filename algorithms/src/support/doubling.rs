//! Doubling sequential halving: runs with budgets B, 2B, 4B, … for k places, B = k ⌈log₂ k⌉, each with
//! fresh rewards; what the last finished run found is recommended.

use super::halving::{Halving, rounds};
use super::index::Tally;

/// Runs of sequential halving with doubling budgets, pull by pull.
#[derive(Clone, Debug)]
pub struct Doubling {
    halving: Halving,
    places: usize,
    budget: u64,
    /// The place that is being pulled, and how many pulls of it are left.
    place: usize,
    left: u64,
    /// What the last finished run found, with its rewards in the last round.
    found: Option<(usize, Tally)>,
}

impl Doubling {
    /// Runs that have not begun.
    pub fn new(places: usize) -> Self {
        let halving = Halving::new(places, false, false);
        let mut doubling = Self { halving, places, budget: 0, place: 0, left: 0, found: None };
        doubling.reset();
        doubling
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        self.budget = self.places as u64 * rounds(self.places);
        self.halving.begin(self.budget);
        (self.place, self.left, self.found) = (0, 0, None);
    }

    /// The place to pull next; whether a run was finished by the pull before.
    pub fn pull(&mut self) -> (usize, bool) {
        let mut finished = false;
        while self.left == 0 {
            match self.halving.block() {
                Some((place, pulls)) => (self.place, self.left) = (place, pulls),
                None => {
                    let best = self.halving.best();
                    self.found = Some((best, *self.halving.tally(best)));
                    self.budget = self.budget.saturating_mul(2);
                    self.halving.begin(self.budget);
                    finished = true;
                }
            }
        }
        self.left -= 1;
        (self.place, finished)
    }

    /// Enters the reward of a place.
    pub fn enter(&mut self, place: usize, reward: f64) {
        self.halving.enter(place, reward);
    }

    /// What the last finished run found, with its rewards in the last round.
    pub fn found(&self) -> Option<(usize, &Tally)> {
        self.found.as_ref().map(|(place, tally)| (*place, tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_double_and_rewards_are_fresh() {
        // Three places: two rounds, B = 6: one pull each, then ⌊6/4⌋ = 1 of the two best: 5 pulls.
        // The second run has 2, then 3 pulls each: 12.
        let mut doubling = Doubling::new(3);
        let mut pulled = Vec::new();
        for t in 1..=18 {
            let (place, finished) = doubling.pull();
            assert_eq!(finished, t == 6 || t == 18, "pull {t}");
            // Place 1 is best in the first run, place 2 afterwards.
            let reward = [0.0, 1.0, if t < 6 { 0.5 } else { 2.0 }][place];
            doubling.enter(place, reward);
            pulled.push(place);
            let known = match t {
                1..6 => None,
                6..18 => Some((1, 1.0)),
                _ => Some((2, 3.0)),
            };
            assert_eq!(doubling.found().map(|(place, tally)| (place, tally.n)), known, "pull {t}");
        }
        assert_eq!(pulled[..5], [0, 1, 2, 1, 2]);
        assert_eq!(pulled[5..17], [0, 0, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn a_single_place_is_found() {
        let mut doubling = Doubling::new(1);
        assert_eq!((doubling.pull(), doubling.pull()), ((0, false), (0, true)));
        assert_eq!(doubling.found().map(|(place, _)| place), Some(0));
    }
}
