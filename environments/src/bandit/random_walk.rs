//! Random-walk Bernoulli arms: means that do reflected Gaussian steps.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, Stream, normal};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::drift::{BernoulliNoise, Drift, Drifting};
use crate::support::process::{self, RewardModel};

/// Bernoulli rewards whose means begin uniform on [0, 1] and do normal steps, reflected at the
/// ends, independently in every replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomWalk {
    /// The number of arms.
    pub arms: usize,
    /// The standard deviation of a step, ≥ 0; by default T^{−1/2}.
    #[serde(default)]
    pub step: Option<f64>,
}

impl EnvironmentModel for RandomWalk {
    const NAME: &'static str = "random_walk";
    const SUMMARY: &'static str = "0/1 rewards whose means do reflected Gaussian steps";
    const SOURCE: &'static str = "Slivkins, Upfal, Adapting to a changing environment: the \
                                  Brownian restless bandits, 2008 (setting)";
    const EXAMPLE: &'static str = r#"{"arms": 3, "step": 0.05}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        self.step.map_or(Ok(()), |step| {
            ParameterError::unless((0.0..=1.0).contains(&step), "step", step, "must be from 0 to 1")
        })
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for RandomWalk {
    type Process = Drifting<Walk, BernoulliNoise>;

    fn arms(&self, _: u64) -> Arms {
        Arms {
            count: self.arms,
            means: None,
            range: Some((0.0, 1.0)),
            law: Law::Arbitrary,
            oblivious: true,
        }
    }

    fn process(&self, block: &Block) -> Self::Process {
        let lanes = block.lanes();
        let stream = |replication| Stream::new(block.seed, replication, Role::Environment);
        let mut streams: Vec<Stream> = block.replications.clone().map(stream).collect();
        let mut means = vec![0.0; self.arms * lanes];
        for row in means.chunks_exact_mut(lanes) {
            for (mean, stream) in row.iter_mut().zip(&mut streams) {
                *mean = stream.uniform();
            }
        }
        let step = self.step.unwrap_or(1.0 / (block.horizon as f64).sqrt());
        Drifting::new(Walk { step, streams }, BernoulliNoise, means, block)
    }
}

/// The steps of every lane.
pub struct Walk {
    step: f64,
    streams: Vec<Stream>,
}

impl Drift for Walk {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, _: u64, means: &mut [f64], lanes: usize) {
        for row in means.chunks_exact_mut(lanes) {
            for (mean, stream) in row.iter_mut().zip(&mut self.streams) {
                *mean = reflected(*mean + self.step * normal(stream));
            }
        }
    }
}

/// Where a mirror at 0 and one at 1 leave a point.
fn reflected(x: f64) -> f64 {
    let folded = x.rem_euclid(2.0);
    if folded > 1.0 { 2.0 - folded } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn reflections_by_hand() {
        for (x, y) in [(0.25, 0.25), (-0.25, 0.25), (1.25, 0.75), (2.5, 0.5), (-1.5, 0.5)] {
            assert_eq!(reflected(x), y);
        }
    }

    #[test]
    fn steps_have_their_size() {
        let rounds = 4000;
        let history = assert_process(&RandomWalk { arms: 2, step: None }, rounds);
        assert!(history.iter().flatten().all(|mean| (0.0..=1.0).contains(mean)));
        let squares: f64 = history.windows(2).map(|pair| (pair[1][0] - pair[0][0]).powi(2)).sum();
        // 4000 steps of variance 1/4000: mean 1, deviation √(2/4000) = 0.022; reflection shortens a
        // few of them.
        assert!((squares - 1.0).abs() < 0.12, "{squares}");
    }
}
