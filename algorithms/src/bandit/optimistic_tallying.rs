//! Optimistic planning in a tallying bandit of known memory: the best cycle of actions, were every
//! mean as low in loss as it may be.
//!
//! Source: UCRL (Jaksch, Ortner, Auer, "Near-optimal regret bounds for reinforcement learning",
//! JMLR 11, 2010, Figure 1) with known deterministic transitions; tallying bandits as in Malik, Li,
//! Singh, "Complete policy regret bounds for tallying bandits", COLT 2022.
//! Setting: K arms, rewards in [0, 1] whose means depend on how often the arm was played in the last
//! m rounds, m known, unweighted; K^(m−1) histories, at most 2^16; known horizon T.
//! Expected: policy regret of order √(m K T ln T) after a transient (not proven here).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::planning::{Histories, Machine, Policy};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of optimistic planning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OptimisticTallying {
    /// Memory m ≥ 1 in rounds, the present one included.
    pub memory: u64,
}

impl Default for OptimisticTallying {
    fn default() -> Self {
        Self { memory: 2 }
    }
}

/// The most histories K^(m−1), and the most with an arm beside.
const MOST_HISTORIES: f64 = 65_536.0;
const MOST_MOVES: f64 = 262_144.0;

impl Algorithm for OptimisticTallying {
    type Protocol = Bandit;
    type Learner = OptimisticTallyingLearner;

    const NAME: &'static str = "optimistic_tallying";
    const SUMMARY: &'static str = "plans the best cycle of actions by optimistic means of tallies";
    const SOURCE: &'static str = "Jaksch, Ortner, Auer, Near-optimal regret bounds for reinforcement \
                                  learning, 2010, Figure 1; Malik, Li, Singh 2022";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (1..=1 << 16).contains(&self.memory);
        ParameterError::unless(valid, "memory", self.memory, "must be from 1 to 65536")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let (arms, memory) = (setting.arms(), self.memory as usize);
        let histories = (arms as f64).powi(self.memory as i32 - 1);
        let rule = format!(
            "{arms} arms have K^(m−1) = {histories} histories; at most {MOST_HISTORIES}, and \
             {MOST_MOVES} times arms, can be planned for"
        );
        let small = histories <= MOST_HISTORIES && histories * arms as f64 <= MOST_MOVES;
        ParameterError::unless(small, "memory", self.memory, &rule)?;
        let histories = Histories::new(arms, memory - 1);
        let machine = Machine::new(histories.count(), arms, |s, a| (histories.next(s, a), 0.0));
        let tallies = (0..histories.count())
            .flat_map(|s| (0..arms).map(move |a| (s, a)))
            .map(|(s, a)| histories.recent(s).filter(|&past| past == a).count())
            .collect();
        let confidence = 2.0 * (memory * arms) as f64 * setting.horizon as f64;
        let mut learner = OptimisticTallyingLearner {
            memory,
            tallies,
            policy: Policy::new(machine.states()),
            machine,
            log_term: math::ln(confidence),
            counts: vec![0.0; memory * arms],
            losses: vec![0.0; memory * arms],
            planned: vec![0.0; memory * arms],
            stale: true,
            state: 0,
            played: vec![0; setting.pending],
        };
        learner.reset();
        Ok(learner)
    }

    fn caution(&self, _: &Setting<Bandit>, arms: &Arms) -> Option<String> {
        match arms.law {
            Law::Tallying { memory, .. } if memory != self.memory => Some(format!(
                "it supposes a memory of {}, and the environment has {memory}",
                self.memory
            )),
            _ => None,
        }
    }
}

/// Optimistic planning of one replication.
pub struct OptimisticTallyingLearner {
    memory: usize,
    /// How often an arm was played in a history, `[state][arm]`.
    tallies: Vec<usize>,
    machine: Machine,
    policy: Policy,
    /// ln(2 m K T).
    log_term: f64,
    /// Plays and losses of every arm at every tally, `[arm][tally − 1]`; the plays as they were when
    /// the plan was made.
    counts: Vec<f64>,
    losses: Vec<f64>,
    planned: Vec<f64>,
    /// Whether some count has doubled since.
    stale: bool,
    state: usize,
    /// The pair of arm and tally played, for every pending decision.
    played: Vec<usize>,
}

impl OptimisticTallyingLearner {
    fn pair(&self, state: usize, arm: usize) -> usize {
        arm * self.memory + self.tallies[state * self.machine.arms() + arm]
    }

    fn plan(&mut self) {
        let Self { memory, tallies, machine, counts, losses, log_term, .. } = self;
        let arms = machine.arms();
        machine.price(|state, arm| {
            let pair = arm * *memory + tallies[state * arms + arm];
            let n = counts[pair].max(1.0);
            losses[pair] / n - (*log_term / (2.0 * n)).sqrt()
        });
        self.policy.improve(&self.machine);
        self.planned.copy_from_slice(&self.counts);
        self.stale = false;
    }
}

impl Learner<Bandit> for OptimisticTallyingLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        if self.stale {
            self.plan();
        }
        let arm = self.policy.arm(self.state);
        self.played[round.slot] = self.pair(self.state, arm);
        self.state = self.machine.next(self.state, arm);
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let pair = self.played[outcome.slot];
        self.counts[pair] += 1.0;
        self.losses[pair] += 1.0 - outcome.feedback;
        self.stale |= self.counts[pair] >= 2.0 * self.planned[pair].max(0.5);
    }

    fn reset(&mut self) {
        self.counts.fill(0.0);
        self.losses.fill(0.0);
        self.planned.fill(0.0);
        self.policy.reset();
        (self.stale, self.state) = (true, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{digits, play};

    #[test]
    fn the_best_cycle_is_found() {
        // Losses 1, 0, 1 at the tallies 1, 2, 3 of both arms: alternating costs nothing in the end.
        let spec = OptimisticTallying { memory: 3 };
        let mut learner = spec.learner(&Setting::new(2, 4000)).expect("fits");
        let rng = &mut regret_engine::random::Stream::from_state(1);
        let mut played = vec![];
        for t in 1..=4000u64 {
            let action = learner.act(Round { t, slot: 0, context: (), rng });
            played.push(action);
            let window = played.iter().rev().take(3).filter(|&&arm| arm == action);
            let feedback = [0.0, 1.0, 0.0][window.count() - 1];
            learner.update(Outcome { t, slot: 0, context: (), action, feedback, rng });
        }
        let end = digits(&played[3990..]);
        assert!(end == "01".repeat(5) || end == "10".repeat(5), "{end}");
    }

    #[test]
    fn without_memory_it_plays_the_best_lower_end() {
        let spec = OptimisticTallying { memory: 1 };
        let (learner, played) = play(&spec, 3, 2000, 2000, |_, arm| [0.5, 0.75, 0.25][arm]);
        assert!(played[1500..].iter().all(|&arm| arm == 1));
        assert_eq!(learner.counts.iter().sum::<f64>(), 2000.0);
    }

    #[test]
    fn problems_that_are_too_large_are_refused() {
        let fits = |memory, arms| {
            OptimisticTallying { memory }.learner(&Setting::new(arms, 100)).err().map(|e| e.path)
        };
        assert_eq!(fits(17, 2), None);
        assert_eq!(fits(19, 2).as_deref(), Some("memory"));
        assert_eq!(fits(2, 400), None);
        assert_eq!(fits(2, 600).as_deref(), Some("memory"));
    }
}
