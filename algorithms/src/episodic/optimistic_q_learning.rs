//! Optimistic Q-learning: learning from visits alone, with bonuses and rates (H + 1)/(H + n).
//!
//! Source: Jin, Allen-Zhu, Bubeck, Jordan, "Is Q-learning provably efficient?", NeurIPS 2018,
//! Algorithm 1 (Hoeffding bonuses).
//! Setting: losses with constant means, here the rewards 1 − loss in [0, 1]; unknown transitions;
//! known number of episodes K.
//! Guarantee: regret Õ(√(H⁴ S A T)), T = KH, with c large enough; against adversarial losses none.
//! Deviation: delayed feedback is learnt from when it comes, episode by episode.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::mdp::Layout;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ucbvi::{log_term, write_greedy};
use crate::support::episodic::not_negative;

/// Parameters of optimistic Q-learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptimisticQLearning {
    /// c ≥ 0 in the bonus c √(H³ L/n) of a pair's n-th visit.
    pub scale: f64,
    /// The probability of failing δ in (0, 1), in L = ln(5 S A K H/δ).
    pub delta: f64,
}

impl Default for OptimisticQLearning {
    fn default() -> Self {
        Self { scale: 1.0, delta: 0.05 }
    }
}

impl Algorithm for OptimisticQLearning {
    type Protocol = EpisodicBandit;
    type Learner = OptimisticQLearner;

    const NAME: &'static str = "optimistic_q_learning";
    const SUMMARY: &'static str = "Q-learning with bonuses and rates (H + 1)/(H + n)";
    const SOURCE: &'static str =
        "Jin, Allen-Zhu, Bubeck, Jordan, Is Q-learning provably efficient?, 2018, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        not_negative(self.scale, "scale")?;
        let valid = self.delta > 0.0 && self.delta < 1.0;
        ParameterError::unless(valid, "delta", self.delta, "must be in (0, 1)")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let layout = setting.layout();
        let steps = layout.steps() as f64;
        let log = log_term(layout, setting.episodes(), self.delta);
        let mut learner = OptimisticQLearner {
            bonus: self.scale * (steps * steps * steps * log).sqrt(),
            layout: layout.clone(),
            values: vec![0.0; layout.pairs()],
            visits: vec![0.0; layout.pairs()],
            policy: vec![0.0; layout.pairs()],
        };
        learner.reset();
        Ok(learner)
    }
}

/// Optimistic Q-learning of one replication.
pub struct OptimisticQLearner {
    /// c √(H³ L).
    bonus: f64,
    layout: Layout,
    /// Q and N, tables over pairs.
    values: Vec<f64>,
    visits: Vec<f64>,
    policy: Vec<f64>,
}

impl Learner<EpisodicBandit> for OptimisticQLearner {
    fn act(&mut self, _: Round<'_, EpisodicBandit>) -> &[f64] {
        write_greedy(&self.values, self.layout.actions(), &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        let episode = outcome.feedback;
        let steps = self.layout.steps();
        for h in 0..steps {
            let pair = self.layout.pair(h, episode.states[h], episode.actions[h]);
            let left = (steps - h - 1) as f64;
            let next = match episode.states.get(h + 1) {
                Some(&s) => {
                    let row = &self.values[self.layout.row(h + 1, s)];
                    row.iter().fold(f64::NEG_INFINITY, |most, &q| most.max(q)).min(left)
                }
                None => 0.0,
            };
            self.visits[pair] += 1.0;
            let n = self.visits[pair];
            let rate = (steps as f64 + 1.0) / (steps as f64 + n);
            let target = (1.0 - episode.losses[h]) + next + self.bonus / n.sqrt();
            self.values[pair] = (1.0 - rate) * self.values[pair] + rate * target;
        }
    }

    fn reset(&mut self) {
        self.visits.fill(0.0);
        for h in 0..self.layout.steps() {
            let left = (self.layout.steps() - h) as f64;
            self.values[self.layout.pairs_of(h)].fill(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    #[test]
    fn updates_by_hand() {
        let (process, _) = lay(2, 2, 2);
        let algorithm = OptimisticQLearning { scale: 0.0, ..OptimisticQLearning::default() };
        let mut learner = algorithm.learner(&setting(&process, 10)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        for (t, losses) in [(1, [0.25, 0.5]), (2, [0.0, 1.0])] {
            let feedback = Episode { states: &[0, 1], actions: &[1, 0], losses: &losses };
            let action: &[f64] = &[0.0; 6];
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        // First visits have rate 1: Q(0, ·, 1) = 0.75 + 1, Q(1, 1, 0) = 0.5. Second, rate 3/4: the
        // next value is still 1, that of action 1.
        assert_eq!(learner.values[1], 0.25 * 1.75 + 0.75 * 2.0);
        assert_eq!(learner.values[4], 0.25 * 0.5);
        assert_eq!(learner.values[5], 1.0);
    }
}
