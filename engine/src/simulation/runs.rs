//! Rounds played from decision to decision, by the one lane of a block.

use std::ops::RangeInclusive;

use super::Refused;
use crate::environment::Environment;
use crate::learner::{Outcome, Round, RunLearner};
use crate::protocol::{Buffers, LaneBuffer, Protocol};
use crate::random::Streams;

/// Plays consecutive rounds: the learner acts and says until when its action stays, the
/// environment plays until then, the learner learns the sums. A run also ends with the last
/// round; what is left of it is then decided anew, which by the learner's promise changes nothing.
/// Answers how often the learner was asked.
pub(super) fn play<P: Protocol>(
    learner: &mut dyn RunLearner<P>,
    shape: &P::Shape,
    environment: &mut dyn Environment<P>,
    buffers: &mut Buffers<P>,
    streams: &mut Streams,
    rounds: RangeInclusive<u64>,
) -> Result<u64, Refused> {
    let (mut t, end) = rounds.into_inner();
    let mut decisions = 0;
    let (mut scratch, mut actions, mut feedbacks) = Default::default();
    while t <= end {
        environment.observe(t, &mut buffers.contexts);
        let mut stream = streams.take(0);
        let context = buffers.contexts.read(0, &mut scratch);
        decisions += 1;
        let action = learner.act(Round { t, slot: 0, context, rng: &mut stream });
        buffers.actions.write(0, action);
        streams.put(0, stream);
        P::check(shape, &buffers.contexts, &buffers.actions)
            .map_err(|(lane, problem)| (t, lane, problem))?;
        let mut run = learner.run(t);
        let last = end.min(t.saturating_add(run.rounds.max(1) - 1));
        t = environment.run(t..=last, buffers, &run.boundary, &mut run.sums) + 1;
        let mut stream = streams.take(0);
        let outcome = Outcome {
            t: t - 1,
            slot: 0,
            context: buffers.contexts.read(0, &mut scratch),
            action: buffers.actions.read(0, &mut actions),
            feedback: buffers.feedbacks.read(0, &mut feedbacks),
            rng: &mut stream,
        };
        learner.learn(outcome, &run.sums);
        streams.put(0, stream);
    }
    Ok(decisions)
}
