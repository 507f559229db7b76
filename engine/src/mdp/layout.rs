//! The sizes of a process, and where its pairs lie in flat tables.

use std::ops::Range;

/// Steps, states of every step, actions, and the places of (step, state, action) in flat tables.
///
/// A table over *pairs* has an entry for every (h, s, a), a table over *states* one for every
/// (h, s), a table over *entries* one for every (h, s, a, s′) with h < H − 1; all row-major in that
/// order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    actions: usize,
    widths: Vec<usize>,
    /// The first state of every step, and the number of states.
    states: Vec<usize>,
    /// The first entry of every step, and the number of entries; the last step has none.
    entries: Vec<usize>,
}

/// Sizes that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// No step.
    #[error("it has no step: the horizon must be at least 1")]
    NoSteps,
    /// A step without states.
    #[error("step {0} has no state: every step needs at least one")]
    NoStates(usize),
    /// No action.
    #[error("it has no action: there must be at least one")]
    NoActions,
    /// More transition probabilities than fit.
    #[error("it has more than {MAX_ENTRIES} transition probabilities (or pairs)")]
    TooLarge,
}

/// The greatest number of transition probabilities of a process (512 MiB in all).
pub const MAX_ENTRIES: usize = 1 << 25;

impl Layout {
    /// The layout of a process with so many states in every step.
    ///
    /// # Errors
    /// The size that is zero, or that all together are too large.
    pub fn new(widths: &[usize], actions: usize) -> Result<Self, LayoutError> {
        if widths.is_empty() {
            return Err(LayoutError::NoSteps);
        }
        if actions == 0 {
            return Err(LayoutError::NoActions);
        }
        if let Some(step) = widths.iter().position(|&width| width == 0) {
            return Err(LayoutError::NoStates(step));
        }
        let (mut states, mut entries) = (vec![0usize], vec![0usize]);
        for (step, &width) in widths.iter().enumerate() {
            let next = widths.get(step + 1).copied().unwrap_or_default();
            let more = width.checked_mul(actions).and_then(|pairs| pairs.checked_mul(next));
            let before = (states[step], entries[step]);
            let sums = before.0.checked_add(width).zip(more.and_then(|m| before.1.checked_add(m)));
            let (all_states, all_entries) = sums.ok_or(LayoutError::TooLarge)?;
            let pairs = all_states.checked_mul(actions).ok_or(LayoutError::TooLarge)?;
            if all_entries.max(pairs) > MAX_ENTRIES {
                return Err(LayoutError::TooLarge);
            }
            states.push(all_states);
            entries.push(all_entries);
        }
        Ok(Self { actions, widths: widths.to_vec(), states, entries })
    }

    /// The number of steps, H.
    #[inline(always)]
    pub fn steps(&self) -> usize {
        self.widths.len()
    }

    /// The number of actions, A.
    #[inline(always)]
    pub fn actions(&self) -> usize {
        self.actions
    }

    /// The number of states of step `h`; 0 after the last.
    #[inline(always)]
    pub fn width(&self, h: usize) -> usize {
        self.widths.get(h).copied().unwrap_or_default()
    }

    /// The number of states of all steps together.
    pub fn states(&self) -> usize {
        self.states[self.steps()]
    }

    /// The number of pairs of all steps together: the length of a policy, or of a table of losses.
    pub fn pairs(&self) -> usize {
        self.states() * self.actions
    }

    /// The number of transition probabilities.
    pub fn entries(&self) -> usize {
        self.entries[self.steps()]
    }

    /// Where (h, s) lies in a table over states.
    #[inline(always)]
    pub fn state(&self, h: usize, s: usize) -> usize {
        self.states[h] + s
    }

    /// Where (h, s, a) lies in a table over pairs.
    #[inline(always)]
    pub fn pair(&self, h: usize, s: usize, a: usize) -> usize {
        (self.states[h] + s) * self.actions + a
    }

    /// Where the actions of (h, s) lie in a table over pairs.
    #[inline(always)]
    pub fn row(&self, h: usize, s: usize) -> Range<usize> {
        let first = self.pair(h, s, 0);
        first..first + self.actions
    }

    /// Where the states of step `h` lie in a table over states.
    #[inline(always)]
    pub fn states_of(&self, h: usize) -> Range<usize> {
        self.states[h]..self.states[h + 1]
    }

    /// Where the pairs of step `h` lie in a table over pairs.
    #[inline(always)]
    pub fn pairs_of(&self, h: usize) -> Range<usize> {
        self.states[h] * self.actions..self.states[h + 1] * self.actions
    }

    /// Where the entries of step `h` lie: none for the last step.
    #[inline(always)]
    pub fn entries_of(&self, h: usize) -> Range<usize> {
        self.entries[h]..self.entries[h + 1]
    }

    /// Where the successors of (h, s, a) lie in a table over entries: none in the last step.
    #[inline(always)]
    pub fn successors(&self, h: usize, s: usize, a: usize) -> Range<usize> {
        let next = self.width(h + 1);
        let first = self.entries[h] + (s * self.actions + a) * next;
        first..first + next
    }

    /// (step, state) of a place in a table over states.
    pub fn step_and_state(&self, state: usize) -> (usize, usize) {
        let h = self.states.partition_point(|&first| first <= state).saturating_sub(1);
        (h, state - self.states[h])
    }

    /// Writes the policy that plays every action with equal probability.
    pub fn write_uniform(&self, policy: &mut [f64]) {
        policy.fill(1.0 / self.actions as f64);
    }

    /// Writes the policy that plays the given action in every state (a table over states).
    pub fn write_deterministic(&self, actions: &[usize], policy: &mut [f64]) {
        policy.fill(0.0);
        for (row, &action) in policy.chunks_exact_mut(self.actions).zip(actions) {
            row[action] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_row_major() {
        let layout = Layout::new(&[1, 3, 2], 2).expect("valid");
        assert_eq!((layout.steps(), layout.states(), layout.pairs()), (3, 6, 12));
        // 1·2·3 entries leave step 0, 3·2·2 step 1, none step 2.
        assert_eq!(layout.entries(), 18);
        assert_eq!(layout.pair(1, 2, 1), 7);
        assert_eq!(layout.row(2, 0), 8..10);
        assert_eq!(layout.successors(1, 2, 1), 16..18);
        assert!(layout.successors(2, 1, 1).is_empty());
        assert_eq!(layout.step_and_state(4), (2, 0));
        assert_eq!(layout.step_and_state(3), (1, 2));
        assert_eq!(layout.step_and_state(0), (0, 0));
    }

    #[test]
    fn impossible_sizes_are_refused() {
        assert_eq!(Layout::new(&[], 2), Err(LayoutError::NoSteps));
        assert_eq!(Layout::new(&[1, 0], 2), Err(LayoutError::NoStates(1)));
        assert_eq!(Layout::new(&[1], 0), Err(LayoutError::NoActions));
        assert_eq!(Layout::new(&[1 << 20, 1 << 20], 2), Err(LayoutError::TooLarge));
        assert_eq!(Layout::new(&[usize::MAX, 3], 2), Err(LayoutError::TooLarge));
    }
}
