//! Observation budgets: play one of K actions, pay its loss, and read what the budget allows.

use super::bandit::{Arms, NO_ARM};
use crate::protocol::{ActionProblem, LaneBuffer, NoSums, Protocol, Scalars};

/// In every round the learner plays one of K actions, and says which losses of the round it wants to
/// read. It pays the loss of the action, whether it reads it or not.
///
/// Losses are minimised. Every loss that is read, of any action, is taken from a budget that is
/// shown before each round; the loss of the action played is free where the environment says so. What the budget does not hold cannot be read: the attempt stops the cell.
#[derive(Clone, Copy, Debug)]
pub struct Observations;

/// What learner and environment must agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The number of actions, K.
    pub actions: usize,
    /// Whether the loss of the action played is read for nothing.
    pub free: bool,
    /// The number of losses that can be read in all.
    pub budget: u64,
    /// The price of a switch, in the regret only.
    pub switch_cost: SwitchCost,
}

/// A price ≥ 0, compared by its bits.
#[derive(Clone, Copy, Debug)]
pub struct SwitchCost(pub f64);

impl PartialEq for SwitchCost {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for SwitchCost {}

/// What a learner plays in a round, and reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice<'a> {
    /// The action, from 0.
    pub action: usize,
    /// Which losses to read: one for each action, or none at all if this is empty.
    pub reads: &'a [bool],
}

/// The choices of a block of lanes.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The actions, `[lane]`.
    pub actions: Vec<usize>,
    /// The losses to read, `[lane][action]`.
    pub reads: Vec<bool>,
    /// Whether any is, `[lane]`.
    pub reading: Vec<bool>,
}

impl Choices {
    /// The reads of a lane, none if nothing is read.
    pub fn reads(&self, lane: usize) -> &[bool] {
        let actions = self.reads.len() / self.actions.len().max(1);
        if self.reading[lane] { &self.reads[lane * actions..][..actions] } else { &[] }
    }
}

impl LaneBuffer for Choices {
    type View<'a> = Choice<'a>;
    type Scratch = ();

    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> Choice<'a> {
        Choice { action: self.actions[lane], reads: self.reads(lane) }
    }

    fn write(&mut self, lane: usize, view: Choice<'_>) {
        let count = self.reads.len() / self.actions.len();
        self.actions[lane] = view.action;
        self.reading[lane] = view.reads.contains(&true);
        if self.reading[lane] {
            for (index, slot) in self.reads[lane * count..][..count].iter_mut().enumerate() {
                *slot = view.reads.get(index).copied().unwrap_or(false);
            }
        }
    }
}

/// The losses read by a block of lanes, `[lane][action]`; `None` where nothing was read.
#[derive(Clone, Debug)]
pub struct Losses {
    /// The losses.
    pub values: Vec<Option<f64>>,
    /// Number of actions, the length of a row.
    pub actions: usize,
}

impl LaneBuffer for Losses {
    type View<'a> = &'a [Option<f64>];
    type Scratch = ();

    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> &'a [Option<f64>] {
        &self.values[lane * self.actions..][..self.actions]
    }

    fn write(&mut self, lane: usize, view: &[Option<f64>]) {
        self.values[lane * self.actions..][..self.actions].copy_from_slice(view);
    }
}

impl Watched {
    /// How many losses a choice takes from the budget.
    pub fn price(&self, action: usize, reads: &[bool]) -> u64 {
        let wanted = reads.iter().filter(|read| **read).count() as u64;
        let free = self.free && reads.get(action).copied().unwrap_or(false);
        wanted - u64::from(free)
    }
}

impl Protocol for Observations {
    const NAME: &'static str = "observations";
    const SUMMARY: &'static str = "play one of K actions, read losses within a budget";

    type Shape = Watched;
    type Instance = Arms;
    /// What is left of the budget.
    type Contexts = Scalars<u64>;
    type Actions = Choices;
    type Feedbacks = Losses;
    type Sums = NoSums;

    fn contexts(shape: &Watched, lanes: usize) -> Scalars<u64> {
        Scalars(vec![shape.budget; lanes])
    }

    fn actions(shape: &Watched, lanes: usize) -> Choices {
        Choices {
            actions: vec![0; lanes],
            reads: vec![false; shape.actions * lanes],
            reading: vec![false; lanes],
        }
    }

    fn feedbacks(shape: &Watched, lanes: usize) -> Losses {
        Losses { values: vec![None; shape.actions * lanes], actions: shape.actions }
    }

    fn check(
        shape: &Watched,
        contexts: &Scalars<u64>,
        choices: &Choices,
    ) -> Result<(), (usize, ActionProblem)> {
        for (lane, &action) in choices.actions.iter().enumerate() {
            if action >= shape.actions {
                let problem = match action {
                    NO_ARM => ActionProblem::Undecided,
                    arm => ActionProblem::ArmOutOfRange { arm, arms: shape.actions },
                };
                return Err((lane, problem));
            }
            let (price, left) = (shape.price(action, choices.reads(lane)), contexts.0[lane]);
            if price > left {
                let sentence = format!(
                    "it reads {price} losses, but {left} of its budget of {} are left",
                    shape.budget
                );
                return Err((lane, ActionProblem::Refused(sentence)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(free: bool) -> Watched {
        Watched { actions: 3, free, budget: 5, switch_cost: SwitchCost(1.0) }
    }

    fn check(shape: Watched, left: u64, action: usize, reads: &[bool]) -> Option<ActionProblem> {
        let mut choices = Observations::actions(&shape, 2);
        choices.write(1, Choice { action, reads });
        let left = Scalars(vec![0, left]);
        Observations::check(&shape, &left, &choices).err().map(|(lane, problem)| {
            assert_eq!(lane, 1);
            problem
        })
    }

    #[test]
    fn reads_are_paid_for() {
        assert_eq!(check(shape(false), 2, 0, &[true, false, true]), None);
        let problem = check(shape(false), 1, 0, &[true, false, true]).expect("refused");
        assert_eq!(problem.to_string(), "it reads 2 losses, but 1 of its budget of 5 are left");
        // Where it is free, the action's own loss does not count.
        assert_eq!(check(shape(true), 1, 0, &[true, false, true]), None);
        assert!(check(shape(true), 1, 1, &[true, false, true]).is_some());
        assert_eq!(check(shape(false), 0, 2, &[]), None);
        assert_eq!(check(shape(true), 0, 2, &[false, false, true]), None);
        assert_eq!(
            check(shape(true), 9, 3, &[]),
            Some(ActionProblem::ArmOutOfRange { arm: 3, arms: 3 })
        );
        assert_eq!(check(shape(true), 9, NO_ARM, &[]), Some(ActionProblem::Undecided));
    }

    #[test]
    fn lanes_keep_their_choices() {
        let mut choices = Observations::actions(&shape(false), 2);
        let second = Choice { action: 2, reads: &[false, true, true] };
        choices.write(0, second);
        choices.write(1, Choice { action: 1, reads: &[] });
        assert_eq!(choices.read(0, &mut ()), second);
        assert_eq!(choices.read(1, &mut ()), Choice { action: 1, reads: &[] });
        // What was read before is not read again.
        choices.write(0, Choice { action: 2, reads: &[false; 3] });
        assert_eq!(choices.read(0, &mut ()).reads, &[] as &[bool]);
    }
}
