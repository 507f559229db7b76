//! Brackets: random subsets of 2, 4, 8, … arms that are opened one after the other.
//!
//! With ℓ brackets open, another is opened in the first round t ≥ ℓ 2^ℓ, until one holds all arms
//! (Katz-Samuels and Jamieson, The true sample complexity of identifying good arms, 2020, Algorithm 1).

use regret_engine::random::Stream;

use super::subset::Order;

/// Arms in the bracket of that index, from 0.
pub fn size(index: usize, arms: usize) -> usize {
    let size = u32::try_from(index + 1).ok().and_then(|power| 2usize.checked_pow(power));
    size.map_or(arms, |size| size.min(arms))
}

/// The round from which on another bracket is opened, when that many are open; at least 1.
fn opening(open: usize) -> u64 {
    let power = u32::try_from(open).ok().and_then(|power| 2u64.checked_pow(power));
    power.map_or(u64::MAX, |power| power.saturating_mul(open as u64)).max(1)
}

/// How many brackets are opened within a horizon.
pub fn most_brackets(arms: usize, horizon: u64) -> usize {
    let mut count = 1;
    while size(count - 1, arms) < arms && opening(count) <= horizon {
        count += 1;
    }
    count
}

/// Which brackets are open, and the arms that they are drawn from.
#[derive(Clone, Debug)]
pub struct Openings {
    order: Order,
    open: usize,
}

impl Openings {
    /// None is open.
    pub fn new(arms: usize) -> Self {
        Self { order: Order::new(arms), open: 0 }
    }

    /// Closes all.
    pub fn reset(&mut self) {
        self.order.reset();
        self.open = 0;
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open
    }

    /// The index of the bracket to be opened in round `t`, of that many that there are.
    pub fn due(&self, t: u64, brackets: usize) -> Option<usize> {
        (self.open < brackets && t >= opening(self.open)).then_some(self.open)
    }

    /// Opens the next bracket: draws its arms, uniformly without replacement.
    pub fn open(&mut self, arms: &mut [u32], rng: &mut Stream) {
        self.order.draw(arms.len(), rng);
        for (place, arm) in arms.iter_mut().enumerate() {
            *arm = self.order.arm(place) as u32;
        }
        self.open += 1;
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::Role;

    use super::*;

    #[test]
    fn brackets_open_when_published() {
        let openings: Vec<u64> = (0..10).map(opening).collect();
        assert_eq!(openings, [1, 2, 8, 24, 64, 160, 384, 896, 2048, 4608]);
        assert_eq!([0, 1, 9].map(|index| size(index, 10_000)), [2, 4, 1024]);
        // Sizes 2, 4, 5: the third holds all.
        assert_eq!([0, 1, 2].map(|index| size(index, 5)), [2, 4, 5]);
        assert_eq!(most_brackets(5, 10_000), 3);
        assert_eq!(most_brackets(5, 7), 2);
        assert_eq!((most_brackets(1, 100), most_brackets(2, 100)), (1, 1));
        assert_eq!(most_brackets(usize::MAX, 4608), 10);
        assert_eq!(most_brackets(usize::MAX, 4607), 9);
    }

    #[test]
    fn they_are_opened_in_their_rounds() {
        let mut openings = Openings::new(5);
        let mut arms = [[0; 2].to_vec(), [0; 4].to_vec(), [0; 5].to_vec()];
        let rng = &mut Stream::new(1, 0, Role::Learner);
        for t in 1..=9 {
            while let Some(index) = openings.due(t, 3) {
                openings.open(&mut arms[index], rng);
            }
            assert_eq!(openings.count(), [1, 2, 2, 2, 2, 2, 2, 3, 3][t as usize - 1], "{t}");
        }
        arms[2].sort_unstable();
        assert_eq!(arms[2], [0, 1, 2, 3, 4]);
        openings.reset();
        assert_eq!((openings.count(), openings.due(1, 3)), (0, Some(0)));
    }
}
