//! Greedy and ε-greedy on the estimates of the MNL bandit's epochs.
//!
//! Source: folklore; ε-greedy: Sutton, Barto, "Reinforcement Learning", 1998, Section 2.2.
//! Setting: N items, revenues known; offers that may change.
//! Guarantee: none: an item whose first epochs happened to sell nothing is never tried again by the
//! greedy rule. ε-greedy has linear regret.
//! The estimate W/n is the maximum-likelihood estimate of the attraction from the counts of an
//! item's epochs, which are geometric with mean v whatever else was offered.

use regret_engine::learner::{RunLearner, Setting};
use regret_engine::protocols::Assortment;
use regret_engine::protocols::assortment::Offer;
use regret_engine::random::Stream;
use regret_engine::registry::{Algorithm, ParameterError, boxed_runs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::epochs::{EpochLearner, Estimator, Next, Seen};

/// Parameters of the greedy rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MnlGreedy {
    /// The probability, from 0 to 1, that an epoch explores: it offers a random set of K items.
    pub epsilon: f64,
    /// The attraction taken for an item that was not offered yet, from 0 to 1e12; 0 never tries it.
    pub untried: f64,
}

impl Default for MnlGreedy {
    fn default() -> Self {
        Self { epsilon: 0.0, untried: 1.0 }
    }
}

impl Algorithm for MnlGreedy {
    type Protocol = Assortment;
    type Learner = EpochLearner<Self>;

    const NAME: &'static str = "mnl_greedy";
    const SUMMARY: &'static str =
        "offers the best set for the estimates, or with probability ε a random one";
    const SOURCE: &'static str = "folklore";

    fn check(&self) -> Result<(), ParameterError> {
        let valid = (0.0..=1.0).contains(&self.epsilon);
        let rule = "must be a probability, from 0 to 1";
        ParameterError::unless(valid, "epsilon", self.epsilon, rule)?;
        let valid = (0.0..=1e12).contains(&self.untried);
        ParameterError::unless(valid, "untried", self.untried, "must be from 0 to 1e12")
    }

    fn learner(&self, setting: &Setting<Assortment>) -> Result<Self::Learner, ParameterError> {
        Ok(EpochLearner::new(self.clone(), setting))
    }

    fn runs(&self, setting: &Setting<Assortment>) -> Option<Box<dyn RunLearner<Assortment>>> {
        setting.sums_runs().then(|| boxed_runs(self, setting)).flatten()
    }
}

impl Estimator for MnlGreedy {
    fn estimate(
        &mut self,
        seen: &Seen,
        _: Offer<'_>,
        rng: &mut Stream,
        values: &mut [f64],
    ) -> Next {
        if rng.uniform() < self.epsilon {
            values.iter_mut().for_each(|value| *value = rng.open_uniform());
            return Next::Greatest;
        }
        for (item, value) in values.iter_mut().enumerate() {
            *value = seen.ratio(item, self.untried);
        }
        Next::Best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assortment::tests::{market, play};

    #[test]
    fn untried_items_are_taken_for_good_ones() {
        // Nothing is ever bought. With revenues 1, ½, ⅓, ¼, ⅕ and attractions 1, item 0 alone is
        // worth ½, to which item 1 adds nothing; {1, 2} is worth 5/18, {3, 4} 3/20; then nothing is
        // worth anything, and the first item stays.
        let sets = play(&MnlGreedy::default(), &market(5, 2), 6, |_, _| None);
        assert_eq!(sets, [vec![0], vec![1, 2], vec![3, 4], vec![0], vec![0], vec![0]]);
    }

    #[test]
    fn exploring_sets_are_uniform() {
        let spec = MnlGreedy { epsilon: 1.0, ..MnlGreedy::default() };
        let sets = play(&spec, &market(5, 2), 20_000, |_, _| None);
        assert!(sets.iter().all(|set| set.len() == 2));
        for item in 0..5 {
            let count = sets.iter().filter(|set| set.contains(&item)).count() as f64;
            // Binomial(20000, 2/5): deviation 69.3; four of them.
            assert!((count - 8000.0).abs() < 277.0, "{item}: {count}");
        }
    }
}
