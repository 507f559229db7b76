//! Policy Hedge: exponential weights over all deterministic policies.
//!
//! Source: folklore; the expert's view of Even-Dar, Kakade, Mansour, "Online Markov decision
//! processes", 2009, Section 1.
//! Setting: known transitions, full information, losses in [0, 1], few policies (A^Σ n_h ≤ 16384).
//! Guarantee, tested: regret ≤ H √(K ln N/2) at η = √(8 ln N/K)/H, N the number of policies: Hedge
//! for losses in [0, H].
//! Deviation: it plays the Markov policy whose occupancy is the mean of the policies' occupancies
//! under the weights, which has their expected loss, instead of drawing a policy.

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

use crate::support::episodic::{on_every_sequence, positive, told};
use crate::support::policies::{deterministic_occupancies, write_policy_of_occupancy};

/// Parameters of policy Hedge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyHedge {
    /// Learning rate η > 0; by default √(8 ln N/K)/H for N policies.
    pub eta: Option<f64>,
}

impl PolicyHedge {
    fn rate(&self, policies: usize, setting: &Setting<EpisodicFull>) -> f64 {
        let tuned = (8.0 * math::ln(policies as f64) / setting.episodes() as f64).sqrt()
            / setting.layout().steps() as f64;
        self.eta.unwrap_or(tuned)
    }
}

impl Algorithm for PolicyHedge {
    type Protocol = EpisodicFull;
    type Learner = PolicyHedgeLearner;

    const NAME: &'static str = "policy_hedge";
    const SUMMARY: &'static str = "exponential weights over all deterministic policies";
    const SOURCE: &'static str =
        "folklore; Even-Dar, Kakade, Mansour, Online Markov decision processes, 2009, Section 1";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")
    }

    fn learner(&self, setting: &Setting<EpisodicFull>) -> Result<Self::Learner, ParameterError> {
        let transitions = told(setting)?;
        let occupancies = deterministic_occupancies(&transitions)?;
        let pairs = setting.layout().pairs();
        let policies = occupancies.len() / pairs;
        Ok(PolicyHedgeLearner {
            eta: self.rate(policies, setting),
            occupancies,
            losses: vec![0.0; policies],
            mean: vec![0.0; pairs],
            policy: vec![0.0; pairs],
            transitions,
        })
    }

    fn bounds(&self, setting: &Setting<EpisodicFull>, facts: &LossFacts) -> Vec<Bound> {
        let Ok(learner) = self.learner(setting) else { return Vec::new() };
        let policies = learner.losses.len();
        let (eta, steps) = (self.rate(policies, setting), setting.layout().steps() as f64);
        let ln_policies = math::ln(policies as f64);
        on_every_sequence(
            facts,
            true,
            "ln N/η + η H² t/8 over N policies",
            "Cesa-Bianchi, Lugosi 2006, Theorem 2.2, for losses in [0, H]",
            "known transitions",
            move |t| {
                if eta > 0.0 { ln_policies / eta + eta * steps * steps * t / 8.0 } else { 0.0 }
            },
        )
    }
}

/// Policy Hedge of one replication.
pub struct PolicyHedgeLearner {
    transitions: Arc<Transitions>,
    eta: f64,
    /// The occupancy of every policy, `[policy][pair]`.
    occupancies: Vec<f64>,
    /// Expected loss of every policy so far.
    losses: Vec<f64>,
    mean: Vec<f64>,
    policy: Vec<f64>,
}

impl Learner<EpisodicFull> for PolicyHedgeLearner {
    fn act(&mut self, _: Round<'_, EpisodicFull>) -> &[f64] {
        let least = self.losses.iter().fold(f64::INFINITY, |least, &loss| least.min(loss));
        self.mean.fill(0.0);
        let tables = self.occupancies.chunks_exact(self.mean.len());
        for (occupancy, loss) in tables.zip(&self.losses) {
            let weight = math::exp(-self.eta * (loss - least));
            self.mean.iter_mut().zip(occupancy).for_each(|(sum, q)| *sum += weight * q);
        }
        write_policy_of_occupancy(self.transitions.layout(), &self.mean, &mut self.policy);
        &self.policy
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicFull>) {
        let tables = self.occupancies.chunks_exact(self.mean.len());
        for (occupancy, total) in tables.zip(&mut self.losses) {
            let paid = occupancy.iter().zip(outcome.feedback.losses).map(|(q, l)| q * l);
            *total += paid.sum::<f64>();
        }
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::{lay, play_full, setting};

    /// The play is that of Hedge over the policies as experts, whose total loss is computed by hand.
    #[test]
    fn it_pays_what_hedge_over_policies_pays() {
        let (process, base) = lay(2, 2, 2);
        let occupancies = deterministic_occupancies(&process).expect("few");
        let values: Vec<f64> = occupancies
            .chunks_exact(base.len())
            .map(|q| q.iter().zip(&base).map(|(q, m)| q * m).sum())
            .collect();
        let algorithm = PolicyHedge { eta: Some(0.3) };
        let (paid, _) = play_full(&algorithm, &process, 40, |_, out| out.copy_from_slice(&base));
        let mut expected = 0.0;
        for k in 0..40 {
            let weights: Vec<f64> =
                values.iter().map(|v| (-0.3 * f64::from(k) * v).exp()).collect();
            let total: f64 = weights.iter().sum();
            expected += weights.iter().zip(&values).map(|(w, v)| w * v).sum::<f64>() / total;
        }
        assert!((paid - expected).abs() < 1e-10, "{paid} {expected}");
    }

    #[test]
    fn too_many_policies_are_refused() {
        let (process, _) = lay(6, 4, 3);
        let error = PolicyHedge::default().learner(&setting(&process, 10)).err().expect("refused");
        assert!(error.message.contains("3^21 policies"), "{}", error.message);
    }
}
