//! Piecewise-stationary Bernoulli arms with random change points and fresh means.

use regret_engine::environment::Block;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, Stream};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::checks;
use crate::support::drift::{BernoulliNoise, Drift, Drifting};
use crate::support::process::{self, RewardModel};

/// Bernoulli rewards whose means are drawn anew at random rounds, in every replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiecewiseRandom {
    /// The number of arms.
    pub arms: usize,
    /// The number of change points, each uniform on rounds 2 to T (several may coincide).
    pub changes: usize,
    /// The interval from which means are drawn uniformly, within [0, 1].
    #[serde(default = "unit_interval")]
    pub means: [f64; 2],
}

const fn unit_interval() -> [f64; 2] {
    [0.0, 1.0]
}

impl EnvironmentModel for PiecewiseRandom {
    const NAME: &'static str = "piecewise_random";
    const SUMMARY: &'static str = "0/1 rewards whose means are drawn anew at random rounds";
    const SOURCE: &'static str = "folklore; Garivier, Moulines 2011 (setting)";
    const EXAMPLE: &'static str = r#"{"arms": 3, "changes": 4}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        let rule = "must be at most 1000000";
        ParameterError::unless(self.changes <= 1_000_000, "changes", self.changes, rule)?;
        let [low, high] = self.means;
        let valid = 0.0 <= low && low <= high && high <= 1.0;
        let rule = "must be two probabilities, the second not less";
        ParameterError::unless(valid, "means", format!("{:?}", self.means), rule)
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for PiecewiseRandom {
    type Process = Drifting<RandomSegments, BernoulliNoise>;

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
        let mut drift = RandomSegments { interval: self.means, lanes: Vec::new(), next: 0 };
        let mut means = vec![0.0; self.arms * lanes];
        for (lane, replication) in block.replications.clone().enumerate() {
            let mut stream = Stream::new(block.seed, replication, Role::Environment);
            let rounds = block.horizon.saturating_sub(1) as usize;
            let draw = |_| 2 + stream.index(rounds.max(1)) as u64;
            let mut changes: Vec<u64> = (0..self.changes).map(draw).collect();
            changes.sort_unstable_by(|a, b| b.cmp(a));
            changes.dedup();
            drift.lanes.push(Lane { changes, stream });
            drift.draw(lane, &mut means, lanes);
        }
        drift.find_next();
        Drifting::new(drift, BernoulliNoise, means, block)
    }
}

/// Change points of every lane.
pub struct RandomSegments {
    interval: [f64; 2],
    lanes: Vec<Lane>,
    /// The next change in any lane; 0 for none.
    next: u64,
}

struct Lane {
    /// Change points to come, the next one last.
    changes: Vec<u64>,
    stream: Stream,
}

impl RandomSegments {
    fn draw(&mut self, lane: usize, means: &mut [f64], lanes: usize) {
        let [low, high] = self.interval;
        for row in means.chunks_exact_mut(lanes) {
            row[lane] = low + (high - low) * self.lanes[lane].stream.uniform();
        }
    }

    fn find_next(&mut self) {
        self.next =
            self.lanes.iter().filter_map(|lane| lane.changes.last()).copied().min().unwrap_or(0);
    }
}

impl Drift for RandomSegments {
    fn changes(&self, t: u64) -> bool {
        self.next == t
    }

    fn stays_until(&self, _: u64) -> u64 {
        self.next.checked_sub(1).unwrap_or(u64::MAX)
    }

    fn changes_in(&self, lane: usize, t: u64) -> bool {
        self.lanes[lane].changes.last() == Some(&t)
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        for lane in 0..lanes {
            if self.changes_in(lane, t) {
                self.lanes[lane].changes.pop();
                self.draw(lane, means, lanes);
            }
        }
        self.find_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::assert_process;

    #[test]
    fn means_change_as_often_as_they_say() {
        let model = PiecewiseRandom { arms: 2, changes: 5, means: [0.25, 0.5] };
        let history = assert_process(&model, 1000);
        for lane in 0..3 {
            let changes = history.windows(2).filter(|pair| pair[0][lane] != pair[1][lane]).count();
            assert!((3..=5).contains(&changes), "{changes}");
        }
        assert!(history.iter().flatten().all(|mean| (0.25..0.5).contains(mean)));
    }

    #[test]
    fn a_single_round_can_be_played() {
        assert_process(&PiecewiseRandom { arms: 1, changes: 3, means: [0.0, 1.0] }, 1);
        assert!(PiecewiseRandom { arms: 0, changes: 3, means: [0.0, 1.0] }.check().is_err());
        assert!(PiecewiseRandom { arms: 2, changes: 3, means: [0.6, 0.5] }.check().is_err());
    }
}
