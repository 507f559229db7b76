//! O-REPS: online mirror descent on occupancies with relative entropy, full information.
//!
//! Source: Zimin, Neu, "Online learning in episodic Markovian decision processes by relative entropy
//! policy search", NIPS 2013, Section 3.
//! Setting: known transitions, losses in [0, 1]; known number of episodes K.
//! Guarantee, tested: regret ≤ D/η + η H t/2, D the greatest divergence of an occupancy from the
//! uniform policy's (with D = H ln(SA/H), SA the number of pairs, 2H √(K ln(SA/H)) is the paper's).
//! The projection is solved to [`TOLERANCE`](crate::support::flow::TOLERANCE); a learner whose
//! projection fails stops its cell.

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

use crate::support::descent::OccupancyDescent;
use crate::support::episodic::{greatest_divergence, on_every_sequence, positive, told};

/// Parameters of O-REPS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OReps {
    /// Learning rate η > 0; by default √(ln(SA/H)/K), SA the number of pairs of all steps.
    pub eta: Option<f64>,
}

impl OReps {
    fn rate(&self, setting: &Setting<EpisodicFull>) -> f64 {
        let layout = setting.layout();
        let ratio = layout.pairs() as f64 / layout.steps() as f64;
        self.eta.unwrap_or_else(|| (math::ln(ratio) / setting.episodes() as f64).sqrt())
    }
}

impl Algorithm for OReps {
    type Protocol = EpisodicFull;
    type Learner = ORepsLearner;

    const NAME: &'static str = "o_reps";
    const SUMMARY: &'static str = "mirror descent on occupancies with relative entropy";
    const SOURCE: &'static str = "Zimin, Neu, Online learning in episodic Markovian decision \
                                  processes by relative entropy policy search, 2013, Section 3";

    fn check(&self) -> Result<(), ParameterError> {
        positive(self.eta, "eta")
    }

    fn learner(&self, setting: &Setting<EpisodicFull>) -> Result<Self::Learner, ParameterError> {
        let transitions: Arc<Transitions> = told(setting)?;
        Ok(ORepsLearner { eta: self.rate(setting), descent: OccupancyDescent::new(transitions) })
    }

    fn bounds(&self, setting: &Setting<EpisodicFull>, facts: &LossFacts) -> Vec<Bound> {
        let Ok(transitions) = told(setting) else { return Vec::new() };
        let (eta, divergence) = (self.rate(setting), greatest_divergence(&transitions));
        if eta <= 0.0 {
            return Vec::new();
        }
        let steps = setting.layout().steps() as f64;
        on_every_sequence(
            facts,
            true,
            "D/η + η H t/2",
            "Zimin, Neu 2013, Section 3, before η is chosen",
            "known transitions; D the greatest divergence from the uniform policy",
            move |t| divergence / eta + 0.5 * eta * steps * t,
        )
    }
}

/// O-REPS of one replication.
pub struct ORepsLearner {
    eta: f64,
    descent: OccupancyDescent,
}

impl Learner<EpisodicFull> for ORepsLearner {
    fn act(&mut self, _: Round<'_, EpisodicFull>) -> &[f64] {
        self.descent.policy()
    }

    fn update(&mut self, outcome: Outcome<'_, EpisodicFull>) {
        self.descent.step(|logs| {
            for (log, loss) in logs.iter_mut().zip(outcome.feedback.losses) {
                *log -= self.eta * loss;
            }
        });
    }

    fn reset(&mut self) {
        self.descent.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::episodic::tests::{assert_regrets, family, lay, play_full};

    #[test]
    fn regrets_of_the_reference_instance() {
        let known = [55.607_677_31, 55.171_695_48, 49.916_962_61, 53.496_882_26];
        assert_regrets(&OReps::default(), known);
    }

    #[test]
    fn total_losses_of_the_reference_instance() {
        let (process, base) = lay(3, 3, 2);
        let known = [499.914_680_11, 1_045.325_196_88, 1_368.431_248_33, 836.619_953_13];
        for (name, known) in ["const", "sca", "flip60", "drift"].into_iter().zip(known) {
            let losses = |k, out: &mut [f64]| family(name, &process, &base, k, out);
            let (paid, _) = play_full(&OReps::default(), &process, 1024, losses);
            assert!((paid - known).abs() < 1e-7, "{name}: {paid}");
        }
    }

    /// A constant added to all losses of a step changes no occupancy.
    #[test]
    fn constants_of_a_step_do_not_matter() {
        let (process, base) = lay(3, 3, 2);
        let half =
            |_: u64, out: &mut [f64]| out.iter_mut().zip(&base).for_each(|(o, m)| *o = 0.5 * m);
        let sca = |k: u64, out: &mut [f64]| family("sca", &process, &base, k, out);
        let algorithm = OReps { eta: Some(0.07) };
        let (first, _) = play_full(&algorithm, &process, 200, half);
        let (second, _) = play_full(&algorithm, &process, 200, sca);
        // Of 200 episodes, 96 have ½ added in each of three steps.
        assert!((second - first - 96.0 * 1.5).abs() < 1e-9, "{first} {second}");
    }
}
