//! The multi-scale random walk: losses that make every switch count.

use regret_engine::environment::Block;
use regret_engine::math;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::random::{Role, Stream, noise_word, normal_quantile, open_unit};
use regret_engine::registry::{EnvironmentModel, Faces, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::arms::keys;
use crate::support::checks;
use crate::support::drift::{Drift, Drifting, Noiseless};
use crate::support::process::{self, RewardModel};

/// All arms lose W_t + ½, clipped to [0, 1], the best one, drawn once for a replication, less by a
/// gap ε. W_t = W_{ρ(t)} + N(0, σ²), with ρ(t) the number t without its lowest bit and W_0 = 0: what
/// only comparing losses of different arms can tell apart is hidden at every time scale. Rewards
/// are 1 − loss; they are their own means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiScaleWalk {
    /// The number of arms, at least 2.
    pub arms: usize,
    /// The gap ε in [0, ½]; by default K^{1/3} T^{−1/3}/(9 log2 T), of the lower bound's proof.
    #[serde(default)]
    pub gap: Option<f64>,
    /// The step's deviation σ ≥ 0; by default 1/(9 log2 T).
    #[serde(default)]
    pub step: Option<f64>,
}

/// log2 T, at least 1.
fn log_horizon(horizon: u64) -> f64 {
    (math::ln(horizon as f64) / std::f64::consts::LN_2).max(1.0)
}

impl EnvironmentModel for MultiScaleWalk {
    const NAME: &'static str = "multi_scale_walk";
    const SUMMARY: &'static str =
        "one random walk of many time scales for all arms, and a hidden gap";
    const SOURCE: &'static str =
        "Dekel, Ding, Koren, Peres, Bandits with switching costs: T^{2/3} regret, 2014";
    const EXAMPLE: &'static str = r#"{"arms": 3, "gap": 0.1, "step": 0.05}"#;
    const PROTOCOLS: &'static [&'static str] = process::PROTOCOLS;

    fn check(&self) -> Result<(), ParameterError> {
        checks::arm_count(self.arms, "arms")?;
        ParameterError::unless(self.arms >= 2, "arms", self.arms, "must be at least 2")?;
        if let Some(gap) = self.gap {
            let valid = (0.0..=0.5).contains(&gap);
            ParameterError::unless(valid, "gap", gap, "must be from 0 to 0.5")?;
        }
        self.step.map_or(Ok(()), |step| {
            let valid = step >= 0.0 && step.is_finite();
            ParameterError::unless(valid, "step", step, "must be a number that is not negative")
        })
    }

    fn faces(&self) -> Result<Faces, ParameterError> {
        Ok(process::faces(self.clone()))
    }
}

impl RewardModel for MultiScaleWalk {
    type Process = Drifting<Walk, Noiseless>;

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
        let (log, arms) = (log_horizon(block.horizon), self.arms as f64);
        let hardest = math::cbrt(arms / block.horizon as f64) / (9.0 * log);
        let best =
            |replication| Stream::new(block.seed, replication, Role::Environment).index(self.arms);
        let mut walk = Walk {
            gap: self.gap.unwrap_or(hardest.min(0.5)),
            step: self.step.unwrap_or(1.0 / (9.0 * log)),
            keys: keys(block),
            best: block.replications.clone().map(best).collect(),
            scales: vec![0.0; SCALES * block.lanes()],
        };
        let mut means = vec![0.0; self.arms * block.lanes()];
        walk.advance(1, &mut means, block.lanes());
        Drifting::new(walk, Noiseless, means, block)
    }
}

/// Bits of a round's number.
const SCALES: usize = 64;

/// The walk of a block of lanes.
pub struct Walk {
    gap: f64,
    step: f64,
    keys: Vec<u64>,
    /// The best arm, `[lane]`.
    best: Vec<usize>,
    /// W at the last round whose lowest bit is this one, `[bit][lane]`: ρ(t) is the last round that
    /// has its lowest bit.
    scales: Vec<f64>,
}

/// The round whose W a round's is a step from.
const fn parent(t: u64) -> u64 {
    t & (t - 1)
}

impl Drift for Walk {
    fn changes(&self, _: u64) -> bool {
        true
    }

    fn advance(&mut self, t: u64, means: &mut [f64], lanes: usize) {
        let (bit, parent) = (t.trailing_zeros() as usize, parent(t));
        for lane in 0..lanes {
            let from = match parent {
                0 => 0.0,
                parent => self.scales[parent.trailing_zeros() as usize * lanes + lane],
            };
            let noise = normal_quantile(open_unit(noise_word(self.keys[lane], t, 0)));
            self.scales[bit * lanes + lane] = from + self.step * noise;
        }
        let walk = &self.scales[bit * lanes..][..lanes];
        for (arm, row) in means.chunks_exact_mut(lanes).enumerate() {
            for (lane, mean) in row.iter_mut().enumerate() {
                let gap = if self.best[lane] == arm { self.gap } else { 0.0 };
                *mean = 1.0 - (walk[lane] + 0.5 - gap).clamp(0.0, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::process::tests::{assert_process, block};

    #[test]
    fn parents_by_hand() {
        assert_eq!((1..=8).map(parent).collect::<Vec<_>>(), [0, 0, 2, 0, 4, 4, 6, 0]);
    }

    #[test]
    fn steps_lead_from_the_parent() {
        let model = MultiScaleWalk { arms: 3, gap: Some(0.125), step: Some(0.01) };
        let rounds = 200;
        let history = assert_process(&model, rounds);
        // Lane 1: its best arm is better by the gap, and without it the walk is W_t + ½.
        let lane = |t: u64, arm: usize| 1.0 - history[t as usize - 1][arm * 3 + 1];
        let best = (0..3).find(|&arm| lane(1, arm) < lane(1, (arm + 1) % 3) - 0.1).expect("one");
        let walk = |t: u64| if t == 0 { 0.0 } else { lane(t, (best + 1) % 3) - 0.5 };
        let mut keys = keys(&block(3, rounds));
        let key = keys.swap_remove(1);
        for t in 1..=rounds {
            assert!((lane(t, best) + 0.125 - lane(t, (best + 2) % 3)).abs() < 1e-12);
            let noise = normal_quantile(open_unit(noise_word(key, t, 0)));
            assert!((walk(t) - walk(parent(t)) - 0.01 * noise).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_proof() {
        let horizon = 4096;
        let model = MultiScaleWalk { arms: 8, gap: None, step: None };
        let process = model.process(&block(1, horizon));
        let mut means = process_means(process);
        means.sort_by(f64::total_cmp);
        // log2 T = 12; ε = 2/16/108.
        assert!((means[7] - means[0] - 0.125 / 108.0).abs() < 1e-12);
        let paths = [Some(0.6), None].map(|gap| MultiScaleWalk { gap, ..model.clone() }.check());
        assert_eq!(paths[0].as_ref().unwrap_err().path, "gap");
        assert!(paths[1].is_ok());
    }

    fn process_means(process: Drifting<Walk, Noiseless>) -> Vec<f64> {
        use crate::support::process::RewardProcess;
        process.means().values.clone()
    }
}
