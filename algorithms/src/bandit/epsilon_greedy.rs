//! ε-greedy: with probability ε a uniform arm, otherwise the arm of highest empirical mean.
//!
//! Source: constant ε: Sutton, Barto, "Reinforcement Learning", 1998, Section 2.2; decaying
//! ε_t = min(1, c K / (d² t)): Auer, Cesa-Bianchi, Fischer, "Finite-time analysis of the
//! multiarmed bandit problem", Machine Learning 47, 2002, Figure 3.
//! Setting: K arms, independent rewards.
//! Guarantee: with constant ε the regret is at least ε (t − K) ΣΔ/K; decaying with d at most the
//! least gap and c large enough, O(ln t) (there, Theorem 3).
//! Deviation: rounds 1 to K play every arm once.

use regret_engine::bound::{Bound, Side};
use regret_engine::learner::{LaneLearner, Learner, Outcome, Round, Setting};
use regret_engine::notion::PSEUDO_REGRET;
use regret_engine::protocol::{Nothing, Scalars};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, argmax};
use regret_engine::random::Streams;
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::vectorised;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::lanes;

/// Parameters of ε-greedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EpsilonGreedy {
    /// The probability of exploring, from 0 to 1, or `{c: …, d: …}` for min(1, c K / (d² t)).
    pub epsilon: Epsilon,
}

/// The probability of exploring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a probability or {c: number, d: number}")]
pub enum Epsilon {
    /// The same in every round.
    Constant(f64),
    /// min(1, c K / (d² t)) in round t.
    Decaying {
        /// Scale c > 0.
        c: f64,
        /// A lower bound 0 < d < 1 on the least positive gap.
        d: f64,
    },
}

impl Epsilon {
    #[inline]
    fn at(self, t: u64, arms: usize) -> f64 {
        match self {
            Self::Constant(epsilon) => epsilon,
            Self::Decaying { c, d } => (c * arms as f64 / (d * d * t as f64)).min(1.0),
        }
    }
}

impl Default for EpsilonGreedy {
    fn default() -> Self {
        Self { epsilon: Epsilon::Constant(0.1) }
    }
}

impl Algorithm for EpsilonGreedy {
    type Protocol = Bandit;
    type Learner = EpsilonGreedyLearner;

    const NAME: &'static str = "epsilon_greedy";
    const SUMMARY: &'static str = "explores uniformly with probability ε, else plays the best mean";
    const SOURCE: &'static str = "Auer, Cesa-Bianchi, Fischer, Finite-time analysis of the \
                                  multiarmed bandit problem, 2002, Figure 3";

    fn check(&self) -> Result<(), ParameterError> {
        match self.epsilon {
            Epsilon::Constant(epsilon) => {
                let valid = (0.0..=1.0).contains(&epsilon);
                let rule = "must be a probability, from 0 to 1";
                ParameterError::unless(valid, "epsilon", epsilon, rule)
            }
            Epsilon::Decaying { c, d } => {
                let valid = c > 0.0 && c.is_finite();
                ParameterError::unless(valid, "epsilon.c", c, "must be a positive number")?;
                let valid = d > 0.0 && d < 1.0;
                ParameterError::unless(valid, "epsilon.d", d, "must be between 0 and 1")
            }
        }
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.arms()];
        let mut learner = EpsilonGreedyLearner {
            epsilon: self.epsilon,
            pulls: zeros.clone(),
            sums: zeros.clone(),
            means: zeros,
        };
        learner.reset();
        Ok(learner)
    }

    fn lanes(
        &self,
        setting: &Setting<Bandit>,
        lanes: usize,
    ) -> Option<Box<dyn LaneLearner<Bandit>>> {
        Some(Box::new(EpsilonGreedyLanes::new(self.epsilon, setting.arms(), lanes)))
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let (Epsilon::Constant(epsilon), Some(gaps)) = (self.epsilon, arms.gaps()) else {
            return Vec::new();
        };
        let count = gaps.len() as f64;
        let slope = epsilon * gaps.iter().sum::<f64>() / count;
        let bound = Bound::upper(
            PSEUDO_REGRET,
            "ε (t − K) ΣΔ/K",
            "the exploring rounds alone",
            "independent rewards, constant means and ε",
            move |t| slope * (t - count).max(0.0),
        );
        vec![bound.on(Side::Lower)]
    }
}

/// ε-greedy of one replication.
pub struct EpsilonGreedyLearner {
    epsilon: Epsilon,
    /// Observed pulls of every arm, and the sums of their rewards, which are exact for rewards 0
    /// and 1: arms with equal counts tie.
    pulls: Vec<f64>,
    sums: Vec<f64>,
    /// Infinite until the first reward has come.
    means: Vec<f64>,
}

impl Learner<Bandit> for EpsilonGreedyLearner {
    #[inline]
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        let arms = self.means.len();
        if round.t <= arms as u64 {
            return (round.t - 1) as usize;
        }
        explored(round.rng.uniform(), self.epsilon.at(round.t, arms), arms)
            .unwrap_or_else(|| argmax(self.means.iter().copied()))
    }

    #[inline]
    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let arm = outcome.action;
        self.pulls[arm] += 1.0;
        self.sums[arm] += outcome.feedback;
        self.means[arm] = self.sums[arm] / self.pulls[arm];
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
        self.means.fill(f64::INFINITY);
    }
}

/// The arm to explore, if a uniform number `u` says so: below ε, u/ε is uniform again.
#[inline(always)]
fn explored(u: f64, epsilon: f64, arms: usize) -> Option<usize> {
    // `u / epsilon < 1` may round up to 1.
    (u < epsilon).then(|| ((u / epsilon * arms as f64) as usize).min(arms - 1))
}

/// ε-greedy of many replications abreast.
struct EpsilonGreedyLanes {
    epsilon: Epsilon,
    arms: usize,
    /// All `[arm][lane]`.
    pulls: Vec<f64>,
    sums: Vec<f64>,
    means: Vec<f64>,
    uniforms: Vec<f64>,
}

impl EpsilonGreedyLanes {
    fn new(epsilon: Epsilon, arms: usize, lanes: usize) -> Self {
        Self {
            epsilon,
            arms,
            pulls: vec![0.0; arms * lanes],
            sums: vec![0.0; arms * lanes],
            means: vec![f64::INFINITY; arms * lanes],
            uniforms: vec![0.0; lanes],
        }
    }
}

impl LaneLearner<Bandit> for EpsilonGreedyLanes {
    fn act(&mut self, t: u64, _: &Nothing, actions: &mut Scalars<usize>, streams: &mut Streams) {
        if t <= self.arms as u64 {
            actions.0.fill((t - 1) as usize);
            return;
        }
        let epsilon = self.epsilon.at(t, self.arms);
        draw(streams, &mut self.uniforms);
        leaders(&self.means, &mut actions.0);
        for (chosen, &uniform) in actions.0.iter_mut().zip(&self.uniforms) {
            if let Some(arm) = explored(uniform, epsilon, self.arms) {
                *chosen = arm;
            }
        }
    }

    fn update(
        &mut self,
        _: u64,
        _: &Nothing,
        actions: &Scalars<usize>,
        rewards: &Scalars<f64>,
        _: &mut Streams,
    ) {
        let lanes = self.uniforms.len();
        for (lane, (&arm, reward)) in actions.0.iter().zip(&rewards.0).enumerate() {
            let i = arm * lanes + lane;
            self.pulls[i] += 1.0;
            self.sums[i] += reward;
            self.means[i] = self.sums[i] / self.pulls[i];
        }
    }
}

vectorised! {
    fn draw(streams: &mut Streams, uniforms: &mut [f64]) {
        streams.uniforms(uniforms);
    }
}

vectorised! {
    /// In each lane, the arm of highest mean, the lowest in a tie.
    fn leaders(means: &[f64], chosen: &mut [usize]) {
        lanes::highest(means, means.len() / chosen.len(), chosen);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};

    #[test]
    fn exploring_by_hand() {
        assert_eq!(explored(0.05, 0.1, 4), Some(2));
        assert_eq!(explored(0.1, 0.1, 4), None);
        assert_eq!(explored(0.999, 1.0, 4), Some(3));
        assert_eq!(explored(0.0, 0.0, 4), None);
        let decaying = Epsilon::Decaying { c: 5.0, d: 0.5 };
        assert_eq!(decaying.at(10, 2), 1.0);
        assert_eq!(decaying.at(400, 2), 0.1);
    }

    #[test]
    fn both_forms_of_epsilon_are_read() {
        let read = |text: &str| serde_json::from_str::<EpsilonGreedy>(text).expect("valid");
        assert_eq!(read("{}").epsilon, Epsilon::Constant(0.1));
        assert_eq!(read(r#"{"epsilon": 1}"#).epsilon, Epsilon::Constant(1.0));
        let decaying = read(r#"{"epsilon": {"c": 5, "d": 0.1}}"#);
        assert_eq!(decaying.epsilon, Epsilon::Decaying { c: 5.0, d: 0.1 });
        assert!(EpsilonGreedy { epsilon: Epsilon::Constant(1.5) }.check().is_err());
    }

    #[test]
    fn the_best_mean_is_played_the_lowest_arm_in_a_tie() {
        assert_trace(&EpsilonGreedy { epsilon: Epsilon::Constant(0.0) }, "012111111111");
        // Both arms have one success in three, in another order: they tie exactly.
        let mut learner = EpsilonGreedy::default().learner(&Setting::new(2, 9)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let observed = [(0, 0.0), (0, 0.0), (0, 1.0), (1, 1.0), (1, 0.0), (1, 0.0)];
        for (t, (action, feedback)) in (1..).zip(observed) {
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        assert_eq!(learner.means[0], learner.means[1]);
    }

    #[test]
    fn the_bound_by_hand() {
        let lower = bounds(&EpsilonGreedy::default(), &[0.5, 0.6, 0.25], 1000);
        assert_bounds(&lower, 100, &[1.455]);
        assert_eq!(lower[0].side, Side::Lower);
        let epsilon = Epsilon::Decaying { c: 5.0, d: 0.1 };
        assert_bounds(&bounds(&EpsilonGreedy { epsilon }, &[0.5, 0.6, 0.25], 1000), 100, &[]);
    }
}
