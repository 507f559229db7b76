//! Exact planning in small deterministic problems: the least cost of t steps, and the least mean
//! cost for ever.
//!
//! What a learner's past does to its rewards is often a finite machine: a state (the last actions,
//! the rounds since each arm was played), in which every arm has a known mean and leads to a known
//! state. The best sequence of actions is then found by dynamic programming ([`Optimum`]): the
//! exact comparator of a policy regret. A learner that knows the machine and estimates the means
//! plans with a [`Policy`].

mod histories;
mod policy;

pub use histories::Histories;
pub use policy::Policy;

/// A deterministic machine: every arm has a cost in every state, and leads to a state. Play begins
/// in state 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Number of arms K.
    arms: usize,
    /// The state after playing an arm, row-major `[state][arm]`.
    next: Vec<u32>,
    /// The cost of playing it, likewise.
    costs: Vec<f64>,
}

/// The most states that a machine may have: its programme is then a matter of seconds.
pub const MOST_STATES: u64 = 1 << 20;

/// The most pairs of a state and an arm.
pub const MOST_MOVES: u64 = 1 << 22;

impl Machine {
    /// The machine in which arm `a` in state `s` leads to the state and has the cost that
    /// `moves(s, a)` answers. A state answered must be below `states`.
    pub fn new(states: usize, arms: usize, moves: impl Fn(usize, usize) -> (usize, f64)) -> Self {
        let pairs = (0..states).flat_map(|state| (0..arms).map(move |arm| (state, arm)));
        let (next, costs) =
            pairs.map(|(state, arm)| moves(state, arm)).map(|(s, cost)| (s as u32, cost)).unzip();
        Self { arms, next, costs }
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.next.len() / self.arms.max(1)
    }

    /// The state after playing an arm.
    pub fn next(&self, state: usize, arm: usize) -> usize {
        self.next[state * self.arms + arm] as usize
    }

    /// The cost of playing an arm.
    pub fn cost(&self, state: usize, arm: usize) -> f64 {
        self.costs[state * self.arms + arm]
    }

    /// Number of arms.
    pub fn arms(&self) -> usize {
        self.arms
    }

    /// Changes the costs: `cost(state, arm)` answers each.
    pub fn price(&mut self, cost: impl Fn(usize, usize) -> f64) {
        for (index, slot) in self.costs.iter_mut().enumerate() {
            *slot = cost(index / self.arms, index % self.arms);
        }
    }

    /// One step of the programme: the least cost of being in each state, from that of a step before.
    fn step(&self, from: &[f64], to: &mut [f64]) {
        to.fill(f64::INFINITY);
        let moves = self.next.chunks_exact(self.arms).zip(self.costs.chunks_exact(self.arms));
        for (&value, (next, costs)) in from.iter().zip(moves) {
            if value == f64::INFINITY {
                continue;
            }
            for (&state, cost) in next.iter().zip(costs) {
                let slot = &mut to[state as usize];
                *slot = slot.min(value + cost);
            }
        }
    }
}

/// The least cost of any t steps from the first state, for every t, and the least mean cost of a
/// cycle.
///
/// The vector v_t of the least costs of being in each state after t steps eventually repeats, up
/// to a constant: v_{t+p} = v_t + p λ, with λ the least mean of a cycle. If the differences of v_{t+p}
/// and v_t lie between a and b, those of all later steps do, because a step keeps order and
/// constants; so what is computed once is extended with an error of at most (b − a)/p a step,
/// which is that of rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    /// The least cost of 0, 1, 2, … steps.
    costs: Vec<f64>,
    /// Where the costs begin to repeat and after how many steps.
    start: usize,
    period: usize,
    mean: f64,
    periodic: bool,
}

/// How far the differences of a repetition may lie apart: rounding in some hundred steps.
const SPREAD: f64 = 1e-11;

/// Steps times moves after which no repetition is waited for.
const MOST_WORK: u64 = 1 << 31;

impl Optimum {
    /// Solves the machine.
    pub fn of(machine: &Machine) -> Self {
        let states = machine.states();
        let mut values = vec![f64::INFINITY; states];
        values[0] = 0.0;
        let mut later = values.clone();
        let mut snapshot = values.clone();
        // `values` are relative to the least of them, so that rounding does not grow with time.
        let (mut costs, mut start) = (vec![0.0], 0);
        let most = (MOST_WORK / machine.next.len().max(1) as u64).clamp(64, 1 << 22) as usize;
        loop {
            machine.step(&values, &mut later);
            std::mem::swap(&mut values, &mut later);
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            values.iter_mut().for_each(|value| *value -= least);
            let t = costs.len();
            costs.push(costs[t - 1] + least);
            let (low, high) = differences(&snapshot, &values);
            let period = t - start;
            let shift = costs[t] - costs[start];
            if high - low <= SPREAD {
                let mean = (shift + 0.5 * (low + high)) / period as f64;
                return Self { costs, start, period, mean, periodic: true };
            }
            if t == most {
                // A lower bound on every later cost, if there is one at all.
                let mean = (shift + if low.is_finite() { low } else { 0.0 }) / period as f64;
                return Self { costs, start: t - 1, period: 1, mean, periodic: false };
            }
            if t.is_power_of_two() {
                snapshot.copy_from_slice(&values);
                start = t;
            }
        }
    }

    /// The least cost of `t` steps.
    pub fn cost(&self, t: u64) -> f64 {
        if let Some(&cost) = usize::try_from(t).ok().and_then(|t| self.costs.get(t)) {
            return cost;
        }
        let past = t - self.start as u64;
        let period = self.period as u64;
        let whole = (past / period) as f64 * self.period as f64;
        self.costs[self.start + (past % period) as usize] + whole * self.mean
    }

    /// The least mean cost of a cycle: what a step costs in the long run.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Whether the costs were seen to repeat. Otherwise those beyond the steps computed, and the
    /// mean, are lower bounds.
    pub fn is_exact(&self) -> bool {
        self.periodic
    }
}

/// The least and the greatest difference of two vectors; unequal if one is infinite where the
/// other is not.
fn differences(before: &[f64], after: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (before, after) in before.iter().zip(after) {
        if before.is_infinite() && after.is_infinite() {
            continue;
        }
        let difference = after - before;
        if !difference.is_finite() {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        (low, high) = (low.min(difference), high.max(difference));
    }
    (low, high)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::random::{Role, Stream};

    /// The least mean of a cycle by Karp's theorem: min_v max_k (D_n(v) − D_k(v))/(n − k).
    pub(crate) fn karp(machine: &Machine) -> f64 {
        let n = machine.states();
        let mut rows = vec![vec![f64::INFINITY; n]];
        rows[0][0] = 0.0;
        for k in 0..n {
            let mut next = vec![0.0; n];
            machine.step(&rows[k], &mut next);
            rows.push(next);
        }
        let worst = |v: usize| {
            let terms = (0..n).map(|k| (rows[n][v] - rows[k][v]) / (n - k) as f64);
            terms.filter(|x| !x.is_nan()).fold(f64::NEG_INFINITY, f64::max)
        };
        (0..n).filter(|&v| rows[n][v].is_finite()).map(worst).fold(f64::INFINITY, f64::min)
    }

    /// A strongly connected machine with random costs: one arm leads round, the others anywhere.
    pub(crate) fn random(states: usize, arms: usize, stream: &mut Stream) -> Machine {
        let moves: Vec<(usize, f64)> = (0..states * arms)
            .map(|i| {
                let (state, arm) = (i / arms, i % arms);
                let to = if arm == 0 { (state + 1) % states } else { stream.index(states) };
                (to, stream.uniform())
            })
            .collect();
        Machine::new(states, arms, |state, arm| moves[state * arms + arm])
    }

    /// The least cost of `t` steps from a state, by trying all sequences.
    fn enumerate(machine: &Machine, state: usize, t: u32) -> f64 {
        if t == 0 {
            return 0.0;
        }
        let after =
            |arm| machine.cost(state, arm) + enumerate(machine, machine.next(state, arm), t - 1);
        (0..machine.arms).map(after).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn cycles_agree_with_karp_and_costs_with_enumeration() {
        let mut stream = Stream::new(4, 0, Role::Environment);
        for (states, arms) in [(1, 1), (1, 3), (2, 2), (5, 2), (17, 3), (40, 2)] {
            let machine = random(states, arms, &mut stream);
            let optimum = Optimum::of(&machine);
            assert!(optimum.is_exact());
            assert!((optimum.mean() - karp(&machine)).abs() < 1e-10, "{states} {arms}");
            for t in 0..=8 {
                let known = enumerate(&machine, 0, t);
                assert!((optimum.cost(u64::from(t)) - known).abs() < 1e-12, "{states} {arms} {t}");
            }
            // Costs beyond those computed are those of more steps of the programme.
            let (mut values, mut next) = (vec![f64::INFINITY; states], vec![0.0; states]);
            values[0] = 0.0;
            for t in 1..=3000u64 {
                machine.step(&values, &mut next);
                std::mem::swap(&mut values, &mut next);
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                assert!((optimum.cost(t) - least).abs() < 1e-8, "{states} {arms} {t}");
            }
        }
    }

    #[test]
    fn a_cycle_of_two_is_found() {
        // Staying costs 1, moving to the other state 0 one way and 0.5 the other.
        let machine =
            Machine::new(2, 2, |s, a| if a == 0 { (s, 1.0) } else { (1 - s, s as f64 / 2.0) });
        let optimum = Optimum::of(&machine);
        assert_eq!((optimum.mean(), optimum.is_exact()), (0.25, true));
        let costs: Vec<f64> = (0..6).map(|t| optimum.cost(t)).collect();
        assert_eq!(costs, [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]);
        assert_eq!(optimum.cost(1_000_001), 250_000.0);
    }
}
