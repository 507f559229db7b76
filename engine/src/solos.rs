//! Runs learners of one replication as a block of lanes, with delays and holds.

use std::ops::Range;

use crate::delay::Delay;
use crate::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use crate::protocol::{Action, Context, Feedback, LaneBuffer, Protocol};
use crate::random::{Stream, Streams};

/// A block of [`Learner`]s behind the [`LaneLearner`] interface. The loop over lanes is static:
/// no virtual call per lane.
pub struct Solos<P: Protocol, L> {
    learners: Vec<L>,
    /// First round in which the lane's learner must be asked again.
    held_until: Vec<u64>,
    hold: u64,
    ask_always: bool,
    delays: Option<DelayLine<P>>,
    contexts: <P::Contexts as LaneBuffer>::Scratch,
    actions: <P::Actions as LaneBuffer>::Scratch,
    feedbacks: <P::Feedbacks as LaneBuffer>::Scratch,
}

impl<P: Protocol, L: Learner<P>> Solos<P, L> {
    /// A block of the given learners, whose feedback comes at once.
    pub fn new(learners: Vec<L>) -> Self {
        Self {
            held_until: vec![0; learners.len()],
            learners,
            hold: 1,
            ask_always: false,
            delays: None,
            contexts: Default::default(),
            actions: Default::default(),
            feedbacks: Default::default(),
        }
    }

    /// The same block, its learners asked in every round although their actions stay.
    #[must_use]
    pub fn asked_always(self) -> Self {
        Self { ask_always: true, ..self }
    }

    /// The learners, as their play left them.
    pub fn into_learners(self) -> Vec<L> {
        self.learners
    }

    /// The same block with delayed feedback. `setting.pending` must be `delay.pending(horizon)`.
    pub fn with_delay(
        learners: Vec<L>,
        setting: &Setting<P>,
        delay: Delay,
        seed: u64,
        replications: Range<u64>,
    ) -> Self {
        let line = DelayLine::new(setting, delay, seed, replications);
        Self { delays: (delay != Delay::None).then_some(line), ..Self::new(learners) }
    }
}

impl<P: Protocol, L: Learner<P>> LaneLearner<P> for Solos<P, L> {
    #[inline]
    fn act(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &mut P::Actions,
        streams: &mut Streams,
    ) {
        let slot = self.delays.as_ref().map_or(0, |line| line.slot(t));
        self.hold = u64::MAX;
        for (lane, learner) in self.learners.iter_mut().enumerate() {
            if t >= self.held_until[lane] {
                let mut stream = streams.take(lane);
                let context = contexts.read(lane, &mut self.contexts);
                let action = learner.act(Round { t, slot, context, rng: &mut stream });
                actions.write(lane, action);
                streams.put(lane, stream);
                let hold = if self.ask_always { 1 } else { learner.hold().max(1) };
                self.held_until[lane] = t.saturating_add(hold);
            }
            self.hold = self.hold.min(self.held_until[lane] - t);
        }
    }

    #[inline]
    fn update(
        &mut self,
        t: u64,
        contexts: &P::Contexts,
        actions: &P::Actions,
        feedbacks: &P::Feedbacks,
        streams: &mut Streams,
    ) {
        for (lane, learner) in self.learners.iter_mut().enumerate() {
            let mut stream = streams.take(lane);
            let rng = &mut stream;
            let context = contexts.read(lane, &mut self.contexts);
            let action = actions.read(lane, &mut self.actions);
            let feedback = feedbacks.read(lane, &mut self.feedbacks);
            match &mut self.delays {
                None => learner.update(Outcome { t, slot: 0, context, action, feedback, rng }),
                Some(line) => {
                    line.send(lane, t, context, action, feedback);
                    let mut arrived = line.take_arrivals(lane, t);
                    while let Some(slot) = arrived {
                        learner.update(line.outcome(lane, slot, &mut stream));
                        arrived = line.next(lane, slot);
                    }
                }
            }
            streams.put(lane, stream);
        }
    }

    fn hold(&self) -> u64 {
        self.hold
    }
}

/// Feedback on its way: for every lane a ring of pending decisions and a timing wheel.
struct DelayLine<P: Protocol> {
    delay: Delay,
    seed: u64,
    first_replication: u64,
    horizon: u64,
    lanes: Vec<Lane<P>>,
    ring: usize,
    contexts: <P::Contexts as LaneBuffer>::Scratch,
    actions: <P::Actions as LaneBuffer>::Scratch,
    feedbacks: <P::Feedbacks as LaneBuffer>::Scratch,
}

/// One lane's pending decisions, by slot, and for every due round (modulo the ring) the list of
/// slots that arrive then, in the order of their decisions.
struct Lane<P: Protocol> {
    contexts: P::Contexts,
    actions: P::Actions,
    feedbacks: P::Feedbacks,
    rounds: Vec<u64>,
    first: Vec<usize>,
    last: Vec<usize>,
    next: Vec<usize>,
}

const END: usize = usize::MAX;

impl<P: Protocol> DelayLine<P> {
    fn new(setting: &Setting<P>, delay: Delay, seed: u64, replications: Range<u64>) -> Self {
        let ring = setting.pending;
        let lane = || Lane {
            contexts: P::contexts(&setting.shape, ring),
            actions: P::actions(&setting.shape, ring),
            feedbacks: P::feedbacks(&setting.shape, ring),
            rounds: vec![0; ring],
            first: vec![END; ring],
            last: vec![END; ring],
            next: vec![END; ring],
        };
        Self {
            delay,
            seed,
            first_replication: replications.start,
            horizon: setting.horizon,
            lanes: replications.map(|_| lane()).collect(),
            ring,
            contexts: Default::default(),
            actions: Default::default(),
            feedbacks: Default::default(),
        }
    }

    fn slot(&self, t: u64) -> usize {
        (t % self.ring as u64) as usize
    }

    fn send(
        &mut self,
        lane: usize,
        t: u64,
        context: Context<'_, P>,
        action: Action<'_, P>,
        feedback: Feedback<'_, P>,
    ) {
        let due =
            t.saturating_add(self.delay.at(self.seed, self.first_replication + lane as u64, t));
        if due > self.horizon {
            return;
        }
        let (slot, bucket) = (self.slot(t), self.slot(due));
        let lane = &mut self.lanes[lane];
        lane.contexts.write(slot, context);
        lane.actions.write(slot, action);
        lane.feedbacks.write(slot, feedback);
        lane.rounds[slot] = t;
        lane.next[slot] = END;
        match lane.first[bucket] {
            END => lane.first[bucket] = slot,
            _ => lane.next[lane.last[bucket]] = slot,
        }
        lane.last[bucket] = slot;
    }

    /// Empties the list of what arrives in round `t`; answers its first slot.
    fn take_arrivals(&mut self, lane: usize, t: u64) -> Option<usize> {
        let bucket = self.slot(t);
        let first = std::mem::replace(&mut self.lanes[lane].first[bucket], END);
        (first != END).then_some(first)
    }

    /// The slot that arrives after `slot` in the same round.
    fn next(&self, lane: usize, slot: usize) -> Option<usize> {
        let next = self.lanes[lane].next[slot];
        (next != END).then_some(next)
    }

    fn outcome<'a>(&'a mut self, lane: usize, slot: usize, rng: &'a mut Stream) -> Outcome<'a, P> {
        let lane = &self.lanes[lane];
        Outcome {
            t: lane.rounds[slot],
            slot,
            context: lane.contexts.read(slot, &mut self.contexts),
            action: lane.actions.read(slot, &mut self.actions),
            feedback: lane.feedbacks.read(slot, &mut self.feedbacks),
            rng,
        }
    }
}
