//! Mirror descent on occupancies, from the uniform policy's.

use std::sync::Arc;

use regret_engine::math;
use regret_engine::mdp::Transitions;

use super::episodic::write_policy_of_logs;
use super::flow::FlowProjection;

/// Flow may be violated by this much before a projection counts as failed: rounding leaves less.
pub const FAILED: f64 = 1e-8;

/// The iterate of mirror descent, by its logarithm, with its policy.
pub struct OccupancyDescent {
    transitions: Arc<Transitions>,
    projection: FlowProjection,
    first: Vec<f64>,
    logs: Vec<f64>,
    policy: Vec<f64>,
}

impl OccupancyDescent {
    /// Begins with the occupancy of the uniform policy.
    pub fn new(transitions: Arc<Transitions>) -> Self {
        let layout = transitions.layout();
        let mut policy = vec![0.0; layout.pairs()];
        layout.write_uniform(&mut policy);
        let (mut marginals, mut first) = (vec![0.0; layout.states()], policy.clone());
        transitions.occupancy(&policy, &mut marginals, &mut first);
        first.iter_mut().for_each(|q| *q = math::ln(*q));
        Self {
            projection: FlowProjection::new(transitions.clone()),
            logs: first.clone(),
            first,
            policy,
            transitions,
        }
    }

    /// The policy of the iterate; no distribution if a projection failed.
    pub fn policy(&self) -> &[f64] {
        &self.policy
    }

    /// The logarithms of the iterate, a table over pairs.
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// Lets `shift` change the logarithms, and projects.
    pub fn step(&mut self, shift: impl FnOnce(&mut [f64])) {
        shift(&mut self.logs);
        let violation = self.projection.project(&mut self.logs);
        if violation <= FAILED {
            write_policy_of_logs(self.transitions.layout(), &self.logs, &mut self.policy);
        } else {
            self.policy.fill(f64::NAN);
        }
    }

    /// Writes the pairs visited, one for each step.
    pub fn visit(&self, states: &[usize], actions: &[usize], visited: &mut [usize]) {
        let layout = self.transitions.layout();
        for (h, (slot, (&s, &a))) in visited.iter_mut().zip(states.iter().zip(actions)).enumerate()
        {
            *slot = layout.pair(h, s, a);
        }
    }

    /// Begins anew.
    pub fn reset(&mut self) {
        self.logs.copy_from_slice(&self.first);
        self.transitions.layout().write_uniform(&mut self.policy);
    }
}
