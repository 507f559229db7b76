//! The contextual bandit: see a feature vector for each of K arms, pick one, see its reward.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bandit::NO_ARM;
use crate::learner::Setting;
use crate::protocol::{ActionProblem, LaneBuffer, NoSums, Protocol, Scalars};

/// In every round the learner sees features of K arms, picks one and sees the reward of that arm.
///
/// Rewards are maximised. An environment that is defined by losses in `[0, 1]` reveals the reward
/// `1 − loss`; algorithms that are written for losses read the loss back as `1 − reward`.
#[derive(Clone, Copy, Debug)]
pub struct Contextual;

/// How the arms' features are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A vector for each arm, the same in every round of a replication: a fixed decision set.
    Fixed,
    /// A vector for each arm, others in every round: a changing decision set.
    #[default]
    Varying,
    /// One vector `x` for all arms, another in every round. It stands for the disjoint encoding: arm
    /// `a` has the features in `R^{K d}` that are `x` in block `a` and 0 elsewhere, without the
    /// zeros being stored.
    Shared,
}

/// The sizes of a contextual bandit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The number of arms, K.
    pub arms: usize,
    /// The length of a feature vector, d.
    pub features: usize,
    /// What is shown of the arms.
    pub layout: Layout,
}

impl Size {
    /// How many numbers a context has: K d, or d for [`Layout::Shared`].
    pub fn numbers(&self) -> usize {
        match self.layout {
            Layout::Shared => self.features,
            Layout::Fixed | Layout::Varying => self.arms * self.features,
        }
    }

    /// The dimension of one linear parameter for all arms: d, or K d for [`Layout::Shared`].
    pub fn dimension(&self) -> usize {
        match self.layout {
            Layout::Shared => self.arms * self.features,
            Layout::Fixed | Layout::Varying => self.features,
        }
    }
}

/// What is known of an environment, for the conditions of theory's bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// A bound on the norm of every feature vector, L.
    pub feature_norm: Option<f64>,
    /// A bound on the norm of the parameter θ* (of all its blocks together), S.
    pub parameter_norm: Option<f64>,
    /// A bound on `|μ(x) − ⟨x, θ*⟩|`, ζ: 0 where the means are linear.
    pub misspecification: Option<f64>,
    /// The noise is σ-sub-Gaussian given the past, with this σ.
    pub noise: Option<f64>,
    /// A bound on the absolute value of every mean.
    pub largest_mean: Option<f64>,
}

/// What one replication sees: the features of every arm.
#[derive(Clone, Copy, Debug)]
pub struct ArmFeatures<'a> {
    /// The numbers, row-major `[arm][feature]`, or one row for all arms.
    pub values: &'a [f64],
    /// The sizes.
    pub size: Size,
}

impl<'a> ArmFeatures<'a> {
    /// The feature vector of an arm; with [`Layout::Shared`] the one vector.
    #[inline(always)]
    pub fn row(&self, arm: usize) -> &'a [f64] {
        let d = self.size.features;
        match self.size.layout {
            Layout::Shared => self.values,
            Layout::Fixed | Layout::Varying => &self.values[arm * d..][..d],
        }
    }
}

/// The features of every lane, `[lane][arm][feature]`: a lane's are contiguous, so that its view is
/// a slice.
#[derive(Clone, Debug)]
pub struct Features {
    values: Vec<f64>,
    size: Size,
}

impl Features {
    /// A lane's numbers, to be written.
    pub fn lane_mut(&mut self, lane: usize) -> &mut [f64] {
        let numbers = self.size.numbers();
        &mut self.values[lane * numbers..][..numbers]
    }
}

impl LaneBuffer for Features {
    type View<'a> = ArmFeatures<'a>;
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> ArmFeatures<'a> {
        let numbers = self.size.numbers();
        ArmFeatures { values: &self.values[lane * numbers..][..numbers], size: self.size }
    }

    fn write(&mut self, lane: usize, view: ArmFeatures<'_>) {
        self.lane_mut(lane).copy_from_slice(view.values);
    }
}

impl Protocol for Contextual {
    const NAME: &'static str = "contextual";
    const SUMMARY: &'static str = "see features of K arms, pick one, see its reward";

    type Shape = Size;
    type Instance = Facts;
    type Contexts = Features;
    /// The arm, from 0.
    type Actions = Scalars<usize>;
    /// The reward of the arm played.
    type Feedbacks = Scalars<f64>;
    type Sums = NoSums;

    fn contexts(size: &Size, lanes: usize) -> Features {
        Features { values: vec![0.0; size.numbers() * lanes], size: *size }
    }

    fn actions(_: &Size, lanes: usize) -> Scalars<usize> {
        Scalars(vec![0; lanes])
    }

    fn feedbacks(_: &Size, lanes: usize) -> Scalars<f64> {
        Scalars(vec![0.0; lanes])
    }

    #[inline]
    fn check(
        size: &Size,
        _: &Features,
        actions: &Scalars<usize>,
    ) -> Result<(), (usize, ActionProblem)> {
        let arms = size.arms;
        let Some(lane) = actions.0.iter().position(|&arm| arm >= arms) else { return Ok(()) };
        let problem = match actions.0[lane] {
            NO_ARM => ActionProblem::Undecided,
            arm => ActionProblem::ArmOutOfRange { arm, arms },
        };
        Err((lane, problem))
    }
}

impl Setting<Contextual> {
    /// The length of a feature vector, d.
    pub fn features(&self) -> usize {
        self.shape.features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_sees_its_rows() {
        let size = Size { arms: 2, features: 3, layout: Layout::Varying };
        let mut buffer = Contextual::contexts(&size, 2);
        buffer.lane_mut(1).copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut scratch = ();
        let view = buffer.read(1, &mut scratch);
        assert_eq!((view.row(0), view.row(1)), (&[1.0, 2.0, 3.0][..], &[4.0, 5.0, 6.0][..]));
        assert_eq!((size.numbers(), size.dimension()), (6, 3));
        let mut copy = Contextual::contexts(&size, 3);
        copy.write(2, view);
        assert_eq!(copy.read(2, &mut ()).values, view.values);
        assert_eq!(copy.read(1, &mut ()).values, [0.0; 6]);
    }

    #[test]
    fn a_shared_vector_is_every_arms() {
        let size = Size { arms: 4, features: 2, layout: Layout::Shared };
        let mut buffer = Contextual::contexts(&size, 1);
        buffer.lane_mut(0).copy_from_slice(&[7.0, 8.0]);
        let mut scratch = ();
        let view = buffer.read(0, &mut scratch);
        assert_eq!((view.row(0), view.row(3)), (&[7.0, 8.0][..], &[7.0, 8.0][..]));
        assert_eq!((size.numbers(), size.dimension()), (2, 8));
    }

    #[test]
    fn the_first_bad_arm_is_named() {
        let size = Size { arms: 3, features: 1, layout: Layout::Varying };
        let contexts = Contextual::contexts(&size, 3);
        let check = |arms: [usize; 3]| Contextual::check(&size, &contexts, &Scalars(arms.to_vec()));
        assert_eq!(check([0, 1, 2]), Ok(()));
        assert_eq!(check([0, 3, 9]), Err((1, ActionProblem::ArmOutOfRange { arm: 3, arms: 3 })));
        assert_eq!(check([0, 1, NO_ARM]), Err((2, ActionProblem::Undecided)));
    }
}
