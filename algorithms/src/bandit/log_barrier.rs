//! Log-barrier FTRL: follow the regularised leader with −(1/η) Σ ln p_a.
//!
//! Source: Foster, Li, Lykouris, Sridharan, Tardos, "Learning in games: robustness of fast
//! convergence", NIPS 2016; Wei, Luo, "More adaptive algorithms for adversarial bandits", COLT
//! 2018, Section 2 (without optimism and corrections).
//! Setting: K arms, rewards in [0, 1], known horizon T for the default rate.
//! Guarantee, tested (derived): expected regret ≤ K ln T/η + η t/2 + K. The penalty of the
//! comparator (1 − K/T) e_a + 1/T is at most K ln T/η and costs K more; the stability term of
//! non-negative losses is at most (η/2) Σ p_a² l̂_a² ≤ η/2 a round.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::Arms;
use regret_engine::random::sample_index;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exp3::check_rate;
use crate::support::bounds::adversarial;
use crate::support::log_barrier::distribution;

/// Parameters of log-barrier FTRL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogBarrier {
    /// Learning rate η > 0; by default √(2 K ln T / T).
    pub eta: Option<f64>,
}

impl LogBarrier {
    fn eta(&self, setting: &Setting<Bandit>) -> f64 {
        let horizon = setting.horizon.max(2) as f64;
        let tuned = || (2.0 * setting.arms() as f64 * math::ln(horizon) / horizon).sqrt();
        self.eta.unwrap_or_else(tuned)
    }
}

impl Algorithm for LogBarrier {
    type Protocol = Bandit;
    type Learner = LogBarrierLearner;

    const NAME: &'static str = "log_barrier";
    const SUMMARY: &'static str = "FTRL with the log barrier −(1/η) Σ ln p";
    const SOURCE: &'static str = "Wei, Luo, More adaptive algorithms for adversarial bandits, \
                                  2018, Section 2";

    fn check(&self) -> Result<(), ParameterError> {
        check_rate(self.eta)
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let arms = setting.arms();
        Ok(LogBarrierLearner {
            eta: self.eta(setting),
            losses: vec![0.0; arms],
            probabilities: vec![0.0; arms],
            played: vec![0.0; setting.pending],
        })
    }

    fn bounds(&self, setting: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        let eta = self.eta(setting);
        let count = setting.arms() as f64;
        let penalty = count * math::ln(setting.horizon.max(2) as f64) / eta;
        adversarial(
            arms,
            "K ln T/η + η t/2 + K",
            "derived; of the form of Wei, Luo 2018, Theorem 1",
            "rewards in [0, 1], oblivious adversary",
            move |t| penalty + 0.5 * eta * t + count,
        )
    }
}

/// Log-barrier FTRL of one replication.
pub struct LogBarrierLearner {
    eta: f64,
    /// Cumulative loss estimates.
    losses: Vec<f64>,
    probabilities: Vec<f64>,
    /// The probability of the arm played, for every pending decision.
    played: Vec<f64>,
}

impl Learner<Bandit> for LogBarrierLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        distribution(&self.losses, self.eta, &mut self.probabilities);
        let arm = sample_index(&self.probabilities, round.rng.uniform());
        self.played[round.slot] = self.probabilities.get(arm).copied().unwrap_or(f64::NAN);
        arm
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.losses[outcome.action] += (1.0 - outcome.feedback) / self.played[outcome.slot];
    }

    fn reset(&mut self) {
        self.losses.fill(0.0);
        self.played.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;
    use crate::bandit::tests::{assert_bounds, bounds};

    #[test]
    fn a_round_by_hand() {
        let mut learner =
            LogBarrier { eta: Some(1.0) }.learner(&Setting::new(2, 100)).expect("fits");
        let rng = &mut Stream::new(1, 0, Role::Learner);
        let action = learner.act(Round { t: 1, slot: 0, context: (), rng });
        learner.update(Outcome { t: 1, slot: 0, context: (), action, feedback: 0.25, rng });
        learner.act(Round { t: 2, slot: 0, context: (), rng });
        // Estimate 0.75/0.5 = 3/2, as above.
        assert!((learner.probabilities[action] - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn bounds_by_hand() {
        let spec = LogBarrier::default();
        assert_bounds(&bounds(&spec, &[0.5, 0.6, 0.25], 1000), 100, &[114.971_317; 2]);
    }
}
