//! The best stationary plan of a machine: policy iteration for the least mean cost.

use super::Machine;

/// An arm for each state, whose mean cost in the long run is the least from every state.
///
/// Howard's policy iteration for deterministic problems, as in Cochet-Terrasson, Cohen, Gaubert,
/// McGettrick, Quadrat, "Numerical computation of spectral elements in max-plus algebra", 1998. It
/// is kept between machines that differ in costs only, so that the next search begins with the last
/// plan, and nothing is allocated.
#[derive(Clone, Debug)]
pub struct Policy {
    arms: Vec<usize>,
    /// The mean cost of the cycle that a state leads to, and its cost relative to that.
    gains: Vec<f64>,
    biases: Vec<f64>,
    /// When a state was visited last, and the path being walked.
    marks: Vec<usize>,
    path: Vec<usize>,
}

/// By how much a change must be better: rounding makes none.
const STEP: f64 = 1e-12;

/// Improvements after which a plan is taken as it is.
const MOST_IMPROVEMENTS: u32 = 1000;

impl Policy {
    /// The plan that plays arm 0 everywhere, for machines with so many states.
    pub fn new(states: usize) -> Self {
        Self {
            arms: vec![0; states],
            gains: vec![0.0; states],
            biases: vec![0.0; states],
            marks: vec![0; states],
            path: Vec::with_capacity(states),
        }
    }

    /// Plays arm 0 everywhere again.
    pub fn reset(&mut self) {
        self.arms.fill(0);
    }

    /// Improves the plan until it is best for the machine.
    pub fn improve(&mut self, machine: &Machine) {
        for _ in 0..MOST_IMPROVEMENTS {
            self.evaluate(machine);
            if !self.step(machine) {
                return;
            }
        }
    }

    /// The arm to play in a state.
    pub fn arm(&self, state: usize) -> usize {
        self.arms[state]
    }

    /// The mean cost of the cycle that a state leads to.
    pub fn mean(&self, state: usize) -> f64 {
        self.gains[state]
    }

    /// Finds where every state leads: each walk ends in a cycle, or in states known already.
    fn evaluate(&mut self, machine: &Machine) {
        self.marks.fill(0);
        for first in 0..self.arms.len() {
            if self.marks[first] != 0 {
                continue;
            }
            let walk = first + 1;
            self.path.clear();
            let mut state = first;
            while self.marks[state] == 0 {
                self.marks[state] = walk;
                self.path.push(state);
                state = machine.next(state, self.arms[state]);
            }
            if self.marks[state] == walk {
                self.close(machine, state);
            }
            // Back along the walk from the first state whose bias is known.
            for index in (0..self.path.len()).rev() {
                let state = self.path[index];
                let arm = self.arms[state];
                let next = machine.next(state, arm);
                self.gains[state] = self.gains[next];
                self.biases[state] =
                    machine.cost(state, arm) - self.gains[state] + self.biases[next];
            }
        }
    }

    /// Sets gain and bias along the cycle that begins and ends at `root`, and takes it off the path.
    fn close(&mut self, machine: &Machine, root: usize) {
        let begin = self.path.iter().position(|&state| state == root).unwrap_or_default();
        let cycle = self.path.len() - begin;
        let costs = self.path[begin..].iter().map(|&state| machine.cost(state, self.arms[state]));
        let mean = costs.sum::<f64>() / cycle as f64;
        (self.gains[root], self.biases[root]) = (mean, 0.0);
        for index in (begin + 1..self.path.len()).rev() {
            let state = self.path[index];
            let arm = self.arms[state];
            let next = machine.next(state, arm);
            self.gains[state] = mean;
            self.biases[state] = machine.cost(state, arm) - mean + self.biases[next];
        }
        self.path.truncate(begin);
    }

    /// Takes better arms where there are: first those that lead to better cycles. Whether there
    /// were any.
    fn step(&mut self, machine: &Machine) -> bool {
        let mut better = false;
        for state in 0..self.arms.len() {
            for arm in 0..machine.arms {
                let gain = self.gains[machine.next(state, arm)];
                if gain < self.gains[machine.next(state, self.arms[state])] - STEP {
                    self.arms[state] = arm;
                    better = true;
                }
            }
        }
        if better {
            return true;
        }
        for state in 0..self.arms.len() {
            let value =
                |arm: usize| machine.cost(state, arm) + self.biases[machine.next(state, arm)];
            let mut best = value(self.arms[state]) - STEP;
            for arm in 0..machine.arms {
                let stays = self.gains[machine.next(state, arm)] <= self.gains[state] + STEP;
                if stays && value(arm) < best {
                    best = value(arm);
                    self.arms[state] = arm;
                    better = true;
                }
            }
        }
        better
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{karp, random};
    use super::*;
    use crate::random::{Role, Stream};

    #[test]
    fn plans_reach_the_least_mean() {
        let mut stream = Stream::new(6, 0, Role::Environment);
        for (states, arms) in [(1, 1), (1, 4), (2, 2), (6, 2), (25, 3), (60, 2)] {
            let machine = random(states, arms, &mut stream);
            let mut policy = Policy::new(states);
            policy.improve(&machine);
            assert!((policy.mean(0) - karp(&machine)).abs() < 1e-9, "{states} {arms}");
            // Followed, the plan costs that in the long run.
            let (mut state, mut cost) = (0, 0.0);
            for _ in 0..10_000 {
                let arm = policy.arm(state);
                cost += machine.cost(state, arm);
                state = machine.next(state, arm);
            }
            assert!((cost / 10_000.0 - policy.mean(0)).abs() < states as f64 / 10_000.0);
        }
    }
}
