//! The multi-armed bandit: pick an arm, see its reward.

use crate::learner::{Run, Setting};
use crate::protocol::{ActionProblem, Nothing, Protocol, RunSums, Scalars};

/// In every round the learner picks one of K arms and sees the reward of that arm only.
///
/// Rewards are maximised. An environment that is defined by losses in `[0, 1]` reveals the reward
/// `1 − loss`; algorithms of the adversarial literature read the loss back as `1 − reward`.
#[derive(Clone, Copy, Debug)]
pub struct Bandit;

/// What [`crate::random::sample_index`] and [`argmax`] answer when nothing can be picked; played,
/// it stops the cell with [`ActionProblem::Undecided`].
pub const NO_ARM: usize = usize::MAX;

impl Protocol for Bandit {
    const NAME: &'static str = "bandit";
    const SUMMARY: &'static str = "pick one of K arms, see its reward";

    /// The number of arms.
    type Shape = usize;
    type Instance = Arms;
    type Contexts = Nothing;
    /// The arm, from 0.
    type Actions = Scalars<usize>;
    /// The reward of the arm played.
    type Feedbacks = Scalars<f64>;
    type Sums = ArmSums;

    fn rows(&arms: &usize) -> usize {
        arms
    }

    fn contexts(_: &usize, _: usize) -> Nothing {
        Nothing
    }

    fn actions(_: &usize, lanes: usize) -> Scalars<usize> {
        Scalars(vec![0; lanes])
    }

    fn feedbacks(_: &usize, lanes: usize) -> Scalars<f64> {
        Scalars(vec![0.0; lanes])
    }

    #[inline]
    fn check(
        &arms: &usize,
        _: &Nothing,
        actions: &Scalars<usize>,
    ) -> Result<(), (usize, ActionProblem)> {
        let highest = actions.0.iter().fold(0, |highest, &arm| highest.max(arm));
        if highest < arms {
            return Ok(());
        }
        let lane = actions.0.iter().position(|&arm| arm >= arms).unwrap_or_default();
        let problem = match actions.0[lane] {
            NO_ARM => ActionProblem::Undecided,
            arm => ActionProblem::ArmOutOfRange { arm, arms },
        };
        Err((lane, problem))
    }
}

/// What a learner knows of the arm that it keeps playing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ArmSums {
    /// Number of its rewards; a whole number.
    pub pulls: f64,
    /// Their sum, in the order in which they came.
    pub sum: f64,
    /// The sum of their squares, likewise.
    pub squares: f64,
}

/// The arm stays while the mean of all its rewards is at least this: −∞ for as long as the run
/// lasts, NaN for one round only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(pub f64);

impl ArmSums {
    /// Adds a reward.
    #[inline(always)]
    pub fn enter(&mut self, reward: f64) {
        self.pulls += 1.0;
        self.sum += reward;
        self.squares += reward * reward;
    }

    /// Whether the arm stays.
    #[inline(always)]
    pub fn above(&self, level: Level) -> bool {
        self.sum >= level.0 * self.pulls
    }

    /// The mean, NaN before the first reward.
    #[inline(always)]
    pub fn mean(&self) -> f64 {
        self.sum / self.pulls
    }
}

impl Run<Bandit> {
    /// One round, or as many as are sure, whatever the rewards.
    pub fn held(rounds: u64, sums: ArmSums) -> Self {
        Self { rounds, boundary: Level(f64::NEG_INFINITY), sums }
    }
}

impl RunSums<Bandit> for ArmSums {
    type Boundary = Level;

    #[inline(always)]
    fn add(&mut self, reward: f64) {
        self.enter(reward);
    }

    #[inline(always)]
    fn within(&self, level: &Level) -> bool {
        self.above(*level)
    }
}

impl Setting<Bandit> {
    /// The number of arms, K.
    pub fn arms(&self) -> usize {
        self.shape
    }
}

/// What is known of the arms, for the conditions of theory's bounds. Serves experts as well.
#[derive(Clone, Debug, PartialEq)]
pub struct Arms {
    /// The number of arms (or experts), K.
    pub count: usize,
    /// The means of the rewards, when they are the same in every round and replication.
    pub means: Option<Vec<f64>>,
    /// The interval that contains every reward, if there is one.
    pub range: Option<(f64, f64)>,
    /// The law of a reward around its mean.
    pub law: Law,
    /// Whether rewards are fixed before the first round (no adversary that reacts).
    pub oblivious: bool,
}

/// The law of rewards, as far as bounds depend on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// 1 with probability μ, else 0, independent between rounds.
    Bernoulli,
    /// Normal with mean μ and this standard deviation, independent between rounds.
    Gaussian {
        /// The standard deviation, the largest among the arms.
        deviation: f64,
    },
    /// Independent between rounds, any other law.
    Independent,
    /// Anything: an adversary chooses.
    Arbitrary,
    /// Written down in advance: the same numbers in every replication.
    Written,
    /// The mean of the arm played depends on when it was played in the last `memory` rounds, the
    /// present one included.
    Tallying {
        /// Memory m ≥ 1.
        memory: u64,
        /// Whether some arm, repeated, is at least as good as any play (repeated exposure
        /// optimality).
        repeats: bool,
    },
}

impl Arms {
    /// Whether every reward lies in `[0, 1]`.
    pub fn in_unit_interval(&self) -> bool {
        self.range.is_some_and(|(low, high)| low >= 0.0 && high <= 1.0)
    }

    /// The gaps `max μ − μ_a` if the arms are stochastic with constant means.
    pub fn gaps(&self) -> Option<Vec<f64>> {
        let means =
            self.means.as_ref().filter(|_| !matches!(self.law, Law::Arbitrary | Law::Written))?;
        let best = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(means.iter().map(|mean| best - mean).collect())
    }

    /// The gaps when, besides, all rewards lie in `[0, 1]`: the condition of most index policies.
    pub fn unit_gaps(&self) -> Option<Vec<f64>> {
        self.gaps().filter(|_| self.in_unit_interval())
    }
}

/// The index of the greatest value, the lowest such index in a tie; [`NO_ARM`] if all are NaN or
/// there are none.
#[inline]
pub fn argmax(values: impl IntoIterator<Item = f64>) -> usize {
    let mut best = f64::NEG_INFINITY;
    let mut chosen = NO_ARM;
    for (index, value) in values.into_iter().enumerate() {
        if value > best || (chosen == NO_ARM && value == best) {
            best = value;
            chosen = index;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argmax_prefers_the_lowest_index_and_ignores_nan() {
        assert_eq!(argmax([1.0, 3.0, 3.0, 2.0]), 1);
        assert_eq!(argmax([f64::NAN, -2.0, f64::NAN]), 1);
        assert_eq!(argmax([f64::NAN, f64::NEG_INFINITY]), 1);
        assert_eq!(argmax([f64::NAN, f64::NAN]), NO_ARM);
        assert_eq!(argmax([f64::INFINITY, f64::INFINITY]), 0);
        assert_eq!(argmax([]), NO_ARM);
    }

    #[test]
    fn the_first_bad_arm_is_named() {
        let bad = Scalars(vec![0, 2, 7, NO_ARM]);
        assert_eq!(
            Bandit::check(&3, &Nothing, &bad),
            Err((2, ActionProblem::ArmOutOfRange { arm: 7, arms: 3 }))
        );
        assert_eq!(Bandit::check(&8, &Nothing, &bad), Err((3, ActionProblem::Undecided)));
        assert_eq!(Bandit::check(&3, &Nothing, &Scalars(vec![2, 0])), Ok(()));
    }
}
