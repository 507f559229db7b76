//! Tallying: the mean of an arm depends on how often it was played in the last m rounds.

mod curves;
mod optimality;
mod weights;
mod window;

pub use curves::Curve;
pub use optimality::Exposure;
pub use weights::Weights;
pub use window::{MOST_ARMS, Windows};

use regret_engine::planning::{Histories, MOST_MOVES, MOST_STATES, Machine};

/// The rule of tallies and means, validated.
#[derive(Clone, Debug, PartialEq)]
pub struct Tallying {
    /// Memory m ≥ 1 in rounds, the present one included.
    memory: usize,
    weights: Weights,
    /// The weights of every arm, `[arm][rounds ago]`, and their sums W.
    rows: Vec<Vec<f64>>,
    totals: Vec<f64>,
    curves: Vec<Curve>,
}

impl Tallying {
    /// The rule with these weights and curves, which were checked.
    pub fn new(memory: usize, weights: &Weights, curves: &[Curve]) -> Self {
        let rows: Vec<_> = (0..curves.len()).map(|arm| weights.of(arm, memory)).collect();
        let totals = rows.iter().map(|row| row.iter().sum()).collect();
        Self { memory, weights: weights.clone(), rows, totals, curves: curves.to_vec() }
    }

    /// Memory m.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Number of arms K.
    pub fn arms(&self) -> usize {
        self.curves.len()
    }

    /// The mean loss of an arm at a tally, which counts the play itself.
    fn loss(&self, arm: usize, tally: f64) -> f64 {
        // A tally that was added up in another order may be above W by rounding.
        self.curves[arm].loss((tally / self.totals[arm]).min(1.0))
    }

    /// The mean reward, 1 − loss.
    fn mean(&self, arm: usize, tally: f64) -> f64 {
        1.0 - self.loss(arm, tally)
    }

    /// The mean reward of every arm in a window full of it.
    pub fn saturated(&self) -> Vec<f64> {
        (0..self.arms()).map(|arm| self.mean(arm, self.totals[arm])).collect()
    }

    /// The gaps to its saturated mean that an arm played from round 1 has lost after 0, 1, …
    /// m − 1 rounds, added up; none is lost later.
    pub fn warm_up(&self, arm: usize) -> Vec<f64> {
        let saturated = self.mean(arm, self.totals[arm]);
        let mut tally = 0.0;
        let mut lost = vec![0.0];
        for (round, weight) in self.rows[arm][..self.memory - 1].iter().enumerate() {
            tally += weight;
            lost.push(lost[round] + (saturated - self.mean(arm, tally)));
        }
        lost
    }

    /// How many histories, K^(m−1), the dynamic programme has to tell apart.
    pub fn histories(&self) -> f64 {
        (self.arms() as f64).powi((self.memory - 1).min(i32::MAX as usize) as i32)
    }

    /// Whether the best sequence of actions can be computed.
    pub fn is_solvable(&self) -> bool {
        let histories = self.histories();
        histories <= MOST_STATES as f64 && histories * self.arms() as f64 <= MOST_MOVES as f64
    }

    /// The machine whose states are the last m − 1 actions (fewer in the first rounds), and whose
    /// costs are gaps to a reference reward. Only for rules that are solvable.
    pub fn machine(&self, reference: f64) -> Machine {
        let histories = Histories::new(self.arms(), self.memory - 1);
        Machine::new(histories.count(), self.arms(), |state, arm| {
            let row = &self.rows[arm];
            let past = histories.recent(state).zip(&row[1..]);
            let tally = row[0] + past.map(|(a, w)| if a == arm { *w } else { 0.0 }).sum::<f64>();
            (histories.next(state, arm), reference - self.mean(arm, tally))
        })
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::planning::Optimum;

    use super::*;

    pub(super) fn line(from: f64, to: f64) -> Curve {
        Curve::Power { from, to, exponent: 1.0 }
    }

    /// The least loss of t rounds.
    fn optimum(rule: &Tallying) -> Optimum {
        Optimum::of(&rule.machine(1.0))
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn warm_ups_by_hand() {
        // h = 0.9 − 0.8 y/10: the losses above 0.1 in rounds 1 to 9 are 0.72 + 0.64 + … + 0.08.
        let rule = Tallying::new(10, &Weights::Unweighted, &[line(0.9, 0.1)]);
        assert!(near(rule.warm_up(0)[9], 3.6) && rule.warm_up(0).len() == 10);
        let rule = Tallying::new(4, &Weights::Unweighted, &[line(0.9, 0.1)]);
        assert!(near(rule.warm_up(0)[3], 1.2));
        assert_eq!(Tallying::new(1, &Weights::Unweighted, &[line(0.9, 0.1)]).warm_up(0), [0.0]);
    }

    #[test]
    fn best_sequences_by_hand() {
        // h = 0.9 − 0.2 y, 0.2 + 0.1 y, 0.5 with memory 4: repeating the first is best in the end.
        let curves = [line(0.9, 0.1), line(0.2, 0.6), Curve::Constant(0.5)];
        let rule = Tallying::new(4, &Weights::Unweighted, &curves);
        let best = optimum(&rule);
        assert!(near(best.cost(10), 2.2) && near(best.cost(20), 3.2) && near(best.mean(), 0.1));
        // h = 0.2 y and 0.1 + 0.2 y: no arm should be repeated; of fixed mixtures the best has 0.45.
        let curves = [line(0.0, 0.8), line(0.1, 0.9)];
        let best = optimum(&Tallying::new(4, &Weights::Unweighted, &curves));
        assert!(near(best.mean(), 0.44) && near(best.cost(20), 8.4));
        // Only a tally of 2 among 3 costs nothing: alternating, after two rounds.
        let curves = vec![Curve::Table(vec![1.0, 0.0, 1.0]); 2];
        let best = optimum(&Tallying::new(3, &Weights::Unweighted, &curves));
        assert!(near(best.mean(), 0.0) && near(best.cost(12), 2.0) && best.is_exact());
    }

    /// The least loss of `left` more rounds after `played`, by trying all sequences.
    fn enumerate(rule: &Tallying, played: &mut Vec<usize>, left: usize) -> f64 {
        if left == 0 {
            return 0.0;
        }
        let mut least = f64::INFINITY;
        for arm in 0..rule.arms() {
            played.push(arm);
            let window = played.iter().rev().zip(&rule.rows[arm]);
            let tally = window.map(|(&a, w)| if a == arm { *w } else { 0.0 }).sum();
            least = least.min(rule.loss(arm, tally) + enumerate(rule, played, left - 1));
            played.pop();
        }
        least
    }

    #[test]
    fn best_sequences_agree_with_enumeration() {
        let curves =
            [line(0.7, 0.2), Curve::Table(vec![0.1, 0.9, 0.4, 0.3]), Curve::Constant(0.45)];
        let rows = vec![vec![1.0, 0.9, 0.2], vec![1.0, 0.5, 0.5], vec![1.0, 0.0, 0.0]];
        for weights in [Weights::Unweighted, Weights::Geometric(0.7), Weights::PerArm(rows)] {
            let rule = Tallying::new(3, &weights, &curves);
            let best = optimum(&rule);
            for t in 0..9 {
                let known = enumerate(&rule, &mut Vec::new(), t);
                assert!(near(best.cost(t as u64), known), "{weights:?} {t}");
            }
        }
    }

    #[test]
    fn sizes_decide_what_is_solvable() {
        let rule = |arms, memory| {
            Tallying::new(memory, &Weights::Unweighted, &vec![Curve::Constant(0.5); arms])
        };
        assert!(rule(2, 21).is_solvable() && !rule(2, 22).is_solvable());
        assert!(rule(5, 9).is_solvable() && !rule(5, 10).is_solvable());
        assert!(rule(1, 1000).is_solvable());
    }
}
