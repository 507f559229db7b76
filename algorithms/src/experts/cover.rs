//! Cover's learner: exactly minimax for two experts and a known horizon.
//!
//! Source: Cover, "Behavior of sequential predictors of binary sequences", 1966; Cesa-Bianchi,
//! Lugosi, "Prediction, learning, and games", 2006, Section 8.4.
//! Setting: two experts, losses 0 or 1, known horizon T.
//! Guarantee, tested: on every sequence in which exactly one expert loses in each round, the
//! regret at T is E|S_T|/2 for a simple random walk S, which no learner can improve on.
//! Deviation: for leads that are no whole numbers the probability is interpolated linearly.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::protocols::Experts;
use regret_engine::protocols::bandit::{Arms, Law};
use regret_engine::registry::{Algorithm, ParameterError};
use regret_engine::special::{walk_distance, walk_stays_ahead};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::bounds::full_information;

/// Cover's learner has no parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cover {}

impl Algorithm for Cover {
    type Protocol = Experts;
    type Learner = CoverLearner;

    const NAME: &'static str = "cover";
    const SUMMARY: &'static str = "the exact minimax learner for two experts";
    const SOURCE: &'static str = "Cover, Behavior of sequential predictors of binary sequences, \
                                  1966";

    fn learner(&self, setting: &Setting<Experts>) -> Result<Self::Learner, ParameterError> {
        let experts = setting.experts();
        let message = format!("it needs two experts, but there are {experts}");
        if experts != 2 {
            return Err(ParameterError { path: String::new(), message });
        }
        Ok(CoverLearner { horizon: setting.horizon, lead: 0.0, weights: [0.5; 2] })
    }

    fn bounds(&self, setting: &Setting<Experts>, arms: &Arms) -> Vec<Bound> {
        if arms.law != Law::Bernoulli {
            return Vec::new();
        }
        let value = 0.5 * walk_distance(setting.horizon);
        full_information(
            arms,
            "E|S_T|/2",
            "Cover 1966; Cesa-Bianchi, Lugosi 2006, Theorem 8.3",
            "two experts, losses 0 or 1, at the horizon",
            move |_| value,
        )
    }
}

/// Cover's learner of one replication.
pub struct CoverLearner {
    horizon: u64,
    /// By how much the first expert leads.
    lead: f64,
    weights: [f64; 2],
}

impl Learner<Experts> for CoverLearner {
    fn act(&mut self, round: Round<'_, Experts>) -> &[f64] {
        let left = self.horizon - round.t;
        let floor = self.lead.floor();
        let part = self.lead - floor;
        let below = walk_stays_ahead(floor, left);
        let p = if part > 0.0 {
            below + part * (walk_stays_ahead(floor + 1.0, left) - below)
        } else {
            below
        };
        self.weights = [p, 1.0 - p];
        &self.weights
    }

    fn update(&mut self, outcome: Outcome<'_, Experts>) {
        self.lead += outcome.feedback[1] - outcome.feedback[0];
    }

    fn reset(&mut self) {
        self.lead = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::tests::play;

    #[test]
    fn the_regret_is_the_value_on_every_sequence() {
        for bits in 0u32..256 {
            let losses: Vec<&[f64]> = (0..8)
                .map(|i| if bits >> i & 1 == 1 { &[1.0, 0.0][..] } else { &[0.0, 1.0][..] })
                .collect();
            let (_, paid) = play(&Cover {}, 8, &losses);
            let best = f64::from(bits.count_ones().min(8 - bits.count_ones()));
            assert!((paid - best - 1.093_75).abs() < 1e-9, "{bits:b}");
        }
    }

    #[test]
    fn it_is_for_two() {
        assert!(Cover {}.learner(&Setting::new(3, 10)).is_err());
    }
}
