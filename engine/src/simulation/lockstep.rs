//! Rounds played in lockstep by all lanes of a block.

use std::ops::RangeInclusive;

use super::Refused;
use crate::environment::Environment;
use crate::learner::LaneLearner;
use crate::protocol::{Buffers, Protocol};
use crate::random::Streams;

/// Plays consecutive rounds. In a round in which every lane's action stays, the learner is not
/// asked. Answers how often it was, summed over lanes.
pub(super) fn play<P: Protocol>(
    learner: &mut dyn LaneLearner<P>,
    shape: &P::Shape,
    environment: &mut dyn Environment<P>,
    buffers: &mut Buffers<P>,
    streams: &mut Streams,
    rounds: RangeInclusive<u64>,
) -> Result<u64, Refused> {
    let Buffers { contexts, actions, feedbacks } = buffers;
    let lanes = streams.lanes() as u64;
    let (mut held_until, mut decisions) = (*rounds.start(), 0);
    for t in rounds {
        environment.observe(t, contexts);
        if t >= held_until {
            learner.act(t, contexts, actions, streams);
            decisions += lanes;
            held_until = t.saturating_add(learner.hold());
        }
        P::check(shape, contexts, actions).map_err(|(lane, problem)| (t, lane, problem))?;
        environment.respond(t, actions, feedbacks);
        learner.update(t, contexts, actions, feedbacks, streams);
    }
    Ok(decisions)
}
