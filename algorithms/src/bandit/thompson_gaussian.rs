//! Thompson sampling with Gaussian posteriors.
//!
//! Source: Agrawal, Goyal, "Further optimal regret bounds for Thompson sampling", AISTATS 2013,
//! Algorithm 2.
//! Setting: K arms, independent rewards; σ = 1 suits rewards in [0, 1] and unit variance.
//! Guarantee: expected regret O(√(K T ln K)) (Theorem 3, whose constant is not stated there).

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Bandit;
use regret_engine::protocols::bandit::argmax;
use regret_engine::random::normal;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of Gaussian Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThompsonGaussian {
    /// Standard deviation σ > 0: the posterior is N(S/(n + 1), σ²/(n + 1)).
    pub sigma: f64,
}

impl Default for ThompsonGaussian {
    fn default() -> Self {
        Self { sigma: 1.0 }
    }
}

impl Algorithm for ThompsonGaussian {
    type Protocol = Bandit;
    type Learner = ThompsonGaussianLearner;

    const NAME: &'static str = "thompson_gaussian";
    const SUMMARY: &'static str = "Thompson sampling with posteriors N(S/(n+1), σ²/(n+1))";
    const SOURCE: &'static str = "Agrawal, Goyal, Further optimal regret bounds for Thompson \
                                  sampling, 2013, Algorithm 2";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.sigma > 0.0 && self.sigma.is_finite();
        ParameterError::unless(valid, "sigma", self.sigma, "must be a positive number")
    }

    fn learner(&self, setting: &Setting<Bandit>) -> Result<Self::Learner, ParameterError> {
        let zeros = vec![0.0; setting.arms()];
        let (sigma, sums) = (self.sigma, zeros.clone());
        Ok(ThompsonGaussianLearner { sigma, pulls: zeros, sums })
    }
}

/// Gaussian Thompson sampling of one replication.
pub struct ThompsonGaussianLearner {
    sigma: f64,
    pulls: Vec<f64>,
    sums: Vec<f64>,
}

impl Learner<Bandit> for ThompsonGaussianLearner {
    fn act(&mut self, round: Round<'_, Bandit>) -> usize {
        argmax(self.pulls.iter().zip(&self.sums).map(|(n, sum)| {
            let precision = n + 1.0;
            sum / precision + self.sigma / precision.sqrt() * normal(round.rng)
        }))
    }

    fn update(&mut self, outcome: Outcome<'_, Bandit>) {
        self.pulls[outcome.action] += 1.0;
        self.sums[outcome.action] += outcome.feedback;
    }

    fn reset(&mut self) {
        self.pulls.fill(0.0);
        self.sums.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use regret_engine::random::{Role, Stream};

    use super::*;

    #[test]
    fn arms_are_played_as_often_as_they_seem_best() {
        // After 8 rewards of 1 and 8 of 0: N(8/9, 1/9) against N(0, 1/9), a difference of
        // N(8/9, 2/9), positive with probability Φ((8/9)/√(2/9)) = Φ(1.8856) = 0.97033.
        let mut learner = ThompsonGaussian::default().learner(&Setting::new(2, 9)).expect("fits");
        let mut rng = Stream::new(1, 0, Role::Learner);
        (learner.pulls, learner.sums) = (vec![8.0, 8.0], vec![8.0, 0.0]);
        let first = (1..=20_000)
            .filter(|&t| learner.act(Round { t, slot: 0, context: (), rng: &mut rng }) == 0)
            .count();
        // Standard deviation √(20000 · 0.0288) = 24; five of them.
        assert!((first as f64 - 19_406.6).abs() < 120.0, "{first}");
    }
}
