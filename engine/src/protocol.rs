//! What passes in a round, as types.
//!
//! A [`Protocol`] names three buffers that hold many replications abreast, in struct-of-arrays
//! form: the contexts shown before the action, the actions, the feedback after them. What one
//! replication sees of a buffer is its [`LaneBuffer::View`]: the learner of one replication is
//! written against the views, a lane learner against the buffers. Because a learner is typed by
//! its protocol, one that needs loss vectors cannot be plugged into a bandit.

use std::fmt::Debug;

/// Storage of one quantity (contexts, actions, feedback) for several lanes, one replication each.
pub trait LaneBuffer: Send + 'static {
    /// What one replication sees: a number, a slice, a struct of slices.
    type View<'a>: Copy;
    /// Where a lane's scattered values are gathered for a view of them.
    type Scratch: Default + Send;

    /// The view of `lane`; `scratch` may be used to gather it.
    fn read<'a>(&'a self, lane: usize, scratch: &'a mut Self::Scratch) -> Self::View<'a>;

    /// Stores a copy of `view` for `lane`.
    fn write(&mut self, lane: usize, view: Self::View<'_>);
}

/// A setting of online learning: what is shown, what is chosen, what is revealed.
///
/// Implementors are empty types used as markers. Adding a protocol is adding a file that
/// implements this trait; the simulation loop, delays, streams and records serve it as they are.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// The name in specs and results, such as `bandit`.
    const NAME: &'static str;
    /// One sentence: what is played.
    const SUMMARY: &'static str;

    /// The sizes that environment and learner must agree on, such as the number of arms.
    type Shape: Clone + Debug + PartialEq + Send + Sync;
    /// Facts about an environment that theory's bounds depend on.
    type Instance: Send + Sync;
    /// What is revealed before the action.
    type Contexts: LaneBuffer;
    /// What is played.
    type Actions: LaneBuffer;
    /// What is revealed after the action.
    type Feedbacks: LaneBuffer;
    /// What a run of rounds with one action leaves to a learner that is not asked in between;
    /// [`NoSums`] if every round of this protocol needs a decision.
    type Sums: RunSums<Self>;

    /// How many rows a table of a lane learner has, such as the number of arms: the more, the fewer
    /// lanes are played abreast, so that tables stay in the processor's caches.
    fn rows(shape: &Self::Shape) -> usize {
        let _ = shape;
        1
    }

    /// Buffers for `lanes` replications of the given shape.
    fn contexts(shape: &Self::Shape, lanes: usize) -> Self::Contexts;
    /// Buffers for `lanes` replications of the given shape.
    fn actions(shape: &Self::Shape, lanes: usize) -> Self::Actions;
    /// Buffers for `lanes` replications of the given shape.
    fn feedbacks(shape: &Self::Shape, lanes: usize) -> Self::Feedbacks;

    /// Checks that every lane's action may be played in its context: `Err((lane, problem))` for the
    /// first that may not. Called in every round, so it is one pass over the buffer.
    ///
    /// # Errors
    /// The first offending lane and what is wrong with its action.
    fn check(
        shape: &Self::Shape,
        contexts: &Self::Contexts,
        actions: &Self::Actions,
    ) -> Result<(), (usize, ActionProblem)>;
}

/// Sums over the feedback of a run of rounds in which the action stayed.
///
/// They start as the learner has them and are added to round by round, so that the learner's
/// numbers are those that it would have added up itself, to the last bit.
pub trait RunSums<P: Protocol>: Copy + Send {
    /// What must stay true of the sums for the action to stay.
    type Boundary: Copy + Send;

    /// Adds a round's feedback.
    fn add(&mut self, feedback: Feedback<'_, P>);

    /// Whether the action stays for the next round.
    fn within(&self, boundary: &Self::Boundary) -> bool;
}

/// For protocols in which nothing is summed: the action never stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSums;

impl<P: Protocol> RunSums<P> for NoSums {
    type Boundary = ();

    fn add(&mut self, _: Feedback<'_, P>) {}

    fn within(&self, (): &()) -> bool {
        false
    }
}

/// The condition under which an action stays, in protocol `P`.
pub type Boundary<P> = <<P as Protocol>::Sums as RunSums<P>>::Boundary;

/// The buffers through which environment and learner meet.
pub struct Buffers<P: Protocol> {
    /// What is revealed before the actions.
    pub contexts: P::Contexts,
    /// What is played.
    pub actions: P::Actions,
    /// What is revealed after the actions.
    pub feedbacks: P::Feedbacks,
}

impl<P: Protocol> Buffers<P> {
    /// Buffers for `lanes` replications of the given shape.
    pub fn new(shape: &P::Shape, lanes: usize) -> Self {
        Self {
            contexts: P::contexts(shape, lanes),
            actions: P::actions(shape, lanes),
            feedbacks: P::feedbacks(shape, lanes),
        }
    }
}

/// What one replication sees of the context in protocol `P`.
pub type Context<'a, P> = <<P as Protocol>::Contexts as LaneBuffer>::View<'a>;
/// One replication's action in protocol `P`.
pub type Action<'a, P> = <<P as Protocol>::Actions as LaneBuffer>::View<'a>;
/// What one replication sees of the feedback in protocol `P`.
pub type Feedback<'a, P> = <<P as Protocol>::Feedbacks as LaneBuffer>::View<'a>;

/// Why an action cannot be played.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ActionProblem {
    /// The learner's indices or probabilities were not numbers, so no arm could be picked.
    #[error("it could not decide: its indices or probabilities are not numbers")]
    Undecided,
    /// The arm does not exist.
    #[error("it played arm {arm}, but arms are 0 to {}", arms - 1)]
    ArmOutOfRange {
        /// The arm played.
        arm: usize,
        /// How many there are.
        arms: usize,
    },
    /// A component of the action is NaN, infinite or (for probabilities) negative.
    #[error("component {index} of its action is {value}; it must be a number that is not negative")]
    BadComponent {
        /// The component, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The distribution does not sum to one.
    #[error("its probabilities sum to {sum}; they must sum to 1 within 1e-9")]
    NotADistribution {
        /// Their sum.
        sum: f64,
    },
    /// The protocol's rules, or the round's context, do not allow it: a sentence with the value and
    /// the rule, such as "its set has 5 items; at most 4 may be offered".
    #[error("{0}")]
    Refused(String),
}

/// A buffer for protocols in which nothing is revealed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl LaneBuffer for Nothing {
    type View<'a> = ();
    type Scratch = ();

    fn read<'a>(&'a self, _: usize, (): &'a mut ()) {}

    fn write(&mut self, _: usize, (): ()) {}
}

/// One value for each lane.
#[derive(Clone, Debug)]
pub struct Scalars<T>(pub Vec<T>);

impl<T: Copy + Send + 'static> LaneBuffer for Scalars<T> {
    type View<'a> = T;
    type Scratch = ();

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, (): &'a mut ()) -> T {
        self.0[lane]
    }

    #[inline(always)]
    fn write(&mut self, lane: usize, view: T) {
        self.0[lane] = view;
    }
}

/// One vector for each lane, stored `[component][lane]` so that loops over lanes vectorise.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// The values, row-major `[component][lane]`.
    pub values: Vec<f64>,
    /// Number of lanes, the length of a row.
    pub lanes: usize,
}

impl Vectors {
    /// Zeros for `components × lanes` values.
    pub fn new(components: usize, lanes: usize) -> Self {
        Self { values: vec![0.0; components * lanes], lanes }
    }

    /// The values of one component, one for each lane.
    pub fn row(&self, component: usize) -> &[f64] {
        &self.values[component * self.lanes..(component + 1) * self.lanes]
    }
}

impl LaneBuffer for Vectors {
    type View<'a> = &'a [f64];
    type Scratch = Vec<f64>;

    #[inline(always)]
    fn read<'a>(&'a self, lane: usize, scratch: &'a mut Vec<f64>) -> &'a [f64] {
        if self.lanes == 1 {
            return &self.values;
        }
        scratch.clear();
        scratch.extend(self.values.iter().skip(lane).step_by(self.lanes));
        scratch
    }

    #[inline(always)]
    fn write(&mut self, lane: usize, view: &[f64]) {
        for (slot, &value) in self.values.iter_mut().skip(lane).step_by(self.lanes).zip(view) {
            *slot = value;
        }
    }
}
