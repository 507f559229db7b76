//! The projection onto the occupancies of a process in relative entropy.
//!
//! Given weights q̃(h, s, a), the occupancy q that minimises Σ_h KL(q_h ‖ q̃_h) is
//! q = q̃ e^B/Z_h, B(h, s, a) = −v(h, s) + Σ_s′ P(s′ | s, a) v(h + 1, s′), where v minimises
//! Σ_h ln Z_h(v). Its gradient is the violation of the flow, its Hessian the covariance of the
//! features −e_s + P(· | s, a), block tridiagonal in the steps. Newton's method from v = 0, with steps
//! 1/(1 + λ), λ the decrement, halved until the objective falls: 4 to 8 iterations where weights are
//! moderate. (Zimin and Neu 2013, Section 3; the dual in this form is derived.)
//!
//! Where the transitions are not known but to lie in intervals, q̃ and q are tables over
//! (h, s, a, s′) and P is part of what is sought: given v, the row of every pair is the nearest
//! distribution within its intervals to q̃(s′ | s, a) e^{v(s′)} ([`boxed`]), which leaves the same
//! problem in v, its Hessian larger by the spread of the rows that are free to move. (Jin and others
//! 2020, Appendix A, solve for a multiplier of every interval instead.)

use std::sync::Arc;

use regret_engine::math;
use regret_engine::mdp::{Layout, Transitions};

use super::boxed::boxed;
use super::definite::{backwards, factor, forwards, forwards_rows};

/// What flow may be violated by, summed over the states, after a projection: the tolerance that is
/// sought. [`FlowProjection::project`] answers what was reached.
pub const TOLERANCE: f64 = 1e-12;

/// Newton steps at the most, and halvings of each.
const ITERATIONS: usize = 200;
const HALVINGS: usize = 40;

/// The solver, with its tables.
pub struct FlowProjection {
    layout: Layout,
    source: Source,
    /// The rows P(· | s, a) of the occupancy, a table over entries.
    rows: Vec<f64>,
    /// v, its gradient (then the step), and which places are held at 0, tables over states.
    potentials: Vec<f64>,
    gradient: Vec<f64>,
    held: Vec<bool>,
    /// q and the probabilities of the states.
    occupancy: Vec<f64>,
    marginals: Vec<f64>,
    inflow: Vec<f64>,
    logs: Vec<f64>,
    system: Tridiagonal,
}

/// Where the rows come from.
enum Source {
    /// They are known.
    Told(Arc<Transitions>),
    /// They lie in intervals.
    Within(Intervals),
}

/// Tables over entries: the intervals, and the logarithms of q̃(s′ | s, a); with room for a row.
struct Intervals {
    lower: Vec<f64>,
    upper: Vec<f64>,
    logs: Vec<f64>,
    exponents: Vec<f64>,
}

/// Logarithms are kept above this, so that what got nothing can get something again.
const LEAST_LOG: f64 = -600.0;

impl FlowProjection {
    /// The solver for a process that is known.
    pub fn new(transitions: Arc<Transitions>) -> Self {
        let (layout, rows) = (transitions.layout().clone(), transitions.probabilities().to_vec());
        Self::of(layout, rows, Source::Told(transitions))
    }

    /// The solver for a process whose transitions lie in intervals, at first [0, 1]; q̃(s′ | s, a) is
    /// uniform.
    pub fn within(layout: &Layout) -> Self {
        let entries = layout.entries();
        let intervals = Intervals {
            lower: vec![0.0; entries],
            upper: vec![1.0; entries],
            logs: vec![0.0; entries],
            exponents: Vec::with_capacity(layout.states()),
        };
        let mut solver = Self::of(layout.clone(), vec![0.0; entries], Source::Within(intervals));
        solver.forget();
        solver
    }

    fn of(layout: Layout, rows: Vec<f64>, source: Source) -> Self {
        let (states, pairs) = (layout.states(), layout.pairs());
        let widths: Vec<usize> = (0..layout.steps()).map(|h| layout.width(h)).collect();
        Self {
            source,
            rows,
            potentials: vec![0.0; states],
            gradient: vec![0.0; states],
            held: vec![false; states],
            occupancy: vec![0.0; pairs],
            marginals: vec![0.0; states],
            inflow: vec![0.0; states],
            logs: vec![0.0; pairs],
            system: Tridiagonal::new(&widths),
            layout,
        }
    }

    /// Makes q̃(s′ | s, a) uniform again, where transitions lie in intervals.
    pub fn forget(&mut self) {
        let Source::Within(intervals) = &mut self.source else { return };
        for h in 0..self.layout.steps() {
            let uniform = -math::ln(self.layout.width(h + 1).max(1) as f64);
            intervals.logs[self.layout.entries_of(h)].fill(uniform);
        }
    }

    /// Sets the intervals, tables over entries.
    pub fn set_intervals(&mut self, lower: &[f64], upper: &[f64]) {
        if let Source::Within(intervals) = &mut self.source {
            intervals.lower.copy_from_slice(lower);
            intervals.upper.copy_from_slice(upper);
        }
    }

    /// Replaces the logarithms of weights (−∞ where nothing can get) by those of the projection;
    /// answers the violation of the flow, Σ |outflow − inflow|, that is left: at most
    /// [`TOLERANCE`], up to rounding, if it succeeded.
    pub fn project(&mut self, logs: &mut [f64]) -> f64 {
        self.potentials.fill(0.0);
        let mut objective = self.spread(logs);
        self.hold();
        let mut violation = self.violation();
        for _ in 0..ITERATIONS {
            if violation <= TOLERANCE {
                break;
            }
            self.build();
            self.system.solve(&mut self.gradient);
            objective = self.descend(logs, objective);
            violation = self.violation();
        }
        logs.copy_from_slice(&self.logs);
        if let Source::Within(intervals) = &mut self.source {
            for (log, &p) in intervals.logs.iter_mut().zip(&self.rows) {
                *log = math::ln(p).max(LEAST_LOG);
            }
        }
        violation
    }

    /// Goes along the Newton step, which stands in place of the gradient; answers the objective.
    fn descend(&mut self, logs: &[f64], objective: f64) -> f64 {
        let decrement = self.decrement();
        let mut step = if decrement > 0.25 { 1.0 / (1.0 + decrement) } else { 1.0 };
        self.advance(step);
        let mut found = self.spread(logs);
        // Near the optimum rounding hides what falls: full steps converge there.
        let slack = 1e-12 * (1.0 + objective.abs());
        for _ in 0..HALVINGS {
            let enough = objective - 1e-4 * step * decrement * decrement + slack;
            // A NaN is not enough.
            if found <= enough {
                break;
            }
            step *= 0.5;
            self.advance(-step);
            found = self.spread(logs);
        }
        found
    }

    /// Takes `step` times the Newton step off the potentials.
    fn advance(&mut self, step: f64) {
        for (v, d) in self.potentials.iter_mut().zip(&self.gradient) {
            *v -= step * d;
        }
    }

    /// The occupancy of the last projection, a table over pairs.
    pub fn occupancy(&self) -> &[f64] {
        &self.occupancy
    }

    /// q, its logarithm, the probabilities of the states and the inflow, at the potentials; answers
    /// the objective.
    fn spread(&mut self, logs: &[f64]) -> f64 {
        let mut objective = 0.0;
        self.inflow.fill(0.0);
        for h in 0..self.layout.steps() {
            // The exponent, in place: log q̃ + Σ P v(h + 1) − v(h).
            self.lead(h, logs);
            let layout = &self.layout;
            let pairs = layout.pairs_of(h);
            let actions = layout.actions();
            let potentials = &self.potentials[layout.states_of(h)];
            let exponents = &mut self.logs[pairs.clone()];
            for (row, v) in exponents.chunks_exact_mut(actions).zip(potentials) {
                row.iter_mut().for_each(|log| *log -= v);
            }
            let greatest = exponents.iter().fold(f64::NEG_INFINITY, |most, &log| most.max(log));
            let occupancy = &mut self.occupancy[pairs];
            let mut total = 0.0;
            for (q, log) in occupancy.iter_mut().zip(exponents.iter()) {
                *q = math::exp(log - greatest);
                total += *q;
            }
            let normaliser = greatest + math::ln(total);
            objective += normaliser;
            exponents.iter_mut().for_each(|log| *log -= normaliser);
            occupancy.iter_mut().for_each(|q| *q /= total);
            let marginals = &mut self.marginals[layout.states_of(h)];
            for (m, row) in marginals.iter_mut().zip(occupancy.chunks_exact(actions)) {
                *m = row.iter().sum();
            }
            let next = layout.width(h + 1);
            if next > 0 {
                let inflow = &mut self.inflow[layout.states_of(h + 1)];
                let rows = self.rows[layout.entries_of(h)].chunks_exact(next);
                for (row, q) in rows.zip(occupancy.iter()) {
                    inflow.iter_mut().zip(row).for_each(|(sum, p)| *sum += q * p);
                }
            }
        }
        objective
    }

    /// The exponents of step `h` without the potentials of its own states, and its rows where they are
    /// sought.
    fn lead(&mut self, h: usize, logs: &[f64]) {
        let intervals = match &mut self.source {
            Source::Told(process) => {
                process.back(h, logs, &mut self.logs, &self.potentials);
                return;
            }
            Source::Within(intervals) => intervals,
        };
        let (pairs, entries) = (self.layout.pairs_of(h), self.layout.entries_of(h));
        let exponents = &mut self.logs[pairs.clone()];
        exponents.copy_from_slice(&logs[pairs]);
        let next = self.layout.width(h + 1);
        if next == 0 {
            return;
        }
        let after = self.layout.states_of(h + 1);
        for (place, exponent) in exponents.iter_mut().enumerate() {
            let row = entries.start + place * next..entries.start + (place + 1) * next;
            let potentials = &self.potentials[after.clone()];
            intervals.exponents.clear();
            let sums = intervals.logs[row.clone()].iter().zip(potentials).map(|(log, v)| log + v);
            intervals.exponents.extend(sums);
            *exponent += boxed(
                &intervals.exponents,
                &intervals.lower[row.clone()],
                &intervals.upper[row.clone()],
                &mut self.rows[row],
            );
        }
    }

    /// Fixes what the objective does not depend on: the first step, in every step its likeliest state
    /// (a constant added to a step's potentials changes nothing), and what cannot be reached.
    fn hold(&mut self) {
        let layout = &self.layout;
        for h in 0..layout.steps() {
            let states = layout.states_of(h);
            let marginals = &self.marginals[states.clone()];
            let mut likeliest = 0;
            for (s, &m) in marginals.iter().enumerate() {
                if m > marginals[likeliest] {
                    likeliest = s;
                }
            }
            for (s, held) in self.held[states].iter_mut().enumerate() {
                *held = h == 0 || s == likeliest || marginals[s] < 1e-250;
            }
        }
    }

    /// The gradient, and the sum of its absolute values.
    fn violation(&mut self) -> f64 {
        let first = self.layout.states_of(0).end;
        let mut sum = 0.0;
        for state in first..self.gradient.len() {
            let violated = self.inflow[state] - self.marginals[state];
            sum += violated.abs();
            self.gradient[state] = if self.held[state] { 0.0 } else { violated };
        }
        sum
    }

    fn decrement(&self) -> f64 {
        let free =
            self.gradient.iter().zip(&self.held).enumerate().filter(|(_, (_, held))| !**held);
        let product: f64 =
            free.map(|(state, (d, _))| d * (self.inflow[state] - self.marginals[state])).sum();
        product.max(0.0).sqrt()
    }

    /// The Hessian.
    fn build(&mut self) {
        let layout = &self.layout;
        self.system.clear();
        for h in 0..layout.steps() {
            let states = layout.states_of(h);
            let marginals = &self.marginals[states.clone()];
            let block = self.system.diagonal(h);
            let width = marginals.len();
            for (i, &m) in marginals.iter().enumerate() {
                block[i * width + i] += m;
                for (j, &other) in marginals.iter().enumerate() {
                    block[i * width + j] -= m * other;
                }
            }
            let next = layout.width(h + 1);
            if next == 0 {
                continue;
            }
            let inflow = &self.inflow[layout.states_of(h + 1)];
            let (upper, after) = self.system.upper_and_next(h);
            for (i, &m) in marginals.iter().enumerate() {
                for (slot, f) in upper[i * next..(i + 1) * next].iter_mut().zip(inflow) {
                    *slot += m * f;
                }
            }
            for s in 0..width {
                for a in 0..layout.actions() {
                    let q = self.occupancy[layout.pair(h, s, a)];
                    let entries = layout.successors(h, s, a);
                    let row = &self.rows[entries.clone()];
                    if let Source::Within(intervals) = &self.source {
                        add_spread(intervals, entries, row, q, after);
                    }
                    for (i, &p) in row.iter().enumerate() {
                        upper[s * next + i] -= q * p;
                        let weight = q * p;
                        let line = &mut after[i * next..(i + 1) * next];
                        line.iter_mut().zip(row).for_each(|(slot, p)| *slot += weight * p);
                    }
                }
            }
            for (i, &f) in inflow.iter().enumerate() {
                let line = &mut after[i * next..(i + 1) * next];
                line.iter_mut().zip(inflow).for_each(|(slot, other)| *slot -= f * other);
            }
        }
        for h in 0..layout.steps() {
            let states = layout.states_of(h);
            self.system.fix(h, &self.held[states]);
        }
    }
}

/// Adds to a block q times the derivative of a row by the potentials: diag(p) − p pᵀ/Σ p over the
/// successors whose probability is at no end of its interval.
fn add_spread(
    intervals: &Intervals,
    entries: std::ops::Range<usize>,
    row: &[f64],
    q: f64,
    block: &mut [f64],
) {
    let next = row.len();
    let (lower, upper) = (&intervals.lower[entries.clone()], &intervals.upper[entries]);
    let free = |i: usize| if row[i] > lower[i] && row[i] < upper[i] { row[i] } else { 0.0 };
    let total: f64 = (0..next).map(free).sum();
    if total <= 0.0 {
        return;
    }
    for i in 0..next {
        block[i * next + i] += q * free(i);
        for j in 0..next {
            block[i * next + j] -= q * free(i) * free(j) / total;
        }
    }
}

/// A symmetric positive definite, block tridiagonal system, solved by Cholesky's method.
struct Tridiagonal {
    widths: Vec<usize>,
    /// Where the blocks of a step lie, and where its part of a vector.
    diagonals: Vec<usize>,
    uppers: Vec<usize>,
    places: Vec<usize>,
    /// Row-major blocks (h, h) and (h, h + 1).
    diagonal: Vec<f64>,
    upper: Vec<f64>,
}

impl Tridiagonal {
    fn new(widths: &[usize]) -> Self {
        let (mut diagonals, mut uppers, mut places) = (vec![0], vec![0], vec![0]);
        for (h, &width) in widths.iter().enumerate() {
            let next = widths.get(h + 1).copied().unwrap_or_default();
            diagonals.push(diagonals[h] + width * width);
            uppers.push(uppers[h] + width * next);
            places.push(places[h] + width);
        }
        Self {
            widths: widths.to_vec(),
            diagonal: vec![0.0; diagonals[widths.len()]],
            upper: vec![0.0; uppers[widths.len()]],
            diagonals,
            uppers,
            places,
        }
    }

    fn clear(&mut self) {
        self.diagonal.fill(0.0);
        self.upper.fill(0.0);
    }

    fn diagonal(&mut self, h: usize) -> &mut [f64] {
        &mut self.diagonal[self.diagonals[h]..self.diagonals[h + 1]]
    }

    /// Block (h, h + 1) and block (h + 1, h + 1).
    fn upper_and_next(&mut self, h: usize) -> (&mut [f64], &mut [f64]) {
        let upper = &mut self.upper[self.uppers[h]..self.uppers[h + 1]];
        (upper, &mut self.diagonal[self.diagonals[h + 1]..self.diagonals[h + 2]])
    }

    /// Makes the held unknowns of a step 0: unit rows and columns.
    fn fix(&mut self, h: usize, held: &[bool]) {
        let width = self.widths[h];
        let next = self.widths.get(h + 1).copied().unwrap_or_default();
        for (i, _) in held.iter().enumerate().filter(|(_, held)| **held) {
            let block = &mut self.diagonal[self.diagonals[h]..self.diagonals[h + 1]];
            for j in 0..width {
                block[i * width + j] = 0.0;
                block[j * width + i] = 0.0;
            }
            block[i * width + i] = 1.0;
            self.upper[self.uppers[h] + i * next..][..next].fill(0.0);
            if h > 0 {
                let before = self.widths[h - 1];
                for row in 0..before {
                    self.upper[self.uppers[h - 1] + row * width + i] = 0.0;
                }
            }
        }
    }

    /// Replaces a right-hand side by the solution; the blocks are overwritten.
    fn solve(&mut self, vector: &mut [f64]) {
        let steps = self.widths.len();
        for h in 0..steps {
            let width = self.widths[h];
            if h > 0 {
                self.eliminate(h, vector);
            }
            let block = &mut self.diagonal[self.diagonals[h]..self.diagonals[h + 1]];
            factor(block, width);
            let part = &mut vector[self.places[h]..self.places[h + 1]];
            forwards(block, width, part);
            // W = L⁻¹ U, in place of U, column by column.
            let next = self.widths.get(h + 1).copied().unwrap_or_default();
            let upper = &mut self.upper[self.uppers[h]..self.uppers[h + 1]];
            forwards_rows(block, width, upper, next);
        }
        for h in (0..steps).rev() {
            let width = self.widths[h];
            let (here, after) = vector.split_at_mut(self.places[h + 1]);
            let part = &mut here[self.places[h]..];
            let next = self.widths.get(h + 1).copied().unwrap_or_default();
            let upper = &self.upper[self.uppers[h]..self.uppers[h + 1]];
            for (i, value) in part.iter_mut().enumerate() {
                let row = &upper[i * next..(i + 1) * next];
                *value -= row.iter().zip(&*after).map(|(w, x)| w * x).sum::<f64>();
            }
            backwards(&self.diagonal[self.diagonals[h]..self.diagonals[h + 1]], width, part);
        }
    }

    /// Takes Wᵀ W off block (h, h) and Wᵀ y off the vector, W and y those of step h − 1.
    fn eliminate(&mut self, h: usize, vector: &mut [f64]) {
        let (before, width) = (self.widths[h - 1], self.widths[h]);
        let w = &self.upper[self.uppers[h - 1]..self.uppers[h]];
        let block = &mut self.diagonal[self.diagonals[h]..self.diagonals[h + 1]];
        let (earlier, later) = vector.split_at_mut(self.places[h]);
        for row in 0..before {
            let line = &w[row * width..(row + 1) * width];
            let y = earlier[self.places[h - 1] + row];
            for (i, &value) in line.iter().enumerate() {
                later[i] -= value * y;
                let target = &mut block[i * width..(i + 1) * width];
                target.iter_mut().zip(line).for_each(|(slot, other)| *slot -= value * other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::lay;
    use crate::support::episodic::write_policy_of_logs;

    /// Any weights: the projection is an occupancy (its own policy has it), and the logarithms are
    /// its own; e^{B} q̃ with flow is what characterises it.
    #[test]
    fn projections_are_occupancies() {
        for (steps, width, actions, spread) in [(3, 3, 2, 1.0), (6, 5, 3, 40.0), (2, 1, 4, 5.0)] {
            let (process, _) = lay(steps, width, actions);
            let layout = process.layout();
            let weight = |pair: usize| spread * ((pair * 37 % 19) as f64 / 19.0 - 0.5);
            let mut logs: Vec<f64> = (0..layout.pairs()).map(weight).collect();
            let mut solver = FlowProjection::new(process.clone());
            let violation = solver.project(&mut logs);
            assert!(violation <= 1e-11, "{violation}");
            let (mut policy, mut q) = (vec![0.0; layout.pairs()], vec![0.0; layout.pairs()]);
            write_policy_of_logs(layout, &logs, &mut policy);
            process.occupancy(&policy, &mut vec![0.0; layout.states()], &mut q);
            for (pair, (q, log)) in q.iter().zip(&logs).enumerate() {
                assert!((q - log.exp()).abs() < 1e-10, "{pair}");
                assert!((q - solver.occupancy()[pair]).abs() < 1e-10);
            }
        }
    }

    /// The optimum's condition: moving along any flow-preserving direction, such as from one policy's
    /// occupancy to another's, does not change Σ q ln(q/q̃) to first order.
    #[test]
    fn projections_are_nearest() {
        let (process, base) = lay(4, 3, 3);
        let layout = process.layout();
        let pairs = layout.pairs();
        let start: Vec<f64> = base.iter().map(|m| -3.0 * m).collect();
        let mut logs = start.clone();
        FlowProjection::new(process.clone()).project(&mut logs);
        let slope: Vec<f64> = logs.iter().zip(&start).map(|(log, start)| log - start).collect();
        let mut marginals = vec![0.0; layout.states()];
        let inner = |policy: &[f64], marginals: &mut [f64]| -> f64 {
            let mut q = vec![0.0; pairs];
            process.occupancy(policy, marginals, &mut q);
            q.iter().zip(&slope).map(|(q, slope)| q * slope).sum()
        };
        let mut own = vec![0.0; pairs];
        write_policy_of_logs(layout, &logs, &mut own);
        let reference = inner(&own, &mut marginals);
        for shift in 0..3 {
            let mut policy = vec![0.0; pairs];
            let actions: Vec<usize> = (0..layout.states()).map(|s| (s + shift) % 3).collect();
            layout.write_deterministic(&actions, &mut policy);
            assert!((inner(&policy, &mut marginals) - reference).abs() < 1e-9);
        }
    }

    /// Rows in intervals: flow holds, the intervals hold, and no occupancy of a process in the set is
    /// nearer to first order: Σ (q′ − q) ln(q/q̃) ≥ 0 for policies and rows at the ends.
    #[test]
    fn projections_within_intervals_are_nearest() {
        let (process, base) = lay(3, 3, 2);
        let layout = process.layout();
        let width = |entry: usize| 0.02 + 0.05 * (entry % 4) as f64;
        let near = process.probabilities().iter().enumerate();
        let lower: Vec<f64> = near.clone().map(|(i, p)| (p - width(i)).max(0.0)).collect();
        let upper: Vec<f64> = near.map(|(i, p)| (p + width(i)).min(1.0)).collect();
        let mut solver = FlowProjection::within(layout);
        solver.set_intervals(&lower, &upper);
        let start: Vec<f64> = base.iter().map(|m| -4.0 * m).collect();
        let mut logs = start.clone();
        let violation = solver.project(&mut logs);
        assert!(violation <= 1e-11, "{violation}");
        // ln(q/q̃) by entry, and by pair in the last step; q̃(s′ | s, a) was uniform.
        let slope = |pair: usize| logs[pair] - start[pair];
        let uniform = 3f64.ln();
        let inner = |policy: &[f64], rows: &[f64]| -> f64 {
            let process = Transitions::new(layout.clone(), 0, rows.to_vec()).expect("valid");
            let mut q = vec![0.0; layout.pairs()];
            process.occupancy(policy, &mut vec![0.0; layout.states()], &mut q);
            let mut sum = 0.0;
            for h in 0..3 {
                for (s, a) in (0..layout.width(h)).flat_map(|s| [(s, 0), (s, 1)]) {
                    let pair = layout.pair(h, s, a);
                    let spread: f64 = layout
                        .successors(h, s, a)
                        .map(|i| rows[i] * (solver.rows[i].ln() + uniform))
                        .sum();
                    sum += q[pair] * (slope(pair) + spread);
                }
            }
            sum
        };
        let mut own = vec![0.0; layout.pairs()];
        write_policy_of_logs(layout, &logs, &mut own);
        for (i, &p) in solver.rows.iter().enumerate() {
            assert!(p >= lower[i] - 1e-12 && p <= upper[i] + 1e-12);
        }
        let reference = inner(&own, &solver.rows);
        for shift in 0..16 {
            let actions: Vec<usize> =
                (0..layout.states()).map(|s| (shift >> (s % 4)) & 1).collect();
            let mut policy = vec![0.0; layout.pairs()];
            layout.write_deterministic(&actions, &mut policy);
            // The true rows, and the solver's own, are in the set.
            for rows in [process.probabilities(), &solver.rows] {
                let other = inner(&policy, rows);
                assert!(other >= reference - 1e-9, "{shift}: {other} {reference}");
            }
            let same = inner(&own, process.probabilities());
            assert!(same >= reference - 1e-9);
        }
    }

    /// Intervals that leave nothing open give the projection for known transitions.
    #[test]
    fn points_are_intervals() {
        let (process, base) = lay(4, 3, 3);
        let mut solver = FlowProjection::within(process.layout());
        solver.set_intervals(process.probabilities(), process.probabilities());
        let mut logs: Vec<f64> = base.iter().map(|m| -2.0 * m).collect();
        // What the rows' divergence from uniform adds, the known process must be given.
        let mut told = logs.clone();
        let layout = process.layout();
        for h in 0..3 {
            for (s, a) in (0..layout.width(h)).flat_map(|s| (0..3).map(move |a| (s, a))) {
                let row = process.row(h, s, a);
                let gain: f64 = row.iter().map(|p| -p * (p.ln() + 3f64.ln())).sum();
                told[layout.pair(h, s, a)] += gain;
            }
        }
        assert!(solver.project(&mut logs) <= 1e-11);
        FlowProjection::new(process.clone()).project(&mut told);
        let close = logs.iter().zip(&told).all(|(a, b)| (a.exp() - b.exp()).abs() < 1e-9);
        assert!(close, "{logs:?} {told:?}");
    }

    #[test]
    fn unreachable_states_stay_empty() {
        let layout = regret_engine::mdp::Layout::new(&[2, 2, 2], 1).expect("valid");
        let rows = vec![0.5, 0.5, 1.0, 0.0, 0.25, 0.75, 1.0, 0.0];
        let process = Arc::new(Transitions::new(layout, 0, rows).expect("valid"));
        let mut logs = vec![0.0, f64::NEG_INFINITY, 0.3, 0.1, 0.0, 2.0];
        let violation = FlowProjection::new(process).project(&mut logs);
        assert!(violation < 1e-12);
        let q: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let known = [1.0, 0.0, 0.5, 0.5, 0.625, 0.375];
        assert!(q.iter().zip(known).all(|(q, known)| (q - known).abs() < 1e-12), "{q:?}");
    }
}
