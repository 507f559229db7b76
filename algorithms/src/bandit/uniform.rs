//! Uniform: every arm with the same probability, whatever happens. The baseline that a learner
//! must beat.
//!
//! Source: folklore.
//! Guarantee: pseudo-regret t · ΣΔ/K exactly, in expectation.

use regret_engine::bound::Bound;
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Uniform play has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Uniform {}

impl Algorithm for Uniform {
    type Protocol = Bandit;
    type Learner = UniformLearner;

    const NAME: &'static str = "uniform";
    const SUMMARY: &'static str = "plays every arm with the same probability";
    const SOURCE: &'static str = "folklore";

    fn learner(&self, setting: &Setting<Bandit>) -> Result<UniformLearner, ParameterError> {
        Ok(UniformLearner { arms: setting.arms() })
    }

    fn lanes(&self, setting: &Setting<Bandit>, _: usize) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(UniformLearner { arms: setting.arms() }))
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let Some(gaps) = arms.gaps() else { return Vec::new() };
        let mean_gap = gaps.iter().sum::<f64>() / gaps.len() as f64;
        vec![Bound::upper(
            PSEUDO_REGRET,
            "t ΣΔ/K",
            "by definition",
            "constant means; an equality in expectation",
            move |t| mean_gap * t,
        )]
    }
}

/// Uniform play, of one replication or of many.
pub struct UniformLearner {
    arms: usize,
}

impl Learner<Bandit> for UniformLearner {
    #[inline]
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        round.rng.index(self.arms)
    }

    #[inline]
    fn update(&mut self, _: Outcome<'_, Bandit>) {}

    fn reset(&mut self) {}
}

impl LaneLearner<Bandit> for UniformLearner {
    fn act(&mut self, _: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        for (lane, arm) in actions.0.iter_mut().enumerate() {
            let mut stream = streams.take(lane);
            *arm = stream.index(self.arms);
            streams.put(lane, stream);
        }
    }

    fn update(
        &mut self,
        _: u64,
        _: &Nothing,
        _: &Scalars<usize>,
        _: &Scalars<f64>,
        _: &mut Streams,
    ) {
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn arms_are_equally_likely() {
        let mut learner = UniformLearner { arms: 3 };
        let mut rng = Stream::new(1, 0, Role::Learner);
        let mut counts = [0.0; 3];
        for t in 1..=30_000 {
            let rng = &mut rng;
            counts[Learner::act(&mut learner, Round { t, slot: 0, context: (), rng })] += 1.0;
        }
        // Standard deviation √(30000 · 2/9) = 81.6; five of them.
        assert!(counts.iter().all(|count: &f64| (count - 10_000.0).abs() < 408.0), "{counts:?}");
    }
}
