//! Learners: how one is written.
//!
//! A [`Learner`] plays one replication, as a paper writes it; most algorithms are only this. A
//! [`LaneLearner`] plays many replications abreast, in arrays `[arm][lane]`, and exists where the
//! inner loop is all there is. A [`RunLearner`] says for how long its action stays, and is asked
//! only when something needs deciding. These must take exactly the actions of the first;
//! [`crate::laws`] holds them together.

use crate::protocol::{Action, Boundary, Context, Feedback, Protocol};
use crate::random::{Stream, Streams};

/// What a learner is told before the first round.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting<P: Protocol> {
    /// The sizes of the protocol, such as the number of arms.
    pub shape: P::Shape,
    /// The number of rounds, T ≥ 1.
    pub horizon: u64,
    /// How many decisions can await their feedback at once: 1 without delays. Slots are below it.
    pub pending: usize,
}

impl<P: Protocol> Setting<P> {
    /// The setting without delayed feedback.
    pub fn new(shape: P::Shape, horizon: u64) -> Self {
        Self { shape, horizon, pending: 1 }
    }
}

/// A round in which the learner must act.
pub struct Round<'a, P: Protocol> {
    /// The round, counted from 1.
    pub t: u64,
    /// A number below [`Setting::pending`] that belongs to this decision until its feedback has
    /// come: where a learner that needs it (EXP3 its probabilities) can keep what it knew.
    pub slot: usize,
    /// What is revealed before the action.
    pub context: Context<'a, P>,
    /// The replication's random numbers.
    pub rng: &'a mut Stream,
}

/// The feedback of a decision, which may arrive late.
pub struct Outcome<'a, P: Protocol> {
    /// The round of the decision, counted from 1.
    pub t: u64,
    /// The decision's slot, as in [`Round::slot`].
    pub slot: usize,
    /// What was revealed before the action.
    pub context: Context<'a, P>,
    /// What was played.
    pub action: Action<'a, P>,
    /// What was revealed after it.
    pub feedback: Feedback<'a, P>,
    /// The replication's random numbers.
    pub rng: &'a mut Stream,
}

/// A learner of one replication.
///
/// Everything it needs is allocated when it is made: `act` and `update` do not allocate.
pub trait Learner<P: Protocol>: Send {
    /// Chooses the action of a round. Rounds come in order; under delays, feedback of earlier
    /// rounds may still be missing.
    fn act(&mut self, round: Round<'_, P>) -> Action<'_, P>;

    /// Learns from the feedback of a decision.
    fn update(&mut self, outcome: Outcome<'_, P>);

    /// Forgets everything: the next round is round 1 of another replication.
    fn reset(&mut self);

    /// For how many rounds, the present one included, the action just taken stays, whatever
    /// feedback comes meanwhile (at least 1). A promise: asked in each of those rounds, `act`
    /// would take the same action and draw no random numbers. The engine then does not ask.
    fn hold(&self) -> u64 {
        1
    }
}

/// For how long an action stays.
pub struct Run<P: Protocol> {
    /// At most this many rounds, the present one included; at least 1.
    pub rounds: u64,
    /// And only while this is true of the sums. The present round is played in any case.
    pub boundary: Boundary<P>,
    /// The sums as they stand before the present round.
    pub sums: P::Sums,
}

/// A learner that can be left alone until something needs deciding.
///
/// A promise: in every round of a run, [`Learner::act`] would take the same action and draw no
/// random numbers. It is made of what the learner computes, so a boundary has to keep clear of
/// the rounding in that. Feedback comes at once (the engine plays a learner under delays
/// otherwise).
pub trait RunLearner<P: Protocol>: Learner<P> {
    /// For how long the action just taken in round `t` stays.
    fn run(&mut self, t: u64) -> Run<P>;

    /// Learns from a run that ended with round `t`, in place of [`Learner::update`] for each of
    /// its rounds: `sums` are those of [`Run::sums`] with the run's feedback added.
    fn absorb(&mut self, t: u64, sums: &P::Sums);

    /// What the engine calls after a run: `last` is the outcome of the run's last round. For
    /// protocols whose sums do not say everything; by default [`RunLearner::absorb`] alone.
    fn learn(&mut self, last: Outcome<'_, P>, sums: &P::Sums) {
        self.absorb(last.t, sums);
    }
}

/// A learner of a block of lanes, one replication each.
///
/// Rounds are played in lockstep, without delays (the engine uses the [`Learner`] then). Lane `l`
/// draws from stream `l` exactly what the solo learner draws.
pub trait LaneLearner<P: Protocol>: Send {
    /// Chooses the actions of round `t`, counted from 1, for every lane.
    fn act(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &mut P::Actions,
        streams: &mut Streams,
    );

    /// Learns from the feedback of round `t` in every lane.
    fn update(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &P::Actions,
        feedbacks: &P::Feedbacks,
        streams: &mut Streams,
    );

    /// For how many rounds, the present one included, every lane's action stays: see
    /// [`Learner::hold`].
    fn hold(&self) -> u64 {
        1
    }
}
