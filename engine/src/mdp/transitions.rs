//! The transition probabilities of a process.

use super::Layout;

/// A process without losses: where it starts and where its actions lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    layout: Layout,
    start: usize,
    /// P_h(s′ | s, a), a table over entries.
    probabilities: Vec<f64>,
    /// The same numbers, in every step `[s′][(s, a)]`: what going backwards adds up by rows.
    transposed: Vec<f64>,
    /// Running sums over s′ of `probabilities`; infinite from the last possible successor on.
    cumulative: Vec<f64>,
}

/// Transitions that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum TransitionsError {
    /// Too many or too few numbers.
    #[error("it has {found} transition probabilities; there must be {expected}")]
    Count {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The start is no state of step 0.
    #[error("it starts in state {start}, but the states of step 0 are 0 to {}", states - 1)]
    Start {
        /// The start.
        start: usize,
        /// The number of states of step 0.
        states: usize,
    },
    /// A number that is no probability.
    #[error(
        "step {step}, state {state}, action {action}: the probability of state {next} is {value}; \
         it must be from 0 to 1"
    )]
    Probability {
        /// The step.
        step: usize,
        /// The state.
        state: usize,
        /// The action.
        action: usize,
        /// The successor.
        next: usize,
        /// The number.
        value: f64,
    },
    /// A row that does not sum to one.
    #[error(
        "step {step}, state {state}, action {action}: the probabilities sum to {sum}; they must \
         sum to 1 within 1e-9"
    )]
    Sum {
        /// The step.
        step: usize,
        /// The state.
        state: usize,
        /// The action.
        action: usize,
        /// The sum.
        sum: f64,
    },
}

/// How far from 1 the probabilities of a row may sum.
const SUM_TOLERANCE: f64 = 1e-9;

impl Transitions {
    /// The process that starts in state `start` of step 0 and has these probabilities, a table over
    /// entries.
    ///
    /// # Errors
    /// The first row that is no distribution, a wrong count, or a start that does not exist.
    pub fn new(
        layout: Layout,
        start: usize,
        probabilities: Vec<f64>,
    ) -> Result<Self, TransitionsError> {
        let (found, expected) = (probabilities.len(), layout.entries());
        if found != expected {
            return Err(TransitionsError::Count { found, expected });
        }
        let states = layout.width(0);
        if start >= states {
            return Err(TransitionsError::Start { start, states });
        }
        check_rows(&layout, &probabilities)?;
        let mut process = Self {
            layout,
            start,
            transposed: vec![0.0; expected],
            cumulative: vec![0.0; expected],
            probabilities,
        };
        process.derive();
        Ok(process)
    }

    /// Overwrites the probabilities, for models that are estimated anew: rows are not checked.
    pub fn assign(&mut self, probabilities: &[f64]) {
        self.probabilities.copy_from_slice(probabilities);
        self.derive();
    }

    /// Fills what follows from the probabilities.
    fn derive(&mut self) {
        for h in 0..self.layout.steps() - 1 {
            let next = self.layout.width(h + 1);
            let pairs = self.layout.pairs_of(h).len();
            let entries = self.layout.entries_of(h);
            let rows = self.probabilities[entries.clone()].chunks_exact(next);
            for (pair, row) in rows.enumerate() {
                let last = row.iter().rposition(|&p| p > 0.0).unwrap_or_default();
                let mut sum = 0.0;
                for (s, &p) in row.iter().enumerate() {
                    sum += p;
                    let bound = if s >= last { f64::INFINITY } else { sum };
                    self.cumulative[entries.start + pair * next + s] = bound;
                    self.transposed[entries.start + s * pairs + pair] = p;
                }
            }
        }
    }

    /// The sizes.
    #[inline(always)]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The state of step 0 in which every episode starts.
    #[inline(always)]
    pub fn start(&self) -> usize {
        self.start
    }

    /// All probabilities, a table over entries.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The probabilities of the successors of (h, s, a); none in the last step.
    #[inline(always)]
    pub fn row(&self, h: usize, s: usize, a: usize) -> &[f64] {
        &self.probabilities[self.layout.successors(h, s, a)]
    }

    /// The probabilities that leave step `h`, `[s′][(s, a)]`.
    #[inline(always)]
    pub(super) fn transposed(&self, h: usize) -> &[f64] {
        &self.transposed[self.layout.entries_of(h)]
    }

    /// The successor of (h, s, a) that the uniform number `u` in `[0, 1)` picks.
    #[inline(always)]
    pub fn next(&self, h: usize, s: usize, a: usize, u: f64) -> usize {
        let sums = &self.cumulative[self.layout.successors(h, s, a)];
        // Counting has no branch to guess wrongly; the last sum is infinite.
        sums.iter().map(|&sum| usize::from(sum <= u)).sum()
    }

    /// Whether every state of every step can be reached, else (step, state) of one that cannot.
    ///
    /// # Errors
    /// The first state that no policy reaches.
    pub fn all_reachable(&self) -> Result<(), (usize, usize)> {
        let layout = &self.layout;
        let mut reached = vec![false; layout.states()];
        reached[self.start] = true;
        for h in 0..layout.steps() {
            for s in 0..layout.width(h) {
                if !reached[layout.state(h, s)] {
                    continue;
                }
                for a in 0..layout.actions() {
                    for (next, &p) in self.row(h, s, a).iter().enumerate() {
                        reached[layout.states_of(h + 1).start + next] |= p > 0.0;
                    }
                }
            }
        }
        match reached.iter().position(|reached| !reached) {
            Some(state) => Err(layout.step_and_state(state)),
            None => Ok(()),
        }
    }
}

fn check_rows(layout: &Layout, probabilities: &[f64]) -> Result<(), TransitionsError> {
    for step in 0..layout.steps() - 1 {
        for state in 0..layout.width(step) {
            for action in 0..layout.actions() {
                let row = &probabilities[layout.successors(step, state, action)];
                let bad = row.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p));
                if let Some((next, &value)) = bad {
                    return Err(TransitionsError::Probability { step, state, action, next, value });
                }
                let sum: f64 = row.iter().sum();
                if (sum - 1.0).abs() > SUM_TOLERANCE {
                    return Err(TransitionsError::Sum { step, state, action, sum });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_steps(probabilities: &[f64]) -> Result<Transitions, TransitionsError> {
        Transitions::new(Layout::new(&[1, 3], 2).expect("valid"), 0, probabilities.to_vec())
    }

    #[test]
    fn successors_are_picked_by_running_sums() {
        let process = two_steps(&[0.25, 0.0, 0.75, 0.5, 0.5, 0.0]).expect("valid");
        let picked = [0.0, 0.249, 0.25, 0.999].map(|u| process.next(0, 0, 0, u));
        assert_eq!(picked, [0, 0, 2, 2]);
        // The last possible successor takes what rounding leaves, never an impossible one.
        assert_eq!(process.next(0, 0, 1, 1.0 - f64::EPSILON / 2.0), 1);
    }

    #[test]
    fn rows_that_are_no_distributions_are_named() {
        assert_eq!(
            two_steps(&[0.25, 0.0, 0.75, 0.5, 0.25, 0.0]),
            Err(TransitionsError::Sum { step: 0, state: 0, action: 1, sum: 0.75 })
        );
        assert!(matches!(
            two_steps(&[0.25, f64::NAN, 0.75, 0.5, 0.5, 0.0]),
            Err(TransitionsError::Probability { action: 0, next: 1, .. })
        ));
        assert_eq!(two_steps(&[1.0]), Err(TransitionsError::Count { found: 1, expected: 6 }));
        let layout = Layout::new(&[1], 1).expect("valid");
        assert_eq!(
            Transitions::new(layout, 1, Vec::new()),
            Err(TransitionsError::Start { start: 1, states: 1 })
        );
    }

    #[test]
    fn unreachable_states_are_found() {
        let open = two_steps(&[0.25, 0.0, 0.75, 0.5, 0.5, 0.0]).expect("valid");
        assert_eq!(open.all_reachable(), Ok(()));
        let shut = two_steps(&[0.25, 0.0, 0.75, 1.0, 0.0, 0.0]).expect("valid");
        assert_eq!(shut.all_reachable(), Err((1, 1)));
    }
}
