//! Prediction with expert advice: play a distribution over K experts, see every expert's loss.

use super::bandit::Arms;
use crate::learner::Setting;
use crate::protocol::{ActionProblem, NoSums, Nothing, Protocol, Vectors};
use crate::vectorised;

/// In every round the learner puts probabilities on K experts and sees the losses of all.
///
/// Losses are minimised and the learner pays the expected loss `<p, l>`. An environment defined by
/// rewards reveals the losses `1 − reward`.
#[derive(Clone, Copy, Debug)]
pub struct Experts;

/// How far from 1 the probabilities of an action may sum.
pub const SUM_TOLERANCE: f64 = 1e-9;

impl Protocol for Experts {
    const NAME: &'static str = "experts";
    const SUMMARY: &'static str = "play a distribution over K experts, see every expert's loss";

    /// The number of experts.
    type Shape = usize;
    type Instance = Arms;
    type Contexts = Nothing;
    /// The probabilities of the experts.
    type Actions = Vectors;
    /// The losses of the experts.
    type Feedbacks = Vectors;
    type Sums = NoSums;

    fn rows(&experts: &usize) -> usize {
        experts
    }

    fn contexts(_: &usize, _: usize) -> Nothing {
        Nothing
    }

    fn actions(&experts: &usize, lanes: usize) -> Vectors {
        Vectors::new(experts, lanes)
    }

    fn feedbacks(&experts: &usize, lanes: usize) -> Vectors {
        Vectors::new(experts, lanes)
    }

    #[inline]
    fn check(_: &usize, _: &Nothing, actions: &Vectors) -> Result<(), (usize, ActionProblem)> {
        check_distributions(actions)
    }
}

/// Whether every lane's action is a distribution.
///
/// # Errors
/// The first lane whose action is none, and why.
#[inline]
pub(crate) fn check_distributions(actions: &Vectors) -> Result<(), (usize, ActionProblem)> {
    if all_are_distributions(&actions.values, actions.lanes) {
        return Ok(());
    }
    Err(describe(actions))
}

vectorised! {
    /// Whether every lane's values are not negative and sum to one.
    fn all_are_distributions(values: &[f64], lanes: usize) -> bool {
        const BLOCK: usize = 16;
        let blocks = lanes / BLOCK;
        let whole = (0..blocks).all(|block| are_distributions::<BLOCK>(values, block * BLOCK, lanes));
        whole && (blocks * BLOCK..lanes).all(|lane| are_distributions::<1>(values, lane, lanes))
    }
}

/// Whether `N` lanes' values are; their sums stay in registers.
#[inline(always)]
fn are_distributions<const N: usize>(values: &[f64], first: usize, lanes: usize) -> bool {
    let (mut sums, mut lowest) = ([0.0; N], [0.0f64; N]);
    for row in values.chunks_exact(lanes) {
        let row = &row[first..first + N];
        for lane in 0..N {
            sums[lane] += row[lane];
            lowest[lane] = if row[lane] < lowest[lane] { row[lane] } else { lowest[lane] };
        }
    }
    (0..N).fold(true, |ok, lane| {
        ok & ((sums[lane] - 1.0).abs() <= SUM_TOLERANCE) & (lowest[lane] >= 0.0)
    })
}

/// The first lane whose action is no distribution, and why.
#[cold]
fn describe(actions: &Vectors) -> (usize, ActionProblem) {
    for lane in 0..actions.lanes {
        let column = || actions.values.iter().skip(lane).step_by(actions.lanes).copied();
        let bad = column().enumerate().find(|(_, p)| !p.is_finite() || *p < 0.0);
        if let Some((index, value)) = bad {
            return (lane, ActionProblem::BadComponent { index, value });
        }
        let sum: f64 = column().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return (lane, ActionProblem::NotADistribution { sum });
        }
    }
    (0, ActionProblem::Undecided)
}

impl Setting<Experts> {
    /// The number of experts, K.
    pub fn experts(&self) -> usize {
        self.shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(columns: &[[f64; 2]]) -> Vectors {
        let values = (0..2).flat_map(|k| columns.iter().map(move |c| c[k])).collect();
        Vectors { values, lanes: columns.len() }
    }

    #[test]
    fn only_distributions_pass() {
        assert_eq!(Experts::check(&2, &Nothing, &lanes(&[[0.25, 0.75], [1.0, 0.0]])), Ok(()));
        let off = lanes(&[[0.5, 0.5], [0.5, 0.500_001]]);
        assert!(matches!(
            Experts::check(&2, &Nothing, &off),
            Err((1, ActionProblem::NotADistribution { sum })) if (sum - 1.000_001).abs() < 1e-12
        ));
        let negative = lanes(&[[1.5, -0.5]]);
        assert_eq!(
            Experts::check(&2, &Nothing, &negative),
            Err((0, ActionProblem::BadComponent { index: 1, value: -0.5 }))
        );
        assert!(Experts::check(&2, &Nothing, &lanes(&[[f64::NAN, 1.0]])).is_err());
        assert!(
            Experts::check(&2, &Nothing, &lanes(&[[f64::INFINITY, f64::NEG_INFINITY]])).is_err()
        );
    }
}
