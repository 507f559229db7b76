//! The last actions of a player, numbered.

/// The sequences of up to `length` last actions, as states: those of length 0 come first, then those
/// of length 1, …; within a length the last action is the lowest digit of a number to the base K.
#[derive(Clone, Debug, PartialEq)]
pub struct Histories {
    arms: usize,
    /// The number of shorter sequences, by length; the last entry is the number of all.
    begins: Vec<usize>,
}

impl Histories {
    /// The sequences of at most `length` actions out of `arms`. Their number must fit `usize`.
    pub fn new(arms: usize, length: usize) -> Self {
        let (mut begins, mut count) = (vec![0], 1);
        for shorter in 0..=length {
            begins.push(begins[shorter] + count);
            count *= arms;
        }
        Self { arms, begins }
    }

    /// Number of states.
    pub fn count(&self) -> usize {
        self.begins[self.begins.len() - 1]
    }

    /// Number of actions in a state.
    pub fn length(&self, state: usize) -> usize {
        self.begins.partition_point(|&begin| begin <= state) - 1
    }

    /// The actions of a state, the last one first.
    pub fn recent(&self, state: usize) -> impl Iterator<Item = usize> + use<> {
        let (arms, length) = (self.arms, self.length(state));
        let history = state - self.begins[length];
        (0..length).scan(history, move |rest, _| {
            let arm = *rest % arms;
            *rest /= arms;
            Some(arm)
        })
    }

    /// The state after one more action.
    pub fn next(&self, state: usize, arm: usize) -> usize {
        let length = self.length(state);
        let longest = self.begins.len() - 2;
        let longer = (length + 1).min(longest);
        let full = self.begins[longest + 1] - self.begins[longest];
        self.begins[longer] + ((state - self.begins[length]) * self.arms + arm) % full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_remember_the_last_actions() {
        let histories = Histories::new(3, 2);
        assert_eq!(histories.count(), 1 + 3 + 9);
        let mut state = 0;
        let played = [2, 0, 1, 1, 2, 2, 0];
        for (t, &arm) in played.iter().enumerate() {
            state = histories.next(state, arm);
            let known: Vec<usize> = played[..=t].iter().rev().take(2).copied().collect();
            assert_eq!(histories.recent(state).collect::<Vec<_>>(), known, "{t}");
        }
        // Without memory there is one state.
        let none = Histories::new(4, 0);
        assert_eq!((none.count(), none.next(0, 3), none.recent(0).count()), (1, 0, 0));
    }
}
