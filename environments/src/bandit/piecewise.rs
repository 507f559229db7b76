//! Piecewise-stationary Bernoulli arms: means that change at given rounds.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::drift::{BernoulliNoise, Drift, Drifting};
use crate::support::process::{self, RewardModel};

/// Bernoulli rewards whose means change at given rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Piecewise {
    /// The segments, in order; the first is from round 1.
    pub segments: Vec<Segment>,
}

/// Means and the round from which they hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The first round of the segment, counted from 1.
    pub from: u64,
    /// The mean of every arm, each in [0, 1].
    pub means: Vec<f64>,
}

impl EnvironmentModel for Piecewise {
    const NAME: &'static str = "piecewise";
    const SUMMARY: &'static str = "0/1 rewards whose means change at given rounds";
    const SOURCE: &'static str = "Garivier, Moulines, On upper-confidence bound policies for \
                                  switching bandit problems, 2011 (setting)";
    const EXAMPLE: &'static str = r#"{"segments": [{"from": 1, "means": [0.5, 0.9, 0.2]},
        {"from": 40, "means": [0.5, 0.1, 0.6]}]}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        let Some(first) = self.segments.first() else {
            return Err(ParameterError::new("segments", "[]", "must have at least one segment"));
        };
        let rule = "must be 1: play begins there";
        ParameterError::unless(first.from == 1, "segments[0].from", first.from, rule)?;
        for (index, segment) in self.segments.iter().enumerate() {
            let path = format!("segments[{index}].means");
            checks::probabilities(&segment.means, &path)?;
            checks::same_length(&first.means, &segment.means, &path)?;
        }
        for (index, pair) in self.segments.windows(2).enumerate() {
            let path = format!("segments[{}].from", index + 1);
            let rule = format!("must be above {}, where the segment before begins", pair[0].from);
            ParameterError::unless(pair[1].from > pair[0].from, &path, pair[1].from, &rule)?;
        }
        Ok(())
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

/// Writes the same means in all lanes.
pub(super) fn spread(means: &[f64], lanes: usize, out: &mut [f64]) {
    for (row, &mean) in out.chunks_exact_mut(lanes).zip(means) {
        row.fill(mean);
    }
}

impl RewardModel for Piecewise {
    type Process = Drifting<Segments, BernoulliNoise>;

    fn arms(&self, horizon: u64) -> Arms {
        let changed = self.segments.get(1).is_some_and(|second| second.from <= horizon);
        let first = &self.segments[0].means;
        Arms {
            count: first.len(),
            means: (!changed).then(|| first.clone()),
            range: Some((0.0, 1.0)),
            law: if changed { Law::Arbitrary } else { Law::Bernoulli },
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let first = &self.segments[0].means;
        let mut means = vec![0.0; first.len() * block.lanes()];
        spread(first, block.lanes(), &mut means);
        let drift = Segments { segments: self.segments.clone(), next: 1 };
        Drifting::new(drift, BernoulliNoise, means, block)
    }
}

/// The segments yet to come.
pub struct Segments {
    segments: Vec<Segment>,
    next: usize,
}

impl Drift for Segments {
    fn changes(&self, t: u64) -> bool {
        self.segments.get(self.next).is_some_and(|segment| segment.from == t)
    }

    fn stays_until(&self, _: u64) -> u64 {
        self.segments.get(self.next).map_or(u64::MAX, |segment| segment.from - 1)
    }

    fn advance(&mut self, _: u64, means: &mut [f64], lanes: usize) {
        spread(&self.segments[self.next].means, lanes, means);
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    fn segment(from: u64, means: [f64; 2]) -> Segment {
        Segment { from, means: means.into() }
    }

    #[test]
    fn means_change_where_they_say() {
        let segments = vec![segment(1, [0.2, 0.8]), segment(4, [0.9, 0.1]), segment(9, [0.5, 0.5])];
        let history = assert_process(&Piecewise { segments }, 10);
        let of_first: Vec<f64> = history.iter().map(|means| means[0]).collect();
        assert_eq!(of_first, [0.2, 0.2, 0.2, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5]);
    }

    #[test]
    fn impossible_segments_are_refused() {
        for (segments, path) in [
            (vec![], "segments"),
            (vec![segment(2, [0.0, 1.0])], "segments[0].from"),
            (vec![segment(1, [0.0, 1.0]), segment(1, [0.0, 1.0])], "segments[1].from"),
            (vec![segment(1, [0.0, 1.5])], "segments[0].means[1]"),
        ] {
            assert_eq!(Piecewise { segments }.check().unwrap_err().path, path);
        }
    }
}
