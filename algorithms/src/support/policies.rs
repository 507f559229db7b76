//! All deterministic policies of a small process.

use regret_engine::mdp::{Layout, Transitions};
use regret_engine::registry::ParameterError;

/// The greatest number of policies that are listed.
pub const MOST_POLICIES: usize = 1 << 14;

/// The occupancies of all deterministic policies, `[policy][pair]`; the policy's number has the
/// actions of the states as its digits, that of the last state varying fastest.
///
/// # Errors
/// That there are more than [`MOST_POLICIES`].
pub fn deterministic_occupancies(transitions: &Transitions) -> Result<Vec<f64>, ParameterError> {
    let layout = transitions.layout();
    let (states, actions, pairs) = (layout.states(), layout.actions(), layout.pairs());
    let count = u32::try_from(states).ok().and_then(|states| actions.checked_pow(states));
    let Some(count) = count.filter(|&count| count <= MOST_POLICIES) else {
        let message = format!(
            "there are {actions}^{states} policies; it lists them all, {MOST_POLICIES} at the most"
        );
        return Err(ParameterError { path: String::new(), message });
    };
    let mut table = vec![0.0; count * pairs];
    let (mut policy, mut marginals) = (vec![0.0; pairs], vec![0.0; states]);
    let mut choice = vec![0; states];
    for occupancy in table.chunks_exact_mut(pairs) {
        layout.write_deterministic(&choice, &mut policy);
        transitions.occupancy(&policy, &mut marginals, occupancy);
        for action in choice.iter_mut().rev() {
            *action += 1;
            if *action < actions {
                break;
            }
            *action = 0;
        }
    }
    Ok(table)
}

/// Writes the policy of that number in the list.
pub fn write_policy_of_number(layout: &Layout, number: usize, policy: &mut [f64]) {
    policy.fill(0.0);
    let mut rest = number;
    for row in policy.chunks_exact_mut(layout.actions()).rev() {
        row[rest % layout.actions()] = 1.0;
        rest /= layout.actions();
    }
}

/// Writes the policy of an occupancy, or of a multiple of one; uniform where nothing gets.
pub fn write_policy_of_occupancy(layout: &Layout, occupancy: &[f64], policy: &mut [f64]) {
    let actions = layout.actions();
    for (row, q) in policy.chunks_exact_mut(actions).zip(occupancy.chunks_exact(actions)) {
        let total: f64 = q.iter().sum();
        if total > f64::MIN_POSITIVE {
            row.iter_mut().zip(q).for_each(|(p, q)| *p = q / total);
        } else {
            row.fill(1.0 / actions as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::lay;

    #[test]
    fn every_policy_is_listed_once_and_the_best_is_among_them() {
        let (process, base) = lay(3, 3, 2);
        let table = deterministic_occupancies(&process).expect("few");
        assert_eq!(table.len(), 128 * 14);
        let (mut policy, mut q) = (vec![0.0; 14], vec![0.0; 14]);
        write_policy_of_number(process.layout(), 77, &mut policy);
        process.occupancy(&policy, &mut [0.0; 7], &mut q);
        assert_eq!(q, table[77 * 14..78 * 14]);
        let value = |q: &[f64]| -> f64 { q.iter().zip(&base).map(|(q, m)| q * m).sum() };
        let best = table.chunks_exact(14).map(value).fold(f64::INFINITY, f64::min);
        assert!((best - process.least_loss(&base)).abs() < 1e-15);
    }
}
