//! Top-two Thompson sampling: the arm that is best in a posterior sample, or, with probability 1 − β,
//! the best of a sample in which another is.
//!
//! Source: Russo, Simple Bayesian algorithms for best arm identification, 2016, Section 3.3 (TTTS).
//! Setting: K arms, normal rewards of known deviation σ (σ-sub-Gaussian ones are treated alike).
//! Anytime.
//! Guarantee: the posterior probability that another arm is best falls at the best exponential rate, for
//! β tuned (Theorem 1); no bound at finite times.
//! Deviations: the prior is flat (every arm is pulled once first). A challenger is looked for in at most
//! 100 samples; if the leader is best in all of them, it is the second best of the last one.

use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::argmax;
use regret_engine::protocols::exploration::Choice;
use regret_engine::random::{Stream, normal};
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::leader::Leader;

/// Parameters of top-two Thompson sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopTwoThompson {
    /// The probability β, above 0 and at most 1, of pulling the leader of the sample; 1 is Thompson
    /// sampling.
    pub beta: f64,
    /// The standard deviation σ > 0 of a reward that posteriors reckon with.
    pub sigma: f64,
}

impl Default for TopTwoThompson {
    fn default() -> Self {
        Self { beta: 0.5, sigma: 0.5 }
    }
}

/// Samples in which a challenger is looked for.
const SAMPLES: usize = 100;

impl Algorithm for TopTwoThompson {
    type Protocol = PureExploration;
    type Learner = TopTwoThompsonLearner;

    const NAME: &'static str = "top_two_thompson";
    const SUMMARY: &'static str = "pulls the best of a posterior sample or its challenger";
    const SOURCE: &'static str = "Russo, Simple Bayesian algorithms for best arm identification, 2016, \
                                  Section 3.3";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = self.beta > 0.0 && self.beta <= 1.0;
        ParameterError::unless(valid, "beta", self.beta, "must be above 0 and at most 1")?;
        let valid = self.sigma > 0.0 && self.sigma.is_finite();
        ParameterError::unless(valid, "sigma", self.sigma, "must be a positive number")
    }

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<TopTwoThompsonLearner, ParameterError> {
        Ok(TopTwoThompsonLearner {
            beta: self.beta,
            sigma: self.sigma,
            leader: Leader::new(setting.shape),
            sample: vec![0.0; setting.shape],
            first: 0,
        })
    }
}

/// Top-two Thompson sampling of one replication.
pub struct TopTwoThompsonLearner {
    beta: f64,
    sigma: f64,
    leader: Leader,
    /// A sample from the posteriors, by arm.
    sample: Vec<f64>,
    /// The next arm to be pulled for the first time.
    first: usize,
}

impl TopTwoThompsonLearner {
    /// Draws a sample; the arm that is best in it. An arm whose first reward has not come yet is not.
    fn draw(&mut self, rng: &mut Stream) -> usize {
        for (value, tally) in self.sample.iter_mut().zip(self.leader.tallies()) {
            let z = normal(rng);
            *value = match tally.n {
                0.0 => f64::NEG_INFINITY,
                n => tally.mean + self.sigma / n.sqrt() * z,
            };
        }
        argmax(self.sample.iter().copied())
    }

    fn choose(&mut self, rng: &mut Stream) -> usize {
        let best = self.draw(rng);
        if self.sample.len() < 2 || rng.uniform() < self.beta {
            return best;
        }
        for _ in 0..SAMPLES {
            let challenger = self.draw(rng);
            if challenger != best {
                return challenger;
            }
        }
        let others = self.sample.iter().enumerate();
        argmax(others.map(|(arm, &value)| if arm == best { f64::NAN } else { value }))
    }
}

impl Learner<PureExploration> for TopTwoThompsonLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        let pull = if self.first < self.leader.arms() {
            self.first += 1;
            self.first - 1
        } else {
            self.choose(round.rng)
        };
        Choice { pull, recommend: self.leader.arm() }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        self.leader.enter(outcome.action.pull, outcome.feedback);
    }

    fn reset(&mut self) {
        self.leader.reset();
        self.first = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::play;

    #[test]
    fn leader_and_challenger_share_the_pulls() {
        // Arm 1 leads clearly, arm 2 is second: pulls go to the leader with probability β, else to
        // challengers, mostly to arm 2.
        let spec = TopTwoThompson { beta: 0.7, sigma: 0.5 };
        let rounds = 3000;
        let choices = play(&spec, 3, rounds, rounds, |_, arm| [0.0, 1.0, 0.5][arm]);
        let share =
            |arm| choices.iter().filter(|choice| choice.pull == arm).count() as f64 / rounds as f64;
        // The share of the leader has the standard deviation √(0.7 · 0.3/3000) = 0.008.
        assert!((share(1) - 0.7).abs() < 0.05, "{}", share(1));
        assert!(share(2) > 2.0 * share(0) && share(0) > 0.0, "{} {}", share(0), share(2));
        assert_eq!(choices[rounds as usize - 1].recommend, 1);
    }

    #[test]
    fn with_beta_1_it_is_thompson_sampling_and_one_arm_is_no_loop() {
        let spec = TopTwoThompson { beta: 1.0, sigma: 0.5 };
        let choices = play(&spec, 3, 500, 500, |_, arm| [0.0, 1.0, 0.5][arm]);
        let leader = choices[400..].iter().filter(|choice| choice.pull == 1).count();
        assert!(leader >= 90, "{leader} of 100");
        let alone = play(&TopTwoThompson::default(), 1, 10, 10, |_, _| 0.5);
        assert!(alone.iter().all(|choice| *choice == Choice { pull: 0, recommend: 0 }));
        assert!(TopTwoThompson { beta: 0.0, sigma: 1.0 }.check().is_err());
        assert!(TopTwoThompson { beta: 0.5, sigma: 0.0 }.check().is_err());
    }
}
