//! Bayes-UCB: the arm of highest posterior quantile.
//!
//! Source: Kaufmann, Cappé, Garivier, "On Bayesian upper confidence bounds for bandit problems",
//! AISTATS 2012, Algorithm 1 with the uniform prior.
//! Setting: K arms, Bernoulli rewards (others in [0, 1] count as fractions of a success).
//! Guarantee, tested: regret / ln t → Lai and Robbins's constant (Theorem 1, for c ≥ 5; for
//! smaller c by the argument given at KL-UCB, of whose index the quantile is a version: the
//! posterior's mass above q is e^{−(n+1) kl(S/(n+1), q)} up to a power of n).
//! Deviation: c = 0 by default, as the authors recommend in practice. In round 1, where the order
//! 1 − 1/t would be 0, it is that of round 2; all arms tie there.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::{Arms, argmax};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::beta::upper_quantile;
use crate::support::bounds::lai_robbins_optimal;

/// Parameters of Bayes-UCB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BayesUcb {
    /// Exponent c ≥ 0 of the quantile's order 1 − 1/(t (ln T)^c); the theorem's is 5.
    pub c: f64,
}

impl Algorithm for BayesUcb {
    type Protocol = Bandit;
    type Learner = BayesUcbLearner;

    const NAME: &'static str = "bayes_ucb";
    const SUMMARY: &'static str = "plays the highest quantile 1 − 1/(t (ln T)^c) of the posteriors";
    const SOURCE: &'static str = "Kaufmann, Cappé, Garivier, On Bayesian upper confidence bounds \
                                  for bandit problems, 2012, Algorithm 1";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.c >= 0.0 && self.c.is_finite();
        ParameterError::unless(valid, "c", self.c, "must be a number that is not negative")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.arms()];
        let ln_horizon = math::ln(setting.horizon as f64).max(1.0);
        let (scale, failures) = (math::pow(ln_horizon, self.c), zeros.clone());
        Ok(BayesUcbLearner { scale, successes: zeros, failures })
    }

    fn bounds(&self, _: &Setting<Bandit>, arms: &Arms) -> Vec<Bound> {
        lai_robbins_optimal(arms, true, "Kaufmann, Cappé, Garivier 2012, Theorem 1; c < 5: derived")
    }
}

/// Bayes-UCB of one replication.
pub struct BayesUcbLearner {
    /// (ln T)^c.
    scale: f64,
    successes: Vec<f64>,
    failures: Vec<f64>,
}

impl Learner<Bandit> for BayesUcbLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        // In round 1 the order would be 0.
        let tail = 1.0 / (round.t.max(2) as f64 * self.scale);
        let arms = self.successes.iter().zip(&self.failures);
        argmax(arms.map(|(s, f)| upper_quantile(1.0 + s, 1.0 + f, tail)))
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        let reward = outcome.feedback.clamp(0.0, 1.0);
        self.successes[outcome.action] += reward;
        self.failures[outcome.action] += 1.0 - reward;
    }

    fn reset(&mut self) {
        self.successes.fill(0.0);
        self.failures.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandit::tests::{assert_bounds, assert_trace, bounds};

    #[test]
    fn quantiles_by_hand() {
        use regret_engine::random::{Role, Stream};
        let mut learner = BayesUcb::default().learner(&Setting::new(2, 100)).expect("fits");
        // Beta(1, 4) at 1 − 1/50: 1 − 0.02^{1/4} = 0.6239; Beta(2, 1): √0.98 = 0.98995.
        (learner.successes, learner.failures) = (vec![0.0, 1.0], vec![3.0, 0.0]);
        let mut rng = Stream::new(1, 0, Role::Learner);
        assert_eq!(learner.act(Round { t: 50, slot: 0, context: (), rng: &mut rng }), 1);
        assert!((upper_quantile(1.0, 4.0, 0.02) - (1.0 - 0.02f64.powf(0.25))).abs() < 1e-10);
        assert!((upper_quantile(2.0, 1.0, 0.02) - 0.98f64.sqrt()).abs() < 1e-10);
    }

    #[test]
    fn a_trace_by_hand() {
        assert_trace(
            &BayesUcb::default(),
            "001211110112011110121001101111112110110110211111102111111210",
        );
        assert_trace(
            &BayesUcb { c: 5.0 },
            "012110210101012101012102102110112011012101101210112110110210",
        );
    }

    #[test]
    fn bounds_by_hand() {
        assert_bounds(
            &bounds(&BayesUcb::default(), &[0.5, 0.6, 0.25], 1000),
            100,
            &[28.943_347_976],
        );
    }
}
