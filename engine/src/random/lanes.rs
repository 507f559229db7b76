//! The learners' streams of a block of lanes, kept as an array of states.

use std::ops::Range;

use super::{GAMMA, Role, Stream, key, mix, unit};

/// One [`Stream`] for each lane, in struct-of-arrays form: lane `l` draws exactly the numbers that
/// a `Stream` of the same replication draws.
#[derive(Clone, Debug)]
pub struct Streams {
    states: Vec<u64>,
}

impl Streams {
    /// The streams of `role` for `replications`, one lane each.
    pub fn new(seed: u64, replications: Range<u64>, role: Role) -> Self {
        Self { states: replications.map(|r| key(seed, r, role)).collect() }
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.states.len()
    }

    /// The states, one for each lane: add [`GAMMA`], then [`mix`], to draw a word.
    pub fn states_mut(&mut self) -> &mut [u64] {
        &mut self.states
    }

    /// Lane `lane`'s stream, to be drawn from and [put](Self::put) back.
    #[inline(always)]
    pub fn take(&self, lane: usize) -> Stream {
        Stream::from_state(self.states[lane])
    }

    /// Puts back a stream from which numbers were drawn.
    #[inline(always)]
    pub fn put(&mut self, lane: usize, stream: Stream) {
        self.states[lane] = stream.state();
    }

    /// One uniform number in `[0, 1)` from every lane.
    #[inline(always)]
    pub fn uniforms(&mut self, out: &mut [f64]) {
        for (state, value) in self.states.iter_mut().zip(out) {
            *state = state.wrapping_add(GAMMA);
            *value = unit(mix(*state));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_draw_what_streams_draw() {
        let mut lanes = Streams::new(9, 3..8, Role::Learner);
        let mut out = vec![0.0; 5];
        lanes.uniforms(&mut out);
        lanes.uniforms(&mut out);
        for (lane, &value) in out.iter().enumerate() {
            let mut stream = Stream::new(9, 3 + lane as u64, Role::Learner);
            stream.uniform();
            assert_eq!(value, stream.uniform());
            assert_eq!(lanes.take(lane).word(), stream.word());
        }
    }
}
