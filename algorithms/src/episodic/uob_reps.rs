//! UOB-REPS: mirror descent on the occupancies of all plausible processes, with losses over an upper
//! bound of the probability of their pair.
//!
//! Source: Jin, Jin, Luo, Sra, Yu, "Learning adversarial Markov decision processes with bandit feedback
//! and unknown transition", ICML 2020, Algorithm 2.
//! Setting: unknown transitions, losses in [0, 1] fixed in advance, bandit feedback; known number of
//! episodes K.
//! Guarantee: regret Õ(H S √(A K)) with high probability; no bound is drawn, for it is vacuous at any K
//! that one plays.
//! Deviations: the projection is solved by Newton's method on the potentials of the states, the bounds
//! of each row being dealt with exactly inside (`support::flow`), to the tolerance stated there; a
//! learner whose projection fails stops its cell. With delayed feedback, probabilities are bounded by
//! what is known when the feedback comes.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mdp::Layout;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::confidence::ConfidenceSet;
use crate::support::descent::FAILED;
use crate::support::episodic::{not_negative, positive, write_policy_of_logs};
use crate::support::flow::FlowProjection;

/// Parameters of UOB-REPS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UobReps {
    /// Learning rate η > 0; by default √(H ln(H S A/δ)/(K SA)), SA the number of pairs and S the number of states of all steps.
    pub eta: Option<f64>,
    /// Implicit exploration γ > 0; by default η.
    pub gamma: Option<f64>,
    /// The probability δ of failing, in (0, 1).
    pub delta: f64,
    /// What the widths of the transitions' intervals are multiplied by, ≥ 0: 1 is the theorem's, 0.1 practical.
    pub confidence_scale: f64,
}

impl Default for UobReps {
    fn default() -> Self {
        Self { eta: None, gamma: None, delta: 0.05, confidence_scale: 1.0 }
    }
}

impl Algorithm for UobReps {
    type Protocol = EpisodicBandit;
    type Learner = UobRepsLearner;

    const NAME: &'static str = "uob_reps";
    const SUMMARY: &'static str = "mirror descent on the occupancies of all plausible processes";
    const SOURCE: &'static str = "Jin, Jin, Luo, Sra, Yu, Learning adversarial Markov decision \
                                  processes with bandit feedback and unknown transition, 2020, \
                                  Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        positive(self.gamma, "gamma")?;
        not_negative(self.confidence_scale, "confidence_scale")?;
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be in (0, 1)")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let layout = setting.layout();
        let (pairs, states) = (layout.pairs(), layout.states());
        let (steps, episodes) = (layout.steps() as f64, setting.episodes() as f64);
        let log = math::ln(steps * pairs as f64 / self.delta);
        let eta = self.eta.unwrap_or((steps * log / (episodes * pairs as f64)).sqrt());
        let start = setting.shape.start;
        let scale = self.confidence_scale;
        let mut learner = UobRepsLearner {
            eta,
            gamma: self.gamma.unwrap_or(eta),
            start,
            set: ConfidenceSet::new(layout, start, setting.episodes(), self.delta, scale),
            projection: FlowProjection::within(layout),
            logs: vec![0.0; pairs],
            policy: vec![0.0; pairs],
            greatest: vec![0.0; states],
            least: vec![0.0; states],
            layout: layout.clone(),
        };
        learner.reset();
        Ok(learner)
    }
}

/// UOB-REPS of one replication.
pub struct UobRepsLearner {
    eta: f64,
    gamma: f64,
    start: usize,
    layout: Layout,
    set: ConfidenceSet,
    projection: FlowProjection,
    /// The logarithms of q(h, s, a); those of q(s′ | h, s, a) are the projection's.
    logs: Vec<f64>,
    policy: Vec<f64>,
    greatest: Vec<f64>,
    least: Vec<f64>,
}

impl UobRepsLearner {
    /// Projects on the occupancies of the set, and writes the policy.
    fn project(&mut self) {
        let (lower, upper) = self.set.intervals();
        self.projection.set_intervals(lower, upper);
        if self.projection.project(&mut self.logs) <= FAILED {
            write_policy_of_logs(&self.layout, &self.logs, &mut self.policy);
        } else {
            self.policy.fill(f64::NAN);
        }
    }
}

impl Learner<EpisodicBandit> for UobRepsLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        let (policy, episode) = (outcome.action, outcome.feedback);
        self.set.reach(policy, &mut self.greatest, &mut self.least);
        for h in 0..self.layout.steps() {
            let (s, a) = (episode.states[h], episode.actions[h]);
            let pair = self.layout.pair(h, s, a);
            let bound = policy[pair] * self.greatest[self.layout.state(h, s)];
            self.logs[pair] -= self.eta * episode.losses[h] / (bound + self.gamma);
        }
        self.set.enter(episode.states, episode.actions);
        self.project();
    }

    fn reset(&mut self) {
        self.set.forget();
        self.projection.forget();
        self.logs.fill(0.0);
        for s in (0..self.layout.width(0)).filter(|&s| s != self.start) {
            self.logs[self.layout.row(0, s)].fill(f64::NEG_INFINITY);
        }
        self.project();
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    /// Before anything is seen every process is plausible, and all pairs of a step get the same.
    #[test]
    fn it_begins_uniform() {
        let (process, _) = lay(3, 3, 2);
        let learner = UobReps::default().learner(&setting(&process, 100)).expect("fits");
        assert!(learner.policy.iter().all(|p| (p - 0.5).abs() < 1e-12), "{:?}", learner.policy);
        let last = &learner.logs[8..];
        assert!(last.iter().all(|log| (log + 6f64.ln()).abs() < 1e-10), "{last:?}");
    }

    /// One step has no transitions: exponential weights on the losses over (π + γ).
    #[test]
    fn one_step_is_implicit_exploration() {
        let (process, _) = lay(1, 1, 3);
        let algorithm = UobReps { eta: Some(0.2), gamma: Some(0.1), ..UobReps::default() };
        let mut learner = algorithm.learner(&setting(&process, 50)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let mut sums = [0.0; 3];
        for t in 1..=20u64 {
            let policy = learner.act(Round { t, slot: 0, context: (), rng }).to_vec();
            let weights = sums.map(|sum: f64| (-0.2 * sum).exp());
            let total: f64 = weights.iter().sum();
            assert!(policy.iter().zip(weights).all(|(p, w)| (p - w / total).abs() < 1e-12));
            let (a, loss) = ((t % 3) as usize, (t % 5) as f64 / 4.0);
            sums[a] += loss / (policy[a] + 0.1);
            let feedback = Episode { states: &[0], actions: &[a], losses: &[loss] };
            learner.update(Outcome { t, slot: 0, context: (), action: &policy, feedback, rng });
        }
    }
}
