//! Pure exploration: pull arms, and say which is the best.

use crate::learner::Setting;
use crate::protocol::{ActionProblem, NoSums, Nothing, Protocol, Scalars};
use crate::protocols::bandit::{Arms, NO_ARM};

/// In every round the learner recommends one of K arms and pulls one, whose reward it sees. What it
/// pulls costs nothing; it answers for its recommendation alone.
///
/// The recommendation of round t is made of the t − 1 rewards before it. The last reward comes too
/// late for any recommendation: a horizon of T rounds is a budget of T − 1 pulls.
#[derive(Clone, Copy, Debug)]
pub struct PureExploration;

/// What is played in a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The arm pulled, from 0.
    pub pull: usize,
    /// The arm recommended, from 0.
    pub recommend: usize,
}

impl Protocol for PureExploration {
    const NAME: &'static str = "pure_exploration";
    const SUMMARY: &'static str = "pull one of K arms, see its reward, recommend an arm";

    /// The number of arms.
    type Shape = usize;
    type Instance = Arms;
    type Contexts = Nothing;
    type Actions = Scalars<Choice>;
    /// The reward of the arm pulled.
    type Feedbacks = Scalars<f64>;
    type Sums = NoSums;

    fn contexts(_: &usize, _: usize) -> Nothing {
        Nothing
    }

    fn actions(_: &usize, lanes: usize) -> Scalars<Choice> {
        Scalars(vec![Choice::default(); lanes])
    }

    fn feedbacks(_: &usize, lanes: usize) -> Scalars<f64> {
        Scalars(vec![0.0; lanes])
    }

    #[inline]
    fn check(
        &arms: &usize,
        _: &Nothing,
        actions: &Scalars<Choice>,
    ) -> Result<(), (usize, ActionProblem)> {
        let bad = |choice: &Choice| choice.pull >= arms || choice.recommend >= arms;
        let Some(lane) = actions.0.iter().position(bad) else { return Ok(()) };
        let Choice { pull, recommend } = actions.0[lane];
        let problem = if pull == NO_ARM || recommend == NO_ARM {
            ActionProblem::Undecided
        } else if pull >= arms {
            ActionProblem::ArmOutOfRange { arm: pull, arms }
        } else {
            let last = arms - 1;
            ActionProblem::Refused(format!(
                "it recommended arm {recommend}, but arms are 0 to {last}"
            ))
        };
        Err((lane, problem))
    }
}

impl Setting<PureExploration> {
    /// The number of rewards that the last recommendation can be made of.
    pub fn budget(&self) -> u64 {
        self.horizon - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_arms_must_exist() {
        let check = |pull, recommend| {
            let choices = Scalars(vec![Choice::default(), Choice { pull, recommend }]);
            PureExploration::check(&3, &Nothing, &choices)
        };
        assert_eq!(check(2, 1), Ok(()));
        assert_eq!(check(3, 1), Err((1, ActionProblem::ArmOutOfRange { arm: 3, arms: 3 })));
        assert_eq!(check(NO_ARM, 1), Err((1, ActionProblem::Undecided)));
        assert_eq!(check(0, NO_ARM), Err((1, ActionProblem::Undecided)));
        let refused = check(0, 7).expect_err("no such arm").1.to_string();
        assert_eq!(refused, "it recommended arm 7, but arms are 0 to 2");
        assert_eq!(Setting::<PureExploration>::new(3, 10).budget(), 9);
    }
}
