//! Policy optimisation: Hedge in every state, on the values Q of the policies played.
//!
//! Source: Even-Dar, Kakade, Mansour, "Online Markov decision processes", 2009 (MDP-E); in this
//! episodic form Shani, Efroni, Rosenberg, Mannor, "Optimistic policy optimization with bandit
//! feedback", 2020, Section 3.
//! Setting: known transitions, full information, losses in [0, 1].
//! Guarantee, tested: regret ≤ H² √(2 K ln A) at η = √(2 ln A/(H² K)): by the performance difference,
//! ln A/η + η H² K/2 for every step, weighted by the comparator's probabilities.

use std::sync::Arc;

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::mdp::Transitions;
use regret_engine::protocols::EpisodicFull;
use regret_engine::protocols::episodic::LossFacts;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::episodic::{on_every_sequence, positive, told, write_exponential};

/// Parameters of policy optimisation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyOptimisation {
    /// Learning rate η > 0; by default √(2 ln A/(H² K)).
    pub eta: Option<f64>,
}

impl PolicyOptimisation {
    fn rate(&self, setting: &Setting<EpisodicFull>) -> f64 {
        let (steps, actions) = (setting.layout().steps() as f64, setting.layout().actions() as f64);
        let tuned = (2.0 * math::ln(actions) / setting.episodes() as f64).sqrt() / steps;
        self.eta.unwrap_or(tuned)
    }
}

impl Algorithm for PolicyOptimisation {
    type Protocol = EpisodicFull;
    type Learner = PolicyOptimisationLearner;

    const NAME: &'static str = "policy_optimisation";
    const SUMMARY: &'static str = "Hedge in every state, on the values of the policies played";
    const SOURCE: &'static str = "Even-Dar, Kakade, Mansour, Online Markov decision processes, 2009; \
                                  Shani, Efroni, Rosenberg, Mannor 2020, Section 3";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")
    }

    fn learner(&self, setting: &Setting<EpisodicFull>) -> Result<Self::Learner, ParameterError> {
        let (pairs, states) = (setting.layout().pairs(), setting.layout().states());
        Ok(PolicyOptimisationLearner {
            transitions: told(setting)?,
            eta: self.rate(setting),
            sums: vec![0.0; pairs],
            policy: vec![0.0; pairs],
            pair_values: vec![0.0; pairs],
            state_values: vec![0.0; states],
        })
    }

    fn bounds(&self, setting: &Setting<EpisodicFull>, facts: &LossFacts) -> Vec<Bound> {
        let (eta, steps) = (self.rate(setting), setting.layout().steps() as f64);
        let ln_actions = math::ln(setting.layout().actions() as f64);
        on_every_sequence(
            facts,
            true,
            "H (ln A/η + η H² t/2)",
            "Shani, Efroni, Rosenberg, Mannor 2020, Section 3",
            "known transitions",
            move |t| match eta > 0.0 {
                true => steps * (ln_actions / eta + 0.5 * eta * steps * steps * t),
                false => 0.0,
            },
        )
    }
}

/// Policy optimisation of one replication.
pub struct PolicyOptimisationLearner {
    transitions: Arc<Transitions>,
    eta: f64,
    /// Sums of the values Q, a table over pairs.
    sums: Vec<f64>,
    policy: Vec<f64>,
    pair_values: Vec<f64>,
    state_values: Vec<f64>,
}

impl Learner<EpisodicFull> for PolicyOptimisationLearner {
    fn act(&mut self, _: Round<'_, EpisodicFull>) -> &[f64] {
        let actions = self.transitions.layout().actions();
        write_exponential(&self.sums, self.eta, actions, &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicFull>) {
        let (policy, losses) = (outcome.action, outcome.feedback.losses);
        self.transitions.evaluate(policy, losses, &mut self.pair_values, &mut self.state_values);
        self.sums.iter_mut().zip(&self.pair_values).for_each(|(sum, q)| *sum += q);
    }

    fn reset(&mut self) {
        self.sums.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::assert_regrets;

    #[test]
    fn regrets_of_the_reference_instance() {
        let known = [165.153_734_88, 144.658_390_64, 95.457_908_17, 144.878_259_39];
        assert_regrets(&PolicyOptimisation::default(), known);
    }
}
