//! Sequential halving: the survivors are pulled equally often, the better half of them survives.
//!
//! Source: Karnin, Koren and Somekh, Almost optimal exploration in multi-armed bandits, 2013,
//! Algorithm 3; analysed for every ε at once by Zhao, Stephens, Szepesvári and Jun, Revisiting simple
//! regret, 2023.
//! Setting: K arms, known budget n ≥ K ⌈log₂ K⌉.
//! Guarantee: P(best arm missed) ≤ 3 log₂ K exp(−n/(8 H₂ log₂ K)) for rewards in [0, 1], with fresh
//! rewards in every round (Theorem 4.1), H₂ = max i/Δ_i².
//! Deviations: `keep_samples` and `spend_leftover` do better and are not analysed. While the budget is
//! not used up, the best arm of the last finished round is recommended (the first arm before). A
//! subset has arms drawn anew for every replication.

use regret_engine::bound::Bound;
use regret_engine::learner::{Learner, Outcome, Round, Setting};
use regret_engine::math;
use regret_engine::notion::ERROR;
use regret_engine::protocols::PureExploration;
use regret_engine::protocols::bandit::Arms;
use regret_engine::protocols::exploration::Choice;
use regret_engine::registry::{Algorithm, ParameterError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::halving::{Halving, pulls, rounds};
use crate::support::subset::Order;

/// Parameters of sequential halving.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SequentialHalving {
    /// Whether rewards of earlier rounds count as well; by default every round has its own.
    pub keep_samples: bool,
    /// Whether the last round gets the pulls that rounding leaves over; by default they are not used.
    pub spend_leftover: bool,
    /// The number of arms, at least 1, drawn at random, that take part; by default all do.
    pub subset: Option<usize>,
}

impl Algorithm for SequentialHalving {
    type Protocol = PureExploration;
    type Learner = SequentialHalvingLearner;

    const NAME: &'static str = "sequential_halving";
    const SUMMARY: &'static str = "halves the arms in rounds with equal budgets";
    const SOURCE: &'static str = "Karnin, Koren, Somekh, Almost optimal exploration in multi-armed \
                                  bandits, 2013, Algorithm 3";

    fn check(&self) -> Result<(), ParameterError> {
        let subset = self.subset.unwrap_or(1);
        ParameterError::unless(subset >= 1, "subset", subset, "must be at least 1")
    }

    fn learner(
        &self,
        setting: &Setting<PureExploration>,
    ) -> Result<SequentialHalvingLearner, ParameterError> {
        let arms = setting.shape;
        let count = self.subset.unwrap_or(arms);
        let rule = format!("must be at most the number of arms, {arms}");
        ParameterError::unless(count <= arms, "subset", count, &rule)?;
        let budget = setting.budget();
        if pulls(budget, count, count) == 0 {
            let least = count as u64 * rounds(count);
            let message = format!(
                "{count} arms need a budget of at least {least} pulls, that is a horizon of {}, not {}",
                least + 1,
                setting.horizon
            );
            let path = if self.subset.is_some() { "subset" } else { "" };
            return Err(ParameterError { path: path.to_owned(), message });
        }
        Ok(SequentialHalvingLearner {
            halving: Halving::new(count, self.keep_samples, self.spend_leftover),
            order: Order::new(arms),
            count,
            budget,
            place: 0,
            until: 0,
            over: false,
            last: 0,
        })
    }

    fn bounds(&self, setting: &Setting<PureExploration>, arms: &Arms) -> Vec<Bound> {
        let published = !self.keep_samples && !self.spend_leftover && self.subset.is_none();
        let gaps = arms.unit_gaps().filter(|_| published && setting.shape >= 2);
        let Some(complexity) = gaps.and_then(h2) else { return Vec::new() };
        let (budget, logarithm) = (setting.budget() as f64, math::ln(setting.shape as f64));
        let rounds = logarithm / std::f64::consts::LN_2;
        let missed = 3.0 * rounds * math::exp(-budget / (8.0 * complexity * rounds));
        let horizon = setting.horizon as f64;
        vec![Bound::upper(
            ERROR,
            "3 log₂ K exp(−n/(8 H₂ log₂ K))",
            "Karnin, Koren, Somekh 2013, Theorem 4.1",
            "rewards in [0, 1], one best arm, when the budget n is used up",
            move |t| if t < horizon { 1.0 } else { missed.min(1.0) },
        )]
    }
}

/// H₂ = max i/Δ_i² over the arms but the best, in the order of their gaps; `None` if there are
/// several best arms.
pub(super) fn h2(mut gaps: Vec<f64>) -> Option<f64> {
    gaps.sort_unstable_by(f64::total_cmp);
    if gaps.get(1).is_none_or(|&second| second <= 0.0) {
        return None;
    }
    let terms = gaps.iter().enumerate().skip(1);
    Some(terms.map(|(i, gap)| (i + 1) as f64 / (gap * gap)).fold(0.0, f64::max))
}

/// Sequential halving of one replication.
pub struct SequentialHalvingLearner {
    halving: Halving,
    /// The arms by place; the first `count` take part.
    order: Order,
    count: usize,
    budget: u64,
    /// The place that is being pulled until that round.
    place: usize,
    until: u64,
    over: bool,
    /// The round of the last decision.
    last: u64,
}

impl Learner<PureExploration> for SequentialHalvingLearner {
    fn act(&mut self, round: Round<'_, PureExploration>) -> Choice {
        let t = round.t;
        if t == 1 {
            if self.count < self.order.count() {
                self.order.draw(self.count, round.rng);
            }
            self.halving.begin(self.budget);
        }
        if t > self.until && !self.over {
            match self.halving.block() {
                Some((place, pulls)) => (self.place, self.until) = (place, t + pulls - 1),
                None => {
                    self.over = true;
                    self.place = self.halving.best();
                }
            }
        }
        self.last = t;
        let arm = |place| self.order.arm(place);
        Choice { pull: arm(self.place), recommend: arm(self.halving.best()) }
    }

    fn update(&mut self, outcome: Outcome<'_, PureExploration>) {
        if !self.over {
            self.halving.enter(self.order.place(outcome.action.pull), outcome.feedback);
        }
    }

    fn reset(&mut self) {
        (self.place, self.until, self.over, self.last) = (0, 0, false, 0);
        self.order.reset();
    }

    /// An arm stays for its pulls of the round; the winner for good.
    fn hold(&self) -> u64 {
        if self.over { u64::MAX } else { self.until - self.last + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::tests::{bounds, play};

    #[test]
    fn the_budget_is_spent_as_published_and_the_winner_recommended() {
        // Five arms, 100 pulls: 6 each, then 11 of the better three, then 16 of the better two.
        let means = [0.5, 0.1, 0.75, 0.2, 0.6];
        let choices = play(&SequentialHalving::default(), 5, 101, 101, |_, arm| means[arm]);
        let count = |arm| choices.iter().filter(|choice| choice.pull == arm).count();
        // 95 pulls, then the winner.
        assert_eq!([0, 1, 2, 3, 4].map(count), [17, 6, 33 + 6, 6, 33]);
        assert_eq!(choices[30].recommend, 2);
        assert_eq!((choices[29].recommend, choices[100].recommend), (0, 2));
    }

    #[test]
    fn a_subset_is_drawn_and_the_best_of_it_found() {
        let spec = SequentialHalving { subset: Some(4), ..SequentialHalving::default() };
        let choices = play(&spec, 9, 17, 17, |_, arm| arm as f64);
        let mut pulled: Vec<usize> = choices.iter().map(|choice| choice.pull).collect();
        pulled.sort_unstable();
        pulled.dedup();
        assert_eq!(pulled.len(), 4, "{pulled:?}");
        assert_eq!(choices[16].recommend, pulled[3]);
    }

    #[test]
    fn too_small_a_budget_is_refused() {
        let learner = |spec: &SequentialHalving, arms, horizon| {
            spec.learner(&Setting::new(arms, horizon)).err().map(|error| error.message)
        };
        let spec = SequentialHalving::default();
        assert_eq!(learner(&spec, 5, 16), None);
        let message = learner(&spec, 5, 15).expect("14 pulls are too few");
        assert_eq!(
            message,
            "5 arms need a budget of at least 15 pulls, that is a horizon of 16, not 15"
        );
        let spec = SequentialHalving { subset: Some(6), ..spec };
        assert!(learner(&spec, 5, 100).is_some_and(|message| message.contains("at most")));
        assert!(SequentialHalving { subset: Some(0), ..spec }.check().is_err());
    }

    #[test]
    fn complexities_by_hand() {
        // μ_i = 1 − i/16: H₂ = max i/Δ_i² with Δ_i = (i − 1)/16 at i = 2: 2 · 256 = 512.
        let gaps: Vec<f64> = (0..16).map(|i| f64::from(i) / 16.0).collect();
        assert_eq!(h2(gaps), Some(512.0));
        assert_eq!(h2(vec![0.0, 0.25, 0.0]), None);
        assert_eq!(h2(vec![0.0]), None);
        // Gaps 0, 0.5: H₂ = 2/0.25 = 8, one round: 3 exp(−256/64).
        let bounds = bounds(&SequentialHalving::default(), &[0.25, 0.75], 257);
        assert!((bounds[0].at(257) - 3.0 * (-4f64).exp()).abs() < 1e-12);
        assert_eq!(bounds[0].at(256), 1.0);
        let keeping = SequentialHalving { keep_samples: true, ..SequentialHalving::default() };
        assert!(super::super::tests::bounds(&keeping, &[0.25, 0.75], 257).is_empty());
    }
}
