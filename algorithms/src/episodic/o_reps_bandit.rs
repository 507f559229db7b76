//! O-REPS with bandit feedback: mirror descent on occupancies, with importance-weighted losses.
//!
//! Source: Zimin, Neu, "Online learning in episodic Markovian decision processes by relative entropy
//! policy search", NIPS 2013, Section 4.
//! Setting: known transitions, losses in [0, 1] fixed in advance; known number of episodes K.
//! Guarantee, tested for γ = 0: expected regret ≤ D/η + η SA t/2, D the greatest divergence of an
//! occupancy from the uniform policy's, SA the number of pairs.
//! The estimate is l/(q + γ) for the visited pairs; γ > 0 is implicit exploration (Neu 2015), which
//! the paper has not.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::EpisodicBandit;
use regret_engine::protocols::episodic::LossFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::descent::OccupancyDescent;
use crate::support::episodic::{
    greatest_divergence, not_negative, on_every_sequence, positive, told,
};

/// Parameters of O-REPS with bandit feedback.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ORepsBandit {
    /// Learning rate η > 0; by default √(2H ln(SA/H)/(K SA)), SA the number of pairs of all steps.
    pub eta: Option<f64>,
    /// Implicit exploration γ ≥ 0, added to the probability of a visited pair.
    pub gamma: f64,
}

impl ORepsBandit {
    fn rate(&self, setting: &Setting<EpisodicBandit>) -> f64 {
        let (pairs, steps) = (setting.layout().pairs() as f64, setting.layout().steps() as f64);
        let tuned = 2.0 * steps * math::ln(pairs / steps) / (setting.episodes() as f64 * pairs);
        self.eta.unwrap_or(tuned.sqrt())
    }
}

impl Algorithm for ORepsBandit {
    type Protocol = EpisodicBandit;
    type Learner = ORepsBanditLearner;

    const NAME: &'static str = "o_reps_bandit";
    const SUMMARY: &'static str = "O-REPS on importance-weighted losses of the visited pairs";
    const SOURCE: &'static str = "Zimin, Neu, Online learning in episodic Markovian decision \
                                  processes by relative entropy policy search, 2013, Section 4";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")?;
        not_negative(self.gamma, "gamma")
    }

    fn learner(&self, setting: &Setting<EpisodicBandit>) -> Result<Self::Learner, ParameterError> {
        let steps = setting.layout().steps();
        Ok(ORepsBanditLearner {
            eta: self.rate(setting),
            gamma: self.gamma,
            descent: OccupancyDescent::new(told(setting)?),
            pairs: setting.layout().pairs(),
            played: vec![0.0; setting.layout().pairs() * setting.pending],
            visited: vec![0; steps],
        })
    }

    fn bounds(&self, setting: &Setting<EpisodicBandit>, facts: &LossFacts) -> Vec<Bound> {
        let Ok(transitions) = told(setting) else { return Vec::new() };
        let (eta, divergence) = (self.rate(setting), greatest_divergence(&transitions));
        if eta <= 0.0 || self.gamma > 0.0 {
            return Vec::new();
        }
        let pairs = setting.layout().pairs() as f64;
        on_every_sequence(
            facts,
            false,
            "D/η + η SA t/2",
            "Zimin, Neu 2013, Section 4, before η is chosen",
            "known transitions, oblivious losses; D the greatest divergence from the uniform policy",
            move |t| divergence / eta + 0.5 * eta * pairs * t,
        )
    }
}

/// O-REPS with bandit feedback, of one replication.
pub struct ORepsBanditLearner {
    eta: f64,
    gamma: f64,
    descent: OccupancyDescent,
    pairs: usize,
    /// The logarithms of the occupancy played, for every pending decision.
    played: Vec<f64>,
    /// The pairs of an episode.
    visited: Vec<usize>,
}

impl Learner<EpisodicBandit> for ORepsBanditLearner {
    fn act(&mut self, round: Round<'_, EpisodicBandit>) -> &[f64] {
        let place = round.slot * self.pairs;
        self.played[place..place + self.pairs].copy_from_slice(self.descent.logs());
        self.descent.policy()
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicBandit>) {
        let episode = outcome.feedback;
        self.descent.visit(episode.states, episode.actions, &mut self.visited);
        let played = &self.played[outcome.slot * self.pairs..];
        let (eta, gamma) = (self.eta, self.gamma);
        self.descent.step(|logs| {
            for (&pair, loss) in self.visited.iter().zip(episode.losses) {
                logs[pair] -= eta * loss / (math::exp(played[pair]) + gamma);
            }
        });
    }

    fn reset(&mut self) {
        self.descent.reset();
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::protocols::episodic::Episode;
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::support::episodic::tests::{lay, setting};

    #[test]
    fn losses_are_divided_by_the_probability_of_the_pair() {
        // One step: the projection normalises only.
        let (process, _) = lay(1, 1, 3);
        let algorithm = ORepsBandit { eta: Some(0.5), gamma: 0.25 };
        let mut learner = algorithm.learner(&setting(&process, 10)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let policy = learner.act(Round { t: 1, slot: 0, context: (), rng }).to_vec();
        let feedback = Episode { states: &[0], actions: &[2], losses: &[0.7] };
        learner.update(Outcome { t: 1, slot: 0, context: (), action: &policy, feedback, rng });
        let weight = (-0.5f64 * 0.7 / (1.0 / 3.0 + 0.25)).exp();
        let played = learner.act(Round { t: 2, slot: 0, context: (), rng });
        assert!((played[2] - weight / (2.0 + weight)).abs() < 1e-14, "{played:?}");
    }

    #[test]
    fn rates_by_hand() {
        let (process, _) = lay(3, 3, 2);
        let rate = ORepsBandit::default().rate(&setting(&process, 500));
        assert!((rate - (6.0 * (14.0 / 3.0f64).ln() / 7000.0).sqrt()).abs() < 1e-15);
    }
}
