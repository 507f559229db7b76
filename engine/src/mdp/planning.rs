//! Exact dynamic programming: occupancies forwards, values backwards.
//!
//! Sums run in one order whatever the instruction set, over rows that vectorise: a sweep costs H S² A
//! multiplications.

use super::Transitions;
use crate::vectorised;

impl Transitions {
    /// Writes the occupancy of a policy (a table over pairs): q(h, s, a), the probability of being in
    /// s at step h and playing a. `marginals`, a table over states, gets the probabilities of the
    /// states.
    pub fn occupancy(&self, policy: &[f64], marginals: &mut [f64], occupancy: &mut [f64]) {
        let layout = self.layout();
        marginals.fill(0.0);
        marginals[self.start()] = 1.0;
        for h in 0..layout.steps() {
            let pairs = layout.pairs_of(h);
            let entries = layout.entries_of(h);
            let (here, after) = marginals.split_at_mut(layout.states_of(h).end);
            push(
                &here[layout.states_of(h)],
                &policy[pairs.clone()],
                &self.probabilities()[entries],
                &mut after[..layout.width(h + 1)],
                &mut occupancy[pairs],
            );
        }
    }

    /// Writes the values of acting optimally from every pair and every state on, for losses that are
    /// minimised; answers the least loss of an episode. `losses` and `pair_values` are tables over
    /// pairs, `state_values` over states.
    pub fn optimal(
        &self,
        losses: &[f64],
        pair_values: &mut [f64],
        state_values: &mut [f64],
    ) -> f64 {
        let layout = self.layout();
        for h in (0..layout.steps()).rev() {
            self.back(h, losses, pair_values, state_values);
            let pairs = &pair_values[layout.pairs_of(h)];
            let states = &mut state_values[layout.states_of(h)];
            for (value, row) in states.iter_mut().zip(pairs.chunks_exact(layout.actions())) {
                *value = row.iter().fold(f64::INFINITY, |least, &q| least.min(q));
            }
        }
        state_values[self.start()]
    }

    /// Writes the values of a policy, from every pair and every state on; answers the expected loss
    /// of an episode. Tables as in [`Transitions::optimal`].
    pub fn evaluate(
        &self,
        policy: &[f64],
        losses: &[f64],
        pair_values: &mut [f64],
        state_values: &mut [f64],
    ) -> f64 {
        let layout = self.layout();
        let actions = layout.actions();
        for h in (0..layout.steps()).rev() {
            self.back(h, losses, pair_values, state_values);
            let pairs = layout.pairs_of(h);
            let rows = pair_values[pairs.clone()].chunks_exact(actions);
            let rows = rows.zip(policy[pairs].chunks_exact(actions));
            let states = &mut state_values[layout.states_of(h)];
            for (value, (q, p)) in states.iter_mut().zip(rows) {
                *value = q.iter().zip(p).map(|(q, p)| q * p).sum();
            }
        }
        state_values[self.start()]
    }

    /// Writes, for step `h`, `losses + Σ_s′ P(s′ | s, a) state_values(h + 1, s′)`.
    pub fn back(&self, h: usize, losses: &[f64], pair_values: &mut [f64], state_values: &[f64]) {
        let layout = self.layout();
        let pairs = layout.pairs_of(h);
        let after = layout.states_of(h).end;
        let next = &state_values[after..after + layout.width(h + 1)];
        let values = &mut pair_values[pairs.clone()];
        values.copy_from_slice(&losses[pairs]);
        add_expectations(self.transposed(h), next, values);
    }

    /// Writes the least index of an action of least value in every state, given
    /// [`Transitions::optimal`]'s `pair_values`: an optimal deterministic policy.
    pub fn greedy(&self, pair_values: &[f64], actions: &mut [usize]) {
        let rows = pair_values.chunks_exact(self.layout().actions());
        for (action, row) in actions.iter_mut().zip(rows) {
            let mut best = 0;
            for (a, &value) in row.iter().enumerate() {
                if value < row[best] {
                    best = a;
                }
            }
            *action = best;
        }
    }

    /// The least loss of an episode, with tables of its own: for what is asked rarely.
    pub fn least_loss(&self, losses: &[f64]) -> f64 {
        let layout = self.layout();
        self.optimal(losses, &mut vec![0.0; layout.pairs()], &mut vec![0.0; layout.states()])
    }

    /// An optimal deterministic policy, the action of every state.
    pub fn best_policy(&self, losses: &[f64]) -> Vec<usize> {
        let layout = self.layout();
        let (mut pairs, mut states) = (vec![0.0; layout.pairs()], vec![0.0; layout.states()]);
        let mut actions = vec![0; layout.states()];
        self.optimal(losses, &mut pairs, &mut states);
        self.greedy(&pairs, &mut actions);
        actions
    }
}

vectorised! {
    /// From the probabilities of a step's states to those of its pairs and of the next states.
    fn push(
        states: &[f64],
        policy: &[f64],
        probabilities: &[f64],
        next: &mut [f64],
        occupancy: &mut [f64],
    ) {
        let actions = policy.len() / states.len();
        for (s, &state) in states.iter().enumerate() {
            for a in 0..actions {
                let pair = s * actions + a;
                let weight = state * policy[pair];
                occupancy[pair] = weight;
                let row = &probabilities[pair * next.len()..(pair + 1) * next.len()];
                if weight > 0.0 {
                    for (sum, p) in next.iter_mut().zip(row) {
                        *sum += weight * p;
                    }
                }
            }
        }
    }
}

vectorised! {
    /// `sums[pair] += Σ_s′ P[s′][pair] values[s′]`.
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
    use crate::mdp::Layout;

    /// Two steps, the second with two states; action 0 goes to state 0 with probability ¾, action 1
    /// with ¼.
    fn process() -> Transitions {
        let layout = Layout::new(&[1, 2], 2).expect("valid");
        Transitions::new(layout, 0, vec![0.75, 0.25, 0.25, 0.75]).expect("valid")
    }

    const LOSSES: [f64; 6] = [0.5, 0.0, 0.25, 1.0, 1.0, 0.75];

    #[test]
    fn occupancies_by_hand() {
        let policy = [0.5, 0.5, 0.25, 0.75, 1.0, 0.0];
        let (mut marginals, mut q) = ([0.0; 3], [0.0; 6]);
        process().occupancy(&policy, &mut marginals, &mut q);
        assert_eq!(marginals, [1.0, 0.5, 0.5]);
        assert_eq!(q, [0.5, 0.5, 0.125, 0.375, 0.5, 0.0]);
    }

    #[test]
    fn values_by_hand() {
        let (mut pairs, mut states) = ([0.0; 6], [0.0; 3]);
        // Last step: ¼ and ¾. First: ½ + ¾·¼ + ¼·¾ = 7/8, and 0 + ¼·¼ + ¾·¾ = 5/8.
        assert_eq!(process().optimal(&LOSSES, &mut pairs, &mut states), 0.625);
        assert_eq!(pairs, [0.875, 0.625, 0.25, 1.0, 1.0, 0.75]);
        assert_eq!(states, [0.625, 0.25, 0.75]);
        assert_eq!(process().best_policy(&LOSSES), [1, 0, 1]);
        assert_eq!(process().least_loss(&LOSSES), 0.625);
    }

    #[test]
    fn evaluation_is_the_inner_product_with_the_occupancy() {
        let policy = [0.5, 0.5, 0.25, 0.75, 1.0, 0.0];
        let (mut marginals, mut q) = ([0.0; 3], [0.0; 6]);
        process().occupancy(&policy, &mut marginals, &mut q);
        let product: f64 = q.iter().zip(LOSSES).map(|(q, loss)| q * loss).sum();
        let value = process().evaluate(&policy, &LOSSES, &mut [0.0; 6], &mut [0.0; 3]);
        assert!((value - product).abs() < 1e-15 && (value - 1.156_25).abs() < 1e-15);
    }
}
